// What comes first in a search: headings and the glossary's line, then the pages that only use the word.
var Scorer = {
  objNameMatch: 11, objPartialMatch: 6, objPrio: {}, objPrioDefault: 0,
  title: 30, partialTitle: 20, term: 5, partialTerm: 2,
  score: ([page, , , , score]) => score + (page.endsWith("/glossary") ? 25 : 0),
};

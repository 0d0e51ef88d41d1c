// The search explorer without a kernel. For the stored questions there is all that Python found (`Search.stored` in
// ../search.py). Any other question is ranked here by its words, as `BM25` in helpers/reference/search.py does it.

const SHOWN = 5, K1 = 1.5, B = 0.75;
const EMPTY = { rankings: [], said: "", open: null, words: [], matched: [], answers: null };
const WORD = /[\p{L}\p{N}_]+/gu;

const wordsOf = (text) => text.toLowerCase().match(WORD) ?? [];
const counted = (words) => words.reduce((counts, word) => counts.set(word, (counts.get(word) ?? 0) + 1), new Map());
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** An index of `texts` by their words; `parts(question)` has, for each word, what it adds to the score of each text. */
export function bm25(texts) {
  const counts = texts.map((text) => counted(wordsOf(text)));
  const lengths = counts.map((count) => sum([...count.values()]));
  const mean = sum(lengths) / texts.length || 1;
  const slowed = lengths.map((length) => K1 * (1 - B + B * (length / mean)));

  return (question) => new Map([...counted(wordsOf(question))].map(([word, asked]) => {
    const has = counts.filter((count) => count.has(word)).length;
    const idf = Math.log1p((texts.length - has + 0.5) / (has + 0.5));
    return [word, counts.map((count, k) => {
      const times = count.get(word) ?? 0;
      return (asked * idf * times * (K1 + 1)) / (times + slowed[k]);
    })];
  }));
}

/** Where the words that add something stand in a text, in whole characters, and what they add: 1 for the most. */
function found(text, added) {
  const most = Math.max(...added.values());
  let [at, unit] = [0, 0]; // characters, and JavaScript's units, up to here
  return [...text.matchAll(WORD)].flatMap((match) => {
    const adds = Math.max(...wordsOf(match[0]).map((word) => added.get(word) ?? 0));
    if (!(adds > 0)) return [];
    at += [...text.slice(unit, match.index)].length;
    unit = match.index;
    return [[at, at + [...match[0]].length, adds / most]];
  });
}

export async function open(engine, { data, note, answers }) {
  const parts = bm25(data.texts);
  const [{ rankings }, lost] = [answers[0].ranked, []];
  if (rankings.length > 1) lost.push("vectors");
  if (answers[0].opened[0].answers) lost.push("a reader’s answers");
  const models = lost.length ? `This page compares a question of your own by its words only. To get ${lost.join(" and ")}, run the notebook.` : "";

  /** The passages that share most with a question, by words alone; what is found in one of them. */
  function byWords(question, open) {
    const each = parts(question);
    if (!each.size) return [{ question, ...EMPTY }, "Type a word to search."];
    const scores = data.texts.map((_, k) => sum([...each.values()].map((part) => part[k])));
    const places = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b).slice(0, SHOWN).filter((k) => scores[k]);
    const ranking = { name: rankings[0].name, places, scores: places.map((k) => scores[k]), beside: places.map(() => "") };
    const said = places.length ? "" : "No passage shares a word with the question.";
    const unknown = [...each].filter(([, part]) => !part.some(Boolean)).map(([word]) => `“${word}”`).join(" or ");
    const line = [unknown && `No passage has the word ${unknown}.`, models].filter(Boolean).join(" ");
    const chosen = open ?? places[0];
    if (chosen === undefined) return [{ ...EMPTY, question, rankings: [ranking], said }, line];
    const added = new Map([...each].map(([word, part]) => [word, part[chosen]]));
    const words = [...added].map(([word, part]) => ({ word, part }));
    return [{ question, rankings: [ranking], said, open: chosen, words, matched: found(data.texts[chosen], added), answers: null }, line];
  }

  async function answer({ question, open }) {
    const stored = answers.find(({ ranked }) => ranked.question === question);
    const opened = stored?.opened.find((one) => open === undefined || one.open === open);
    return opened ? [{ ...stored.ranked, ...opened }, stored.ranked.notice] : byWords(question, open);
  }
  return { data, note, answer };
}

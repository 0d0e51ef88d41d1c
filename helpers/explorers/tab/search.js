// The search explorer without a kernel. The stored questions have Python's answers, with vectors and a reader. Any other
// question is ranked here by its words, as `BM25` in helpers/reference/search.py does it.

const SHOWN = 5;
const K1 = 1.5, B = 0.75;
const MODELS = "Here only the words are compared: vectors and answers need MiniLM, so run the lesson with a kernel to get them.";

const wordsOf = (text) => [...text.toLowerCase().matchAll(/[\p{L}\p{N}_]+/gu)].map(([word]) => word);
const counted = (words) => words.reduce((counts, word) => counts.set(word, (counts.get(word) ?? 0) + 1), new Map());

/** An index of `texts` by their words; `parts(question)` says what each word adds to the score of each text. */
export function bm25(texts) {
  const counts = texts.map((text) => counted(wordsOf(text)));
  const lengths = counts.map((count) => [...count.values()].reduce((sum, n) => sum + n, 0));
  const mean = Math.max(lengths.reduce((sum, length) => sum + length, 0) / texts.length, 1);

  return (question) => new Map([...counted(wordsOf(question))].map(([word, asked]) => {
    const has = counts.filter((count) => count.has(word)).length;
    const idf = Math.log1p((texts.length - has + 0.5) / (has + 0.5));
    return [word, counts.map((count, k) => {
      const times = count.get(word) ?? 0;
      return times && (asked * idf * times * (K1 + 1)) / (times + K1 * (1 - B + (B * lengths[k]) / mean));
    })];
  }));
}

/** Where the wanted words stand in a text, in characters. */
function found(text, wanted) {
  return [...text.matchAll(/[\p{L}\p{N}_]+/gu)].filter(([word]) => wanted.has(word.toLowerCase())).map((match) => {
    const first = [...text.slice(0, match.index)].length;
    return [first, first + [...match[0]].length];
  });
}

export async function open(engine, { data, answers }) {
  const parts = bm25(data.texts);
  const name = data.first.rankings[0].name; // by words

  async function answer({ question, open }) {
    const stored = answers.find((one) => one.question === question);
    if (stored && (open === undefined || open === stored.open)) return [stored, stored.notice];
    const each = parts(question);
    if (!each.size) throw new Error("The question has no word: type one.");
    const scores = data.texts.map((_, k) => [...each.values()].reduce((sum, part) => sum + part[k], 0));
    const places = scores.map((_, k) => k).sort((a, b) => scores[b] - scores[a] || a - b).slice(0, SHOWN);
    const rankings = stored?.rankings ?? [{ name, places, scores: places.map((k) => scores[k]) }];
    const chosen = open ?? places[0];
    const words = [...each].map(([word, part]) => ({ word, part: part[chosen] }));
    const matched = found(data.texts[chosen], new Set(words.filter(({ part }) => part).map(({ word }) => word)));
    return [{ question, rankings, open: chosen, words, matched, answers: null }, MODELS];
  }
  return { data, note: data.first.notice, answer };
}

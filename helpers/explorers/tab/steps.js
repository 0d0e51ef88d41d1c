// A word on its way to tokens, as `_merges`, `_matches` and `_lattice` of helpers/explorers/tokens.py do it: the steps that
// the view shows.

import { readable, visible } from "./readable.js";

const UNKNOWN_PENALTY = 10; // as in helpers/reference/unigram.py
const bits = (score) => Number((-score / Math.log(2)).toFixed(2));

/** A word's merges, (place, rank) in order, the word after each of them, and all pairs and symbols that occurred. */
function merging(start, rank_of) {
  const word = [...start], merges = [], pairs = new Map(), symbols = new Set(start);
  const rankAt = (at) => rank_of.get(`${word[at]} ${word[at + 1]}`);
  const note = (from, to) => {
    for (let at = from; at < to; at += 1) {
      if (rankAt(at) !== undefined) pairs.set(rankAt(at), [word[at], word[at + 1], rankAt(at)]);
    }
  };
  const byTokens = ([a, b], [c, d]) => (a < c || (a === c && b < d) ? -1 : 1);
  note(0, word.length - 1);
  for (;;) {
    let best = Infinity, at = -1;
    for (let i = 0; i + 1 < word.length; i += 1) if ((rankAt(i) ?? Infinity) < best) [best, at] = [rankAt(i), i];
    if (at < 0) return { merges, end: word, symbols, ranks: [...pairs.values()].sort(byTokens) };
    word.splice(at, 2, word[at] + word[at + 1]);
    merges.push([at, best]);
    symbols.add(word[at]);
    note(Math.max(at - 1, 0), Math.min(at + 1, word.length - 1)); // only the pairs next to the new token are new
  }
}

/** The steps through one word by the model's type, and its `tokens`, each with its number of letters (of bytes for a BPE). */
export const THROUGH = {
  BPE(source, word) {
    const { model, vocab, rank_of } = source, { merges, end, symbols, ranks } = merging(word, rank_of);
    const long = (symbol) => (source.byte_level ? symbol.length : new TextEncoder().encode(symbol).length);
    const tokenOf = (symbol) => ({ token: vocab.has(symbol) ? symbol : model.unk_token, letters: long(symbol) });
    const known = (symbols) => symbols.map(tokenOf).filter(({ token }) => token);
    const without = model.unk_token ? word : word.filter((symbol) => vocab.has(symbol)); // the library never sees the others
    const shown = Object.fromEntries([...symbols].map((symbol) => [symbol, readable(source.bytes(symbol, symbol))]));
    const tokens = known(without.length < word.length ? merging(without, rank_of).end : end);
    return { steps: { start: word, merges, ranks, shown, end: known(end).map(({ token }) => token) }, tokens };
  },
  WordPiece({ model, vocab }, word) {
    const matches = [];
    const longest = word.length > model.max_input_chars_per_word ? 0 : word.length;
    for (let start = 0; start < longest;) {
      const piece = (end) => (start ? "##" : "") + word.slice(start, end).join("");
      let end = longest;
      while (end > start && !vocab.has(piece(end))) end -= 1;
      matches.push([start, end, end > start ? piece(end) : null]);
      if (end === start) break;
      start = end;
    }
    const fits = matches.length && matches.at(-1)[2] !== null;
    const tokens = fits ? matches.map(([start, end, token]) => ({ token, letters: end - start })) : [{ token: model.unk_token, letters: word.length }];
    return { steps: { word, cells: word.map(visible), matches, end: tokens.map(({ token }) => token) }, tokens };
  },
  Unigram({ scores, unknown, lowest, longest }, word) {
    const edges = [], best_to = [0], best_edge = [];
    for (let start = 0; start < word.length; start += 1) {
      for (let end = start + 1; end <= Math.min(start + longest, word.length); end += 1) {
        const token = word.slice(start, end).join(""), known = scores.has(token);
        if (!known && end > start + 1) continue;
        const score = known ? scores.get(token) : lowest - UNKNOWN_PENALTY, total = best_to[start] + score;
        const best = !(total <= best_to[end]);
        if (best) { best_to[end] = total; best_edge[end] = edges.length; }
        edges.push({ token, known: known && token !== unknown, row: [start, end, bits(score), bits(total), best] });
      }
    }
    const path = [], tokens = [];
    for (let place = word.length; place > 0; [place] = edges[path[0]].row) path.unshift(best_edge[place]);
    path.forEach((at, i) => {
      const { token, known, row: [start, end] } = edges[at];
      if (known || !i || edges[path[i - 1]].known) tokens.push({ token, letters: end - start });
      else { tokens.at(-1).token += token; tokens.at(-1).letters += end - start; } // unknown characters in a row are one
    });
    return { steps: { word, cells: word.map(visible), edges: edges.map(({ row }) => row), path, end: tokens.map(({ token }) => token) }, tokens };
  },
};

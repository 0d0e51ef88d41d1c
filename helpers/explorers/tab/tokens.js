// The tokens explorer without a kernel: what helpers/explorers/tokens.py sends to the view, made here from tokenizers' files.
//
//     const { data, answer } = await open(undefined, call, { files });     // `call` is what `call_of` in tokens.py wrote
//     const [reply, note] = await answer({ text: "An unbelievable kindness" });

import { BYTE_OF, CHARACTER_OF, PATTERN, ranksOf } from "../engine/bpe.js";
import { bytes, unzipped } from "../engine/engine.js";
import { cutOut } from "../engine/tokenizer.js";
import { normalize, split } from "../engine/wordpiece.js";
import { count } from "./python.js";
import { clusters, groups, readable, spelled, strip, visible } from "./readable.js";
import { THROUGH } from "./steps.js";

const LONGEST = 400, SPACE = "▁", SPACES = /^\p{White_Space}$/u;
const bytesOf = (text) => new TextEncoder().encode(text);

/** Letters, one for each byte: the library counts places in bytes, and it skips the letters that it does not know. */
const byBytes = (letters) => letters.flatMap((letter) => Array.from(bytesOf(letter.character), () => letter));

/** Letters in words: a word begins where `begins` is true, and what `gap` matches belongs to no word. */
function cutBefore(letters, begins, gap = () => false) {
  const words = [];
  let open = false;
  for (const letter of letters) {
    const out = gap(letter.character);
    if (!out && open && !begins(letter.character)) words.at(-1).push(letter);
    else if (!out) words.push([letter]);
    open = !out;
  }
  return words;
}

/** What cuts a text into words, by the pre-tokenizer's type; a word is a list of letters { character, at }. */
const PIECES = {
  ByteLevel(text) {
    let at = -1;
    const spell = (character) => { at += 1; return Array.from(bytesOf(character), (byte) => ({ character: CHARACTER_OF[byte], at })); };
    return [...text.matchAll(PATTERN)].map(([piece]) => [...piece].flatMap(spell));
  },
  BertPreTokenizer: (text, { lowercase, strip_accents }) => split(normalize(text, { lowercase, accents: !(strip_accents ?? lowercase) })),
  WhitespaceSplit: (text) => cutBefore(lettersOf(text), () => false, (character) => SPACES.test(character)),
  Metaspace(text) {
    const letters = lettersOf(text.replaceAll(" ", SPACE));
    if (letters.length && letters[0].character !== SPACE) letters.unshift({ character: SPACE, at: 0 });
    return cutBefore(letters, (character) => character === SPACE);
  },
};
const lettersOf = (text) => [...text].map((character, at) => ({ character, at }));

/** A tokenizer from its file, parsed, as tokens.py's Source. */
class Source {
  constructor(name, { model, added_tokens, pre_tokenizer, normalizer }) {
    Object.assign(this, { name, model, normalizer, kind: model.type, cut: PIECES[pre_tokenizer.type], known: new Map() });
    this.added = new Map(added_tokens.map(({ content, id }) => [content, id]));
    this.byte_level = this.kind === "BPE" && pre_tokenizer.type === "ByteLevel";
    this.vocab = new Map(this.kind === "Unigram" ? model.vocab.map(([token], id) => [token, id]) : Object.entries(model.vocab));
    if (this.kind === "BPE") this.rank_of = ranksOf(model.merges);
    if (this.kind === "Unigram") {
      this.scores = new Map(model.vocab);
      this.unknown = model.vocab[model.unk_id][0];
      this.lowest = Math.min(...this.scores.values());
      this.longest = Math.max(...model.vocab.map(([token]) => [...token].length));
    }
    this.special = cutOut([...this.added.keys()]);
  }

  /** The bytes that a token stands for: its own if tokens are bytes, otherwise those of the text that it covers. */
  bytes(token, covered) {
    if (!this.byte_level || this.added.has(token)) return bytesOf(covered);
    return Uint8Array.from([...token].filter((one) => BYTE_OF.has(one)), (one) => BYTE_OF.get(one));
  }

  /** What the model has to cut: words as letters with their places in the text, or one of the added tokens. */
  words(text) {
    let from = 0;
    return text.split(this.special).flatMap((part, i) => {
      const start = from;
      from += [...part].length;
      if (i % 2) return part ? [{ added: part, letters: lettersOf(part).map(({ character, at }) => ({ character, at: at + start })) }] : [];
      return this.cut(part, this.normalizer).map((word) => ({ letters: word.map(({ character, at }) => ({ character, at: at + start })) }));
    });
  }

  /** The steps and tokens of a word, which are kept because most words come back. */
  through({ added, letters }) {
    if (added) return { steps: { end: [added] }, tokens: [{ token: added, letters: letters.length }] };
    const word = letters.map(({ character }) => character), key = word.join("");
    if (!this.known.has(key)) this.known.set(key, THROUGH[this.kind](this, word));
    return this.known.get(key);
  }

  row(text, price) {
    const characters = [...text], words = [], tokens = [], ends = [];
    for (const word of this.words(text)) {
      const { steps, tokens: found } = this.through(word);
      const places = this.kind === "BPE" && !this.byte_level && !word.added ? byBytes(word.letters) : word.letters;
      let place = 0;
      for (const { token, letters } of found) {
        const start = places[place].at;
        let end = places[place + letters - 1].at + 1;
        place += letters;
        if (token === SPACE && strip(characters.slice(start, end).join(""))) end = start; // the ▁ put in front
        const raw = this.bytes(token, characters.slice(start, end).join(""));
        const id = this.added.get(token) ?? this.vocab.get(token) ?? this.model.unk_id;
        tokens.push({ token, id, shown: this.byte_level ? readable(raw) : visible(token), bytes: spelled(raw), start, end, word: words.length });
      }
      words.push({ start: word.letters[0].at, end: word.letters.at(-1).at + 1, steps });
      ends.push(...steps.end);
    }
    const stepped = ends.join("\n") === tokens.map(({ token }) => token).join("\n");
    if (!stepped) for (const token of tokens) token.word = -1;
    const cost = { tokens: tokens.length, characters: characters.length, per_character: tokens.length / Math.max(characters.length, 1) };
    if (price !== null) cost.price = (price * 1000 * cost.per_character) / 1e6;
    const size = new Set([...this.vocab.keys(), ...this.added.keys()]).size;
    return { name: this.name, kind: this.kind, size, tokens, cost, groups: groups(tokens, text), words: stepped ? words : [] };
  }
}

/** Write in every row how many of its cuts the first row has, too, and mark the tokens where only this row cuts. */
function compare(rows, text) {
  const characters = [...text];
  const solid = (start) => { while (start < characters.length && !strip(characters[start])) start += 1; return start; };
  const starts = rows.map((row) => row.tokens.map((token) => solid(token.start)));
  const cuts = starts.map((places) => new Set(places.slice(1).filter((place) => place !== solid(0))));
  rows.forEach((row, at) => {
    const alone = new Set(rows.length > 1 ? [...cuts[at]].filter((place) => !cuts.some((others, i) => i !== at && others.has(place))) : []);
    row.tokens.forEach((token, i) => { token.alone = alone.delete(starts[at][i]); });
    row.cuts = cuts[at].size;
    row.shared = [...cuts[at]].filter((place) => cuts[0].has(place)).length;
  });
}

/** What the view draws for one text. Throws an Error if the text has half a character. */
function view(sources, text, price) {
  if (!text.isWellFormed()) throw new Error("The text holds a lone surrogate (half of a character), which no UTF-8 text can hold.");
  const characters = [...text];
  let used = text, notice = "";
  if (characters.length > LONGEST) {
    const whole = clusters(characters.slice(0, LONGEST + 1).join("")); // a grapheme is not cut in two
    used = characters.slice(0, whole.indexOf(whole.at(-1)) || LONGEST).join("");
    notice = `Only the first ${[...used].length} of ${count(characters.length)} characters are used.`;
  }
  const rows = sources.map((source) => source.row(used, price));
  compare(rows, used);
  const words = [...used.matchAll(/\P{White_Space}+/gu)];
  const longest = words.reduce((best, word) => ([...word[0]].length > [...(best?.[0] ?? "")].length ? word : best), undefined);
  return { text, used, notice, rows, focus: longest ? [...used.slice(0, longest.index)].length : 0 };
}

/** The view's data, and the function that answers its questions. A tokenizer's file is `zipped`, or a `checkpoint` has it. */
export async function open(_, { text, tokenizers, price = null }, { files }) {
  async function read({ name, zipped, checkpoint }) {
    const found = zipped ? unzipped([new File([bytes(zipped)], "tokenizer.json.gz")]) : files(checkpoint);
    const file = (await found).find((one) => one.name === "tokenizer.json");
    return new Source(name, JSON.parse(await file.text()));
  }
  const sources = await Promise.all(tokenizers.map(read));
  return { data: view(sources, text, price), note: "", answer: async (state) => [view(sources, state.text, price), ""] };
}

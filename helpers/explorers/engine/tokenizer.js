// A tokenizer from its file, tokenizer.json: special tokens are cut out first, BPE or WordPiece does the rest, and a template
// puts [CLS] and [SEP] around it. Ids and offsets equal those of the `tokenizers` library.

import { BPE, BYTE_OF } from "./bpe.js";
import { WordPiece } from "./wordpiece.js";

/** The number of characters as Python counts them: an emoji outside of UTF-16's first plane counts as one, not two. */
const count = (text) => [...text].length;

/** The pattern that cuts these tokens out of a text, the longest first: after `text.split`, they are the parts at odd places. */
export function cutOut(tokens) {
  if (!tokens.length) return /(?!)()/u; // nothing
  const longest_first = [...tokens].sort((a, b) => b.length - a.length);
  return new RegExp(`(${longest_first.map((token) => token.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|")})`, "u");
}

const NO_TEMPLATE = {
  single: [{ Sequence: { id: "A", type_id: 0 } }],
  pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
};

/** What is put around one text and around two, from tokenizer.json's post_processor. */
function templateOf(post_processor) {
  const { type } = post_processor ?? { type: "ByteLevel" };
  if (type === "ByteLevel") return NO_TEMPLATE;
  if (type === "TemplateProcessing") return post_processor;
  if (type !== "BertProcessing") throw new Error(`tokenizer.json has the post-processor ${type}; only those of GPT-2 and BERT run here.`);
  const [cls, sep] = [post_processor.cls, post_processor.sep].map(([id]) => (type_id) => ({ SpecialToken: { id, type_id } }));
  const [first, second] = NO_TEMPLATE.pair;
  return { single: [cls(0), first, sep(0)], pair: [cls(0), first, sep(0), second, sep(1)] };
}

export class Tokenizer {
  /** From the text of tokenizer.json. Throws an Error of one sentence if its kind is not GPT-2's or BERT's. */
  constructor(text) {
    let file;
    try {
      file = JSON.parse(text);
    } catch {
      throw new Error("tokenizer.json is not JSON: copy the file again.");
    }
    const kinds = { BPE, WordPiece };
    if (!kinds[file.model?.type]) throw new Error(`tokenizer.json holds a ${file.model?.type ?? "something"} tokenizer; only BPE and WordPiece run here.`);
    this.model = new kinds[file.model.type](file);
    this.template = templateOf(file.post_processor);
    this.added = file.added_tokens ?? [];
    for (const { content, lstrip, rstrip, single_word, normalized } of this.added) {
      if (lstrip || rstrip || single_word || (normalized && file.normalizer)) {
        throw new Error(`tokenizer.json adds the token ${content} with rules (lstrip, rstrip, single_word, normalized) that do not run here.`);
      }
    }
    this.vocab = new Map([...Object.entries(file.model.vocab), ...this.added.map(({ content, id }) => [content, id])]);
    this.token_of = new Map([...this.vocab].map(([token, id]) => [id, token]));
    this.cut = cutOut(this.added.map(({ content }) => content));
    this.special = new Set(this.added.filter(({ special }) => special).map(({ id }) => id));
  }

  /** One more than the highest id. */
  get size() {
    return Math.max(...this.token_of.keys()) + 1;
  }

  /** A token as it is written into a box, its spaces visible; part of a character as its bytes: "byte E2". */
  label(id) {
    if (!this.token_of.has(id)) return `token ${id}`;
    const text = this.decode([id], { skip_special_tokens: false }).replaceAll(" ", "␣").replaceAll("\n", "⏎");
    const name = this.token_of.get(id);
    if ((text && !text.includes("\ufffd")) || name.includes("\ufffd")) return text;
    const bytes = [...name].map((character) => BYTE_OF.get(character));
    if (bytes.includes(undefined)) return name;
    const spelled = bytes.map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(" ");
    return `byte${bytes.length > 1 ? "s" : ""} ${spelled}`;
  }

  /** The tokens of a text, as `label` writes them; the bytes of a cut character say which one: "byte E2 of €". */
  labels(ids) {
    const names = ids.map((id) => this.label(id));
    const whole = (from, to) => !this.decode(ids.slice(from, to), { skip_special_tokens: false }).includes("\ufffd");
    for (let first = 0, last; first < ids.length; first = last) {
      last = first + 1;
      if (!this.token_of.has(ids[first]) || whole(first, last)) continue;
      const end = [2, 3, 4].map((n) => first + n).find((n) => n <= ids.length && whole(first, n));
      if (!end) continue;
      const character = this.decode(ids.slice(first, end)).trim();
      for (last = first; last < end; last += 1) names[last] += ` of ${character}`;
    }
    return names;
  }

  /** The tokens of one text, without what the template adds: { token, from, to } each. */
  tokenize(text) {
    if (!text.isWellFormed()) throw new Error("The text holds a lone surrogate (half of a character), which no UTF-8 text can hold.");
    let start = 0;
    return text.split(this.cut).flatMap((part, i) => {
      const from = start;
      start += count(part);
      if (i % 2) return [{ token: part, from, to: start }]; // the parts at odd places were cut out
      return this.model.tokenize(part).map((one) => ({ token: one.token, from: one.from + from, to: one.to + from }));
    });
  }

  /**
   * A text, or a pair of texts, as { ids, tokens, offsets, type_ids }. Offsets are places in its own text in characters, as
   * Python counts them; what the template adds has [0, 0].
   */
  encode(text, { pair, add_special_tokens = true } = {}) {
    const sequences = { A: this.tokenize(text), B: pair === undefined ? [] : this.tokenize(pair) };
    const template = pair === undefined ? this.template.single : this.template.pair;
    const encoded = { ids: [], tokens: [], offsets: [], type_ids: [] };
    for (const { Sequence, SpecialToken } of template) {
      if (SpecialToken && !add_special_tokens) continue;
      for (const { token, from, to } of Sequence ? sequences[Sequence.id] : [{ token: SpecialToken.id, from: 0, to: 0 }]) {
        encoded.ids.push(this.vocab.get(token));
        encoded.tokens.push(token);
        encoded.offsets.push([from, to]);
        encoded.type_ids.push((Sequence ?? SpecialToken).type_id);
      }
    }
    return encoded;
  }

  /** The text of ids; without special tokens unless `skip_special_tokens` is false. Throws an Error for an unknown id. */
  decode(ids, { skip_special_tokens = true } = {}) {
    const kept = ids.filter((id) => !(skip_special_tokens && this.special.has(id)));
    return this.model.decode(kept.map((id) => {
      if (!this.token_of.has(id)) throw new Error(`The tokenizer has no token with the id ${id}.`);
      return this.token_of.get(id);
    }));
  }
}

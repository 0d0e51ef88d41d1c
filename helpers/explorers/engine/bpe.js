// Byte-level byte-pair encoding, the tokenizer of GPT-2, as in helpers/reference/bpe.py.

/** One visible character for each of the 256 bytes (Radford et al. 2019): those that Latin-1 cannot show borrow from U+0100 on. */
function bytes_to_unicode() {
  const visible = (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let borrowed = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(visible(byte) ? byte : borrowed++));
}

export const CHARACTER_OF = bytes_to_unicode();
export const BYTE_OF = new Map(CHARACTER_OF.map((character, byte) => [character, byte]));

/**
 * GPT-2's split: letters never merge with digits, and a word never merges with the next one. White space is
 * Unicode's property, as in `tokenizers`; JavaScript's \s also has U+FEFF, and it lacks U+0085.
 */
export const PATTERN = /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** The rank of each merge, "left right": the one that was learned first is 0. */
export function ranksOf(merges) {
  return new Map(merges.map((pair, rank) => [typeof pair === "string" ? pair : pair.join(" "), rank]));
}

export class BPE {
  /** From the parsed tokenizer.json. Throws an Error for anything but a byte-level BPE without a space put in front. */
  constructor({ model, pre_tokenizer, normalizer }) {
    const plain = model.type === "BPE" && !model.unk_token && !model.dropout && !model.byte_fallback && !model.ignore_merges;
    const cut = pre_tokenizer?.type === "ByteLevel" && !pre_tokenizer.add_prefix_space && pre_tokenizer.use_regex !== false;
    if (!plain || !cut || normalizer) throw new Error("tokenizer.json holds a BPE that is not GPT-2's kind: byte-level, without a normalizer.");
    this.rank_of = ranksOf(model.merges);
    this.known = new Map(); // pieces already encoded, because most words come back
  }

  /** The tokens of one piece: the pair of neighbors with the lowest rank is merged first (in a tie, the leftmost). */
  merge(piece) {
    const word = [...piece];
    for (;;) {
      let best = Infinity, at = -1;
      for (let i = 0; i + 1 < word.length; i += 1) {
        const rank = this.rank_of.get(`${word[i]} ${word[i + 1]}`) ?? Infinity;
        if (rank < best) [best, at] = [rank, i];
      }
      if (at < 0) return word; // no pair of neighbors was ever learned
      word.splice(at, 2, word[at] + word[at + 1]);
    }
  }

  /** The tokens of a text, each with the characters [from, to) whose bytes it contains: two tokens may share one. */
  tokenize(text) {
    const tokens = [];
    let start = 0; // in characters, as Python counts them: JavaScript's strings count most emoji as two
    for (const [piece] of text.matchAll(PATTERN)) {
      const character_of = []; // byte → its character in the text
      let spelled = "";
      for (const character of piece) {
        for (const byte of new TextEncoder().encode(character)) {
          spelled += CHARACTER_OF[byte];
          character_of.push(start);
        }
        start += 1;
      }
      if (!this.known.has(spelled)) this.known.set(spelled, this.merge(spelled));
      let byte = 0;
      for (const token of this.known.get(spelled)) {
        const end = byte + token.length;
        tokens.push({ token, from: character_of[byte], to: character_of[end - 1] + 1 });
        byte = end;
      }
    }
    return tokens;
  }

  /** The text that tokens stand for. Bytes that are not UTF-8 (a character cut in two) become U+FFFD. */
  decode(tokens) {
    const bytes = tokens.flatMap((token) => {
      const spelled = [...token].map((character) => BYTE_OF.get(character));
      return spelled.includes(undefined) ? [...new TextEncoder().encode(token)] : spelled;
    });
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  }
}

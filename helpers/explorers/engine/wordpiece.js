// WordPiece, the tokenizer of BERT, as in helpers/reference/wordpiece.py: clean the text, cut it into words, then take the
// longest piece that fits. Every character keeps its place in the text while the text around it changes.

// Marks, signs and format characters that came after Unicode 8: the library knows none of them.
const YOUNG =
  String.raw`\u05c8\u05c9\u061d\u07fd\u0890-\u08e2\u09fd\u09fe\u0a76\u0afa-\u0aff\u0b53-\u0b55\u0c04-\u0c3c\u0c77\u0c84\u0d00` +
  String.raw`\u0d3b\u0d3c\u0d81\u0eba\u0ece\u180f-\u1886\u1abf-\u1af0\u1b4e\u1b4f\u1b7d-\u1b7f\u1df6-\u1dfb\u2e43-\u2e63\ua82c` +
  String.raw`\ua8c5\ua8ff\ua9bd\u{10d24}-\u{10f89}\u{11070}-\u{11074}\u{110c2}-\u{110cd}\u{111c9}\u{111cf}` +
  String.raw`\u{1123e}-\u{11241}\u{1133b}\u{113bb}-\u{1145e}\u{11660}-\u{1166c}\u{116b9}\u{1182f}-\u{11fff}` +
  String.raw`\u{12ff1}-\u{1612f}\u{16d6d}-\u{16f4f}\u{16fe2}-\u{16fe4}\u{1cf00}-\u{1d128}\u{1d25b}\u{1d25c}` +
  String.raw`\u{1e000}-\u{1e6f5}\u{1e944}-\u{1e95f}`;
const DROPPED = new RegExp(String.raw`(?![\t\n\r${YOUNG}])[\p{Cc}\p{Cf}\p{Co}]|\ufffd`, "u");
const MARK = new RegExp(String.raw`(?![${YOUNG}])\p{Mn}`, "u");
const SIGN = new RegExp(String.raw`(?![${YOUNG}])\p{P}|[!-\/:-@\[-\x60\{-~]`, "u"); // ASCII's signs such as $ count as marks
const SPACE = /\s/u;
const CHINESE =
  /[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/u;

/** Take characters apart (NFD). Marks are then in Unicode's order, which may differ from that of their characters. */
function decomposed(letters) {
  const apart = letters.flatMap(({ character, at }) => [...character.normalize("NFD")].map((one) => ({ character: one, at })));
  const whole = [...letters.map(({ character }) => character).join("").normalize("NFD")];
  return whole.map((character, i) => ({ character, at: apart[i].at }));
}

/** BERT's steps in its order; each letter is { character, at }, where `at` is its place in the text that was given. */
export function normalize(text, { lowercase, accents }) {
  let letters = [...text].map((character, at) => ({ character, at })).filter(({ character }) => !DROPPED.test(character));
  letters = letters.flatMap((letter) => {
    if (SPACE.test(letter.character)) return [{ ...letter, character: " " }];
    const space = { ...letter, character: " " };
    return CHINESE.test(letter.character) ? [space, letter, space] : [letter]; // each Chinese character is a word
  });
  if (!accents) letters = decomposed(letters).filter(({ character }) => !MARK.test(character));
  if (lowercase) letters = letters.flatMap(({ character, at }) => [...character.toLowerCase()].map((one) => ({ character: one, at })));
  return letters;
}

/** Words and punctuation, with each mark separate; a word is a list of letters. */
export function split(letters) {
  const words = [];
  let open = false; // whether the last word may continue
  for (const letter of letters) {
    const sign = SIGN.test(letter.character), space = SPACE.test(letter.character);
    if (open && !sign && !space) words.at(-1).push(letter);
    else if (!space) words.push([letter]);
    open = !sign && !space;
  }
  return words;
}

export class WordPiece {
  /** From the parsed tokenizer.json. Throws an Error if it is not BERT's kind of WordPiece. */
  constructor({ model, normalizer, pre_tokenizer }) {
    const bert = model.continuing_subword_prefix === "##" && pre_tokenizer?.type === "BertPreTokenizer" &&
      normalizer?.type === "BertNormalizer" && normalizer.clean_text && normalizer.handle_chinese_chars;
    if (!bert) throw new Error("tokenizer.json holds a WordPiece that is not BERT's kind: BertNormalizer, BertPreTokenizer and ## are expected.");
    this.vocab = new Map(Object.entries(model.vocab));
    this.unk_token = model.unk_token;
    this.longest_word = model.max_input_chars_per_word;
    const { lowercase, strip_accents } = normalizer;
    this.normalizer = { lowercase, accents: !(strip_accents ?? lowercase) };
  }

  /** Takes the longest piece in the vocabulary each time, from left to right; one unknown piece makes the whole word unknown. */
  pieces(word) {
    const found = [];
    for (let start = 0; start < word.length;) {
      let end = word.length, token;
      for (; end > start; end -= 1) {
        token = (start ? "##" : "") + word.slice(start, end).map(({ character }) => character).join("");
        if (this.vocab.has(token)) break;
      }
      if (end === start || word.length > this.longest_word) return [{ token: this.unk_token, letters: word }];
      found.push({ token, letters: word.slice(start, end) });
      start = end;
    }
    return found;
  }

  /** The tokens of a text, each with the characters [from, to) that it was made of. */
  tokenize(text) {
    const found = split(normalize(text, this.normalizer)).flatMap((word) => this.pieces(word));
    return found.map(({ token, letters }) => ({ token, from: letters[0].at, to: letters.at(-1).at + 1 }));
  }

  /** The text of tokens, with no space before ## and . , ? ! and a space before all others. */
  decode(tokens) {
    return tokens.join(" ").replace(/ (?=[.,?!])| ##/g, "");
  }
}

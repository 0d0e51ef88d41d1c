// A token in readable form, as in `visible`, `readable` and `groups` of helpers/explorers/tokens.py.

const NAMED = new Map([[" ", "␣"], ["\n", "⏎"], ["\r", "␍"], ["\t", "⇥"]]);
const HIDDEN = /^[\p{Cc}\p{Cf}\p{Z}\p{Co}\p{Cn}\ufe00-\ufe0f]$/u;
const EDGES = /^[\p{White_Space}\x1c-\x1f]+|[\p{White_Space}\x1c-\x1f]+$/gu; // what Python's strip takes away
const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const strip = (text) => text.replace(EDGES, "");
export const graphemes = (text) => [...SEGMENTER.segment(text)].map(({ segment }) => segment);
const hexadecimal = (number, digits) => number.toString(16).toUpperCase().padStart(digits, "0");
export const spelled = (bytes) => Array.from(bytes, (byte) => hexadecimal(byte, 2)).join(" ");

/** A text in which nothing is invisible: a space is ␣, a joiner alone is U+200D, and a lone mark is put on ◌. */
export function visible(text) {
  return graphemes(text).map((cluster) => {
    if (NAMED.has(cluster)) return NAMED.get(cluster);
    if (HIDDEN.test(cluster)) return `U+${hexadecimal(cluster.codePointAt(0), 4)}`;
    return (/^\p{M}/u.test(cluster) ? "◌" : "") + [...cluster].map((one) => NAMED.get(one) ?? one).join("");
  }).join("");
}

/** The character that begins at a byte, or undefined if the bytes are not UTF-8. */
function characterAt(bytes, at) {
  const first = bytes[at], length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  try {
    return UTF8.decode(bytes.subarray(at, at + length));
  } catch {
    return undefined;
  }
}

/** Whole characters as `visible` shows them, the bytes of a cut one in hexadecimal: 20 F0 9F → ␣ F0 9F. */
export function readable(bytes) {
  const parts = [];
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const character = characterAt(bytes, at);
    text += character ?? "";
    at += character === undefined ? 1 : new TextEncoder().encode(character).length;
    if (text && (character === undefined || at === bytes.length)) { parts.push(visible(text)); text = ""; }
    if (character === undefined) parts.push(hexadecimal(bytes[at - 1], 2));
  }
  return parts.join(" ");
}

/** For each character of a text, the number of the grapheme that it is part of. */
export function clusters(text) {
  return graphemes(text).flatMap((cluster, number) => [...cluster].map(() => number));
}

/** Runs of tokens (first, last) that share a grapheme, and what they form together: an emoji and its bytes. */
export function groups(tokens, text) {
  const grapheme = clusters(text), runs = [], characters = [...text];
  for (let at = 1; at < tokens.length; at += 1) {
    const [left, right] = [tokens[at - 1], tokens[at]];
    if (left.end === left.start || right.end === right.start || grapheme[left.end - 1] < grapheme[right.start]) continue;
    if (runs.at(-1)?.[1] === at - 1) runs.at(-1)[1] = at;
    else runs.push([at - 1, at]);
  }
  return runs.map(([a, b]) => [a, b, visible(strip(characters.slice(tokens[a].start, tokens[b].end).join("")) || " ")]);
}

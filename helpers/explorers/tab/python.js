// How Python writes numbers and strings, so that both sides send a view the same.

const ESCAPES = new Map([["\\", "\\\\"], ["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]]);
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };

/** A string in quotes, with invisible characters escaped; or a number, a truth value or nothing. */
export function repr(text) {
  if (text === null || text === undefined) return "None";
  if (typeof text === "boolean") return text ? "True" : "False";
  if (typeof text !== "string") return String(text);
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const written = (character) => {
    if (ESCAPES.has(character)) return ESCAPES.get(character);
    if (character === quote) return `\\${quote}`;
    if (character === " " || !/[\p{C}\p{Z}]/u.test(character)) return character;
    const code = character.codePointAt(0);
    const [letter, digits] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
    return `\\${letter}${code.toString(16).padStart(digits, "0")}`;
  };
  return `${quote}${[...text].map(written).join("")}${quote}`;
}

/** A number with this many digits after the point; a number halfway between two is rounded to the even one. */
export function fixed(number, digits) {
  const scale = 10 ** digits, below = Math.floor(number * scale);
  const between = Number.isInteger(number * 2 ** (digits + 1)) && number * scale - below === 0.5;
  return between ? ((below + (below % 2)) / scale).toFixed(digits) : number.toFixed(digits);
}

/** A share in percent, f"{share:.1%}". */
export const percent = (share) => `${fixed(100 * share, 1)}%`;

/** The places of the numbers, the smallest first; in a tie, the earlier one first. */
export const argsort = (numbers) => [...numbers.keys()].sort((a, b) => numbers[a] - numbers[b]);

/** A number with commas between the thousands. */
export function count(number, digits = 0) {
  return number.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export const escape = (text) => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]);

/** A text in a drawing, as `_text` in helpers/explorers/decoding.py. */
export function label(x, y, text, { anchor = "start", weight = 400 } = {}) {
  const place = `x="${fixed(x, 0)}" y="${fixed(y, 0)}" text-anchor="${anchor}" font-weight="${weight}"`;
  return `<text ${place} fill="currentColor" xml:space="preserve">${escape(text)}</text>`;
}

/** A drawing, as `_svg` in helpers/explorers/decoding.py. */
export function svg(width, height, said, drawn) {
  const [w, h] = [fixed(width, 0), fixed(height, 0)];
  const looks = 'xmlns="http://www.w3.org/2000/svg" font-family="monospace" font-size="12"';
  return `<svg width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" aria-label="${escape(said)}" ${looks}>${drawn.join("")}</svg>`;
}

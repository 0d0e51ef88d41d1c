// Values as Python writes them, because a view must read the same whether a kernel or the tab answers it.

const SPELLED = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function spelled(character) {
  if (SPELLED[character]) return SPELLED[character];
  if (character === " " || !/[\p{C}\p{Z}]/u.test(character)) return character;
  const code = character.codePointAt(0), digits = code > 0xffff ? 8 : code > 0xff ? 4 : 2;
  return `\\${{ 2: "x", 4: "u", 8: "U" }[digits]}${code.toString(16).padStart(digits, "0")}`;
}

/** `repr` of a text, a number, a truth value or nothing. */
export function repr(value) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "string") return String(value);
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  return quote + [...value].map((one) => (one === quote ? `\\${quote}` : spelled(one))).join("") + quote;
}

/** f"{share:.1%}" */
export const percent = (share) => `${(100 * share).toFixed(1)}%`;

/** f"{number:,}" */
export const grouped = (number) => number.toLocaleString("en-US");

/** np.argsort(numbers, kind="stable"): the places of the smallest first. */
export const argsort = (numbers) => [...numbers.keys()].sort((a, b) => numbers[a] - numbers[b]);

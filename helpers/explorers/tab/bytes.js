// Numbers that came as JSON.

import { bytes } from "../engine/engine.js";

/** What `plain` in __init__.py made of a view's data: { base64 } at any depth becomes bytes again. */
export function restored(value) {
  if (Array.isArray(value)) return value.map(restored);
  if (value === null || typeof value !== "object") return value;
  if (typeof value.base64 === "string") return bytes(value.base64);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, restored(part)]));
}

// Canonical JSON: one value, one byte string (RFC 8785, stricter; see ledger/canonical.py).
//
// No floating-point number, no null, ASCII keys, no lone surrogate, at most 16 levels. What is
// decoded is encoded again and compared, so nothing that a parser lets pass in silence gets in.

import { text, utf8 } from "./bytes.js";
import { Malformed } from "./errors.js";

const MAX_DEPTH = 16;
export const MAX_EVENT_BYTES = 1 << 20;
export const MAX_PROOF_BYTES = 32 << 20;

function written(value, depth) {
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") {
    // With the flag `u` a surrogate of a pair is no character of its own: only a lone one matches.
    if (/[\ud800-\udfff]/u.test(value)) throw new Malformed("a text holds a lone surrogate");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Malformed(`${value} is no integer within ±(2^53−1)`);
    return JSON.stringify(value);
  }
  if (typeof value !== "object" || value === null) throw new Malformed("null is no value here");
  if (depth >= MAX_DEPTH) throw new Malformed(`more than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) return `[${value.map((each) => written(each, depth + 1)).join(",")}]`;
  const members = Object.keys(value).sort().map((key) => {
    if (!/^[\0-\x7f]*$/.test(key)) throw new Malformed(`the key ${key} is not ASCII`);
    return `${JSON.stringify(key)}:${written(value[key], depth + 1)}`;
  });
  return `{${members.join(",")}}`;
}

export const encode = (value) => utf8(written(value, 0));

export function decode(bytes, maxBytes = MAX_EVENT_BYTES) {
  if (bytes.length > maxBytes) throw new Malformed(`JSON of ${bytes.length} bytes exceeds ${maxBytes}`);
  const read = text(bytes);
  let value;
  try {
    value = JSON.parse(read);
  } catch {
    throw new Malformed("the bytes are not JSON");
  }
  if (written(value, 0) !== read) throw new Malformed("the JSON is not in canonical form (RFC 8785)");
  return value;
}

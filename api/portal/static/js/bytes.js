// Bytes: UTF-8, hex, base64 in its one canonical spelling, and SHA-256.

import { Malformed } from "./errors.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text) => encoder.encode(text);

export function text(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Malformed("the bytes are not UTF-8");
  }
}

export const concat = (...parts) => {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

export const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function unhex(digits, size) {
  if (!new RegExp(`^[0-9a-f]{${2 * size}}$`).test(digits)) {
    throw new Malformed(`not ${2 * size} lower-case hex digits`);
  }
  return Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16));
}

export const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

export function unbase64(encoded) {
  // Padded, no foreign character, unused bits zero: what is encoded again must read the same.
  let found;
  try {
    found = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  } catch {
    throw new Malformed(`${encoded.slice(0, 80)} is not base64`);
  }
  if (base64(found) !== encoded) throw new Malformed(`${encoded.slice(0, 80)} is not canonical base64`);
  return found;
}

export const sha256 = async (...parts) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));

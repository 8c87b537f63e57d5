// Signed notes (C2SP signed-note): a text, an empty line, signature lines. See ledger/note.py.

import { base64, concat, equal, hex, sha256, text, unbase64, utf8 } from "./bytes.js";
import { checkSignature } from "./ed25519.js";
import { Malformed, Unverified } from "./errors.js";

export const ED25519 = 1;
export const COSIGNATURE = 4;
export const MAX_NOTE_BYTES = 1 << 20;
const MAX_SIGNATURES = 100;
const MAX_TIMESTAMP = 2n ** 63n - 1n;
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

const isKeyName = (name) => name !== "" && !SPACE.test(name) && !name.includes("+");

export class VerifierKey {
  constructor(name, keyId, algorithm, publicKey) {
    Object.assign(this, { name, keyId, algorithm, publicKey });
  }

  static async of(name, publicKey, algorithm = ED25519) {
    if (!isKeyName(name) || /[\0-\x1f]/.test(name)) throw new Malformed(`${name} is not a key name`);
    if (publicKey.length !== 32 || ![ED25519, COSIGNATURE].includes(algorithm)) {
      throw new Malformed("not a verifier key: 32 bytes of Ed25519 or cosignature/v1");
    }
    const hashed = await sha256(utf8(`${name}\n`), Uint8Array.of(algorithm), publicKey);
    return new VerifierKey(name, hashed.slice(0, 4), algorithm, publicKey);
  }

  static async parse(written) {
    const [name, , ...rest] = written.split("+");
    const material = unbase64(rest.join("+"));
    const key = await VerifierKey.of(name, material.slice(1), material[0] ?? 0);
    if (String(key) !== written) throw new Malformed(`the verifier key of ${name} does not have the id of its name and key`);
    return key;
  }

  toString() {
    return `${this.name}+${hex(this.keyId)}+${base64(concat(Uint8Array.of(this.algorithm), this.publicKey))}`;
  }
}

export function parseNote(bytes) {
  if (bytes.length > MAX_NOTE_BYTES) throw new Malformed(`the note has ${bytes.length} bytes; at most ${MAX_NOTE_BYTES}`);
  const whole = text(bytes);
  if (/[\0-\x09\x0b-\x1f]/.test(whole)) throw new Malformed("the note holds a control character");
  const divide = whole.lastIndexOf("\n\n");
  if (divide < 0) throw new Malformed("the note has no empty line before its signatures");
  const lines = whole.slice(divide + 2).split("\n");
  if (lines.pop() !== "") throw new Malformed("the note does not end with a newline");
  if (lines.length < 1 || lines.length > MAX_SIGNATURES) throw new Malformed(`the note has ${lines.length} signatures`);
  return { text: whole.slice(0, divide + 1), signatures: lines.map(parseLine) };
}

export function parseLine(line) {
  const at = line.indexOf(" ", 2);
  const name = at < 0 ? line.slice(2) : line.slice(2, at);
  if (!line.startsWith("— ") || !isKeyName(name)) throw new Malformed(`${line.slice(0, 80)} is not a signature line`);
  const material = unbase64(at < 0 ? "" : line.slice(at + 1));
  if (material.length <= 4) throw new Malformed(`the signature of ${name} is too short`);
  return { name, keyId: material.slice(0, 4), signature: material.slice(4) };
}

export const formatLine = ({ name, keyId, signature }) => `— ${name} ${base64(concat(keyId, signature))}\n`;

export const formatNote = (told, lines) => utf8(`${told}\n${lines.map(formatLine).join("")}`);

export async function checkLine(told, line, key) {
  let message = utf8(told);
  let signature = line.signature;
  if (key.algorithm === COSIGNATURE) {
    message = utf8(`cosignature/v1\ntime ${cosignedAt(line)}\n${told}`);
    signature = signature.subarray(8);
  }
  try {
    await checkSignature(key.publicKey, message, signature);
  } catch (error) {
    if (error instanceof Unverified) throw new Unverified(`the signature of ${line.name} does not hold`);
    throw error;
  }
}

function cosignedAt({ name, signature }) {
  const time = signature.subarray(0, 8).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  if (signature.length !== 72 || time > MAX_TIMESTAMP) throw new Unverified(`the signature of ${name} is not a cosignature`);
  return time;
}

// Lines of keys that are not given are ignored; a line of a given key must hold; one must be there.
export async function openNote(bytes, keys) {
  const note = parseNote(bytes);
  const signedBy = new Set();
  for (const line of note.signatures) {
    const key = keys.find((each) => each.name === line.name && equal(each.keyId, line.keyId));
    if (key === undefined) continue;
    await checkLine(note.text, line, key);
    signedBy.add(key);
  }
  if (signedBy.size === 0) throw new Unverified("the note is signed by none of the keys it should be signed by");
  return { note, signedBy };
}

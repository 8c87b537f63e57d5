// Statements: what a party signs, and the file it travels in (.stmt). See ledger/statement.py.

import { base64, concat, equal, hex, sha256, text, unbase64, utf8 } from "./bytes.js";
import { Malformed, Refused, Unverified } from "./errors.js";
import { leafHash, rootOf } from "./merkle.js";
import { checkLine, formatNote, parseNote } from "./note.js";

export const CONTEXT = "sunledger/statement/v1";
const MAX_EVENTS = 10_000;
const MAX_SIGNATURES = 16;
export const MAX_STATEMENT_BYTES = 16 << 20;
const MAX_ENTRY_BYTES = 65_535;
const PARTY = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";
const INSTANT = "[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}Z";
const TEXT = new RegExp(
  `^${CONTEXT}\\n([a-z0-9.-]+(?:/[a-z0-9._-]+)*)\\n(${INSTANT})\\n(${PARTY}(?: ${PARTY})*)\\n([1-9][0-9]{0,4})\\n([A-Za-z0-9+/]{43}=)\\n$`,
);
const KEY_NAME = new RegExp(`^(${PARTY})/(${PARTY})$`);
const RECORDED = new RegExp(`^recorded (${INSTANT})\\n`);
const isReserved = (name) => name.startsWith("sunledger/") || name.startsWith("cosignature/");

export function checkInstant(written) {
  const time = new RegExp(`^${INSTANT}$`).test(written) ? Date.parse(written) : NaN;
  // A day that no month has is read as one of the next month.
  if (Number.isNaN(time) || new Date(time).toISOString() !== written) throw new Malformed(`${written} is no instant`);
  return time;
}

export function partyOf(keyName) {
  const found = KEY_NAME.exec(keyName);
  if (found === null || isReserved(keyName)) throw new Malformed(`the key name ${keyName} is not <party>/<label>`);
  return found[1];
}

export function parseStatement(noteBytes) {
  const note = parseNote(noteBytes);
  const [, origin, madeAt, names, count, root] = TEXT.exec(note.text) ?? [];
  if (origin === undefined || isReserved(origin)) throw new Malformed("the note is not a statement");
  checkInstant(madeAt);
  const eventCount = Number(count);
  if (eventCount > MAX_EVENTS) throw new Malformed(`the statement covers ${eventCount} events; at most ${MAX_EVENTS}`);
  const signers = names.split(" ");
  if (signers.length > MAX_SIGNATURES || note.signatures.length > MAX_SIGNATURES) throw new Malformed("too many signatures");
  if (!isSorted(signers)) throw new Malformed("the statement's signers are not in order");
  if (!isSorted(note.signatures.map((line) => line.name))) throw new Malformed("the signature lines are not in order");
  return { origin, madeAt, signers, eventCount, root: unbase64(root), note };
}

const isSorted = (names) => names.every((name, i) => i === 0 || names[i - 1] <= name);

export async function statementText(origin, madeAt, signers, bodies) {
  const root = await rootOf(await Promise.all(bodies.map(leafHash)));
  return `${CONTEXT}\n${origin}\n${madeAt}\n${[...signers].sort().join(" ")}\n${bodies.length}\n${base64(root)}\n`;
}

export const statementId = async (told) => hex(await sha256(utf8(told)));

export function decodeFile(bytes) {
  if (bytes.length > MAX_STATEMENT_BYTES) throw new Malformed(`the statement has ${bytes.length} bytes; at most ${MAX_STATEMENT_BYTES}`);
  const textEnd = find(bytes, 0);
  const noteEnd = textEnd < 0 ? -1 : find(bytes, textEnd + 2);
  if (noteEnd < 0 || bytes[bytes.length - 1] !== 10) throw new Malformed("not a statement file: it needs a note, an empty line, and event lines");
  const bodies = [];
  for (let start = noteEnd + 2; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    bodies.push(bytes.slice(start, end));
    start = end + 1;
    if (bodies.length > MAX_EVENTS) throw new Malformed(`the statement file has more than ${MAX_EVENTS} events`);
  }
  if (bodies.length === 0) bodies.push(new Uint8Array()); // as Python's `split` has it
  return { note: bytes.slice(0, noteEnd + 1), bodies };
}

function find(bytes, from) {
  for (let at = bytes.indexOf(10, from); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) return at;
  }
  return -1;
}

const NEWLINE = Uint8Array.of(10);
export const encodeFile = (note, bodies) => concat(note, NEWLINE, ...bodies.flatMap((body) => [body, NEWLINE]));

// A log entry: when the ledger admitted a statement, and its note.
export function decodeEntry(entry) {
  const found = RECORDED.exec(text(entry.slice(0, 64 < entry.length ? 34 : entry.length)));
  if (found === null || entry.length > MAX_ENTRY_BYTES) throw new Malformed("not a log entry: it does not begin with `recorded <time>`");
  return { recordedMs: checkInstant(found[1]), recorded: found[1], note: entry.slice(found[0].length) };
}

// The events must be those that the text covers.
export async function checkEvents(statement, bodies) {
  if (bodies.length !== statement.eventCount) throw new Unverified(`the statement covers ${statement.eventCount} events; ${bodies.length} came with it`);
  const root = await rootOf(await Promise.all(bodies.map(leafHash)));
  if (!equal(root, statement.root)) throw new Unverified("the events are not those that were signed: their root differs");
}

// Exactly the lines that the text calls for, each by its key. `keys` are by name.
export async function checkSignatures(statement, keys) {
  const lines = statement.note.signatures;
  for (const [i, line] of lines.entries()) {
    if (i > 0 && lines[i - 1].name === line.name) throw new Refused("signature_doubled", `the key ${line.name} signed twice`);
  }
  const names = lines.map((line) => partyOf(line.name)).sort();
  if (names.join(" ") !== statement.signers.join(" ")) throw new Refused("signatures_do_not_match_signers", "other parties signed than the statement names");
  for (const line of lines) {
    const key = keys.get(line.name);
    if (key === undefined || !equal(key.keyId, line.keyId)) throw new Refused("key_unknown", `the key ${line.name} is not known`);
    await checkLine(statement.note.text, line, key);
  }
}

export function missingSigners(statement) {
  const missing = [...statement.signers];
  for (const line of statement.note.signatures) {
    const at = missing.indexOf(partyOf(line.name));
    if (at >= 0) missing.splice(at, 1);
  }
  return missing;
}

export const withLine = (statement, line) =>
  formatNote(
    statement.note.text,
    [...statement.note.signatures, line].sort((a, b) => (a.name < b.name ? -1 : 1)),
  );

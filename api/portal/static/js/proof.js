// Event proofs and receipts, checked as ledger/proof.py does; nothing leaves this machine.

import { concat, equal, text, unbase64, utf8 } from "./bytes.js";
import { MAX_PROOF_BYTES, decode } from "./canonical.js";
import { Malformed, Unverified } from "./errors.js";
import { checkInclusion, leafHash, rootOf } from "./merkle.js";
import { VerifierKey, parseNote } from "./note.js";
import { openCosigned } from "./policy.js";
import { checkSignatures, decodeEntry, decodeFile, parseStatement, partyOf } from "./statement.js";
import { parseCheckpoint, parseTlogProof } from "./tlog.js";

const BARE = ["entry", "event", "index", "path", "receipt"];

export async function checkEventProof(bytes, policy) {
  return checkEventProofValue(decode(bytes, MAX_PROOF_BYTES), policy);
}

export async function checkEventProofValue(proof, policy) {
  checkFields(proof, [...BARE, "keys"], "an event proof");
  const { keys, ...rest } = proof;
  const bare = openBare(rest);
  const log = await openLog(bare.receipt.checkpoint, policy);
  await checkIncluded(bare, log);
  const lines = bare.statement.note.signatures;
  if (!Array.isArray(keys) || keys.length !== lines.length) throw new Unverified(`the proof does not bring the keys of its ${lines.length} signatures`);
  const verifiers = new Map();
  for (const [i, each] of keys.entries()) {
    checkFields(each, ["enrolled", "vkey"], `the key ${lines[i].name}`);
    const verifier = await VerifierKey.parse(textOf(each, "vkey"));
    if (verifier.name !== lines[i].name) throw new Unverified(`the key ${verifier.name} stands where ${lines[i].name} signed`);
    await checkEnrolled(openBare(each.enrolled), verifier, bare, log, policy);
    verifiers.set(verifier.name, verifier);
  }
  await checkSignatures(bare.statement, verifiers);
  return checked(bare, [bare.event], log, policy);
}

export async function checkReceipt(statementFile, receiptBytes, policy) {
  const { note, bodies } = decodeFile(statementFile);
  const receipt = parseTlogProof(receiptBytes);
  if (receipt.extra === null) throw new Malformed("the receipt has no `extra` with the entry's `recorded` line");
  const entry = concat(receipt.extra, note);
  const { recorded, recordedMs } = decodeEntry(entry);
  if (text(receipt.extra) !== `recorded ${recorded}\n`) throw new Malformed("the receipt's `extra` is more than the entry's `recorded` line");
  const statement = parseStatement(note);
  const root = await rootOf(await Promise.all(bodies.map(leafHash)));
  if (!equal(root, statement.root)) throw new Unverified("the statement file's events are not those that were signed");
  if (bodies.length !== statement.eventCount) throw new Unverified(`the statement covers ${statement.eventCount} events, not ${bodies.length}`);
  const bare = { event: bodies[0], number: 0, path: [], entry, recordedMs, statement, receipt };
  const log = await openLog(receipt.checkpoint, policy);
  await checkInLog(bare, log);
  return checked(bare, bodies, log, policy);
}

function openBare(value) {
  checkFields(value, BARE, "a proof");
  const { index, path } = value;
  if (!Number.isSafeInteger(index) || index < 0) throw new Malformed(`${index} is not the place of an event in its statement`);
  if (!Array.isArray(path) || !path.every((each) => typeof each === "string")) throw new Malformed("the path is not a list of hashes");
  const event = utf8(textOf(value, "event"));
  const entry = utf8(textOf(value, "entry"));
  const { recordedMs, note } = decodeEntry(entry);
  const receipt = parseTlogProof(utf8(textOf(value, "receipt")));
  if (receipt.extra !== null && !equal(concat(receipt.extra, note), entry)) {
    throw new Unverified("the receipt's `extra` is not the `recorded` line of the entry");
  }
  const hashes = path.map(unbase64);
  return { event, number: index, path: hashes, entry, recordedMs, statement: parseStatement(note), receipt };
}

async function openLog(note, policy) {
  if (policy === null || policy.logs.length === 0) {
    return { note, checkpoint: parseCheckpoint(parseNote(note).text), cosignedBy: [] };
  }
  return { note, ...(await openCosigned(note, policy)) };
}

async function checkIncluded(bare, log) {
  decode(bare.event);
  const { eventCount, root } = bare.statement;
  await checkInclusion(await leafHash(bare.event), BigInt(bare.number), BigInt(eventCount), bare.path, root);
  if (!equal(bare.receipt.checkpoint, log.note)) throw new Unverified("the proof's parts lead to different checkpoints");
  await checkInLog(bare, log);
}

async function checkInLog({ entry, statement, receipt }, { checkpoint }) {
  if (statement.origin !== checkpoint.origin) throw new Unverified(`the statement is meant for ${statement.origin}, the checkpoint is of ${checkpoint.origin}`);
  await checkInclusion(await leafHash(entry), receipt.index, checkpoint.size, receipt.path, checkpoint.root);
}

// The key was enrolled no later in the same log than what it signed.
async function checkEnrolled(enrolment, verifier, bare, log, policy) {
  await checkIncluded(enrolment, log);
  const event = decode(enrolment.event);
  const index = enrolment.receipt.index;
  let vkeys = [];
  if (event.type === "ledger.opened") {
    const genesis = policy?.genesis ?? null;
    if (index !== 0n || (genesis !== null && !equal(genesis, await leafHash(enrolment.entry)))) {
      throw new Unverified(`the key ${verifier.name} is not named by the ledger's genesis`);
    }
    if (policy?.logs.length && !policy.logs.some((key) => String(key) === event.ledger_key)) {
      throw new Unverified("the ledger was opened under a key that the policy does not trust");
    }
    vkeys = event.keys.map((key) => key.vkey);
  } else if (event.type === "key.enrolled" || event.type === "key.recovered") {
    if (event.party !== partyOf(verifier.name)) throw new Unverified(`the key ${verifier.name} was enrolled for ${event.party}`);
    vkeys = [event.vkey];
  }
  if (!vkeys.includes(String(verifier))) throw new Unverified(`the event ${event.id} does not enrol the key ${verifier}`);
  if (index > bare.receipt.index) throw new Unverified(`the key ${verifier.name} was enrolled after it signed`);
}

function checked(bare, bodies, log, policy) {
  return {
    verdict: policy?.isAnchored ? "OK" : "consistent, not anchored",
    origin: log.checkpoint.origin,
    index: Number(bare.receipt.index),
    size: Number(log.checkpoint.size),
    recordedMs: bare.recordedMs,
    signers: bare.statement.signers,
    bodies: bodies.map(text),
    cosignedBy: log.cosignedBy,
    replayedBy: log.cosignedBy.filter((name) => policy.replays.has(name)),
  };
}

export function checkFields(value, names, what) {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject || Object.keys(value).sort().join() !== [...names].sort().join()) {
    throw new Malformed(`${what} has the fields ${names.join(", ")} and no other`);
  }
}

export function textOf(value, name) {
  if (typeof value[name] !== "string") throw new Malformed(`the field \`${name}\` is not a text`);
  return value[name];
}

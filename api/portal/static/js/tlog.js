// The log's files: checkpoints and proofs (C2SP tlog-checkpoint and tlog-proof; ledger/tlog.py).

import { text, unbase64, utf8 } from "./bytes.js";
import { Malformed } from "./errors.js";
import { MAX_NOTE_BYTES } from "./note.js";

const MAX_SIZE = 2n ** 63n - 1n;
const MAX_PATH = 63;
const MAX_EXTRA_BYTES = 1 << 16;
const CHECKPOINT = /^([!-*,-~]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n((?:[ -~]+\n)*)$/;

export function parseCheckpoint(told) {
  const [, origin, size, root] = CHECKPOINT.exec(told) ?? [];
  if (origin === undefined || BigInt(size) > MAX_SIZE) {
    throw new Malformed("not a checkpoint: it needs the lines origin, size and base64 root");
  }
  return { origin, size: BigInt(size), root: unbase64(root) };
}

export function parseTlogProof(bytes) {
  if (bytes.length > MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES) throw new Malformed("the proof is too long");
  const whole = text(bytes);
  const divide = whole.indexOf("\n\n");
  const head = divide < 0 ? whole : whole.slice(0, divide);
  if (!/^[\0-\x7f]*$/.test(head)) throw new Malformed("the proof's first lines are not ASCII");
  const lines = head.split("\n");
  if (lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Malformed("the proof does not begin as a tlog-proof");
  let extra = null;
  if (lines[0]?.startsWith("extra ")) {
    extra = unbase64(lines.shift().slice(6));
    if (extra.length < 1 || extra.length > MAX_EXTRA_BYTES) throw new Malformed(`the proof's extra has ${extra.length} bytes`);
  }
  const [, index] = /^index (0|[1-9][0-9]{0,18})$/.exec(lines.shift() ?? "") ?? [];
  if (index === undefined || BigInt(index) >= MAX_SIZE) throw new Malformed("the proof has no line `index` with a number");
  const path = lines.map(unbase64);
  if (path.length > MAX_PATH || path.some((hash) => hash.length !== 32)) throw new Malformed("the proof is not at most 63 hashes of 32 bytes");
  const checkpoint = divide < 0 ? "" : whole.slice(divide + 2);
  if (checkpoint === "") throw new Malformed("the proof has no empty line with a checkpoint after it");
  return { extra, index: BigInt(index), path, checkpoint: utf8(checkpoint) };
}

// The policy file: whom a verifier trusts (C2SP tlog-policy; see ledger/policy.py).

import { unhex } from "./bytes.js";
import { Malformed, Unverified } from "./errors.js";
import { COSIGNATURE, ED25519, VerifierKey, openNote } from "./note.js";
import { parseCheckpoint } from "./tlog.js";

const NONE = "none";
const MAX_CHARACTERS = 1 << 16;

export class Policy {
  logs = [];
  witnesses = [];
  groups = [];
  quorum = null;
  genesis = null;
  replays = new Set();
  #names = new Set([NONE]);
  #free = new Set();
  #keys = [];

  static async parse(written) {
    if (written.length > MAX_CHARACTERS) throw new Malformed("the policy is too long");
    if (/[\0-\x08\x0b-\x1f\x7f]/.test(written)) throw new Malformed("the policy holds a control character");
    const lines = written.split("\n");
    if (lines.pop() !== "") throw new Malformed("the policy's last line does not end with a newline");
    const policy = new Policy();
    for (const [number, line] of lines.entries()) {
      const [keyword, ...items] = line.match(/[^ \t]+/g) ?? [];
      if (keyword === undefined || keyword.startsWith("#")) continue;
      try {
        await policy.#read(keyword, items);
      } catch (error) {
        throw error instanceof Malformed ? new Malformed(`line ${number + 1} of the policy: ${error.message}`) : error;
      }
    }
    if (policy.quorum === null) throw new Malformed("the policy has no line `quorum`");
    return policy;
  }

  get isAnchored() {
    return this.logs.length > 0 && this.genesis !== null;
  }

  isMetBy(cosigners) {
    const counted = new Set(cosigners);
    for (const { name, threshold, members } of this.groups) {
      if (members.filter((member) => counted.has(member)).length >= threshold) counted.add(name);
    }
    return this.quorum === NONE || counted.has(this.quorum);
  }

  async #read(keyword, items) {
    const [first, second, ...rest] = items;
    if (keyword === "log" && [1, 2].includes(items.length)) {
      this.logs.push(await this.#key(first, ED25519));
    } else if (keyword === "witness" && [2, 3].includes(items.length)) {
      const key = await this.#key(second, COSIGNATURE);
      this.#define(first);
      this.witnesses.push({ name: first, key });
    } else if (keyword === "group" && rest.length > 0) {
      this.#group(first, second, rest);
    } else if (keyword === "quorum" && items.length === 1) {
      if (this.quorum !== null) throw new Malformed("a second quorum");
      if (!this.#names.has(first)) throw new Malformed(`the name ${first} is not defined above`);
      this.quorum = first;
    } else if (keyword === "genesis" && items.length === 1) {
      if (this.genesis !== null) throw new Malformed("a second genesis hash");
      this.genesis = unhex(first, 32);
    } else if (keyword === "replays" && items.length > 0) {
      for (const name of items) {
        if (!this.witnesses.some((each) => each.name === name) || this.replays.has(name)) {
          throw new Malformed(`the name ${name} is not a witness defined above, or is already named`);
        }
        this.replays.add(name);
      }
    } else {
      throw new Malformed(`${keyword} with ${items.length} items means nothing here`);
    }
  }

  async #key(written, algorithm) {
    const key = await VerifierKey.parse(written);
    if (key.algorithm !== algorithm) throw new Malformed(`the key of ${key.name} is of another algorithm`);
    const line = `${key.name}+${key.keyId}`;
    const kind = `${algorithm}+${key.publicKey}`;
    if (this.#keys.includes(line) || this.#keys.includes(kind)) throw new Malformed(`the key of ${key.name} stands twice`);
    this.#keys.push(line, kind);
    return key;
  }

  #group(name, written, members) {
    for (const member of members) {
      if (!this.#free.delete(member)) throw new Malformed(`the name ${member} is not defined above, or is already a member`);
    }
    const number = /^[1-9][0-9]{0,5}$/.test(written) ? Number(written) : null;
    const threshold = { any: 1, all: members.length }[written] ?? number;
    if (threshold === null || threshold > members.length) throw new Malformed(`${written} of ${members.length} members cannot be asked for`);
    this.#define(name);
    this.groups.push({ name, threshold, members });
  }

  #define(name) {
    if (this.#names.has(name)) throw new Malformed(`the name ${name} is already taken`);
    this.#names.add(name);
    this.#free.add(name);
  }
}

// The checkpoint in a note that a log of the policy signed and the quorum cosigned.
export async function openCosigned(bytes, policy) {
  const { note, signedBy } = await openNote(bytes, [...policy.logs, ...policy.witnesses.map((each) => each.key)]);
  const checkpoint = parseCheckpoint(note.text);
  if (!policy.logs.some((key) => key.name === checkpoint.origin && signedBy.has(key))) {
    throw new Unverified(`the checkpoint is not signed by the log ${checkpoint.origin}`);
  }
  const cosignedBy = policy.witnesses.filter((each) => signedBy.has(each.key)).map((each) => each.name);
  if (!policy.isMetBy(cosignedBy)) throw new Unverified(`the checkpoint is not cosigned by the quorum ${policy.quorum}`);
  return { checkpoint, cosignedBy: cosignedBy.sort() };
}

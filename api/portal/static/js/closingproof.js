// What a closing commits to: state, history and receivable proofs, as ledger/stateproof.py,
// ledger/historyproof.py and ledger/receivableproof.py check them.

import { hex, text, unbase64, unhex, utf8 } from "./bytes.js";
import { MAX_EVENT_BYTES, MAX_PROOF_BYTES, decode } from "./canonical.js";
import { Malformed, Unverified } from "./errors.js";
import { beginChain, checkInclusion, extendChain, leafHash } from "./merkle.js";
import { checkEventProofValue, checkFields } from "./proof.js";

// Every account of the two books (ledger/postings.py), and those whose debits count upwards.
const ACCOUNTS = new Set(
  "source_original source_adjusted source_carried appropriated allotted reserved committed prepaid accrued retained ordered advance_ordered interest_ordered paid interest_paid lapsed carried cash in_transit advances payable retention_payable interest_payable equity penalty_revenue service_expense bonus_expense interest_expense".split(" "),
);
// Those that are kept by line or lot are no contract's, though a contract's event moves them.
const NO_CONTRACTS = new Set(
  "source_original source_adjusted source_carried appropriated allotted reserved lapsed carried cash equity penalty_revenue".split(" "),
);
const DEBIT_NORMAL = new Set("cash advances service_expense bonus_expense interest_expense".split(" "));
const DAY_MS = 24 * 60 * 60 * 1000;
const AHEAD_MS = 10 * 60 * 1000;
const OPENING_LINE = 2;
const OPENING = utf8('{"entry":');

export async function checkStateProof(bytes, policy) {
  return checkStateValue(decode(bytes, MAX_PROOF_BYTES), policy);
}

async function checkStateValue(proof, policy) {
  checkFields(proof, ["closing", "leaf", "leaf_index", "path"], "a state proof");
  if (typeof proof.leaf !== "string" || !Number.isSafeInteger(proof.leaf_index)) throw new Malformed("a state proof's leaf is a text, and its place a number");
  if (!Array.isArray(proof.path) || !proof.path.every((each) => typeof each === "string")) throw new Malformed("the path is not a list of hashes");
  const closing = await checkEventProofValue(proof.closing, policy);
  const event = decode(utf8(closing.bodies[0]));
  if (event.type !== "ledger.closed") throw new Unverified("the event proved is no closing");
  if (event.log_size !== closing.index) throw new Unverified(`the closing of ${event.log_size} statements stands at ${closing.index}`);
  const leaf = utf8(proof.leaf);
  const root = unhex(event.state_root, 32);
  await checkInclusion(await leafHash(leaf), BigInt(proof.leaf_index), BigInt(event.state_size), proof.path.map(unbase64), root);
  const told = decode(leaf);
  if (told.origin !== closing.origin || told.size !== event.log_size) throw new Unverified("the leaf is of another log or size than its closing");
  return { leaf: told, key: told.key, logSize: event.log_size, closing };
}

// Lines of canonical JSON: a state proof, a contract's proof of the ledger's opening, then every event of the subject with its postings.
export async function checkHistoryProof(bytes, policy) {
  let state = null;
  let history = null;
  let number = 0;
  for (let start = 0; start < bytes.length; ) {
    number += 1;
    const end = bytes.indexOf(10, start);
    if (end < 0) throw new Malformed(`line ${number} has no end: the file was cut off, or is no history proof`);
    const line = bytes.subarray(start, end);
    start = end + 1;
    if (state === null) {
      state = await checkStateProof(line, policy);
      history = new History(state);
      await history.begin();
    } else if (number === OPENING_LINE && startsWith(line, OPENING)) {
      await checkOpening(line, policy, state);
    } else if (line.length > MAX_EVENT_BYTES) {
      throw new Malformed(`line ${number} is longer than an event can be`);
    } else if (line[0] === 0x5b) {
      history.post(decode(line));
    } else {
      await history.touch(line);
    }
  }
  if (state === null) throw new Malformed("line 1 has no end: the file was cut off, or is no history proof");
  history.whole();
  return { state, events: history.events };
}

// A contract's days are the ledger's local ones: what opened it says how far east they begin.
async function checkOpening(line, policy, state) {
  const opening = await checkEventProofValue(decode(line, MAX_PROOF_BYTES), policy);
  const event = decode(utf8(opening.bodies[0]));
  if (event.type !== "ledger.opened" || opening.index !== 0 || !state.key.startsWith("contract/")) {
    throw new Unverified("what stands before a contract's events is not the ledger's opening");
  }
  if (opening.origin !== state.closing.origin) throw new Unverified("the opening is of another ledger than the closing");
}

const startsWith = (line, bytes) => bytes.every((byte, at) => line[at] === byte);

class History {
  events = 0;
  #sums = new Map();

  constructor(state) {
    this.leaf = state.leaf;
    [this.kind] = state.key.split("/", 1);
    this.name = state.key.slice(this.kind.length + 1);
  }

  async begin() {
    this.chain = await beginChain(utf8(this.leaf.key));
  }

  async touch(body) {
    if (this.events === this.leaf.events) throw new Unverified(`the closing counts ${this.events} events, and here is one more`);
    const event = decode(body);
    if (typeof event.type !== "string") throw new Malformed("a line is no event");
    this.events += 1;
    this.chain = await extendChain(this.chain, await leafHash(body));
  }

  post(posting) {
    const [debit, credit, line, about, fen] = posting;
    const isForm = posting.length === 5 && posting.slice(0, 4).every((each) => typeof each === "string");
    if (!isForm || !Number.isSafeInteger(fen)) throw new Malformed("a posting has four names, and fen");
    if (fen <= 0 || !ACCOUNTS.has(debit) || !ACCOUNTS.has(credit)) throw new Malformed("a posting moves more than nothing between two accounts of the chart");
    if (this.events === 0 || !["contract", "line", "tender"].includes(this.kind)) {
      throw new Malformed("a posting stands where there is nothing that could have posted it");
    }
    const mine = {
      contract: about === this.name,
      line: line === this.name,
      tender: debit === "reserved" || credit === "reserved",
    };
    if (!mine[this.kind]) throw new Unverified(`the posting is not about ${this.leaf.key}`);
    this.#book(line, debit, DEBIT_NORMAL.has(debit) ? fen : -fen);
    this.#book(line, credit, DEBIT_NORMAL.has(credit) ? -fen : fen);
  }

  #book(line, account, change) {
    if (this.kind === "contract" && NO_CONTRACTS.has(account)) return;
    const name = this.kind === "contract" ? `${line}/${account}` : account;
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + change);
  }

  whole() {
    if (this.events !== this.leaf.events) {
      throw new Unverified(`the closing counts ${this.leaf.events} events of ${this.leaf.key}, the file has ${this.events}: it was cut off, or something was left out`);
    }
    if (hex(this.chain) !== this.leaf.chain) throw new Unverified(`the events are not those of ${this.leaf.key}, or not in their order`);
    const closed = this.#closed();
    for (const name of new Set([...closed.keys(), ...this.#sums.keys()])) {
      if (this.kind === "tender" && name !== "reserved") continue;
      if ((closed.get(name) ?? 0) !== (this.#sums.get(name) ?? 0)) {
        throw new Unverified(`${name} is ${closed.get(name) ?? 0} at the closing, and the file's postings come to ${this.#sums.get(name) ?? 0}`);
      }
    }
  }

  #closed() {
    if (this.kind === "contract") {
      const each = this.leaf.lines.flatMap((line) =>
        Object.entries(line).filter(([name]) => ACCOUNTS.has(name)).map(([name, fen]) => [`${line.line}/${name}`, fen]),
      );
      return new Map(each);
    }
    if (this.kind === "line") return new Map([...ACCOUNTS].map((account) => [account, this.leaf[account]]));
    return this.kind === "tender" ? new Map([["reserved", this.leaf.reserved_fen]]) : new Map();
  }
}

export async function checkReceivableProof(bytes, policy) {
  const proof = decode(bytes, MAX_PROOF_BYTES);
  const hasMore = typeof proof === "object" && proof !== null && ("since" in proof || "confirmed" in proof);
  checkFields(proof, hasMore ? ["claim", "confirmed", "since", "state"] : ["claim", "state"], "a receivable proof");
  const state = await checkStateValue(proof.state, policy);
  if (!state.key.startsWith("contract/")) throw new Unverified(`a receivable is proved by its contract's state, not that of ${state.key}`);
  const owed = state.leaf.claims.find((each) => each.claim === proof.claim);
  if (owed === undefined) throw new Unverified(`nothing of the claim ${proof.claim} was unpaid at the closing`);
  const confirmed = hasMore ? await checkEventProofValue(proof.confirmed, policy) : null;
  return {
    state,
    claim: proof.claim,
    contract: state.key.slice("contract/".length),
    provider: state.leaf.provider,
    buyer: state.leaf.buyer,
    status: owed.status,
    unpaidFen: owed.unpaid_fen,
    disputedFen: owed.disputed_fen,
    assignedTo: owed.assigned_to ?? null,
    confirmedFen: hasMore ? await confirmedFen(proof.claim, confirmed, proof.since, state) : null,
    confirmed,
  };
}

// A lender may rely on a closing for a day: since then the sum may have been paid or assigned.
export function checkFresh({ state }, nowMs) {
  const ageMs = nowMs - state.closing.recordedMs;
  if (ageMs < -AHEAD_MS || ageMs > DAY_MS) throw new Unverified("the closing is not of the last 24 hours");
}

async function confirmedFen(claim, confirmed, since, state) {
  checkFields(since, ["chain", "events"], "`since`");
  if (typeof since.chain !== "string" || !/^[0-9a-f]{64}$/.test(since.chain)) throw new Malformed("the rolling hash before the confirmation is not 64 hex digits");
  const { events } = since;
  if (!Array.isArray(events) || !events.every((each) => typeof each === "string")) throw new Malformed("the events since the confirmation are not a list of texts");
  let chain = unhex(since.chain, 32);
  for (const body of events) chain = await extendChain(chain, await leafHash(utf8(body)));
  if (hex(chain) !== state.leaf.chain) throw new Unverified("the events since the confirmation are not those of the contract's leaf");
  if (events[0] !== confirmed.bodies[0]) throw new Unverified("the event proved is not the first since the confirmation");
  const [first, ...later] = events.map((body) => decode(utf8(body)));
  if (first.type !== "receivable.confirmed" || first.claim !== claim) throw new Unverified(`the event proved does not confirm a receivable on ${claim}`);
  if (later.some((each) => ["receivable.released", "receivable.requested"].includes(each.type) && each.claim === claim)) {
    throw new Unverified(`the confirmation of ${claim} was given up before the closing`);
  }
  return first.amount_fen;
}

// Which kind of evidence a file is, by its first line.
export function kindOf(bytes) {
  const end = bytes.indexOf(10);
  const first = end < 0 ? bytes : bytes.subarray(0, end);
  if (text(first.subarray(0, 64).filter((byte) => byte < 0x80)).startsWith("c2sp.org/tlog-proof@")) return "receipt";
  let value = null;
  try {
    value = JSON.parse(text(first));
  } catch {
    value = null;
  }
  const kinds = Object.entries({ receipt: "event", leaf: "state", claim: "receivable" }).filter(
    ([field]) => typeof value === "object" && value !== null && field in value,
  );
  if (kinds.length !== 1) throw new Malformed("the file is neither a receipt nor a proof of an event, state, history or receivable");
  return kinds[0][1] === "state" && end >= 0 ? "history" : kinds[0][1];
}

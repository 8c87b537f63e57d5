// Checks what a Python test wrote, with the modules that browsers load.
//
//     node check.mjs FOLDER_OF_MODULES < cases.json
//
// prints a JSON list: for each case its verdict, or the name of the error.

import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`);
const load = (name) => import(new URL(name, folder));
const { checkEventProof, checkReceipt } = await load("proof.js");
const closing = await load("closingproof.js");
const { Policy } = await load("policy.js");
const { checkSignature } = await load("ed25519.js");
const { decode } = await load("canonical.js");
const { open } = await load("keyfile.js");
const { signLine } = await load("keystore.js");
const { formatLine, parseNote, VerifierKey } = await load("note.js");
const { parseStatement, decodeFile, statementText, statementId } = await load("statement.js");

const bytes = (encoded) => new Uint8Array(Buffer.from(encoded, "base64"));
const KINDS = {
  event: async ({ file, policy }) => (await checkEventProof(file, policy)).verdict,
  receipt: async ({ file, statement, policy }) => (await checkReceipt(statement, file, policy)).verdict,
  state: async ({ file, policy }) => (await closing.checkStateProof(file, policy)).closing.verdict,
  history: async ({ file, policy }) => (await closing.checkHistoryProof(file, policy)).state.closing.verdict,
  receivable: async ({ file, policy }) => {
    const found = await closing.checkReceivableProof(file, policy);
    return `${found.state.closing.verdict} ${found.unpaidFen} ${found.confirmedFen} ${found.assignedTo}`;
  },
  kind: async ({ file }) => closing.kindOf(file),
  canonical: async ({ file }) => (decode(file), "OK"),
  note: async ({ file }) => (parseNote(file), "OK"),
  statement: async ({ file }) => (parseStatement(decodeFile(file).note), "OK"),
  policy: async ({ file }) => (await Policy.parse(Buffer.from(file).toString()), "OK"),
  key: async ({ file }) => String(await VerifierKey.parse(Buffer.from(file).toString())),
  signature: async ({ file, key, message }) => (await checkSignature(key, message, file), "OK"),
  keyfile: async ({ file, password, message }) => {
    const key = await open(Buffer.from(file).toString(), Buffer.from(password).toString());
    return formatLine(await signLine(Buffer.from(message).toString(), key));
  },
  text: async ({ file }) => {
    const { note, bodies } = decodeFile(file);
    const { origin, madeAt, signers } = parseStatement(note);
    const told = await statementText(origin, madeAt, signers, bodies);
    return `${told}${await statementId(told)}`;
  },
};

let input = "";
for await (const chunk of process.stdin) input += chunk;
const answers = [];
for (const given of JSON.parse(input)) {
  try {
    const { kind, policy, ...files } = given;
    const read = Object.fromEntries(Object.entries(files).map(([name, encoded]) => [name, bytes(encoded)]));
    read.policy = policy === undefined ? null : await Policy.parse(policy);
    answers.push(await KINDS[kind](read));
  } catch (error) {
    if (!["Malformed", "Unverified", "Refused"].includes(error.name)) error.name = `${error.stack}`;
    answers.push(error.name);
  }
}
console.log(JSON.stringify(answers));

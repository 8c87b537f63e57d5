// Keys of this browser: made by WebCrypto, kept in IndexedDB, and never to be taken out.

import { VerifierKey } from "./note.js";
import { utf8 } from "./bytes.js";
import { partyOf } from "./statement.js";

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function store(mode) {
  const opening = indexedDB.open("sunledger", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys", { keyPath: "name" });
  return (await asked(opening)).transaction("keys", mode).objectStore("keys");
}

export const list = async () => asked((await store("readonly")).getAll());
export const forget = async (name) => asked((await store("readwrite")).delete(name));

export async function make(name) {
  partyOf(name);
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const vkey = String(await VerifierKey.of(name, publicKey));
  // `add`, not `put`: a key is never written over.
  await asked((await store("readwrite")).add({ name, vkey, privateKey: pair.privateKey }));
  return vkey;
}

// The line by which a key signs a text: `{ vkey, privateKey }`.
export async function signLine(told, { vkey, privateKey }) {
  const { name, keyId } = await VerifierKey.parse(vkey);
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, utf8(told)));
  return { name, keyId, signature };
}

// Key files of the command line (ledger/keys.py): PKCS#8, encrypted by scrypt and AES-256-CBC.
//
// WebCrypto does AES and PBKDF2. Scrypt (RFC 7914) is PBKDF2 around a mixing function that it
// lacks; that one is here. The password and the key stay in this page, for one use.

import { unbase64, utf8 } from "./bytes.js";
import { Malformed } from "./errors.js";
import { VerifierKey } from "./note.js";

const HEADER = /^Name: ([^\n]+)\nUse: ([a-z]+)\nHolder: ([^\n]+)\nVerifier: ([^\n]+)\n\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END ENCRYPTED PRIVATE KEY-----\n$/;
const PBES2 = "42.134.72.134.247.13.1.5.13";
const SCRYPT = "43.6.1.4.1.218.71.4.11";
const AES_256_CBC = "96.134.72.1.101.3.4.1.42";
const MAX_MEMORY = 64 << 20; // four times what our files ask for

export async function open(written, password) {
  const [, name, use, , verifier, body] = HEADER.exec(written) ?? [];
  if (name === undefined) throw new Malformed("this is no key file; `sunledger key new` makes one");
  const vkey = await VerifierKey.parse(verifier);
  if (vkey.name !== name) throw new Malformed("the key file gives two names");
  const { salt, n, r, p, iv, data } = parameters(unbase64(body.replaceAll("\n", "")));
  const derived = await scrypt(utf8(password), salt, n, r, p, 32);
  const key = await crypto.subtle.importKey("raw", derived, "AES-CBC", false, ["decrypt"]);
  let privateKey;
  try {
    const pkcs8 = await crypto.subtle.decrypt({ name: "AES-CBC", iv }, key, data);
    privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  } catch {
    throw new Malformed("the password does not open this key file");
  }
  return { name, use, vkey: verifier, privateKey };
}

function parameters(der) {
  const [whole] = values(der);
  const [scheme, encrypted] = values(whole);
  const [pbes2, both] = values(scheme);
  const [kdf, cipher] = values(both);
  const [kdfName, kdfParameters] = values(kdf);
  const [cipherName, iv] = values(cipher);
  if (pbes2.join(".") !== PBES2 || kdfName.join(".") !== SCRYPT || cipherName.join(".") !== AES_256_CBC) {
    throw new Malformed("the key file is encrypted in another way than `sunledger key new` does");
  }
  const [salt, ...costs] = values(kdfParameters);
  const [n, r, p] = costs.map((bytes) => bytes.reduce((sum, byte) => sum * 256 + byte, 0));
  if (n < 2 || n & (n - 1) || n * r * 128 > MAX_MEMORY || r < 1 || p < 1 || p > 16) {
    throw new Malformed("the key file asks for more work than a browser does");
  }
  return { salt, n, r, p, iv, data: encrypted };
}

// The contents of the DER values (X.690) that stand one behind the other.
function values(der) {
  const found = [];
  for (let at = 0; at < der.length; ) {
    let size = der[at + 1];
    let start = at + 2;
    if (size === 0x81) size = der[start++];
    else if (size > 0x7f) throw new Malformed("the key file is larger than a key");
    if (start + size > der.length) throw new Malformed("the key file was cut off");
    at = start + size;
    found.push(der.subarray(start, at));
  }
  return found;
}

export async function scrypt(password, salt, n, r, p, size) {
  const blocks = await pbkdf2(password, salt, p * 128 * r);
  const words = new Uint32Array(blocks.buffer);
  for (let i = 0; i < p; i += 1) mix(words.subarray(i * 32 * r, (i + 1) * 32 * r), n, r);
  return pbkdf2(password, new Uint8Array(words.buffer), size);
}

async function pbkdf2(password, salt, size) {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: 1 };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, size * 8));
}

// scryptROMix (RFC 7914, 5), in place; words are little-endian, as on every machine with a browser.
function mix(x, n, r) {
  const size = 32 * r;
  const table = new Uint32Array(n * size);
  for (let i = 0; i < n; i += 1) {
    table.set(x, i * size);
    blockMix(x, r);
  }
  for (let i = 0; i < n; i += 1) {
    const j = x[size - 16] & (n - 1);
    for (let k = 0; k < size; k += 1) x[k] ^= table[j * size + k];
    blockMix(x, r);
  }
}

function blockMix(b, r) {
  const out = new Uint32Array(b.length);
  const x = b.slice(-16);
  for (let i = 0; i < 2 * r; i += 1) {
    for (let k = 0; k < 16; k += 1) x[k] ^= b[i * 16 + k];
    salsa(x);
    out.set(x, ((i >> 1) + (i & 1) * r) * 16);
  }
  b.set(out);
}

// Salsa20/8: the order in which words are turned, four at a time.
const ROUNDS = [
  [0, 4, 8, 12], [5, 9, 13, 1], [10, 14, 2, 6], [15, 3, 7, 11],
  [0, 1, 2, 3], [5, 6, 7, 4], [10, 11, 8, 9], [15, 12, 13, 14],
];

function salsa(b) {
  const x = b.slice();
  const turn = (a, c, d, bits) => {
    const sum = (x[c] + x[d]) | 0;
    x[a] ^= (sum << bits) | (sum >>> (32 - bits));
  };
  for (let round = 0; round < 4; round += 1) {
    for (const [a, c, d, e] of ROUNDS) {
      turn(c, a, e, 7);
      turn(d, c, a, 9);
      turn(e, d, c, 13);
      turn(a, e, d, 18);
    }
  }
  for (let i = 0; i < 16; i += 1) b[i] += x[i];
}

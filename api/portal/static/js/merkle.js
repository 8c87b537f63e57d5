// The Merkle tree of RFC 6962: leaf and node hashes, a root over all leaves, inclusion proofs.

import { concat, equal, sha256 } from "./bytes.js";
import { Unverified } from "./errors.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const CHAIN = Uint8Array.of(2);

export const leafHash = (data) => sha256(LEAF, data);
export const nodeHash = (left, right) => sha256(NODE, left, right);

// The rolling hash of all events that touch a subject: complete, and in their order.
export const beginChain = (key) => sha256(CHAIN, key);
export const extendChain = (chain, leaf) => sha256(CHAIN, chain, leaf);

export async function rootOf(leaves) {
  let level = leaves;
  while (level.length > 1) {
    const above = [];
    for (let i = 0; i + 1 < level.length; i += 2) above.push(await nodeHash(level[i], level[i + 1]));
    if (level.length % 2) above.push(level[level.length - 1]);
    level = above;
  }
  return level.length ? level[0] : sha256(concat());
}

// RFC 9162, 2.1.3.2. Index and size are BigInt: a log may be larger than a double counts.
export async function checkInclusion(leaf, index, size, path, root) {
  if (index < 0n || index >= size) throw new Unverified(`leaf ${index} is not in a tree of ${size}`);
  if (path.some((hash) => hash.length !== 32)) throw new Unverified("a proof holds a hash that is not 32 bytes long");
  let node = index;
  let last = size - 1n;
  let computed = leaf;
  for (const sibling of path) {
    if (last === 0n) throw new Unverified("the inclusion proof is too long");
    if (node & 1n || node === last) {
      computed = await nodeHash(sibling, computed);
      while (!(node & 1n) && node) {
        node >>= 1n;
        last >>= 1n;
      }
    } else {
      computed = await nodeHash(computed, sibling);
    }
    node >>= 1n;
    last >>= 1n;
  }
  if (last) throw new Unverified("the inclusion proof is too short");
  if (!equal(computed, root)) throw new Unverified("the inclusion proof leads to another root");
}

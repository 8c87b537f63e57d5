// Ed25519 (RFC 8032), accepting only what every standard library accepts (ledger/signature.py):
// no key and no commitment of low order, no encoding that is not canonical.

import { Unverified } from "./errors.js";
import { hex } from "./bytes.js";

// The y-coordinates of the points of low order, as encoded without the sign bit.
const LOW_ORDER = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  `ec${"ff".repeat(30)}7f`,
]);

function isSound(point) {
  const y = point.slice();
  y[31] &= 0x7f;
  const beyond = y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff) && y[0] >= 0xed;
  return !beyond && !LOW_ORDER.has(hex(y));
}

export async function checkSignature(publicKey, message, signature) {
  if (publicKey.length !== 32 || signature.length !== 64) {
    throw new Unverified("key or signature are not of the size of Ed25519's");
  }
  let holds = isSound(publicKey) && isSound(signature.subarray(0, 32));
  if (holds) {
    try {
      const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
      holds = await crypto.subtle.verify("Ed25519", key, signature, message);
    } catch (error) {
      if (error.name === "NotSupportedError") throw error;
      holds = false; // no point of the curve
    }
  }
  if (!holds) throw new Unverified("the Ed25519 signature does not match its key and message");
}

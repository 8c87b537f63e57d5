"""Ed25519 signatures (RFC 8032): which public keys and which signatures count.

The many verifiers in use agree on every honest signature and disagree on crafted ones. A ledger
that is replayed for decades, by programs that are not ours, must accept only what every standard
library accepts. libsodium's verifier, which is used here, has that rule. It refuses

- a public key A or a commitment R of low order (it would verify for many messages),
- a non-canonical encoding of A or R (a coordinate at or above 2^255 − 19),
- a scalar S at or above the order of the base point,
- and checks the equation of RFC 8032, 5.1.7 without the cofactor: a low-order residue fails.

In the words of the 914 edge vectors of C2SP (CCTV, `ed25519vectors.json`): a signature is accepted
exactly when its vector has none of the flags `low_order_A`, `low_order_R`, `low_order_residue`,
`non_canonical_A`, `non_canonical_R`; 43 are accepted. OpenSSL (the library `cryptography`) refuses
only `low_order_residue` and `non_canonical_R` and so accepts these 43 and 165 more, all of them
with a key or a commitment of low order; it is never stricter.

`check_public_key` is asked once, when a key is enrolled: it is stricter still and takes only
points of the prime-order subgroup, which is where every honest key lies. `check_signature` does
not rely on it.
"""

from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import BadSignatureError

from ledger.errors import Malformed, Unverified

PUBLIC_KEY_SIZE = 32
SIGNATURE_SIZE = 64


def check_signature(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Check that the owner of `public_key` signed `message`.

    Costs about 40 µs, during which other threads run.

    Raises:
        Unverified: the signature does not hold, or key or signature are not of their size.

    """
    # The sizes are checked here and first: the library joins signature and message, so that a
    # longer one of the two could pass for another split, and it reads a key's 32 bytes unseen.
    if len(signature) != SIGNATURE_SIZE or len(public_key) != PUBLIC_KEY_SIZE:
        raise Unverified(
            f"a signature of {len(signature)} bytes by a key of {len(public_key)} is not Ed25519"
        )
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError as error:
        raise Unverified("the Ed25519 signature does not match its key and message") from error


def check_public_key(public_key: bytes) -> None:
    """Check that `public_key` may be enrolled: canonical, on the curve, of prime order.

    Raises:
        Malformed: it is not 32 bytes, does not decode (RFC 8032, 5.1.3), is not the canonical
            encoding of its point, or its point has a component of low order.

    """
    if len(public_key) != PUBLIC_KEY_SIZE:
        raise Malformed(f"an Ed25519 public key has 32 bytes, not {len(public_key)}")
    if not crypto_core_ed25519_is_valid_point(public_key):
        raise Malformed(
            f"the Ed25519 public key {public_key.hex()} is not a point of the prime-order group"
        )

"""A verdict on each published Ed25519 edge vector, by a rule that is stated here."""

import functools
import json
import threading
from typing import Any

import needs
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Malformed, Unverified
from ledger.signature import check_public_key, check_signature

VECTORS = 914
LOW_ORDER = {"low_order_A", "low_order_R"}
NON_CANONICAL = {"non_canonical_A", "non_canonical_R"}

SEED = bytes(range(32))
PRIVATE = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = PRIVATE.public_key().public_bytes_raw()
ORDER = 2**252 + 27742317777372353535851937790883648493


def rule_of_the_ledger(flags: set[str]) -> bool:
    """Accept unless key or commitment is of low order or not canonical, or the equation fails."""
    return not flags & {*LOW_ORDER, *NON_CANONICAL, "low_order_residue"}


def rule_of_openssl(flags: set[str]) -> bool:
    """Accept unless the commitment is not canonical or the equation fails; any key will do."""
    return not flags & {"non_canonical_R", "low_order_residue"}


def rule_of_enrolment(flags: set[str]) -> bool:
    """Take only canonical keys without a component of low order."""
    return not flags & {"low_order_A", "low_order_component_A", "non_canonical_A"}


@functools.cache
def vectors() -> list[dict[str, Any]]:
    """Return the edge vectors; `flags` is null where there are none."""
    path = needs.data("tlog/cctv/ed25519/ed25519vectors.json")
    found: list[dict[str, Any]] = json.loads(path.read_text("ascii"))
    for vector in found:
        vector["flags"] = set(vector["flags"] or [])
        vector["key"], vector["sig"] = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sig"])
        vector["msg"] = vector["msg"].encode()
    return found


def accepted(vector: dict[str, Any]) -> bool:
    """Return our verdict."""
    try:
        check_signature(vector["key"], vector["msg"], vector["sig"])
    except Unverified:
        return False
    return True


def accepted_by_openssl(vector: dict[str, Any]) -> bool:
    """Return the verdict of `cryptography`."""
    try:
        Ed25519PublicKey.from_public_bytes(vector["key"]).verify(vector["sig"], vector["msg"])
    except InvalidSignature:
        return False
    return True


def enrolled(vector: dict[str, Any]) -> bool:
    """Return whether the vector's key may be enrolled."""
    try:
        check_public_key(vector["key"])
    except Malformed:
        return False
    return True


def test_every_edge_vector_is_judged_by_the_stated_rule() -> None:
    """All 914: our verdict is the predicate's; 43 are accepted."""
    assert len(vectors()) == VECTORS
    wrong = [v["number"] for v in vectors() if accepted(v) != rule_of_the_ledger(v["flags"])]
    assert wrong == []
    assert sum(map(accepted, vectors())) == 43


def test_where_openssl_judges_otherwise_is_known() -> None:
    """OpenSSL accepts our 43 and 165 more, every one with a key or commitment of low order."""
    wrong = [
        v["number"] for v in vectors() if accepted_by_openssl(v) != rule_of_openssl(v["flags"])
    ]
    assert wrong == []
    differing = [v for v in vectors() if accepted(v) != accepted_by_openssl(v)]
    assert len(differing) == 165
    assert all(accepted_by_openssl(v) for v in differing)
    assert all(v["flags"] & LOW_ORDER for v in differing)


def test_every_edge_key_is_judged_by_the_rule_of_enrolment() -> None:
    """No key of low order, of mixed order, or in another spelling can be enrolled."""
    wrong = [v["number"] for v in vectors() if enrolled(v) != rule_of_enrolment(v["flags"])]
    assert wrong == []
    assert {enrolled(v) for v in vectors()} == {True, False}


def test_an_honest_signature_holds() -> None:
    """What RFC 8032 signs is accepted, of any length of message."""
    check_public_key(PUBLIC)
    for message in (b"", b"a", b"b" * 100_000):
        check_signature(PUBLIC, message, PRIVATE.sign(message))


@given(st.binary(max_size=80), st.integers(0, 64 * 8 - 1))
def test_any_flipped_bit_of_a_signature_is_noticed(message: bytes, bit: int) -> None:
    """A signature is one byte string, not a family."""
    signature = bytearray(PRIVATE.sign(message))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unverified):
        check_signature(PUBLIC, message, bytes(signature))


def test_a_scalar_raised_by_the_order_is_refused() -> None:
    """S + L satisfies the equation; accepting it would give each signature a twin."""
    signature = PRIVATE.sign(b"message")
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    with pytest.raises(Unverified):
        check_signature(PUBLIC, b"message", signature[:32] + scalar.to_bytes(32, "little"))


def test_bytes_cannot_move_between_signature_and_message() -> None:
    """Joined they would be what was signed; apart they are another signature and message."""
    signature = PRIVATE.sign(b"message")
    for split in (0, 32, 63, 65, 70):
        joined = signature + b"message"
        with pytest.raises(Unverified):
            check_signature(PUBLIC, joined[split:], joined[:split])


def test_keys_of_another_size_never_reach_the_library() -> None:
    """Short keys would be read beyond their end."""
    signature = PRIVATE.sign(b"message")
    for key in (b"", PUBLIC[:31], PUBLIC + b"\0"):
        with pytest.raises(Unverified):
            check_signature(key, b"message", signature)
        with pytest.raises(Malformed):
            check_public_key(key)


def test_a_point_off_the_curve_cannot_be_enrolled() -> None:
    """The curve has no point whose y is 2."""
    with pytest.raises(Malformed):
        check_public_key((2).to_bytes(32, "little"))


def test_checking_lets_other_threads_run() -> None:
    """Two threads check at the same time and neither sees the other's verdict."""
    message = b"message" * 1000
    good = PRIVATE.sign(message)
    bad = good[:-1] + bytes([good[-1] ^ 1])
    wrong: list[str] = []

    def check(signature: bytes, *, holds: bool) -> None:
        for _ in range(50):
            try:
                check_signature(PUBLIC, message, signature)
            except Unverified:
                if holds:
                    wrong.append("refused")
            else:
                if not holds:
                    wrong.append("accepted")

    threads = [
        threading.Thread(target=check, args=(signature,), kwargs={"holds": holds})
        for signature, holds in ((good, True), (bad, False))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []

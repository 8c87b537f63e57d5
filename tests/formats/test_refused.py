"""Signed refusals: what an operator says no to, and what is not one."""

import pytest

from ledger.errors import Malformed, Unverified
from ledger.note import Ed25519Signer, sign_note
from ledger.refused import CONTEXT, SignedRefusal, open_refusal, read_refusal, sign_refusal

OPERATOR = Ed25519Signer("data/office", bytes([7]) * 32)
OTHER = Ed25519Signer("data/office", bytes([8]) * 32)
ID = bytes(range(32))
TEXT = f"{CONTEXT}\nledger.test\n{ID.hex()}\nkey_revoked\n1970-01-01T00:00:05.000Z\n"


def test_what_is_signed_is_what_is_opened() -> None:
    """Origin, statement, code and time come back, with the name of the key that signed."""
    note = sign_refusal("ledger.test", ID, "key_revoked", 5_000, OPERATOR)
    told = SignedRefusal("ledger.test", ID, "key_revoked", 5_000, ("data/office",))
    assert open_refusal(note, [OPERATOR.verifier]) == told
    assert read_refusal(note) == told
    assert note.decode().startswith(TEXT + "\n— data/office ")


def test_a_refusal_by_another_key_or_changed_is_no_refusal() -> None:
    """What the operator did not sign shows nothing about it."""
    note = sign_refusal("ledger.test", ID, "key_revoked", 5_000, OPERATOR)
    with pytest.raises(Unverified, match="none of the keys"):
        open_refusal(note, [OTHER.verifier])
    with pytest.raises(Unverified, match="does not hold"):
        open_refusal(note.replace(b"key_revoked", b"key_unknown"), [OPERATOR.verifier])


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("refusal/v1", "session/v1"),
        TEXT + "more\n",
        TEXT.replace(ID.hex(), ID.hex().upper()),
        TEXT.replace("key_revoked", "key revoked"),
        TEXT.replace("05.000Z", "05Z"),
        TEXT.replace("1970-01-01", "1970-02-30"),
    ],
)
def test_another_text_is_no_refusal_whoever_signed_it(text: str) -> None:
    """The five lines and nothing else: no other signed text can be taken for a refusal."""
    with pytest.raises(Malformed):
        open_refusal(sign_note(text, OPERATOR), [OPERATOR.verifier])

r"""Signed refusals: that a party asked, and was told no.

An operator can refuse a statement, and a party must be able to show that it asked. So a refusal is
a note that the operator signs:

    sunledger/refusal/v1
    <origin of the ledger>
    <id of the statement: SHA-256 of its text, in hex>
    <refusal code>
    <when it was refused, RFC 3339 UTC ms Z>

    — lushan-data/office-2026 …

It shows who refused what, when and by which rule; the statement file beside it shows what was
asked. `open_refusal` verifies or raises.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from ledger.errors import Malformed
from ledger.note import Signer, VerifierKey, open_note, parse_note, sign_note
from ledger.times import format_instant, parse_instant

CONTEXT = "sunledger/refusal/v1"

_TEXT = re.compile(rf"{CONTEXT}\n([!-*,-~]+)\n([0-9a-f]{{64}})\n([a-z][a-z_]*)\n([!-~]+)\n")


class SignedRefusal(NamedTuple):
    """What a refusal says.

    Attributes:
        origin: the ledger that refused.
        statement_id: SHA-256 of the text of the statement that was refused.
        code: why, a name from `ledger.refusals`.
        refused_ms: when, milliseconds since the epoch.
        signed_by: names of the keys that signed it; of those given when it was verified, of all
            when it was only read.

    """

    origin: str
    statement_id: bytes
    code: str
    refused_ms: int
    signed_by: tuple[str, ...]


def sign_refusal(
    origin: str, statement_id: bytes, code: str, refused_ms: int, operator: Signer
) -> bytes:
    """Return the note by which `operator` says that a statement was refused."""
    when = format_instant(refused_ms)
    return sign_note(f"{CONTEXT}\n{origin}\n{statement_id.hex()}\n{code}\n{when}\n", operator)


def open_refusal(data: bytes, keys: Iterable[VerifierKey]) -> SignedRefusal:
    """Return what a refusal says, verified by the operator's `keys`.

    Raises:
        Malformed: not a note, or its text not a refusal.
        Unverified: a signature does not hold, or none of these keys signed.

    """
    opened = open_note(data, keys)
    return _parse(opened.note.text, [line.name for line in opened.verified])


def read_refusal(data: bytes) -> SignedRefusal:
    """Return what a refusal says; nothing is verified.

    Raises:
        Malformed: not a note, or its text not a refusal.

    """
    note = parse_note(data)
    return _parse(note.text, [line.name for line in note.signatures])


def _parse(text: str, names: Iterable[str]) -> SignedRefusal:
    match = _TEXT.fullmatch(text)
    if match is None:
        raise Malformed(f"the note is no refusal: its text is not the five lines of {CONTEXT}")
    origin, statement_id, code, when = match.groups()
    return SignedRefusal(
        origin, bytes.fromhex(statement_id), code, parse_instant(when), tuple(names)
    )

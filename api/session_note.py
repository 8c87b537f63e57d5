"""The text by which a reader shows who it is: built and signed by the client, never by the server.

    sunledger/session/v1
    ledger.example.gov.cn                  the ledger it is for
    portal.example.gov.cn                  the server it is meant for, as the client reached it
    68f1c2d45b0e7c9a13fa9921d07be3c4       the server's nonce
    2026-03-01T08:00:01.000Z               when it was made

is signed as a C2SP note by one key of a party, whatever its use: a key for `session` can sign
nothing else. The server chooses 32 hex digits and nothing more, so it cannot have a statement, or
a session of another server, signed in its place; and the host is the client's own, so a server
that stands between cannot pass the signature on.
"""

import re
from typing import NamedTuple

from ledger.errors import Malformed
from ledger.note import Note, Signer, parse_note, sign_note
from ledger.statement import check_origin, split_key_name
from ledger.times import format_instant, parse_instant

CONTEXT = "sunledger/session/v1"
MAX_BYTES = 8_192
"""A signed session text has some 300 bytes; names have their limits."""

_HOST = r"(?:[a-z0-9](?:[a-z0-9.-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::[1-9][0-9]{0,4})?"
_TEXT = re.compile(
    rf"{re.escape(CONTEXT)}\n"
    r"([a-z0-9.-]+(?:/[a-z0-9._-]+)*)\n"
    rf"({_HOST})\n"
    r"([0-9a-f]{32})\n"
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\n",
    re.ASCII,
)


class SessionNote(NamedTuple):
    """A signed session text as read, its signature not yet checked.

    Attributes:
        origin: the ledger it is for.
        host: the server it is meant for.
        nonce: the server's nonce, 32 hex digits.
        made_at_ms: when it was made, claimed, milliseconds since the epoch.
        party: the party whose key signed.
        key: name of that key.
        note: text and signature line.

    """

    origin: str
    host: str
    nonce: str
    made_at_ms: int
    party: str
    key: str
    note: Note


def session_text(origin: str, host: str, nonce: str, made_at_ms: int) -> str:
    """Return the text to sign.

    Raises:
        Malformed: a part is not in its form, so that it is not signed.

    """
    text = f"{CONTEXT}\n{origin}\n{host}\n{nonce}\n{format_instant(made_at_ms)}\n"
    _parts(text)
    return text


def sign_session(origin: str, host: str, nonce: str, made_at_ms: int, signer: Signer) -> bytes:
    """Return the signed note; `session_text` tells what it raises."""
    return sign_note(session_text(origin, host, nonce, made_at_ms), signer)


def parse_session(data: bytes) -> SessionNote:
    """Read a signed session text; nothing is verified.

    Raises:
        Malformed: not a note of these five lines, or not signed by one key of a party.

    """
    if len(data) > MAX_BYTES:
        raise Malformed(f"the session note has {len(data)} bytes; at most {MAX_BYTES}")
    note = parse_note(data)
    origin, host, nonce, made_at = _parts(note.text)
    if len(note.signatures) != 1:
        raise Malformed("a session is signed by one key; the note has several signatures")
    key = note.signatures[0].name
    party, _ = split_key_name(key)
    return SessionNote(origin, host, nonce, parse_instant(made_at), party, key, note)


def _parts(text: str) -> tuple[str, str, str, str]:
    match = _TEXT.fullmatch(text)
    if match is None:
        raise Malformed(f"the text is not the five lines of {CONTEXT}")
    origin, host, nonce, made_at = match.groups()
    check_origin(origin)
    return origin, host, nonce, made_at

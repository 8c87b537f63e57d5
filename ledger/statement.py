"""A statement: what a party signs, and the log entry that it becomes.

A statement is a C2SP signed note over one or more events. Its text is six lines:

    sunledger/statement/v1
    ledger.example.gov.cn                                   the ledger it is meant for
    2026-03-01T08:00:01.000Z                                when it was made
    CN-USCC-11430100006127328B CN-USCC-52430100MJJ5500001   all signers, sorted
    2                                                       number of events
    M6qi/bjZKnIyKDJ9KAtHDfplZsF8ZRqU7HUv0xWIlRY=            RFC 6962 root over the events

The signers are part of what is signed, so nobody can strip or add a countersignature; the
origin is, so it cannot be replayed into another ledger. A party that must sign with two keys
stands twice. Signature lines are sorted by key name, `<party>/<label>`.

A statement file (`.stmt`) is the note, an empty line, and the events, one a line. A log entry is
`recorded <time>` and the note, verbatim: events are not in the entry, only their root.

Here a statement is read and written; `ledger.opening` verifies it.
"""

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ledger.errors import Malformed
from ledger.merkle import leaf_hashes, root_of
from ledger.note import Note, decode_base64, encode_base64, parse_note
from ledger.times import format_instant, parse_instant

CONTEXT = "sunledger/statement/v1"
RESERVED_PREFIXES = ("sunledger/", "cosignature/")
"""No origin and no key name begins so: no signed text of ours can be taken for another."""

MAX_EVENTS = 10_000
"""Events a statement: a month of visits of the largest contract, still one signature."""
MAX_SIGNATURES = 16
"""Signatures a statement: more than any act calls for."""
MEDIA_TYPE = "text/vnd.sunledger.statement"
"""Of a statement file (.stmt)."""
MAX_STATEMENT_BYTES = 16 << 20
"""A statement file: what a server can hold for each of many clients."""
MAX_ENTRY_BYTES = 65_535
"""A log entry: its length must fit the two bytes a C2SP entry bundle gives it."""

_PARTY = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_TEXT = re.compile(
    rf"{re.escape(CONTEXT)}\n"
    r"([a-z0-9.-]+(?:/[a-z0-9._-]+)*)\n"
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\n"
    rf"({_PARTY}(?: {_PARTY})*)\n"
    r"([1-9][0-9]{0,4})\n"
    r"([A-Za-z0-9+/]{43}=)\n",
    re.ASCII,
)
_ORIGIN = re.compile(r"[a-z0-9.-]+(?:/[a-z0-9._-]+)*", re.ASCII)
_KEY_NAME = re.compile(rf"({_PARTY})/({_PARTY})", re.ASCII)
_RECORDED = re.compile(rb"recorded (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\n")
_RECORDED_LENGTH = len("recorded 2026-03-01T08:00:00.000Z\n")


class Statement(NamedTuple):
    """A statement's text, read; its signatures not yet checked.

    Attributes:
        origin: the ledger it is meant for.
        made_at_ms: when it was made, claimed, milliseconds since the epoch.
        signers: party ids, sorted, one entry a signature.
        event_count: how many events it covers.
        events_root: RFC 6962 root over their bytes.
        id: SHA-256 of the text.
        note: text and signature lines.
        note_bytes: the same as it was received.

    """

    origin: str
    made_at_ms: int
    signers: tuple[str, ...]
    event_count: int
    events_root: bytes
    id: bytes
    note: Note
    note_bytes: bytes


def check_origin(origin: str) -> None:
    """Check that `origin` may name a ledger.

    Raises:
        Malformed: it is not in the grammar, too long, or reserved.

    """
    if not _ORIGIN.fullmatch(origin) or len(origin) > 255 or origin.startswith(RESERVED_PREFIXES):  # noqa: PLR2004 (RFC 1035's limit of a name)
        raise Malformed(
            f"{origin!r} cannot name a ledger: use lower-case letters, digits, dots and hyphens, "
            "with slashes between parts, not beginning with sunledger/ or cosignature/"
        )


def split_key_name(name: str) -> tuple[str, str]:
    """Return a key name's party and label.

    Raises:
        Malformed: it is not `<party>/<label>`, or it is reserved.

    """
    match = _KEY_NAME.fullmatch(name)
    if match is None or name.startswith(RESERVED_PREFIXES):
        raise Malformed(f"the key name {name!r} is not <party>/<label>")
    return match[1], match[2]


def statement_text(
    origin: str, made_at_ms: int, signers: Sequence[str], bodies: Sequence[bytes]
) -> str:
    """Return the text that the signers of `bodies` sign; `signers` in any order."""
    root = encode_base64(root_of(leaf_hashes(bodies)))
    names = " ".join(sorted(signers))
    return f"{CONTEXT}\n{origin}\n{format_instant(made_at_ms)}\n{names}\n{len(bodies)}\n{root}\n"


def parse_statement(note_bytes: bytes) -> Statement:
    """Read a statement's note; nothing is verified.

    Raises:
        Malformed: not a signed note, not the six lines, a size or time out of its form,
            signers or signature lines not sorted, or more than 16 signatures.

    """
    note = parse_note(note_bytes)
    text = note.text
    match = _TEXT.fullmatch(text)
    if match is None:
        raise Malformed(f"the note is not a statement: its text is not the six lines of {CONTEXT}")
    origin, made_at, names, count, root_text = match.groups()
    if origin.startswith(RESERVED_PREFIXES):
        raise Malformed(f"the origin {origin!r} begins with a reserved word")
    event_count = int(count)
    if event_count > MAX_EVENTS:
        raise Malformed(f"the statement covers {event_count} events; at most {MAX_EVENTS}")
    signers = tuple(names.split(" "))
    if len(signers) > MAX_SIGNATURES or len(note.signatures) > MAX_SIGNATURES:
        raise Malformed(f"the statement has more than {MAX_SIGNATURES} signatures")
    if len(signers) > 1 and list(signers) != sorted(signers):
        raise Malformed("the statement's signers are not in order")
    lines = note.signatures
    if len(lines) > 1 and any(a.name > b.name for a, b in pairwise(lines)):
        raise Malformed("the statement's signature lines are not in the order of key names")
    return Statement(
        origin,
        parse_instant(made_at),
        signers,
        event_count,
        decode_base64(root_text),
        hashlib.sha256(text.encode()).digest(),
        note,
        note_bytes,
    )


def encode_statement_file(note_bytes: bytes, bodies: Sequence[bytes]) -> bytes:
    """Return the `.stmt` file of a note and its events."""
    return note_bytes + b"\n" + b"".join([body + b"\n" for body in bodies])


def decode_statement_file(data: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """Return a `.stmt` file's note and events, as bytes; nothing is verified.

    Raises:
        Malformed: too large, or without note, empty line, events and last newline.

    """
    if len(data) > MAX_STATEMENT_BYTES:
        raise Malformed(f"the statement has {len(data)} bytes; at most {MAX_STATEMENT_BYTES}")
    text_end = data.find(b"\n\n")
    note_end = data.find(b"\n\n", text_end + 2)
    if text_end < 0 or note_end < 0 or not data.endswith(b"\n"):
        raise Malformed("not a statement file: it needs a note, an empty line, and event lines")
    # Counted before they are split: sixteen million empty lines must not become as many objects.
    count = data.count(b"\n", note_end + 2)
    if count > MAX_EVENTS:
        raise Malformed(f"the statement file has {count} events; at most {MAX_EVENTS}")
    bodies = data[note_end + 2 : -1].split(b"\n")
    return data[: note_end + 1], tuple(bodies)


def encode_entry(recorded_ms: int, note_bytes: bytes) -> bytes:
    """Return the log entry of a statement admitted at `recorded_ms`.

    Raises:
        Malformed: the entry would have more than 65,535 bytes.

    """
    entry = b"recorded " + format_instant(recorded_ms).encode() + b"\n" + note_bytes
    if len(entry) > MAX_ENTRY_BYTES:
        raise Malformed(f"the statement's log entry would have {len(entry)} bytes")
    return entry


def decode_entry(entry: bytes) -> tuple[int, bytes]:
    """Return when an entry was recorded (milliseconds since the epoch) and its note.

    Raises:
        Malformed: it does not begin with a `recorded` line, or is too long.

    """
    match = _RECORDED.match(entry)
    if match is None or len(entry) > MAX_ENTRY_BYTES:
        raise Malformed("not a log entry: it does not begin with `recorded <time>`")
    return parse_instant(match[1].decode()), note_of_entry(entry)


def note_of_entry(entry: bytes) -> bytes:
    """Return the note of a log entry that `decode_entry` has taken before."""
    return entry[_RECORDED_LENGTH:]

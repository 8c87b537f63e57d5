"""Opening a statement: from bytes to events whose signatures hold, or an error.

`open_statement` verifies or raises, so an unverified statement does not exist as a value. What it
finds never goes stale: a key name keeps its key for ever. Whether a key is in force, and whether
the law admits the events, is asked when the statement's turn comes (`ledger.rules`).
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from ledger.errors import Refused, Unverified
from ledger.events import Event, decode_events
from ledger.events.parties import KeyEnrolled, LedgerOpened
from ledger.merkle import leaf_hashes, root_of
from ledger.note import SignatureLine, VerifierKey
from ledger.signature import check_signature
from ledger.statement import Statement, parse_statement, split_key_name

FindKey = Callable[[str], VerifierKey | None]
"""The key directory: a key name's verifier key, or None where the name is not enrolled."""


class Opened(NamedTuple):
    """A statement that was verified: its signatures hold and its events are those it covers.

    Whether its keys are in force, and whether the law admits it, is asked when it is admitted.

    Attributes:
        id: SHA-256 of its text.
        origin: the ledger it is meant for.
        made_at_ms: when it was made, claimed, milliseconds since the epoch.
        note_bytes: its text and signature lines, as they were received.
        keys: one a signature line, in the order of the lines.
        events: its events.
        bodies: their bytes.
        leaves: their leaf hashes.

    """

    id: bytes
    origin: str
    made_at_ms: int
    note_bytes: bytes
    keys: tuple[VerifierKey, ...]
    events: tuple[Event, ...]
    bodies: tuple[bytes, ...]
    leaves: tuple[bytes, ...]


def open_statement(note_bytes: bytes, bodies: Sequence[bytes], find_key: FindKey) -> Opened:
    """Verify a statement and its events.

    A key not in the directory is sought among the keys that the statement itself enrols. Cost:
    one Ed25519 check a signature line, two hashes and one decoding an event.

    Raises:
        Malformed: the note, the order of its lines, or an event is not in its form.
        Unverified: the events are not those that were signed, or a signature does not hold.
        Refused: `key_unknown`, `signature_doubled`, `signatures_do_not_match_signers`.

    """
    statement = parse_statement(note_bytes)
    if len(bodies) != statement.event_count:
        raise Unverified(
            f"the statement covers {statement.event_count} events; {len(bodies)} came with it"
        )
    leaves = tuple(leaf_hashes(bodies))
    if root_of(leaves) != statement.events_root:
        raise Unverified("the events are not those that were signed: their root differs")
    events = decode_events(bodies)
    keys = check_signatures(statement, events, find_key)
    return Opened(
        statement.id,
        statement.origin,
        statement.made_at_ms,
        note_bytes,
        keys,
        events,
        tuple(bodies),
        leaves,
    )


def check_signatures(
    statement: Statement, events: tuple[Event, ...], find_key: FindKey
) -> tuple[VerifierKey, ...]:
    """Check a statement's signatures; return their keys, in the order of the lines.

    `events` are those of the statement, as far as they are at hand: they may enrol a key of it.

    Raises:
        Unverified: a signature does not hold.
        Refused: `key_unknown`, `signature_doubled`, `signatures_do_not_match_signers`.

    """
    lines = statement.note.signatures
    if len(lines) == 1:
        names: tuple[str, ...] = (split_key_name(lines[0].name)[0],)
    else:
        for line, following in pairwise(lines):
            if line.name == following.name:
                raise Refused("signature_doubled", key=line.name)
        names = tuple(sorted([split_key_name(line.name)[0] for line in lines]))
    if names != statement.signers:
        raise Refused(
            "signatures_do_not_match_signers",
            named=" ".join(statement.signers),
            signed=" ".join(names) or "nobody",
        )
    message = statement.note.text.encode()
    return tuple([_check_line(line, message, events, find_key) for line in lines])


def vkey_of(event: Event, name: str) -> str | None:
    """Return the verifier key called `name` that an event enrols, or None."""
    vkeys: Iterable[str] = ()
    if isinstance(event, KeyEnrolled):
        vkeys = (event.vkey,)
    elif isinstance(event, LedgerOpened):
        vkeys = (key.vkey for key in event.keys)
    return next((vkey for vkey in vkeys if vkey.startswith(f"{name}+")), None)


def _check_line(
    line: SignatureLine, message: bytes, events: tuple[Event, ...], find_key: FindKey
) -> VerifierKey:
    key = find_key(line.name) or _key_enrolled_here(line.name, events)
    if key is None or key.key_id != line.key_id:
        raise Refused("key_unknown", key=f"{line.name}+{line.key_id.hex()}")
    try:
        check_signature(key.public_key, message, line.signature)
    except Unverified:
        raise Unverified(f"the signature of {line.name} does not hold") from None
    return key


def _key_enrolled_here(name: str, events: tuple[Event, ...]) -> VerifierKey | None:
    vkeys = (vkey_of(event, name) for event in events)
    found = next((vkey for vkey in vkeys if vkey is not None), None)
    return None if found is None else VerifierKey.parse(found)

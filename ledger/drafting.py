"""Drafting: from facts to a signed statement, and from one signature to all of them.

Whoever makes a statement says what happened; the heading of each event may be left out:

    {"type": "budget.allotted", "line": "2026-2080208-city", "amount_fen": 7000000}

`complete_event` adds `v`, `id`, `salt` and `at`, and gives the event as the vocabulary types it.
`sign_statement` signs a list of events, all under one root. When others must sign as well, their
parties are named at once, for the signers are part of what is signed; each then adds its line by
`cosign_statement`, which changes nothing else.

Nothing here asks whether the law admits the events: the ledger does, when it is submitted.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

import msgspec

from ledger.errors import Malformed, Unverified
from ledger.events import Event, decode_event, encode_event, version_of
from ledger.identity import Ids
from ledger.merkle import leaf_hashes, root_of
from ledger.note import SignatureLine, Signer, VerifierKey, format_note, sign_line
from ledger.opening import FindKey, vkey_of
from ledger.signature import check_signature
from ledger.statement import (
    MAX_EVENTS,
    MAX_SIGNATURES,
    MAX_STATEMENT_BYTES,
    Statement,
    decode_statement_file,
    encode_statement_file,
    parse_statement,
    split_key_name,
    statement_text,
)
from ledger.times import format_instant

_SORTED = msgspec.json.Encoder(order="sorted")


def read_events(data: bytes, ids: Ids, now_ms: int) -> list[Event]:
    """Return the events of JSON lines, each completed; empty lines are passed over.

    Raises:
        Malformed: a line is no event, with its number; or there is none, or too many.

    """
    events = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            events.append(complete_event(line, ids, now_ms))
        except Malformed as error:
            raise Malformed(f"line {number}: {error}") from None
    if not events:
        raise Malformed("there is no event: write one a line, as JSON")
    return events


def complete_event(line: bytes, ids: Ids, now_ms: int) -> Event:
    """Return the event that a JSON object means, its heading filled where it lacks.

    `now_ms` (milliseconds since the epoch) becomes `at`. Key order and white space are free, for
    the event is written anew; all else is as strict as admission.

    Raises:
        Malformed: not an object, a key twice, a float, or not an event of the vocabulary.

    """
    try:
        fields = json.loads(line, object_pairs_hook=_object, parse_float=_float)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}") from None
    if not isinstance(fields, dict) or "type" not in fields:
        raise Malformed("not an event: it is an object with a `type`")
    fields.setdefault("v", version_of(str(fields["type"])))
    fields.setdefault("id", ids.event_id(now_ms))
    fields.setdefault("salt", ids.salt())
    fields.setdefault("at", format_instant(now_ms))
    try:
        body = _SORTED.encode(fields)
    except (UnicodeEncodeError, RecursionError) as error:
        raise Malformed(f"not text that can be signed: {error}") from None
    return decode_event(body)


def sign_statement(
    events: Sequence[Event],
    origin: str,
    made_at_ms: int,
    signers: Sequence[Signer],
    others: Iterable[str] = (),
) -> bytes:
    """Return the statement file of `events`, signed by `signers`.

    `others` are the parties that must sign too, once for each signature; until they have, the
    ledger refuses it.

    Raises:
        Malformed: beyond a limit of events, bytes or signatures, or a key is not named after a
            party.
        ValueError: there is no event, or no signer.

    """
    if not events or not signers:
        raise ValueError("a statement has at least one event and one signer")
    if len(events) > MAX_EVENTS:
        raise Malformed(f"{len(events)} events are too many for a statement; at most {MAX_EVENTS}")
    parties = [split_key_name(signer.verifier.name)[0] for signer in signers]
    parties.extend(others)
    if len(parties) > MAX_SIGNATURES:
        raise Malformed(f"{len(parties)} signatures are too many; at most {MAX_SIGNATURES}")
    bodies = [encode_event(event) for event in events]
    text = statement_text(origin, made_at_ms, parties, bodies)
    data = _file(text, [sign_line(text, signer) for signer in signers], bodies)
    parse_statement(decode_statement_file(data)[0])  # whoever reads it must be able to
    return data


def cosign_statement(data: bytes, signer: Signer, find_key: FindKey | None = None) -> bytes:
    """Return the statement file with the line of `signer` added in its place.

    The events must be those that are signed, and the party one that is still to sign. With the
    key directory of a ledger, `find_key`, the lines that are there are checked as well.

    Raises:
        Malformed: not a statement file, or an event is not in its form.
        Unverified: the events are not those that were signed, a line does not hold, or this
            party has nothing to sign, or this key has signed.

    """
    note_bytes, bodies = decode_statement_file(data)
    statement = parse_statement(note_bytes)
    events = check_events(statement, bodies)
    party, _ = split_key_name(signer.verifier.name)
    lines = statement.note.signatures
    if any(line.name == signer.verifier.name for line in lines):
        raise Unverified(f"the key {signer.verifier.name} has signed this statement already")
    if party not in missing_signers(statement):
        raise Unverified(
            f"{party} has nothing to sign here: the statement names the signers "
            f"{' '.join(statement.signers)}, and {_names(lines)} have signed"
        )
    text = statement.note.text
    if find_key is not None:
        for line in lines:
            _check_line(line, text, find_key(line.name) or _enrolled_by(events, line.name))
    return _file(text, [*lines, sign_line(text, signer)], bodies)


def check_events(statement: Statement, bodies: Sequence[bytes]) -> list[Event]:
    """Return a statement's events, checked to be those that its text covers.

    Raises:
        Malformed: an event is not in its form.
        Unverified: they are more, fewer or others.

    """
    if len(bodies) != statement.event_count:
        raise Unverified(
            f"the statement covers {statement.event_count} events; {len(bodies)} came with it"
        )
    if root_of(leaf_hashes(bodies)) != statement.events_root:
        raise Unverified("the events are not those that were signed: their root differs")
    return [decode_event(body) for body in bodies]


def missing_signers(statement: Statement) -> list[str]:
    """Return the parties that have not signed yet, once for each signature they owe."""
    signed = Counter(split_key_name(line.name)[0] for line in statement.note.signatures)
    return sorted((Counter(statement.signers) - signed).elements())


def _enrolled_by(events: Sequence[Event], name: str) -> VerifierKey | None:
    """Return the key of a name that these very events enrol."""
    texts = [text for event in events if (text := vkey_of(event, name)) is not None]
    return VerifierKey.parse(texts[0]) if texts else None


def _check_line(line: SignatureLine, text: str, key: VerifierKey | None) -> None:
    if key is None or key.key_id != line.key_id:
        raise Unverified(f"the key {line.name} is not enrolled in this ledger")
    try:
        check_signature(key.public_key, text.encode(), line.signature)
    except Unverified:
        raise Unverified(f"the signature of {line.name} does not hold") from None


def _file(text: str, lines: list[SignatureLine], bodies: Sequence[bytes]) -> bytes:
    ordered = sorted(lines, key=lambda line: line.name)
    data = encode_statement_file(format_note(text, ordered), bodies)
    if len(data) > MAX_STATEMENT_BYTES:
        raise Malformed(f"the statement has {len(data)} bytes; at most {MAX_STATEMENT_BYTES}")
    return data


def _names(lines: Sequence[SignatureLine]) -> str:
    return " and ".join(line.name for line in lines)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        repeated = next(name for name, count in Counter(n for n, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {repeated!r} stands twice")
    return fields


def _float(text: str) -> NoReturn:
    raise ValueError(f"{text} is not an integer; amounts are whole fen, rates parts per million")

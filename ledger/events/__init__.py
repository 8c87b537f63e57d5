"""The vocabulary: every fact this ledger can hold, and how it becomes bytes and back.

Each module is one area, its events in the order things happen. A stored type name is for ever;
a class may move. `decode_event` and `encode_event` are inverse to each other on exactly the byte
strings that are events of the present versions; those of earlier ones are read as what they mean
now (`ledger.events.earlier`).
"""

from collections.abc import Sequence
from typing import TypeAlias, Union, get_args, get_type_hints

import msgspec

from ledger.errors import Malformed
from ledger.events import (
    accounts,
    advance,
    award,
    bid,
    budget,
    claim,
    closing,
    contract,
    delivery,
    dispute,
    interest,
    notice,
    parties,
    payment,
    penalty,
    persons,
    receivable,
    refund,
    reported,
    retention,
    rulebook,
    score,
    standing,
    supervision,
    tender,
)
from ledger.events.base import HEADING, Event
from ledger.events.earlier import earlier_version
from ledger.times import parse_date

__all__ = [
    "EVENTS",
    "MAX_EVENT_BYTES",
    "TYPES",
    "Event",
    "decode_event",
    "decode_events",
    "decode_known_events",
    "encode_event",
    "name_of_type",
    "type_of",
    "version_of",
]

MAX_EVENT_BYTES = 1 << 20
"""One event, so that a reader can hold any of them in memory."""

EVENTS: tuple[type[Event], ...] = (
    *parties.EVENTS,
    *accounts.EVENTS,
    *persons.EVENTS,
    *closing.EVENTS,
    *rulebook.EVENTS,
    *budget.EVENTS,
    *tender.EVENTS,
    *bid.EVENTS,
    *award.EVENTS,
    *contract.EVENTS,
    *delivery.EVENTS,
    *advance.EVENTS,
    *claim.EVENTS,
    *score.EVENTS,
    *dispute.EVENTS,
    *retention.EVENTS,
    *payment.EVENTS,
    *notice.EVENTS,
    *penalty.EVENTS,
    *standing.EVENTS,
    *supervision.EVENTS,
    *interest.EVENTS,
    *refund.EVENTS,
    *receivable.EVENTS,
    *reported.EVENTS,
)

AnyEvent: TypeAlias = Union[EVENTS]  # type: ignore[valid-type]  # noqa: UP007 (built from a tuple)

_TYPE_NAMES: dict[type[Event], str] = {
    event_class: str(event_class.__struct_config__.tag) for event_class in EVENTS
}
TYPES: dict[str, type[Event]] = {name: event_class for event_class, name in _TYPE_NAMES.items()}

_VERSIONS: dict[str, int] = {
    name: get_args(get_type_hints(event_class)["v"])[0] for name, event_class in TYPES.items()
}


class _Id(msgspec.Struct):
    """What is read of an event where nothing but its id is asked for."""

    id: str


_ID_DECODER = msgspec.json.Decoder(_Id)
_DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(AnyEvent)
_ENCODER = msgspec.json.Encoder(order="sorted")
_DAY = len("2026-03-01")


def version_of(type_name: str) -> int:
    """Return the present schema version of a type, or 1 of one that does not exist."""
    return _VERSIONS.get(type_name, 1)


def name_of_type(event_class: type[Event]) -> str:
    """Return the stored name of a type, for instance `contract.signed`."""
    return _TYPE_NAMES[event_class]


def type_of(event: Event) -> str:
    """Return the event's stored type name, for instance `contract.signed`."""
    return _TYPE_NAMES[type(event)]


def encode_event(event: Event) -> bytes:
    """Return the event's canonical bytes."""
    return _ENCODER.encode(event)


def decode_known_events(bodies: Sequence[bytes]) -> tuple[Event, ...]:
    """Return the events of bytes that `decode_events` has taken before, at half the cost.

    For a reader whose own helper process has checked them; a stranger's go to `decode_events`.
    """
    try:
        return tuple(_DECODER.decode_lines(b"\n".join(bodies)))
    except msgspec.DecodeError:
        return tuple([decode_event(body) for body in bodies])  # one is of an earlier version


def decode_events(bodies: Sequence[bytes]) -> tuple[Event, ...]:
    """Return the events that `bodies` are, as `decode_event` does one by one, but faster.

    They pass the decoder and the encoder as lines, all at once. When the same lines come out, and
    as many as there are bodies, then no body holds a line's end, and each is the canonical
    spelling of its event. When not, they are taken one by one, to tell which is wrong.

    Raises:
        Malformed: as `decode_event`, for the first that is not an event.

    """
    lines = b"\n".join(bodies) + b"\n"
    try:
        events = _DECODER.decode_lines(lines)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        events = []
    known = len(events) == len(bodies) and _ENCODER.encode_lines(events) == lines
    if not known or max(map(len, bodies)) > MAX_EVENT_BYTES:
        return tuple([decode_event(body) for body in bodies])
    for event in events:
        _check_heading(event)
    return tuple(events)


def decode_ids(bodies: Sequence[bytes]) -> list[bytes]:
    """Return the ids (16 bytes) of bytes that `decode_events` has taken before, and no more.

    Cost: some 1.5 µs an event.

    Raises:
        Malformed: one of them is no event, so they were not taken.

    """
    try:
        found = _ID_DECODER.decode_lines(b"\n".join(bodies))
        return [bytes.fromhex(each.id.replace("-", "")) for each in found]
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Malformed(f"not events with an id: {error}") from None


def decode_event(body: bytes) -> Event:
    """Return the event that `body` is.

    Raises:
        Malformed: not canonical JSON, an unknown type, version or field, a wrong value, more
            than 1 MiB, or a heading (`id`, `salt`, `at`) that is not in its form.

    """
    if len(body) > MAX_EVENT_BYTES:
        message = f"an event has {len(body)} bytes; at most {MAX_EVENT_BYTES} are allowed"
        raise Malformed(message)
    earlier = None
    try:
        event = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        earlier = earlier_version(body)
        if earlier is None:
            raise Malformed(f"not an event of the vocabulary: {error}") from None
        try:
            event = earlier.decoder.decode(body)
        except msgspec.DecodeError as failed:
            raise Malformed(f"not an event of the vocabulary: {failed}") from None
    if _ENCODER.encode(event) != body:
        raise Malformed(
            f"event {event.id!r} is not canonical JSON (RFC 8785): sort its keys, write no key "
            "twice, leave out white space and needless escapes"
        )
    _check_heading(event)
    return event if earlier is None else earlier.upcast(event)


def _check_heading(event: Event) -> None:
    if not HEADING.fullmatch(f"{event.id}\n{event.salt}\n{event.at}"):
        raise Malformed(
            f"event {event.id!r} needs `id` as a lower-case UUIDv7, `salt` as 32 hex digits and "
            "`at` as an RFC 3339 UTC time with milliseconds"
        )
    parse_date(event.at[:_DAY])  # cached: a statement's events share their days

"""The vocabulary: every fact this ledger can hold, and how it becomes bytes and back.

Each module is one area, its events in the order things happen. A stored type name is for ever;
a class may move. `decode_event` and `encode_event` are inverse to each other on exactly the byte
strings that are events.
"""

from typing import TypeAlias, Union

import msgspec

from ledger.errors import Malformed
from ledger.events import budget, claim, contract, delivery, parties, payment, reported, tender
from ledger.events.base import HEADING, Event
from ledger.times import parse_date

__all__ = [
    "EVENTS",
    "MAX_EVENT_BYTES",
    "TYPES",
    "Event",
    "decode_event",
    "decode_known_event",
    "encode_event",
    "type_of",
]

MAX_EVENT_BYTES = 1 << 20
"""One event, so that a reader can hold any of them in memory."""

EVENTS: tuple[type[Event], ...] = (
    *parties.EVENTS,
    *budget.EVENTS,
    *tender.EVENTS,
    *contract.EVENTS,
    *delivery.EVENTS,
    *claim.EVENTS,
    *payment.EVENTS,
    *reported.EVENTS,
)

AnyEvent: TypeAlias = Union[EVENTS]  # type: ignore[valid-type]  # noqa: UP007 (built from a tuple)

_TYPE_NAMES: dict[type[Event], str] = {
    event_class: str(event_class.__struct_config__.tag) for event_class in EVENTS
}
TYPES: dict[str, type[Event]] = {name: event_class for event_class, name in _TYPE_NAMES.items()}

_DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(AnyEvent)
_ENCODER = msgspec.json.Encoder(order="sorted")
_DAY = len("2026-03-01")


def type_of(event: Event) -> str:
    """Return the event's stored type name, for instance `contract.signed`."""
    return _TYPE_NAMES[type(event)]


def encode_event(event: Event) -> bytes:
    """Return the event's canonical bytes."""
    return _ENCODER.encode(event)


def decode_known_event(body: bytes) -> Event:
    """Return the event of bytes that `decode_event` has taken before, at less than half the cost.

    For a reader whose own helper process has checked the bytes; a stranger's go to `decode_event`.
    """
    return _DECODER.decode(body)


def decode_event(body: bytes) -> Event:
    """Return the event that `body` is.

    Raises:
        Malformed: not canonical JSON, an unknown type, version or field, a wrong value, more
            than 1 MiB, or a heading (`id`, `salt`, `at`) that is not in its form.

    """
    if len(body) > MAX_EVENT_BYTES:
        message = f"an event has {len(body)} bytes; at most {MAX_EVENT_BYTES} are allowed"
        raise Malformed(message)
    try:
        event = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"not an event of the vocabulary: {error}") from None
    if _ENCODER.encode(event) != body:
        raise Malformed(
            f"event {event.id!r} is not canonical JSON (RFC 8785): sort its keys, write no key "
            "twice, leave out white space and needless escapes"
        )
    if not HEADING.fullmatch(f"{event.id}\n{event.salt}\n{event.at}"):
        raise Malformed(
            f"event {event.id!r} needs `id` as a lower-case UUIDv7, `salt` as 32 hex digits and "
            "`at` as an RFC 3339 UTC time with milliseconds"
        )
    parse_date(event.at[:_DAY])  # cached: a statement's events share their days
    return event

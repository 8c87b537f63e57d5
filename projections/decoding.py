"""Reading the bodies of events that the ledger holds, whole or in part.

A read model that reads a million visits needs half of their fields. It names a *lean* record,
which is decoded in a third of the time that the event takes with all its checks, and these were
made at admission:

    class SeenVisit(Lean, frozen=True, tag="visit.recorded"):
        contract: str
        units: int

A lean record knows one version of its type, `v`. An event of an earlier version is read whole,
as what it means in the present one, and the record is taken from that.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal

import msgspec

from ledger.errors import Malformed
from ledger.events import TYPES, decode_event
from ledger.events.earlier import earlier_version

Decoders = Mapping[str, Callable[[bytes], Any]]
"""What decodes an event's body, by the stored name of its type."""


class Lean(msgspec.Struct, frozen=True, gc=False, tag_field="type"):
    """An event as far as a read model reads it; its fields are called as the event's are.

    Attributes:
        v: version of the type; a lean record of another version says so.
        at: when it happened, as its signer says (UTC).

    """

    v: Literal[1]
    at: str


_EVENTS: Decoders = {
    name: msgspec.json.Decoder(event_class).decode for name, event_class in TYPES.items()
}
"""What the ledger has admitted need not be checked to be canonical again."""


def tag_of(record: type[msgspec.Struct]) -> str:
    """Return the stored name of the type that a record is of."""
    return str(record.__struct_config__.tag)


@lru_cache(maxsize=64)
def decoders_of(lean: tuple[type[Lean], ...]) -> Decoders:
    """Return what decodes each type: into a lean record where there is one, else whole."""
    return {**_EVENTS, **{tag_of(each): msgspec.json.Decoder(each).decode for each in lean}}


def decode_otherwise(name: str, body: bytes, lean: tuple[type[Lean], ...], error: Exception) -> Any:
    """Return the event of a body that its type's decoder did not take: one of an earlier version.

    Raises:
        Malformed: it is of no earlier version.

    """
    if earlier_version(body) is None:
        raise Malformed(f"its body is no {name}: {error}") from error
    event = decode_event(body)
    for record in lean:
        if tag_of(record) == name:
            return record(**{field: getattr(event, field) for field in record.__struct_fields__})
    return event

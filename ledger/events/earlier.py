"""Earlier versions of event types, and what each means in the words of the present one.

A stored event is never rewritten: it keeps its bytes, its version and its signatures. When a type
gets a new version, its earlier record stays here, unchanged, with a function that *upcasts* it:
gives the present record that says the same. Rules, read models and exports know only the present.

    {"type":"contract.published","v":1, …,"redactions":["telephone numbers"]}
        is read as
    ContractPublished(v=2, …, redactions=[Redaction(what="telephone numbers", ground="UNSTATED")])
"""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ledger.events.base import Event, Ref, Sha256, Text
from ledger.events.contract import ContractPublished, Redaction


class ContractPublishedV1(Event, frozen=True, kw_only=True, tag="contract.published"):
    """`contract.published` as it was when a redaction was a text alone.

    Attributes:
        contract: which.
        sha256: hash of the published file.
        redactions: what was blacked out.

    """

    contract: Ref
    sha256: Sha256
    redactions: Annotated[list[Text], Meta(max_length=100)] | UnsetType = UNSET


def _contract_published(old: ContractPublishedV1) -> ContractPublished:
    redactions: list[Redaction] | UnsetType = UNSET
    if old.redactions is not UNSET:
        redactions = [Redaction(what=text, ground="UNSTATED") for text in old.redactions]
    return ContractPublished(
        v=2,
        id=old.id,
        salt=old.salt,
        at=old.at,
        private=old.private,
        contract=old.contract,
        sha256=old.sha256,
        redactions=redactions,
    )


class Earlier(NamedTuple):
    """An earlier version of a type: its decoder, and its upcaster."""

    decoder: "msgspec.json.Decoder[Event]"
    upcast: Callable[[Any], Event]


class _Heading(msgspec.Struct, frozen=True):
    """What tells the version of an event; its other fields are passed over."""

    type: str
    v: int


EARLIER: dict[tuple[str, int], Earlier] = {
    ("contract.published", 1): Earlier(
        msgspec.json.Decoder(ContractPublishedV1), _contract_published
    ),
}
"""Every version but the present one of every type, by type and version."""

_HEADING = msgspec.json.Decoder(_Heading)


def earlier_version(body: bytes) -> Earlier | None:
    """Return the earlier version that an event's bytes are of, or None."""
    try:
        heading = _HEADING.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return EARLIER.get((heading.type, heading.v))

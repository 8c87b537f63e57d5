"""What the reports of a process say of its purchase: its window, its bids and its awards.

As published: nobody enforces anything on them, and what cannot be read is left out. Who bids or
supplies is known by the id that the publisher gives it, else by its name.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from ledger.errors import Malformed
from ledger.intake.amounts import NO_CURRENCY, currency_of, parse_amount
from ledger.intake.dates import calendar_day, instant_us
from ledger.intake.shape import object_in, objects_in, text_in
from projections.reported_essence import PUBLISHED_ID

Json = dict[str, Any]

_US_PER_MS = 1_000
_MOST_TENDERERS = 1_000_000


class ReportedBid(Struct, frozen=True):
    """A bid as published.

    Attributes:
        status: OCDS `bids.details.status`: invited, pending, valid, disqualified, withdrawn, or
            anything; may be empty.
        tenderers: who bids.
        currency: of the price; XXX where none is named.
        amount_minor: the price, in minor units of it, or None.
        received_ms: when it was received, milliseconds since the epoch, or None.

    """

    status: str
    tenderers: tuple[str, ...]
    currency: str
    amount_minor: int | None
    received_ms: int | None


class ReportedAward(Struct, frozen=True):
    """An award as published.

    Attributes:
        award_id: the publisher's id of it; may be empty.
        status: OCDS `awards.status`: pending, active, cancelled, unsuccessful, or anything.
        suppliers: who wins.
        currency: of the value; XXX where none is named.
        amount_minor: its value, in minor units of it, or None.
        decided_on: the day as published (YYYY-MM-DD), or None.
        codes: classifications of what is awarded (OCDS `items.classification.id`).

    """

    award_id: str
    status: str
    suppliers: tuple[str, ...]
    currency: str
    amount_minor: int | None
    decided_on: str | None
    codes: tuple[str, ...]


class PurchaseFacts(Struct, frozen=True):
    """A purchase as published.

    Attributes:
        status: OCDS `tender.status`; may be empty.
        method: OCDS `procurementMethod`: open, selective, limited, direct, or anything.
        details: OCDS `procurementMethodDetails`; may be empty.
        buyer: who buys, by id, else by name; may be empty.
        tenderers: OCDS `numberOfTenderers`, or None.
        opens_ms: start of the tender period, milliseconds since the epoch, or None.
        closes_ms: end of it, likewise.
        closes_on: the same, the day as published (YYYY-MM-DD), or None.
        bids: the bids, as published.
        awards: the awards, as published.

    """

    status: str
    method: str
    details: str
    buyer: str
    tenderers: int | None
    opens_ms: int | None
    closes_ms: int | None
    closes_on: str | None
    bids: tuple[ReportedBid, ...]
    awards: tuple[ReportedAward, ...]


def purchase_facts(merged: Json) -> PurchaseFacts:
    """Return what merged essences (`projections.reported_essence`) say of the purchase."""
    tender = object_in(merged, "tender")
    period = object_in(tender, "tenderPeriod")
    return PurchaseFacts(
        status=text_in(tender, "status"),
        method=text_in(tender, "procurementMethod"),
        details=text_in(tender, "procurementMethodDetails"),
        buyer=_known_by(object_in(merged, "buyer")),
        tenderers=_count(text_in(tender, "numberOfTenderers")),
        opens_ms=_instant_ms(text_in(period, "startDate")),
        closes_ms=_instant_ms(text_in(period, "endDate")),
        closes_on=calendar_day(text_in(period, "endDate")),
        bids=tuple(map(_bid, objects_in(object_in(merged, "bids"), "details"))),
        awards=tuple(map(_award, objects_in(merged, "awards"))),
    )


def _bid(bid: Json) -> ReportedBid:
    currency, amount_minor = _price(object_in(bid, "value"))
    return ReportedBid(
        status=text_in(bid, "status"),
        tenderers=tuple(_all_known_by(bid, "tenderers")),
        currency=currency,
        amount_minor=amount_minor,
        received_ms=_instant_ms(text_in(bid, "date")),
    )


def _award(award: Json) -> ReportedAward:
    currency, amount_minor = _price(object_in(award, "value"))
    codes = (text_in(item, "classification") for item in objects_in(award, "items"))
    return ReportedAward(
        award_id=text_in(award, PUBLISHED_ID),
        status=text_in(award, "status"),
        suppliers=tuple(_all_known_by(award, "suppliers")),
        currency=currency,
        amount_minor=amount_minor,
        decided_on=calendar_day(text_in(award, "date")),
        codes=tuple(dict.fromkeys(filter(None, codes))),
    )


def _all_known_by(parent: Json, name: str) -> Iterator[str]:
    found = (_known_by(organisation) for organisation in objects_in(parent, name))
    return iter(dict.fromkeys(filter(None, found)))


def _known_by(organisation: Json) -> str:
    key = text_in(organisation, "id")
    # An id that the essence gave is only a place in a list.
    return text_in(organisation, "name") if not key or key.startswith("#") else key


def _price(value: Json) -> tuple[str, int | None]:
    named = text_in(value, "currency")
    currency = currency_of(named) if named else NO_CURRENCY
    try:
        return currency, parse_amount(value.get("amount"), currency).minor
    except Malformed:
        return currency, None


def _count(text: str) -> int | None:
    """Return a published count; None for what is none, or beyond any count."""
    if not text.isdecimal() or not text.isascii() or len(text) > len(str(_MOST_TENDERERS)):
        return None
    return int(text)


def _instant_ms(text: str) -> int | None:
    us = instant_us(text)
    return None if us is None else us // _US_PER_MS

"""What the reports of a process say of its tender, as published."""

from typing import Any

from msgspec import Struct

from ledger.intake.dates import calendar_day, instant_us
from ledger.intake.shape import object_in, text_in

_US_PER_MS = 1_000


class TenderFacts(Struct, frozen=True):
    """A tender as published.

    Attributes:
        title: its title; may be empty.
        status: as published (OCDS `tender.status`); may be empty.
        method: as published: OCDS `procurementMethod`, else its details; may be empty.
        opens_on: start of the tender period, the day as published (YYYY-MM-DD), or None.
        opens_ms: the same as an instant, milliseconds since the epoch, or None.
        closes_ms: end of the tender period, likewise.

    """

    title: str
    status: str
    method: str
    opens_on: str | None
    opens_ms: int | None
    closes_ms: int | None


def tender_facts(merged: dict[str, Any]) -> TenderFacts | None:
    """Return what a merged release says of its tender; None where none is published."""
    if "tender" not in merged:
        return None
    tender = object_in(merged, "tender")
    period = object_in(tender, "tenderPeriod")
    return TenderFacts(
        title=text_in(tender, "title"),
        status=text_in(tender, "status"),
        method=text_in(tender, "procurementMethod") or text_in(tender, "procurementMethodDetails"),
        opens_on=calendar_day(text_in(period, "startDate")),
        opens_ms=_instant_ms(text_in(period, "startDate")),
        closes_ms=_instant_ms(text_in(period, "endDate")),
    )


def _instant_ms(text: str) -> int | None:
    us = instant_us(text)
    return None if us is None else us // _US_PER_MS

"""The values of a release: amounts, dates and texts as OCDS writes them, exact.

    amount(1234, "CNY")                     ->  {"amount": 12.34, "currency": "CNY"}
    fixed_instant(1_767_575_400_000_001)    ->  "2026-01-05T01:10:00.000001Z"
    Days("+08:00").end("2026-03-31")        ->  "2026-03-31T23:59:59+08:00"

Numbers are `Decimal`s, made of integers and written as they are: nothing goes through a float.
"""

from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from ledger.events.base import Period
from ledger.intake.amounts import format_amount
from ledger.times import format_instant

Release = dict[str, Any]
"""A release, or a part of one: what its JSON object holds."""

LANGUAGE = "zh"
"""The language of releases: of a text in several this one is given."""

PPM_DIGITS = 6

encode = msgspec.json.Encoder(decimal_format="number").encode
"""From a release to its bytes; numbers keep their digits."""


class Days(NamedTuple):
    """Local days as OCDS instants; `offset` is the ledger's, `+08:00`."""

    offset: str

    def start(self, day: str) -> str:
        """Return the first second of a local day `YYYY-MM-DD`."""
        return f"{day}T00:00:00{self.offset}"

    def end(self, day: str) -> str:
        """Return its last second."""
        return f"{day}T23:59:59{self.offset}"

    def period(self, period: Period) -> Release:
        """Return calendar days as an OCDS period; both days are included."""
        return {"startDate": self.start(period.from_date), "endDate": self.end(period.to_date)}


def amount(minor: int, currency: str) -> Release:
    """Return an amount in minor units as an OCDS value."""
    return {"amount": Decimal(format_amount(minor, currency)), "currency": currency}


def share(ppm: int) -> Decimal:
    """Return parts per million as a share of one, exact."""
    return Decimal(ppm).scaleb(-PPM_DIGITS).normalize() + 0


def fixed_instant(instant_us: int) -> str:
    """Return microseconds since 1970 as RFC 3339 in UTC, always of the same width."""
    instant_ms, micro = divmod(instant_us, 1_000)
    return f"{format_instant(instant_ms).removesuffix('Z')}{micro:03}Z"


def text(by_language: dict[str, str]) -> str:
    """Return a text in the language of releases, or in the first that it is in.

    OCDS has fields for other languages; the official checker does not know them in a versioned
    release, so there are none.
    """
    return by_language.get(LANGUAGE) or by_language[min(by_language)]

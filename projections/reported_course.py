"""What releases say of a contract one after the other, and what that makes comparable.

A merged release holds what was said last. Whether a contract changed its currency on the way, and
until when its publisher spoke of it, only the releases themselves tell.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from ledger.errors import Malformed
from ledger.intake.amounts import currency_of, parse_amount
from ledger.intake.dates import calendar_day
from ledger.intake.shape import object_in, objects_in, text_in

Json = dict[str, Any]


class Course(Struct, frozen=True):
    """A contract over all releases that list it.

    Attributes:
        currencies: what its value was published in, each once, in the order of the releases.
        told_on: the day of the last release that lists it (YYYY-MM-DD), or None.

    """

    currencies: tuple[str, ...] = ()
    told_on: str | None = None


def courses_of(essences: Sequence[Json]) -> dict[str, Course]:
    """Return the course of each contract, given `reported_essence.essence`s in merging order."""
    found: dict[str, Course] = {}
    for release in essences:
        day = calendar_day(text_in(release, "date"))
        for contract in objects_in(release, "contracts"):
            key = text_in(contract, "id")
            before = found.get(key, Course())
            named = text_in(object_in(contract, "value"), "currency")
            currencies = (*before.currencies, currency_of(named)) if named else before.currencies
            found[key] = Course(tuple(dict.fromkeys(currencies)), day or before.told_on)
    return found


def first_paid_on(payments: Sequence[Json]) -> str | None:
    """Return the first day on which money was paid (YYYY-MM-DD); None where no payment says."""
    return min(_days_paid(payments), default=None)


def _days_paid(payments: Sequence[Json]) -> Iterator[str]:
    for payment in payments:
        day = calendar_day(text_in(payment, "date"))
        value = object_in(payment, "value")
        currency = currency_of(text_in(value, "currency"))
        try:
            paid = parse_amount(value.get("amount"), currency).minor > 0
        except Malformed:
            paid = False
        if day and paid:
            yield day

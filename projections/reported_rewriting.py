"""Releases that were changed after publication, under the same id.

By OCDS a release is not edited once it is published: a change is a new release with a new id. So a
publisher that says something else under an id it has used contradicts itself. Compared is what
counts for status and money (`projections.reported_essence`): dates, statuses, sums, counts. How
organisations, titles and items are written is not, nor how a number or an instant is spelled: a
copy in another version of OCDS (1.0 embeds organisations, 1.1 refers to them) or one that went
through a spreadsheet says the same.

    1311264, 1311264.00                                   one amount
    2010-05-10T10:30:00Z, 2010-05-10T12:30:00+02:00       one instant
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ledger.errors import Malformed
from ledger.intake.amounts import NO_CURRENCY, currency_of, parse_amount
from ledger.intake.dates import instant_us
from ledger.intake.shape import text_in
from projections.reported_essence import essence
from projections.reported_standing import Heard

_NOT_COMPARED = frozenset(
    [
        "buyer",
        "items",
        "parties",
        "procurementMethodDetails",
        "procuringEntity",
        "suppliers",
        "tenderers",
        "title",
    ]
)
_INSTANTS = frozenset(["date", "dateSigned", "endDate", "startDate"])
_NUMBERS = frozenset(["amount", "numberOfTenderers"])


class Rewritten(Struct, frozen=True):
    """A release that says something else than an earlier report of the same id.

    Attributes:
        publisher: whose release.
        release_id: its id.
        earlier: position of the report before.
        later: position of the one that differs.

    """

    publisher: str
    release_id: str
    earlier: int
    later: int


def rewritten_of(heard: Sequence[Heard]) -> tuple[Rewritten, ...]:
    """Return the releases that were changed, given all reports in order of position."""
    last: dict[tuple[str, str], tuple[int, Any]] = {}
    found = []
    for one in heard:
        report = one.report
        if report.release_id is None or not one.release:
            continue
        key = (report.publisher, report.release_id)
        said = _said(essence(one.release))
        if key in last and last[key][1] != said:
            found.append(Rewritten(*key, earlier=last[key][0], later=report.position))
        last[key] = (report.position, said)
    return tuple(found)


def _said(value: Any, name: str = "", currency: str = NO_CURRENCY) -> Any:
    """Return what a value says, without what is not compared and without empty parts."""
    if isinstance(value, dict):
        named = text_in(value, "currency")
        code = currency_of(named) if named else NO_CURRENCY
        compared = [key for key in value if key not in _NOT_COMPARED]
        made = {key: _said(value[key], key, code) for key in compared}
        return {key: item for key, item in made.items() if item not in ({}, [], "")}
    if isinstance(value, list):
        return [_said(item) for item in value]
    if isinstance(value, str) and name in _INSTANTS:
        instant = instant_us(value)
        return value if instant is None else instant
    if isinstance(value, str) and name in _NUMBERS:
        try:
            return parse_amount(value, currency).minor
        except Malformed:
            return value
    return value

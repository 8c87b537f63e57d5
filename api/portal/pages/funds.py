"""Fund lines: the list, and one with every account, month by month, as it is or as it was."""

from msgspec import Struct

from api.http.parameters import After, missing, point_asked
from api.http.questions import Asked
from api.portal.asking import Word, Year
from api.portal.views import Pages, View
from ledger.postings import CHART
from ledger.times import format_instant
from projections.contracts import Contract, list_contracts
from projections.funds import Fund, FundFile, FundMonth, FundMonths, fund, fund_months, list_funds
from projections.funds.past import fund_as_of

pages = Pages()

ROWS = 50
"""Fund lines, or contracts of one, a page."""

AUTHORITY = tuple(name for name, account in CHART.items() if account.book == "authority")
PROPRIETARY = tuple(name for name, account in CHART.items() if account.book == "proprietary")


class FundPage(Struct, frozen=True):
    """A fund line with all that is known of it.

    Attributes:
        position: how many events of the ledger the line and its months reflect.
        as_of: the point of the past that was asked for, or None: the line as it is.
        recorded: when the last statement by then was recorded (RFC 3339, UTC), or None.
        fund: the line, each of its accounts with its balance.
        months: what happened on it, month by month.
        contracts: contracts that it pays, as they are now.
        contracts_next: what to ask the following page of contracts `after`, or None.

    """

    position: int
    as_of: str | None
    recorded: str | None
    fund: Fund
    months: tuple[FundMonth, ...]
    contracts: tuple[Contract, ...]
    contracts_next: str | None


@pages.page("/funds")
def funds(
    question: Asked,
    year: Year = None,
    source: Word = None,
    owner: Word = None,
    after: After = None,
) -> View:
    """List fund lines."""
    page = list_funds(
        question.projections,
        year=year,
        source=source,
        owner=owner,
        after=after,
        limit=ROWS,
    )
    asked = {"year": year, "source": source, "owner": owner}
    return View("funds.html", page, page.position, {"asked": asked})


@pages.page("/funds/{line}")
def fund_line(question: Asked, line: str, as_of: Word = None, after: After = None) -> View:
    """Show one fund line, as it is or as it was."""
    projections, recorded = question.projections, None
    found: FundFile | None
    moved: FundMonths | None
    if as_of is not None:
        point = point_asked(question, as_of)
        found, moved, _processes = fund_as_of(projections, line, point)
        recorded = format_instant(point.recorded_ms) if point.place.size else None
    else:
        found, moved = fund(projections, line), fund_months(projections, line)
    if found is None or moved is None:
        raise missing("fund line", line, as_of)
    contracts = list_contracts(projections, line=line, after=after, limit=ROWS)
    document = FundPage(
        position=found.position,
        as_of=as_of,
        recorded=recorded,
        fund=found.fund,
        months=moved.months,
        contracts=contracts.items,
        contracts_next=contracts.next,
    )
    books = {"authority": AUTHORITY, "proprietary": PROPRIETARY}
    return View("fund.html", document, found.position, {"books": books})

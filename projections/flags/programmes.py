"""The scope `programme`: what a programme reports, the money of its fund lines, what it paid.

No event states a programme's budget. What is published is the budget of each fund line
(`budget.appropriated`, OCDS `planning.budget.amount`), and a programme's lines are those on which
money was set aside for it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from ledger.postings import SOURCES
from projections.acts import ACTS
from projections.acts.tables import ADDITION
from projections.flags.rule import Facts, Scope
from projections.funds import FUNDS
from projections.funds.tables import BALANCE, LINE
from projections.programmes import PROGRAMMES
from projections.programmes.tables import INDICATOR, MONTH, PROGRAMME, RESULT, SHARE
from projections.shape import Shape
from projections.tenders import TENDERS
from projections.tenders.tables import PROGRAMME as PURCHASED

_MONTH_CHARS, _YEAR_CHARS = 7, 4
"""Of a date: `2026-03-31` is in `2026-03` and in `2026`."""


class Report(NamedTuple):
    """What was reported of an indicator in a period; of several reports the last.

    Attributes:
        indicator: its id within the programme.
        target: the value to reach, in the indicator's own unit.
        actual: the value reached.
        from_date: first day measured.
        to_date: last day measured.
        position: position of the report.

    """

    indicator: str
    target: int
    actual: int
    from_date: str
    to_date: str
    position: int


class Addition(NamedTuple):
    """Authority that came to a line: from the line `giver`, or as a supplement (None)."""

    position: int
    giver: str | None
    amount_fen: int


class Line(NamedTuple):
    """A fund line that pays for a programme.

    Attributes:
        line: its id.
        owner: the finance bureau that appropriated it.
        year: budget year.
        shared: whether it pays for another programme too.
        original_fen: its published budget.
        adjusted_fen: what supplements and transfers added to it, less what they and cuts took.
        carried_fen: what came to it from the year before.
        position: position of its appropriation.
        additions: what was added to it, each.

    """

    line: str
    owner: str
    year: int
    shared: bool
    original_fen: int
    adjusted_fen: int
    carried_fen: int
    position: int
    additions: tuple[Addition, ...]

    @property
    def granted_fen(self) -> int:
        """All authority that it was granted."""
        return self.original_fen + self.adjusted_fen + self.carried_fen


class Programme(NamedTuple):
    """A programme.

    Attributes:
        key: its id.
        purchaser: whose it is.
        position: position of its establishment, with its targets.
        reports: what it reached.
        lines: its fund lines.
        paid_fen: paid by local month of the recording, less what came back.

    """

    key: str
    purchaser: str
    position: int
    reports: Sequence[Report]
    lines: Sequence[Line]
    paid_fen: Mapping[str, int]

    def lines_of(self, report: Report) -> list[Line]:
        """Return the lines of the budget years of a period."""
        first, last = int(report.from_date[:_YEAR_CHARS]), int(report.to_date[:_YEAR_CHARS])
        return [line for line in self.lines if first <= line.year <= last]

    def paid_since(self, report: Report) -> int:
        """Return what was paid from the first month of a period to this day, fen."""
        first = report.from_date[:_MONTH_CHARS]
        return sum(fen for month, fen in self.paid_fen.items() if month >= first)

    def paid_in(self, report: Report) -> int:
        """Return what was paid in the months of a period, fen."""
        first, last = report.from_date[:_MONTH_CHARS], report.to_date[:_MONTH_CHARS]
        return sum(fen for month, fen in self.paid_fen.items() if first <= month <= last)


def _changed(_facts: Facts, _since: int) -> None:
    """Judge all again: any payment changes a share, and programmes are few."""
    return


def _groups(facts: Facts, _keys: Sequence[str] | None) -> Iterator[Programme]:
    connection = facts.sources.connection
    purchased = facts.sources.table(TENDERS, PURCHASED)
    purchasers = {row.programme: row.purchaser for row in connection.execute(select(purchased))}
    reports, lines = _reports(facts), _lines(facts)
    paid: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in _rows(facts, MONTH, "programme", "month"):
        paid[row.programme][row.month] = row.paid_fen
    for row in _rows(facts, PROGRAMME, "programme"):
        yield Programme(
            key=row.programme,
            purchaser=purchasers[row.programme],
            position=row.first_position,
            reports=reports[row.programme],
            lines=lines[row.programme],
            paid_fen=paid[row.programme],
        )


def _reports(facts: Facts) -> defaultdict[str, list[Report]]:
    targets = {(row.programme, row.indicator): row.target for row in _rows(facts, INDICATOR)}
    reports: defaultdict[str, list[Report]] = defaultdict(list)
    for row in _rows(facts, RESULT, "programme", "indicator", "from_date", "to_date"):
        reports[row.programme].append(
            Report(
                indicator=row.indicator,
                target=targets[row.programme, row.indicator],
                actual=row.actual,
                from_date=row.from_date,
                to_date=row.to_date,
                position=row.position,
            )
        )
    return reports


def _lines(facts: Facts) -> defaultdict[str, list[Line]]:
    connection = facts.sources.connection
    line, balance, addition = (
        facts.sources.table(FUNDS, LINE),
        facts.sources.table(FUNDS, BALANCE),
        facts.sources.table(ACTS, ADDITION),
    )
    granted: defaultdict[tuple[str, str], int] = defaultdict(int)
    # Sources are debited where authority is granted, and stand below zero.
    for row in connection.execute(select(balance).where(balance.c.account.in_(SOURCES))):
        granted[row.line, row.account] = -row.balance_fen
    additions: defaultdict[str, list[Addition]] = defaultdict(list)
    for row in connection.execute(select(addition).order_by(addition.c.position)):
        additions[row.line].append(Addition(row.position, row.giver, row.amount_fen))
    known = {row.line: row for row in connection.execute(select(line))}
    shares = _rows(facts, SHARE, "programme", "line")
    users: defaultdict[str, set[str]] = defaultdict(set)
    for share in shares:
        users[share.line].add(share.programme)
    lines: defaultdict[str, list[Line]] = defaultdict(list)
    for share in shares:
        own = known[share.line]
        original_fen, adjusted_fen, carried_fen = (granted[own.line, each] for each in SOURCES)
        lines[share.programme].append(
            Line(
                line=own.line,
                owner=own.owner,
                year=own.year,
                shared=len(users[own.line]) > 1,
                original_fen=original_fen,
                adjusted_fen=adjusted_fen,
                carried_fen=carried_fen,
                position=own.first_position,
                additions=tuple(additions[own.line]),
            )
        )
    return lines


def _rows(facts: Facts, shape: Shape[Any], *order: str) -> Sequence[Any]:
    """Return all rows of a table of programmes: a ledger has few."""
    table = facts.sources.table(PROGRAMMES, shape)
    query = select(table).order_by(*(table.c[name] for name in order))
    return facts.sources.connection.execute(query).all()


PROGRAMME_MONEY = Scope("programme", (PROGRAMMES, FUNDS, TENDERS, ACTS), _changed, _groups)

"""What a first page shows: where the money came from, how far it came, and what is open.

Every figure is one that a fold keeps, or the sum of a few rows of a year's fund lines and months;
no event and no posting is looked at. All are of one position.
"""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import Row, RowMapping, func, select

from ledger.postings import SOURCES, STAGES
from projections.context import Party, currency_of
from projections.contracts import CONTRACTS
from projections.contracts.queries import called
from projections.engine import Projections, Reading
from projections.funds import FUNDS
from projections.funds.tables import BALANCE, LINE, STAGE
from projections.paging import MAX_LIMIT
from projections.payments import PAYMENTS
from projections.payments.queries import last_day
from projections.payments.tables import LATE
from projections.programmes import PROGRAMMES
from projections.programmes.tables import PART, PROGRAMME

OVERVIEW_MODELS = (FUNDS, PROGRAMMES, PAYMENTS, CONTRACTS)
"""The read models that `overview` reads together."""

CONTRACTS_A_LINE = 10
"""Contracts told by name of each fund line, those that were paid most; the rest is one sum."""

_STATUSES = ("active", "suspended", "terminated", "closed")


class Stages(Struct, frozen=True):
    """How far money came, in fen, less what went back; what went onward is not taken off.

    Attributes:
        granted_fen: all authority granted.
        allotted_fen: of it, made free to use.
        reserved_fen: set aside for tenders.
        committed_fen: bound by contracts.
        accrued_fen: accepted as owed for services and bonuses.
        paid_fen: paid.

    """

    granted_fen: int
    allotted_fen: int
    reserved_fen: int
    committed_fen: int
    accrued_fen: int
    paid_fen: int


class Spent(Struct, frozen=True):
    """What a fund line bears of a contract, in fen.

    Attributes:
        contract: its id.
        number: the parties' own number.
        providers: who serves.
        committed_fen: bound by it.
        accrued_fen: accepted as owed under it.
        paid_fen: paid under it.

    """

    contract: str
    number: str
    providers: tuple[Party, ...]
    committed_fen: int
    accrued_fen: int
    paid_fen: int


class LineFigures(Struct, frozen=True):
    """A fund line of the year.

    Attributes:
        line: its id.
        source: whose money it is: central, province, city, lottery.
        stages: how far its money came.
        contracts: the contracts that it paid most for, at most ten.
        others_paid_fen: paid for all others.

    """

    line: str
    source: str
    stages: Stages
    contracts: tuple[Spent, ...]
    others_paid_fen: int


class SourceFigures(Struct, frozen=True):
    """A source of money in the year (central, province, city, lottery), and how far it came."""

    source: str
    stages: Stages


class YearFigures(Struct, frozen=True):
    """A budget year, and how far its money came."""

    year: int
    stages: Stages


class MonthFigures(Struct, frozen=True):
    """A month of the year's fund lines, in fen.

    Attributes:
        month: local month of the recording, `2026-03`.
        committed_fen: bound by contracts in that month.
        accrued_fen: accepted in it.
        paid_fen: paid in it, less what came back.
        left_fen: granted by now and not paid by its end.

    """

    month: str
    committed_fen: int
    accrued_fen: int
    paid_fen: int
    left_fen: int


class Overview(Struct, frozen=True):
    """The figures of a first page.

    Attributes:
        position: how many events of the ledger this reflects.
        currency: ISO 4217 of the amounts.
        year: the budget year that lines, sources and months are of; 0 without a fund line.
        years: every budget year, oldest first.
        sources: the year's sources.
        lines: the year's fund lines, in the order of their appropriation, at most 1,000.
        months: the year's lines month by month.
        contracts: how many contracts have which status, whatever the year.
        programmes: how many programmes there are.
        tenders: tenders published.
        open_tenders: those with a lot that is neither awarded, failed nor cancelled.
        entitled: people entitled to services now.
        day: local date of the ledger's last statement; empty without one.
        overdue: sums whose time to pay was over by that day and that were not paid (C13).
        overdue_fen: what they come to, without interest.

    """

    position: int
    currency: str
    year: int
    years: tuple[YearFigures, ...]
    sources: tuple[SourceFigures, ...]
    lines: tuple[LineFigures, ...]
    months: tuple[MonthFigures, ...]
    contracts: dict[str, int]
    programmes: int
    tenders: int
    open_tenders: int
    entitled: int
    day: str
    overdue: int
    overdue_fen: int


def overview(projections: Projections, year: int | None = None) -> Overview:
    """Return the figures of a first page, of a budget year or of the newest.

    Raises:
        TimeoutError: the read models did not come to one position in time.

    """

    def query(readings: tuple[Reading, ...]) -> Overview:
        funds, programmes, payments, contracts = readings
        years = _years(funds)
        of = year if year is not None else max((each.year for each in years), default=0)
        lines = _lines(funds, programmes, contracts, of)
        counts = _counts(programmes)
        day, overdue, overdue_fen = _overdue(payments)
        currency = currency_of(funds)
        return Overview(
            position=funds.position,
            currency=currency,
            year=of,
            years=tuple(years),
            sources=tuple(_sources(lines)),
            lines=tuple(lines),
            months=tuple(_months(funds, lines)),
            contracts={status: counts[status] for status in _STATUSES},
            programmes=counts["programmes"],
            tenders=counts["tenders"],
            open_tenders=counts["open_tenders"],
            entitled=counts["enrolled"] - counts["exited"],
            day=day,
            overdue=overdue,
            overdue_fen=overdue_fen,
        )

    return projections.read_together(OVERVIEW_MODELS, query)


def _years(funds: Reading) -> list[YearFigures]:
    line, stage, balance = (funds.tables[each] for each in (LINE, STAGE, BALANCE))
    granted = (
        select(line.c.year, func.sum(balance.c.balance_fen))
        .join(balance, balance.c.line == line.c.line)
        .where(balance.c.account.in_(SOURCES))
        .group_by(line.c.year)
    )
    by_year = {year: -int(fen) for year, fen in funds.connection.execute(granted)}
    came = (
        select(line.c.year, *(func.sum(stage.c[f"{each}_fen"]) for each in STAGES))
        .join(stage, stage.c.line == line.c.line)
        .group_by(line.c.year)
        .order_by(line.c.year)
    )
    return [
        YearFigures(year, Stages(by_year.get(year, 0), *(int(fen) for fen in sums)))
        for year, *sums in funds.connection.execute(came)
    ]


def _lines(funds: Reading, programmes: Reading, contracts: Reading, year: int) -> list[LineFigures]:
    line, stage, balance = (funds.tables[each] for each in (LINE, STAGE, BALANCE))
    found = select(line).where(line.c.year == year).order_by(line.c.first_position).limit(MAX_LIMIT)
    rows = funds.connection.execute(found).mappings().all()
    ids = [row["line"] for row in rows]
    granted = dict.fromkeys(ids, 0)
    held = select(balance).where(balance.c.line.in_(ids), balance.c.account.in_(SOURCES))
    for row in funds.connection.execute(held):
        granted[row.line] -= row.balance_fen
    came = (
        select(stage.c.line, *(func.sum(stage.c[f"{each}_fen"]) for each in STAGES))
        .where(stage.c.line.in_(ids))
        .group_by(stage.c.line)
    )
    stages = {
        key: Stages(granted[key], *(int(fen) for fen in sums))
        for key, *sums in funds.connection.execute(came)
    }
    spent = {line: _spent(programmes, line) for line in ids}
    names = called(contracts, {row.contract for rows in spent.values() for row in rows})
    return [_line(row, stages[row["line"]], spent[row["line"]], names) for row in rows]


def _spent(programmes: Reading, line: str) -> Sequence[Row[str, int, int, int]]:
    """Return the contracts that a line paid most for, and what of them it bears."""
    part = programmes.tables[PART]
    query = (
        select(part.c.contract, part.c.committed_fen, part.c.accrued_fen, part.c.paid_fen)
        .where(part.c.line == line)
        .order_by(part.c.paid_fen.desc(), part.c.contract.desc())
        .limit(CONTRACTS_A_LINE)
    )
    return programmes.connection.execute(query).all()


def _line(
    row: RowMapping,
    stages: Stages,
    spent: Sequence[Row[str, int, int, int]],
    names: dict[str, tuple[str, tuple[Party, ...]]],
) -> LineFigures:
    contracts = tuple(
        Spent(contract, *names.get(contract, (contract, ())), *amounts)
        for contract, *amounts in spent
    )
    rest_fen = stages.paid_fen - sum(each.paid_fen for each in contracts)
    return LineFigures(row["line"], row["source"], stages, contracts, rest_fen)


def _sources(lines: Sequence[LineFigures]) -> list[SourceFigures]:
    names = Stages.__struct_fields__
    sums: dict[str, list[int]] = {}
    for each in lines:
        before = sums.get(each.source, [0] * len(names))
        sums[each.source] = [
            fen + getattr(each.stages, name) for fen, name in zip(before, names, strict=True)
        ]
    return [SourceFigures(source, Stages(*amounts)) for source, amounts in sums.items()]


def _months(funds: Reading, lines: Sequence[LineFigures]) -> list[MonthFigures]:
    stage = funds.tables[STAGE]
    sums = [func.sum(stage.c[name]) for name in ("committed_fen", "accrued_fen", "paid_fen")]
    query = (
        select(stage.c.month, *sums)
        .where(stage.c.line.in_([each.line for each in lines]))
        .group_by(stage.c.month)
        .order_by(stage.c.month)
    )
    left_fen = sum(each.stages.granted_fen for each in lines)
    months = []
    for month, *amounts in funds.connection.execute(query):
        committed_fen, accrued_fen, paid_fen = (int(fen) for fen in amounts)
        left_fen -= paid_fen
        months.append(MonthFigures(month, committed_fen, accrued_fen, paid_fen, left_fen))
    return months


def _counts(programmes: Reading) -> dict[str, int]:
    """Return the figures of all programmes together: a ledger has few."""
    table = programmes.tables[PROGRAMME]
    names = (*_STATUSES, "tenders", "open_tenders", "enrolled", "exited")
    sums = [func.coalesce(func.sum(table.c[name]), 0).label(name) for name in names]
    query = select(func.count().label("programmes"), *sums).select_from(table)
    row = programmes.connection.execute(query).mappings().one()
    return {name: int(number) for name, number in row.items()}


def _overdue(payments: Reading) -> tuple[str, int, int]:
    """Return the ledger's last day, and how many sums, and fen, were overdue at its end."""
    late, day = payments.tables[LATE], last_day(payments)
    sums = [func.coalesce(func.sum(late.c[name]), 0) for name in ("sums", "fen")]
    count, fen = payments.connection.execute(select(*sums).where(late.c.day <= day)).one()
    return day, int(count), int(fen)

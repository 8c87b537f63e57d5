"""What is asked about fund lines and published processes, and the records that answer."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct, json
from sqlalchemy import ColumnElement, RowMapping, or_, select

from ledger.intake.defects import Defect
from ledger.intake.reading import storable
from ledger.postings import CHART
from projections.context import Party, currency_of, matching, parties_of
from projections.funds.model import FUNDS
from projections.funds.tables import BALANCE, LINE, MONEY, PROCESS, STAGE, TURNOVER
from projections.paging import DEFAULT_LIMIT, Page, page_of
from projections.reading import Answers, Reading
from projections.shape import Shape


class Fund(Struct, frozen=True):
    """A fund line and what each of its accounts holds.

    Attributes:
        line: its id.
        owner: the finance bureau that it was appropriated by.
        year: budget year.
        code: functional classification code of the expenditure.
        source: whose money it is: central, province, city, lottery.
        currency: ISO 4217 of the balances.
        balances: every account of the chart, in its order, with its balance in fen on its
            normal side (sources are credit-normal and only debited, hence below zero).
        first_position: position of its appropriation.
        last_position: position of the last event that posted to it.

    """

    line: str
    owner: Party
    year: int
    code: str
    source: str
    currency: str
    balances: dict[str, int]
    first_position: int
    last_position: int


class FundFile(Struct, frozen=True):
    """One fund line, and how many events of the ledger that reflects."""

    position: int
    fund: Fund


class FundMonth(Struct, frozen=True):
    """What happened on a fund line in one month, in fen; what was taken back is taken off.

    Attributes:
        month: local month of the recording, `2026-03`.
        allotted_fen: authority that became free to use: allotted, supplemented, transferred in.
        reserved_fen: set aside for tenders.
        committed_fen: bound by contracts, also what was carried over to the line bound.
        accrued_fen: accepted as owed for services and bonuses.
        paid_fen: paid.
        debit_fen: what was debited to each account that moved, in the chart's order.
        credit_fen: what was credited to each account that moved.
        last_position: position of the last event of the month that posted to the line.

    """

    month: str
    allotted_fen: int
    reserved_fen: int
    committed_fen: int
    accrued_fen: int
    paid_fen: int
    debit_fen: dict[str, int]
    credit_fen: dict[str, int]
    last_position: int


class FundMonths(Struct, frozen=True):
    """A fund line month by month; a month in which nothing moved is left out.

    Attributes:
        position: how many events of the ledger that reflects.
        line: the fund line.
        currency: ISO 4217 of the amounts.
        months: the months, in order.

    """

    position: int
    line: str
    currency: str
    months: tuple[FundMonth, ...]


class ProcessMoney(Struct, frozen=True):
    """A published process's money in one currency, in minor units; None where none was named.

    Attributes:
        currency: ISO 4217; XXX where none was published.
        planned_minor: the budget.
        committed_minor: what contracts, else awards, are worth.
        paid_minor: what was paid.

    """

    currency: str
    planned_minor: int | None
    committed_minor: int | None
    paid_minor: int | None


class PublishedProcess(Struct, frozen=True):
    """A contracting process that others published; see `projections.reported_facts`.

    Attributes:
        process: its id among ours.
        ocid: as published.
        publishers: who published it.
        title: what it is about; may be empty.
        buyer: who buys; may be empty.
        stage: how far it has come.
        tender_status: as published; may be empty.
        money: planned, committed and paid, by currency.
        contracts: how many contracts it has.
        reports: how many reports of it the ledger holds.
        defects: what is wrong with the process as a whole.
        first_position: position of the first report.
        last_position: position of the last.

    """

    process: str
    ocid: str
    publishers: tuple[str, ...]
    title: str
    buyer: str
    stage: str
    tender_status: str
    money: tuple[ProcessMoney, ...]
    contracts: int
    reports: int
    defects: tuple[Defect, ...]
    first_position: int
    last_position: int


def list_funds(
    projections: Answers,
    *,
    year: int | None = None,
    source: str | None = None,
    owner: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Fund]:
    """Return a page of fund lines, in the order in which they were appropriated.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[Fund]:
        table = reading.tables[LINE]
        where: list[ColumnElement[bool]] = []
        for column, wanted in (("year", year), ("source", source), ("owner", owner)):
            if wanted is not None:
                value = storable(wanted) if isinstance(wanted, str) else wanted
                where.append(table.c[column] == value)
        rows, following = page_of(reading.connection, table, where, after, limit)
        return Page(reading.position, tuple(_funds(reading, rows)), following)

    return projections.read(FUNDS, query)


def fund(projections: Answers, line: str) -> FundFile | None:
    """Return one fund line, or None."""

    def query(reading: Reading) -> FundFile | None:
        table = reading.tables[LINE]
        found = select(table).where(table.c.line == storable(line))
        funds = _funds(reading, list(reading.connection.execute(found).mappings()))
        return FundFile(reading.position, funds[0]) if funds else None

    return projections.read(FUNDS, query)


def fund_months(projections: Answers, line: str, *, year: int | None = None) -> FundMonths | None:
    """Return a fund line month by month, all of its months or those of a calendar year; or None."""

    def query(reading: Reading) -> FundMonths | None:
        connection, key = reading.connection, storable(line)
        table = reading.tables[LINE]
        if connection.execute(select(table.c.line).where(table.c.line == key)).first() is None:
            return None
        turnover: dict[str, dict[str, RowMapping]] = {}
        for row in _of_year(reading, TURNOVER, key, year):
            turnover.setdefault(row["month"], {})[row["account"]] = row
        currency = currency_of(reading)
        months = tuple(
            _month(row, turnover[row["month"]]) for row in _of_year(reading, STAGE, key, year)
        )
        return FundMonths(reading.position, line, currency, months)

    return projections.read(FUNDS, query)


def list_processes(
    projections: Answers,
    *,
    ocid: str | None = None,
    text: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[PublishedProcess]:
    """Return a page of published processes, in the order in which they were first reported.

    `ocid` is an ocid, or our id of a process; `text` stands anywhere in it, its title, buyer or
    publishers, in any case.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[PublishedProcess]:
        table = reading.tables[PROCESS]
        where: list[ColumnElement[bool]] = []
        if ocid is not None:
            name = storable(ocid)
            where.append(or_(table.c.ocid == name, table.c.process == name))
        if text is not None:
            where.append(table.c.search.like(matching(text), escape="!"))
        rows, following = page_of(reading.connection, table, where, after, limit)
        return Page(reading.position, tuple(_processes(reading, rows)), following)

    return projections.read(FUNDS, query)


def _funds(reading: Reading, rows: list[RowMapping]) -> list[Fund]:
    connection, table = reading.connection, reading.tables[BALANCE]
    lines = [row["line"] for row in rows]
    held: dict[str, dict[str, int]] = {}
    for row in connection.execute(select(table).where(table.c.line.in_(lines))):
        held.setdefault(row.line, {})[row.account] = row.balance_fen
    owners = parties_of(reading, [row["owner"] for row in rows])
    currency = currency_of(reading)
    return [
        Fund(
            line=row["line"],
            owner=owners.get(row["owner"], Party(row["owner"], {})),
            year=row["year"],
            code=row["code"],
            source=row["source"],
            currency=currency,
            balances={name: held.get(row["line"], {}).get(name, 0) for name in CHART},
            first_position=row["first_position"],
            last_position=row["last_position"],
        )
        for row in rows
    ]


def _of_year(
    reading: Reading, shape: Shape[Any], line: str, year: int | None
) -> Sequence[RowMapping]:
    table = reading.tables[shape]
    where = [table.c.line == line]
    if year is not None:
        where.append(table.c.month.between(f"{year:04}-01", f"{year:04}-12"))
    query = select(table).where(*where).order_by(*table.primary_key.columns)
    return reading.connection.execute(query).mappings().all()


def _month(row: RowMapping, turnover: dict[str, RowMapping]) -> FundMonth:
    moved = [(name, turnover[name]) for name in CHART if name in turnover]
    plain = set(FundMonth.__struct_fields__) - {"debit_fen", "credit_fen"}
    return FundMonth(
        debit_fen={name: each["debit_fen"] for name, each in moved},
        credit_fen={name: each["credit_fen"] for name, each in moved},
        **{name: row[name] for name in plain},
    )


def _processes(reading: Reading, rows: list[RowMapping]) -> list[PublishedProcess]:
    table = reading.tables[MONEY]
    ids = [row["process"] for row in rows]
    query = select(table).where(table.c.process.in_(ids)).order_by(table.c.currency)
    money: dict[str, list[ProcessMoney]] = {}
    for process, *amounts in reading.connection.execute(query):
        money.setdefault(process, []).append(ProcessMoney(*amounts))
    plain = set(PublishedProcess.__struct_fields__) - {"publishers", "money", "defects"}
    return [
        PublishedProcess(
            publishers=json.decode(row["publishers"], type=tuple[str, ...]),
            money=tuple(money.get(row["process"], ())),
            defects=json.decode(row["defects"], type=tuple[Defect, ...]),
            **{name: row[name] for name in plain},
        )
        for row in rows
    ]

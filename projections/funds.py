"""The read model `funds`: what every account of every fund line holds, and published processes.

A fund line's balances are the journal's postings added up, nothing else. A process that others
published has no accounts: it has what they say was planned, committed and paid, by currency.
"""

from typing import NamedTuple

from msgspec import Struct, json
from sqlalchemy import ColumnElement, RowMapping, or_, select

from ledger.events.budget import BudgetAppropriated
from ledger.events.reported import ReleaseReported
from ledger.intake.defects import Defect
from ledger.intake.reading import storable
from ledger.postings import CHART
from projections.balances import balance_changes
from projections.context import (
    CONTEXT_EVENTS,
    CONTEXT_SHAPES,
    LEDGER,
    Context,
    Party,
    matching,
    parties_of,
    searchable,
)
from projections.engine import Projections, Reading
from projections.feed import Batch, Feed
from projections.model import ReadModel, types
from projections.paging import DEFAULT_LIMIT, Page, page_of
from projections.reports import Process, processes_of
from projections.shape import Shape
from projections.sheet import Sheet

# -- the tables --------------------------------------------------------------------------------


class LineRow(NamedTuple):
    """A fund line; its owner is the first signer of its appropriation, as in the law."""

    line: str
    first_position: int
    last_position: int
    owner: str
    year: int
    code: str
    source: str


class BalanceRow(NamedTuple):
    """What an account of a line holds, on its normal side."""

    line: str
    account: str
    balance_fen: int


class ProcessRow(NamedTuple):
    """A published process."""

    process: str
    first_position: int
    last_position: int
    ocid: str
    publishers: str
    """JSON list."""
    title: str
    buyer: str
    stage: str
    tender_status: str
    contracts: int
    reports: int
    defects: str
    """JSON list."""
    search: str


class MoneyRow(NamedTuple):
    """What was published of a process's money in one currency; None where nothing was."""

    process: str
    currency: str
    planned_minor: int | None
    committed_minor: int | None
    paid_minor: int | None


LINE = Shape("line", LineRow, indexes=[("first_position", "line")])
BALANCE = Shape("balance", BalanceRow, key=2)
PROCESS = Shape("process", ProcessRow, indexes=[("first_position", "process"), ("ocid",)])
MONEY = Shape("money", MoneyRow, key=2)

# -- the fold ----------------------------------------------------------------------------------


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    context = Context(sheet)
    touched = {flow.line: 0 for flow in batch.flows}
    lines = {row.line: row for row in sheet.load(LINE, "line", touched)}
    for fact in batch.events:
        event = fact.event
        context.see(event)
        if isinstance(event, BudgetAppropriated):
            lines[event.line] = LineRow(
                event.line,
                fact.position,
                fact.position,
                feed.signers(fact.statement_index)[0],
                event.year,
                event.code,
                event.source,
            )
    for flow in batch.flows:
        row = lines[flow.line]
        last = max(row.last_position, flow.last_position)
        lines[flow.line] = row._replace(last_position=last)
    totals: dict[tuple[str, str], int] = {}
    for (account, line, _), change_fen in balance_changes(batch.flows).items():
        totals[line, account] = totals.get((line, account), 0) + change_fen
    balances = [BalanceRow(*key, change_fen) for key, change_fen in totals.items()]
    context.put(sheet)
    sheet.put(LINE, lines.values())
    sheet.add(BALANCE, balances, ("balance_fen",))
    processes = processes_of(batch, feed)
    sheet.put(PROCESS, [_process_row(process) for process in processes])
    sheet.delete(MONEY, "process", [process.process for process in processes])
    sheet.put(MONEY, [row for process in processes for row in _money_rows(process)])


def _process_row(process: Process) -> ProcessRow:
    facts = process.facts
    return ProcessRow(
        process=process.process,
        first_position=process.first_position,
        last_position=facts.position,
        ocid=process.ocid,
        publishers=json.encode(process.publishers).decode(),
        title=facts.title,
        buyer=facts.buyer,
        stage=facts.stage,
        tender_status=facts.tender_status,
        contracts=len(facts.contracts),
        reports=len(facts.reports),
        defects=json.encode(facts.defects).decode(),
        search=searchable(process.ocid, facts.title, facts.buyer, *process.publishers),
    )


def _money_rows(process: Process) -> list[MoneyRow]:
    facts = process.facts
    planned, committed, paid = (
        {money.currency: money.amount_minor for money in amounts}
        for amounts in (facts.planned, facts.committed, facts.paid)
    )
    return [
        MoneyRow(
            process.process,
            currency,
            planned.get(currency),
            committed.get(currency),
            paid.get(currency),
        )
        for currency in sorted(planned | committed | paid)
    ]


FUNDS = ReadModel(
    name="funds",
    version=1,
    shapes=(*CONTEXT_SHAPES, LINE, BALANCE, PROCESS, MONEY),
    decoded=CONTEXT_EVENTS | types(BudgetAppropriated, ReleaseReported),
    counted=frozenset(),
    fold=_fold,
)

# -- the questions -----------------------------------------------------------------------------


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
    projections: Projections,
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


def fund(projections: Projections, line: str) -> FundFile | None:
    """Return one fund line, or None."""

    def query(reading: Reading) -> FundFile | None:
        table = reading.tables[LINE]
        found = select(table).where(table.c.line == storable(line))
        funds = _funds(reading, list(reading.connection.execute(found).mappings()))
        return FundFile(reading.position, funds[0]) if funds else None

    return projections.read(FUNDS, query)


def list_processes(
    projections: Projections,
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
    owners = parties_of(connection, reading.tables, [row["owner"] for row in rows])
    currency = connection.scalar(select(reading.tables[LEDGER].c.currency)) or ""
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

"""The read model `funds`: what every account of every fund line holds, and published processes.

A fund line's balances are the journal's postings added up, nothing else. A process that others
published has no accounts: it has what they say was planned, committed and paid, by currency.
"""

from msgspec import json

from ledger.events.budget import BudgetAppropriated
from ledger.events.reported import ReleaseReported
from ledger.postings import STAGES
from projections.balances import balance_changes, stages_of, turnovers
from projections.closings import Kept
from projections.context import CONTEXT_EVENTS, Context, searchable
from projections.feed import Batch, Feed, Flow
from projections.funds.tables import (
    BALANCE,
    LINE,
    MONEY,
    PROCESS,
    SHAPES,
    STAGE,
    TURNOVER,
    BalanceRow,
    LineRow,
    MoneyRow,
    ProcessRow,
    StageRow,
    TurnoverRow,
)
from projections.model import ReadModel, types
from projections.reports import Process, processes_of
from projections.sheet import Sheet


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
    moved = turnovers(batch.flows)
    totals: dict[tuple[str, str], int] = {}
    for (account, line, _), change_fen in balance_changes(batch.flows).items():
        totals[line, account] = totals.get((line, account), 0) + change_fen
    balances = [
        BalanceRow(*key, moved[key].last_position, change_fen) for key, change_fen in totals.items()
    ]
    turnover = [
        TurnoverRow(line, batch.month, account, each.last_position, each.debit_fen, each.credit_fen)
        for (line, account), each in moved.items()
    ]
    stages = [
        StageRow(line, batch.month, lines[line].last_position, *came.values())
        for line, came in _stages(batch.flows).items()
    ]
    context.put(sheet)
    sheet.put(LINE, lines.values())
    sheet.add(BALANCE, balances, ("balance_fen",))
    sheet.add(TURNOVER, turnover, ("debit_fen", "credit_fen"))
    sheet.add(STAGE, stages, [f"{stage}_fen" for stage in STAGES])
    processes = processes_of(batch, feed)
    sheet.put(PROCESS, [_process_row(process) for process in processes])
    sheet.delete(MONEY, "process", [process.process for process in processes])
    sheet.put(MONEY, [row for process in processes for row in _money_rows(process)])


def _stages(flows: list[Flow]) -> dict[str, dict[str, int]]:
    """Return what came to each stage, by line."""
    by_line: dict[str, list[Flow]] = {}
    for flow in flows:
        by_line.setdefault(flow.line, []).append(flow)
    return {line: stages_of(of_line) for line, of_line in by_line.items()}


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
    version=3,
    shapes=SHAPES,
    decoded=CONTEXT_EVENTS | types(BudgetAppropriated, ReleaseReported),
    counted=frozenset(),
    fold=_fold,
    kept=(Kept(LINE, "line", parts=(BALANCE, TURNOVER, STAGE)),),
    parties=((LINE, "owner"),),
)

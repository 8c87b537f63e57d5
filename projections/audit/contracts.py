"""Contracts of the ledger in one row each, and the life of each, event by event."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct
from sqlalchemy import func, select

from ledger.events import decode_event
from ledger.postings import CHART, CONTRACT_STAGES
from ledger.statement import parse_statement
from ledger.store.histories import uuid_of
from ledger.store.pages import postings_at, statements_at
from ledger.store.rows import EventRow, PostingRow
from ledger.times import format_instant
from projections.audit.moment import Moment
from projections.contracts import CONTRACTS, Contract, list_contracts
from projections.contracts.tables import BALANCE, LINE
from projections.paging import MAX_LIMIT

_AT_ONCE = 500
"""Events whose postings and statements are read at once."""


class ContractSheet(Struct, frozen=True):
    """A contract: who, what, when, and where each fen that was committed to it stands.

    Attributes:
        contract: its id.
        number: the parties' own number.
        title: what it is about, in Chinese where there is that.
        status: active, suspended, terminated or closed.
        programme: the programme it serves.
        tender: the tender it came from.
        award: the award it carries out.
        buyer: the purchasing party.
        buyer_name: its official name.
        provider: the party that serves.
        provider_name: its official name.
        lines: the fund lines that pay it, a space between two.
        value_fen: the most it may cost, amendments included.
        committed_fen: bound to it and not yet delivered.
        prepaid_fen: advances paid and not yet delivered against.
        advance_ordered_fen: advances ordered from the bank.
        accrued_fen: accepted and payable now.
        retained_fen: accepted and held back.
        ordered_fen: ordered from the bank.
        paid_fen: paid.
        interest_paid_fen: interest paid, beyond the value.
        accepted_fen: delivered and accepted in all, whether paid since or not.
        visits: how many visits were recorded.
        claims: how many claims were submitted.
        claimed_fen: asked for in all.
        cut_fen: cut from claims and not come back.
        disputed_fen: in dispute, not yet decided.
        signed_on: day of the signing.
        starts_on: first day of service.
        ends_on: last day of service.
        published_on: day on which its text was published.
        closed_on: day on which it was closed.
        first_position: position of its signing.
        last_position: position of the last event about it.

    """

    contract: str
    number: str
    title: str
    status: str
    programme: str | None
    tender: str | None
    award: str | None
    buyer: str
    buyer_name: str
    provider: str
    provider_name: str
    lines: str
    value_fen: int | None
    committed_fen: int
    prepaid_fen: int
    advance_ordered_fen: int
    accrued_fen: int
    retained_fen: int
    ordered_fen: int
    paid_fen: int
    interest_paid_fen: int
    accepted_fen: int | None
    visits: int
    claims: int
    claimed_fen: int
    cut_fen: int
    disputed_fen: int
    signed_on: str | None
    starts_on: str | None
    ends_on: str | None
    published_on: str | None
    closed_on: str | None
    first_position: int
    last_position: int


class ContractStep(Struct, frozen=True):
    """An event in the life of a contract, and where its money stood after it.

    Visits, and what people said about visits, are left out; the claims sum them up.

    Attributes:
        contract: the contract.
        step: number of the event in this life, from 1.
        position: the event's position in the ledger.
        event: its id.
        type: its type.
        at: when it happened, as its signers say (RFC 3339, UTC).
        recorded: when the ledger admitted it, likewise.
        statement: index of its statement in the log.
        signers: the parties that signed, a space between two.
        committed_fen: bound to the contract and not yet delivered, on all lines.
        prepaid_fen: advances paid and not yet delivered against.
        advance_ordered_fen: advances ordered from the bank.
        accrued_fen: accepted and payable.
        retained_fen: accepted and held back.
        ordered_fen: ordered from the bank.
        paid_fen: paid.

    """

    contract: str
    step: int
    position: int
    event: str
    type: str
    at: str
    recorded: str
    statement: int
    signers: str
    committed_fen: int
    prepaid_fen: int
    advance_ordered_fen: int
    accrued_fen: int
    retained_fen: int
    ordered_fen: int
    paid_fen: int


def native_contracts(moment: Moment) -> Iterator[Contract]:
    """Yield the contracts that this ledger runs, in the order of their signing."""
    after: str | None = None
    while True:
        page = list_contracts(moment, origin="native", after=after, limit=MAX_LIMIT)
        yield from page.items
        if page.next is None:
            return
        after = page.next


def contract_sheets(moment: Moment) -> Iterator[ContractSheet]:
    """Yield the ledger's own contracts, in the order of their signing."""
    for each in native_contracts(moment):
        held = _held(moment, each.contract)
        (provider,) = each.providers or (None,)
        yield ContractSheet(
            contract=each.contract,
            number=each.number,
            title=_in_words(each.titles),
            status=each.status,
            programme=each.programme,
            tender=each.tender,
            award=each.award,
            buyer=(each.buyer and each.buyer.id) or "",
            buyer_name=_in_words(each.buyer.names) if each.buyer else "",
            provider=(provider and provider.id) or "",
            provider_name=_in_words(provider.names) if provider else "",
            lines=" ".join(_lines(moment, each.contract)),
            value_fen=each.value_minor,
            interest_paid_fen=held["interest_paid"],
            accepted_fen=each.accrued_minor,
            visits=each.visits,
            claims=each.claims,
            claimed_fen=each.claimed_minor,
            cut_fen=each.cut_minor,
            disputed_fen=each.disputed_minor,
            signed_on=each.signed_on,
            starts_on=each.starts_on,
            ends_on=each.ends_on,
            published_on=each.published_on,
            closed_on=each.closed_on,
            first_position=each.first_position,
            last_position=each.last_position,
            **{f"{stage}_fen": held[stage] for stage in CONTRACT_STAGES},
        )


def contract_steps(moment: Moment) -> Iterator[ContractStep]:
    """Yield the life of each contract, event by event, contract by contract."""
    for each in native_contracts(moment):
        yield from _life(moment, each.contract)


def _life(moment: Moment, contract: str) -> Iterator[ContractStep]:
    held, step = dict.fromkeys(CONTRACT_STAGES, 0), 0
    for events in _some(moment.events_of(contract)):
        postings = postings_at(moment.store, [event.position for event in events])
        indexes = [event.statement_index for event in events]
        statements = statements_at(moment.store, indexes)
        for event in events:
            step += 1
            _move(held, postings.get(event.position, ()), contract)
            statement = statements[event.statement_index]
            yield ContractStep(
                contract=contract,
                step=step,
                position=event.position,
                event=uuid_of(event),
                type=event.type,
                at=decode_event(event.body).at,
                recorded=format_instant(statement.recorded_ms),
                statement=statement.index,
                signers=" ".join(parse_statement(statement.note).signers),
                **{f"{stage}_fen": fen for stage, fen in held.items()},
            )


def _move(held: dict[str, int], postings: Iterable[PostingRow], contract: str) -> None:
    """Add to each stage what an event's postings moved; all stages are credit-normal."""
    for posting in postings:
        if posting.contract == contract:
            if posting.debit in held:
                held[posting.debit] -= posting.amount_fen
            if posting.credit in held:
                held[posting.credit] += posting.amount_fen


def _some(events: Iterator[EventRow]) -> Iterator[list[EventRow]]:
    while some := list(islice(events, _AT_ONCE)):
        yield some


def _held(moment: Moment, contract: str) -> dict[str, int]:
    """Return what each account holds for a contract, on all its lines."""
    reading = moment.readings[CONTRACTS.name]
    column = reading.tables[BALANCE].c
    query = (
        select(column.account, func.sum(column.balance_fen))
        .where(column.contract == contract)
        .group_by(column.account)
    )
    found: dict[str, Any] = dict(map(tuple, reading.connection.execute(query)))
    return {name: int(found.get(name, 0)) for name in CHART}


def _lines(moment: Moment, contract: str) -> Sequence[str]:
    reading = moment.readings[CONTRACTS.name]
    column = reading.tables[LINE].c
    query = select(column.line).where(column.contract == contract).order_by(column.ordinal)
    return reading.connection.scalars(query).all()


def _in_words(names: dict[str, str]) -> str:
    return names.get("zh") or next(iter(names.values()), "")

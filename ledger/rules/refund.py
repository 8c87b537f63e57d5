"""Law of refunds: what was paid this budget year can be used again, of an earlier one it is cash.

paid this year, contract active      paid -> committed
paid this year, contract closed      paid -> allotted
paid in an earlier year              no authority; cash -> equity (Budget Law 42)
"""

from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.refund import RefundReceived
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rules.act import Act, Rule, authorise, check_date, look_up
from ledger.rules.shares import flows, lines_of, split_among
from ledger.state import State
from ledger.times import year_of


def _authorise_refund(state: State, event: RefundReceived, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    case = contract.case._replace(amount_fen=event.amount_fen)
    authorise(state, event, act, case, (Seat("treasury"),))


def _admit_refund(state: State, event: RefundReceived, act: Act) -> None:
    check_date("value_date", event.value_date)
    if event.value_date > act.today:
        raise Refused(
            "value_date_outside",
            date=event.value_date,
            from_date=f"{event.year}-01-01",
            to_date=act.today,
        )
    if event.refund is not UNSET:
        _check_demand(state, event, event.refund)
    lines = _paid_lines(state, event)
    paid_fen = sum(state.balance("paid", line, event.contract) for line in lines)
    if event.amount_fen > paid_fen:
        raise Refused(
            "value_exceeds",
            what=f"The refund of what contract {event.contract} was paid in {event.year}",
            value_fen=event.amount_fen,
            limit_fen=paid_fen,
        )


def _check_demand(state: State, event: RefundReceived, refund: str) -> None:
    """Check that a refund answers a demand under its contract, with no more than is open of it."""
    demand = look_up(state.refunds, "refund", refund)
    open_fen = demand.amount_fen if demand.status == "demanded" else 0
    if demand.contract != event.contract:
        open_fen = 0
    if event.amount_fen > open_fen:
        raise Refused(
            "value_exceeds",
            what=f"What contract {event.contract} pays back of refund {refund}",
            value_fen=event.amount_fen,
            limit_fen=open_fen,
        )


def _apply_refund(state: State, event: RefundReceived, _act: Act) -> None:
    if event.refund is UNSET:
        return
    demand = state.refunds[event.refund]
    left_fen = demand.amount_fen - event.amount_fen
    if left_fen:
        demand = demand._replace(amount_fen=left_fen)
    else:
        demand = demand._replace(status="received")
    state.put(state.refunds, event.refund, demand)


def _paid_lines(state: State, event: RefundReceived) -> list[str]:
    """Return the fund lines of a budget year from which the contract was paid, in its order.

    A line that was carried over is still one of its lines: what was paid from it stands there.
    """
    return [
        line
        for line in lines_of(state, event.contract)
        if state.lines[line].year == event.year and state.balance("paid", line, event.contract)
    ]


def _post_refund(state: State, event: RefundReceived) -> list[Posting]:
    contract, lines = event.contract, _paid_lines(state, event)
    parts = split_among(state, contract, lines, "paid", event.amount_fen)
    if year_of(event.value_date) != event.year:
        return flows(contract, lines, "cash", "equity", parts)
    free = "allotted" if state.contracts[contract].status == "closed" else "committed"
    return [
        *flows(contract, lines, "paid", free, parts),
        *flows(contract, lines, "cash", "service_expense", parts),
    ]


def _home(_state: State, event: RefundReceived) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    RefundReceived: Rule(
        _authorise_refund, _admit_refund, _apply_refund, _home, _post_refund, commits=True
    ),
}

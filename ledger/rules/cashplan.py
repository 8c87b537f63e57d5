"""Law of cash plans: what a month's orders may come to on a fund line (分月用款计划).

A line that has no plan is not limited. From the first month that has one on, every month has the
limit that was approved for it, and without one none of it may be ordered. A plan limits orders
and advances, never claims: what was accepted stays owed, and its clock runs on.

    check_cash_plan(state, parts, act)     before an order: parts are (fund line, fen)
    use_cash_plan(state, parts, act)       when it is given
    restore_cash_plan(state, parts, act)   when the bank rejects it, or sends it back

What comes back is restored to the month in which the treasury reports it: the cash is there
again, and the same order can be repeated without a new plan (docs/decisions/0016).
"""

from collections.abc import Iterable
from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.budget import CashplanApproved
from ledger.parties import Case, Seat
from ledger.postings import Posting
from ledger.rules.act import Act, Rule, authorise
from ledger.rules.budget import check_owner
from ledger.state import State
from ledger.state.budget import CashPlan
from ledger.times import month_of

Parts = list[tuple[str, int]]
"""(fund line, fen): what an order draws from each line."""

ORDERED = frozenset(["ordered", "advance_ordered", "interest_ordered"])
SETTLED = frozenset(["paid", "interest_paid"])

_NOTHING = CashPlan(0, 0)


def ordered_parts(postings: Iterable[Posting]) -> Parts:
    """Return what an order with these postings draws: principal, advance and interest."""
    return [(each.line, each.amount_fen) for each in postings if each.credit in ORDERED]


def returned_parts(postings: Iterable[Posting]) -> Parts:
    """Return what a rejection or a bounce with these postings brings back."""
    sources = ORDERED | SETTLED
    return [(each.line, each.amount_fen) for each in postings if each.debit in sources]


def check_cash_plan(state: State, parts: Parts, act: Act) -> None:
    """Check that an order keeps to the month's plan on every line it draws on.

    Raises:
        Refused: `cash_plan_exceeded`.

    """
    month = month_of(act.today)
    for line, asked_fen in _by_line(parts).items():
        planned_from = state.lines[line].planned_from
        if planned_from is None or month < planned_from:
            continue
        plan = state.cash_plans.get((line, month), _NOTHING)
        if plan.used_fen + asked_fen > plan.planned_fen:
            raise Refused(
                "cash_plan_exceeded",
                line=line,
                month=month,
                planned_fen=plan.planned_fen,
                used_fen=plan.used_fen,
                asked_fen=asked_fen,
            )


def use_cash_plan(state: State, parts: Parts, act: Act) -> None:
    """Count an order in the month of the act, also where no plan limits it yet."""
    _count(state, parts, act, 1)


def restore_cash_plan(state: State, parts: Parts, act: Act) -> None:
    """Give back to the month of the act what the bank did not pay, or sent back."""
    _count(state, parts, act, -1)


def _count(state: State, parts: Parts, act: Act, sign: int) -> None:
    month = month_of(act.today)
    for line, part_fen in _by_line(parts).items():
        plan = state.cash_plans.get((line, month), _NOTHING)
        used = plan._replace(used_fen=plan.used_fen + sign * part_fen)
        state.put(state.cash_plans, (line, month), used)


def _by_line(parts: Parts) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line, part_fen in parts:
        sums[line] = sums.get(line, 0) + part_fen
    return sums


# -- cashplan.approved -------------------------------------------------------------------------


def _authorise(state: State, event: CashplanApproved, act: Act) -> None:
    case = Case(line=event.line, amount_fen=event.amount_fen)
    authorise(state, event, act, case, (Seat("finance"),))


def _admit(state: State, event: CashplanApproved, act: Act) -> None:
    check_owner(state, event.line, act.signers[0].party)
    used_fen = state.cash_plans.get((event.line, event.month), _NOTHING).used_fen
    if event.amount_fen < used_fen:
        raise Refused(
            "cash_plan_below_use",
            line=event.line,
            month=event.month,
            planned_fen=event.amount_fen,
            used_fen=used_fen,
        )


def _apply(state: State, event: CashplanApproved, _act: Act) -> None:
    key = (event.line, event.month)
    plan = state.cash_plans.get(key, _NOTHING)
    state.put(state.cash_plans, key, plan._replace(planned_fen=event.amount_fen))
    line = state.lines[event.line]
    planned_from = min(event.month, line.planned_from or event.month)
    state.put(state.lines, event.line, line._replace(planned_from=planned_from))


def _home(_state: State, event: CashplanApproved) -> tuple[str, ...]:
    return (f"line/{event.line}",)


RULES: dict[type[Event], Rule[Any]] = {
    CashplanApproved: Rule(_authorise, _admit, _apply, _home),
}

"""What of a claim is not final yet: cuts until C19a runs out, disputed lines until decided.

    cut         --- 5 working days, nobody says a word ---> stands
    cut         --- claim.agreed -------------------------> comes back
    cut         --- dispute.opened -----------------------> disputed
    disputed    --- dispute.settled, dispute.ruled -------> awarded, or final

Lines are kept by visit only so long; afterwards a claim is a few sums. No event tells that a cut
stands: those whose time is over are forgotten before the next act that makes or counts cuts.
"""

from collections.abc import Sequence
from typing import Protocol

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.claim import ClaimAnswered
from ledger.events.contract import ContractTerminated
from ledger.rules.act import Act, look_up
from ledger.rules.contract import unclosed
from ledger.rules.lists import check_distinct
from ledger.state import State
from ledger.state.contract import Contract
from ledger.times import format_date, parse_date


class Line(Protocol):
    """A line of a claim as an event names it: how much of which visit."""

    @property
    def visit(self) -> str:
        """The visit's event id."""

    @property
    def amount_fen(self) -> int:
        """How much of it."""


FORGETS: frozenset[type[Event]] = frozenset([ClaimAnswered, ContractTerminated])
"""The types of acts before which the cuts that stand are forgotten."""


def sum_of(lines: Sequence[Line]) -> int:
    """Return what lines come to, fen."""
    return sum(line.amount_fen for line in lines)


def check_cuts(state: State, claim_id: str, lines: Sequence[Line], act: Act) -> Contract:
    """Check that cuts can still come back or be contested (C19a); return their contract.

    Raises:
        Refused: `reference_unknown`, `contract_not_active`, `cuts_stand`, `list_repeats`,
            `line_not_open`.

    """
    claim = look_up(state.claims, "claim", claim_id)
    contract = unclosed(state, claim.contract)
    if claim.status == "answered" and parse_date(act.today) > claim.contest_by:
        raise Refused("cuts_stand", claim=claim_id, last_day=format_date(claim.contest_by))
    _check_lines(state.cuts, "cut", claim_id, lines)
    return contract


def forget_standing_cuts(state: State, act: Act) -> None:
    """Forget the cuts that can no longer be contested."""
    today = parse_date(act.today)
    for claim_id in [each for each in state.cuts if today > state.claims[each].contest_by]:
        state.drop(state.cuts, claim_id)


def check_disputed(state: State, claim_id: str, lines: Sequence[Line]) -> Contract:
    """Check that lines are in dispute; return their contract.

    Raises:
        Refused: `reference_unknown`, `list_repeats`, `line_not_open`.

    """
    claim = look_up(state.claims, "claim", claim_id)
    _check_lines(state.disputes, "in dispute", claim_id, lines)
    return state.contracts[claim.contract]


def take_lines(
    state: State, table: dict[str, dict[str, int]], claim_id: str, lines: Sequence[Line]
) -> None:
    """Take lines out of what a claim has open in `table`."""
    left = dict(table[claim_id])
    for line in lines:
        left[line.visit] -= line.amount_fen
        if not left[line.visit]:
            del left[line.visit]
    if left:
        state.put(table, claim_id, left)
    else:
        state.drop(table, claim_id)


def add_lines(
    state: State, table: dict[str, dict[str, int]], claim_id: str, lines: Sequence[Line]
) -> None:
    """Add lines to what a claim has open in `table`."""
    sums = dict(table.get(claim_id, {}))
    for line in lines:
        sums[line.visit] = sums.get(line.visit, 0) + line.amount_fen
    if sums:
        state.put(table, claim_id, sums)


def _check_lines(
    table: dict[str, dict[str, int]], what: str, claim_id: str, lines: Sequence[Line]
) -> None:
    check_distinct("lines", [line.visit for line in lines])
    open_fen = table.get(claim_id, {})
    for line in lines:
        if line.amount_fen > open_fen.get(line.visit, 0):
            raise Refused(
                "line_not_open",
                visit=line.visit,
                claim=claim_id,
                what=what,
                open_fen=open_fen.get(line.visit, 0),
                amount_fen=line.amount_fen,
            )

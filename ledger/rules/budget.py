"""Law of budget authority: it is granted, allotted, moved and cut, never made."""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.budget import (
    BudgetAllotted,
    BudgetAppropriated,
    BudgetReduced,
    BudgetSupplemented,
    BudgetTransferred,
)
from ledger.parties import Case, Seat
from ledger.postings import Posting
from ledger.rules.act import Act, Rule, authorise, check_free, look_up, nothing, take
from ledger.state import State
from ledger.state.budget import Line


def check_owner(state: State, line: str, party: str) -> None:
    """Check that a party appropriated a line.

    Raises:
        Refused: `reference_unknown`, `not_line_owner`.

    """
    owner = look_up(state.lines, "line", line).owner
    if party != owner:
        raise Refused("not_line_owner", party=party, line=line, owner=owner)


def check_open(state: State, line: str) -> None:
    """Check that a line has not lapsed: it grants nothing after.

    Raises:
        Refused: `line_lapsed`.

    """
    if state.lines[line].lapsed:
        raise Refused("line_lapsed", line=line)


def check_year(state: State, line: str, year: int) -> None:
    """Check that a line is of a budget year.

    Raises:
        Refused: `year_differs`.

    """
    if state.lines[line].year != year:
        raise Refused("year_differs", line=line, year=state.lines[line].year, expected=year)


# -- appropriated, supplemented, reduced, allotted ---------------------------------------------


def _finance_twice(act: Act) -> tuple[Seat, Seat]:
    """Two seats of one finance bureau: that of whoever signs first."""
    return (Seat("finance", act.signers[0].party), Seat("finance", act.signers[0].party))


def _authorise_appropriation(state: State, event: BudgetAppropriated, act: Act) -> None:
    case = Case(line=event.line, amount_fen=event.amount_fen)
    authorise(state, event, act, case, _finance_twice(act))


def _admit_appropriation(state: State, event: BudgetAppropriated, _act: Act) -> None:
    check_free(state, "line", event.line)


def _post_appropriation(_state: State, event: BudgetAppropriated) -> list[Posting]:
    return [
        Posting("source_original", "appropriated", event.line, event.amount_fen),
        Posting("cash", "equity", event.line, event.amount_fen),
    ]


def _apply_appropriation(state: State, event: BudgetAppropriated, act: Act) -> None:
    take(state, "line", event.line)
    line = Line(event.line, act.signers[0].party, event.year, lapsed=False, planned_from=None)
    state.put(state.lines, event.line, line)


def _authorise_adjustment(
    state: State, event: BudgetSupplemented | BudgetReduced, act: Act
) -> None:
    case = Case(line=event.line, amount_fen=event.amount_fen)
    authorise(state, event, act, case, _finance_twice(act))


def _admit_owned(
    state: State, event: BudgetSupplemented | BudgetReduced | BudgetAllotted, act: Act
) -> None:
    check_owner(state, event.line, act.signers[0].party)
    check_open(state, event.line)


def _post_supplement(_state: State, event: BudgetSupplemented) -> list[Posting]:
    return [
        Posting("source_adjusted", "appropriated", event.line, event.amount_fen),
        Posting("cash", "equity", event.line, event.amount_fen),
    ]


def _post_reduction(_state: State, event: BudgetReduced) -> list[Posting]:
    return [
        Posting(event.stage, "source_adjusted", event.line, event.amount_fen),
        Posting("equity", "cash", event.line, event.amount_fen),
    ]


def _authorise_allotment(state: State, event: BudgetAllotted, act: Act) -> None:
    case = Case(line=event.line, amount_fen=event.amount_fen)
    authorise(state, event, act, case, (Seat("finance"),))


def _post_allotment(_state: State, event: BudgetAllotted) -> list[Posting]:
    return [Posting("appropriated", "allotted", event.line, event.amount_fen)]


# -- transferred -------------------------------------------------------------------------------


def _authorise_transfer(state: State, event: BudgetTransferred, act: Act) -> None:
    giver = look_up(state.lines, "line", event.from_line).owner
    receiver = look_up(state.lines, "line", event.to_line).owner
    case = Case(line=event.from_line, amount_fen=event.amount_fen)
    ways = [(Seat("finance", giver), Seat("finance", giver))]
    if giver != receiver:
        ways.append((Seat("finance", giver), Seat("finance", receiver, event.to_line)))
    authorise(state, event, act, case, *ways)


def _admit_transfer(state: State, event: BudgetTransferred, _act: Act) -> None:
    if event.from_line == event.to_line:
        raise Refused("same_line", line=event.from_line)
    # To another year it would be a carry-over that Budget Law 42 does not see.
    check_year(state, event.to_line, state.lines[event.from_line].year)
    check_open(state, event.from_line)
    check_open(state, event.to_line)


def _post_transfer(_state: State, event: BudgetTransferred) -> list[Posting]:
    giver, receiver, amount_fen = event.from_line, event.to_line, event.amount_fen
    return [
        Posting("allotted", "source_adjusted", giver, amount_fen),
        Posting("source_adjusted", "allotted", receiver, amount_fen),
        Posting("equity", "cash", giver, amount_fen),
        Posting("cash", "equity", receiver, amount_fen),
    ]


def _line(
    _state: State,
    event: BudgetAppropriated | BudgetSupplemented | BudgetReduced | BudgetAllotted,
) -> tuple[str, ...]:
    return (f"line/{event.line}",)


def _giving_line(_state: State, event: BudgetTransferred) -> tuple[str, ...]:
    return (f"line/{event.from_line}",)


RULES: dict[type[Event], Rule[Any]] = {
    BudgetAppropriated: Rule(
        _authorise_appropriation,
        _admit_appropriation,
        _apply_appropriation,
        _line,
        _post_appropriation,
    ),
    BudgetSupplemented: Rule(_authorise_adjustment, _admit_owned, nothing, _line, _post_supplement),
    BudgetReduced: Rule(_authorise_adjustment, _admit_owned, nothing, _line, _post_reduction),
    BudgetAllotted: Rule(_authorise_allotment, _admit_owned, nothing, _line, _post_allotment),
    BudgetTransferred: Rule(
        _authorise_transfer, _admit_transfer, nothing, _giving_line, _post_transfer
    ),
}

"""Law of programmes and of budget authority: it is granted, allotted and moved, never made."""

from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.budget import (
    BudgetAllotted,
    BudgetAppropriated,
    BudgetSupplemented,
    BudgetTransferred,
    ProgrammeEstablished,
)
from ledger.parties import Case, Seat
from ledger.postings import Posting
from ledger.rules.act import (
    Act,
    Rule,
    authorise,
    check_distinct,
    check_free,
    check_period,
    check_whole,
    look_up,
    nothing,
    take,
)
from ledger.state import State
from ledger.state.budget import Line, Programme

# -- programme.established ---------------------------------------------------------------------


def _authorise_programme(state: State, event: ProgrammeEstablished, act: Act) -> None:
    case = Case(programme=event.programme)
    authorise(state, event, act, case, (Seat("purchaser"), Seat("finance")))


def _admit_programme(state: State, event: ProgrammeEstablished, _act: Act) -> None:
    check_free(state, "programme", event.programme)
    check_period("period", event.period.from_date, event.period.to_date)
    if event.indicators is not UNSET and event.indicators:
        check_distinct("indicators", [indicator.id.lower() for indicator in event.indicators])
        check_whole("indicators", [indicator.weight_ppm for indicator in event.indicators])


def _apply_programme(state: State, event: ProgrammeEstablished, act: Act) -> None:
    take(state, "programme", event.programme)
    purchaser, _ = act.filled
    state.put(
        state.programmes,
        event.programme,
        Programme(
            event.programme,
            purchaser.party,
            event.period.from_date,
            event.period.to_date,
            stable=event.stable is True,
        ),
    )


# -- budget ------------------------------------------------------------------------------------


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
    state.put(state.lines, event.line, Line(event.line, act.signers[0].party, event.year))


def _authorise_supplement(state: State, event: BudgetSupplemented, act: Act) -> None:
    case = Case(line=event.line, amount_fen=event.amount_fen)
    authorise(state, event, act, case, _finance_twice(act))


def _admit_owned(state: State, event: BudgetSupplemented | BudgetAllotted, act: Act) -> None:
    _check_owner(state, event.line, act.signers[0].party)


def _post_supplement(_state: State, event: BudgetSupplemented) -> list[Posting]:
    return [
        Posting("source_adjusted", "appropriated", event.line, event.amount_fen),
        Posting("cash", "equity", event.line, event.amount_fen),
    ]


def _authorise_allotment(state: State, event: BudgetAllotted, act: Act) -> None:
    case = Case(line=event.line, amount_fen=event.amount_fen)
    authorise(state, event, act, case, (Seat("finance"),))


def _post_allotment(_state: State, event: BudgetAllotted) -> list[Posting]:
    return [Posting("appropriated", "allotted", event.line, event.amount_fen)]


def _authorise_transfer(state: State, event: BudgetTransferred, act: Act) -> None:
    giver = look_up(state.lines, "line", event.from_line).owner
    receiver = look_up(state.lines, "line", event.to_line).owner
    case = Case(line=event.from_line, amount_fen=event.amount_fen)
    ways = [(Seat("finance", giver), Seat("finance", giver))]
    if giver != receiver:
        ways.append((Seat("finance", giver), Seat("finance", receiver, event.to_line)))
    authorise(state, event, act, case, *ways)


def _admit_transfer(_state: State, event: BudgetTransferred, _act: Act) -> None:
    if event.from_line == event.to_line:
        raise Refused("same_line", line=event.from_line)


def _post_transfer(_state: State, event: BudgetTransferred) -> list[Posting]:
    giver, receiver, amount_fen = event.from_line, event.to_line, event.amount_fen
    return [
        Posting("allotted", "source_adjusted", giver, amount_fen),
        Posting("source_adjusted", "allotted", receiver, amount_fen),
        Posting("equity", "cash", giver, amount_fen),
        Posting("cash", "equity", receiver, amount_fen),
    ]


def _check_owner(state: State, line: str, party: str) -> None:
    owner = look_up(state.lines, "line", line).owner
    if party != owner:
        raise Refused("not_line_owner", party=party, line=line, owner=owner)


def _programme(_state: State, event: ProgrammeEstablished) -> tuple[str, ...]:
    return (f"programme/{event.programme}",)


def _line(
    _state: State, event: BudgetAppropriated | BudgetSupplemented | BudgetAllotted
) -> tuple[str, ...]:
    return (f"line/{event.line}",)


def _giving_line(_state: State, event: BudgetTransferred) -> tuple[str, ...]:
    return (f"line/{event.from_line}",)


RULES: dict[type[Event], Rule[Any]] = {
    ProgrammeEstablished: Rule(
        _authorise_programme, _admit_programme, _apply_programme, _programme
    ),
    BudgetAppropriated: Rule(
        _authorise_appropriation,
        _admit_appropriation,
        _apply_appropriation,
        _line,
        _post_appropriation,
    ),
    BudgetSupplemented: Rule(_authorise_supplement, _admit_owned, nothing, _line, _post_supplement),
    BudgetAllotted: Rule(_authorise_allotment, _admit_owned, nothing, _line, _post_allotment),
    BudgetTransferred: Rule(
        _authorise_transfer, _admit_transfer, nothing, _giving_line, _post_transfer
    ),
}

"""Law of retention: what is held back is owed on its day, or when something takes its place.

C21: from the contract's day of release on, anybody of the case may book that all of it is owed;
the purchaser may release any part earlier. Neither is done while a notice about the contract is
open, once it is due only one from before its day: what is held back may be all that the notice can
be met from. A guarantee frees as much as it guarantees, since the guarantor then stands for it.
"""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.retention import GuaranteeLodged, RetentionReleased
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rules.acceptance import Owed, owe
from ledger.rules.act import Act, Rule, authorise, check_free, look_up
from ledger.rules.contract import draw, moves
from ledger.rules.deadline import end_of_day
from ledger.rules.notice import open_notice
from ledger.state import State
from ledger.state.contract import Contract
from ledger.times import parse_date


def release_due_ms(state: State, contract: Contract) -> int:
    """Return when what a contract holds back falls due (C21), milliseconds since the epoch."""
    return end_of_day(state, parse_date(contract.retention_release) - 1)


# -- retention.released ------------------------------------------------------------------------


def _authorise_release(state: State, event: RetentionReleased, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    buyer = (Seat("purchaser", contract.buyer),)
    if event.basis == "due":
        # The rule makes it valid, not the signer; so nobody's limit holds it up.
        operator = (Seat("operator"),)
        case = contract.case.of_a_clock()
        authorise(state, event, act, case, operator, contract.provider_seats, buyer)
    else:
        case = contract.case._replace(amount_fen=event.amount_fen)
        authorise(state, event, act, case, buyer)


def _admit_release(state: State, event: RetentionReleased, act: Act) -> None:
    contract = state.contracts[event.contract]
    due_ms = release_due_ms(state, contract)
    is_due = act.recorded_ms >= due_ms
    if is_due != (event.basis == "due"):
        raise Refused(
            "retention_is_due" if is_due else "retention_not_due",
            contract=event.contract,
            when=contract.retention_release,
        )
    # What is due waits for whom was heard before its day; else one notice after another kept it.
    notice = open_notice(state, event.contract, act.recorded_ms, due_ms if is_due else None)
    if notice is not None:
        raise Refused("notice_open", contract=event.contract, notice=notice.notice)
    retained_fen = _check_retained(state, contract, event)
    if event.basis == "due" and event.amount_fen != retained_fen:
        raise Refused(
            "retention_not_whole",
            contract=event.contract,
            retained_fen=retained_fen,
            amount_fen=event.amount_fen,
        )


# -- guarantee.lodged --------------------------------------------------------------------------


def _authorise_guarantee(state: State, event: GuaranteeLodged, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    case = contract.case._replace(amount_fen=event.amount_fen)
    seats = (Seat("provider", contract.provider), Seat("lender", event.guarantor))
    authorise(state, event, act, case, seats)


def _admit_guarantee(state: State, event: GuaranteeLodged, _act: Act) -> None:
    _check_retained(state, state.contracts[event.contract], event)


# -- shared ------------------------------------------------------------------------------------


def _check_retained(
    state: State, contract: Contract, event: RetentionReleased | GuaranteeLodged
) -> int:
    """Check that so much is held back, and return all that is."""
    check_free(state, "claim", event.id)
    retained_fen = sum(state.holdings("retained", contract))
    if event.amount_fen > retained_fen:
        raise Refused(
            "value_exceeds",
            what=f"What is released under contract {event.contract}",
            value_fen=event.amount_fen,
            limit_fen=retained_fen,
        )
    return retained_fen


def _post(state: State, event: RetentionReleased | GuaranteeLodged) -> list[Posting]:
    contract = state.contracts[event.contract]
    parts = draw(state, contract, "retained", event.amount_fen)
    return [
        *moves(contract, "retained", "accrued", parts),
        *moves(contract, "retention_payable", "payable", parts),
    ]


def _apply(state: State, event: RetentionReleased | GuaranteeLodged, act: Act) -> None:
    since = parse_date(act.today)  # C13 runs from the release; the provider may book it, too
    owe(state, event.id, Owed(event.contract, "released", event.amount_fen, since))


def _home(_state: State, event: RetentionReleased | GuaranteeLodged) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    RetentionReleased: Rule(_authorise_release, _admit_release, _apply, _home, _post),
    GuaranteeLodged: Rule(_authorise_guarantee, _admit_guarantee, _apply, _home, _post),
}

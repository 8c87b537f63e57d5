"""Law of programmes: what services are bought for, how it is measured, and when it is over."""

from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.budget import IndicatorReported, ProgrammeEnded, ProgrammeEstablished
from ledger.parties import Case, Seat
from ledger.rules.act import (
    Act,
    Rule,
    authorise,
    check_free,
    check_past,
    check_period,
    look_up,
    nothing,
    take,
)
from ledger.rules.lists import check_distinct, check_whole
from ledger.state import State
from ledger.state.budget import Programme


def check_running(state: State, programme_id: str) -> None:
    """Check that a programme was not ended: nothing new is bought, and nobody enrolled, in it.

    Raises:
        Refused: `reference_unknown`, `programme_ended`.

    """
    if look_up(state.programmes, "programme", programme_id).ended:
        raise Refused("programme_ended", programme=programme_id)


# -- programme.established ---------------------------------------------------------------------


def _authorise_both(state: State, event: ProgrammeEstablished | ProgrammeEnded, act: Act) -> None:
    purchaser = None
    if isinstance(event, ProgrammeEnded):
        purchaser = look_up(state.programmes, "programme", event.programme).purchaser
    case = Case(programme=event.programme, purchaser=purchaser)
    authorise(state, event, act, case, (Seat("purchaser", purchaser), Seat("finance")))


def _admit_programme(state: State, event: ProgrammeEstablished, _act: Act) -> None:
    check_free(state, "programme", event.programme)
    check_period("period", event.period.from_date, event.period.to_date)
    if event.indicators is not UNSET and event.indicators:
        check_distinct("indicators", [indicator.id.lower() for indicator in event.indicators])
        check_whole("indicators", [indicator.weight_ppm for indicator in event.indicators])


def _apply_programme(state: State, event: ProgrammeEstablished, act: Act) -> None:
    take(state, "programme", event.programme)
    purchaser, _ = act.filled
    programme = Programme(
        programme=event.programme,
        purchaser=purchaser.party,
        from_date=event.period.from_date,
        to_date=event.period.to_date,
        stable=event.stable is True,
        weights={indicator.id: indicator.weight_ppm for indicator in event.indicators or ()},
        ended=False,
    )
    state.put(state.programmes, event.programme, programme)


# -- programme.ended ---------------------------------------------------------------------------


def _admit_end(state: State, event: ProgrammeEnded, _act: Act) -> None:
    # Ending it must not take from a provider what it may still deliver, win or be paid for, so
    # everything under the programme comes to its own end first.
    check_running(state, event.programme)
    for contract in state.contracts.values():
        if contract.programme == event.programme and contract.status != "closed":
            _refuse_in_use(event.programme, "contract", contract.contract, contract.status)
    for _, lot, _ in state.reservations():
        tender = state.tenders[lot.partition("/")[0]]
        if tender.programme == event.programme:
            _refuse_in_use(event.programme, "lot", lot, "reserved")


def _refuse_in_use(programme: str, kind: str, ref: str, status: str) -> None:
    raise Refused("programme_in_use", programme=programme, kind=kind, id=ref, status=status)


def _apply_end(state: State, event: ProgrammeEnded, _act: Act) -> None:
    programme = state.programmes[event.programme]
    state.put(state.programmes, event.programme, programme._replace(ended=True))


# -- indicator.reported ------------------------------------------------------------------------


def _authorise_report(state: State, event: IndicatorReported, act: Act) -> None:
    programme = look_up(state.programmes, "programme", event.programme)
    case = Case(programme=event.programme, purchaser=programme.purchaser)
    authorise(state, event, act, case, (Seat("purchaser", programme.purchaser),))


def _admit_report(state: State, event: IndicatorReported, act: Act) -> None:
    look_up(state.programmes[event.programme].weights, "indicator", event.indicator)
    check_period("period", event.period.from_date, event.period.to_date)
    check_past(f"The period of indicator {event.indicator}", event.period.to_date, act)


def _home(
    _state: State, event: ProgrammeEstablished | ProgrammeEnded | IndicatorReported
) -> tuple[str, ...]:
    return (f"programme/{event.programme}",)


RULES: dict[type[Event], Rule[Any]] = {
    ProgrammeEstablished: Rule(_authorise_both, _admit_programme, _apply_programme, _home),
    ProgrammeEnded: Rule(_authorise_both, _admit_end, _apply_end, _home),
    IndicatorReported: Rule(_authorise_report, _admit_report, nothing, _home),
}

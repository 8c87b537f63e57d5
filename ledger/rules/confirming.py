"""Law of what people say of visits, and of checks on the spot.

A person's last word counts: a denied visit is not billed, unless it is confirmed again before.
A spot check is drawn by lot from the visits that are not settled: those whose SHA-256 over the
seed and the visit's id, one text behind the other, is lowest. Whoever holds the visits can draw
again.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.delivery import SpotcheckDone, SpotcheckDrawn, VisitConfirmed, VisitDenied
from ledger.parties import Seat
from ledger.rules.act import Act, Rule, authorise, authorise_seats, check_free, look_up, take
from ledger.rules.contract import unclosed
from ledger.rules.delivery import open_claims
from ledger.rules.lists import check_distinct
from ledger.state import State
from ledger.state.contract import Contract
from ledger.state.delivery import Spotcheck

_PURCHASER_SIDE = (Seat("purchaser"),)
"""The purchaser, or its street office or call centre: a purchaser's role in the buyer's scope."""


def open_visits(state: State, contract: str) -> set[str]:
    """Return a contract's visits that are not settled: unclaimed, or in a claim not answered."""
    claimed = [visits for _, visits in open_claims(state, contract)]
    return set(state.visits[contract]).union(*claimed)


def is_open(state: State, contract: str, visit: str) -> bool:
    """Return whether a visit is among its contract's open ones, without listing them all."""
    if visit in state.visits[contract]:
        return True
    return any(visit in visits for _, visits in open_claims(state, contract))


# -- visit.confirmed and .denied ---------------------------------------------------------------


def _authorise_word(state: State, event: VisitConfirmed | VisitDenied, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    authorise_seats(state, event, act, contract.case, _PURCHASER_SIDE)


def _admit_word(state: State, event: VisitConfirmed | VisitDenied, _act: Act) -> None:
    check_distinct("visits", event.visits)
    for visit in event.visits:
        if not is_open(state, event.contract, visit):
            raise Refused("visit_settled", visit=visit)


def _apply_word(state: State, event: VisitConfirmed | VisitDenied, _act: Act) -> None:
    denied = isinstance(event, VisitDenied)
    visits = state.visits[event.contract]
    delivered = dict(state.delivered[event.contract])
    for visit_id in event.visits:
        visit = visits.get(visit_id)  # None: it is claimed, and the answer's matter
        if visit is None or visit.denied == denied:
            continue
        delivered[visit.service] += -visit.units if denied else visit.units
        state.put(visits, visit_id, msgspec.structs.replace(visit, denied=denied))
    state.put(state.delivered, event.contract, delivered)


# -- spotcheck.drawn and .done -----------------------------------------------------------------


def draw(visits: Iterable[str], seed: str, count: int) -> list[str]:
    """Return the `count` visits that a seed draws, the lowest hash first; all of fewer."""

    def hashed(visit: str) -> bytes:
        return hashlib.sha256(f"{seed}{visit}".encode()).digest()

    return sorted(visits, key=hashed)[:count]


def _authorise_check(state: State, event: SpotcheckDrawn | SpotcheckDone, act: Act) -> None:
    contract = _contract_of(state, event)
    seats = ((Seat("purchaser", contract.buyer),), (Seat("evaluator"),))
    authorise(state, event, act, contract.case, *seats)


def _admit_drawing(state: State, event: SpotcheckDrawn, _act: Act) -> None:
    check_free(state, "spotcheck", event.spotcheck)
    unclosed(state, event.contract)
    drawn = draw(open_visits(state, event.contract), event.seed, len(event.visits))
    if drawn != event.visits:
        raise Refused("sample_differs", spotcheck=event.spotcheck)


def _apply_drawing(state: State, event: SpotcheckDrawn, _act: Act) -> None:
    take(state, "spotcheck", event.spotcheck)
    drawn = Spotcheck(event.contract, tuple(event.visits))
    state.put(state.spotchecks, event.spotcheck, drawn)


def _admit_check(state: State, event: SpotcheckDone, _act: Act) -> None:
    drawn = state.spotchecks[event.spotcheck].visits
    if not drawn:
        raise Refused("spotcheck_done", spotcheck=event.spotcheck)
    if sorted(checked.visit for checked in event.results) != sorted(drawn):
        raise Refused("sample_differs", spotcheck=event.spotcheck)


def _apply_check(state: State, event: SpotcheckDone, _act: Act) -> None:
    done = state.spotchecks[event.spotcheck]._replace(visits=())
    state.put(state.spotchecks, event.spotcheck, done)


# -- shared ------------------------------------------------------------------------------------


def _contract_of(state: State, event: SpotcheckDrawn | SpotcheckDone) -> Contract:
    if isinstance(event, SpotcheckDrawn):
        return look_up(state.contracts, "contract", event.contract)
    drawn = look_up(state.spotchecks, "spotcheck", event.spotcheck)
    return state.contracts[drawn.contract]


def _home(_state: State, event: VisitConfirmed | VisitDenied) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


def _checked(state: State, event: SpotcheckDrawn | SpotcheckDone) -> tuple[str, ...]:
    return (f"contract/{_contract_of(state, event).contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    VisitConfirmed: Rule(_authorise_word, _admit_word, _apply_word, _home),
    VisitDenied: Rule(_authorise_word, _admit_word, _apply_word, _home),
    SpotcheckDrawn: Rule(_authorise_check, _admit_drawing, _apply_drawing, _checked),
    SpotcheckDone: Rule(_authorise_check, _admit_check, _apply_check, _checked),
}

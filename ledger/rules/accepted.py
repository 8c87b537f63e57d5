"""What was accepted of each claim in all: the base of a deduction or a bonus.

A claim is of the period in which its last day lies. It is remembered when it is submitted, and
whatever is accepted of it, by an answer or later, is added.
"""

from ledger.state import State
from ledger.state.score import Accepted, Score


def remember_claim(state: State, claim: str, contract: str, until: str) -> None:
    """Remember a new claim, of which nothing is accepted yet; `until` is the last day it bills."""
    state.put(state.accepted, claim, Accepted(contract, until, 0))


def add_accepted(state: State, claim: str, accepted_fen: int) -> None:
    """Add a sum accepted of a claim, before the advance, retention and deductions."""
    before = state.accepted[claim]
    after = before._replace(accepted_fen=before.accepted_fen + accepted_fen)
    state.put(state.accepted, claim, after)


def is_of_period(state: State, claim: str, score: Score) -> bool:
    """Return whether a claim is of a scored period; a sum owed beyond claims is of none."""
    accepted = state.accepted.get(claim)
    return accepted is not None and _lies_in(accepted, score)


def base_fen(state: State, score: Score) -> int:
    """Return what was accepted, so far, of the claims of a scored period."""
    return sum(each.accepted_fen for each in state.accepted.values() if _lies_in(each, score))


def _lies_in(accepted: Accepted, score: Score) -> bool:
    in_period = score.from_date <= accepted.until <= score.to_date
    return accepted.contract == score.contract and in_period

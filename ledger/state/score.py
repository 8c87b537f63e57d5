"""Scores, and what was accepted for the periods they score, as the law remembers them."""

from typing import Literal, NamedTuple


class Accepted(NamedTuple):
    """What was accepted of a claim in all, and the last day that it bills."""

    contract: str
    until: str
    accepted_fen: int


class Score(NamedTuple):
    """A score of a contract.

    Attributes:
        score: its id.
        contract: of which contract.
        from_date: first day scored.
        to_date: last day scored.
        evaluator: the party that proposed it.
        status: proposed, contested or finalised.
        proposed_ms: when it was proposed, milliseconds since the epoch.
        found: of each indicator its id, actual and score, as proposed or finalised last.
        total_ppm: the total of that.
        factor_ppm: its factor.
        used: whether a deduction or a bonus rests on it.

    """

    score: str
    contract: str
    from_date: str
    to_date: str
    evaluator: str
    status: Literal["proposed", "contested", "finalised"]
    proposed_ms: int
    found: tuple[tuple[str, int, int], ...]
    total_ppm: int
    factor_ppm: int
    used: bool

"""Who may review: a party that belongs to neither side (vocabulary: Roles and subjects)."""

from collections.abc import Iterable

from ledger.errors import Refused
from ledger.state import State


def check_independent(state: State, reviewer: str, parties: Iterable[str]) -> None:
    """Check that a reviewer neither is, controls, nor belongs to any of the case's parties.

    Raises:
        Refused: `reviewer_not_independent`.

    """
    above = with_parents(state, reviewer)
    for party in parties:
        if party in above or reviewer in with_parents(state, party):
            raise Refused("reviewer_not_independent", reviewer=reviewer, party=party)


def with_parents(state: State, party: str) -> dict[str, None]:
    """Return a party and all it belongs to, in that order; a ring of parents ends."""
    found: dict[str, None] = {}
    each: str | None = party
    while each is not None and each not in found:
        found[each] = None
        each = state.parties[each].parent
    return found

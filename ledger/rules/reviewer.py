"""Who may review: a party that belongs to neither side (vocabulary: Roles and subjects)."""

from collections.abc import Iterable

from ledger.errors import Refused
from ledger.state import State


def check_independent(state: State, reviewer: str, parties: Iterable[str]) -> None:
    """Check that a reviewer neither is, controls, nor belongs to any of the case's parties.

    Raises:
        Refused: `reviewer_not_independent`.

    """
    above = _with_parents(state, reviewer)
    for party in parties:
        if party in above or reviewer in _with_parents(state, party):
            raise Refused("reviewer_not_independent", reviewer=reviewer, party=party)


def _with_parents(state: State, party: str) -> set[str]:
    """Return a party and all it belongs to; a ring of parents, which may be registered, ends."""
    found: set[str] = set()
    each: str | None = party
    while each is not None and each not in found:
        found.add(each)
        each = state.parties[each].parent
    return found

"""Independence: a reviewer's party neither is, controls, nor belongs to a party of the case.

That nobody acts in two roles on one tender is told by the duties (`ledger.rules.act`); this asks
about parties that stand above or below each other (`party.registered`, parent).
"""

from collections.abc import Iterator

from ledger.errors import Refused
from ledger.rules.lot import bids_of
from ledger.state import State
from ledger.state.tender import Tender


def check_reviewer(state: State, reviewer: str, tender: Tender) -> None:
    """Check that a reviewer's party is independent of everybody in a tender.

    Raises:
        Refused: `reviewer_not_independent`.

    """
    above = set(_line_of(state, reviewer))
    for party in _parties_of(state, tender):
        if party in above or reviewer in _line_of(state, party):
            raise Refused(
                "reviewer_not_independent", reviewer=reviewer, party=party, tender=tender.tender
            )


def _parties_of(state: State, tender: Tender) -> Iterator[str]:
    """Yield who buys, who bids and who was ranked, in the order in which they came."""
    yield tender.purchaser
    for lot in tender.lots.values():
        for bid in bids_of(state, tender, lot.lot):
            yield bid.bidder
        if lot.award is not None:
            yield from state.awards[lot.award].ranking
    for challenge in tender.challenges:
        yield state.challenges[challenge].challenger


def _line_of(state: State, party: str) -> Iterator[str]:
    """Yield a party and those it belongs to, upwards; a circle ends where it began."""
    seen: set[str] = set()
    above: str | None = party
    while above is not None and above not in seen:
        seen.add(above)
        yield above
        above = state.parties[above].parent

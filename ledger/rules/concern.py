"""What supervision is about: a contract with its two sides, or a party."""

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events.supervision import About
from ledger.parties import Case, Seat
from ledger.rules.act import look_up
from ledger.state import State
from ledger.state.supervision import Concern


def concern_of(state: State, about: About) -> Concern:
    """Return what an event is about.

    Whoever holds the role that an event calls for, in any scope, may act about a party.

    Raises:
        Refused: `about_unclear`, `reference_unknown`.

    """
    if (about.contract is UNSET) == (about.party is UNSET):
        raise Refused("about_unclear")
    if about.contract is not UNSET:
        contract = look_up(state.contracts, "contract", about.contract)
        home = f"contract/{contract.contract}"
        return Concern(home, contract.case, contract.buyer, contract.provider)
    party = look_up(state.parties, "party", about.party or "").party
    return Concern(f"party/{party}", Case(anywhere=True), None, party)


def side_of(concern: Concern, party: str) -> Seat:
    """Return the seat of a party that speaks in its own cause."""
    return Seat("purchaser" if party == concern.buyer else "provider", party)

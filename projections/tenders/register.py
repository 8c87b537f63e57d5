"""What a tender's people are known by: purchasers of programmes, holders of keys, parents.

A statement says which keys signed it, and a key who holds it; so a declared interest (回避) is
tied to what its person signed. Whose a programme is, its signers say: a purchaser and finance,
told apart by their roles.
"""

from collections.abc import Collection
from typing import NamedTuple

from msgspec import UNSET

from ledger.events.budget import ProgrammeEstablished
from ledger.events.parties import (
    KeyEnrolled,
    KeyRecovered,
    LedgerOpened,
    PartyRegistered,
    PartyUpdated,
    RoleGranted,
    RoleRevoked,
)
from ledger.events.persons import InterestDeclared
from projections.context import encode_names
from projections.feed import Fact, Feed
from projections.model import types
from projections.rows import listed
from projections.shape import Shape
from projections.sheet import Sheet
from projections.tenders.tables import (
    HOLDER,
    INTEREST,
    PROGRAMME,
    RELATION,
    HolderRow,
    InterestRow,
    ProgrammeRow,
    RelationRow,
)

REGISTER_EVENTS = types(
    LedgerOpened,
    KeyEnrolled,
    KeyRecovered,
    PartyRegistered,
    PartyUpdated,
    RoleGranted,
    RoleRevoked,
    ProgrammeEstablished,
    InterestDeclared,
)
"""The events that `Register` reads."""

_SEATS = ("purchaser", "finance")


class SeatRow(NamedTuple):
    """Whether a party holds a role now: that of a purchaser, or of finance."""

    party: str
    role: str
    holds: int


SEAT = Shape("seat", SeatRow, key=2)


class Register:
    """The register while a batch is folded."""

    def __init__(self, sheet: Sheet, feed: Feed) -> None:
        """Begin with what is known before the batch: rows by the tens."""
        self._sheet = sheet
        self._feed = feed
        self._seats: dict[tuple[str, str], SeatRow] = {}
        self._programmes: dict[str, ProgrammeRow] = {}
        self._holders: list[HolderRow] = []
        self._relations: dict[str, RelationRow] = {}
        self._interests: list[InterestRow] = []

    def see(self, fact: Fact) -> None:
        """Learn what an event says; others are passed over."""
        event = fact.event
        if isinstance(event, KeyEnrolled | KeyRecovered):
            self._hold(event.vkey, event.party, event.holder, fact.position)
        elif isinstance(event, LedgerOpened):
            for key in event.keys:
                party = key.vkey.partition("/")[0]
                self._hold(key.vkey, party, key.holder, fact.position)
        elif isinstance(event, PartyRegistered | PartyUpdated) and event.parent is not UNSET:
            row = RelationRow(event.party, event.parent, fact.position)
            self._relations[event.party] = row
        elif isinstance(event, RoleGranted | RoleRevoked) and event.role in _SEATS:
            holds = isinstance(event, RoleGranted)
            self._seats[event.party, event.role] = SeatRow(event.party, event.role, int(holds))
        elif isinstance(event, ProgrammeEstablished):
            purchaser = self._purchaser(fact)
            titles = encode_names(event.titles)
            self._programmes[event.programme] = ProgrammeRow(event.programme, purchaser, titles)
        elif isinstance(event, InterestDeclared):
            self._interests.append(self._interest(fact, event))

    def purchaser_of(self, programme: str) -> str:
        """Return whose a programme is."""
        row = self._programmes.get(programme)
        if row is None:
            (row,) = self._sheet.load(PROGRAMME, "programme", [programme])
        return row.purchaser

    def put(self) -> None:
        """Put down what was learned."""
        sheet = self._sheet
        sheet.put(SEAT, self._seats.values())
        sheet.put(PROGRAMME, self._programmes.values())
        sheet.put(HOLDER, self._holders)
        sheet.put(RELATION, self._relations.values())
        sheet.put(INTEREST, self._interests)

    def _hold(self, vkey: str, party: str, holder: str, position: int) -> None:
        self._holders.append(HolderRow(vkey.partition("+")[0], party, holder, position))

    def _purchaser(self, fact: Fact) -> str:
        """Return the purchaser of the two that sign a programme, as the law seats them."""
        signers = self._feed.signers(fact.statement_index)
        purchasers, finance = (self._holding(role, signers) for role in _SEATS)
        pairs = [
            one
            for one in signers
            for other in signers
            if one != other and one in purchasers and other in finance
        ]
        return next(iter(pairs), signers[0])

    def _holding(self, role: str, parties: Collection[str]) -> set[str]:
        rows = {(row.party, row.role): row for row in self._sheet.load(SEAT, "party", parties)}
        rows |= self._seats
        return {party for party, each in rows if each == role and rows[party, each].holds}

    def _interest(self, fact: Fact, event: InterestDeclared) -> InterestRow:
        return InterestRow(
            fact.position,
            event.person,
            event.relation,
            event.counterparty,
            event.period.from_date,
            event.period.to_date,
            listed(self._feed.signatures(fact.statement_index)),
            fact.recorded_ms,
        )

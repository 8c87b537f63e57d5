"""Whether a reader may read an event, with as few looks into the database as it takes.

`api.rights` decides; here is found whom an event concerns: the parties that signed its statement,
the sides of the contract that is its home, the party that is, or those that care for the person.
"""

from functools import lru_cache
from typing import Protocol

from api.rights import AUDIENCES, Audience, Reader, may_read_event
from ledger.events import Event, decode_event
from ledger.events.bid import BidRevealed
from ledger.events.delivery import BeneficiaryAbsent, BeneficiaryEnrolled, BeneficiaryExited
from ledger.events.supervision import FlagRaised, FlagResolved
from ledger.statement import parse_statement
from ledger.store.pages import subject_key
from ledger.store.rows import EventRow
from ledger.store.store import Store
from projections.acts.raised import flag_is_released
from projections.delivery.sides import sides_of_contract, sides_of_person
from projections.engine import Projections
from projections.tenders.opened import bid_is_open

CONTRACT, PARTY = "contract/", "party/"
KEPT = 4096
"""Homes and statements whose parties are remembered: those of a page, or of an archive's day."""


class Ledger(Protocol):
    """What is asked: the events, and the read models that know whom they concern."""

    @property
    def store(self) -> Store:
        """The ledger's database."""

    @property
    def projections(self) -> Projections:
        """Its read models."""


class Readable:
    """What one reader may read of a ledger, while one request is answered or archive written."""

    def __init__(self, service: Ledger, reader: Reader) -> None:
        """Ask for `reader`."""
        self._service = service
        self._reader = reader
        self._at_home = lru_cache(KEPT)(self._find_at_home)
        self._signed = lru_cache(KEPT)(self._find_signed)

    def __call__(self, row: EventRow) -> bool:
        """Tell whether the body of an event may be read."""
        if may_read_event(self._reader, row.type, ()):
            return True
        audience = AUDIENCES[row.type]
        event = decode_event(row.body)
        if audience in {Audience.FLAG, Audience.BID} and self._is_released(event):
            return True
        if self._reader.is_public or audience is Audience.FLAG:
            return False
        return may_read_event(self._reader, row.type, self._parties(row, event))

    def is_side_of(self, contract: str) -> bool:
        """Tell whether the reader is a side of a contract, or reads all."""
        sides = sides_of_contract(self._service.projections, contract)
        return self._reader.reads_all or self._reader.party in sides

    def _is_released(self, event: Event) -> bool:
        projections = self._service.projections
        if isinstance(event, FlagRaised | FlagResolved):
            return flag_is_released(projections, event.flag)
        return isinstance(event, BidRevealed) and bid_is_open(projections, event.bid)

    def _parties(self, row: EventRow, event: Event) -> set[str]:
        parties = {*self._signed(row.statement_index), *self._at_home(row.home)}
        if isinstance(event, BeneficiaryEnrolled | BeneficiaryExited | BeneficiaryAbsent):
            parties.update(sides_of_person(self._service.projections, event.beneficiary))
        return parties

    def _find_at_home(self, home: int) -> tuple[str, ...]:
        key = subject_key(self._service.store, home)
        if key.startswith(CONTRACT):
            return sides_of_contract(self._service.projections, key.removeprefix(CONTRACT))
        return (key.removeprefix(PARTY),) if key.startswith(PARTY) else ()

    def _find_signed(self, statement_index: int) -> tuple[str, ...]:
        row = self._service.store.statement(statement_index)
        return () if row is None else parse_statement(row.note).signers

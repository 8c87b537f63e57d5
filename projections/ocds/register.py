"""What releases say of parties, services, programmes and fund lines, read from the ledger itself.

A party has the name that it had when the event of the release was recorded, and a service the
title that it had by then, or none: so a release never changes. What is read is remembered: one
`Register` serves one export or one request.
"""

from functools import cached_property, lru_cache
from typing import NamedTuple

from msgspec import UNSET

from ledger.events import decode_event
from ledger.events.base import Identifier
from ledger.events.budget import BudgetAppropriated, ProgrammeEstablished
from ledger.events.parties import PartyRegistered, PartyUpdated
from ledger.events.rulebook import ServiceCatalogued
from ledger.store.histories import history_of
from ledger.store.pages import history_page
from projections.feed import Feed, HistoryMissing
from projections.ocds.values import Days

_CATALOGUE = "ledger/main"
"""The subject at which services are at home."""

_PAGE = 500
"""Services read at once."""

_REMEMBERED = 10_000
"""Parties and services kept in memory, at most: some hundred bytes each."""


class KnownParty(NamedTuple):
    """A party as it stood: its names by language, and its number in a public register."""

    names: dict[str, str]
    identifier: Identifier


class KnownLine(NamedTuple):
    """A fund line as it was appropriated, and the finance bureau that did."""

    appropriated: BudgetAppropriated
    owner: str


class Register:
    """Names and titles, as of a position of the ledger."""

    def __init__(self, feed: Feed) -> None:
        """Read them from a ledger."""
        self.feed = feed
        self._standings = lru_cache(_REMEMBERED)(self._read_standings)
        self.signer = lru_cache(_REMEMBERED)(self._read_signer)
        self.programme = lru_cache(_REMEMBERED)(self._read_programme)
        self.line = lru_cache(_REMEMBERED)(self._read_line)
        self._services: dict[str, tuple[int, ServiceCatalogued]] = {}
        self._catalogued = -1

    @cached_property
    def currency(self) -> str:
        """Currency of every amount of the ledger."""
        return self.feed.genesis.currency

    @cached_property
    def days(self) -> Days:
        """How local days are written."""
        return Days(self.feed.genesis.utc_offset)

    def party(self, party: str, position: int) -> KnownParty:
        """Return a party as it stood when the event at `position` was recorded.

        Raises:
            HistoryMissing: there was none.

        """
        found = None
        for since, standing in self._standings(party):
            if since <= position:
                found = standing
        if found is None:
            raise HistoryMissing(f"the party {party} is missing from the ledger")
        return found

    def _read_standings(self, party: str) -> list[tuple[int, KnownParty]]:
        standings = [
            (0, KnownParty(each.names, each.identifier))
            for each in self.feed.genesis.parties
            if each.party == party
        ]
        for row in self.feed.store.history(f"party/{party}"):
            if row.type not in {"party.registered", "party.updated"}:
                continue
            event = decode_event(row.body)
            if isinstance(event, PartyRegistered):
                standings.append((row.position, KnownParty(event.names, event.identifier)))
            elif isinstance(event, PartyUpdated) and event.names is not UNSET:
                known = standings[-1][1]._replace(names=event.names)
                standings.append((row.position, known))
        return standings

    def service(self, code: str, position: int) -> ServiceCatalogued | None:
        """Return a service as it was catalogued, for ever; None where it was not by a position."""
        if code not in self._services:
            self._read_services()
        since, found = self._services.get(code, (position + 1, None))
        return found if since <= position else None

    def _read_services(self) -> None:
        """Read the services that were catalogued since this was last done."""
        while rows := history_of(
            self.feed.store, _CATALOGUE, "service.catalogued", self._catalogued, _PAGE
        ):
            for row in rows:
                event = decode_event(row.body)
                if isinstance(event, ServiceCatalogued):
                    self._services[event.code] = row.position, event
            self._catalogued = rows[-1].position

    def _read_signer(self, statement_index: int) -> str:
        return self.feed.signers(statement_index)[0]

    def _read_programme(self, programme: str) -> ProgrammeEstablished:
        for row in self.feed.store.history(f"programme/{programme}"):
            event = decode_event(row.body)
            if isinstance(event, ProgrammeEstablished):
                return event
        raise HistoryMissing(f"the programme {programme} is missing from the ledger")

    def _read_line(self, line: str) -> KnownLine:
        for row in history_page(self.feed.store, f"line/{line}", limit=1):
            event = decode_event(row.body)
            if isinstance(event, BudgetAppropriated):
                return KnownLine(event, self.feed.signers(row.statement_index)[0])
        raise HistoryMissing(f"the fund line {line} is missing from the ledger")

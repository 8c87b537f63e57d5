"""What is known of a contracting process while its events are told one by one.

A process is a tender with all that came of it: awards, contracts, claims, payments. Every event
changes what is known and may give a release, a *delta*: it holds what the event said, and nothing
that was said before but the ids that say of what. `projections.ocds.tendering`, `contracting` and
`implementing` tell the events.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ledger.events import Event
from ledger.events.award import AwardDecided
from ledger.events.bid import BidRevealed
from ledger.events.claim import ClaimSubmitted
from ledger.events.contract import ContractSigned, Item
from ledger.events.payment import PaymentRequested
from ledger.events.rulebook import ServiceCatalogued
from ledger.events.score import ScoreProposed
from ledger.events.tender import Lot, TenderPublished
from ledger.store.rows import PostingRow
from ledger.times import format_instant
from projections.ocds.register import Register
from projections.ocds.values import Days, Release, amount, text

LotStatus = Literal["active", "complete", "unsuccessful", "cancelled"]


class Entry(NamedTuple):
    """An event of a process as the ledger holds it.

    Attributes:
        position: its position.
        type: its type.
        statement_index: index of the statement that it came in.
        recorded_ms: when that was admitted, milliseconds since the epoch.
        contract: the contract whose history it is of, or None for the tender's own.
        event: the event.
        postings: the money that it moved.

    """

    position: int
    type: str
    statement_index: int
    recorded_ms: int
    contract: str | None
    event: Event
    postings: tuple[PostingRow, ...]

    @property
    def recorded(self) -> str:
        """When it was admitted: RFC 3339, UTC."""
        return format_instant(self.recorded_ms)


class Told(NamedTuple):
    """What a release says: its tags, and its sections."""

    tags: tuple[str, ...]
    sections: Release


@dataclass(slots=True)
class KnownLot:
    """A lot as it stands: its terms, its status, and what each fund line sets aside for it."""

    terms: Lot
    status: LotStatus
    lines: dict[str, int]


@dataclass(slots=True)
class KnownBid:
    """A bid; `revealed` is what it asks, kept back until every bid of the tender is in."""

    lot: str
    bidder: str
    sealed: bool = True
    revealed: BidRevealed | None = None
    out: bool = False


@dataclass(slots=True)
class KnownClaim:
    """A claim, and what of it was accepted so far, in fen."""

    submitted: ClaimSubmitted
    accepted_fen: int = 0


@dataclass(slots=True)
class KnownContract:
    """A contract as it stands.

    Attributes:
        signed: as it was signed.
        value_fen: its value.
        items: what it buys, by service.
        committed: what was committed to it less what was released, by fund line.
        last_release: id of the last release about its terms.
        claims: its claims.
        scores: its proposed scores.
        payments: its payments, as they were asked for.
        accounts: tokens of lenders' accounts to which claims were assigned.
        paid_fen: the sum of its transactions.

    """

    signed: ContractSigned
    value_fen: int
    items: dict[str, Item]
    last_release: str
    committed: dict[str, int] = field(default_factory=dict)
    claims: dict[str, KnownClaim] = field(default_factory=dict)
    scores: dict[str, ScoreProposed] = field(default_factory=dict)
    payments: dict[str, PaymentRequested] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    paid_fen: int = 0


class Process:
    """What is known of one process, and what its next release mentions.

    Attributes:
        register: names and titles.
        tender: id of the tender.
        buyer: the purchaser.
        published: the tender as it was published.
        titles: what the tender is called now.
        last_release: id of the last release about the tender's terms.
        lots: its lots.
        bids: its bids.
        awards: its awards.
        contracts: its contracts.
        entry: the event that is being told.

    """

    def __init__(self, register: Register, tender: str, buyer: str) -> None:
        """Know nothing yet but whose tender it is."""
        self.register = register
        self.tender = tender
        self.buyer = buyer
        self.published: TenderPublished | None = None
        self.titles: dict[str, str] = {}
        self.last_release = ""
        self.lots: dict[str, KnownLot] = {}
        self.bids: dict[str, KnownBid] = {}
        self.awards: dict[str, AwardDecided] = {}
        self.contracts: dict[str, KnownContract] = {}
        self.entry: Any = None
        self._roles: dict[str, list[str]] = {}
        self._mentioned: dict[str, None] = {}

    @property
    def days(self) -> Days:
        """How local days are written."""
        return self.register.days

    @property
    def contract(self) -> KnownContract:
        """The contract of the event that is being told."""
        return self.contracts[self.entry.contract]

    def signer(self) -> str:
        """Return the party that signed the event that is being told, the first of several."""
        return self.register.signer(self.entry.statement_index)

    def value(self, amount_fen: int) -> Release:
        """Return an amount of the ledger as an OCDS value."""
        return amount(amount_fen, self.register.currency)

    def catalogued(self, code: str) -> ServiceCatalogued | None:
        """Return a service as the catalogue has it by the event that is being told, or None."""
        return self.register.service(code, self.entry.position)

    def service(self, code: str) -> str:
        """Return what a service is called, or its code where it is in no catalogue."""
        known = self.catalogued(code)
        return code if known is None else text(known.titles)

    def refer(self, party: str, *roles: str) -> Release:
        """Return a reference to a party, whom the release lists with all its roles so far."""
        known = self._roles.setdefault(party, [])
        known += [role for role in roles if role not in known]
        self._mentioned[party] = None
        return {"id": party, "name": text(self.register.party(party, self.entry.position).names)}

    def parties(self) -> Iterable[Release]:
        """Yield the parties that were referred to since this was last asked."""
        mentioned, self._mentioned = self._mentioned, {}
        for party in mentioned:
            known = self.register.party(party, self.entry.position)
            identifier = {"scheme": known.identifier.scheme, "id": known.identifier.id}
            yield {
                "id": party,
                "name": text(known.names),
                "identifier": identifier,
                "roles": list(self._roles[party]),
            }

"""The state: everything that admission needs to know of history, and no more.

It stays small: parties, keys, ids, invoice and report hashes, and one record per contract, tender
and line are kept for ever; a visit only until its claim is answered.

Records are immutable (those made for every event are structs, which are made four times as fast as
named tuples); the tables that hold them change only through `put` and `drop`, which keep
an undo journal. A statement that is refused half-way, or a group that fails to commit, is undone
by `undo`, so the cost of a failure is what it changed and not a copy of the state.
"""

import hashlib
from collections.abc import Hashable
from typing import Any, Literal, NamedTuple, TypeVar

from msgspec import Struct

from ledger.events.parties import RoleName
from ledger.parties import Case, Grant, Key, Party, Seat
from ledger.postings import CHART

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_ABSENT: Any = object()
_CHAIN_START = b"\x02"


class Programme(NamedTuple):
    """A programme: whose it is and when it runs."""

    programme: str
    purchaser: str
    from_date: str
    to_date: str


class Line(NamedTuple):
    """A fund line: whose it is and of which budget year."""

    line: str
    owner: str
    year: int


class Lot(NamedTuple):
    """A tender's lot, and the award that took it, if any."""

    lot: str
    service: str
    rate_cap_fen: int
    value_fen: int
    lines: tuple[str, ...]
    award: str | None


class Tender(NamedTuple):
    """A tender and its lots."""

    tender: str
    programme: str
    purchaser: str
    status: Literal["published", "cancelled"]
    lots: dict[str, Lot]


class Award(NamedTuple):
    """An award, and the contract that carries it out, if any."""

    award: str
    tender: str
    lot: str
    winner: str
    value_fen: int
    contract: str | None


class Contract(NamedTuple):
    """A contract, with what every visit under it must be judged by.

    Attributes:
        contract: its id.
        programme: the programme it serves.
        buyer: purchasing party.
        provider: serving party.
        lines: (fund line, share in parts per million), in the contract's order.
        rates: rate in fen by service code.
        value_fen: its value, amendments included.
        original_fen: its value when signed.
        supplements_fen: what amendments added to it, those that took away not counted.
        from_date: first day of service.
        to_date: last day of service.
        retention_ppm: share of every acceptance that is held back.
        status: active or closed.
        published: whether its text was published.
        promised_fen: sum of its open claims and disputes.
        case: what scopes and separation of duties ask about it.
        provider_seats: the seats of an act of its provider alone.

    """

    contract: str
    programme: str
    buyer: str
    provider: str
    lines: tuple[tuple[str, int], ...]
    rates: dict[str, int]
    value_fen: int
    original_fen: int
    supplements_fen: int
    from_date: str
    to_date: str
    retention_ppm: int
    status: Literal["active", "closed"]
    published: bool
    promised_fen: int
    case: Case
    provider_seats: tuple[Seat, ...]


class Beneficiary(NamedTuple):
    """A person entitled to a programme's services, by token."""

    beneficiary: str
    programme: str
    monthly_cap_fen: int
    from_date: str


class Visit(Struct, frozen=True, gc=False):
    """A visit that is not yet claimed.

    Attributes:
        date: local day it began.
        service: service code.
        units: units given.
        worth_fen: units × rate.
        beneficiary: who was served.
        leaf: its event's leaf hash.

    """

    date: str
    service: str
    units: int
    worth_fen: int
    beneficiary: str
    leaf: bytes


class Claim(NamedTuple):
    """A claim and what became of it.

    Attributes:
        claim: its id.
        contract: under which contract.
        status: submitted, answered.
        claim_fen: asked for.
        payable_fen: accepted less retained, once answered.
        disputed_fen: waiting, once answered.
        answered_by: token of the holder who answered, or None.
        payment: the live or settled payment it is in, or None.

    """

    claim: str
    contract: str
    status: Literal["submitted", "answered"]
    claim_fen: int
    payable_fen: int
    disputed_fen: int
    answered_by: tuple[str, ...]
    payment: str | None


class Payment(NamedTuple):
    """A payment and how far it got."""

    payment: str
    contract: str
    claims: tuple[str, ...]
    principal_fen: int
    payee: str
    status: Literal["requested", "ordered", "settled", "rejected"]


class Subject(Struct, frozen=True, gc=False):
    """What an event is about: its number and the rolling hash of its history.

    Attributes:
        no: its number, in order of first appearance.
        events: how many events touch it.
        home_events: how many of them it is the home of.
        chain: rolling hash; chain' = SHA-256(0x02 ‖ chain ‖ event leaf hash). With the count it
            will prove, under a closing's state root, that a history is complete.

    """

    no: int
    events: int
    home_events: int
    chain: bytes


class State:
    """The tables of the state, with an undo journal. Not safe for concurrent writers."""

    def __init__(self) -> None:
        """Begin with nothing: the state before `ledger.opened`."""
        self._journal: list[tuple[dict[Any, Any], Any, Any]] = []
        # One value each, in a table so that the journal covers them too.
        self.ledger: dict[str, Any] = {}
        self.taken: dict[str, str] = {}  # "<kind>/<id in lower case>" -> the id as introduced
        self.parties: dict[str, Party] = {}
        self.identifiers: dict[tuple[str, str], str] = {}
        self.keys: dict[str, Key] = {}
        self.public_keys: dict[bytes, str] = {}
        self.grants: dict[tuple[str, RoleName], tuple[Grant, ...]] = {}
        # (contract, "party" or "holder", which) -> the one role it acts in there
        self.duties: dict[tuple[str, str, str], RoleName] = {}
        self.programmes: dict[str, Programme] = {}
        self.lines: dict[str, Line] = {}
        self.tenders: dict[str, Tender] = {}
        self.awards: dict[str, Award] = {}
        self.contracts: dict[str, Contract] = {}
        self.beneficiaries: dict[str, Beneficiary] = {}
        self.workers: dict[str, str] = {}  # worker token -> provider
        self.visits: dict[str, dict[str, Visit]] = {}  # by contract, unclaimed, position order
        self.covered: dict[tuple[str, str], int] = {}  # (beneficiary, month) -> fen claimed
        self.claims: dict[str, Claim] = {}
        self.claimed: dict[str, dict[str, int]] = {}  # by open claim: visit -> fen claimed
        self.payments: dict[str, Payment] = {}
        self.invoices: dict[str, str] = {}  # number by provider, or file hash -> claim
        self.reports: dict[bytes, int] = {}  # hash of publisher, ocid, id, content -> 1
        self.balances: dict[tuple[str, str, str | None], int] = {}
        self.totals: dict[tuple[str, str], int] = {}
        self.subjects: dict[str, Subject] = {}
        self._seated: dict[tuple[str, str | None], tuple[Any, Case, str]] = {}

    # -- changing ------------------------------------------------------------------------------

    def put(self, table: dict[K, V], key: K, value: V) -> None:
        """Set `table[key]`, remembering what was there."""
        self._journal.append((table, key, table.get(key, _ABSENT)))
        table[key] = value
        if table is self.keys or table is self.grants:
            self._seated.clear()

    def drop(self, table: dict[K, V], key: K) -> None:
        """Delete `table[key]`, remembering what was there."""
        self._journal.append((table, key, table.pop(key)))
        self._seated.clear()

    def mark(self) -> int:
        """Return a point in the journal to which `undo` can go back."""
        return len(self._journal)

    def undo(self, mark: int) -> None:
        """Take back every change since `mark`, newest first."""
        self._seated.clear()
        journal = self._journal
        while len(journal) > mark:
            table, key, before = journal.pop()
            if before is _ABSENT:
                del table[key]
            else:
                table[key] = before

    def settle(self) -> None:
        """Forget the journal: what was done is committed."""
        self._journal.clear()

    # -- asking --------------------------------------------------------------------------------

    def balance(self, account: str, line: str, about: str | None = None) -> int:
        """Return an account's balance in fen on its normal side."""
        return self.balances.get((account, line, about), 0)

    def holdings(self, account: str, contract: Contract) -> list[int]:
        """Return what an account holds for a contract on each of its lines, in their order."""
        return [
            self.balances.get((account, line, contract.contract), 0) for line, _ in contract.lines
        ]

    def line_balances(self, line: str) -> dict[str, int]:
        """Return every account of a line with its balance in fen, in the chart's order."""
        return {name: self.totals.get((name, line), 0) for name in CHART}

    # -- a memory of judgements, no part of the state ------------------------------------------

    def remember_seated(
        self, key_name: str, contract: str | None, found: tuple[Any, Case, str]
    ) -> None:
        """Remember the seats and case that a key was found to fill alone, and the day."""
        self._seated[key_name, contract] = found

    def recall_seated(self, key_name: str, contract: str | None) -> tuple[Any, Case, str] | None:
        """Recall what was remembered, unless a key or a grant has changed since."""
        return self._seated.get((key_name, contract))

    # -- subjects ------------------------------------------------------------------------------

    def touch(self, key: str, leaf: bytes, *, home: bool) -> Subject:
        """Extend the history of the subject `key` by an event, and return it as it is then."""
        subject = self.subjects.get(key)
        if subject is None:
            no, events, home_events = len(self.subjects), 0, 0
            chain = hashlib.sha256(_CHAIN_START + key.encode()).digest()
        else:
            no, events, home_events = subject.no, subject.events, subject.home_events
            chain = subject.chain
        chain = hashlib.sha256(_CHAIN_START + chain + leaf).digest()
        touched = Subject(no, events + 1, home_events + home, chain)
        # As `put` does; every event passes here, and most do little else.
        self._journal.append((self.subjects, key, _ABSENT if subject is None else subject))
        self.subjects[key] = touched
        return touched

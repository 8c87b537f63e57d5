"""The state: everything that admission needs to know of history, and no more.

It stays small: parties, keys, ids, invoice and report hashes, and one record per contract, tender
and line are kept for ever; a visit only until its claim is answered, a cut one until it can no
longer be contested, a disputed one until that is decided; an act that may come into doubt for 30
days.

Records are immutable (those made for every event are structs, which are made four times as fast as
named tuples); the tables that hold them change only through `put` and `drop`, which keep
an undo journal. A statement that is refused half-way, or a group that fails to commit, is undone
by `undo`, so the cost of a failure is what it changed and not a copy of the state.

The records stand by area in the modules beside this one.
"""

import hashlib
from collections.abc import Hashable, Iterator
from typing import Any, TypeVar

from ledger.calendar import Calendar
from ledger.events.parties import RoleName
from ledger.events.rulebook import Parameters
from ledger.parties import Case, Grant, Key, Party
from ledger.postings import CHART
from ledger.state.accounts import Account
from ledger.state.advance import Advance
from ledger.state.bid import Bid
from ledger.state.budget import CashPlan, Line, Programme
from ledger.state.challenge import Challenge, Complaint
from ledger.state.claim import Claim
from ledger.state.contract import Contract
from ledger.state.delivery import Beneficiary, Spotcheck, Visit
from ledger.state.interest import Interest
from ledger.state.keys import DoubtedAct, RecentAct, Recovery
from ledger.state.notice import Notice
from ledger.state.payment import Payment
from ledger.state.penalty import Refund
from ledger.state.persons import PersonalInterest
from ledger.state.receivable import Receivable
from ledger.state.rulebook import Service
from ledger.state.score import Accepted, Score
from ledger.state.standing import Qualification, Sanction
from ledger.state.subject import CHAIN_START, Subject, chain_of
from ledger.state.supervision import Audit, Finding, Flag, Grievance
from ledger.state.tender import Award, Question, Tender

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_ABSENT: Any = object()


class State:
    """The tables of the state, with an undo journal. Not safe for concurrent writers."""

    def __init__(self) -> None:
        """Begin with nothing: the state before `ledger.opened`."""
        self._journal: list[tuple[dict[Any, Any], Any, Any]] = []
        # One value each, in a table so that the journal covers them too.
        self.ledger: dict[str, Any] = {}
        self.taken: dict[str, str] = {}  # "<kind>/<id in lower case>" -> the id as introduced
        self._begin_with_parties()
        self.rules: dict[str, Parameters] = {}  # by version, "pay/standard@1"
        self.rule_versions: dict[str, int] = {}  # rule -> its newest version, the one in force
        self.calendars: dict[str, Calendar] = {}  # rule -> its version in force, ready to count
        self.services: dict[str, Service] = {}  # the catalogue, by code in lower case
        # (service in lower case, area) -> (first day, fen) of each cap, in recorded order
        self.price_caps: dict[tuple[str, str], tuple[tuple[str, int], ...]] = {}
        self.programmes: dict[str, Programme] = {}
        self.lines: dict[str, Line] = {}
        self.cash_plans: dict[tuple[str, str], CashPlan] = {}  # by line and month
        # (contract or lot, line carried to) -> what it must have paid there to have used it all
        self.carried: dict[tuple[str, str], int] = {}
        self._begin_with_tenders()
        self.contracts: dict[str, Contract] = {}
        self.beneficiaries: dict[str, Beneficiary] = {}
        self.workers: dict[str, str] = {}  # worker token -> provider, while employed
        self.left: dict[tuple[str, str], str] = {}  # (worker, provider) -> last day of work
        self.visits: dict[str, dict[str, Visit]] = {}  # by contract, unclaimed, position order
        self.delivered: dict[str, dict[str, int]] = {}  # by contract: service -> units given
        self.spotchecks: dict[str, Spotcheck] = {}
        self.covered: dict[tuple[str, str], int] = {}  # (beneficiary, month) -> fen claimed
        self.claims: dict[str, Claim] = {}  # and sums owed beyond claims, by event id
        self.claimed: dict[str, dict[str, int]] = {}  # by open claim: visit -> fen claimed
        self.accepted: dict[str, Accepted] = {}  # by claim
        self.scores: dict[str, Score] = {}
        self.cuts: dict[str, dict[str, int]] = {}  # by claim, until C19a: visit -> fen cut
        self.disputes: dict[str, dict[str, int]] = {}  # by claim, undecided: visit -> fen
        self.advances: dict[str, Advance] = {}
        self.payments: dict[str, Payment] = {}
        self._begin_with_supervision()
        self.refunds: dict[str, Refund] = {}
        self.interest: dict[str, Interest] = {}  # by claim that ever bore any
        self.receivables: dict[str, Receivable] = {}  # by claim
        self.invoices: dict[str, str] = {}  # number by provider, or file hash -> claim
        self.reports: dict[bytes, int] = {}  # hash of publisher, ocid, id, content -> 1
        self.balances: dict[tuple[str, str, str | None], int] = {}
        self.totals: dict[tuple[str, str], int] = {}
        self.subjects: dict[str, Subject] = {}
        self._seated: dict[tuple[str, str | None], tuple[Any, Case, str]] = {}

    def _begin_with_parties(self) -> None:
        """Begin without anybody who could act."""
        self.parties: dict[str, Party] = {}
        self.identifiers: dict[tuple[str, str], str] = {}
        self.keys: dict[str, Key] = {}
        self.public_keys: dict[bytes, str] = {}
        self.recoveries: dict[str, Recovery] = {}  # by the event that recovers
        self.recent: dict[int, tuple[RecentAct, ...]] = {}  # by local day, of the last 30
        self.doubted: dict[str, tuple[DoubtedAct, ...]] = {}  # by what is held, `<kind>/<id>`
        self.accounts: dict[str, Account] = {}
        # (person, party) -> relations declared
        self.personal_interests: dict[tuple[str, str], tuple[PersonalInterest, ...]] = {}
        self.grants: dict[tuple[str, RoleName], tuple[Grant, ...]] = {}
        # (contract or "tender/<id>", "party" or "holder", which) -> the one role it acts in there
        self.duties: dict[tuple[str, str, str], RoleName] = {}

    def _begin_with_tenders(self) -> None:
        """Begin without anything to bid for."""
        self.tenders: dict[str, Tender] = {}
        self.questions: dict[str, Question] = {}
        self.bids: dict[str, Bid] = {}
        self.bids_of: dict[str, tuple[str, ...]] = {}  # by "<tender>/<lot>", withdrawn ones too
        self.bid_scores: dict[tuple[str, str, str], int] = {}  # (bid, criterion, expert) -> ppm
        self.awards: dict[str, Award] = {}
        self.challenges: dict[str, Challenge] = {}
        self.complaints: dict[str, Complaint] = {}

    def _begin_with_supervision(self) -> None:
        """Begin without a notice, a sanction or anybody who looks."""
        self.notices: dict[str, Notice] = {}
        self.qualifications: dict[str, Qualification] = {}
        # (party, kind in lower case) -> which ones
        self.qualified: dict[tuple[str, str], tuple[str, ...]] = {}
        self.sanctions: dict[str, Sanction] = {}
        self.sanctioned: dict[str, tuple[str, ...]] = {}  # party -> its sanctions, ended ones too
        self.grievances: dict[str, Grievance] = {}
        self.audits: dict[str, Audit] = {}
        self.findings: dict[str, Finding] = {}
        self.flags: dict[str, Flag] = {}

    # -- changing ------------------------------------------------------------------------------

    def put(self, table: dict[K, V], key: K, value: V) -> None:
        """Set `table[key]`, remembering what was there."""
        self._journal.append((table, key, table.get(key, _ABSENT)))
        table[key] = value
        if table is self.keys or table is self.grants or table is self.doubted:
            self._seated.clear()

    def add_visit(self, contract: str, visit_id: str, visit: Visit) -> None:
        """Put a visit, and add its units to what was given, as two `put` do; but faster."""
        visits, delivered, service = self.visits[contract], self.delivered[contract], visit.service
        so_far = delivered[service]
        self._journal += (
            (visits, visit_id, visits.get(visit_id, _ABSENT)),
            (delivered, service, so_far),
        )
        visits[visit_id] = visit
        delivered[service] = so_far + visit.units

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

    def reservations(self) -> Iterator[tuple[str, str, int]]:
        """Yield line, lot (`<tender>/<lot>`) and fen of every reservation that stands."""
        for (account, line, lot), held_fen in self.balances.items():
            if account == "reserved" and lot is not None and held_fen:
                yield line, lot, held_fen

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
        """Recall what was remembered, unless a key, a doubt or a grant has changed since."""
        return self._seated.get((key_name, contract))

    # -- subjects ------------------------------------------------------------------------------

    def touch(self, key: str, leaf: bytes, *, home: bool) -> Subject:
        """Extend the history of the subject `key` by an event, and return it as it is then."""
        subject = self.subjects.get(key)
        if subject is None:
            no, events, home_events = len(self.subjects), 0, 0
            chain = chain_of(key, ())
        else:
            no, events, home_events = subject.no, subject.events, subject.home_events
            chain = subject.chain
        chain = hashlib.sha256(CHAIN_START + chain + leaf).digest()
        touched = Subject(no, events + 1, home_events + home, chain)
        # As `put` does; every event passes here, and most do little else.
        self._journal.append((self.subjects, key, _ABSENT if subject is None else subject))
        self.subjects[key] = touched
        return touched

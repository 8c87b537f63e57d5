"""A small city for tests: parties with keys, a clock, and a state to admit their statements into.

Everything is deterministic: the same calls give the same keys, ids, salts, times and bytes. What
is admitted goes through `open_statement` and `admit_statement`, the same functions that the live
ledger and every replay call; no database is needed.

    world = World.founded()                          # genesis, cast, programme, people, two lines
    world.contract("c-1", 1_000_00, {"line-1": 600_000, "line-2": 400_000})
    world.visits("c-1", days=3)
    world.claim("k-1", "c-1")
    world.answer("k-1")
    world.pay("p-1", "c-1", ["k-1"])
    world.close("c-1")

`world.make(ContractSigned, contract="c-2")` gives an event with every field filled that the test
does not care for; `world.do(event)` signs it with the keys its type usually calls for, or with
those named in `by`, and admits it. `world.statements` holds each admitted `.stmt` file with its
`recorded` time, so that a store, an archive or a replay can be fed with the same history.

The cast, each with the keys `one` and `two` of different holders where it needs two:

    AUT authority and registrar   OPR operator   FIN finance, two holders   FI2 another bureau
    BUY purchaser                 BU2 another    PRO provider               PR2, PR3 others
    TRE treasury                  REP reporter   LEN lender                 REV reviewer
    AUD auditor                   EVA evaluator

PRO has declared `account-1` and LEN `account-9`; both are in force.
"""

import contextlib
import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self, TypeVar

from world_events import DEFAULTS
from world_signers import SIGNERS

from ledger.errors import LedgerError, Malformed
from ledger.events import Event, encode_event, name_of_type, type_of, version_of
from ledger.events.accounts import AccountDeclared
from ledger.events.advance import AdvanceOrdered, AdvanceSettled
from ledger.events.award import AwardDecided
from ledger.events.base import Document, Identifier, Period
from ledger.events.bid import BidRevealed, BidSealed
from ledger.events.budget import (
    BudgetAllotted,
    BudgetAppropriated,
    BudgetCarriedOver,
    BudgetLapsed,
    ProgrammeEstablished,
)
from ledger.events.claim import (
    ClaimAnswered,
    ClaimedVisits,
    ClaimSubmitted,
    Cut,
    Disputed,
    ServiceUnits,
)
from ledger.events.closing import LedgerClosed
from ledger.events.contract import (
    ContractAmended,
    ContractClosed,
    ContractLine,
    ContractSigned,
    FinalLine,
)
from ledger.events.delivery import (
    BeneficiaryEnrolled,
    VisitCorrected,
    VisitRecorded,
    WorkerEnrolled,
)
from ledger.events.interest import InterestAccrued
from ledger.events.parties import KeyEnrolled, LedgerOpened, PartyRegistered, RoleGranted, Scope
from ledger.events.payment import (
    PaymentApproved,
    PaymentBounced,
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentSettled,
)
from ledger.events.retention import RetentionReleased
from ledger.events.score import (
    BonusGranted,
    DeductionApplied,
    IndicatorScore,
    ScoreFinalised,
    ScoreProposed,
)
from ledger.events.tender import Lot, LotLine, TenderPublished
from ledger.merkle import root_of
from ledger.money import split
from ledger.note import Ed25519Signer, VerifierKey, format_note, sign_line
from ledger.opening import Opened, open_statement
from ledger.rulebook import bonus_fen, deduction_fen
from ledger.rules.accepted import base_fen
from ledger.rules.admission import Admitted, admit_statement
from ledger.rules.bid import commitment_of
from ledger.rules.claim import bill_of
from ledger.rules.clocks import Due, first_due
from ledger.rules.closing import draft_closing
from ledger.rules.interest import accrual_of
from ledger.state import State
from ledger.statement import decode_statement_file, encode_statement_file, statement_text
from ledger.times import MS_PER_DAY, MS_PER_SECOND, format_instant, local_date, parse_instant

ORIGIN = "ledger.test/city"
OPENED_MS = parse_instant("2025-12-15T01:00:00.000Z")
CAST_MS = parse_instant("2026-01-05T01:00:00.000Z")  # by then keys are old, accounts in force
RATE_FEN = 5_000
PPM = 1_000_000
CHALLENGE_MS = 14 * MS_PER_DAY
"""More than an award can be challenged, holidays included (C06)."""
ROLES: dict[str, tuple[str, ...]] = {
    "FIN": ("finance",),
    "FI2": ("finance",),
    "BUY": ("purchaser",),
    "BU2": ("purchaser",),
    "PRO": ("provider",),
    "PR2": ("provider",),
    "PR3": ("provider",),
    "TRE": ("treasury",),
    "LEN": ("lender",),
    "REP": ("reporter",),
    "REV": ("reviewer",),
    "AUD": ("auditor",),
    "EVA": ("evaluator",),
}
"""The cast beside the founders AUT and OPR, with their roles in all scopes."""

_YEARS_END = "2028"

E = TypeVar("E", bound=Event)


class Recorded(NamedTuple):
    """An admitted statement file and the ledger's time when it was admitted (ms)."""

    recorded_ms: int
    data: bytes


@functools.cache
def signer(name: str) -> Ed25519Signer:
    """Return the signer of the key `name`, always the same one."""
    return Ed25519Signer(name, hashlib.sha256(f"seed of {name}".encode()).digest())


def holder(name: str) -> str:
    """Return the token of whoever holds the key `name`: one person a key."""
    return "h-" + hashlib.sha256(f"holder of {name}".encode()).hexdigest()[:16]


class World:
    """A city's parties and the state of their ledger."""

    looks_back = False
    """Whether `contract` tenders in the days before, so that the clock stays where it is.

    The law judges each statement by its own time; only a log must be in the order of times.
    """

    def __init__(self, origin: str = ORIGIN) -> None:
        """Begin before the genesis."""
        self.origin = origin
        self.state = State()
        self.now_ms = OPENED_MS
        self.statements: list[Recorded] = []
        self.journal: list[Admitted] = []
        self.last: dict[str, str] = {}  # event type -> id of the last one admitted
        self._numbers = 0

    @classmethod
    def opened(cls) -> Self:
        """Return a ledger that holds its genesis and no more."""
        world = cls()
        world.do(world.make(LedgerOpened))
        return world

    @classmethod
    def cast(cls) -> Self:
        """Return a ledger whose parties are registered, with keys and roles."""
        world = cls.opened()
        for party, roles in ROLES.items():
            world.party(party, *roles)
        world.do(world.make(AccountDeclared))
        lender = world.make(AccountDeclared, party="LEN", account="account-9")
        world.do(lender, by="AUT/one LEN/one")
        world.now_ms = CAST_MS
        return world

    @classmethod
    def founded(cls, lines: Mapping[str, int] | None = None) -> Self:
        """Return a ledger with programme, people and budget `lines` (fen, all of it allotted)."""
        world = cls.cast()
        world.do(world.make(ProgrammeEstablished))
        world.people()
        for line, amount_fen in (lines or {"line-1": 10**9, "line-2": 10**9}).items():
            world.budget(line, amount_fen)
        return world

    @classmethod
    def contracted(cls, **terms: Any) -> Self:
        """Return a ledger with the contract `c-1` of 10,000.00 over two lines, 60 to 40."""
        world = cls.founded()
        world.contract("c-1", 1_000_000, {"line-1": 600_000, "line-2": 400_000}, **terms)
        return world

    # -- events and statements -----------------------------------------------------------------

    def heading(self) -> dict[str, Any]:
        """Return a new event's version, id, salt and time."""
        self._numbers += 1
        digest = hashlib.sha256(f"event {self._numbers}".encode()).hexdigest()
        stamp = f"{self.now_ms:012x}"
        event_id = f"{stamp[:8]}-{stamp[8:]}-7{digest[:3]}-8{digest[3:6]}-{self._numbers:012x}"
        return {"v": 1, "id": event_id, "salt": digest[32:], "at": format_instant(self.now_ms)}

    def make(self, event_type: type[E], **fields: Any) -> E:
        """Return an event of a type; what `fields` leave out is filled with something lawful."""
        version = {"v": version_of(name_of_type(event_type))}
        return event_type(**{**self.heading(), **version, **DEFAULTS[event_type], **fields})

    def sign(
        self,
        *events: Event,
        by: str,
        origin: str | None = None,
        made_at_ms: int | None = None,
        named: Sequence[str] | None = None,
    ) -> bytes:
        """Return the `.stmt` file of events signed with the keys `by`, one space between.

        `named` are the parties the statement's text calls for, where they are not the signers.
        """
        bodies = [encode_event(event) for event in events]
        return self.sign_bodies(bodies, by=by, origin=origin, made_at_ms=made_at_ms, named=named)

    def sign_bodies(
        self,
        bodies: Sequence[bytes],
        *,
        by: str,
        origin: str | None = None,
        made_at_ms: int | None = None,
        named: Sequence[str] | None = None,
    ) -> bytes:
        """Return the `.stmt` file of events given as bytes."""
        signers = [signer(name) for name in sorted(by.split())]
        parties = [each.verifier.name.partition("/")[0] for each in signers]
        text = statement_text(
            self.origin if origin is None else origin,
            self.now_ms if made_at_ms is None else made_at_ms,
            parties if named is None else named,
            bodies,
        )
        note = format_note(text, [sign_line(text, each) for each in signers])
        return encode_statement_file(note, bodies)

    def open(self, data: bytes) -> Opened:
        """Verify a statement file with the keys enrolled so far."""
        note, bodies = decode_statement_file(data)
        return open_statement(note, bodies, self.find_key)

    def find_key(self, name: str) -> VerifierKey | None:
        """Return the key enrolled under a name."""
        key = self.state.keys.get(name)
        return None if key is None else key.verifier

    def admit(self, data: bytes) -> list[Admitted]:
        """Admit a statement file at the world's time, which then moves on by a second."""
        opened = self.open(data)
        admitted = admit_statement(self.state, opened, self.now_ms, len(self.statements))
        self.state.settle()
        self.statements.append(Recorded(self.now_ms, data))
        self.journal += admitted
        self.last |= {type_of(event): event.id for event in opened.events}
        self.now_ms += MS_PER_SECOND
        return admitted

    def do(self, *events: Event, by: str | None = None) -> list[Admitted]:
        """Sign events, by default as the first one's type usually is, and admit them.

        A visit is recorded when it is over: the clock moves on to the end of one that is not.
        """
        before_ms, self.now_ms = self.now_ms, max(self.now_ms, _over_ms(events))
        try:
            return self.admit(
                self.sign(*events, by=SIGNERS[type_of(events[0])] if by is None else by)
            )
        except LedgerError:
            self.now_ms = before_ms
            raise

    def replay(self) -> State:
        """Return the state that the admitted statements give when they are judged again."""
        again = World(self.origin)
        for recorded_ms, data in self.statements:
            again.now_ms = recorded_ms
            again.admit(data)
        return again.state

    def closed(self) -> LedgerClosed:
        """Return the closing that the state gives."""
        heading = self.heading()
        size = len(self.statements)
        return draft_closing(self.state, size, heading["id"], heading["salt"], self.now_ms)

    def tick(self) -> list[Due]:
        """Book what the clocks give until nothing is due, as the operator does; return it."""
        booked: list[Due] = []
        while due := first_due(self.state, self.now_ms):
            headings = [self.heading() for _ in due]
            events = [
                each.event(heading["id"], heading["salt"], self.now_ms)
                for each, heading in zip(due, headings, strict=True)
            ]
            self.do(*events, by="OPR/one")
            booked += due
        return booked

    # -- the cast ------------------------------------------------------------------------------

    def party(self, party: str, *roles: str) -> None:
        """Register a party, give it two admin keys of two holders, and roles in all scopes."""
        self.do(self.make(PartyRegistered, party=party, identifier=_identifier(party)))
        self.key(f"{party}/one", by="AUT/one")
        self.key(f"{party}/two", by=f"{party}/one")
        for role in roles:
            self.grant(party, role)

    def key(self, name: str, *, by: str, **fields: Any) -> None:
        """Enrol the key `name`, signed by itself and the key `by`."""
        event = self.make(
            KeyEnrolled,
            **{
                "party": name.partition("/")[0],
                "vkey": str(signer(name).verifier),
                "holder": holder(name),
                **fields,
            },
        )
        self.do(event, by=f"{name} {by}")

    def grant(self, party: str, role: str, scope: Scope | None = None, **fields: Any) -> None:
        """Give a party a role, in all scopes or in one."""
        everything = Scope(all=True)
        self.do(self.make(RoleGranted, party=party, role=role, scope=scope or everything, **fields))

    def people(self, beneficiaries: int = 3, workers: int = 2, cap_fen: int = 10**9) -> None:
        """Enrol beneficiaries `b-1…` in the programme `care` and workers `w-1…` of PRO."""
        for number in range(1, beneficiaries + 1):
            self.do(
                self.make(BeneficiaryEnrolled, beneficiary=f"b-{number}", monthly_cap_fen=cap_fen)
            )
        for number in range(1, workers + 1):
            self.do(self.make(WorkerEnrolled, worker=f"w-{number}"))

    # -- from budget to contract ---------------------------------------------------------------

    def budget(
        self, line: str, amount_fen: int, allotted_fen: int | None = None, *, year: int = 2026
    ) -> None:
        """Appropriate a line and allot it, all or `allotted_fen` of it."""
        self.do(self.make(BudgetAppropriated, line=line, amount_fen=amount_fen, year=year))
        allotted_fen = amount_fen if allotted_fen is None else allotted_fen
        if allotted_fen:
            self.do(self.make(BudgetAllotted, line=line, amount_fen=allotted_fen))

    def lapse(self, line: str) -> list[Admitted]:
        """Give back what a line of a year that is over has left."""
        return self.do(self.make(BudgetLapsed, line=line))

    def carry(self, contract: str, from_line: str, to_line: str) -> list[Admitted]:
        """Carry a contract over from a line to one of the next year."""
        event = self.make(
            BudgetCarriedOver, contract=contract, from_line=from_line, to_line=to_line
        )
        return self.do(event)

    def tender(self, tender: str, lots: Mapping[str, Mapping[str, int]], **fields: Any) -> None:
        """Publish a tender: fen by line, by lot; by default it closes as soon as it opens."""
        self.do(self.make(TenderPublished, tender=tender, lots=lots_of(lots), **fields))

    def sealing(self, bid: str, tender: str, lot: str, bidder: str, **shown: Any) -> BidSealed:
        """Return a bid that a `bid.revealed` with the fields `shown`, or the usual ones, opens."""
        opening = self.make(BidRevealed, bid=bid, **shown)
        commitment = commitment_of(
            origin=self.origin,
            tender=tender,
            lot=lot,
            bidder=bidder,
            prices=opening.prices,
            documents=opening.documents,
            nonce=opening.nonce,
        )
        return self.make(BidSealed, bid=bid, tender=tender, lot=lot, commitment=commitment)

    def award(self, award: str, tender: str, lot: str, value_fen: int, **fields: Any) -> None:
        """Award a lot to PRO."""
        self.do(
            self.make(
                AwardDecided, award=award, tender=tender, lot=lot, value_fen=value_fen, **fields
            )
        )

    def until_final(self, award: str) -> None:
        """Move the clock on to when an award can be challenged no more."""
        self.now_ms = max(self.now_ms, self.state.awards[award].challenge_end_ms)

    def contract(
        self, contract: str, value_fen: int, shares_ppm: Mapping[str, int], **fields: Any
    ) -> None:
        """Tender, award (`t-<contract>`, `a-<contract>`), wait, and sign a contract."""
        signed_ms = self.now_ms
        if self.looks_back:
            self.now_ms -= CHALLENGE_MS
        now = format_instant(self.now_ms)
        parts = split(value_fen, list(shares_ppm.values()))
        lots = {"1": dict(zip(shares_ppm, parts, strict=True))}
        self.tender(f"t-{contract}", lots, opens=now, closes=now)
        self.award(f"a-{contract}", f"t-{contract}", "1", value_fen)
        self.until_final(f"a-{contract}")
        self.now_ms = max(self.now_ms, signed_ms)
        lines = [ContractLine(line=line, share_ppm=ppm) for line, ppm in shares_ppm.items()]
        self.do(
            self.make(
                ContractSigned,
                **{
                    "contract": contract,
                    "award": f"a-{contract}",
                    "lines": lines,
                    "value_fen": value_fen,
                    **fields,
                },
            )
        )

    def amend(self, contract: str, delta_fen: int, **fields: Any) -> list[Admitted]:
        """Change a contract's value."""
        event = self.make(ContractAmended, contract=contract, value_delta_fen=delta_fen, **fields)
        return self.do(event)

    def closing(self, contract: str) -> ContractClosed:
        """Return a contract's closing with the final account that its balances give."""
        record = self.state.contracts[contract]
        paid = self.state.holdings("paid", record)
        final = [
            FinalLine(line=line, paid_fen=paid_fen)
            for (line, _), paid_fen in zip(record.lines, paid, strict=True)
        ]
        return self.make(ContractClosed, contract=contract, final=final)

    def close(self, contract: str) -> list[Admitted]:
        """Close a contract."""
        return self.do(self.closing(contract))

    # -- delivery, claims, payments ------------------------------------------------------------

    def visits(self, contract: str, days: int = 1, month: str = "2026-01", **fields: Any) -> None:
        """Record one visit a day in one statement, from the first of `month` on."""
        made = [
            self.make(
                VisitRecorded,
                **{
                    "contract": contract,
                    "started_at": f"{month}-{day:02}T01:00:00.000Z",
                    "ended_at": f"{month}-{day:02}T02:00:00.000Z",
                    **fields,
                },
            )
            for day in range(1, days + 1)
        ]
        self.do(*made)

    def bill(self, claim: str, contract: str, until: str = "2026-12-31") -> ClaimSubmitted:
        """Return the claim that the ledger's own visits give."""
        bill = bill_of(self.state, contract, until)
        return self.make(
            ClaimSubmitted,
            claim=claim,
            contract=contract,
            period=Period(from_date="2026-01-01", to_date=until),
            visits=ClaimedVisits(root=root_of(bill.leaves).hex(), count=len(bill.visits)),
            units=[ServiceUnits(service=name, units=units) for name, units in bill.units.items()],
            gross_fen=bill.gross_fen,
            self_pay_fen=bill.self_pay_fen,
            claim_fen=bill.claim_fen,
            invoice=Document(number=f"invoice of {claim}", sha256=_file_hash(claim)),
        )

    def claim(self, claim: str, contract: str, until: str = "2026-12-31") -> list[Admitted]:
        """Submit a claim for every visit of a contract that began by `until`."""
        return self.do(self.bill(claim, contract, until))

    def answering(
        self, claim: str, cuts: Iterable[int] = (), disputed: Iterable[int] = ()
    ) -> ClaimAnswered:
        """Return an answer: the first visits cut or disputed by these fen, the rest accepted."""
        visits = iter(self.state.claimed[claim])
        cut = [
            Cut(visit=next(visits), reason="OVER_UNITS", amount_fen=amount_fen)
            for amount_fen in cuts
        ]
        waiting = [Disputed(visit=next(visits), amount_fen=amount_fen) for amount_fen in disputed]
        rest_fen = sum(each.amount_fen for each in cut) + sum(each.amount_fen for each in waiting)
        return self.make(
            ClaimAnswered,
            claim=claim,
            accepted_fen=self.state.claims[claim].claim_fen - rest_fen,
            cuts=cut,
            disputed=waiting,
        )

    def answer(
        self, claim: str, cuts: Iterable[int] = (), disputed: Iterable[int] = ()
    ) -> list[Admitted]:
        """Answer a claim: the first visits are cut or disputed by these fen, the rest accepted."""
        return self.do(self.answering(claim, cuts, disputed))

    def score(self, score: str, contract: str, until: str, total_ppm: int, factor_ppm: int) -> None:
        """Score the half of a year that ends on `until`; evaluator and provider agree on it."""
        period = Period(from_date=f"{until[:5]}{int(until[5:7]) - 5:02}-01", to_date=until)
        weights = self.state.programmes[self.state.contracts[contract].programme].weights
        found = {
            "score": score,
            "indicators": [
                IndicatorScore(id=each, actual=1, score_ppm=total_ppm) for each in weights
            ],
            "total_ppm": total_ppm,
            "factor_ppm": factor_ppm,
        }
        self.do(self.make(ScoreProposed, contract=contract, period=period, **found))
        self.do(self.make(ScoreFinalised, **found))

    def deduction(self, score: str) -> DeductionApplied:
        """Return the deduction that a final score gives."""
        final = self.state.scores[score]
        base = base_fen(self.state, final)
        return self.make(
            DeductionApplied,
            contract=final.contract,
            score=score,
            base_fen=base,
            factor_ppm=final.factor_ppm,
            amount_fen=deduction_fen(base, final.factor_ppm),
        )

    def deduct(self, score: str) -> list[Admitted]:
        """Apply the deduction that a final score gives."""
        return self.do(self.deduction(score))

    def granting(self, score: str) -> BonusGranted:
        """Return the bonus that a final score gives, whatever the contract's most is."""
        final = self.state.scores[score]
        amount_fen = bonus_fen(base_fen(self.state, final), final.factor_ppm)
        return self.make(BonusGranted, contract=final.contract, score=score, amount_fen=amount_fen)

    def bonus(self, score: str) -> list[Admitted]:
        """Grant the bonus that a final score gives."""
        return self.do(self.granting(score))

    def request(
        self, payment: str, contract: str, claims: Sequence[str], **fields: Any
    ) -> list[Admitted]:
        """Ask for payment of answered claims."""
        principal_fen = sum(self.state.claims[claim].payable_fen for claim in claims)
        return self.do(
            self.make(
                PaymentRequested,
                payment=payment,
                contract=contract,
                claims=list(claims),
                principal_fen=principal_fen,
                **fields,
            )
        )

    def approve(self, payment: str) -> list[Admitted]:
        """Approve a payment."""
        return self.do(self.make(PaymentApproved, payment=payment))

    def order(self, payment: str, **fields: Any) -> list[Admitted]:
        """Order the bank to pay what was requested; approve it first where nobody has."""
        if self.state.payments[payment].status == "requested":
            self.approve(payment)
        asked = self.state.payments[payment]
        return self.do(
            self.make(
                PaymentOrdered,
                payment=payment,
                principal_fen=asked.principal_fen,
                payee=asked.payee,
                **fields,
            )
        )

    def today(self) -> str:
        """Return the local date."""
        return local_date(self.now_ms, self.state.ledger["offset_minutes"])

    def settle(self, payment: str) -> list[Admitted]:
        """Report that the bank paid, today."""
        return self.do(self.make(PaymentSettled, payment=payment, value_date=self.today()))

    def bounce(self, payment: str) -> list[Admitted]:
        """Report that what was paid came back, today."""
        return self.do(self.make(PaymentBounced, payment=payment, value_date=self.today()))

    def accrue(self, claim: str) -> list[Admitted]:
        """Book the interest that a claim bears by today."""
        accrual = accrual_of(self.state, claim, self.today())
        return self.do(
            self.make(
                InterestAccrued,
                claim=claim,
                days=accrual.days,
                rate_ppm_per_year=accrual.rate_ppm,
                amount_fen=accrual.amount_fen,
            )
        )

    def reject(self, payment: str) -> list[Admitted]:
        """Report that the bank did not pay."""
        return self.do(self.make(PaymentRejected, payment=payment))

    def advance(self, advance: str, contract: str, amount_fen: int) -> None:
        """Order an advance and report it as paid."""
        self.do(
            self.make(AdvanceOrdered, advance=advance, contract=contract, amount_fen=amount_fen)
        )
        self.do(self.make(AdvanceSettled, advance=advance))

    def release(self, contract: str) -> list[Admitted]:
        """Release all that is held back, on its day."""
        record = self.state.contracts[contract]
        retained_fen = sum(self.state.holdings("retained", record))
        return self.do(self.make(RetentionReleased, contract=contract, amount_fen=retained_fen))

    def lines(self, table: Mapping[str, Mapping[str, int]], claim: str) -> list[Disputed]:
        """Return all that a claim has open in a table of the state: its cuts, or its disputes."""
        return [Disputed(visit=visit, amount_fen=fen) for visit, fen in table[claim].items()]

    def owed(self, contract: str) -> list[str]:
        """Return all under a contract that can be paid and is in no payment, oldest first."""
        return [
            name
            for name, claim in self.state.claims.items()
            if claim.contract == contract and claim.payable_fen and claim.payment is None
        ]

    def pay(self, payment: str, contract: str, claims: Sequence[str]) -> None:
        """Request, approve, order and settle a payment."""
        self.request(payment, contract, claims)
        self.order(payment)
        self.settle(payment)


def lots_of(lots: Mapping[str, Mapping[str, int]]) -> list[Lot]:
    """Return a tender's lots: fen by line, by lot."""
    return [
        Lot(
            lot=lot,
            service="care",
            units_max=10**6,
            rate_cap_fen=RATE_FEN,
            value_fen=sum(parts.values()),
            lines=[LotLine(line=line, amount_fen=fen) for line, fen in parts.items() if fen],
        )
        for lot, parts in lots.items()
    ]


def _over_ms(events: Sequence[Event]) -> int:
    """Return when all visits among events are over, as far as they end in a year to come."""
    ends = [
        event.ended_at
        for event in events
        if isinstance(event, VisitRecorded | VisitCorrected) and event.ended_at < _YEARS_END
    ]
    with contextlib.suppress(Malformed):
        return max(map(parse_instant, ends), default=0)
    return 0


def _identifier(party: str) -> Identifier:
    return Identifier(scheme="CN-USCC", id=f"id of {party}")


def _file_hash(name: str) -> str:
    return hashlib.sha256(f"file of {name}".encode()).hexdigest()

"""The parties of the simulation: what they sign, what they send twice, late, or half-signed.

`Town.settled()` has a contract over one line and a key of the provider that can be revoked. Each
method after that makes one act: events signed now, with what they mean to the model (book.py). A
`Letter` is a statement on its way; the bank's may arrive late, twice and out of order.
"""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import NamedTuple, Self

from simulation.book import Act, Book, Claim, Payment, local_day
from world import CAST_MS, World, holder, signer

from ledger.events import Event
from ledger.events.accounts import AccountDeclared
from ledger.events.base import Identifier
from ledger.events.budget import (
    BudgetAllotted,
    BudgetAppropriated,
    BudgetSupplemented,
    BudgetTransferred,
    ProgrammeEstablished,
)
from ledger.events.claim import ClaimAnswered
from ledger.events.contract import ContractLine, ContractSigned
from ledger.events.delivery import VisitRecorded
from ledger.events.parties import KeyEnrolled, KeyRevoked, PartyRegistered, RoleGranted
from ledger.events.payment import (
    PaymentApproved,
    PaymentBounced,
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentSettled,
)
from ledger.note import format_note, parse_note
from ledger.statement import decode_statement_file, encode_statement_file, parse_statement
from ledger.times import MS_PER_DAY, format_instant, parse_instant

BEGUN_MS = parse_instant("2026-03-02T01:00:00.000Z")
GRANTED_FEN = 400_000
VALUE_FEN = 60_000
RATE_FEN = 5_000
PARTIES = {"FIN": "finance", "BUY": "purchaser", "PRO": "provider", "TRE": "treasury"}


class Letter(NamedTuple):
    """A statement on its way to the ledger: its file, its id, what it means."""

    data: bytes
    id: bytes
    act: Act


class Town(World):
    """A small city of four parties and one contract."""

    @classmethod
    def settled(cls) -> Self:
        """Return a town whose contract is signed and whose provider has a third key."""
        town = cls.opened()
        town.do(
            *[
                town.make(
                    PartyRegistered,
                    party=party,
                    identifier=Identifier(scheme="CN-USCC", id=f"id of {party}"),
                )
                for party in PARTIES
            ]
        )
        for party in PARTIES:
            town.key(f"{party}/one", by="AUT/one")
        town.key("FIN/two", by="FIN/one")
        town.do(
            *[town.make(RoleGranted, party=party, role=role) for party, role in PARTIES.items()]
        )
        town.do(town.make(AccountDeclared))
        town.now_ms = CAST_MS
        town.do(town.make(ProgrammeEstablished))
        town.people(beneficiaries=1, workers=1)
        lines = ("a", "b")
        granted = [town.make(BudgetAppropriated, line=x, amount_fen=GRANTED_FEN) for x in lines]
        town.do(*granted)
        town.do(*[town.make(BudgetAllotted, line=x, amount_fen=GRANTED_FEN // 2) for x in lines])
        now = format_instant(town.now_ms)
        town.tender("t-1", {"1": {"a": VALUE_FEN}}, opens=now, closes=now)
        town.award("a-1", "t-1", "1", VALUE_FEN, ranking=["PRO"])
        town.until_final("a-1")
        shares = [ContractLine(line="a", share_ppm=1_000_000)]
        town.do(town.make(ContractSigned, lines=shares, value_fen=VALUE_FEN))
        town.key("PRO/s0", by="PRO/one", use="sign")
        return town

    def book(self) -> Book:
        """Return the model of a town that was just settled."""
        half = GRANTED_FEN // 2
        fen = Counter({("appropriated", x): half for x in "ab"})
        fen += Counter({("allotted", "a"): half - VALUE_FEN, ("allotted", "b"): half})
        fen["committed", "a"] = VALUE_FEN
        return Book(fen, {"PRO/one": True, "PRO/s0": True}, self.statements[-1].recorded_ms)

    def letter(
        self,
        name: str,
        *events: Event,
        by: str,
        apply: Callable[[Book, int], None],
        objections: Callable[[Book, int], set[str]] = lambda _book, _recorded_ms: set(),
    ) -> Letter:
        """Sign events now; return the letter that carries them."""
        data = self.sign(*events, by=by)
        keys = tuple(key for key in by.split() if key.startswith("PRO/"))
        act = Act(name, keys, self.now_ms, objections, apply)
        return Letter(data, parse_statement(decode_statement_file(data)[0]).id, act)

    # -- finance -------------------------------------------------------------------------------

    def supplement(self, line: str, amount: int) -> Letter:
        """Grant a line more."""

        def apply(book: Book, _recorded_ms: int) -> None:
            book.fen["appropriated", line] += amount

        event = self.make(BudgetSupplemented, line=line, amount_fen=amount)
        return self.letter("supplement", event, by="FIN/one FIN/two", apply=apply)

    def allot(self, line: str, amount: int) -> Letter:
        """Free what was granted, if that much was."""

        def objections(book: Book, _recorded_ms: int) -> set[str]:
            return {"guard_broken"} if amount > book.fen["appropriated", line] else set()

        return self.letter(
            "allot",
            self.make(BudgetAllotted, line=line, amount_fen=amount),
            by="FIN/one",
            objections=objections,
            apply=lambda book, _: book.move("appropriated", "allotted", amount, line),
        )

    def transfer(self, giver: str, taker: str, amount: int) -> Letter:
        """Move what is free from one line to the other."""

        def objections(book: Book, _recorded_ms: int) -> set[str]:
            return {"guard_broken"} if amount > book.fen["allotted", giver] else set()

        def apply(book: Book, _recorded_ms: int) -> None:
            book.fen["allotted", giver] -= amount
            book.fen["allotted", taker] += amount

        event = self.make(BudgetTransferred, from_line=giver, to_line=taker, amount_fen=amount)
        by = "FIN/one FIN/two"
        return self.letter("transfer", event, by=by, objections=objections, apply=apply)

    # -- delivery ------------------------------------------------------------------------------

    def record_visits(self, key: str, count: int, rng: Random) -> Letter:
        """Record visits by a key of the provider, in force or not."""
        events = []
        for _ in range(count):
            day = f"2026-02-{rng.randint(1, 28):02}"
            times = {"started_at": f"{day}T01:00:00.000Z", "ended_at": f"{day}T02:00:00.000Z"}
            events.append(self.make(VisitRecorded, contract="c-1", **times))
        ids = [event.id for event in events]
        return self.letter(
            "visits", *events, by=key, apply=lambda book, _: book.unclaimed.extend(ids)
        )

    def claim_all(self, claim: str) -> Letter | None:
        """Claim every visit that the ledger asked knows of; None where there is none."""
        seen = list(self.state.visits["c-1"])
        if not seen:
            return None
        amount = len(seen) * RATE_FEN

        def objections(book: Book, _recorded_ms: int) -> set[str]:
            found = set()
            if not book.unclaimed:
                found.add("claim_empty")
            elif book.unclaimed != seen:
                found.add("claim_figures_differ")
            waiting = sum(
                each.amount for each in book.claims.values() if each.status == "submitted"
            )
            if waiting + amount > book.fen["committed", "a"]:
                found.add("promises_exceed_commitment")
            return found

        def apply(book: Book, _recorded_ms: int) -> None:
            book.unclaimed.clear()
            book.claims[claim] = Claim(amount)

        event = self.bill(claim, "c-1")
        return self.letter("claim", event, by="PRO/one", objections=objections, apply=apply)

    def answer_whole(self, claim: str, amount: int) -> Letter:
        """Accept a claim as it is."""

        def objections(book: Book, _recorded_ms: int) -> set[str]:
            return set() if book.claims[claim].status == "submitted" else {"claim_not_open"}

        def apply(book: Book, _recorded_ms: int) -> None:
            book.claims[claim].status = "answered"
            book.move("committed", "accrued", amount)

        event = self.make(ClaimAnswered, claim=claim, accepted_fen=amount)
        return self.letter("answer", event, by="BUY/one", objections=objections, apply=apply)

    # -- payment -------------------------------------------------------------------------------

    def ask(self, payment: str, claims: dict[str, Claim]) -> Letter:
        """Ask for the payment of claims, which may be in another payment by then."""
        amount = sum(claim.amount for claim in claims.values())

        def objections(book: Book, _recorded_ms: int) -> set[str]:
            asked = any(book.claims[claim].status != "answered" for claim in claims)
            return {"claim_in_live_payment"} if asked else set()

        def apply(book: Book, _recorded_ms: int) -> None:
            book.payments[payment] = Payment(tuple(claims), amount)
            for claim in claims:
                book.claims[claim].status = "asked"

        event = self.make(
            PaymentRequested,
            payment=payment,
            contract="c-1",
            claims=list(claims),
            principal_fen=amount,
        )
        return self.letter("request", event, by="PRO/one", objections=objections, apply=apply)

    def approve_payment(self, payment: str) -> Letter:
        """Approve a payment that was asked for."""

        def apply(book: Book, _recorded_ms: int) -> None:
            book.payments[payment].status = "approved"

        event = self.make(PaymentApproved, payment=payment)
        return self.letter(
            "approve", event, by="FIN/two", objections=_unless(payment, "requested"), apply=apply
        )

    def order_payment(self, payment: str, amount: int) -> Letter:
        """Order the bank to pay what was approved."""

        def apply(book: Book, recorded_ms: int) -> None:
            book.payments[payment].status = "ordered"
            book.payments[payment].since = local_day(recorded_ms)
            book.move("accrued", "ordered", amount)

        event = self.make(PaymentOrdered, payment=payment, principal_fen=amount)
        return self.letter(
            "order", event, by="FIN/one", objections=_unless(payment, "approved"), apply=apply
        )

    def bank_settles(self, payment: str, amount: int) -> Letter:
        """Report that the bank paid today."""
        today = local_day(self.now_ms)

        def apply(book: Book, _recorded_ms: int) -> None:
            book.payments[payment].status = "settled"
            book.payments[payment].since = today
            book.move("ordered", "paid", amount)

        return self.letter(
            "settled",
            self.make(PaymentSettled, payment=payment, value_date=today),
            by="TRE/one",
            objections=_unless(payment, "ordered", value_date=today),
            apply=apply,
        )

    def bank_rejects(self, payment: str, amount: int) -> Letter:
        """Report that the bank did not pay."""

        def apply(book: Book, _recorded_ms: int) -> None:
            _end(book, payment, "rejected")
            book.move("ordered", "accrued", amount)

        event = self.make(PaymentRejected, payment=payment)
        return self.letter(
            "rejected", event, by="TRE/one", objections=_unless(payment, "ordered"), apply=apply
        )

    def bank_bounces(self, payment: str, amount: int) -> Letter:
        """Report that what was paid came back today."""
        today = local_day(self.now_ms)

        def apply(book: Book, _recorded_ms: int) -> None:
            _end(book, payment, "bounced")
            book.move("paid", "accrued", amount)

        return self.letter(
            "bounced",
            self.make(PaymentBounced, payment=payment, value_date=today),
            by="TRE/one",
            objections=_unless(payment, "settled", value_date=today),
            apply=apply,
        )

    # -- keys ----------------------------------------------------------------------------------

    def enrol(self, key: str) -> Letter:
        """Enrol a new key of the provider."""
        event = self.make(
            KeyEnrolled,
            party="PRO",
            vkey=str(signer(key).verifier),
            holder=holder(key),
            use="sign",
        )
        data = self.sign(event, by=f"PRO/one {key}")

        def apply(book: Book, _recorded_ms: int) -> None:
            book.keys[key] = True

        def objections(book: Book, _recorded_ms: int) -> set[str]:
            taken = {"key_taken"} if key in book.keys else set()
            return taken if book.keys.get(key, True) else {*taken, "key_revoked"}

        act = Act("enrol", ("PRO/one",), self.now_ms, objections, apply)
        return Letter(data, parse_statement(decode_statement_file(data)[0]).id, act)

    def revoke(self, key: str) -> Letter:
        """Revoke a key of the provider, as lost a day ago."""

        def objections(book: Book, _recorded_ms: int) -> set[str]:
            return set() if book.keys[key] else {"key_revoked"}

        def apply(book: Book, _recorded_ms: int) -> None:
            book.keys[key] = False

        since = format_instant(self.now_ms - MS_PER_DAY)
        event = self.make(KeyRevoked, vkey=str(signer(key).verifier), reason="LOST", since=since)
        return self.letter("revoke", event, by="PRO/one", objections=objections, apply=apply)


def half_signed(whole: Letter) -> Letter:
    """Return a letter as it is before its last signer has signed: the same text, so the same id."""
    encoded, bodies = decode_statement_file(whole.data)
    note = parse_note(encoded)
    data = encode_statement_file(format_note(note.text, note.signatures[:-1]), bodies)
    act = Act(f"half of {whole.act.name}", (), whole.act.made_ms, _lacks_a_signature, _impossible)
    return Letter(data, whole.id, act)


def _lacks_a_signature(_book: Book, _recorded_ms: int) -> set[str]:
    return {"signatures_do_not_match_signers"}


def _impossible(_book: Book, _recorded_ms: int) -> None:
    raise AssertionError("a statement that lacks a signature was admitted")


def _end(book: Book, payment: str, status: str) -> None:
    """End a payment whose money came back: its claims can be asked for again."""
    book.payments[payment].status = status
    for claim in book.payments[payment].claims:
        book.claims[claim].status = "answered"


def _unless(
    payment: str, status: str, value_date: str | None = None
) -> Callable[[Book, int], set[str]]:
    """Return the objections to an act on a payment that is not in a state, or not of that day."""

    def objections(book: Book, recorded_ms: int) -> set[str]:
        found = set()
        asked = book.payments[payment]
        if asked.status != status:
            found.add("payment_wrong_state")
        if value_date is not None and not asked.since <= value_date <= local_day(recorded_ms):
            found.add("value_date_outside")
        return found

    return objections

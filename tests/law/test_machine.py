"""A random city against a model of plain integers: what is admitted, what is refused, what is left.

Hypothesis drives budgets, tenders, contracts over one to three lines, visits, claims, answers,
disputes, advances, what is held back, payments, amendments and closings through the real admission
path. The model (city_model.py) knows what each act must do, and by which code it must be refused,
from the design's words; it shares no code with the postings. After every step each balance equals
the model's and I0 to I7 hold; at the end the log, judged again, gives the same state (I9).
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import product

import scenario
from city_model import (
    AMOUNTS,
    CAPS,
    CUT,
    MONTHS,
    PAID,
    PARTS,
    PICK,
    SHARE,
    STAGES,
    TERMS,
    VISITS,
    Contract,
    Made,
    Month,
    Terms,
    in_both_books,
    rounded,
    shared,
)
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from world import CHALLENGE_MS, World, lots_of, snapshot

from ledger.events import Event
from ledger.events.advance import (
    AdvanceOrdered,
    AdvanceRefunded,
    AdvanceRejected,
    AdvanceSettled,
)
from ledger.events.budget import (
    BudgetAllotted,
    BudgetAppropriated,
    BudgetSupplemented,
    BudgetTransferred,
    ProgrammeEstablished,
)
from ledger.events.contract import ContractAmended, ContractLine, ContractSigned, Item
from ledger.events.delivery import BeneficiaryEnrolled, VisitRecorded
from ledger.events.dispute import DisputeRuled, DisputeSettled
from ledger.events.payment import PaymentRequested
from ledger.events.retention import RetentionReleased
from ledger.events.tender import (
    TenderAmended,
    TenderCancelled,
    TenderFailed,
    TenderPublished,
)
from ledger.postings import CHART
from ledger.times import parse_instant


class City(RuleBasedStateMachine):
    """Acts on a small ledger, each with the outcome that the model foretells."""

    @initialize(
        budgets=st.lists(st.integers(100_000, 900_000), min_size=3, max_size=3),
        terms=st.lists(TERMS, min_size=2, max_size=2),
    )
    def found(self, budgets: list[int], terms: list[Terms]) -> None:
        """Open the ledger with three lines, people of three caps, and two contracts."""
        self.world = World.cast()
        # After all visits: none moves the clock on, so every cut can be contested (C19a).
        self.world.now_ms = parse_instant("2026-04-01T00:00:00.000Z")
        self.world.do(self.world.make(ProgrammeEstablished))
        self.world.people(beneficiaries=1, workers=1)
        for person in ("b-low", "b-none"):
            cap = CAPS[person]
            event = self.world.make(BeneficiaryEnrolled, beneficiary=person, monthly_cap_fen=cap)
            self.world.do(event)
        self.granted: Counter[str] = Counter()
        self.appropriated: Counter[str] = Counter()
        self.allotted: Counter[str] = Counter()
        self.lots: dict[str, dict[str, int]] = {}  # tender -> still reserved by line
        self.status: dict[str, str] = {}  # tender -> published, awarded, used, ended
        self.contracts: dict[str, Contract] = {}
        self.covered: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.claims: dict[str, tuple[str, int]] = {}  # open claim -> (contract, fen)
        self.payable: dict[str, tuple[str, int]] = {}  # answered, in no live payment
        self.cuts: dict[str, tuple[str, int]] = {}  # claim -> (contract, fen)
        self.disputes: dict[str, tuple[str, int]] = {}  # claim -> (contract, fen)
        self.advances: dict[str, tuple[str, int]] = {}  # with the bank -> (contract, fen)
        self.asked: dict[str, tuple[str, list[str], int]] = {}
        self.ordered: dict[str, tuple[str, list[str], int]] = {}
        self.settled: dict[str, tuple[str, list[str], int]] = {}
        self.number = 0
        for name, amount in zip("abc", budgets, strict=True):
            self.appropriate(name, amount)
            self.act(self.world.make(BudgetAllotted, line=name, amount_fen=amount), None)
            self.appropriated[name] -= amount
            self.allotted[name] += amount
        for each in terms:
            self.contract(each)

    def act(self, event: Event, refused: str | None) -> bool:
        """Submit an event; check that it is refused by that code, or admitted where it is None."""
        if refused is None:
            self.world.do(event)
            return True
        assert scenario.refusal(self.world, event).code == refused
        return False

    def name(self, kind: str) -> str:
        """Return a new id."""
        self.number += 1
        return f"{kind}-{self.number}"

    def some(self, choice: int) -> dict[str, Contract]:
        """Return the contracts that are not closed, and now and then all of them."""
        live = {name: each for name, each in self.contracts.items() if not each.closed}
        return live if live and choice else self.contracts

    def pick(self, table: Mapping[str, object], choice: int) -> str:
        """Return one of the keys of a table."""
        return sorted(table)[choice % len(table)]

    # -- budget --------------------------------------------------------------------------------

    def appropriate(self, line: str, amount: int) -> None:
        """Grant a new line."""
        self.act(self.world.make(BudgetAppropriated, line=line, amount_fen=amount), None)
        self.granted[line] += amount
        self.appropriated[line] += amount

    @rule(
        act=st.sampled_from(["supplement", "allot", "transfer"]),
        line=st.sampled_from("abc"),
        taker=st.sampled_from("abc"),
        amount=AMOUNTS,
    )
    def budget(self, act: str, line: str, taker: str, amount: int) -> None:
        """Add to a line, allot what is appropriated, move what is allotted: never more."""
        if act == "supplement":
            self.act(self.world.make(BudgetSupplemented, line=line, amount_fen=amount), None)
            self.granted[line] += amount
            self.appropriated[line] += amount
        elif act == "allot":
            refused = "guard_broken" if amount > self.appropriated[line] else None
            if self.act(self.world.make(BudgetAllotted, line=line, amount_fen=amount), refused):
                self.appropriated[line] -= amount
                self.allotted[line] += amount
        else:
            self.transfer(line, taker, amount)

    def transfer(self, giver: str, taker: str, amount: int) -> None:
        """Move at most what is allotted, to another line."""
        refused = "guard_broken" if amount > self.allotted[giver] else None
        refused = "same_line" if giver == taker else refused
        event = self.world.make(
            BudgetTransferred, from_line=giver, to_line=taker, amount_fen=amount
        )
        if self.act(event, refused):
            for table in (self.granted, self.allotted):
                table[giver] -= amount
                table[taker] += amount

    # -- tender and contract -------------------------------------------------------------------

    @rule(parts=PARTS)
    def tender_only(self, parts: dict[str, int]) -> None:
        """Leave a tender waiting for bids."""
        self.tender(parts, closes="2099-12-31T01:00:00.000Z")

    def tender(self, parts: dict[str, int], **fields: str) -> str:
        """Set aside at most what is allotted on each line."""
        tender = self.name("t")
        short = any(amount > self.allotted[line] for line, amount in parts.items())
        lots = lots_of({"1": parts})
        event = self.world.make(TenderPublished, tender=tender, lots=lots, **fields)
        if self.act(event, "guard_broken" if short else None):
            for line, amount in parts.items():
                self.allotted[line] -= amount
            self.lots[tender], self.status[tender] = dict(parts), "published"
        return tender

    @rule(terms=TERMS)
    def contract(self, terms: Terms) -> None:
        """Tender and sign; the shares must fit what the lot set aside on each line."""
        shares = dict(zip(terms.weights, shared(1_000_000, [*terms.weights.values()]), strict=True))
        parts = dict(zip(shares, shared(terms.value, [*shares.values()]), strict=True))
        first = next(iter(parts))
        parts[first] -= terms.skew
        tender = self.tender(parts)
        if tender in self.lots:
            self.sign(tender, shares, terms)

    def sign(self, tender: str, shares: dict[str, int], terms: Terms) -> None:
        """Sign a contract over the lines of a lot, for a little less than it was worth."""
        contract, lot = self.name("c"), self.lots[tender]
        signed_ms = self.world.now_ms
        self.world.now_ms -= CHALLENGE_MS  # the law judges by each statement's own time
        self.world.award(f"a-{tender}", tender, "1", sum(lot.values()))
        self.world.now_ms = signed_ms
        self.status[tender] = "awarded"
        value = max(sum(lot.values()) - terms.less, 1)
        record = Contract(shares, value, terms)
        short = any(amount > lot[line] for line, amount in record.held["committed"].items())
        event = self.world.make(
            ContractSigned,
            contract=contract,
            award=f"a-{tender}",
            value_fen=value,
            lines=[ContractLine(line=line, share_ppm=ppm) for line, ppm in shares.items()],
            items=[Item(service="care", unit="visit", rate_fen=terms.rate, units_max=10**6)],
            retention_ppm=terms.retention,
            advance_ppm=terms.advance,
            recovery_ppm=terms.recovery,
        )
        refused = "guard_broken" if short else None
        if terms.advance and not terms.recovery:
            refused = "share_out_of_bounds"
        if self.act(event, refused):
            for line, amount in record.held["committed"].items():
                lot[line] -= amount
            self.status[tender] = "used"
            self._free(tender)
            self.contracts[contract] = record

    @precondition(lambda self: self.lots)
    @rule(choice=PICK, parts=PARTS)
    def reshape(self, choice: int, parts: dict[str, int]) -> None:
        """Amend what a waiting tender sets aside: each line gives or takes the difference."""
        waiting = [t for t, status in self.status.items() if status == "published"]
        tender = self.pick(dict.fromkeys(waiting or self.lots, 1), choice)
        lot = self.lots[tender]
        more = {line: parts.get(line, 0) - lot.get(line, 0) for line in "abc"}
        refused = None
        if any(more[line] > self.allotted[line] for line in "abc"):
            refused = "guard_broken"
        if self.status[tender] in {"awarded", "used"}:
            refused = "tender_closed"
        if self.status[tender] == "ended":
            refused = "tender_not_open"
        event = self.world.make(TenderAmended, tender=tender, lots=lots_of({"1": parts}))
        if self.act(event, refused):
            self.allotted.subtract(more)
            self.lots[tender] = dict(parts)

    @precondition(lambda self: not {"published", "ended"}.isdisjoint(self.status.values()))
    @rule(choice=PICK, used=st.sampled_from([True, False, False]), fails=st.booleans())
    def end(self, choice: int, *, used: bool, fails: bool) -> None:
        """Cancel a tender that nobody has won, or let it fail, once."""
        fitting = {t: 1 for t, status in self.status.items() if used or status != "used"}
        tender = self.pick(fitting, choice)
        refused = {"used": "tender_in_use", "awarded": "award_stands", "ended": "tender_not_open"}
        event = self.world.make(TenderFailed if fails else TenderCancelled, tender=tender)
        if self.act(event, refused.get(self.status[tender])):
            self.status[tender] = "ended"
            self._free(tender)

    def _free(self, tender: str) -> None:
        self.allotted.update(self.lots[tender])
        self.lots[tender] = {}

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK, delta=st.integers(-20_000, 9_000))
    def amend(self, choice: int, delta: int) -> None:
        """Up by a tenth in sum, from what is allotted; down to what is promised."""
        name = self.pick(self.some(choice), choice)
        contract = self.contracts[name]
        weights = [*(contract.shares if delta > 0 else contract.held["committed"]).values()]
        parts = shared(abs(delta), weights)
        short = [part > self.allotted[at] for at, part in zip(contract.shares, parts, strict=True)]
        refused = None
        if any(short) if delta > 0 else -delta > contract.total("committed"):
            refused = "guard_broken"
        if delta > 0 and (contract.supplements + delta) * 10 > contract.original:
            refused = "value_exceeds"
        if delta < 0 and contract.free + delta < 0:
            refused = "promises_exceed_commitment"
        if contract.closed:
            refused = "contract_not_active"
        event = self.world.make(ContractAmended, contract=name, value_delta_fen=delta)
        if self.act(event, refused):
            for line, part in zip(contract.shares, parts, strict=True):
                signed = part if delta > 0 else -part
                contract.held["committed"][line] += signed
                self.allotted[line] -= signed
            contract.value += delta
            contract.supplements += max(delta, 0)

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK)
    def close(self, choice: int) -> None:
        """Close only what is settled and answered; the rest of it is free again."""
        name = self.pick(self.some(choice), choice)
        contract = self.contracts[name]
        refused = None
        if name in {owner for owner, _ in (*self.claims.values(), *self.disputes.values())}:
            refused = "contract_has_open_claim"
        if any(contract.total(stage) for stage in STAGES[1:-1]):
            refused = "contract_not_settled"
        if contract.closed:
            refused = "contract_not_active"
        if self.act(self.world.closing(name), refused):
            self.allotted.update(contract.held["committed"])
            contract.held["committed"] = dict.fromkeys(contract.shares, 0)
            contract.unclaimed, contract.closed = [], True

    # -- delivery and money --------------------------------------------------------------------

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK, made=VISITS)
    def visit(self, choice: int, made: Made) -> None:
        """Record a batch of visits in one statement."""
        name = self.pick(self.some(choice), choice)
        events = [
            self.world.make(
                VisitRecorded,
                contract=name,
                beneficiary=person,
                units=units,
                started_at=f"{day}T01:00:00.000Z",
                ended_at=f"{day}T02:00:00.000Z",
            )
            for day, person, units in made
        ]
        if self.contracts[name].closed:
            assert scenario.refusal(self.world, *events).code == "contract_not_active"
            return
        self.world.do(*events)
        self.contracts[name].unclaimed += [(f"{day}", who, units) for day, who, units in made]

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK, until=st.sampled_from(["2026-02-28", "2026-12-31"]))
    def claim(self, choice: int, until: str) -> None:
        """Claim every visit until a day: what exceeds a person's month is paid by the person."""
        name, claim = self.pick(self.some(choice), choice), self.name("k")
        contract = self.contracts[name]
        covered, asked = self.covered.copy(), 0
        for day, person, units in contract.unclaimed:
            if day <= until:
                month = (person, day[:7])
                paid = min(units * contract.rate, max(CAPS[person] - covered[month], 0))
                covered[month] += paid
                asked += paid
        refused = None
        if asked > contract.free:
            refused = "promises_exceed_commitment"
        if not any(day <= until for day, _, _ in contract.unclaimed):
            refused = "claim_empty"
        if contract.closed:
            refused = "contract_not_active"
        bill = self.world.bill(claim, name, until)
        if refused in {"claim_empty", "contract_not_active"}:
            fields = (
                f'claim={claim}; contract={name}; period={{"from":"2026-01-01","to":"{until}"}}'
            )
            row = scenario.Row("", "", "claim.submitted", fields)
            bill = scenario.event_of(self.world, row)  # type: ignore[assignment]
        if self.act(bill, refused):
            assert bill.claim_fen == asked
            self.covered = covered
            contract.unclaimed = [each for each in contract.unclaimed if each[0] > until]
            contract.promised += asked
            self.claims[claim] = (name, asked)

    @precondition(lambda self: self.claims)
    @rule(choice=PICK, cut=CUT, dispute=CUT)
    def answer(self, choice: int, cut: int, dispute: int) -> None:
        """Accept a claim but for a cut of its first visit and a dispute over its second."""
        claim = self.pick(self.claims, choice)
        name, asked = self.claims.pop(claim)
        contract = self.contracts[name]
        claimed = [*self.world.state.claimed[claim].values(), 0]
        cut = min(cut, claimed[0])
        dispute = min(dispute, claimed[1]) if cut else 0
        cuts, disputed = [cut] if cut else [], [dispute] if dispute else []
        self.world.answer(claim, cuts, disputed)
        contract.promised -= asked - dispute
        if cut:
            self.cuts[claim] = (name, cut)
        if dispute:
            self.disputes[claim] = (name, dispute)
        self.owe(claim, name, contract.accept(asked - cut - dispute))

    def owe(self, owed: str, name: str, amount: int) -> None:
        """Remember what can be asked for, where it is anything."""
        if amount:
            self.payable[owed] = (name, amount)

    @precondition(lambda self: self.cuts)
    @rule(choice=PICK, share=SHARE, agreed=st.booleans())
    def contest(self, choice: int, share: int, *, agreed: bool) -> None:
        """Agree on what comes back of a cut, or contest a part of it; both promise it again."""
        claim = self.pick(self.cuts, choice)
        name, cut = self.cuts[claim]
        contract, amount = self.contracts[name], max(cut * share // 4, 1)
        line = self.world.lines(self.world.state.cuts, claim)[0]
        lines = [{"visit": line.visit, "amount_fen": amount}]
        field, kind = ("returned", "claim.agreed") if agreed else ("lines", "dispute.opened")
        fields = f"claim={claim}; {field}={json.dumps(lines)}"
        event = scenario.event_of(self.world, scenario.Row("", "", kind, fields))
        refused = "promises_exceed_commitment" if amount > contract.free else None
        if not self.act(event, "contract_not_active" if contract.closed else refused):
            return
        self.cuts[claim] = (name, cut - amount)
        if cut == amount:
            del self.cuts[claim]
        if agreed:
            self.owe(event.id, name, contract.accept(amount))
        else:
            contract.promised += amount
            self.disputes[claim] = (name, self.disputes.get(claim, ("", 0))[1] + amount)

    @precondition(lambda self: self.disputes)
    @rule(choice=PICK, share=SHARE, ruled=st.booleans())
    def decide(self, choice: int, share: int, *, ruled: bool) -> None:
        """Settle or rule all that is in dispute of a claim: a part is awarded, the rest is free."""
        claim = self.pick(self.disputes, choice)
        name, amount = self.disputes.pop(claim)
        contract, awarded = self.contracts[name], amount * share // 4
        lines = self.world.lines(self.world.state.disputes, claim)
        kind = DisputeRuled if ruled else DisputeSettled
        event = self.world.make(kind, claim=claim, lines=lines, awarded_fen=awarded)
        self.world.do(event)
        contract.promised -= amount
        self.owe(event.id, name, contract.accept(awarded))

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK, share=SHARE)
    def release(self, choice: int, share: int) -> None:
        """Give back a part of what is held back, or all of it."""
        name = self.pick(self.some(choice), choice)
        contract = self.contracts[name]
        amount = contract.total("retained") * share // 4
        if amount:
            terms = {"contract": name, "amount_fen": amount, "basis": "early"}
            event = self.world.make(RetentionReleased, **terms)
            self.world.do(event, by="BUY/one")
            contract.move("retained", "accrued", amount)
            self.owe(event.id, name, amount)

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK, amount=st.integers(1, 9_000), paid=PAID)
    def advance(self, choice: int, amount: int, *, paid: bool) -> None:
        """Order an advance within the limit, and report those that are with the bank."""
        if self.advances:
            self.report_advance(choice, paid=paid)
            return
        name, advance = self.pick(self.some(choice), choice), self.name("v")
        contract = self.contracts[name]
        refused = "guard_broken" if amount > contract.total("committed") else None
        if amount > contract.free:
            refused = "promises_exceed_commitment"
        if contract.advanced + amount > rounded(contract.terms.advance * contract.value):
            refused = "value_exceeds"
        if contract.closed:
            refused = "contract_not_active"
        event = self.world.make(AdvanceOrdered, contract=name, advance=advance, amount_fen=amount)
        if self.act(event, refused):
            contract.move("committed", "advance_ordered", amount)
            contract.advanced += amount
            self.advances[advance] = (name, amount)

    def report_advance(self, choice: int, *, paid: bool) -> None:
        """Report an advance as paid or as rejected."""
        advance = self.pick(self.advances, choice)
        name, amount = self.advances.pop(advance)
        contract = self.contracts[name]
        self.world.do(self.world.make(AdvanceSettled if paid else AdvanceRejected, advance=advance))
        contract.move("advance_ordered", "prepaid" if paid else "committed", amount)
        contract.advanced -= 0 if paid else amount

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK)
    def refund(self, choice: int) -> None:
        """Pay back all of an advance that nothing was delivered against."""
        advances = self.world.state.advances
        settled = {name: each for name, each in advances.items() if each.status == "settled"}
        if not settled:
            return
        advance = self.pick(settled, choice)
        record, contract = settled[advance], self.contracts[settled[advance].contract]
        amount = min(record.amount_fen - record.refunded_fen, contract.total("prepaid"))
        if amount:
            self.world.do(self.world.make(AdvanceRefunded, advance=advance, amount_fen=amount))
            contract.move("prepaid", "committed", amount)
            contract.advanced -= amount

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK, month=MONTHS)
    def month(self, choice: int, month: Month) -> None:
        """Go the whole way from visits over cuts and disputes to the bank's answer."""
        self.visit(choice, month.made)
        self.claim(choice, "2026-12-31")
        if self.claims:
            self.answer(choice, month.cut, month.dispute)
        if self.cuts:
            self.contest(choice, month.share, agreed=month.agreed)
        if self.disputes:
            self.decide(choice, month.share, ruled=month.agreed)
        if self.payable:
            self.request(choice, many=True)
        if self.asked:
            self.order(choice)
        if self.ordered:
            self.report(choice, paid=month.paid)

    @precondition(lambda self: self.payable)
    @rule(choice=PICK, many=st.booleans())
    def request(self, choice: int, *, many: bool) -> None:
        """Ask for payment of one claim, or of all of its contract's that can be paid."""
        first, payment = self.pick(self.payable, choice), self.name("p")
        name, _ = self.payable[first]
        claims = [k for k, (owner, _) in self.payable.items() if owner == name and many] or [first]
        principal = sum(self.payable.pop(claim)[1] for claim in claims)
        self.world.request(payment, name, claims)
        self.asked[payment] = (name, claims, principal)
        again = self.world.make(
            PaymentRequested,
            payment=self.name("p"),
            contract=name,
            claims=claims,
            principal_fen=principal,
        )
        self.act(again, "claim_in_live_payment")

    @precondition(lambda self: self.asked)
    @rule(choice=PICK)
    def order(self, choice: int) -> None:
        """Order what was asked for."""
        payment = self.pick(self.asked, choice)
        self.ordered[payment] = self.asked.pop(payment)
        name, _, principal = self.ordered[payment]
        self.world.order(payment)
        self.contracts[name].move("accrued", "ordered", principal)

    @precondition(lambda self: self.ordered)
    @rule(choice=PICK, paid=PAID)
    def report(self, choice: int, *, paid: bool) -> None:
        """Report an order as paid or as rejected; then its claims can be asked for again."""
        payment = self.pick(self.ordered, choice)
        name, claims, principal = self.ordered.pop(payment)
        if paid:
            self.world.settle(payment)
            self.contracts[name].move("ordered", "paid", principal)
            self.settled[payment] = (name, claims, principal)
            return
        amounts = {claim: self.world.state.claims[claim].payable_fen for claim in claims}
        self.world.reject(payment)
        self.contracts[name].move("ordered", "accrued", principal)
        self.payable |= {claim: (name, amounts[claim]) for claim in claims}

    @precondition(lambda self: self.settled)
    @rule(choice=PICK)
    def bounce(self, choice: int) -> None:
        """Take a settled payment back, of a closed contract, too; its claims are owed again."""
        payment = self.pick(self.settled, choice)
        name, claims, principal = self.settled.pop(payment)
        self.world.bounce(payment)
        self.contracts[name].move("paid", "accrued", principal)
        amounts = {claim: self.world.state.claims[claim].payable_fen for claim in claims}
        self.payable |= {claim: (name, amounts[claim]) for claim in claims}

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK)
    def half(self, choice: int) -> None:
        """Submit a statement whose last event is refused: its first ones leave no trace."""
        name = self.pick(self.some(choice), choice)
        if self.contracts[name].closed:
            return
        events = [self.world.make(ContractAmended, contract=name) for _ in range(3)]
        events.append(self.world.make(ContractAmended, contract=name, value_delta_fen=10**12))
        refused = scenario.refusal(self.world, *events)
        assert (refused.code, refused.event_index) == ("value_exceeds", 3)

    # -- what must hold ------------------------------------------------------------------------

    @invariant()
    def balances_are_the_model_s(self) -> None:
        """Every account of every line and contract holds what the model holds, to the fen."""
        if not hasattr(self, "granted"):
            return
        state = self.world.state
        for line in "abc":
            held = {
                stage: sum(c.held[stage].get(line, 0) for c in self.contracts.values())
                for stage in STAGES
            }
            reserved = sum(lot.get(line, 0) for lot in self.lots.values())
            expected = {
                "appropriated": self.appropriated[line],
                "allotted": self.allotted[line],
                "reserved": reserved,
                **in_both_books(self.granted[line], held),
            }
            actual = state.line_balances(line)
            sources = sum(actual.pop(name) for name in list(actual) if name.startswith("source"))
            assert -sources == self.granted[line]
            assert {name: fen for name, fen in actual.items() if fen} == {
                name: fen for name, fen in expected.items() if fen
            }
        for (name, contract), stage in product(self.contracts.items(), STAGES):
            record = state.contracts[name]
            assert state.holdings(stage, record) == [*contract.held[stage].values()]
            assert record.value_fen == contract.value
            assert record.promised_fen == contract.promised
            assert contract.free >= 0

    @invariant()
    def nothing_is_overspent(self) -> None:
        """I0, I1, I6, I7 and the guards, added up anew from the single balances."""
        if not hasattr(self, "granted"):
            return
        sums: Counter[tuple[str, str]] = Counter()
        for (name, line, _), fen in self.world.state.balances.items():
            account = CHART[name]
            assert fen >= 0 or not account.guarded
            sums[account.book, line] += -fen if account.debit_normal else fen
            sums[name, line] += fen
        for line in "abc":
            assert sums["authority", line] == sums["proprietary", line] == 0
            assert sum(sums[stage, line] for stage in STAGES) <= self.granted[line]
        for contract in self.contracts.values():
            stages = sum(contract.total(stage) for stage in STAGES)
            standing = sum(contract.total(stage) for stage in ("accrued", "ordered", "paid"))
            assert stages == (standing if contract.closed else contract.value)

    def teardown(self) -> None:
        """Judge the whole log again: the same state comes out, table by table."""
        if hasattr(self, "granted"):
            assert snapshot(self.world.replay()) == snapshot(self.world.state)


City.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestCity = City.TestCase

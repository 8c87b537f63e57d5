"""Rules of the machine: visits, claims and their answers, cuts and disputes."""

import json

import scenario
from city_model import CAPS, CUT, PICK, SHARE, VISITS, Made
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from machine.contracts import Contracts

from ledger.events.claim import ClaimDeemedAccepted
from ledger.events.delivery import VisitRecorded
from ledger.events.dispute import DisputeRuled, DisputeSettled


class Claims(Contracts):
    """What is delivered, and what is accepted of it."""

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
        if self.contracts[name].status in {"terminated", "closed"}:
            assert scenario.refusal(self.world, *events).code == "contract_not_active"
            return
        self.do(*events)
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
            self.claims[claim] = (name, asked, self.era)
            self.order_of[claim] = self.era

    @precondition(lambda self: self.claims)
    @rule(choice=PICK, cut=CUT, dispute=CUT)
    def answer(self, choice: int, cut: int, dispute: int) -> None:
        """Accept a claim in time, but for a cut of one visit and a dispute over another."""
        claim = self.pick(self.claims, choice)
        name, asked, submitted_in = self.claims[claim]
        contract = self.contracts[name]
        claimed = [*self.world.state.claimed[claim].values(), 0]
        cut = min(cut, claimed[0])
        dispute = min(dispute, claimed[1]) if cut else 0
        cuts, disputed = [cut] if cut else [], [dispute] if dispute else []
        late = None if submitted_in == self.era else "claim_answer_late"
        if not self.act(self.world.answering(claim, cuts, disputed), late):
            return
        del self.claims[claim]
        contract.promised -= asked - dispute
        if cut:
            self.cuts[claim] = (name, cut)
        if dispute:
            self.disputes[claim] = (name, dispute)
        self.accept(claim, name, asked - cut - dispute)

    @precondition(lambda self: self.claims)
    @rule(choice=PICK)
    def deem(self, choice: int) -> None:
        """Let a claim count as accepted that nobody answered in time, and no other."""
        claim = self.pick(self.claims, choice)
        name, asked, submitted_in = self.claims[claim]
        early = "claim_answer_not_due" if submitted_in == self.era else None
        if self.act(self.world.make(ClaimDeemedAccepted, claim=claim), early):
            del self.claims[claim]
            self.contracts[name].promised -= asked
            self.accept(claim, name, asked)
            self.order_of[claim] = submitted_in + 1  # owed from the day after the last for it

    def accept(self, owed: str, name: str, amount: int) -> None:
        """Accept a sum; what is to be paid of it can be asked for."""
        payable = self.contracts[name].accept(amount)
        if payable:
            self.payable[owed] = (name, payable)
            self.order_of[owed] = self.era  # in the place that it has, if it has one

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
            self.accept(event.id, name, amount)
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
        self.do(event)
        contract.promised -= amount
        self.accept(event.id, name, awarded)

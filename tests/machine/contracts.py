"""Rules of the machine: contracts from their signing to their end, advances, what is held back."""

import scenario
from city_model import PAID, PICK, SHARE, STAGES, TERMS, Contract, Terms, rounded, shared
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from machine.budgets import LAST_WAIT_MS, Budgets

from ledger.events.advance import (
    AdvanceOrdered,
    AdvanceRefunded,
    AdvanceRejected,
    AdvanceSettled,
)
from ledger.events.contract import (
    ContractAmended,
    ContractLine,
    ContractResumed,
    ContractSigned,
    ContractSuspended,
    ContractTerminated,
    Item,
)
from ledger.events.retention import GuaranteeLodged, RetentionReleased


class Contracts(Budgets):
    """What purchaser and provider agree on."""

    @rule(terms=TERMS)
    def invite(self, terms: Terms) -> None:
        """Tender and award a contract; it can be signed in the next era."""
        self.award(terms)

    @precondition(lambda self: not self.live() and self.world.now_ms < LAST_WAIT_MS)
    @rule(terms=st.lists(TERMS, min_size=2, max_size=2))
    def renew(self, terms: list[Terms]) -> None:
        """Where no contract lives, come to new ones."""
        self.come_to(terms)

    def come_to(self, terms: list[Terms]) -> None:
        """Tender, award, wait and sign."""
        for each in terms:
            self.award(each)
        self.wait(0)
        for tender in list(self.awards):
            self.sign(sorted(self.awards).index(tender))

    @precondition(lambda self: self.awards)
    @rule(choice=PICK)
    def sign(self, choice: int) -> None:
        """Sign a contract over the lines of a lot, for a little less than it was worth."""
        tender = self.pick(self.awards, choice)
        shares, terms, awarded_in = self.awards[tender]
        contract, lot = self.name("c"), self.lots[tender]
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
        if awarded_in == self.era:
            refused = "award_not_final"
        if terms.advance and not terms.recovery:
            refused = "share_out_of_bounds"
        if self.act(event, refused):
            for line, amount in record.held["committed"].items():
                lot[line] -= amount
            self.status[tender] = "used"
            self.free(tender)
            self.contracts[contract] = record
        if awarded_in != self.era:
            del self.awards[tender]  # signed, or as badly thought out as it will ever be

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
        if contract.status in {"terminated", "closed"}:
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
    @rule(choice=PICK, resumed=st.booleans())
    def pause(self, choice: int, *, resumed: bool) -> None:
        """Suspend an active contract, or let a suspended one go on; no money moves."""
        name = self.pick(self.some(choice), choice)
        contract = self.contracts[name]
        if resumed:
            refused = None if contract.status == "suspended" else "contract_not_suspended"
            if self.act(self.world.make(ContractResumed, contract=name), refused):
                contract.status = "active"
        else:
            refused = None if contract.status == "active" else "contract_not_active"
            if self.act(self.world.make(ContractSuspended, contract=name), refused):
                contract.status = "suspended"

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK, often=st.integers(0, 2))
    def terminate(self, choice: int, often: int) -> None:
        """End a contract early: what nothing can ask for any more is free again."""
        if often:
            return  # so that most contracts live to their end
        name = self.pick(self.some(choice), choice)
        contract = self.contracts[name]
        cut = sum(fen for owner, fen in self.cuts.values() if owner == name)
        unclaimed = sum(units * contract.rate for _, _, units in contract.unclaimed)
        needed = max(contract.promised + cut + unclaimed - contract.total("prepaid"), 0)
        free = max(contract.total("committed") - needed, 0)
        ended = contract.status in {"terminated", "closed"}
        event = self.world.make(ContractTerminated, contract=name)
        if self.act(event, "contract_not_active" if ended else None):
            self.allotted.update(contract.take("committed", free))
            contract.status, contract.released = "terminated", free

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK, often=st.integers(0, 3))
    def close(self, choice: int, often: int) -> None:
        """Close only what is settled and answered; the rest of it is free again."""
        if often:
            return  # the same
        name = self.pick(self.some(choice), choice)
        contract = self.contracts[name]
        refused = None
        asking = [owner for owner, *_ in (*self.claims.values(), *self.disputes.values())]
        if name in asking:
            refused = "contract_has_open_claim"
        if any(contract.total(stage) for stage in STAGES[1:-1]):
            refused = "contract_not_settled"
        if contract.closed:
            refused = "contract_not_active"
        if self.act(self.world.closing(name), refused):
            self.allotted.update(contract.held["committed"])
            contract.held["committed"] = dict.fromkeys(contract.shares, 0)
            contract.unclaimed, contract.status = [], "closed"

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK)
    def half(self, choice: int) -> None:
        """Submit a statement whose last event is refused: its first ones leave no trace."""
        name = self.pick(self.some(choice), choice)
        if self.contracts[name].status in {"terminated", "closed"}:
            return
        events = [self.world.make(ContractAmended, contract=name) for _ in range(3)]
        events.append(self.world.make(ContractAmended, contract=name, value_delta_fen=10**12))
        refused = scenario.refusal(self.world, *events)
        assert (refused.code, refused.event_index) == ("value_exceeds", 3)

    # -- what is held back -----------------------------------------------------------------------

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK, share=SHARE, more=st.booleans())
    def release(self, choice: int, share: int, *, more: bool) -> None:
        """Give back a part of what is held back, or all of it, but not a fen more."""
        name = self.pick(self.some(choice), choice)
        contract = self.contracts[name]
        amount = contract.total("retained") * share // 4
        if more and not share:
            amount = contract.total("retained") + 1
        if amount:
            terms = {"contract": name, "amount_fen": amount, "basis": "early"}
            self.give_back(name, self.world.make(RetentionReleased, **terms), amount, "BUY/one")

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK, share=SHARE)
    def guarantee(self, choice: int, share: int) -> None:
        """Put a lender's guarantee in the place of what is held back, or of a part of it."""
        name = self.pick(self.some(choice), choice)
        amount = max(self.contracts[name].total("retained") * share // 4, 1)
        event = self.world.make(GuaranteeLodged, contract=name, amount_fen=amount)
        self.give_back(name, event, amount, None)

    def give_back(
        self, name: str, event: RetentionReleased | GuaranteeLodged, amount: int, by: str | None
    ) -> None:
        """Move what was held back to what is payable, as far as there is so much."""
        contract = self.contracts[name]
        refused = "value_exceeds" if amount > contract.total("retained") else None
        if isinstance(event, RetentionReleased) and name in self.contested:
            refused = "notice_open"
        if self.act(event, refused, by=by):
            contract.move("retained", "accrued", amount)
            self.owe(event.id, name, amount)

    def owe(self, owed: str, name: str, amount: int) -> None:
        """Remember what can be asked for, where it is anything."""
        if amount:
            self.payable[owed] = (name, amount)
            self.order_of[owed] = self.era

    # -- advances ----------------------------------------------------------------------------------

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
        if contract.status != "active":
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
        self.do(self.world.make(AdvanceSettled if paid else AdvanceRejected, advance=advance))
        contract.move("advance_ordered", "prepaid" if paid else "committed", amount)
        contract.advanced -= 0 if paid else amount

    @precondition(lambda self: self.contracts)
    @rule(choice=PICK)
    def refund_advance(self, choice: int) -> None:
        """Pay back all of an advance that nothing was delivered against."""
        advances = self.world.state.advances
        settled = {name: each for name, each in advances.items() if each.status == "settled"}
        if not settled:
            return
        advance = self.pick(settled, choice)
        record, contract = settled[advance], self.contracts[settled[advance].contract]
        amount = min(record.amount_fen - record.refunded_fen, contract.total("prepaid"))
        if amount:
            self.do(self.world.make(AdvanceRefunded, advance=advance, amount_fen=amount))
            contract.move("prepaid", "committed", amount)
            contract.advanced -= amount

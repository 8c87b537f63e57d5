"""Rules of the machine: payments and the bank, receivables, refunds and penalties."""

from city_model import PAID, PICK
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from machine.claims import Claims

from ledger.events.notice import NoticeAnswered, NoticeGiven
from ledger.events.payment import (
    PaymentApproved,
    PaymentBounced,
    PaymentDiverted,
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentReturned,
    PaymentSettled,
)
from ledger.events.penalty import PenaltyImposed
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableReleased,
    ReceivableRequested,
)
from ledger.events.refund import RefundReceived
from ledger.times import MS_PER_DAY, local_date

OWN, LENDER_S = "account-1", "account-9"
Receivable = ReceivableRequested | ReceivableConfirmed | ReceivableAssigned | ReceivableReleased
NEEDED: dict[type[Receivable], tuple[str | None, ...]] = {
    ReceivableRequested: ("requested", None),
    ReceivableConfirmed: ("requested",),
    ReceivableAssigned: ("confirmed",),
    ReceivableReleased: ("assigned",),
}
"""The states in which a receivable is requested, confirmed, assigned and released."""


class Asked:
    """A payment: its contract, its claims with what each comes to, where it is to go."""

    def __init__(self, contract: str, claims: dict[str, int], payee: str) -> None:
        """Begin as asked for."""
        self.contract, self.claims, self.payee = contract, claims, payee
        self.principal = sum(claims.values())
        self.approved = self.diverted = False


class Payments(Claims):
    """What is asked for, ordered, and what the bank says."""

    asked: dict[str, Asked]
    ordered: dict[str, Asked]
    settled: dict[str, Asked]

    def payee(self, owed: str) -> str:
        """Return the account that something owed is to be paid to."""
        return LENDER_S if self.receivables.get(owed) == "assigned" else OWN

    def owe_again(self, payment: Asked) -> None:
        """Let the claims of a payment that ended without money be asked for again."""
        self.payable |= {k: (payment.contract, fen) for k, fen in payment.claims.items()}

    @precondition(lambda self: self.payable)
    @rule(choice=PICK, many=st.booleans(), astray=st.sampled_from([False, False, False, True]))
    def request(self, choice: int, *, many: bool, astray: bool) -> None:
        """Ask for payment of one claim, or of all of its contract's that can be paid to one."""
        first, payment = self.pick(self.payable, choice), self.name("p")
        name, _ = self.payable[first]
        payee = self.payee(first)
        claims = {
            owed: fen
            for owed, (owner, fen) in self.payable.items()
            if owed == first or (many and owner == name and self.payee(owed) == payee)
        }
        asked = Asked(name, claims, payee)
        if astray:
            refused = "account_not_of_party" if payee == OWN else "payee_not_lender"
            other = OWN if payee == LENDER_S else LENDER_S
            self.act(self.requesting(payment, Asked(name, claims, other)), refused)
        self.do(self.requesting(payment, asked))
        for owed in claims:
            del self.payable[owed]
        self.asked[payment] = asked
        self.act(self.requesting(self.name("p"), asked), "claim_in_live_payment")

    def requesting(self, payment: str, asked: Asked) -> PaymentRequested:
        """Return the request for a payment."""
        return self.world.make(
            PaymentRequested,
            payment=payment,
            contract=asked.contract,
            claims=list(asked.claims),
            principal_fen=asked.principal,
            payee=asked.payee,
        )

    @precondition(lambda self: self.asked)
    @rule(choice=PICK)
    def send_back(self, choice: int) -> None:
        """Return a request, approved or not: its claims can be asked for again."""
        payment = self.pick(self.asked, choice)
        self.do(self.world.make(PaymentReturned, payment=payment))
        self.owe_again(self.asked.pop(payment))

    @precondition(lambda self: self.asked)
    @rule(choice=PICK)
    def order(self, choice: int) -> None:
        """Approve and order what was asked for, if it still goes to whom it is owed."""
        payment = self.pick(self.asked, choice)
        asked = self.asked[payment]
        ordering = self.world.make(
            PaymentOrdered, payment=payment, principal_fen=asked.principal, payee=asked.payee
        )
        if not asked.approved:
            self.act(ordering, "payment_wrong_state")
            self.do(self.world.make(PaymentApproved, payment=payment))
            asked.approved = True
        refused = None
        for owed in asked.claims:
            if self.payee(owed) == OWN and asked.payee == LENDER_S:
                refused = "account_not_of_party"
        for owed in asked.claims:
            if self.payee(owed) == LENDER_S and asked.payee == OWN:
                refused = "payee_not_lender"
        if self.act(ordering, refused):
            self.ordered[payment] = self.asked.pop(payment)
            self.contracts[asked.contract].move("accrued", "ordered", asked.principal)

    @precondition(lambda self: self.ordered)
    @rule(choice=PICK, paid=PAID)
    def report(self, choice: int, *, paid: bool) -> None:
        """Report an order as paid or as rejected; then its claims can be asked for again."""
        payment = self.pick(self.ordered, choice)
        asked = self.ordered.pop(payment)
        if paid:
            today = self.world.today()
            self.do(self.world.make(PaymentSettled, payment=payment, value_date=today))
            self.contracts[asked.contract].move("ordered", "paid", asked.principal)
            self.settled[payment] = asked
        else:
            self.do(self.world.make(PaymentRejected, payment=payment))
            self.contracts[asked.contract].move("ordered", "accrued", asked.principal)
            self.owe_again(asked)

    @precondition(lambda self: self.ordered)
    @rule(choice=PICK)
    def divert(self, choice: int) -> None:
        """Report, once, that an order reached another account: nothing is settled by that."""
        payment = self.pick(self.ordered, choice)
        asked = self.ordered[payment]
        event = self.world.make(PaymentDiverted, payment=payment, value_date=self.world.today())
        self.act(event, "payment_wrong_state" if asked.diverted else None)
        asked.diverted = True

    @precondition(lambda self: self.settled)
    @rule(choice=PICK)
    def bounce(self, choice: int) -> None:
        """Take a settled payment back, of a closed contract, too, if it was not refunded before."""
        payment = self.pick(self.settled, choice)
        asked = self.settled[payment]
        contract = self.contracts[asked.contract]
        refused = "guard_broken" if asked.principal > contract.total("paid") else None
        event = self.world.make(PaymentBounced, payment=payment, value_date=self.world.today())
        if self.act(event, refused):
            del self.settled[payment]
            contract.move("paid", "accrued", asked.principal)
            self.owe_again(asked)

    @precondition(lambda self: self.settled)
    @rule(choice=PICK, amount=st.integers(1, 9_000))
    def refund(self, choice: int, amount: int) -> None:
        """Pay back a part of what a contract was paid: it is committed again, or free."""
        name = self.settled[self.pick(self.settled, choice)].contract
        contract = self.contracts[name]
        today = self.world.today()
        event = self.world.make(RefundReceived, contract=name, amount_fen=amount, value_date=today)
        if self.act(event, "value_exceeds" if amount > contract.total("paid") else None):
            parts = contract.take("paid", amount)
            table = self.allotted if contract.closed else contract.held["committed"]
            for line, part in parts.items():
                table[line] += part

    # -- receivables and penalties ---------------------------------------------------------------

    @precondition(lambda self: self.payable or self.asked or self.ordered)
    @rule(choice=PICK, kind=st.sampled_from(sorted(NEEDED, key=str)), hopeless=st.integers(0, 2))
    def lend(
        self,
        choice: int,
        kind: type[Receivable],
        hopeless: int,
    ) -> None:
        """Request, confirm, assign or release a receivable, each from its own state only."""
        owed = {k: fen for k, (_, fen) in self.payable.items()}
        for payment in (*self.asked.values(), *self.ordered.values()):
            owed |= payment.claims
        fitting = {k: 1 for k in owed if self.receivables.get(k) in NEEDED[kind]}
        claim = self.pick(fitting if fitting and hopeless else owed, choice)
        refused = None
        if any(claim in payment.claims for payment in self.ordered.values()):
            refused = "claim_in_live_payment"
        if self.receivables.get(claim) not in NEEDED[kind]:
            refused = "receivable_wrong_state"
        amount = {} if kind is ReceivableReleased else {"amount_fen": owed[claim]}
        if self.act(self.world.make(kind, claim=claim, **amount), refused):
            after = str(kind.__struct_config__.tag).removeprefix("receivable.")
            self.receivables[claim] = after
            if after == "released":
                del self.receivables[claim]

    @precondition(lambda self: self.payable)
    @rule(choice=PICK, amount=st.integers(1, 600), accepted=st.sampled_from([True, True, False]))
    def penalise(self, choice: int, amount: int, *, accepted: bool) -> None:
        """Give notice of a penalty; set it off once it is accepted, from what is free for that."""
        name, _ = self.payable[self.pick(self.payable, choice)]
        contract, notice = self.contracts[name], self.name("n")
        reply_by = local_date(self.world.now_ms + 30 * MS_PER_DAY, 8 * 60)
        given = {"notice": notice, "about": name, "amount_fen": amount, "reply_by": reply_by}
        if not self.act(
            self.world.make(NoticeGiven, **given),
            "contract_not_active" if contract.closed else None,
        ):
            return
        answer = "accepts" if accepted else "contests"
        if not accepted:
            self.contested.add(name)
        self.do(self.world.make(NoticeAnswered, notice=notice, answer=answer))
        free = [
            owed
            for owed in self.order_of
            if owed in self.payable
            and self.payable[owed][0] == name
            and self.receivables.get(owed) not in {"confirmed", "assigned"}
        ]
        refused = None
        if amount > sum(self.payable[owed][1] for owed in free):
            refused = "set_off_exceeds_payable"
        if not accepted:
            refused = "notice_not_standing"
        event = self.world.make(PenaltyImposed, contract=name, notice=notice, amount_fen=amount)
        if self.act(event, refused):
            self.revenue.update(contract.move("accrued", "paid", amount))
            for owed in free:
                fen = self.payable.pop(owed)[1]
                part = min(fen, amount)
                amount -= part
                if fen > part:
                    self.payable[owed] = (name, fen - part)

"""The payments of a simulated contract: asked for, approved, ordered, and the bank's word on them.

A rejected order is asked for again, to another account; interest that fell due while the bank was
at it is asked for by itself.
"""

from collections.abc import Callable, Sequence

from msgspec import UNSET

from ledger.events.payment import (
    PaymentApproved,
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentSettled,
)
from ledger.rules.interest import owed_on
from ledger.simulate.agenda import Agenda
from ledger.simulate.cast import FINANCE, TREASURY
from ledger.simulate.founding import declare_account, file_hash
from ledger.state import State
from ledger.times import MS_PER_HOUR, local_date

OFFSET_MINUTES = 8 * 60
REVIEW_KEY = f"{FINANCE}/review-2025"
PAYMENTS_KEY = f"{FINANCE}/payments-2025"
TREASURY_KEY = f"{TREASURY}/office-2025"

_ACCOUNT_DAYS = 10  # a new account is in force when 5 working days have ended


class Payments:
    """What is paid under one contract."""

    def __init__(
        self,
        agenda: Agenda,
        state: State,
        contract: str,
        provider: str,
        label: Callable[..., None],
    ) -> None:
        """Begin with nothing asked for; `label` notes what was planted."""
        self._agenda = agenda
        self._state = state
        self._contract = contract
        self._provider = provider
        self._office = f"{provider}/office-2025"
        self._label = label
        self._requests = 0
        self._payee = ""

    def declare_account(self) -> None:
        """Let the provider declare an account to be paid to from now on."""
        self._payee = declare_account(self._agenda, self._provider, self._office)

    def request(self, claims: Sequence[str], *, fails: bool = False) -> None:
        """Ask for what is owed on some claims; `fails` lets the bank reject the order."""
        agenda = self._agenda
        self._requests += 1
        payment = f"{self._contract}-p{self._requests:02}"
        requested = agenda.event(
            PaymentRequested,
            payment=payment,
            contract=self._contract,
            claims=list(claims),
            principal_fen=sum(self._unpaid_fen(claim) for claim in claims),
            payee=self._payee,
        )
        agenda.sign([requested], self._office)
        days = agenda.chance.between(6, 12)
        agenda.later(days, lambda: self._approve(payment, fails=fails))

    def _approve(self, payment: str, *, fails: bool) -> None:
        agenda = self._agenda
        agenda.sign([agenda.event(PaymentApproved, payment=payment)], REVIEW_KEY)
        ordered_ms = agenda.now_ms + MS_PER_HOUR
        agenda.at(ordered_ms, lambda: self._order(payment, fails=fails))

    def _order(self, payment: str, *, fails: bool) -> None:
        agenda = self._agenda
        request = self._state.payments[payment]
        interest_fen = sum(owed_on(self._state, claim) for claim in request.claims)
        ordered = agenda.event(
            PaymentOrdered,
            payment=payment,
            principal_fen=request.principal_fen,
            interest_fen=interest_fen or UNSET,
            payee=request.payee,
            message_id=f"MSG-{payment}",
            sha256=file_hash(agenda.chance),
        )
        agenda.sign([ordered], PAYMENTS_KEY)
        report = self._reject if fails else self._settle
        agenda.later(agenda.chance.between(2, 4), lambda: report(payment))

    def _settle(self, payment: str) -> None:
        agenda = self._agenda
        settled = agenda.event(
            PaymentSettled,
            payment=payment,
            value_date=local_date(agenda.now_ms, OFFSET_MINUTES),
            creditor=file_hash(agenda.chance),
            sha256=file_hash(agenda.chance),
        )
        agenda.sign([settled], TREASURY_KEY)
        agenda.later(1, lambda: self._ask_for_interest(payment))

    def _ask_for_interest(self, payment: str) -> None:
        """Ask for what became due while the bank was at it."""
        claims = self._state.payments[payment].claims
        late = [claim for claim in claims if owed_on(self._state, claim)]
        if late:
            self.request(late)

    def _unpaid_fen(self, claim_id: str) -> int:
        claim = self._state.claims[claim_id]
        return claim.payable_fen if claim.payment is None else 0

    def _reject(self, payment: str) -> None:
        agenda = self._agenda
        rejected = agenda.event(
            PaymentRejected,
            payment=payment,
            reason="AC04",
            explanation="The account was closed.",
            sha256=file_hash(agenda.chance),
        )
        agenda.sign([rejected], TREASURY_KEY)
        self._label("rejected", rejected.id, payment=payment)
        claims = self._state.payments[payment].claims
        agenda.later(1, self.declare_account)
        agenda.later(_ACCOUNT_DAYS, lambda: self.request(claims))

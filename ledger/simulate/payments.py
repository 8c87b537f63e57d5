"""Payments of a simulated city: asked for, approved, ordered, and what the bank makes of it.

From the answer to the money it takes a log-normal number of days; two districts are slow. There is
little money in January and February, and a rush at the end of the year. What is owed beyond claims
(awards, what was held back, interest) is asked for with the next payment, at the latest in a sweep
on the 25th of the month.
"""

from typing import NamedTuple

from ledger.events.advance import AdvanceOrdered, AdvanceSettled
from ledger.events.contract import ContractClosed, FinalLine
from ledger.events.payment import (
    PaymentApproved,
    PaymentBounced,
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentSettled,
)
from ledger.money import PPM
from ledger.rules.ending import MUST_BE_ZERO_TO_CLOSE
from ledger.rules.interest import accrual_of, owed_on
from ledger.simulate.agenda import Act, day_ms
from ledger.simulate.cast import FINANCE, TREASURY
from ledger.simulate.chance import Quota, draw
from ledger.simulate.founding import PURCHASER_KEY, declare_account
from ledger.simulate.planning import Plan
from ledger.simulate.world import World
from ledger.state.claim import Claim
from ledger.state.contract import Contract
from ledger.times import MS_PER_HOUR, format_date, parse_date

_REVIEW_KEY = f"{FINANCE}/review-2025"
_PAYMENTS_KEY = f"{FINANCE}/payments-2025"
_TREASURY_KEY = f"{TREASURY}/office-2025"

_THAW, _THAW_DAYS = parse_date("2025-03-01"), 20  # when the year's money begins to flow
_RUSH, _RUSH_END = parse_date("2025-12-01"), parse_date("2025-12-27")
_CLEARING_DAYS = 3  # from order to value date, at most
_ACCOUNT_DAYS = 14  # until a new account is in force, whatever holidays there are
_CLOSED_DAYS = 30  # from the end of a term to the first try to close the contract
_CLOSED_AGAIN_DAYS = 10
_YEAR_END = parse_date("2025-12-31")


class Account(NamedTuple):
    """Where a provider is paid.

    Attributes:
        token: the account's token.
        number: commitment to its number.

    """

    token: str
    number: str


class Payments:
    """Pays what is owed on every contract."""

    def __init__(self, world: World, plans: list[Plan]) -> None:
        """Put the sweeps of the year on the agenda."""
        self._world = world
        self._accounts: dict[str, Account] = {}
        self._requests = 0
        self._rejections = Quota(world.scale.rejected_ppm)
        self._bounces = Quota(world.scale.bounced_ppm)
        self._signed: list[Plan] = []
        for month in range(1, 13):
            world.agenda.on(f"2025-{month:02}-25", "10:00", self._sweep)
        for plan in plans:
            over = parse_date(plan.term[1]) + _CLOSED_DAYS
            if over < _YEAR_END:
                world.agenda.at(day_ms(over, 15 * 60), self._close_of(plan))

    def begin(self, plan: Plan) -> None:
        """Declare where a provider is paid, once a contract is signed; order its advance."""
        self._signed.append(plan)
        if plan.provider not in self._accounts:
            self._declare(plan)
        if plan.advance_ppm:
            self._world.later(_ACCOUNT_DAYS, lambda: self._advance(plan))

    def ask(self, plan: Plan) -> None:
        """Let the provider ask for whatever is owed and in no payment yet, in a day or two."""
        self._world.later(self._world.chance.between(1, 2), lambda: self._request(plan))

    def _declare(self, plan: Plan) -> None:
        self._accounts[plan.provider] = Account(*declare_account(self._world, plan.provider))

    def _sweep(self) -> None:
        for plan in self._signed:
            self._request(plan)

    # -- asked for, approved, ordered ----------------------------------------------------------

    def _request(self, plan: Plan) -> None:
        """Ask for all principal that is owed; where there is none, for interest alone."""
        state, now_ms = self._world.state, self._world.agenda.now_ms
        account = self._accounts[plan.provider]
        if state.accounts[account.token].from_ms > now_ms:
            return  # the next sweep comes when the account is in force
        owed = [each for each in state.claims.values() if each.contract == plan.contract]
        principal = [each for each in owed if each.payable_fen and self._is_free(each)]
        claims = principal or [
            each for each in owed if owed_on(state, each.claim) and self._bears_alone(each)
        ]
        if not claims:
            return
        world = self._world
        self._requests += 1
        payment = f"{plan.contract}-p{self._requests:05}"
        requested = world.event(
            PaymentRequested,
            payment=payment,
            contract=plan.contract,
            claims=[each.claim for each in claims],
            principal_fen=sum(each.payable_fen for each in principal),
            payee=account.token,
        )
        world.sign([requested], f"{plan.provider}/office-2025")
        since = min(each.owed_since or world.agenda.today for each in claims)
        day = self._approval_day(plan, since)
        minute = world.chance.between(9 * 60, 16 * 60)
        world.agenda.at(day_ms(day, minute), lambda: self._approve(plan, payment))

    def _is_free(self, claim: Claim) -> bool:
        interest = self._world.state.interest.get(claim.claim)
        return claim.payment is None and (interest is None or interest.payment is None)

    def _bears_alone(self, claim: Claim) -> bool:
        """Return whether interest on a claim can be asked for without its principal."""
        state = self._world.state
        interest = state.interest.get(claim.claim)
        payments = (claim.payment, None if interest is None else interest.payment)
        return all(each is None or state.payments[each].status == "settled" for each in payments)

    def _approval_day(self, plan: Plan, since: int) -> int:
        """Return the day on which finance gets to a payment of what is owed since a day."""
        scale, chance = self._world.scale, self._world.chance
        slow = plan.district < scale.slow_districts
        lag = draw(chance, scale.slow_lag_days if slow else scale.pay_lag_days)
        tomorrow = self._world.agenda.today + 1
        if tomorrow > parse_date(plan.term[1]) + _CLOSED_DAYS:
            lag = 0  # the final account of a contract that is over is settled at once
        day = max(since + lag - _CLEARING_DAYS, tomorrow)
        if day < _THAW and chance.below(100) < 60:  # noqa: PLR2004 (three of five wait)
            day = _THAW + chance.below(_THAW_DAYS)
        if day > _RUSH and tomorrow < _RUSH_END:
            day = min(day, max(tomorrow, _RUSH + chance.below(_RUSH_END - _RUSH)))
        return day

    def _approve(self, plan: Plan, payment: str) -> None:
        world = self._world
        world.sign([world.event(PaymentApproved, payment=payment)], _REVIEW_KEY)
        world.agenda.at(world.agenda.now_ms + MS_PER_HOUR, lambda: self._order(plan, payment))

    def _order(self, plan: Plan, payment: str) -> None:
        world, state = self._world, self._world.state
        request = state.payments[payment]
        interest_fen = sum(owed_on(state, claim) for claim in request.claims)
        free_fen = min(state.balance("allotted", line) for line, _ in plan.lines)
        if request.principal_fen and interest_fen > free_fen:
            interest_fen = 0  # a lack of allotment for interest never holds up the principal
        number = self._accounts[plan.provider].number
        ordered = world.event(
            PaymentOrdered,
            payment=payment,
            principal_fen=request.principal_fen,
            payee=request.payee,
            creditor=number,
            message_id=f"MSG-{payment}",
            sha256=world.file_hash(),
            **({"interest_fen": interest_fen} if interest_fen else {}),
        )
        world.sign([ordered], _PAYMENTS_KEY)
        days = world.chance.between(1, _CLEARING_DAYS)
        if self._rejections.takes():
            world.later(days, lambda: self._reject(plan, payment))
        else:
            world.later(days, lambda: self._settle(plan, payment, number))

    # -- the bank's word -----------------------------------------------------------------------

    def _settle(self, plan: Plan, payment: str, number: str) -> None:
        world = self._world
        settled = world.event(
            PaymentSettled,
            payment=payment,
            value_date=format_date(world.agenda.today),
            creditor=number,
            sha256=world.file_hash(),
        )
        world.sign([settled], _TREASURY_KEY)
        if self._bounces.takes():
            world.later(world.chance.between(2, 5), lambda: self._bounce(plan, payment))

    def _reject(self, plan: Plan, payment: str) -> None:
        world = self._world
        rejected = world.event(
            PaymentRejected,
            payment=payment,
            reason="AC04",
            explanation="The account was closed.",
            sha256=world.file_hash(),
        )
        world.sign([rejected], _TREASURY_KEY)
        world.truth.label("rejected", rejected.id, payment=payment)
        self._try_again(plan)

    def _bounce(self, plan: Plan, payment: str) -> None:
        world = self._world
        bounced = world.event(
            PaymentBounced,
            payment=payment,
            value_date=format_date(world.agenda.today),
            reason="AC01",
            explanation="The account number is wrong.",
            sha256=world.file_hash(),
        )
        world.sign([bounced], _TREASURY_KEY)
        world.truth.label("bounced", bounced.id, payment=payment)
        self._try_again(plan)

    def _try_again(self, plan: Plan) -> None:
        self._world.later(1, lambda: self._declare(plan))
        self._world.later(_ACCOUNT_DAYS, lambda: self._request(plan))

    # -- advances, and the end of a contract ---------------------------------------------------

    def _advance(self, plan: Plan) -> None:
        world = self._world
        advance = f"{plan.contract}-advance"
        ordered = world.event(
            AdvanceOrdered,
            advance=advance,
            contract=plan.contract,
            amount_fen=plan.value_fen * plan.advance_ppm // PPM,
            payee=self._accounts[plan.provider].token,
            message_id=f"MSG-{advance}",
            sha256=world.file_hash(),
        )
        world.sign([ordered], _PAYMENTS_KEY)
        world.later(2, lambda: self._settle_advance(plan, advance))

    def _settle_advance(self, plan: Plan, advance: str) -> None:
        world = self._world
        settled = world.event(
            AdvanceSettled,
            advance=advance,
            value_date=format_date(world.agenda.today),
            creditor=self._accounts[plan.provider].number,
            sha256=world.file_hash(),
        )
        world.sign([settled], _TREASURY_KEY)

    def _is_open(self, contract: Contract) -> bool:
        """Return whether money waits on a contract for somebody, or a claim for an answer."""
        state, today = self._world.state, format_date(self._world.agenda.today)
        return any(sum(state.holdings(each, contract)) for each in MUST_BE_ZERO_TO_CLOSE) or any(
            claim.status == "submitted"
            or claim.disputed_fen
            or accrual_of(state, claim.claim, today).amount_fen
            for claim in state.claims.values()
            if claim.contract == contract.contract
        )

    def _close_of(self, plan: Plan) -> Act:
        return lambda: self._close(plan)

    def _close(self, plan: Plan) -> None:
        """Let both sides close a contract whose term is over, once nothing is open."""
        world, state = self._world, self._world.state
        contract = state.contracts[plan.contract]
        if self._is_open(contract):
            self._request(plan)
            if world.agenda.today + _CLOSED_AGAIN_DAYS < _YEAR_END:
                world.later(_CLOSED_AGAIN_DAYS, lambda: self._close(plan))
            return
        final = [
            FinalLine(line=line, paid_fen=paid_fen)
            for (line, _), paid_fen in zip(
                contract.lines, state.holdings("paid", contract), strict=True
            )
        ]
        closed = world.event(ContractClosed, contract=plan.contract, final=final)
        world.sign([closed], PURCHASER_KEY, f"{plan.provider}/office-2025")

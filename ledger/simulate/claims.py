"""Claims of a simulated city: billed monthly, answered line by line, disputed and settled.

A month is billed in the first days of the next one; December up to the 20th, so that it is paid
in the same year. What the purchaser noticed when it looks at a claim is cut or disputed; the rest
is payable at once. A few claims nobody answers: the clock accepts them. Where a contract is used
up, both sides amend it as far as the law allows.
"""

from collections.abc import Callable

from ledger.events.base import Document, Period
from ledger.events.claim import (
    ClaimAgreed,
    ClaimAnswered,
    ClaimedVisits,
    ClaimSubmitted,
    Cut,
    Disputed,
    Returned,
    ServiceUnits,
)
from ledger.events.contract import ContractAmended
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.merkle import root_of
from ledger.money import split
from ledger.rules.claim import Bill, bill_of
from ledger.simulate.agenda import Act, day_ms, month_days, next_month
from ledger.simulate.cast import REVIEWER, claims_key
from ledger.simulate.chance import Quota
from ledger.simulate.doubts import Doubts
from ledger.simulate.founding import PURCHASER_KEY
from ledger.simulate.planning import Plan
from ledger.simulate.world import World
from ledger.times import format_date, parse_date

Owed = Callable[[Plan], None]
"""Told when something of a contract became payable."""

_LAST_BILLED = parse_date("2025-12-20")
_BILLED_AT = 9 * 60 + 15  # minute of the day
_ANSWER_DAYS = (4, 11)
_SETTLE_DAYS = (8, 25)
_EXTENDED, _EXTENDED_EVERY, _EXTENDED_BY = "2025-09-16", 8, 20
_MOST_SUPPLEMENTS = 10  # an amendment may add a tenth of the value in all


class Claims:
    """Bills, answers and settles for every contract."""

    def __init__(self, world: World, doubts: Doubts, owed: Owed) -> None:
        """Begin with no claim; `owed` is told whenever something became payable."""
        self._world = world
        self._doubts = doubts
        self._owed = owed
        self._answered = 0
        self._silences = Quota(world.scale.unanswered_ppm)

    def begin(self, plan: Plan) -> None:
        """Put the bills of a contract on the agenda, once it is signed."""
        for month in plan.months:
            last = min(month_days(month)[-1], _LAST_BILLED)
            first_ms = day_ms(month_days(next_month(month))[0])
            billed_ms = min(first_ms, day_ms(_LAST_BILLED))
            day = 2 + plan.number % 3
            self._world.agenda.at(
                billed_ms + day_ms(day, _BILLED_AT) - day_ms(0) + plan.number * 1_000,
                self._bill_of(plan, month, last),
            )
        if plan.number % _EXTENDED_EVERY == 0:
            self._world.agenda.on(_EXTENDED, "11:00", lambda: self._extend(plan))

    # -- the provider bills --------------------------------------------------------------------

    def _bill_of(self, plan: Plan, month: str, last: int) -> Act:
        def submit() -> None:
            world = self._world
            bill, until = self._bearable(plan, last)
            if bill is None:
                return
            claim = f"{plan.contract}-{month}"
            submitted = world.event(
                ClaimSubmitted,
                claim=claim,
                contract=plan.contract,
                period=Period(from_date=f"{month}-01", to_date=format_date(until)),
                visits=ClaimedVisits(root=root_of(bill.leaves).hex(), count=len(bill.visits)),
                units=[ServiceUnits(service=s, units=units) for s, units in bill.units.items()],
                gross_fen=bill.gross_fen,
                self_pay_fen=bill.self_pay_fen,
                claim_fen=bill.claim_fen,
                invoice=Document(number=f"INV-{claim}", sha256=world.file_hash()),
            )
            world.sign([submitted], f"{plan.provider}/office-2025")
            if self._silences.takes():
                world.truth.label("unanswered", submitted.id, claim=claim)
                return
            days = world.chance.between(*_ANSWER_DAYS)
            world.later(days, lambda: self._answer(plan, claim))

        return submit

    def _bearable(self, plan: Plan, last: int) -> tuple[Bill | None, int]:
        """Return the bill up to a day that the contract can bear, amended where it must be."""
        state = self._world.state
        for until in range(last, month_days(format_date(last)[:7])[0] - 1, -1):
            bill = bill_of(state, plan.contract, format_date(until))
            if not bill.visits:
                return None, until
            room_fen = self._room_fen(plan)
            if bill.claim_fen > room_fen:
                room_fen += self._amend(plan, bill.claim_fen - room_fen)
            if bill.claim_fen <= room_fen:
                return bill, until
        return None, last

    def _room_fen(self, plan: Plan) -> int:
        state = self._world.state
        contract = state.contracts[plan.contract]
        held = (*state.holdings("committed", contract), *state.holdings("prepaid", contract))
        return sum(held) - contract.promised_fen

    def _extend(self, plan: Plan) -> None:
        """Let both sides agree on a twentieth more of service."""
        self._amend(plan, plan.value_fen // _EXTENDED_BY)

    def _amend(self, plan: Plan, more_fen: int) -> int:
        """Let both sides add to a contract what the law and the lines allow; return how much."""
        world, state = self._world, self._world.state
        contract = state.contracts[plan.contract]
        most_fen = contract.original_fen // _MOST_SUPPLEMENTS - contract.supplements_fen
        parts = split(more_fen, [share_ppm for _, share_ppm in plan.lines])
        free = [state.balance("allotted", line) for line, _ in plan.lines]
        affordable = all(part <= fen for part, fen in zip(parts, free, strict=True))
        if more_fen > most_fen or not affordable:
            return 0
        amended = world.event(
            ContractAmended, contract=plan.contract, reason="SCOPE", value_delta_fen=more_fen
        )
        world.sign([amended], PURCHASER_KEY, f"{plan.provider}/office-2025")
        return more_fen

    # -- the purchaser answers -----------------------------------------------------------------

    def _answer(self, plan: Plan, claim: str) -> None:
        world, state = self._world, self._world.state
        claimed = state.claimed[claim]
        cuts = [
            Cut(visit=visit, reason=reason, amount_fen=claimed[visit])
            for visit, reason in self._doubts.cuts[plan.contract].items()
            if claimed.get(visit)
        ]
        disputed = [
            Disputed(visit=visit, amount_fen=claimed[visit])
            for visit in self._doubts.disputed[plan.contract]
            if claimed.get(visit)
        ]
        for visit in claimed:
            self._doubts.cuts[plan.contract].pop(visit, None)
            self._doubts.disputed[plan.contract].pop(visit, None)
        cut_fen = sum(line.amount_fen for line in cuts)
        disputed_fen = sum(line.amount_fen for line in disputed)
        answered = world.event(
            ClaimAnswered,
            claim=claim,
            accepted_fen=state.claims[claim].claim_fen - cut_fen - disputed_fen,
            cuts=cuts,
            disputed=disputed,
        )
        for label, lines, fen in (("cut", cuts, cut_fen), ("disputed", disputed, disputed_fen)):
            if lines:
                world.truth.label(label, answered.id, claim=claim, amount_fen=fen)
        key = claims_key(plan.district)
        world.sign([answered], f"{key}b" if state.keys[key].revoked else key)
        world.agenda.at(world.agenda.now_ms + 1, lambda: self._owed(plan))
        if cuts:
            self._contest(plan, claim, cuts)
        if disputed:
            days = world.chance.between(*_SETTLE_DAYS)
            world.later(days, lambda: self._settle(plan, claim, disputed))

    def _contest(self, plan: Plan, claim: str, cuts: list[Cut]) -> None:
        """Let one provider in eight get back a cut by agreement, and one contest it."""
        self._answered += 1
        if self._answered % 8 == 5:  # noqa: PLR2004 (one of eight)
            self._world.later(2, lambda: self._agree(plan, claim, cuts[0]))
        elif self._answered % 8 == 3:  # noqa: PLR2004 (another)
            self._world.later(1, lambda: self._open_dispute(plan, claim, cuts[0]))

    def _agree(self, plan: Plan, claim: str, cut: Cut) -> None:
        returned = Returned(visit=cut.visit, amount_fen=cut.amount_fen)
        agreed = self._world.event(ClaimAgreed, claim=claim, returned=[returned])
        self._by_both(plan, agreed)

    def _open_dispute(self, plan: Plan, claim: str, cut: Cut) -> None:
        world = self._world
        line = Disputed(visit=cut.visit, amount_fen=cut.amount_fen)
        opened = world.event(DisputeOpened, claim=claim, lines=[line])
        world.sign([opened], f"{plan.provider}/office-2025")
        world.later(world.chance.between(*_SETTLE_DAYS), lambda: self._rule(plan, claim, line))

    def _rule(self, plan: Plan, claim: str, line: Disputed) -> None:
        """Let the reviewer rule on a contested cut."""
        world = self._world
        won = world.chance.below(100) < world.scale.won_of_100
        awarded_fen = line.amount_fen if won else 0
        ruled = world.event(DisputeRuled, claim=claim, lines=[line], awarded_fen=awarded_fen)
        world.sign([ruled], f"{REVIEWER}/office-2025")
        world.agenda.at(world.agenda.now_ms + 1, lambda: self._owed(plan))

    def _settle(self, plan: Plan, claim: str, lines: list[Disputed]) -> None:
        """Let both sides settle what was in dispute, each line for one of them."""
        world = self._world
        awarded_fen = sum(
            line.amount_fen for line in lines if world.chance.below(100) < world.scale.won_of_100
        )
        settled = world.event(DisputeSettled, claim=claim, lines=lines, awarded_fen=awarded_fen)
        self._by_both(plan, settled)

    def _by_both(self, plan: Plan, event: ClaimAgreed | DisputeSettled) -> None:
        world = self._world
        world.sign([event], PURCHASER_KEY, f"{plan.provider}/office-2025")
        world.agenda.at(world.agenda.now_ms + 1, lambda: self._owed(plan))

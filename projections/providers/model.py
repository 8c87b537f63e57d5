"""The read model `providers`: what becomes of each provider's contracts, bills and payments.

Money is what the journal says: accrued is service and bonus expense, paid the account `paid`,
and what is owed, held back or advanced the accounts of those names.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from ledger.events.claim import ClaimAgreed, ClaimAnswered, ClaimSubmitted
from ledger.events.contract import (
    ContractAmended,
    ContractClosed,
    ContractResumed,
    ContractSigned,
    ContractSuspended,
    ContractTerminated,
)
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.payment import PaymentBounced, PaymentSettled
from ledger.events.receivable import ReceivableAssigned, ReceivableReleased
from ledger.events.score import ScoreContested, ScoreFinalised, ScoreProposed
from ledger.events.standing import SanctionImposed, SanctionLifted
from projections.balances import balance_changes
from projections.context import CONTEXT_EVENTS, Context
from projections.feed import Batch, Fact, Feed
from projections.model import ReadModel, types
from projections.providers.money import MONEY_EVENTS, Money, Wait
from projections.providers.tables import (
    CONTRACT,
    DAYS,
    MONTH,
    PROVIDER,
    SANCTION,
    SCORE,
    SHAPES,
    ContractRow,
    DaysRow,
    MonthRow,
    ProviderRow,
    SanctionRow,
    ScoreRow,
)
from projections.sheet import Sheet

_CONTRACT_KIND = "contract/"
_ACCOUNTS = {
    "service_expense": "accrued_fen",
    "bonus_expense": "accrued_fen",
    "paid": "paid_fen",
    "interest_paid": "interest_paid_fen",
    "payable": "payable_fen",
    "retention_payable": "retained_fen",
    "interest_payable": "interest_owed_fen",
    "advances": "advance_fen",
}
"""The figure that an account of a provider's contracts goes into."""

_BY_MONTH = ("accrued_fen", "paid_fen", "interest_paid_fen")
_STATUS: dict[type[Any], str] = {
    ContractSuspended: "suspended",
    ContractResumed: "active",
    ContractTerminated: "terminated",
    ContractClosed: "closed",
}
_LATER_SCORES = (ScoreContested, ScoreFinalised)
_STANDING = (SanctionImposed, SanctionLifted)


class _ProviderFold:
    """The fold of one batch."""

    def __init__(self, batch: Batch, sheet: Sheet, context: Context) -> None:
        """Load the contracts that the batch is about, their providers, and what they wait for."""
        self._batch = batch
        self._sheet = sheet
        self._context = context
        self._money = Money(batch.facts, sheet)
        subjects = {fact.subject for fact in batch.facts}
        keys = {s.removeprefix(_CONTRACT_KIND) for s in subjects if s.startswith(_CONTRACT_KIND)}
        keys |= {flow.contract for flow in batch.flows if flow.contract is not None}
        self._contracts: dict[str, ContractRow] = {
            row.contract: row for row in sheet.load(CONTRACT, "contract", keys)
        }
        events: list[Any] = [fact.event for fact in batch.facts]
        parties = {row.provider for row in self._contracts.values()}
        parties |= {event.provider for event in events if isinstance(event, ContractSigned)}
        self._providers: dict[str, ProviderRow] = {
            row.provider: row for row in sheet.load(PROVIDER, "provider", parties)
        }
        scores = [event.score for event in events if isinstance(event, _LATER_SCORES)]
        self._scores: dict[str, ScoreRow] = {
            row.score: row for row in sheet.load(SCORE, "score", scores)
        }
        lifted = [event.sanction for event in events if isinstance(event, SanctionLifted)]
        self._sanctions: dict[str, SanctionRow] = {
            row.sanction: row for row in sheet.load(SANCTION, "sanction", lifted)
        }
        self._days: defaultdict[tuple[str, int], int] = defaultdict(int)

    def see(self, fact: Fact) -> None:
        """Fold one event; what is about no contract and no sanction is passed over."""
        event: Any = fact.event
        if isinstance(event, ContractSigned):
            self._sign(fact, event)
        elif isinstance(event, _STANDING):
            self._stand(fact, event)
        elif fact.subject.startswith(_CONTRACT_KIND):
            contract = self._contracts[fact.subject.removeprefix(_CONTRACT_KIND)]
            self._money.see(fact, contract, self._context.day(fact.recorded_ms))
            self._touch(contract.provider, fact.position)
            change = _CHANGES.get(type(event))
            if change is not None:
                change(self, fact, event, contract)

    def put(self) -> None:
        """Add what was posted, and put the rows down."""
        months = self._post()
        sheet = self._sheet
        self._money.put()
        sheet.put(CONTRACT, self._contracts.values())
        sheet.put(PROVIDER, self._providers.values())
        sheet.put(SCORE, self._scores.values())
        sheet.put(SANCTION, self._sanctions.values())
        sheet.add(MONTH, months, _BY_MONTH)
        days = [DaysRow(*key, payments) for key, payments in self._days.items()]
        sheet.add(DAYS, days, ("payments",))

    # -- what events change ----------------------------------------------------------------------

    def add(self, provider: str, **figures: int) -> None:
        """Add to figures of a provider."""
        row = self._providers[provider]
        self._providers[provider] = row._replace(
            **{name: getattr(row, name) + change for name, change in figures.items()}
        )

    def become(self, _fact: Fact, event: Any, contract: ContractRow) -> None:
        """Move a contract to another status."""
        status = _STATUS[type(event)]
        self.add(contract.provider, **{contract.status: -1})
        self.add(contract.provider, **{status: 1})
        self._contracts[contract.contract] = contract._replace(status=status)

    def amend(self, _fact: Fact, event: ContractAmended, contract: ContractRow) -> None:
        """Change the value of a contract."""
        self.add(contract.provider, value_fen=event.value_delta_fen)

    def claim(self, _fact: Fact, event: ClaimSubmitted, contract: ContractRow) -> None:
        """Count a claim."""
        self.add(contract.provider, claims=1, claimed_fen=event.claim_fen)

    def answer(self, _fact: Fact, event: ClaimAnswered, contract: ContractRow) -> None:
        """Add up what is cut and disputed."""
        cut_fen = sum(cut.amount_fen for cut in event.cuts)
        disputed_fen = sum(each.amount_fen for each in event.disputed)
        self.add(contract.provider, cut_fen=cut_fen, disputed_fen=disputed_fen)

    def agree(self, _fact: Fact, event: ClaimAgreed, contract: ContractRow) -> None:
        """Take off the cuts what came back."""
        self.add(contract.provider, cut_fen=-sum(line.amount_fen for line in event.returned))

    def contest(self, _fact: Fact, event: DisputeOpened, contract: ContractRow) -> None:
        """Move cuts that the provider contests into dispute."""
        fen = sum(line.amount_fen for line in event.lines)
        self.add(contract.provider, contested=1, cut_fen=-fen, disputed_fen=fen)

    def decide(
        self, _fact: Fact, event: DisputeSettled | DisputeRuled, contract: ContractRow
    ) -> None:
        """Count a dispute as won, lost or split, by what was awarded of it."""
        fen = sum(line.amount_fen for line in event.lines)
        refused_fen = fen - event.awarded_fen
        outcome = "won" if not refused_fen else "split" if event.awarded_fen else "lost"
        self.add(
            contract.provider,
            cut_fen=refused_fen,
            disputed_fen=-fen,
            awarded_fen=event.awarded_fen,
            refused_fen=refused_fen,
            **{outcome: 1},
        )

    def propose(self, fact: Fact, event: ScoreProposed, contract: ContractRow) -> None:
        """Keep a score as it is proposed."""
        self._scores[event.score] = ScoreRow(
            score=event.score,
            first_position=fact.position,
            last_position=fact.position,
            provider=contract.provider,
            contract=contract.contract,
            status="proposed",
            from_date=event.period.from_date,
            to_date=event.period.to_date,
            total_ppm=event.total_ppm,
            factor_ppm=event.factor_ppm,
        )

    def doubt(self, fact: Fact, event: ScoreContested, _contract: ContractRow) -> None:
        """Mark a score as contested."""
        row = self._scores[event.score]
        self._scores[event.score] = row._replace(status="contested", last_position=fact.position)

    def finalise(self, fact: Fact, event: ScoreFinalised, contract: ContractRow) -> None:
        """Count a score that is final."""
        self._scores[event.score] = self._scores[event.score]._replace(
            status="final",
            last_position=fact.position,
            total_ppm=event.total_ppm,
            factor_ppm=event.factor_ppm,
        )
        total_ppm, factor_ppm = event.total_ppm, event.factor_ppm
        self.add(contract.provider, scores=1, score_sum_ppm=total_ppm, factor_sum_ppm=factor_ppm)

    def settle(self, _fact: Fact, event: PaymentSettled, contract: ContractRow) -> None:
        """Count a payment by how long it took."""
        self._wait(contract.provider, self._money.settle(event, contract), 1)

    def bounce(self, _fact: Fact, event: PaymentBounced, contract: ContractRow) -> None:
        """Count a payment no longer."""
        self._wait(contract.provider, self._money.bounce(event), -1)

    def assign(self, _fact: Fact, event: ReceivableAssigned, contract: ContractRow) -> None:
        """Count a receivable that went to a lender."""
        self._money.assign(event.claim, event.amount_fen)
        self.add(contract.provider, assigned=1, assigned_fen=event.amount_fen)

    def release(self, _fact: Fact, event: ReceivableReleased, contract: ContractRow) -> None:
        """Count it no longer: the lender gave it back."""
        amount_fen = self._money.assign(event.claim, 0)
        self.add(contract.provider, assigned=-1, assigned_fen=-amount_fen)

    # -- helpers ---------------------------------------------------------------------------------

    def _sign(self, fact: Fact, event: ContractSigned) -> None:
        if event.provider not in self._providers:
            row = ProviderRow(event.provider, fact.position, fact.position)
            self._providers[event.provider] = row
        self._contracts[event.contract] = ContractRow(
            event.contract, event.provider, "active", event.acceptance_days, event.pay_days
        )
        self._touch(event.provider, fact.position)
        self.add(event.provider, active=1, value_fen=event.value_fen)

    def _stand(self, fact: Fact, event: SanctionImposed | SanctionLifted) -> None:
        if isinstance(event, SanctionImposed):
            self._sanctions[event.sanction] = SanctionRow(
                sanction=event.sanction,
                first_position=fact.position,
                last_position=fact.position,
                party=event.party,
                ground=event.ground,
                from_date=event.from_date,
                until=event.until,
                lifted_on=None,
            )
        else:
            row = self._sanctions[event.sanction]
            day = self._context.day(fact.recorded_ms)
            self._sanctions[event.sanction] = row._replace(
                lifted_on=day, last_position=fact.position
            )

    def _touch(self, provider: str, position: int) -> None:
        row = self._providers[provider]
        last = max(row.last_position, position)
        self._providers[provider] = row._replace(last_position=last)

    def _wait(self, provider: str, wait: Wait | None, sign: int) -> None:
        if wait is None:
            return
        self.add(
            provider,
            settled=sign,
            days_sum=sign * wait.days,
            late=sign * (wait.late_days > 0),
            late_days_sum=sign * wait.late_days,
        )
        self._days[provider, wait.days] += sign

    def _post(self) -> list[MonthRow]:
        changes: defaultdict[tuple[str, str], int] = defaultdict(int)
        for (account, _, key), change_fen in balance_changes(self._batch.flows).items():
            if key is not None and account in _ACCOUNTS:
                changes[self._contracts[key].provider, _ACCOUNTS[account]] += change_fen
        for (provider, figure), change_fen in changes.items():
            self.add(provider, **{figure: change_fen})
        for flow in self._batch.flows:
            if flow.contract in self._contracts:
                self._touch(self._contracts[flow.contract].provider, flow.last_position)
        moved = {provider for provider, figure in changes if figure in _BY_MONTH}
        return [
            MonthRow(
                provider,
                self._batch.month,
                *(changes.get((provider, figure), 0) for figure in _BY_MONTH),
            )
            for provider in sorted(moved)
        ]


_CHANGES: dict[type[Any], Callable[[_ProviderFold, Fact, Any, ContractRow], None]] = {
    **dict.fromkeys(_STATUS, _ProviderFold.become),
    ContractAmended: _ProviderFold.amend,
    ClaimSubmitted: _ProviderFold.claim,
    ClaimAnswered: _ProviderFold.answer,
    ClaimAgreed: _ProviderFold.agree,
    DisputeOpened: _ProviderFold.contest,
    DisputeSettled: _ProviderFold.decide,
    DisputeRuled: _ProviderFold.decide,
    ScoreProposed: _ProviderFold.propose,
    ScoreContested: _ProviderFold.doubt,
    ScoreFinalised: _ProviderFold.finalise,
    PaymentSettled: _ProviderFold.settle,
    PaymentBounced: _ProviderFold.bounce,
    ReceivableAssigned: _ProviderFold.assign,
    ReceivableReleased: _ProviderFold.release,
}


def _fold(batch: Batch, sheet: Sheet, _feed: Feed) -> None:
    context = Context(sheet)
    providers = _ProviderFold(batch, sheet, context)
    for fact in batch.events:
        context.see(fact.event)
        providers.see(fact)
    context.put(sheet)
    providers.put()


PROVIDERS = ReadModel(
    name="providers",
    version=1,
    shapes=SHAPES,
    decoded=CONTEXT_EVENTS | types(ContractSigned, *_CHANGES, *MONEY_EVENTS, *_STANDING),
    counted=frozenset(),
    fold=_fold,
)

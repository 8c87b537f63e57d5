"""Law of late payment: every day counts, and what is booked is exactly what C13 gives.

The time to pay starts when a claim is answered, at the latest when its acceptance days have run
out, and ends after the contract's pay days (SME Payment Regulation 9, 10). From then on

    accrual = round(principal x rate a year x days late so far / 365) - accrued before

at each month's end and at settlement (17). Days are counted to the end of the last month; of what
was paid, to its value date; of what the bank has, to the day of the order at most, since it can be
of no earlier value: what is missing is booked with the bank's word, and nothing has to be taken
back (docs/decisions/0033).

    68,142.50 x 182,500 ppm x 12 days / 365 = 408.855, half up 408.86
"""

from typing import Any, NamedTuple

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.interest import InterestAccrued, InterestWaived
from ledger.money import PPM, round_half_up, split
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rules.act import Act, Rule, authorise, look_up
from ledger.rules.deadline import last_pay_day
from ledger.rules.shares import flows, lines_of, split_among
from ledger.state import State
from ledger.state.claim import Claim
from ledger.state.interest import Interest
from ledger.state.payment import WITH_THE_BANK
from ledger.times import month_of, parse_date

DAYS_A_YEAR = 365


class Accrual(NamedTuple):
    """What `interest.accrued` must state.

    Attributes:
        days: days late so far.
        rate_ppm: the contract's rate a year.
        amount_fen: to be booked now; 0 where nothing is.

    """

    days: int
    rate_ppm: int
    amount_fen: int


def accrual_of(state: State, claim_id: str, today: str) -> Accrual:
    """Return the interest on a claim that is due to be booked on the local date `today`."""
    claim = state.claims[claim_id]
    contract = state.contracts[claim.contract]
    rate_ppm = contract.late_rate_ppm
    if claim.owed_since is None:
        return Accrual(0, rate_ppm, 0)
    due = last_pay_day(claim.owed_since, contract.pay_days)
    days = max(counted_to(state, claim, today) - due, 0)
    total_fen = round_half_up(claim.payable_fen * rate_ppm * days, DAYS_A_YEAR * PPM)
    accrued_fen = state.interest.get(claim_id, Interest()).accrued_fen
    return Accrual(days, rate_ppm, max(total_fen - accrued_fen, 0))


def owed_on(state: State, claim_id: str) -> int:
    """Return the fen of interest on a claim that are neither waived nor ordered."""
    return state.interest.get(claim_id, Interest()).owed_fen


def change_owed(state: State, claim_id: str, change_fen: int) -> None:
    """Take interest into an order, or back out of it."""
    interest = state.interest.get(claim_id, Interest())
    changed = interest._replace(owed_fen=interest.owed_fen + change_fen)
    state.put(state.interest, claim_id, changed)


def counted_to(state: State, claim: Claim, today: str) -> int:
    """Return the last day that counts, in days since 1970-01-01."""
    month_end = parse_date(f"{month_of(today)}-01") - 1
    if claim.payment is None:
        return month_end
    payment = state.payments[claim.payment]
    if payment.status == "settled":
        return payment.since
    return min(month_end, payment.since) if payment.status in WITH_THE_BANK else month_end


# -- interest.accrued --------------------------------------------------------------------------


def _authorise_accrual(state: State, event: InterestAccrued, act: Act) -> None:
    claim = look_up(state.claims, "claim", event.claim)
    contract = state.contracts[claim.contract]
    buyer = (Seat("purchaser", contract.buyer),)
    operator = (Seat("operator"),)
    case = contract.case.of_a_clock()
    authorise(state, event, act, case, operator, contract.provider_seats, buyer)


def _admit_accrual(state: State, event: InterestAccrued, act: Act) -> None:
    accrual = accrual_of(state, event.claim, act.today)
    for field, stated, computed in (
        ("days", event.days, accrual.days),
        ("rate_ppm_per_year", event.rate_ppm_per_year, accrual.rate_ppm),
        ("amount_fen", event.amount_fen, accrual.amount_fen),
    ):
        if stated != computed:
            raise Refused(
                "interest_differs",
                field=field,
                claim=event.claim,
                stated=stated,
                computed=computed,
            )


def _post_accrual(state: State, event: InterestAccrued) -> list[Posting]:
    """Split as the payable it arose on: as it stands, or as it was ordered.

    Where those lines are of a year that is over, the contract's lines bear it by their shares.
    """
    claim = state.claims[event.claim]
    contract = state.contracts[claim.contract]
    lines = lines_of(state, claim.contract)
    payment = None if claim.payment is None else state.payments[claim.payment]
    if payment is None or payment.status not in WITH_THE_BANK:
        weights = state.holdings("accrued", contract)
    else:
        weights = list(payment.parts) if payment.lines == lines else []
    if not any(weights):
        weights = [share_ppm for _, share_ppm in contract.lines]
    parts = split(event.amount_fen, weights)
    return flows(claim.contract, lines, "interest_expense", "interest_payable", parts)


def _apply_accrual(state: State, event: InterestAccrued, _act: Act) -> None:
    interest = state.interest.get(event.claim, Interest())
    changed = interest._replace(
        accrued_fen=interest.accrued_fen + event.amount_fen,
        owed_fen=interest.owed_fen + event.amount_fen,
    )
    state.put(state.interest, event.claim, changed)


# -- interest.waived ---------------------------------------------------------------------------


def _authorise_waiver(state: State, event: InterestWaived, act: Act) -> None:
    claim = look_up(state.claims, "claim", event.claim)
    contract = state.contracts[claim.contract]
    case = contract.case._replace(amount_fen=event.amount_fen)
    authorise(state, event, act, case, contract.provider_seats)


def _admit_waiver(state: State, event: InterestWaived, _act: Act) -> None:
    receivable = state.receivables.get(event.claim)
    if receivable is not None and receivable.status == "assigned":
        # The interest is the lender's (Civil Code 547): the provider cannot let go of it.
        raise Refused(
            "receivable_wrong_state", claim=event.claim, status="assigned", expected="released"
        )
    owed_fen = owed_on(state, event.claim)
    if event.amount_fen > owed_fen:
        raise Refused(
            "value_exceeds",
            what=f"The interest waived on claim {event.claim}",
            value_fen=event.amount_fen,
            limit_fen=owed_fen,
        )


def _post_waiver(state: State, event: InterestWaived) -> list[Posting]:
    contract = state.claims[event.claim].contract
    lines = lines_of(state, contract)
    parts = split_among(state, contract, lines, "interest_payable", event.amount_fen)
    return flows(contract, lines, "interest_payable", "interest_expense", parts)


def _apply_waiver(state: State, event: InterestWaived, _act: Act) -> None:
    change_owed(state, event.claim, -event.amount_fen)


def _home(state: State, event: InterestAccrued | InterestWaived) -> tuple[str, ...]:
    return (f"contract/{state.claims[event.claim].contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    InterestAccrued: Rule(_authorise_accrual, _admit_accrual, _apply_accrual, _home, _post_accrual),
    InterestWaived: Rule(_authorise_waiver, _admit_waiver, _apply_waiver, _home, _post_waiver),
}

"""Law of claims: the ledger's own visits give every figure, and every fen is answered for.

C12: the purchaser answers within the contract's acceptance days, or all of it is accepted.
C19a: what an answer cuts can come back, or be contested, for the published working days; then it
stands.
"""

from typing import Any, NamedTuple

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.claim import (
    ClaimAgreed,
    ClaimAnswered,
    ClaimDeemedAccepted,
    ClaimSubmitted,
    Cut,
    Disputed,
)
from ledger.merkle import root_of
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rulebook import clock_limit
from ledger.rules.acceptance import (
    acceptance_of,
    award,
    book_acceptance,
    post_acceptance,
    promise,
)
from ledger.rules.accepted import remember_claim
from ledger.rules.act import Act, Rule, authorise, check_free, check_period, look_up, take
from ledger.rules.contested import add_lines, check_cuts, sum_of, take_lines
from ledger.rules.contract import check_promises, unclosed
from ledger.rules.deadline import add_working_days, last_answer_day
from ledger.rules.lists import check_distinct
from ledger.state import State
from ledger.state.claim import Claim
from ledger.state.contract import Contract
from ledger.times import format_date, month_of, parse_date


class Bill(NamedTuple):
    """What a contract's unclaimed visits come to.

    Attributes:
        visits: fen claimed for each visit (worth less self-pay), in position order.
        leaves: their leaf hashes, in the same order.
        units: units by service, in order of service.
        gross_fen: units × rates.
        self_pay_fen: what exceeds each person's monthly cap.
        covered: what each (person, month) will have had claimed, this bill included.

    """

    visits: dict[str, int]
    leaves: list[bytes]
    units: dict[str, int]
    gross_fen: int
    self_pay_fen: int
    covered: dict[tuple[str, str], int]

    @property
    def claim_fen(self) -> int:
        """What is asked of the purchaser."""
        return self.gross_fen - self.self_pay_fen


def bill_of(state: State, contract: str, until: str) -> Bill:
    """Return what a claim for visits that began by the local date `until` must state.

    Visits that were denied are left out.

    Each person's monthly cap is used up by visits in position order, over all contracts.
    """
    visits: dict[str, int] = {}
    leaves: list[bytes] = []
    units: dict[str, int] = {}
    covered: dict[tuple[str, str], int] = {}
    gross_fen = self_pay_fen = 0
    for visit_id, visit in state.visits[contract].items():
        if not is_billed(visit.date, until, denied=visit.denied):
            continue
        key = (visit.beneficiary, month_of(visit.date))
        so_far_fen = covered.get(key)
        if so_far_fen is None:
            so_far_fen = state.covered.get(key, 0)
        left_fen = state.beneficiaries[visit.beneficiary].monthly_cap_fen - so_far_fen
        claimed_fen = visit.worth_fen if visit.worth_fen <= left_fen else max(left_fen, 0)
        covered[key] = so_far_fen + claimed_fen
        visits[visit_id] = claimed_fen
        leaves.append(visit.leaf)
        units[visit.service] = units.get(visit.service, 0) + visit.units
        gross_fen += visit.worth_fen
        self_pay_fen += visit.worth_fen - claimed_fen
    return Bill(visits, leaves, dict(sorted(units.items())), gross_fen, self_pay_fen, covered)


def is_billed(date: str, until: str, *, denied: bool) -> bool:
    """Return whether a claim until a local date covers an unclaimed visit that began on `date`."""
    return date <= until and not denied


# -- claim.submitted ---------------------------------------------------------------------------


def _authorise_claim(state: State, event: ClaimSubmitted, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    case = contract.case._replace(amount_fen=event.claim_fen)
    authorise(state, event, act, case, contract.provider_seats)


def _admit_claim(state: State, event: ClaimSubmitted, act: Act) -> None:
    check_free(state, "claim", event.claim)
    contract = unclosed(state, event.contract)
    check_period("period", event.period.from_date, event.period.to_date)
    for key in _invoice_keys(contract, event):
        if key in state.invoices:
            raise Refused("invoice_used", invoice=event.invoice.number)
    bill = bill_of(state, event.contract, event.period.to_date)
    if not bill.visits:
        raise Refused("claim_empty", contract=event.contract, date=event.period.to_date)
    stated_units = [(item.service, item.units) for item in event.units]
    for field, stated, computed in (
        ("visits.count", event.visits.count, len(bill.visits)),
        ("visits.root", event.visits.root, root_of(bill.leaves).hex()),
        ("units", stated_units, list(bill.units.items())),
        ("gross_fen", event.gross_fen, bill.gross_fen),
        ("self_pay_fen", event.self_pay_fen, bill.self_pay_fen),
        ("claim_fen", event.claim_fen, bill.claim_fen),
    ):
        if stated != computed:
            raise Refused("claim_figures_differ", field=field, stated=stated, computed=computed)
    check_promises(state, contract, contract.promised_fen + event.claim_fen)
    act.found = bill


def _apply_claim(state: State, event: ClaimSubmitted, act: Act) -> None:
    take(state, "claim", event.claim)
    contract = state.contracts[event.contract]
    for key in _invoice_keys(contract, event):
        state.put(state.invoices, key, event.claim)
    bill: Bill = act.found
    for month, covered_fen in bill.covered.items():
        state.put(state.covered, month, covered_fen)
    unclaimed = {
        visit_id: visit
        for visit_id, visit in state.visits[event.contract].items()
        if visit_id not in bill.visits
    }
    state.put(state.visits, event.contract, unclaimed)
    state.put(state.claimed, event.claim, bill.visits)
    today = parse_date(act.today)
    state.put(
        state.claims,
        event.claim,
        Claim(
            claim=event.claim,
            contract=event.contract,
            status="submitted",
            claim_fen=event.claim_fen,
            payable_fen=0,
            disputed_fen=0,
            answered_by=(),
            payment=None,
            answer_by=last_answer_day(today, contract.acceptance_days),
            contest_by=today,
            owed_since=None,
        ),
    )
    remember_claim(state, event.claim, event.contract, event.period.to_date)
    promise(state, event.contract, event.claim_fen)


def _invoice_keys(contract: Contract, event: ClaimSubmitted) -> tuple[str, str]:
    return (
        f"number/{contract.provider}/{event.invoice.number.lower()}",
        f"file/{event.invoice.sha256}",
    )


# -- claim.answered ----------------------------------------------------------------------------


def _authorise_answer(state: State, event: ClaimAnswered, act: Act) -> None:
    claim = look_up(state.claims, "claim", event.claim)
    contract = state.contracts[claim.contract]
    case = contract.case._replace(amount_fen=event.accepted_fen)
    authorise(state, event, act, case, (Seat("purchaser", contract.buyer),))


def _admit_answer(state: State, event: ClaimAnswered, act: Act) -> None:
    claim = _unanswered(state, event.claim)
    if parse_date(act.today) > claim.answer_by:
        raise Refused("claim_answer_late", claim=event.claim, last_day=format_date(claim.answer_by))
    claimed = state.claimed[event.claim]
    lines: list[Cut | Disputed] = [*event.cuts, *event.disputed]
    asked_fen: dict[str, int] = {}
    check_distinct("cuts", [cut.visit for cut in event.cuts])
    check_distinct("disputed", [disputed.visit for disputed in event.disputed])
    for line in lines:
        if line.visit not in claimed:
            raise Refused("visit_settled", visit=line.visit, claim=event.claim)
        asked_fen[line.visit] = asked_fen.get(line.visit, 0) + line.amount_fen
        if asked_fen[line.visit] > claimed[line.visit]:
            raise Refused(
                "line_amount_exceeds",
                visit=line.visit,
                claimed_fen=claimed[line.visit],
                amount_fen=asked_fen[line.visit],
            )
    sum_fen = event.accepted_fen + sum_of(lines)
    if sum_fen != claim.claim_fen:
        raise Refused(
            "answer_does_not_add_up",
            claim=event.claim,
            claim_fen=claim.claim_fen,
            sum_fen=sum_fen,
        )
    act.found = acceptance_of(state, state.contracts[claim.contract], event.accepted_fen)


def _post_answer(state: State, event: ClaimAnswered) -> list[Posting]:
    contract = state.contracts[state.claims[event.claim].contract]
    return post_acceptance(state, contract, event.accepted_fen)


def _apply_answer(state: State, event: ClaimAnswered, act: Act) -> None:
    claim = state.claims[event.claim]
    today = parse_date(act.today)
    disputed_fen = sum_of(event.disputed)
    state.put(
        state.claims,
        event.claim,
        claim._replace(
            status="answered",
            payable_fen=act.found.payable_fen,
            disputed_fen=disputed_fen,
            answered_by=act.holders(),
            contest_by=add_working_days(state, today, clock_limit(state, "c19-dispute")),
            owed_since=today,
        ),
    )
    state.drop(state.claimed, event.claim)
    add_lines(state, state.cuts, event.claim, event.cuts)
    add_lines(state, state.disputes, event.claim, event.disputed)
    book_acceptance(state, event.claim, act.found)
    promise(state, claim.contract, disputed_fen - claim.claim_fen)


# -- claim.deemed_accepted ---------------------------------------------------------------------


def _authorise_silence(state: State, event: ClaimDeemedAccepted, act: Act) -> None:
    claim = look_up(state.claims, "claim", event.claim)
    contract = state.contracts[claim.contract]
    buyer = (Seat("purchaser", contract.buyer),)
    operator = (Seat("operator"),)
    case = contract.case.of_a_clock()
    authorise(state, event, act, case, operator, contract.provider_seats, buyer)


def _admit_silence(state: State, event: ClaimDeemedAccepted, act: Act) -> None:
    claim = _unanswered(state, event.claim)
    if parse_date(act.today) <= claim.answer_by:
        raise Refused(
            "claim_answer_not_due", claim=event.claim, last_day=format_date(claim.answer_by)
        )
    act.found = acceptance_of(state, state.contracts[claim.contract], claim.claim_fen)


def _post_silence(state: State, event: ClaimDeemedAccepted) -> list[Posting]:
    claim = state.claims[event.claim]
    return post_acceptance(state, state.contracts[claim.contract], claim.claim_fen)


def _apply_silence(state: State, event: ClaimDeemedAccepted, act: Act) -> None:
    claim = state.claims[event.claim]
    state.put(
        state.claims,
        event.claim,
        claim._replace(
            status="accepted", payable_fen=act.found.payable_fen, owed_since=claim.answer_by
        ),
    )
    state.drop(state.claimed, event.claim)
    book_acceptance(state, event.claim, act.found)
    promise(state, claim.contract, -claim.claim_fen)


# -- claim.agreed ------------------------------------------------------------------------------


def _authorise_agreement(state: State, event: ClaimAgreed, act: Act) -> None:
    claim = look_up(state.claims, "claim", event.claim)
    contract = state.contracts[claim.contract]
    case = contract.case._replace(amount_fen=sum_of(event.returned))
    seats = (Seat("purchaser", contract.buyer), Seat("provider", contract.provider))
    authorise(state, event, act, case, seats)


def _admit_agreement(state: State, event: ClaimAgreed, act: Act) -> None:
    check_free(state, "claim", event.id)
    contract = check_cuts(state, event.claim, event.returned, act)
    returned_fen = sum_of(event.returned)
    check_promises(state, contract, contract.promised_fen + returned_fen)
    act.found = acceptance_of(state, contract, returned_fen)


def _post_agreement(state: State, event: ClaimAgreed) -> list[Posting]:
    contract = state.contracts[state.claims[event.claim].contract]
    return post_acceptance(state, contract, sum_of(event.returned))


def _apply_agreement(state: State, event: ClaimAgreed, act: Act) -> None:
    take_lines(state, state.cuts, event.claim, event.returned)
    book_acceptance(state, event.claim, act.found)
    award(state, event.claim, event.id, act.found.payable_fen, act.holders())


# -- shared ------------------------------------------------------------------------------------


def _unanswered(state: State, claim_id: str) -> Claim:
    claim = state.claims[claim_id]
    if claim.status != "submitted":
        raise Refused("claim_not_open", claim=claim_id, status=claim.status)
    return claim


def _home(
    state: State, event: ClaimSubmitted | ClaimAnswered | ClaimDeemedAccepted | ClaimAgreed
) -> tuple[str, ...]:
    if isinstance(event, ClaimSubmitted):
        return (f"contract/{event.contract}",)
    return (f"contract/{state.claims[event.claim].contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    ClaimSubmitted: Rule(_authorise_claim, _admit_claim, _apply_claim, _home),
    ClaimAnswered: Rule(_authorise_answer, _admit_answer, _apply_answer, _home, _post_answer),
    ClaimDeemedAccepted: Rule(
        _authorise_silence, _admit_silence, _apply_silence, _home, _post_silence
    ),
    ClaimAgreed: Rule(
        _authorise_agreement, _admit_agreement, _apply_agreement, _home, _post_agreement
    ),
}

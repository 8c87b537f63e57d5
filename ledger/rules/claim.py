"""Law of claims: the ledger's own visits give every figure, and every fen is answered for."""

from typing import Any, NamedTuple

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.claim import ClaimAnswered, ClaimSubmitted, Cut, Disputed
from ledger.merkle import root_of
from ledger.money import PPM, round_half_up, split
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rules.act import (
    Act,
    Rule,
    authorise,
    check_distinct,
    check_free,
    check_period,
    look_up,
    take,
)
from ledger.rules.contract import check_promises, moves, unclosed
from ledger.state import State
from ledger.state.claim import Claim
from ledger.state.contract import Contract

_TO_THE_MONTH = 7


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
        if visit.date > until or visit.denied:
            continue
        key = (visit.beneficiary, visit.date[:_TO_THE_MONTH])
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
    state.put(
        state.claims,
        event.claim,
        Claim(event.claim, event.contract, "submitted", event.claim_fen, 0, 0, (), None),
    )
    _promise(state, contract, event.claim_fen)


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


def _admit_answer(state: State, event: ClaimAnswered, _act: Act) -> None:
    claim = state.claims[event.claim]
    if claim.status != "submitted":
        raise Refused("claim_not_open", claim=event.claim, status=claim.status)
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
    sum_fen = event.accepted_fen + sum(line.amount_fen for line in lines)
    if sum_fen != claim.claim_fen:
        raise Refused(
            "answer_does_not_add_up",
            claim=event.claim,
            claim_fen=claim.claim_fen,
            sum_fen=sum_fen,
        )


def _post_answer(state: State, event: ClaimAnswered) -> list[Posting]:
    """Accept a sum G and retain W of it, split by what each stage holds on each line."""
    contract = state.contracts[state.claims[event.claim].contract]
    accepted = split(event.accepted_fen, state.holdings("committed", contract))
    accrued = [
        held_fen + part_fen
        for held_fen, part_fen in zip(state.holdings("accrued", contract), accepted, strict=True)
    ]
    retained = split(retained_of(contract, event.accepted_fen), accrued)
    return [
        *moves(contract, "committed", "accrued", accepted),
        *moves(contract, "accrued", "retained", retained),
        *moves(contract, "service_expense", "payable", accepted),
        *moves(contract, "payable", "retention_payable", retained),
    ]


def _apply_answer(state: State, event: ClaimAnswered, act: Act) -> None:
    claim = state.claims[event.claim]
    contract = state.contracts[claim.contract]
    disputed_fen = sum(line.amount_fen for line in event.disputed)
    state.put(
        state.claims,
        event.claim,
        claim._replace(
            status="answered",
            payable_fen=event.accepted_fen - retained_of(contract, event.accepted_fen),
            disputed_fen=disputed_fen,
            answered_by=act.holders(),
        ),
    )
    state.drop(state.claimed, event.claim)
    _promise(state, contract, disputed_fen - claim.claim_fen)


def retained_of(contract: Contract, accepted_fen: int) -> int:
    """Return what is held back of an accepted sum (funds: W, half up)."""
    return round_half_up(contract.retention_ppm * accepted_fen, PPM)


def _promise(state: State, contract: Contract, delta_fen: int) -> None:
    state.put(
        state.contracts,
        contract.contract,
        contract._replace(promised_fen=contract.promised_fen + delta_fen),
    )


def _home(state: State, event: ClaimSubmitted | ClaimAnswered) -> tuple[str, ...]:
    if isinstance(event, ClaimSubmitted):
        return (f"contract/{event.contract}",)
    return (f"contract/{state.claims[event.claim].contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    ClaimSubmitted: Rule(_authorise_claim, _admit_claim, _apply_claim, _home),
    ClaimAnswered: Rule(_authorise_answer, _admit_answer, _apply_answer, _home, _post_answer),
}

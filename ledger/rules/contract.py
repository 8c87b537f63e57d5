"""Law of contracts: both sides sign what they agree, and its whole value is committed."""

from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.contract import (
    ContractAmended,
    ContractClosed,
    ContractPublished,
    ContractSigned,
)
from ledger.money import PPM, split
from ledger.parties import Case, Seat
from ledger.postings import Posting
from ledger.rulebook import clock_limit, rate_in_force
from ledger.rules.act import (
    Act,
    Rule,
    authorise,
    check_date,
    check_distinct,
    check_free,
    check_period,
    check_whole,
    look_up,
    take,
)
from ledger.rules.rulebook import check_signing
from ledger.rules.tender import lot_key
from ledger.state import State
from ledger.state.contract import Contract
from ledger.state.tender import Award

MUST_BE_ZERO_TO_CLOSE = (
    "prepaid",
    "advance_ordered",
    "accrued",
    "retained",
    "ordered",
    "interest_ordered",
    "interest_payable",
)
"""Stages in which money still waits for somebody (vocabulary: contract.closed)."""


# -- contract.signed ---------------------------------------------------------------------------


def _authorise_signing(state: State, event: ContractSigned, act: Act) -> None:
    case = _case(state, event)
    seats = (Seat("purchaser", event.buyer), Seat("provider", event.provider))
    authorise(state, event, act, case, seats)


def _case(state: State, event: ContractSigned) -> Case:
    award = look_up(state.awards, "award", event.award)
    programme = state.tenders[award.tender].programme
    return Case(programme, event.buyer, None, event.contract, event.value_fen)


def _admit_signing(state: State, event: ContractSigned, act: Act) -> None:
    check_free(state, "contract", event.contract)
    award = look_up(state.awards, "award", event.award)
    tender = state.tenders[award.tender]
    if award.contract is not None:
        raise Refused("award_in_use", award=event.award, contract=award.contract)
    if tender.status != "published":
        raise Refused("tender_not_open", tender=tender.tender, status=tender.status)
    _check_sides(event, award, tender.purchaser)
    check_period("term", event.term.from_date, event.term.to_date)
    if event.retention_release is not UNSET:
        check_date("retention_release", event.retention_release)
    _check_terms(state, event, award)
    check_signing(state, event, tender.lots[award.lot], act.today)


def _check_sides(event: ContractSigned, award: Award, purchaser: str) -> None:
    for party, role, expected, reference in (
        (event.buyer, "buyer", purchaser, f"tender {award.tender}"),
        (event.provider, "provider", award.winner, f"award {award.award}"),
    ):
        if party != expected:
            raise Refused(
                "party_not_of_contract",
                party=party,
                role=role,
                reference=reference,
                expected=expected,
            )


def _check_terms(state: State, event: ContractSigned, award: Award) -> None:
    lot = state.tenders[award.tender].lots[award.lot]
    check_distinct("lines", [line.line for line in event.lines])
    check_whole("lines", [line.share_ppm for line in event.lines])
    for line in event.lines:
        if line.line not in lot.lines:
            raise Refused("line_not_of_lot", line=line.line, lot=lot.lot)
    check_distinct("items", [item.service.lower() for item in event.items])
    for item in event.items:
        if item.rate_fen > lot.rate_cap_fen:
            raise Refused(
                "value_exceeds",
                what=f"The rate of {item.service}",
                value_fen=item.rate_fen,
                limit_fen=lot.rate_cap_fen,
            )
    if event.value_fen > award.value_fen:
        raise Refused(
            "value_exceeds",
            what=f"Contract {event.contract}",
            value_fen=event.value_fen,
            limit_fen=award.value_fen,
        )


def _post_signing(state: State, event: ContractSigned) -> list[Posting]:
    award = state.awards[event.award]
    key = lot_key(award.tender, award.lot)
    parts = split(event.value_fen, [line.share_ppm for line in event.lines])
    postings = [
        Posting("reserved", "committed", line.line, part_fen, event.contract, key)
        for line, part_fen in zip(event.lines, parts, strict=True)
        if part_fen
    ]
    taken = {posting.line: posting.amount_fen for posting in postings}
    for line in state.tenders[award.tender].lots[award.lot].lines:
        rest_fen = state.balance("reserved", line, key) - taken.get(line, 0)
        if rest_fen > 0:
            postings.append(Posting("reserved", "allotted", line, rest_fen, lot=key))
    return postings


def _apply_signing(state: State, event: ContractSigned, _act: Act) -> None:
    take(state, "contract", event.contract)
    award = state.awards[event.award]
    state.put(state.awards, event.award, award._replace(contract=event.contract))
    state.put(state.contracts, event.contract, _signed(state, event))
    state.put(state.visits, event.contract, {})


def _signed(state: State, event: ContractSigned) -> Contract:
    """Return the record of a contract as it was signed; terms it does not name are zero."""
    award = state.awards[event.award]
    case = _case(state, event)._replace(amount_fen=0)
    return Contract(
        contract=event.contract,
        programme=state.tenders[award.tender].programme,
        buyer=event.buyer,
        provider=event.provider,
        lines=tuple((line.line, line.share_ppm) for line in event.lines),
        rates={item.service: item.rate_fen for item in event.items},
        value_fen=event.value_fen,
        original_fen=event.value_fen,
        supplements_fen=0,
        from_date=event.term.from_date,
        to_date=event.term.to_date,
        acceptance_days=event.acceptance_days,
        pay_days=event.pay_days,
        bonus_max_fen=event.bonus_max_fen or 0,
        advance_ppm=event.advance_ppm or 0,
        recovery_ppm=event.recovery_ppm or 0,
        retention_ppm=event.retention_ppm or 0,
        retention_release=event.retention_release or None,
        pay=event.pay or None,
        score=event.score or None,
        incentive=event.incentive or None,
        late_rate_ppm=(
            rate_in_force(state, "late")
            if event.late_rate_ppm_per_year is UNSET
            else event.late_rate_ppm_per_year
        ),
        status="active",
        published=False,
        promised_fen=0,
        deduction_memo_fen=0,
        bonus_granted_fen=0,
        advanced_fen=0,
        case=case,
        provider_seats=(Seat("provider", event.provider),),
    )


# -- contract.amended --------------------------------------------------------------------------


def _authorise_both(state: State, event: ContractAmended | ContractClosed, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    delta_fen = event.value_delta_fen if isinstance(event, ContractAmended) else 0
    case = contract.case._replace(amount_fen=abs(delta_fen))
    seats = (Seat("purchaser", contract.buyer), Seat("provider", contract.provider))
    authorise(state, event, act, case, seats)


def _admit_amendment(state: State, event: ContractAmended, _act: Act) -> None:
    contract = active(state, event.contract)
    if event.term_to is not UNSET:
        check_date("term_to", event.term_to)
        if event.term_to < contract.from_date:
            raise Refused(
                "period_reversed", field="term", start=contract.from_date, end=event.term_to
            )
    if event.value_delta_fen < 0:
        check_promises(state, contract, contract.promised_fen, event.value_delta_fen)
    supplements_fen = contract.supplements_fen + max(event.value_delta_fen, 0)
    limit_fen = contract.original_fen * clock_limit(state, "c11-supplements") // PPM
    if supplements_fen > limit_fen:
        raise Refused(
            "value_exceeds",
            what=f"The sum of all supplements to contract {event.contract}",
            value_fen=supplements_fen,
            limit_fen=limit_fen,
        )


def _post_amendment(state: State, event: ContractAmended) -> list[Posting]:
    contract = state.contracts[event.contract]
    delta_fen = event.value_delta_fen
    if delta_fen >= 0:
        parts = split(delta_fen, [share_ppm for _, share_ppm in contract.lines])
        accounts = ("allotted", "committed")
    else:
        parts = draw(state, contract, "committed", -delta_fen)
        accounts = ("committed", "allotted")
    return moves(contract, *accounts, parts)


def _apply_amendment(state: State, event: ContractAmended, _act: Act) -> None:
    contract = state.contracts[event.contract]
    contract = contract._replace(
        value_fen=contract.value_fen + event.value_delta_fen,
        supplements_fen=contract.supplements_fen + max(event.value_delta_fen, 0),
    )
    if event.term_to is not UNSET:
        contract = contract._replace(to_date=event.term_to)
    state.put(state.contracts, event.contract, contract)


# -- contract.published ------------------------------------------------------------------------


def _authorise_disclosure(state: State, event: ContractPublished, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    authorise(state, event, act, contract.case, (Seat("purchaser", contract.buyer),))


def _admit_disclosure(state: State, event: ContractPublished, _act: Act) -> None:
    if state.contracts[event.contract].published:
        raise Refused("contract_already_published", contract=event.contract)


def _apply_disclosure(state: State, event: ContractPublished, _act: Act) -> None:
    contract = state.contracts[event.contract]
    state.put(state.contracts, event.contract, contract._replace(published=True))


# -- contract.closed ---------------------------------------------------------------------------


def _admit_closing(state: State, event: ContractClosed, _act: Act) -> None:
    contract = active(state, event.contract)
    for account in MUST_BE_ZERO_TO_CLOSE:
        held_fen = sum(state.holdings(account, contract))
        if held_fen:
            raise Refused(
                "contract_not_settled",
                contract=event.contract,
                amount_fen=held_fen,
                account=account,
            )
    _check_nothing_open(state, event.contract)
    _check_final_account(state, contract, event)


def _check_nothing_open(state: State, contract_id: str) -> None:
    # Every claim is looked at, also where nothing is promised: an open claim may ask for nothing.
    for claim in state.claims.values():
        is_open = claim.status == "submitted"
        if claim.contract == contract_id and (is_open or claim.disputed_fen):
            raise Refused(
                "contract_has_open_claim",
                contract=contract_id,
                what="claim" if is_open else "dispute of claim",
                claim=claim.claim,
            )
    for refund in state.refunds.values():
        if refund.contract == contract_id and refund.status == "demanded":
            raise Refused(
                "contract_has_open_claim",
                contract=contract_id,
                what="demand for refund",
                claim=refund.refund,
            )


def _check_final_account(state: State, contract: Contract, event: ContractClosed) -> None:
    stated = {final.line: final.paid_fen for final in event.final}
    check_distinct("final", [final.line for final in event.final])
    for line, paid_fen in zip(
        (line for line, _ in contract.lines), state.holdings("paid", contract), strict=True
    ):
        if stated.pop(line, None) != paid_fen:
            raise Refused(
                "final_account_differs",
                line=line,
                stated_fen=next((f.paid_fen for f in event.final if f.line == line), 0),
                paid_fen=paid_fen,
            )
    for line, stated_fen in stated.items():
        raise Refused("final_account_differs", line=line, stated_fen=stated_fen, paid_fen=0)


def _post_closing(state: State, event: ContractClosed) -> list[Posting]:
    contract = state.contracts[event.contract]
    return moves(contract, "committed", "allotted", state.holdings("committed", contract))


def _apply_closing(state: State, event: ContractClosed, _act: Act) -> None:
    contract = state.contracts[event.contract]
    state.put(state.contracts, event.contract, contract._replace(status="closed"))
    # Both sides agreed that nothing is left to bill: unclaimed visits need not be remembered.
    state.put(state.visits, event.contract, {})


# -- shared ------------------------------------------------------------------------------------


def active(state: State, contract_id: str) -> Contract:
    """Return a contract under which something may still be done.

    Raises:
        Refused: `reference_unknown`, `contract_not_active`.

    """
    contract = look_up(state.contracts, "contract", contract_id)
    if contract.status != "active":
        raise Refused("contract_not_active", contract=contract_id, status=contract.status)
    return contract


def check_promises(state: State, contract: Contract, promised_fen: int, delta_fen: int = 0) -> None:
    """Check that open claims and disputes stay within what is committed and prepaid.

    What only bonuses may use is left out.

    Raises:
        Refused: `promises_exceed_commitment`.

    """
    committed_fen = sum(state.holdings("committed", contract)) + delta_fen
    committed_fen += sum(state.holdings("prepaid", contract))
    committed_fen -= contract.bonus_max_fen - contract.bonus_granted_fen
    if promised_fen > committed_fen:
        raise Refused(
            "promises_exceed_commitment",
            contract=contract.contract,
            committed_fen=committed_fen,
            promised_fen=promised_fen,
        )


def draw(state: State, contract: Contract, account: str, amount_fen: int) -> list[int]:
    """Return an amount in parts, in proportion to what an account holds on each line.

    Raises:
        Refused: `guard_broken`, where the account holds less.

    """
    held = state.holdings(account, contract)
    if amount_fen > sum(held):
        raise Refused(
            "guard_broken",
            account=account,
            line=", ".join(line for line, _ in contract.lines),
            available_fen=sum(held),
            asked_fen=amount_fen,
        )
    return split(amount_fen, held)


def moves(contract: Contract, debit: str, credit: str, parts: list[int]) -> list[Posting]:
    """Return the postings that move `parts` (fen, one a line of the contract)."""
    return [
        Posting(debit, credit, line, part_fen, contract.contract)
        for (line, _), part_fen in zip(contract.lines, parts, strict=True)
        if part_fen
    ]


def _home(
    _state: State, event: ContractAmended | ContractPublished | ContractClosed
) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


def _home_and_tender(state: State, event: ContractSigned) -> tuple[str, ...]:
    return (f"contract/{event.contract}", f"tender/{state.awards[event.award].tender}")


RULES: dict[type[Event], Rule[Any]] = {
    ContractSigned: Rule(
        _authorise_signing,
        _admit_signing,
        _apply_signing,
        _home_and_tender,
        _post_signing,
        commits=True,
    ),
    ContractAmended: Rule(
        _authorise_both, _admit_amendment, _apply_amendment, _home, _post_amendment, commits=True
    ),
    ContractPublished: Rule(_authorise_disclosure, _admit_disclosure, _apply_disclosure, _home),
    ContractClosed: Rule(
        _authorise_both, _admit_closing, _apply_closing, _home, _post_closing, commits=True
    ),
}

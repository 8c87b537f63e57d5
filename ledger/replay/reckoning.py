"""The reckoning of what is accepted: from visits over cuts and disputes to what is to be paid.

`NOTES` gives for each event type a function of tally, state, event and place; the state is that
before the event. What it returns says what the event's fields must state and its postings must
move, and goes on into the tally. The formulas are those of `ledger.rules`. `adjusting` reckons
what scores and penalties change of it, `ordering` from there to the bank.
"""

from typing import Any

from ledger.events import Event
from ledger.events.advance import AdvanceOrdered, AdvanceSettled
from ledger.events.claim import (
    ClaimAgreed,
    ClaimAnswered,
    ClaimDeemedAccepted,
    ClaimSubmitted,
)
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.retention import GuaranteeLodged, RetentionReleased
from ledger.replay.steps import (
    Accepted,
    Advanced,
    Answered,
    Awarded,
    Billed,
    Capped,
    Contested,
    Line,
    Part,
    Released,
    Units,
    Where,
)
from ledger.replay.tally import Flow, Note, Noting, Sum, Tally
from ledger.rules.acceptance import acceptance_of
from ledger.rules.claim import bill_of
from ledger.rules.deadline import last_answer_day
from ledger.state import State
from ledger.times import month_of, parse_date


def _lines(lines: Any) -> tuple[Line, ...]:
    return tuple(Line(each.visit, each.amount_fen, getattr(each, "reason", None)) for each in lines)


def _sum(lines: tuple[Line, ...]) -> int:
    return sum(line.fen for line in lines)


# -- claims ------------------------------------------------------------------------------------


def _billed(tally: Tally, state: State, event: ClaimSubmitted, where: Where) -> Note:
    contract = state.contracts[event.contract]
    until = event.period.to_date
    bill = bill_of(state, event.contract, until)
    visits = state.visits[event.contract]
    units: dict[tuple[str, int], int] = {}
    worth: dict[tuple[str, str], int] = {}
    for name in bill.visits:
        visit = visits[name]
        rate = (visit.service, visit.worth_fen // visit.units)
        units[rate] = units.get(rate, 0) + visit.units
        month = (visit.beneficiary, month_of(visit.date))
        worth[month] = worth.get(month, 0) + visit.worth_fen
    billed = tuple(
        Units(service=service, units=count, rate_fen=rate_fen)
        for (service, rate_fen), count in sorted(units.items())
    )
    capped = []
    for (person, month_name), worth_fen in worth.items():
        cap_fen = state.beneficiaries[person].monthly_cap_fen
        left_fen = max(cap_fen - state.covered.get((person, month_name), 0), 0)
        if worth_fen > left_fen:
            capped.append(
                Capped(
                    beneficiary=person,
                    month=month_name,
                    worth_fen=worth_fen,
                    left_fen=left_fen,
                    self_pay_fen=worth_fen - left_fen,
                )
            )
    gross_fen = sum(each.fen for each in billed)
    self_pay_fen = sum(each.self_pay_fen for each in capped)
    tally.sums[event.claim] = Sum(
        event.claim,
        event.claim,
        until,
        claim_fen=gross_fen - self_pay_fen,
        answer_by=last_answer_day(parse_date(where.date), contract.acceptance_days),
    )
    denied = sum(1 for visit in visits.values() if visit.denied and visit.date <= until)
    step = Billed(
        where=where,
        claim=event.claim,
        until=until,
        visits=len(bill.visits),
        denied=denied,
        units=billed,
        gross_fen=gross_fen,
        capped=tuple(capped),
        self_pay_fen=self_pay_fen,
        claim_fen=gross_fen - self_pay_fen,
    )
    figures = [
        ("gross_fen", gross_fen, event.gross_fen),
        ("self_pay_fen", self_pay_fen, event.self_pay_fen),
        ("claim_fen", step.claim_fen, event.claim_fen),
    ]
    return Note(step, {f"claim/{event.claim}"}, {}, figures)


def _answered(tally: Tally, state: State, event: ClaimAnswered, where: Where) -> Note:
    claim = tally.sums[event.claim]
    cuts, disputed = _lines(event.cuts), _lines(event.disputed)
    accepted_fen = claim.claim_fen - _sum(cuts) - _sum(disputed)
    claim.since = parse_date(where.date)
    claim.disputed_fen = _sum(disputed)
    note = _judged(tally, state, claim, where, (cuts, disputed))
    note.figures.append(("accepted_fen", accepted_fen, event.accepted_fen))
    return note


def _deemed(tally: Tally, state: State, event: ClaimDeemedAccepted, where: Where) -> Note:
    claim = tally.sums[event.claim]
    claim.since = claim.answer_by
    return _judged(tally, state, claim, where, ((), ()))


def _judged(
    tally: Tally,
    state: State,
    claim: Sum,
    where: Where,
    refused: tuple[tuple[Line, ...], tuple[Line, ...]],
) -> Note:
    """Note an answer, or its absence; `refused` are what was cut and what is in dispute."""
    cuts, disputed = refused
    accepted_fen = claim.claim_fen - _sum(cuts) - _sum(disputed)
    accepted, flows = _accept(tally, state, claim, where, accepted_fen)
    step = Answered(
        where=where,
        claim=claim.name,
        claim_fen=claim.claim_fen,
        cuts=cuts,
        disputed=disputed,
        accepted=accepted,
    )
    return Note(step, {f"claim/{claim.name}", f"sum/{claim.name}"}, flows)


def _accept(
    tally: Tally, state: State, owed: Sum, where: Where, accepted_fen: int
) -> tuple[Accepted, dict[Flow, int]]:
    """Reckon what becomes of an accepted sum; remember what of it is payable and held back."""
    contract = state.contracts[tally.contract]
    found = acceptance_of(state, contract, accepted_fen)
    accepted = Accepted(
        accepted_fen=accepted_fen,
        recovery_ppm=contract.recovery_ppm,
        prepaid_fen=sum(state.holdings("prepaid", contract)),
        committed_fen=sum(state.holdings("committed", contract)),
        recovered_fen=found.recovered_fen,
        retention_ppm=contract.retention_ppm,
        retained_fen=found.retained_fen,
        memo_fen=sum(tally.memos.values()),
        deducted_fen=found.deducted_fen,
        payable_fen=found.payable_fen,
    )
    owed.payable_fen = found.payable_fen
    tally.sums[owed.origin].accepted_fen += accepted_fen
    tally.use_memos(found.deducted_fen, owed.name)
    if found.retained_fen:
        tally.held.append(Part(where.event, found.retained_fen))
    flows = {
        ("committed", "accrued", ""): accepted_fen - found.recovered_fen,
        ("prepaid", "paid", ""): found.recovered_fen,
        ("accrued", "retained", ""): found.retained_fen,
        ("accrued", "committed", ""): found.deducted_fen,
    }
    return accepted, flows


def _contested(tally: Tally, _state: State, event: DisputeOpened, where: Where) -> Note:
    lines = _lines(event.lines)
    tally.sums[event.claim].disputed_fen += _sum(lines)
    step = Contested(where=where, claim=event.claim, lines=lines)
    return Note(step, {f"claim/{event.claim}"})


def _agreed(tally: Tally, state: State, event: ClaimAgreed, where: Where) -> Note:
    lines = _lines(event.returned)
    return _awarded(tally, state, where, (event.claim, lines, _sum(lines)))


def _decided(
    tally: Tally, state: State, event: DisputeSettled | DisputeRuled, where: Where
) -> Note:
    lines = _lines(event.lines)
    tally.sums[event.claim].disputed_fen -= _sum(lines)
    return _awarded(tally, state, where, (event.claim, lines, event.awarded_fen))


def _awarded(
    tally: Tally, state: State, where: Where, decided: tuple[str, tuple[Line, ...], int]
) -> Note:
    """Note what was decided: the claim, its lines, and what is awarded of them."""
    claim_id, lines, awarded_fen = decided
    claim = tally.sums[claim_id]
    since = claim.answer_by if claim.since is None else claim.since
    owed = Sum(where.event, claim_id, since=since)
    tally.sums[where.event] = owed
    accepted, flows = _accept(tally, state, owed, where, awarded_fen)
    step = Awarded(where=where, claim=claim_id, lines=lines, accepted=accepted)
    return Note(step, {f"claim/{claim_id}", f"sum/{where.event}"}, flows)


def _released(
    tally: Tally, _state: State, event: RetentionReleased | GuaranteeLodged, where: Where
) -> Note:
    held_fen = tally.held_fen()
    step = Released(
        where=where,
        held=tuple(tally.held),
        taken=tuple(tally.taken),
        held_fen=held_fen,
        amount_fen=event.amount_fen,
    )
    for part in tally.taken:
        tally.notes[part.of].topics.add(f"sum/{where.event}")
    tally.taken.append(Part(where.event, event.amount_fen))
    tally.sums[where.event] = Sum(
        where.event, "", payable_fen=event.amount_fen, since=parse_date(where.date)
    )
    whole = isinstance(event, RetentionReleased) and event.basis == "due"
    figures = [("amount_fen", held_fen, event.amount_fen)] if whole else []
    flows = {("retained", "accrued", ""): min(event.amount_fen, held_fen)}
    return Note(step, {f"sum/{where.event}"}, flows, figures)


# -- advances ----------------------------------------------------------------------------------


def _advance_ordered(tally: Tally, _state: State, event: AdvanceOrdered, _where: Where) -> None:
    tally.advances[event.advance] = event.amount_fen


def _advance_settled(tally: Tally, _state: State, event: AdvanceSettled, where: Where) -> Note:
    amount_fen = tally.advances[event.advance]
    step = Advanced(where=where, advance=event.advance, amount_fen=amount_fen)
    return Note(step, {"advance"}, {("advance_ordered", "prepaid", ""): amount_fen})


NOTES: dict[type[Event], Noting] = {
    ClaimSubmitted: _billed,
    ClaimAnswered: _answered,
    ClaimDeemedAccepted: _deemed,
    ClaimAgreed: _agreed,
    DisputeOpened: _contested,
    DisputeSettled: _decided,
    DisputeRuled: _decided,
    RetentionReleased: _released,
    GuaranteeLodged: _released,
    AdvanceOrdered: _advance_ordered,
    AdvanceSettled: _advance_settled,
}

"""Law of signing a contract: both sides sign what they agree, and its value is committed.

What the terms of a contract may be is asked here, of a new contract and of what an amendment
makes of an old one.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.contract import ContractSigned, Item, LaterYear
from ledger.money import split
from ledger.parties import Case, Seat
from ledger.postings import Posting
from ledger.rulebook import clock_limit, rate_in_force
from ledger.rules.act import (
    Act,
    Rule,
    authorise,
    check_date,
    check_free,
    check_period,
    look_up,
    take,
)
from ledger.rules.award import check_final, check_rates
from ledger.rules.lists import check_distinct, check_whole
from ledger.rules.lot import lot_key
from ledger.rules.rulebook import check_signing
from ledger.state import State
from ledger.state.contract import Contract
from ledger.state.tender import Award, Lot
from ledger.times import year_of

MAX_YEARS, MAX_YEARS_STABLE = 1, 3
"""The longest term, and the longest in a programme whose content is stable and whose funding is
assured (Measures for Government Purchase of Services 24)."""


# -- what terms may be -------------------------------------------------------------------------


def check_term(state: State, programme: str, start: str, end: str) -> None:
    """Check that a term is a period, and no longer than its programme allows.

    Raises:
        Refused: `date_invalid`, `period_reversed`, `term_too_long`.

    """
    check_period("term", start, end)
    years = MAX_YEARS_STABLE if state.programmes[programme].stable else MAX_YEARS
    _, month, day = start.split("-")
    anniversary = f"{year_of(start) + years:04}-{month}-{day}"
    if end >= anniversary:
        raise Refused("term_too_long", from_date=start, to_date=end, years=years)


def check_items(lot: Lot, items: Sequence[Item]) -> None:
    """Check that each service is named once, at a rate within the lot's cap.

    Raises:
        Refused: `list_repeats`, `value_exceeds`.

    """
    check_distinct("items", [item.service.lower() for item in items])
    for item in items:
        if item.rate_fen > lot.rate_cap_fen:
            raise Refused(
                "value_exceeds",
                what=f"The rate of {item.service}",
                value_fen=item.rate_fen,
                limit_fen=lot.rate_cap_fen,
            )


def check_later_years(
    later_years: Sequence[LaterYear], start: str, end: str, value_fen: int
) -> None:
    """Check that a contract from `start` to `end` may leave these parts to later years.

    They are years of its term after the first, and leave something to pay now.

    Raises:
        Refused: `list_repeats`, `year_outside_term`, `value_exceeds`.

    """
    check_distinct("later_years", [str(later.year) for later in later_years])
    for later in later_years:
        if not year_of(start) < later.year <= year_of(end):
            raise Refused("year_outside_term", year=later.year, from_date=start, to_date=end)
    later_fen = sum(later.amount_fen for later in later_years)
    if later_fen >= value_fen:
        raise Refused(
            "value_exceeds",
            what="What is left to later years",
            value_fen=later_fen,
            limit_fen=value_fen - 1,
        )


def check_bonus(bonus_max_fen: int, value_fen: int) -> None:
    """Check that bonuses are a part of the value.

    Raises:
        Refused: `value_exceeds`.

    """
    if bonus_max_fen > value_fen:
        raise Refused(
            "value_exceeds",
            what="The part for bonuses",
            value_fen=bonus_max_fen,
            limit_fen=value_fen,
        )


def check_release(date: str, start: str) -> None:
    """Check that what is held back does not fall due before the service begins.

    Raises:
        Refused: `date_invalid`, `period_reversed`.

    """
    check_date("retention_release", date)
    if date < start:
        raise Refused("period_reversed", field="retention_release", start=start, end=date)


def later_fen_of(later_years: Sequence[LaterYear]) -> dict[int, int]:
    """Return what is left to each later year, fen by year."""
    return {later.year: later.amount_fen for later in later_years}


def terms_of(items: Sequence[Item]) -> dict[str, tuple[int, int]]:
    """Return rate in fen and most units by service."""
    return {item.service: (item.rate_fen, item.units_max) for item in items}


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
    start, end = event.term.from_date, event.term.to_date
    check_term(state, tender.programme, start, end)
    lot = tender.lots[award.lot]
    _check_lines(event, lot)
    check_items(lot, event.items)
    if event.value_fen > award.value_fen:
        raise Refused(
            "value_exceeds",
            what=f"Contract {event.contract}",
            value_fen=event.value_fen,
            limit_fen=award.value_fen,
        )
    check_later_years(event.later_years or (), start, end, event.value_fen)
    check_bonus(event.bonus_max_fen or 0, event.value_fen)
    check_release(event.retention_release or end, start)
    _check_shares(state, event)
    check_signing(state, event, lot, act.today)
    check_rates(award, event.items)
    check_final(state, award, act)


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


def _check_lines(event: ContractSigned, lot: Lot) -> None:
    check_distinct("lines", [line.line for line in event.lines])
    check_whole("lines", [line.share_ppm for line in event.lines])
    for line in event.lines:
        if line.line not in lot.lines:
            raise Refused("line_not_of_lot", line=line.line, lot=lot.lot)


def _check_shares(state: State, event: ContractSigned) -> None:
    # What is held back stands for a performance bond (clock C17).
    limit_ppm = clock_limit(state, "c17-performance-bond")
    if event.retention_ppm is not UNSET and event.retention_ppm > limit_ppm:
        raise Refused(
            "share_out_of_bounds",
            field="retention_ppm",
            value_ppm=event.retention_ppm,
            bound="most",
            bound_ppm=limit_ppm,
        )
    if event.advance_ppm and event.recovery_ppm == 0:
        # It would stay with the provider until the value is all but used up.
        raise Refused(
            "share_out_of_bounds",
            field="recovery_ppm",
            value_ppm=0,
            bound="least",
            bound_ppm=1,
        )


def _post_signing(state: State, event: ContractSigned) -> list[Posting]:
    award = state.awards[event.award]
    key = lot_key(award.tender, award.lot)
    now_fen = event.value_fen - sum(later_fen_of(event.later_years or ()).values())
    parts = split(now_fen, [line.share_ppm for line in event.lines])
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
    state.put(state.delivered, event.contract, dict.fromkeys(terms_of(event.items), 0))


def _signed(state: State, event: ContractSigned) -> Contract:
    """Return the record of a contract as it was signed; terms it does not name are zero."""
    award = state.awards[event.award]
    case = _case(state, event)._replace(amount_fen=0)
    advance_ppm = event.advance_ppm or 0
    return Contract(
        contract=event.contract,
        award=event.award,
        programme=state.tenders[award.tender].programme,
        buyer=event.buyer,
        provider=event.provider,
        lines=tuple((line.line, line.share_ppm) for line in event.lines),
        items=terms_of(event.items),
        value_fen=event.value_fen,
        original_fen=event.value_fen,
        later_fen=later_fen_of(event.later_years or ()),
        released_fen=0,
        supplements_fen=0,
        from_date=event.term.from_date,
        to_date=event.term.to_date,
        acceptance_days=event.acceptance_days,
        pay_days=event.pay_days,
        bonus_max_fen=event.bonus_max_fen or 0,
        advance_ppm=advance_ppm,
        recovery_ppm=advance_ppm if event.recovery_ppm is UNSET else event.recovery_ppm,
        retention_ppm=event.retention_ppm or 0,
        retention_release=event.retention_release or event.term.to_date,
        pay=event.pay or None,
        score=event.score or None,
        incentive=event.incentive or None,
        late_rate_ppm=(
            rate_in_force(state, "late")
            if event.late_rate_ppm_per_year is UNSET
            else event.late_rate_ppm_per_year
        ),
        status="active",
        stops=(),
        published=False,
        promised_fen=0,
        deduction_memo_fen=0,
        bonus_granted_fen=0,
        advanced_fen=0,
        case=case,
        provider_seats=(Seat("provider", event.provider),),
    )


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
}

"""Law of tenders: what is tendered is set aside, and what is no longer tendered is free again."""

from typing import Any

from msgspec import UNSET, UnsetType

from ledger.calendar import local_day
from ledger.errors import Malformed, Refused
from ledger.events import Event
from ledger.events.tender import (
    Criterion,
    TenderAmended,
    TenderCancelled,
    TenderFailed,
    TenderPublished,
)
from ledger.events.tender import Lot as TenderedLot
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rulebook import clock_limit
from ledger.rules.act import Act, Rule, authorise, check_free, look_up, take
from ledger.rules.deadline import after_working_days
from ledger.rules.lists import check_distinct, check_whole
from ledger.rules.lot import (
    SEALED_METHODS,
    case_of,
    check_all_shown,
    check_before_close,
    check_closed,
    decided_by_bids,
    live_lot,
    lot_key,
    published,
    valid_bids,
)
from ledger.rules.programme import check_running
from ledger.state import State
from ledger.state.tender import Lot, Tender
from ledger.times import MS_PER_HOUR, parse_date, parse_instant

MIN_BIDS = 3
"""Clock C03: valid bids without which an open or invited tender fails (Procurement Law 36)."""

ANNOUNCEMENT_DAYS = 5
"""Working days for which a tender is announced before the limit to challenge its terms begins:
clock C06 (Regulation 53 (1); Order 87 of the Ministry of Finance, 16)."""


# -- tender.published --------------------------------------------------------------------------


def _authorise_publication(state: State, event: TenderPublished, act: Act) -> None:
    look_up(state.programmes, "programme", event.programme)
    tender = _published(state, event, act)
    _authorise_terms(state, event, act, tender, event.lots)


def _authorise_terms(
    state: State,
    event: TenderPublished | TenderAmended,
    act: Act,
    tender: Tender,
    lots: list[TenderedLot],
) -> None:
    """Authorise whoever sets a tender's terms; finance countersigns those of a single source."""
    purchaser = Seat("purchaser", tender.purchaser)
    single = tender.method == "single_source"
    seats = (purchaser, Seat("finance")) if single else (purchaser,)
    authorise(state, event, act, case_of(tender, sum(lot.value_fen for lot in lots)), seats)


def _admit_publication(state: State, event: TenderPublished, act: Act) -> None:
    check_free(state, "tender", event.tender)
    check_running(state, event.programme)
    tender = _published(state, event, act)
    if tender.closes_ms < tender.opens_ms:
        raise Refused("period_reversed", field="tender", start=event.opens, end=event.closes)
    _check_questions(tender, event.questions_until)
    _check_window(state, tender, act)
    _check_bonds(state, event)
    if event.method == "single_source" and event.justification is UNSET:
        raise Refused("justification_missing", tender=event.tender)
    _check_criteria(event.criteria)
    _check_lots(state, event.lots)


def _check_window(state: State, tender: Tender, act: Act) -> None:
    """Check that bidders have their days, and none of them before the tender was published."""
    if tender.method not in SEALED_METHODS:
        return
    offset_minutes = state.ledger["offset_minutes"]
    opens = max(local_day(tender.opens_ms, offset_minutes), parse_date(act.today))
    days = local_day(tender.closes_ms, offset_minutes) - opens
    least = clock_limit(state, "c01-tender-open")
    if days < least:
        raise Refused("window_too_short", tender=tender.tender, days=max(days, 0), least=least)


def _check_questions(tender: Tender, questions_until: str | UnsetType) -> None:
    until_ms = tender.questions_until_ms
    if questions_until is not UNSET and until_ms is not None:
        for start_ms, end_ms in ((tender.opens_ms, until_ms), (until_ms, tender.closes_ms)):
            if end_ms < start_ms:
                raise Refused("questions_outside_tender", until=questions_until)


def _check_bonds(state: State, event: TenderPublished) -> None:
    for name, share_ppm, clock in (
        ("bid bond", event.bid_bond_ppm, "c17-bid-bond"),
        ("performance bond", event.performance_bond_ppm, "c17-performance-bond"),
    ):
        most_ppm = clock_limit(state, clock)
        if share_ppm is not UNSET and share_ppm > most_ppm:
            raise Refused("bond_exceeds", bond=name, share_ppm=share_ppm, limit_ppm=most_ppm)


def _check_criteria(criteria: list[Criterion] | UnsetType) -> None:
    if criteria is not UNSET:
        check_distinct("criteria", [criterion.id.lower() for criterion in criteria])
        check_whole("criteria", [criterion.weight_ppm for criterion in criteria])


def _check_lots(state: State, lots: list[TenderedLot]) -> None:
    check_distinct("lots", [lot.lot.lower() for lot in lots])
    for lot in lots:
        check_distinct(f"lines of lot {lot.lot}", [line.line for line in lot.lines])
        for line in lot.lines:
            look_up(state.lines, "line", line.line)
        lines_fen = sum(line.amount_fen for line in lot.lines)
        if lines_fen != lot.value_fen:
            raise Refused(
                "lot_not_covered", lot=lot.lot, value_fen=lot.value_fen, lines_fen=lines_fen
            )


def _post_publication(_state: State, event: TenderPublished) -> list[Posting]:
    return [
        Posting(
            "allotted", "reserved", line.line, line.amount_fen, lot=lot_key(event.tender, lot.lot)
        )
        for lot in event.lots
        for line in lot.lines
    ]


def _apply_publication(state: State, event: TenderPublished, act: Act) -> None:
    take(state, "tender", event.tender)
    state.put(state.tenders, event.tender, _published(state, event, act))


def _published(state: State, event: TenderPublished, act: Act) -> Tender:
    """Return the record of a tender as it is published."""
    tender = Tender(
        tender=event.tender,
        programme=event.programme,
        purchaser=state.programmes[event.programme].purchaser,
        status="published",
        lots={lot.lot: _lot(lot) for lot in event.lots},
        method=event.method,
        opens_ms=_instant("opens", event.opens),
        closes_ms=_instant("closes", event.closes),
        reveal_end_ms=0,
        notice_end_ms=0,
        challenge_end_ms=0,
        questions_until_ms=_until(event.questions_until),
        criteria=_ids(event.criteria),
    )
    return _announced(state, tender, act)


def _announced(state: State, tender: Tender, act: Act) -> Tender:
    """Return a tender whose limits begin with its announcement, as they stand published now."""
    notice_end_ms = 0
    if tender.method == "single_source":
        notice_days = clock_limit(state, "c04-single-source-notice")
        notice_end_ms = after_working_days(state, act.recorded_ms, notice_days)
    challenge_days = ANNOUNCEMENT_DAYS + clock_limit(state, "c06-challenge")
    return tender._replace(
        reveal_end_ms=tender.closes_ms + clock_limit(state, "c20-reveal") * MS_PER_HOUR,
        notice_end_ms=notice_end_ms,
        challenge_end_ms=after_working_days(state, act.recorded_ms, challenge_days),
    )


def _lot(lot: TenderedLot) -> Lot:
    return Lot(
        lot.lot,
        lot.service,
        lot.rate_cap_fen,
        lot.value_fen,
        tuple(line.line for line in lot.lines),
        award=None,
        area=lot.area or None,
    )


def _ids(criteria: list[Criterion] | UnsetType) -> frozenset[str]:
    return frozenset() if criteria is UNSET else frozenset(each.id for each in criteria)


def _until(questions_until: str | UnsetType) -> int | None:
    return None if questions_until is UNSET else _instant("questions_until", questions_until)


def _instant(field: str, text: str) -> int:
    try:
        return parse_instant(text)
    except Malformed:
        raise Refused("date_invalid", field=field, value=text) from None


# -- tender.amended ----------------------------------------------------------------------------


def _authorise_amendment(state: State, event: TenderAmended, act: Act) -> None:
    tender = look_up(state.tenders, "tender", event.tender)
    _authorise_terms(state, event, act, tender, event.lots or [])


def _admit_amendment(state: State, event: TenderAmended, act: Act) -> None:
    before = published(state, event.tender)
    check_before_close(before, act)
    listed = (event.titles, event.closes, event.questions_until, event.criteria, event.documents)
    if all(field is UNSET for field in (*listed, event.lots)):
        raise Refused("amendment_empty", tender=event.tender)
    after = _amended(state, before, event, act)
    if event.closes is not UNSET and after.closes_ms < before.closes_ms:
        raise Refused("close_brought_forward", tender=event.tender, closes=event.closes)
    _check_questions(after, event.questions_until)
    _check_criteria(event.criteria)
    for lot in event.lots or []:
        live_lot(before, lot.lot)
    _check_lots(state, event.lots or [])


def _post_amendment(state: State, event: TenderAmended) -> list[Posting]:
    """Return the difference of each lot's reservation: first what is freed, then what is taken."""
    tender = state.tenders[event.tender]
    freed, taken = [], []
    for lot in event.lots or []:
        key = lot_key(event.tender, lot.lot)
        wanted = {line.line: line.amount_fen for line in lot.lines}
        for line in dict.fromkeys((*tender.lots[lot.lot].lines, *wanted)):
            more_fen = wanted.get(line, 0) - state.balance("reserved", line, key)
            if more_fen < 0:
                freed.append(Posting("reserved", "allotted", line, -more_fen, lot=key))
            elif more_fen > 0:
                taken.append(Posting("allotted", "reserved", line, more_fen, lot=key))
    return freed + taken


def _apply_amendment(state: State, event: TenderAmended, act: Act) -> None:
    tender = state.tenders[event.tender]
    state.put(state.tenders, event.tender, _amended(state, tender, event, act))


def _amended(state: State, tender: Tender, event: TenderAmended, act: Act) -> Tender:
    changed = {lot.lot: _lot(lot) for lot in event.lots or []}
    tender = tender._replace(lots={**tender.lots, **changed})
    if event.closes is not UNSET:
        tender = tender._replace(closes_ms=_instant("closes", event.closes))
    if event.questions_until is not UNSET:
        tender = tender._replace(questions_until_ms=_until(event.questions_until))
    if event.criteria is not UNSET:
        tender = tender._replace(criteria=_ids(event.criteria))
    return _announced(state, tender, act)


# -- tender.cancelled, tender.failed -----------------------------------------------------------


def _authorise_ending(state: State, event: TenderCancelled | TenderFailed, act: Act) -> None:
    tender = look_up(state.tenders, "tender", event.tender)
    authorise(state, event, act, case_of(tender), (Seat("purchaser", tender.purchaser),))


def _admit_cancellation(state: State, event: TenderCancelled, _act: Act) -> None:
    tender = published(state, event.tender)
    for lot in tender.lots.values():
        _check_unawarded(state, lot)


def _admit_failure(state: State, event: TenderFailed, act: Act) -> None:
    tender = published(state, event.tender)
    lots = _failing(state, event)
    check_distinct("lots", lots)
    for lot in lots:
        _check_unawarded(state, live_lot(tender, lot))
        if event.ground in _GROUNDS_OF_BIDS:
            check_closed(tender, act)
            check_all_shown(state, tender, lot)
            _check_ground(state, tender, tender.lots[lot], event.ground)


_TOO_FEW, _TOO_DEAR = _GROUNDS_OF_BIDS = (1, 3)
"""Grounds of Procurement Law 36 that the bids themselves show."""


def _check_ground(state: State, tender: Tender, lot: Lot, ground: int) -> None:
    """Check what the bids show; a lot without sealed bids shows nothing."""
    if not decided_by_bids(state, tender, lot.lot):
        return
    valid = valid_bids(state, tender, lot.lot).values()
    within = [bid for bid in valid if bid.value_fen <= lot.value_fen]
    given = len(valid) < MIN_BIDS if ground == _TOO_FEW else not within
    if not given:
        raise Refused(
            "ground_not_given", ground=ground, lot=lot.lot, valid=len(valid), within=len(within)
        )


def _check_unawarded(state: State, lot: Lot) -> None:
    """Check that nobody has won a lot: what they have is not taken by one side alone."""
    if lot.award is None:
        return
    award = state.awards[lot.award]
    if award.contract is not None:
        raise Refused("tender_in_use", tender=award.tender, contract=award.contract)
    raise Refused("award_stands", award=award.award, lot=lot.lot, winner=award.winner)


def _failing(state: State, event: TenderFailed) -> list[str]:
    if event.lots is not UNSET:
        return event.lots
    return [lot.lot for lot in state.tenders[event.tender].lots.values() if not lot.failed]


def _post_cancellation(state: State, event: TenderCancelled) -> list[Posting]:
    return _freed(state, event.tender, list(state.tenders[event.tender].lots))


def _post_failure(state: State, event: TenderFailed) -> list[Posting]:
    return _freed(state, event.tender, _failing(state, event))


def _freed(state: State, tender: str, lots: list[str]) -> list[Posting]:
    return [
        Posting("reserved", "allotted", line, reserved_fen, lot=key)
        for lot in lots
        for key in (lot_key(tender, lot),)
        for line in state.tenders[tender].lots[lot].lines
        if (reserved_fen := state.balance("reserved", line, key))
    ]


def _apply_cancellation(state: State, event: TenderCancelled, _act: Act) -> None:
    tender = state.tenders[event.tender]
    state.put(state.tenders, event.tender, tender._replace(status="cancelled"))


def _apply_failure(state: State, event: TenderFailed, _act: Act) -> None:
    tender = state.tenders[event.tender]
    failed = {lot: tender.lots[lot]._replace(failed=True) for lot in _failing(state, event)}
    tender = tender._replace(lots={**tender.lots, **failed})
    if all(lot.failed for lot in tender.lots.values()):
        tender = tender._replace(status="failed")
    state.put(state.tenders, event.tender, tender)


def _home(
    _state: State, event: TenderPublished | TenderAmended | TenderCancelled | TenderFailed
) -> tuple[str, ...]:
    return (f"tender/{event.tender}",)


RULES: dict[type[Event], Rule[Any]] = {
    TenderPublished: Rule(
        _authorise_publication, _admit_publication, _apply_publication, _home, _post_publication
    ),
    TenderAmended: Rule(
        _authorise_amendment, _admit_amendment, _apply_amendment, _home, _post_amendment
    ),
    TenderCancelled: Rule(
        _authorise_ending, _admit_cancellation, _apply_cancellation, _home, _post_cancellation
    ),
    TenderFailed: Rule(_authorise_ending, _admit_failure, _apply_failure, _home, _post_failure),
}

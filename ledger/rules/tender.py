"""Law of tenders and awards: what is tendered is set aside, and a lot is awarded once."""

from typing import Any

from msgspec import UNSET

from ledger.errors import Malformed, Refused
from ledger.events import Event
from ledger.events.tender import AwardDecided, TenderCancelled, TenderPublished
from ledger.parties import Case, Seat
from ledger.postings import Posting
from ledger.rules.act import (
    Act,
    Rule,
    authorise,
    check_distinct,
    check_free,
    check_whole,
    holds_role,
    look_up,
    take,
)
from ledger.rules.programme import check_running
from ledger.state import State
from ledger.state.tender import Award, Lot, Tender
from ledger.times import parse_instant


def lot_key(tender: str, lot: str) -> str:
    """Return what a lot's reservation is kept by."""
    return f"{tender}/{lot}"


# -- tender.published --------------------------------------------------------------------------


def _authorise_publication(state: State, event: TenderPublished, act: Act) -> None:
    programme = look_up(state.programmes, "programme", event.programme)
    case = Case(
        programme=event.programme,
        purchaser=programme.purchaser,
        amount_fen=sum(lot.value_fen for lot in event.lots),
    )
    purchaser = Seat("purchaser", programme.purchaser)
    single = event.method == "single_source"
    seats = (purchaser, Seat("finance")) if single else (purchaser,)
    authorise(state, event, act, case, seats)


def _admit_publication(state: State, event: TenderPublished, _act: Act) -> None:
    check_free(state, "tender", event.tender)
    check_running(state, event.programme)
    try:
        opens, closes = parse_instant(event.opens), parse_instant(event.closes)
    except Malformed:
        raise Refused(
            "date_invalid", field="opens or closes", value=f"{event.opens}, {event.closes}"
        ) from None
    if closes < opens:
        raise Refused("period_reversed", field="tender", start=event.opens, end=event.closes)
    if event.method == "single_source" and event.justification is UNSET:
        raise Refused("justification_missing", tender=event.tender)
    if event.criteria is not UNSET:
        check_distinct("criteria", [criterion.id.lower() for criterion in event.criteria])
        check_whole("criteria", [criterion.weight_ppm for criterion in event.criteria])
    check_distinct("lots", [lot.lot.lower() for lot in event.lots])
    for lot in event.lots:
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


def _apply_publication(state: State, event: TenderPublished, _act: Act) -> None:
    take(state, "tender", event.tender)
    lots = {
        lot.lot: Lot(
            lot.lot,
            lot.service,
            lot.rate_cap_fen,
            lot.value_fen,
            tuple(line.line for line in lot.lines),
            award=None,
            area=lot.area or None,
        )
        for lot in event.lots
    }
    purchaser = state.programmes[event.programme].purchaser
    state.put(
        state.tenders,
        event.tender,
        Tender(event.tender, event.programme, purchaser, "published", lots),
    )


# -- tender.cancelled --------------------------------------------------------------------------


def _authorise_purchaser(state: State, event: TenderCancelled | AwardDecided, act: Act) -> None:
    tender = look_up(state.tenders, "tender", event.tender)
    amount_fen = event.value_fen if isinstance(event, AwardDecided) else 0
    case = Case(programme=tender.programme, purchaser=tender.purchaser, amount_fen=amount_fen)
    authorise(state, event, act, case, (Seat("purchaser", tender.purchaser),))


def _admit_cancellation(state: State, event: TenderCancelled, _act: Act) -> None:
    tender = _published(state, event.tender)
    for lot in tender.lots.values():
        contract = None if lot.award is None else state.awards[lot.award].contract
        if contract is not None:
            raise Refused("tender_in_use", tender=event.tender, contract=contract)


def _post_cancellation(state: State, event: TenderCancelled) -> list[Posting]:
    return [
        Posting("reserved", "allotted", line, reserved_fen, lot=key)
        for lot in state.tenders[event.tender].lots.values()
        for key in (lot_key(event.tender, lot.lot),)
        for line in lot.lines
        if (reserved_fen := state.balance("reserved", line, key))
    ]


def _apply_cancellation(state: State, event: TenderCancelled, _act: Act) -> None:
    tender = state.tenders[event.tender]
    state.put(state.tenders, event.tender, tender._replace(status="cancelled"))


# -- award.decided -----------------------------------------------------------------------------


def _admit_award(state: State, event: AwardDecided, act: Act) -> None:
    check_free(state, "award", event.award)
    tender = _published(state, event.tender)
    lot = look_up(tender.lots, "lot", event.lot)
    if lot.award is not None:
        raise Refused("lot_already_awarded", lot=event.lot, tender=event.tender, award=lot.award)
    check_distinct("ranking", event.ranking)
    for bidder in event.ranking:
        look_up(state.parties, "party", bidder)
    if event.winner not in event.ranking:
        raise Refused("winner_not_ranked", winner=event.winner)
    if event.winner != event.ranking[0] and event.reason is UNSET:
        raise Refused("winner_not_first", winner=event.winner, first=event.ranking[0])
    if not holds_role(state, event.winner, "provider", act.today):
        raise Refused("signer_lacks_role", party=event.winner, role="provider")
    if event.value_fen > lot.value_fen:
        raise Refused(
            "value_exceeds",
            what=f"Award {event.award}",
            value_fen=event.value_fen,
            limit_fen=lot.value_fen,
        )


def _apply_award(state: State, event: AwardDecided, _act: Act) -> None:
    take(state, "award", event.award)
    tender = state.tenders[event.tender]
    lot = tender.lots[event.lot]._replace(award=event.award)
    state.put(state.tenders, event.tender, tender._replace(lots={**tender.lots, event.lot: lot}))
    state.put(
        state.awards,
        event.award,
        Award(event.award, event.tender, event.lot, event.winner, event.value_fen, None),
    )


def _published(state: State, tender_id: str) -> Tender:
    tender = look_up(state.tenders, "tender", tender_id)
    if tender.status != "published":
        raise Refused("tender_not_open", tender=tender_id, status=tender.status)
    return tender


def _tender(
    _state: State, event: TenderPublished | TenderCancelled | AwardDecided
) -> tuple[str, ...]:
    return (f"tender/{event.tender}",)


RULES: dict[type[Event], Rule[Any]] = {
    TenderPublished: Rule(
        _authorise_publication, _admit_publication, _apply_publication, _tender, _post_publication
    ),
    TenderCancelled: Rule(
        _authorise_purchaser, _admit_cancellation, _apply_cancellation, _tender, _post_cancellation
    ),
    AwardDecided: Rule(_authorise_purchaser, _admit_award, _apply_award, _tender),
}

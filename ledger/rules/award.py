"""Law of awards: a lot goes to a valid bid, and is final when it can be challenged no more."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.award import AwardCancelled, AwardDecided
from ledger.events.contract import Item
from ledger.parties import Seat
from ledger.rulebook import clock_limit
from ledger.rules.act import Act, Rule, authorise, check_free, look_up, take
from ledger.rules.bid import check_may_win
from ledger.rules.deadline import after_working_days
from ledger.rules.lists import check_distinct
from ledger.rules.lot import (
    SEALED_METHODS,
    case_of,
    check_all_shown,
    check_closed,
    decided_by_bids,
    live_lot,
    parties_of,
    published,
    valid_bids,
)
from ledger.rules.recusal import check_no_interest
from ledger.rules.reviewer import check_independent
from ledger.rules.tender import MIN_BIDS
from ledger.state import State
from ledger.state.bid import Bid
from ledger.state.tender import Award, Lot, Tender
from ledger.times import format_instant

ANNOUNCEMENT_DAYS = 1
"""Working days for which an award is announced before the limit to challenge it begins: clock C06
(Procurement Law 52, Regulation 53)."""


def check_final(state: State, award: Award, act: Act) -> None:
    """Check that a contract may be signed on an award: it stands and nothing is open against it.

    Raises:
        Refused: `award_not_standing`, `award_not_final`, `award_contested`, `award_suspended`.

    """
    if not award.standing:
        raise Refused("award_not_standing", award=award.award)
    if act.recorded_ms < award.challenge_end_ms:
        until = format_instant(award.challenge_end_ms)
        raise Refused("award_not_final", award=award.award, until=until)
    for challenge_id in state.tenders[award.tender].challenges:
        challenge = state.challenges[challenge_id]
        if challenge.award not in {None, award.award}:
            continue
        if challenge.status != "rejected":
            raise Refused(
                "award_contested",
                award=award.award,
                challenge=challenge_id,
                status=challenge.status,
            )
        if challenge.complaint is None:
            continue
        complaint = state.complaints[challenge.complaint]
        if not complaint.decided and act.recorded_ms < complaint.suspended_until_ms:
            until = format_instant(complaint.suspended_until_ms)
            raise Refused(
                "award_suspended", award=award.award, complaint=complaint.complaint, until=until
            )


def check_rates(award: Award, items: Sequence[Item]) -> None:
    """Check that a contract's rates are at most those of the winning bid, where there is one.

    Raises:
        Refused: `value_exceeds`.

    """
    if award.rates is None:
        return
    for item in items:
        limit_fen = award.rates.get(item.service, 0)
        if item.rate_fen > limit_fen:
            raise Refused(
                "value_exceeds",
                what=f"The rate of {item.service}",
                value_fen=item.rate_fen,
                limit_fen=limit_fen,
            )


# -- award.decided -----------------------------------------------------------------------------


def _authorise_award(state: State, event: AwardDecided, act: Act) -> None:
    tender = look_up(state.tenders, "tender", event.tender)
    case = case_of(tender, event.value_fen)
    authorise(state, event, act, case, (Seat("purchaser", tender.purchaser),))


def _admit_award(state: State, event: AwardDecided, act: Act) -> None:
    check_free(state, "award", event.award)
    tender = published(state, event.tender)
    lot = live_lot(tender, event.lot)
    if lot.award is not None:
        raise Refused("lot_already_awarded", lot=event.lot, tender=event.tender, award=lot.award)
    check_closed(tender, act)
    _check_notice(tender, act)
    check_distinct("ranking", event.ranking)
    for bidder in event.ranking:
        look_up(state.parties, "party", bidder)
    if decided_by_bids(state, tender, lot.lot):
        _check_bids(state, event, tender)
    if event.winner not in event.ranking:
        raise Refused("winner_not_ranked", winner=event.winner)
    if event.winner != event.ranking[0] and event.reason is UNSET:
        raise Refused("winner_not_first", winner=event.winner, first=event.ranking[0])
    check_no_interest(state, act, event.ranking)
    check_may_win(state, tender, lot, event.winner, act)
    _check_value(state, event, tender, lot)


def _check_notice(tender: Tender, act: Act) -> None:
    end_ms = tender.notice_end_ms
    if act.recorded_ms < end_ms:
        raise Refused("notice_too_short", tender=tender.tender, until=format_instant(end_ms))


def _check_bids(state: State, event: AwardDecided, tender: Tender) -> None:
    """Check that every bid is shown, enough are valid, and exactly the valid ones are ranked."""
    check_all_shown(state, tender, event.lot)
    valid = valid_bids(state, tender, event.lot)
    if tender.method in SEALED_METHODS and len(valid) < MIN_BIDS:
        raise Refused("too_few_bids", lot=event.lot, valid=len(valid), least=MIN_BIDS)
    for bidder in event.ranking:
        if bidder not in valid:
            raise Refused("bidder_not_valid", bidder=bidder, lot=event.lot)
    for bidder, bid in valid.items():
        if bidder not in event.ranking:
            raise Refused("valid_bid_not_ranked", bidder=bidder, bid=bid.bid)


def _check_value(state: State, event: AwardDecided, tender: Tender, lot: Lot) -> None:
    if event.value_fen > lot.value_fen:
        raise Refused(
            "value_exceeds",
            what=f"Award {event.award}",
            value_fen=event.value_fen,
            limit_fen=lot.value_fen,
        )
    bid = _winning_bid(state, event, tender)
    if bid is not None and event.value_fen != bid.value_fen:
        raise Refused(
            "award_differs_from_bid",
            award=event.award,
            value_fen=event.value_fen,
            bid=bid.bid,
            bid_fen=bid.value_fen,
        )


def _winning_bid(state: State, event: AwardDecided, tender: Tender) -> Bid | None:
    return valid_bids(state, tender, event.lot).get(event.winner)


def _apply_award(state: State, event: AwardDecided, act: Act) -> None:
    take(state, "award", event.award)
    tender = state.tenders[event.tender]
    bid = _winning_bid(state, event, tender)
    _set_award(state, tender, event.lot, event.award)
    challenge_days = ANNOUNCEMENT_DAYS + clock_limit(state, "c06-challenge")
    award = Award(
        award=event.award,
        tender=event.tender,
        lot=event.lot,
        winner=event.winner,
        value_fen=event.value_fen,
        contract=None,
        ranking=tuple(event.ranking),
        challenge_end_ms=after_working_days(state, act.recorded_ms, challenge_days),
        rates=None if bid is None else bid.rates,
    )
    state.put(state.awards, event.award, award)


def _set_award(state: State, tender: Tender, lot: str, award: str | None) -> None:
    lots = {**tender.lots, lot: tender.lots[lot]._replace(award=award)}
    state.put(state.tenders, tender.tender, tender._replace(lots=lots))


# -- award.cancelled ---------------------------------------------------------------------------


def _authorise_cancellation(state: State, event: AwardCancelled, act: Act) -> None:
    award = look_up(state.awards, "award", event.award)
    tender = state.tenders[award.tender]
    both = (Seat("purchaser", tender.purchaser), Seat("provider", award.winner))
    authorise(state, event, act, case_of(tender), (Seat("reviewer"),), both)


def _admit_cancellation(state: State, event: AwardCancelled, act: Act) -> None:
    award = state.awards[event.award]
    if award.contract is not None:
        raise Refused("award_in_use", award=event.award, contract=award.contract)
    if not award.standing:
        raise Refused("award_not_standing", award=event.award)
    if len(act.filled) == 1:
        check_independent(
            state, act.filled[0].party, parties_of(state, state.tenders[award.tender])
        )


def _apply_cancellation(state: State, event: AwardCancelled, _act: Act) -> None:
    award = state.awards[event.award]
    state.put(state.awards, event.award, award._replace(standing=False))
    _set_award(state, state.tenders[award.tender], award.lot, None)


def _home_of_award(_state: State, event: AwardDecided) -> tuple[str, ...]:
    return (f"tender/{event.tender}",)


def _home_of_cancellation(state: State, event: AwardCancelled) -> tuple[str, ...]:
    return (f"tender/{state.awards[event.award].tender}",)


RULES: dict[type[Event], Rule[Any]] = {
    AwardDecided: Rule(_authorise_award, _admit_award, _apply_award, _home_of_award),
    AwardCancelled: Rule(
        _authorise_cancellation, _admit_cancellation, _apply_cancellation, _home_of_cancellation
    ),
}

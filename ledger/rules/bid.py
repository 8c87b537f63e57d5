"""Law of bids: sealed before the close, shown after it, judged by others than those who bid.

A sealed bid is a commitment, SHA-256 of the canonical JSON of

    {"bidder":"PRO","documents":[],"lot":"1","nonce":"00…","origin":"ledger.example",
     "prices":{"rates":[{"rate_fen":5000,"service":"care"}],"value_fen":1000000},"tender":"t-1"}

so the purchaser learns no price before the close, and no bidder can change one after it.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from msgspec import to_builtins

from ledger.canonical import MAX_BYTES, encode
from ledger.errors import Refused
from ledger.events import Event
from ledger.events.bid import (
    BidDisqualified,
    BidForfeited,
    BidPrices,
    BidRevealed,
    BidScored,
    BidSealed,
    BidWithdrawn,
)
from ledger.events.tender import TenderDocument
from ledger.parties import Seat
from ledger.rules.act import Act, Rule, authorise, check_free, holds_role, look_up, take
from ledger.rules.lists import check_distinct
from ledger.rules.lot import (
    bids_of,
    case_of,
    check_before_close,
    check_closed,
    live_lot,
    lot_key,
    published,
)
from ledger.rules.qualification import is_qualified
from ledger.rules.recusal import check_no_interest
from ledger.rules.sanction import is_sanctioned
from ledger.state import State
from ledger.state.bid import Bid
from ledger.state.tender import Lot, Tender
from ledger.times import format_instant


def commitment_of(
    *,
    origin: str,
    tender: str,
    lot: str,
    bidder: str,
    prices: BidPrices,
    documents: Sequence[TenderDocument],
    nonce: str,
) -> str:
    """Return the commitment of a bid, hex; `nonce` is 32 random bytes, hex."""
    committed = {
        "origin": origin,
        "tender": tender,
        "lot": lot,
        "bidder": bidder,
        "prices": to_builtins(prices),
        "documents": to_builtins(documents),
        "nonce": nonce,
    }
    # An event may be a MiB, and the object holds a few names more than the event that shows it.
    return hashlib.sha256(encode(committed, 2 * MAX_BYTES)).hexdigest()


def check_may_win(state: State, tender: Tender, lot: Lot, party: str, act: Act) -> None:
    """Check that a party may bid for a lot, and win it, on the local date of the act.

    It is a provider, barred by nothing, and qualified for what the catalogue asks of whoever
    gives the lot's service.

    Raises:
        Refused: `signer_lacks_role`, `party_sanctioned`, `party_not_qualified`.

    """
    if not holds_role(state, party, "provider", act.today):
        raise Refused("signer_lacks_role", party=party, role="provider")
    if is_sanctioned(state, party, act.today):
        raise Refused("party_sanctioned", party=party)
    service = state.services.get(lot.service.lower())
    kind = None if service is None else service.qualification
    if kind is not None and not is_qualified(state, party, kind, act.today, case_of(tender)):
        raise Refused("party_not_qualified", party=party, kind=kind, service=lot.service)


# -- by the bidder: sealed, withdrawn, revealed ------------------------------------------------


def _authorise_sealing(state: State, event: BidSealed, act: Act) -> None:
    tender = look_up(state.tenders, "tender", event.tender)
    authorise(state, event, act, case_of(tender), (Seat("provider"),))


def _admit_sealing(state: State, event: BidSealed, act: Act) -> None:
    check_free(state, "bid", event.bid)
    tender = published(state, event.tender)
    lot = live_lot(tender, event.lot)
    if act.recorded_ms < tender.opens_ms:
        opens = format_instant(tender.opens_ms)
        raise Refused("tender_not_yet_open", tender=event.tender, opens=opens)
    check_before_close(tender, act)
    bidder = act.filled[0].party
    check_may_win(state, tender, lot, bidder, act)
    for bid in bids_of(state, tender, event.lot):
        if bid.bidder == bidder:
            raise Refused("bid_already_made", bidder=bidder, lot=event.lot, bid=bid.bid)


def _apply_sealing(state: State, event: BidSealed, act: Act) -> None:
    take(state, "bid", event.bid)
    bidder = act.filled[0].party
    bid = Bid(event.bid, event.tender, event.lot, bidder, event.commitment, "sealed", 0, {})
    state.put(state.bids, event.bid, bid)
    key = lot_key(event.tender, event.lot)
    state.put(state.bids_of, key, (*state.bids_of.get(key, ()), event.bid))


def _authorise_bidder(state: State, event: BidWithdrawn | BidRevealed, act: Act) -> None:
    bid = look_up(state.bids, "bid", event.bid)
    case = case_of(state.tenders[bid.tender])
    authorise(state, event, act, case, (Seat("provider", bid.bidder),))


def _admit_withdrawal(state: State, event: BidWithdrawn, act: Act) -> None:
    bid = _in_status(state, event.bid, "sealed")
    check_before_close(published(state, bid.tender), act)


def _apply_withdrawal(state: State, event: BidWithdrawn, _act: Act) -> None:
    state.put(state.bids, event.bid, state.bids[event.bid]._replace(status="withdrawn"))


def _admit_reveal(state: State, event: BidRevealed, act: Act) -> None:
    bid = _in_status(state, event.bid, "sealed")
    tender = published(state, bid.tender)
    check_closed(tender, act)
    until_ms = tender.reveal_end_ms
    if act.recorded_ms >= until_ms:
        raise Refused("reveal_too_late", bid=event.bid, until=format_instant(until_ms))
    shown = commitment_of(
        origin=state.ledger["origin"],
        tender=bid.tender,
        lot=bid.lot,
        bidder=bid.bidder,
        prices=event.prices,
        documents=event.documents,
        nonce=event.nonce,
    )
    if shown != bid.commitment:
        raise Refused("commitment_differs", bid=event.bid, shown=shown, sealed=bid.commitment)
    check_distinct("rates", [rate.service.lower() for rate in event.prices.rates])


def _apply_reveal(state: State, event: BidRevealed, _act: Act) -> None:
    bid = state.bids[event.bid]._replace(
        status="revealed",
        value_fen=event.prices.value_fen,
        rates={rate.service: rate.rate_fen for rate in event.prices.rates},
    )
    state.put(state.bids, event.bid, bid)


# -- by the clock: forfeited -------------------------------------------------------------------


def _authorise_forfeit(state: State, event: BidForfeited, act: Act) -> None:
    """Let any party to the case submit it: the clock makes it valid, not the signer."""
    bid = look_up(state.bids, "bid", event.bid)
    tender = state.tenders[bid.tender]
    bidders = {each.bidder for each in bids_of(state, tender, bid.lot)}
    ways = [(Seat("operator"),), (Seat("purchaser", tender.purchaser),)]
    ways += [(Seat("provider", each.party),) for each in act.signers if each.party in bidders]
    authorise(state, event, act, case_of(tender).of_a_clock(), *ways)


def _admit_forfeit(state: State, event: BidForfeited, act: Act) -> None:
    bid = _in_status(state, event.bid, "sealed")
    until_ms = published(state, bid.tender).reveal_end_ms
    if act.recorded_ms < until_ms:
        raise Refused("reveal_still_open", bid=event.bid, until=format_instant(until_ms))


def _apply_forfeit(state: State, event: BidForfeited, _act: Act) -> None:
    state.put(state.bids, event.bid, state.bids[event.bid]._replace(status="forfeited"))


# -- by evaluators: disqualified, scored -------------------------------------------------------


def _authorise_evaluation(state: State, event: BidDisqualified | BidScored, act: Act) -> None:
    bid = look_up(state.bids, "bid", event.bid)
    authorise(state, event, act, case_of(state.tenders[bid.tender]), (Seat("evaluator"),))


def _check_evaluation(state: State, event: BidDisqualified | BidScored, act: Act) -> Bid:
    """Return the bid that an evaluator judges: shown, of a lot that is not yet decided.

    Raises:
        Refused: `bid_wrong_state`, `tender_not_open`, `lot_failed`, `lot_already_awarded`,
            `personal_interest`.

    """
    bid = _in_status(state, event.bid, "revealed")
    tender = published(state, bid.tender)
    lot = live_lot(tender, bid.lot)
    if lot.award is not None:
        raise Refused("lot_already_awarded", lot=bid.lot, tender=bid.tender, award=lot.award)
    # Whoever judges one bid lifts or lowers all others of the lot.
    check_no_interest(state, act, [each.bidder for each in bids_of(state, tender, bid.lot)])
    return bid


def _admit_disqualification(state: State, event: BidDisqualified, act: Act) -> None:
    _check_evaluation(state, event, act)


def _apply_disqualification(state: State, event: BidDisqualified, _act: Act) -> None:
    state.put(state.bids, event.bid, state.bids[event.bid]._replace(status="disqualified"))


def _admit_score(state: State, event: BidScored, act: Act) -> None:
    bid = _check_evaluation(state, event, act)
    if event.criterion not in state.tenders[bid.tender].criteria:
        raise Refused("reference_unknown", kind="criterion", id=event.criterion)
    expert = act.filled[0].key.holder
    if (event.bid, event.criterion, expert) in state.bid_scores:
        raise Refused("bid_already_scored", bid=event.bid, criterion=event.criterion)


def _apply_score(state: State, event: BidScored, act: Act) -> None:
    expert = act.filled[0].key.holder
    state.put(state.bid_scores, (event.bid, event.criterion, expert), event.score_ppm)


# -- shared ------------------------------------------------------------------------------------


def _in_status(state: State, bid_id: str, status: str) -> Bid:
    bid = state.bids[bid_id]
    if bid.status != status:
        raise Refused("bid_wrong_state", bid=bid_id, status=bid.status, needed=status)
    return bid


def _home_of_sealing(_state: State, event: BidSealed) -> tuple[str, ...]:
    return (f"tender/{event.tender}",)


def _home(
    state: State,
    event: BidWithdrawn | BidRevealed | BidForfeited | BidDisqualified | BidScored,
) -> tuple[str, ...]:
    return (f"tender/{state.bids[event.bid].tender}",)


RULES: dict[type[Event], Rule[Any]] = {
    BidSealed: Rule(_authorise_sealing, _admit_sealing, _apply_sealing, _home_of_sealing),
    BidWithdrawn: Rule(_authorise_bidder, _admit_withdrawal, _apply_withdrawal, _home),
    BidRevealed: Rule(_authorise_bidder, _admit_reveal, _apply_reveal, _home),
    BidForfeited: Rule(_authorise_forfeit, _admit_forfeit, _apply_forfeit, _home),
    BidDisqualified: Rule(
        _authorise_evaluation, _admit_disqualification, _apply_disqualification, _home
    ),
    BidScored: Rule(_authorise_evaluation, _admit_score, _apply_score, _home),
}

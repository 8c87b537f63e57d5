"""What may be asked of a tender's lot: is it open, is every bid shown, which bids are valid.

Open and invited tenders are decided by sealed bids alone. Under the other methods suppliers are
talked to; where any of them seals a bid for a lot, that lot too is decided by its bids
(docs/decisions/0022-which-methods-need-sealed-bids.md).
"""

from collections.abc import Iterator

from ledger.errors import Refused
from ledger.parties import Case
from ledger.rules.act import Act, look_up
from ledger.state import State
from ledger.state.bid import Bid
from ledger.state.tender import Lot, Tender
from ledger.times import format_instant

SEALED_METHODS = frozenset(["open", "invited"])
"""Methods under which bids are sealed, whatever else happens (Procurement Law 26, 34, 35)."""


def lot_key(tender: str, lot: str) -> str:
    """Return what a lot's reservation, and its bids, are kept by."""
    return f"{tender}/{lot}"


def case_of(tender: Tender, amount_fen: int = 0) -> Case:
    """Return what scopes and separation of duties ask about a tender: it is a case of its own."""
    return Case(
        tender.programme,
        tender.purchaser,
        contract=f"tender/{tender.tender}",
        amount_fen=amount_fen,
    )


def published(state: State, tender_id: str) -> Tender:
    """Return a tender under which something may still be done.

    Raises:
        Refused: `reference_unknown`, `tender_not_open`.

    """
    tender = look_up(state.tenders, "tender", tender_id)
    if tender.status != "published":
        raise Refused("tender_not_open", tender=tender_id, status=tender.status)
    return tender


def live_lot(tender: Tender, lot_id: str) -> Lot:
    """Return a lot of a tender that has not failed.

    Raises:
        Refused: `reference_unknown`, `lot_failed`.

    """
    lot = look_up(tender.lots, "lot", lot_id)
    if lot.failed:
        raise Refused("lot_failed", lot=lot_id, tender=tender.tender)
    return lot


def check_before_close(tender: Tender, act: Act) -> None:
    """Check that a tender has not closed.

    Raises:
        Refused: `tender_closed`.

    """
    if act.recorded_ms >= tender.closes_ms:
        raise Refused(
            "tender_closed", tender=tender.tender, closes=format_instant(tender.closes_ms)
        )


def check_closed(tender: Tender, act: Act) -> None:
    """Check that a tender has closed.

    Raises:
        Refused: `tender_still_open`.

    """
    if act.recorded_ms < tender.closes_ms:
        raise Refused(
            "tender_still_open", tender=tender.tender, closes=format_instant(tender.closes_ms)
        )


def bids_of(state: State, tender: Tender, lot: str) -> list[Bid]:
    """Return the bids for a lot that were not withdrawn, in the order of their sealing."""
    bids = [state.bids[bid] for bid in state.bids_of.get(lot_key(tender.tender, lot), ())]
    return [bid for bid in bids if bid.status != "withdrawn"]


def valid_bids(state: State, tender: Tender, lot: str) -> dict[str, Bid]:
    """Return the bids for a lot that were revealed and not disqualified, by bidder."""
    bids = bids_of(state, tender, lot)
    return {bid.bidder: bid for bid in bids if bid.status == "revealed"}


def decided_by_bids(state: State, tender: Tender, lot: str) -> bool:
    """Return whether a lot is decided by sealed bids."""
    return tender.method in SEALED_METHODS or bool(bids_of(state, tender, lot))


def check_all_shown(state: State, tender: Tender, lot: str) -> None:
    """Check that no bid for a lot is still sealed: each was revealed, or is forfeited.

    Raises:
        Refused: `reveal_not_over`.

    """
    for bid in bids_of(state, tender, lot):
        if bid.status == "sealed":
            until = format_instant(tender.reveal_end_ms)
            raise Refused("reveal_not_over", bid=bid.bid, until=until)


def parties_of(state: State, tender: Tender) -> Iterator[str]:
    """Yield who buys, who bids and who was ranked, in the order in which they came."""
    yield tender.purchaser
    for lot in tender.lots.values():
        for bid in bids_of(state, tender, lot.lot):
            yield bid.bidder
        if lot.award is not None:
            yield from state.awards[lot.award].ranking
    for challenge in tender.challenges:
        yield state.challenges[challenge].challenger

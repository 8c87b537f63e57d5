"""Tender, bids and awards as releases.

A bid is shown as the rights of readers have it: who bids, once the bid is sealed; what it asks,
once every bid of the tender is in. So a revealed bid is told by the release of the event that
opens them all, the last one revealed, forfeited or withdrawn.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import UNSET

from ledger.events.award import AwardCancelled, AwardDecided
from ledger.events.bid import (
    BidDisqualified,
    BidForfeited,
    BidRevealed,
    BidSealed,
    BidWithdrawn,
)
from ledger.events.budget import BudgetCarriedOver
from ledger.events.tender import (
    Criterion,
    Lot,
    QuestionAsked,
    TenderAmended,
    TenderCancelled,
    TenderDocument,
    TenderFailed,
    TenderPublished,
)
from projections.ocds.process import KnownBid, KnownLot, LotStatus, Process, Told
from projections.ocds.values import Release, share, text

Teller = Callable[[Process, Any], Told | None]
"""Takes in an event, and tells what its release says; None where it says nothing."""

METHODS: Final = {
    "open": "open",
    "invited": "selective",
    "negotiation": "limited",
    "consultation": "limited",
    "inquiry": "limited",
    "single_source": "direct",
}
"""OCDS `procurementMethod` of a method of the Procurement Law."""


def _published(process: Process, event: TenderPublished) -> Told:
    process.published, process.titles = event, event.titles
    process.last_release = event.id
    for lot in event.lots:
        process.lots[lot.lot] = _known(lot)
    buyer = process.refer(process.buyer, "buyer", "procuringEntity")
    tender: Release = {
        "id": event.tender,
        "title": text(event.titles),
        "status": "active",
        "procuringEntity": buyer,
        "procurementMethod": METHODS[event.method],
        "procurementMethodDetails": event.method,
        "mainProcurementCategory": "services",
        "tenderPeriod": {"startDate": event.opens, "endDate": event.closes},
    }
    tender |= _lots(process, event.lots) | _until(event.questions_until)
    tender |= _criteria(event.criteria) | _documents(event.documents)
    if event.justification is not UNSET:
        tender["procurementMethodRationale"] = text(event.justification)
    sections = {"buyer": buyer, "planning": _planning(process, event), "tender": tender}
    return Told(("planning", "tender"), sections)


def _amended(process: Process, event: TenderAmended) -> Told:
    tender: Release = {"id": event.tender}
    if event.titles is not UNSET:
        process.titles = event.titles
        tender["title"] = text(event.titles)
    if event.closes is not UNSET:
        tender["tenderPeriod"] = {"endDate": event.closes}
    tender |= _until(event.questions_until) | _criteria(event.criteria)
    tender |= _documents(event.documents)
    sections: Release = {"tender": tender}
    if event.lots is not UNSET:
        before = _set_aside(process)
        for lot in event.lots:
            process.lots[lot.lot] = _known(lot)
        tender |= _lots(process, event.lots)
        sections["planning"] = {"budget": _budget(process, before)}
    tender |= _reasoned(process, event)
    process.last_release = event.id
    return Told(("tenderAmendment",), sections)


def _cancelled(process: Process, event: TenderCancelled) -> Told:
    lots = _end(process, list(process.lots), "cancelled")
    tender = {"id": event.tender, "status": "cancelled"} | _reasoned(process, event) | lots
    return Told(("tenderCancellation",), {"tender": tender})


def _failed(process: Process, event: TenderFailed) -> Told:
    failed = [
        lot
        for lot, known in process.lots.items()
        if (event.lots is UNSET or lot in event.lots) and known.status == "active"
    ]
    lots = _end(process, failed, "unsuccessful")
    tender = {"id": event.tender, "status": _status(process)}
    return Told(("tenderUpdate",), {"tender": tender | _reasoned(process, event) | lots})


def _asked(process: Process, event: QuestionAsked) -> Told:
    asker = process.signer()
    process.refer(asker, "enquirer")
    return Told(("tenderUpdate",), {"tender": {"id": event.tender, "hasEnquiries": True}})


def _carried(process: Process, event: BudgetCarriedOver) -> Told | None:
    if event.lot is UNSET:
        return None
    before = _set_aside(process)
    lines = process.lots[event.lot].lines
    moved_fen = lines.pop(event.from_line, 0)
    lines[event.to_line] = lines.get(event.to_line, 0) + moved_fen
    planning = {"budget": _budget(process, before)}
    return Told(("planningUpdate",), {"planning": planning})


# -- bids --------------------------------------------------------------------------------------


def _sealed(process: Process, event: BidSealed) -> Told:
    bidder = process.signer()
    process.bids[event.bid] = KnownBid(event.lot, bidder)
    reference = process.refer(bidder, "tenderer")
    tenderers = {bid.bidder for bid in process.bids.values()}
    bid = {
        "id": event.bid,
        "date": process.entry.recorded,
        "status": "pending",
        "tenderers": [reference],
        "relatedLots": [event.lot],
    }
    tender = {
        "id": process.tender,
        "numberOfTenderers": len(tenderers),
        "tenderers": [reference],
    }
    return _bids(process, [bid], tender)


def _withdrawn(process: Process, event: BidWithdrawn) -> Told:
    return _out(process, event.bid, "withdrawn")


def _forfeited(process: Process, event: BidForfeited) -> Told:
    return _out(process, event.bid, "disqualified")


def _disqualified(process: Process, event: BidDisqualified) -> Told:
    return _out(process, event.bid, "disqualified")


def _revealed(process: Process, event: BidRevealed) -> Told | None:
    bid = process.bids[event.bid]
    bid.sealed, bid.revealed = False, event
    opened = _opened(process)
    return _bids(process, opened) if opened else None


def _out(process: Process, bid: str, status: str) -> Told:
    known = process.bids[bid]
    was_sealed, known.sealed, known.out = known.sealed, False, True
    opened = _opened(process) if was_sealed else []
    return _bids(process, [{"id": bid, "status": status}, *opened])


def _opened(process: Process) -> list[Release]:
    """Return what the bids ask, when none of the tender's bids is sealed any more."""
    if any(bid.sealed for bid in process.bids.values()):
        return []
    opened = []
    for name, bid in process.bids.items():
        if bid.revealed is not None:
            shown: Release = {"id": name, "value": process.value(bid.revealed.prices.value_fen)}
            if bid.revealed.documents:
                shown["documents"] = [_document(each) for each in bid.revealed.documents]
            opened.append(shown)
    return opened


def _bids(process: Process, details: list[Release], tender: Release | None = None) -> Told:
    sections: Release = {"tender": tender or {"id": process.tender}, "bids": {"details": details}}
    return Told(("tenderUpdate",), sections)


# -- awards ------------------------------------------------------------------------------------


def _decided(process: Process, event: AwardDecided) -> Told:
    process.awards[event.award] = event
    award = {
        "id": event.award,
        "title": text(process.titles),
        "status": "pending",
        "date": process.entry.recorded,
        "value": process.value(event.value_fen),
        "suppliers": [process.refer(event.winner, "supplier")],
        "relatedLots": [event.lot],
    }
    valid: list[Release] = []
    for name, bid in process.bids.items():
        if bid.lot == event.lot and bid.bidder in event.ranking and not bid.out:
            valid.append({"id": name, "status": "valid"})
            if bid.bidder == event.winner:
                award["relatedBid"] = name
    lots = _end(process, [event.lot], "complete")
    sections: Release = {"tender": {"id": process.tender, "status": _status(process)} | lots}
    if valid:
        sections["bids"] = {"details": valid}
    return Told(("award",), sections | {"awards": [award]})


def _award_cancelled(process: Process, event: AwardCancelled) -> Told:
    lot = process.awards[event.award].lot
    lots = _end(process, [lot], "active")
    award = {"id": event.award, "status": "cancelled", "description": text(event.reason)}
    tender = {"id": process.tender, "status": _status(process)} | lots
    return Told(("awardCancellation",), {"tender": tender, "awards": [award]})


# -- shared ------------------------------------------------------------------------------------


def _known(lot: Lot) -> KnownLot:
    return KnownLot(lot, "active", {each.line: each.amount_fen for each in lot.lines})


def _end(process: Process, lots: list[str], status: LotStatus) -> Release:
    for lot in lots:
        process.lots[lot].status = status
    return {"lots": [{"id": lot, "status": status} for lot in lots]} if lots else {}


def _status(process: Process) -> str:
    """Return the tender's status by those of its lots: it is over when none is open."""
    statuses = {lot.status for lot in process.lots.values()}
    if "active" in statuses:
        return "active"
    return "complete" if "complete" in statuses else "unsuccessful"


def _lots(process: Process, changed: list[Lot]) -> Release:
    lots, items = [], []
    for lot in changed:
        known, title = process.catalogued(lot.service), process.service(lot.service)
        shown: Release = {"id": lot.lot, "title": title}
        if lot.area is not UNSET:
            shown["description"] = lot.area
        shown |= {"status": "active", "value": process.value(lot.value_fen)}
        lots.append(shown)
        unit: Release = {"value": process.value(lot.rate_cap_fen)}
        if known is not None:
            unit["name"] = known.unit
        item = {"id": lot.lot, "description": title, "relatedLot": lot.lot}
        items.append(item | {"quantity": lot.units_max, "unit": unit})
    total_fen = sum(known.terms.value_fen for known in process.lots.values())
    return {"value": process.value(total_fen), "lots": lots, "items": items}


def _until(questions_until: Any) -> Release:
    return {} if questions_until is UNSET else {"enquiryPeriod": {"endDate": questions_until}}


def _criteria(criteria: Any) -> Release:
    if criteria is UNSET:
        return {}
    weighed: list[Criterion] = criteria
    details = "; ".join(f"{each.id} {share(each.weight_ppm):f}" for each in weighed)
    return {"awardCriteria": "ratedCriteria", "awardCriteriaDetails": details}


def _documents(documents: Any) -> Release:
    if documents is UNSET or not documents:
        return {}
    shown = [_document(each) | {"documentType": "biddingDocuments"} for each in documents]
    return {"documents": shown}


def _document(document: TenderDocument) -> Release:
    return {"id": document.sha256, "title": document.title}


def _reasoned(process: Process, event: TenderAmended | TenderCancelled | TenderFailed) -> Release:
    amendment = {
        "id": event.id,
        "date": process.entry.recorded,
        "rationale": text(event.reason),
        "amendsReleaseID": process.last_release,
        "releaseID": event.id,
    }
    return {"amendments": [amendment]}


# -- planning ----------------------------------------------------------------------------------


def _planning(process: Process, event: TenderPublished) -> Release:
    programme = process.register.programme(event.programme)
    budget = {"projectID": event.programme, "project": text(programme.titles)}
    return {"rationale": text(programme.purpose), "budget": budget | _budget(process, {})}


def _set_aside(process: Process) -> dict[str, int]:
    """Return what each fund line sets aside for the tender's lots."""
    lines: dict[str, int] = {}
    for lot in process.lots.values():
        for line, amount_fen in lot.lines.items():
            lines[line] = lines.get(line, 0) + amount_fen
    return lines


def _budget(process: Process, before: dict[str, int]) -> Release:
    """Return the budget by fund line; of what was there `before`, only what has changed."""
    lines = dict.fromkeys(before, 0) | _set_aside(process)
    changed = {line: fen for line, fen in lines.items() if before.get(line) != fen}
    budget: Release = {"amount": process.value(sum(lines.values()))}
    if changed:
        budget["budgetBreakdown"] = [
            _source(process, line, amount_fen) for line, amount_fen in changed.items()
        ]
    return budget


def _source(process: Process, line: str, amount_fen: int) -> Release:
    known = process.register.line(line)
    year, days = known.appropriated.year, process.days
    return {
        "id": line,
        "description": f"{known.appropriated.code} {known.appropriated.source}",
        "amount": process.value(amount_fen),
        "period": {
            "startDate": days.start(f"{year:04}-01-01"),
            "endDate": days.end(f"{year:04}-12-31"),
        },
        "sourceParty": process.refer(known.owner, "funder"),
    }


TELLERS: Final[dict[str, Teller]] = {
    "tender.published": _published,
    "tender.amended": _amended,
    "tender.cancelled": _cancelled,
    "tender.failed": _failed,
    "question.asked": _asked,
    "budget.carried_over": _carried,
    "bid.sealed": _sealed,
    "bid.withdrawn": _withdrawn,
    "bid.revealed": _revealed,
    "bid.forfeited": _forfeited,
    "bid.disqualified": _disqualified,
    "award.decided": _decided,
    "award.cancelled": _award_cancelled,
}
"""By type of event; a carry-over of a contract is told by `contracting`."""

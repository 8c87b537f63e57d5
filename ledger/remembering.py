"""What events add to figures by what came before them: functions that remember, by event type.

Each gets the event and the memory of its subject's history so far, and returns what it adds, figure
by figure. A status is counted as one contract more here and one less there; a lot that is opened
again makes its tender open again.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import UNSET

from ledger.events import Event
from ledger.events.award import AwardCancelled, AwardDecided
from ledger.events.bid import (
    BidDisqualified,
    BidForfeited,
    BidRevealed,
    BidSealed,
    BidWithdrawn,
)
from ledger.events.budget import IndicatorReported
from ledger.events.contract import (
    ContractClosed,
    ContractResumed,
    ContractSigned,
    ContractSuspended,
    ContractTerminated,
)
from ledger.events.delivery import BeneficiaryEnrolled, BeneficiaryExited
from ledger.events.payment import PaymentBounced, PaymentOrdered, PaymentRequested, PaymentSettled
from ledger.events.receivable import ReceivableAssigned, ReceivableReleased
from ledger.events.score import ScoreFinalised
from ledger.events.tender import Lot, TenderAmended, TenderCancelled, TenderFailed, TenderPublished

Memory = dict[Any, Any]
Changes = dict[str, int]
Told = Callable[[Any, Memory], Changes]

STATUSES = ("active", "suspended", "terminated", "closed")
"""What a contract is, one at a time."""

TIERS = ("mild", "moderate", "severe")
"""Degrees of a person's need."""


# -- contracts ---------------------------------------------------------------------------------


def _become(status: str) -> Told:
    def turn(_event: Any, memory: Memory) -> Changes:
        before = memory.get("status")
        memory["status"] = status
        return {status: 1} if before is None else {before: -1, status: 1}

    return turn


def _request(event: PaymentRequested, memory: Memory) -> Changes:
    memory["payment", event.payment] = event.principal_fen
    return {}


def _settle(event: PaymentSettled, memory: Memory) -> Changes:
    """Count a payment that is paid; one of interest alone is none of principal."""
    if not memory["payment", event.payment]:
        return {}
    memory["settled", event.payment] = 1
    return {"settled": 1}


def _bounce(event: PaymentBounced, memory: Memory) -> Changes:
    return {"settled": -memory.pop(("settled", event.payment), 0)}


def _assign(event: ReceivableAssigned, memory: Memory) -> Changes:
    memory["assigned", event.claim] = event.amount_fen
    return {"assignments": 1, "assigned": event.amount_fen}


def _release(event: ReceivableReleased, memory: Memory) -> Changes:
    return {"assignments": -1, "assigned": -memory.pop(("assigned", event.claim), 0)}


def _judge(event: ScoreFinalised, _memory: Memory) -> Changes:
    """Add up what a score finds of each indicator; an indicator is in a score once."""
    return {
        f"indicator/{each.id}/{name}": number
        for each in event.indicators
        for name, number in (
            ("scores", 1),
            ("score_sum", each.score_ppm),
            ("actual_sum", each.actual),
        )
    }


# -- payments ----------------------------------------------------------------------------------


def _order(event: PaymentOrdered, memory: Memory) -> Changes:
    memory["ordered"] = event.principal_fen + (
        0 if event.interest_fen is UNSET else event.interest_fen
    )
    return {}


def _pay(_event: PaymentSettled, memory: Memory) -> Changes:
    memory["paid"] = memory["ordered"]
    return {"paid": memory["paid"]}


def _unpay(_event: PaymentBounced, memory: Memory) -> Changes:
    return {"paid": -memory.pop("paid", 0)}


# -- tenders -----------------------------------------------------------------------------------


def _publish(event: TenderPublished, memory: Memory) -> Changes:
    memory["open"] = {lot.lot for lot in event.lots}
    memory["value"] = {}
    memory["awards"] = {}
    memory["bids"] = {}
    return {"open": 1, **_value(event.lots, memory)}


def _amend(event: TenderAmended, memory: Memory) -> Changes:
    return {} if event.lots is UNSET else _value(event.lots, memory)


def _value(lots: Iterable[Lot], memory: Memory) -> Changes:
    """Set lots to what a tender says of them now: its own value, and theirs, change by that."""
    values, changes = memory["value"], {"value": 0, "lots": 0}
    for lot in lots:
        change = lot.value_fen - values.get(lot.lot, 0)
        changes["lots"] += lot.lot not in values
        changes["value"] += change
        changes[f"lot/{lot.lot}/value"] = change
        values[lot.lot] = lot.value_fen
    return changes


def _seal(event: BidSealed, memory: Memory) -> Changes:
    memory["bids"][event.bid] = event.lot
    return {f"lot/{event.lot}/bids": 1}


def _turn(**figures: int) -> Told:
    """Change figures of the lot that a bid is for."""

    def turn(event: Any, memory: Memory) -> Changes:
        lot = memory["bids"][event.bid]
        return {f"lot/{lot}/{name}": change for name, change in figures.items()}

    return turn


def _sign(event: ContractSigned, memory: Memory) -> Changes:
    """Remember the lot whose reservation the contract takes: its postings do not name it."""
    memory["lot"] = memory["awards"][event.award]
    return {}


def _award(event: AwardDecided, memory: Memory) -> Changes:
    memory["awards"][event.award] = event.lot
    return _open(memory, memory["open"] - {event.lot})


def _reopen(event: AwardCancelled, memory: Memory) -> Changes:
    return _open(memory, memory["open"] | {memory["awards"][event.award]})


def _end(event: TenderFailed | TenderCancelled, memory: Memory) -> Changes:
    """Close the lots that failed; where none is named, all that are open."""
    lots = event.lots if isinstance(event, TenderFailed) else UNSET
    return _open(memory, set() if lots is UNSET else memory["open"] - set(lots))


def _open(memory: Memory, lots: set[str]) -> Changes:
    change = bool(lots) - bool(memory["open"])
    memory["open"] = lots
    return {"open": change}


# -- people ------------------------------------------------------------------------------------


def _enrol(event: BeneficiaryEnrolled, memory: Memory) -> Changes:
    memory[event.beneficiary] = event.tier
    return {f"enrolled/{event.tier}": 1}


def _exit(event: BeneficiaryExited, memory: Memory) -> Changes:
    return {f"exited/{memory[event.beneficiary]}": 1}


def _report(event: IndicatorReported, _memory: Memory) -> Changes:
    period = event.period
    return {f"reports/{event.indicator}/{period.from_date}/{period.to_date}": 1}


TOLD: Mapping[str, Mapping[type[Event], Told]] = {
    "contract": {
        ContractSigned: _become("active"),
        ContractSuspended: _become("suspended"),
        ContractResumed: _become("active"),
        ContractTerminated: _become("terminated"),
        ContractClosed: _become("closed"),
        PaymentRequested: _request,
        PaymentSettled: _settle,
        PaymentBounced: _bounce,
        ReceivableAssigned: _assign,
        ReceivableReleased: _release,
        ScoreFinalised: _judge,
    },
    "payment": {PaymentOrdered: _order, PaymentSettled: _pay, PaymentBounced: _unpay},
    "tender": {
        TenderPublished: _publish,
        TenderAmended: _amend,
        AwardDecided: _award,
        AwardCancelled: _reopen,
        TenderFailed: _end,
        TenderCancelled: _end,
        BidSealed: _seal,
        BidWithdrawn: _turn(withdrawn=1),
        BidRevealed: _turn(valid=1),
        BidForfeited: _turn(forfeited=1),
        BidDisqualified: _turn(valid=-1, disqualified=1),
        ContractSigned: _sign,
    },
    "programme": {
        BeneficiaryEnrolled: _enrol,
        BeneficiaryExited: _exit,
        IndicatorReported: _report,
    },
}
"""What remembers, by the kind of the subject and the type of the event."""

"""Which visits a claim covers, by the rule that admitted it (`ledger.rules.claim.is_billed`).

A claim names its visits by their number and the root over their leaves. The same visits are found
again in the contract's history, and must give that root.

Cost: one pass over the contract's history, in which visits and claims are decoded: some 15 µs each.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.errors import Unverified
from ledger.events import TYPES, decode_event, name_of_type
from ledger.events.claim import ClaimSubmitted
from ledger.events.delivery import VisitConfirmed, VisitCorrected, VisitDenied, VisitRecorded
from ledger.merkle import leaf_hash, root_of
from ledger.rules.claim import is_billed
from ledger.store.histories import history_without
from ledger.store.reading import Reader
from ledger.store.rows import EventRow
from ledger.times import local_date, parse_instant

_READ = (VisitRecorded, VisitCorrected, VisitConfirmed, VisitDenied, ClaimSubmitted)
_OTHERS = frozenset(TYPES) - {name_of_type(each) for each in _READ}


class _Visit(NamedTuple):
    """A visit not yet claimed."""

    position: int
    date: str
    leaf: bytes
    denied: bool


class Covering(NamedTuple):
    """A claim and the visits it covers.

    Attributes:
        row: the claim's event.
        claim: its id.
        visits: position of each visit by its event id, in position order.

    """

    row: EventRow
    claim: str
    visits: dict[str, int]


def coverings(reader: Reader, contract_key: str, offset_minutes: int) -> Iterator[Covering]:
    """Yield every claim of a contract with its visits.

    Raises:
        Unverified: the visits found are not those that the claim names.

    """
    open_visits: dict[str, _Visit] = {}
    for _, row in history_without(reader, contract_key, _OTHERS):
        event = decode_event(row.body)
        if isinstance(event, VisitRecorded):
            date = local_date(parse_instant(event.started_at), offset_minutes)
            open_visits[event.id] = _Visit(row.position, date, leaf_hash(row.body), denied=False)
        elif isinstance(event, VisitCorrected):
            date = local_date(parse_instant(event.started_at), offset_minutes)
            open_visits[event.visit] = open_visits[event.visit]._replace(date=date)
        elif isinstance(event, VisitConfirmed | VisitDenied):
            denied = isinstance(event, VisitDenied)
            for visit in event.visits:
                if visit in open_visits:  # else it is claimed, and the answer's matter
                    open_visits[visit] = open_visits[visit]._replace(denied=denied)
        elif isinstance(event, ClaimSubmitted):
            yield _cover(row, event, open_visits)


def _cover(row: EventRow, event: ClaimSubmitted, open_visits: dict[str, _Visit]) -> Covering:
    """Take the visits of a claim out of those that are open."""
    billed = [
        visit
        for visit, facts in open_visits.items()
        if is_billed(facts.date, event.period.to_date, denied=facts.denied)
    ]
    covered = {visit: open_visits.pop(visit) for visit in billed}
    root = root_of([facts.leaf for facts in covered.values()]).hex()
    if (len(covered), root) != (event.visits.count, event.visits.root):
        raise Unverified(
            f"the visits stored are not those that the claim {event.claim}, at position "
            f"{row.position}, names: run `sunledger verify`"
        )
    return Covering(row, event.claim, {visit: facts.position for visit, facts in covered.items()})

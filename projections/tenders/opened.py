"""Whether a tender's bids are open: what a bid asks is shown when all are in.

A bidder reveals within 24 hours of the close (`bid.revealed`); whoever does not is out, and the
ledger books that (`bid.forfeited`). Until then a bid that is revealed is shown to nobody else, so
that the others reveal without knowing it.
"""

from collections.abc import Iterable

from sqlalchemy import RowMapping, select

from ledger.intake.reading import storable
from projections.engine import Projections, Reading
from projections.tenders.model import TENDERS
from projections.tenders.tables import BID

SEALED = "sealed"


def bid_is_open(projections: Projections, bid: str) -> bool:
    """Tell whether no bid of the tender of a bid is sealed any more; False of one not known."""

    def query(reading: Reading) -> bool:
        table = reading.tables[BID]
        tender = select(table.c.tender).where(table.c.bid == storable(bid)).scalar_subquery()
        rows = reading.connection.execute(select(table).where(table.c.tender == tender))
        bids = rows.mappings().all()
        return bool(bids) and bids_are_open(bids)

    return projections.read(TENDERS, query)


def bids_are_open(bids: Iterable[RowMapping]) -> bool:
    """Tell whether of all bids of a tender, as rows of `BID`, none is sealed any more."""
    return all(bid["status"] != SEALED for bid in bids)

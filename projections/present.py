"""The present, as a reader of a ledger may know it: when its last statement was recorded.

What depends on today (has a tender closed, has a role expired) is not kept in rows, which only
events change; queries ask it of this instant, so that an answer is of the ledger alone and the
same for whoever asks.
"""

from typing import NamedTuple

from sqlalchemy import select

from ledger.times import local_date
from projections.context import LEDGER
from projections.engine import Projections, Reading


class Present(NamedTuple):
    """The instant (milliseconds since the epoch) and local date up to which a ledger goes."""

    now_ms: int
    today: str


def present_of(projections: Projections, reading: Reading) -> Present:
    """Return when the ledger's last statement was recorded; the epoch of one without any."""
    store = projections.feed.store
    last = store.statement(store.head().size - 1)
    now_ms = 0 if last is None else last.recorded_ms
    offset = reading.connection.scalar(select(reading.tables[LEDGER].c.offset_minutes)) or 0
    return Present(now_ms, local_date(now_ms, offset))

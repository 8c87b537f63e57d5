"""How a read model stands: what it reflects, how far it lags, and what stopped it."""

from msgspec import Struct

from ledger.store.rows import Head
from ledger.times import MS_PER_SECOND
from projections.feed import START, Feed
from projections.points import point_after
from projections.registry import Generation


class Status(Struct, frozen=True):
    """How a read model stands.

    Attributes:
        name: the read model.
        generation: the live generation, or 0 where nothing was folded yet.
        position: how many events it reflects.
        size: how many statements.
        lag: how many events the ledger holds beyond that.
        lag_s: how many whole seconds lie between the recording of the last statement it reflects
            (of the first, where it reflects none) and that of the ledger's newest.
        stopped_at: position of the event it cannot fold, or None.
        reason: why it cannot.

    """

    name: str
    generation: int
    position: int
    size: int
    lag: int
    lag_s: int
    stopped_at: int | None
    reason: str | None


def status_of(feed: Feed, name: str, live: Generation | None, head: Head) -> Status:
    """Return how a read model stands, given its live generation, where the ledger has come."""
    place = START if live is None else live.place
    return Status(
        name=name,
        generation=0 if live is None else live.generation,
        position=place.position,
        size=place.size,
        lag=max(head.positions - place.position, 0),
        lag_s=_lag_s(feed, place.size, head.size),
        stopped_at=None if live is None else live.stopped_at,
        reason=None if live is None else live.reason,
    )


def _lag_s(feed: Feed, size: int, head_size: int) -> int:
    if size >= head_size:
        return 0
    reflected, newest = (point_after(feed, at) for at in (max(size, 1), head_size))
    return (newest.recorded_ms - reflected.recorded_ms) // MS_PER_SECOND

"""One moment of a ledger, of which everything in a pack is told.

A pack is bound to a checkpoint, so its moment is a position at which one was signed, and the read
models must all reflect exactly that. While the ledger is being written they may meet elsewhere
first; then they are followed and looked at again.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from sqlalchemy import select

from ledger.errors import Conflict
from ledger.store.pages import events_at
from ledger.store.rows import EventRow
from ledger.store.store import Store
from ledger.times import local_date
from projections.context import LEDGER
from projections.contracts import CONTRACTS
from projections.engine import Projections, Reading
from projections.funds import FUNDS
from projections.model import ReadModel
from projections.parties import PARTIES
from projections.payments import PAYMENTS
from projections.present import Present
from projections.timeline import MARK, TIMELINE

T = TypeVar("T")

MODELS = (CONTRACTS, FUNDS, PARTIES, PAYMENTS, TIMELINE)
TRIES = 20
"""How often a moment is looked for while the ledger grows."""

_PAGE_EVENTS = 1_000


class Moment(NamedTuple):
    """A moment: what is asked of it is answered from it, however the ledger goes on.

    Attributes:
        store: the ledger's database, of which only what lies before `position` counts.
        position: how many events there are.
        size: how many statements; a checkpoint was signed at this size.
        now_ms: when the last of them was recorded, milliseconds since the epoch.
        currency: ISO 4217 of every amount.
        offset_minutes: the ledger's distance east of UTC.
        readings: the read models, by name.

    """

    store: Store
    position: int
    size: int
    now_ms: int
    currency: str
    offset_minutes: int
    readings: dict[str, Reading]

    def read(self, model: ReadModel, query: Callable[[Reading], T]) -> T:
        """Return what `query` finds in a read model."""
        return query(self.readings[model.name])

    @property
    def present(self) -> Present:
        """The instant and local date of the moment."""
        return Present(self.now_ms, local_date(self.now_ms, self.offset_minutes))

    def events_of(self, contract: str) -> Iterator[EventRow]:
        """Yield the events that touch a contract, in order, but visits and words about them."""
        reading = self.readings[TIMELINE.name]
        mark, after = reading.tables[MARK].c, -1
        while True:
            query = (
                select(mark.position)
                .where(mark.contract == contract, mark.position > after)
                .order_by(mark.position)
                .limit(_PAGE_EVENTS)
            )
            positions: Sequence[int] = reading.connection.scalars(query).all()
            yield from events_at(self.store, positions)
            if len(positions) < _PAGE_EVENTS:
                return
            after = positions[-1]


def in_one_moment(projections: Projections, tell: Callable[[Moment], T]) -> T:
    """Bring the read models up to date and return what `tell` makes of one moment.

    Where a database takes a table away meanwhile, `tell` is called again from the beginning.

    Raises:
        Conflict: the ledger grows so fast that no moment was found.
        TimeoutError, ProjectionStopped, StoreUnavailable: see `Projections.read_together`.

    """
    store = projections.feed.store

    def query(readings: tuple[Reading, ...]) -> tuple[T] | None:
        moment = _moment(store, readings)
        return None if moment is None else (tell(moment),)

    for _ in range(TRIES):
        projections.follow(*(model.name for model in MODELS))
        told = projections.read_together(MODELS, query)
        if told is not None:
            return told[0]
    raise Conflict("the ledger grows too fast to be told of as of one checkpoint: try again")


def _moment(store: Store, readings: tuple[Reading, ...]) -> Moment | None:
    """Return the moment of readings at one position, or None where no checkpoint was signed."""
    by_name = {model.name: reading for model, reading in zip(MODELS, readings, strict=True)}
    position = readings[0].position
    last = store.event_at(position - 1) if position else None
    statement = None if last is None else store.statement(last.statement_index)
    if statement is None:
        return None
    checkpoint = store.checkpoint_over(statement.index)
    if checkpoint is None or checkpoint.size != statement.index + 1:
        return None
    reading = by_name[CONTRACTS.name]
    ledger = reading.connection.execute(select(reading.tables[LEDGER])).mappings().one()
    return Moment(
        store=store,
        position=position,
        size=checkpoint.size,
        now_ms=statement.recorded_ms,
        currency=ledger["currency"],
        offset_minutes=ledger["offset_minutes"],
        readings=by_name,
    )

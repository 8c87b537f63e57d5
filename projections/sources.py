"""Reading several read models at one moment and one place of the ledger.

Each read model moves by itself, so two of them may reflect different lengths of the history. What
is judged over several at once (the red flags, a programme's output against its money) must see
one history. `sources_of` gives them only when all reflect the same.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, Table

from projections import registry
from projections.feed import Feed, Place
from projections.model import ReadModel
from projections.shape import Shape, Tables

T = TypeVar("T")


class Helper(Protocol):
    """A process beside this one in which the same read models are open."""

    def ask(
        self, names: Sequence[str], place: Place, question: Callable[..., T], *about: Any
    ) -> Callable[[], T | None]:
        """Begin `question(sources, *about)` there; return what waits for its answer.

        That is None where the read models were at another place by then, or the process ended.
        `question` is a function of a module, and its answer can be pickled.
        """


class Sources(NamedTuple):
    """Read models that reflect the same history, in one snapshot.

    Attributes:
        connection: a connection in a snapshot.
        place: what they all reflect.
        recorded_ms: when the last statement of it was recorded; 0 before the first.
        tables: the tables of each, by name of the read model.
        helper: a process that can answer beside this one, where there is one.

    """

    connection: Connection
    place: Place
    recorded_ms: int
    tables: Mapping[str, Tables]
    helper: Helper | None = None

    def table(self, model: ReadModel, shape: Shape[Any]) -> Table:
        """Return a table of one of them."""
        return self.tables[model.name][shape]

    def beside(self, question: Callable[..., T], *about: Any) -> Callable[[], T]:
        """Return what gives the answer of `question(sources, *about)`.

        The helper works on it from now on; without one the answer is found when it is wanted.
        """
        here = partial(question, self, *about)
        if self.helper is None:
            return here
        there = self.helper.ask(tuple(self.tables), self.place, question, *about)

        def answer() -> T:
            found = there()
            return here() if found is None else found

        return answer


def sources_of(
    connection: Connection,
    models: Sequence[ReadModel],
    feed: Feed,
    helper: Helper | None = None,
) -> Sources | None:
    """Return read models as a snapshot has them, or None while they reflect different places."""
    found = [registry.live(connection, model.name) for model in models]
    places = {live.place for live in found if live is not None}
    if None in found or len(places) != 1:
        return None
    (place,) = places
    tables: dict[str, Tables] = {}
    for model, live in zip(models, found, strict=True):
        if live is None or live.version != model.version:
            return None
        tables[model.name] = model.tables(live.generation)
    last = feed.store.statement(place.size - 1) if place.size else None
    recorded_ms = 0 if last is None else last.recorded_ms
    return Sources(connection, place, recorded_ms, tables, helper)

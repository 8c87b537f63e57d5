"""What a read model is: its tables, the events it uses, and its fold.

A fold is a function of history alone: whatever batches the history comes in, the rows must be the
same. So `rebuild` gives what following gave, and `deep_check` can compare the two.

A *derived* read model reads no events but other read models, its sources, whenever all of these
have reached one place. What it derives is a function of them alone, likewise.

To let a read model tell the past (`projections.past`):

1. Give the table of its subject a `last_position` that every event about the subject moves, and
   name it as the `root` of a `Kept`, with the column that names the subject; an index on that
   column unless it is the key. Many thousands of rows want one on `last_position` too.
2. Name the tables of what belongs to it as `parts`: with a `last_position` of their own where a
   subject gathers many rows (months), without one where it has few (lines).
3. Name what the fold looks up elsewhere and what never changes (a tender of a contract) as
   `constant`, and the columns that hold ids of parties as `parties`.
4. Let the queries take `Answers` in place of `Projections`, and raise the version.

    kept=(Kept(CONTRACT, "contract", parts=(LINE, BALANCE, MONTH)),),
    constant=(TENDER, AWARD),
    parties=((CONTRACT, "buyer"),),

The fold is then also given what one subject went through alone (`projections.subject_feed`): it
must not need the rows of another subject, nor stumble over an event that only touches this one.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.events import TYPES, Event
from projections.closings import Kept, shapes_for
from projections.decoding import Lean, tag_of
from projections.feed import Batch, Feed, Wanted
from projections.shape import Shape, Tables, tables_of
from projections.sheet import Sheet

if TYPE_CHECKING:
    from projections.sources import Sources

Fold = Callable[[Batch, Sheet, Feed], None]
"""Reads a batch and fills a sheet; may ask the feed about history before the batch's end."""

Derive = Callable[["Sources", Sheet, int], None]
"""Fills a sheet from sources, where it reflects the given number of events already."""


def folds_nothing(_batch: Batch, _sheet: Sheet, _feed: Feed) -> None:
    """Stand for the fold of a derived read model.

    Raises:
        TypeError: always.

    """
    raise TypeError("a derived read model folds no events")


class ReadModel(NamedTuple):
    """A read model.

    Attributes:
        name: its name, the prefix of its tables.
        version: raised with every change of tables or fold; rows of another are rebuilt.
        shapes: its tables.
        decoded: types of the events its fold reads.
        counted: types of the events its fold only counts.
        fold: makes rows of events; `folds_nothing` for a derived read model.
        derive: makes rows of other read models' rows; None for any other.
        sources: the read models it is derived from.
        lean: records of the types of which its fold reads few fields (`projections.decoding`).
        kept: whose rows are kept at closings, so that `as_of` can tell their past.
        constant: tables whose rows never change once they are there, and which a fold of kept
            subjects looks up beside theirs; `as_of` reads them where they are.
        parties: columns of kept tables that name a party; `as_of` brings their names of then.

    """

    name: str
    version: int
    shapes: tuple[Shape[Any], ...]
    decoded: frozenset[str]
    counted: frozenset[str]
    fold: Fold
    derive: Derive | None = None
    sources: tuple["ReadModel", ...] = ()
    lean: tuple[type[Lean], ...] = ()
    kept: tuple[Kept, ...] = ()
    constant: tuple[Shape[Any], ...] = ()
    parties: tuple[tuple[Shape[Any], str], ...] = ()

    @property
    def all_shapes(self) -> tuple[Shape[Any], ...]:
        """Its tables, and those in which rows are kept."""
        return (*self.shapes, *shapes_for(self.kept))

    @property
    def wanted(self) -> Wanted:
        """What it asks of a history."""
        return Wanted(self.decoded, self.counted, self.lean)

    def tables(self, generation: int) -> Tables:
        """Return its tables of a generation."""
        return tables_of(self.name, self.all_shapes, generation)

    def view(self, generation: int) -> str:
        """Return the name under which a generation is tracked."""
        return f"{self.name}_{generation}"


def types(*event_classes: type[Event] | type[Lean]) -> frozenset[str]:
    """Return the stored names of event types, or of the types that lean records are of."""
    known: dict[type[Any], str] = {event_class: name for name, event_class in TYPES.items()}
    return frozenset(known.get(each) or tag_of(each) for each in event_classes)

"""A part of the ledger's history as a fold gets it: whole statements that follow one another."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from projections.decoding import Lean


class Wanted(NamedTuple):
    """What a read model asks of a history.

    Attributes:
        decoded: types of the events it reads.
        counted: types of the events it only counts.
        lean: records of the types of which it reads few fields; the others are decoded whole.

    """

    decoded: Collection[str] = ()
    counted: Collection[str] = ()
    lean: tuple[type[Lean], ...] = ()


class Fact(NamedTuple):
    """An event as a read model sees it.

    Attributes:
        position: its position in the ledger.
        statement_index: index of the statement it came in.
        recorded_ms: when that was admitted, milliseconds since the epoch.
        subject: key of its home subject, `contract/c-17`.
        event: the event, or the lean record that the read model names for its type.

    """

    position: int
    statement_index: int
    recorded_ms: int
    subject: str
    event: Any


class Count(NamedTuple):
    """How many events of a type a home subject got, and the position of the last."""

    subject: str
    type: str
    number: int
    last_position: int


class Flow(NamedTuple):
    """Money that postings of one kind moved: the sum of their amounts, in fen.

    `contract` is the contract, or the tender lot, or None, as in the journal.
    """

    debit: str
    credit: str
    line: str
    contract: str | None
    amount_fen: int
    last_position: int


class Place(NamedTuple):
    """How far a history was read.

    Attributes:
        position: events read.
        size: statements read.
        leaf: leaf hash of the last of them; nothing before the first.

    """

    position: int
    size: int
    leaf: bytes


START = Place(0, 0, b"")


class Batch:
    """Statements that follow one another, as far as read models use them.

    Attributes:
        start: the place the batch continues.
        stop: the place it leads to.
        facts: the decoded events, in order; a fold goes through `events`, the same ones.
        counts: what is only counted.
        flows: what was posted.
        month: the local month `YYYY-MM` in which all of it was recorded.
        recorded_ms: when its last statement was admitted, milliseconds since the epoch.
        closing: position of the `ledger.closed` that it ends with, or None.
        at: position of the event that is being folded; tells which one a fold failed at.

    """

    def __init__(
        self,
        start: Place,
        stop: Place,
        facts: list[Fact],
        counts: list[Count],
        flows: list[Flow],
        *,
        month: str,
        recorded_ms: int,
        closing: int | None = None,
    ) -> None:
        """Hold what was read between `start` and `stop`."""
        self.start = start
        self.stop = stop
        self.counts = counts
        self.flows = flows
        self.month = month
        self.recorded_ms = recorded_ms
        self.closing = closing
        self.at: int | None = None
        self.facts = facts

    @property
    def events(self) -> Iterator[Fact]:
        """The decoded events, in order, noting which one is at hand."""
        return self.noting(self.facts)

    def noting(self, facts: Iterable[Fact]) -> Iterator[Fact]:
        """Yield some of the decoded events, noting which one is at hand."""
        for fact in facts:
            self.at = fact.position
            yield fact
        self.at = None

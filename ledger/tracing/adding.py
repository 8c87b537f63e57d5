"""The events that make up a figure: each with what it adds, and their sum.

    found = add_up(store, "contract/c-1", "paid")
    found.sum                    what `show contract` prints
    found.page                   the events behind `after`, at most `limit` of them

Cost: one pass over the subject's history, in which only events that state the figure are decoded.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.events import TYPES, Event, decode_event
from ledger.figures import FIGURES, Sums
from ledger.store.histories import history_with_postings
from ledger.store.reading import Reader
from ledger.store.rows import EventRow


class Addend(NamedTuple):
    """An event of a figure.

    Attributes:
        row: the event.
        adds: what it adds to the figure.
        running: the figure after it.

    """

    row: EventRow
    adds: int
    running: int


class AddedUp(NamedTuple):
    """A figure of a subject.

    Attributes:
        sum: what all its events come to: fen, or a count.
        events: how many events add to it.
        page: some of them, in order.
        more: whether there are others behind the page.

    """

    sum: int
    events: int
    page: tuple[Addend, ...]
    more: bool


def add_up(
    reader: Reader, key: str, home: str, figure: str, *, after: int = -1, limit: int = 100
) -> AddedUp:
    """Return a figure of `key`, whose events are in the history of `home`, and a page of them.

    Raises:
        LedgerError: the subject has no such figure.

    """
    sums = _sums_of(key)
    page: list[Addend] = []
    running = events = behind = 0
    for row, changes in _changes(reader, home, sums):
        change = changes.get(figure, 0)
        if not change:
            continue
        running += change
        events += 1
        if row.position > after:
            behind += 1
            if len(page) < limit:
                page.append(Addend(row, change, running))
    if figure not in sums.values:
        names = ", ".join(name for name in sums.values if "/" not in name)
        raise LedgerError(
            f"{key} has no figure {figure}; it has {names}; `sunledger trace {key}` lists all"
        )
    return AddedUp(running, events, tuple(page), behind > len(page))


def figures_of(reader: Reader, key: str, home: str) -> dict[str, int]:
    """Return every figure of `key`, whose events are in the history of `home`.

    Raises:
        LedgerError: there are no figures of this kind.

    """
    sums = _sums_of(key)
    for _ in _changes(reader, home, sums):
        pass
    return sums.values


def _sums_of(key: str) -> Sums:
    kind = key.partition("/")[0]
    if kind not in FIGURES:
        kinds = ", ".join(FIGURES)
        raise LedgerError(f"{key} has no figures; a subject is named KIND/ID, with {kinds} as kind")
    return Sums(key)


def _changes(reader: Reader, home: str, sums: Sums) -> Iterator[tuple[EventRow, dict[str, int]]]:
    """Yield each event of a history that changes a figure, with what it changes."""
    for row, moved in history_with_postings(reader, home):
        event_type = TYPES[row.type]
        event: Event | None = decode_event(row.body) if sums.is_read(event_type) else None
        changes = sums.add(event_type, event, moved)
        if changes:
            yield row, changes

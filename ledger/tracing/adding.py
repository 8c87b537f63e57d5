"""The events that make up a figure: each with what it adds, and their sum.

    found = add_up(store, "contract/c-1", "paid")
    found.sum                    what `show contract` prints
    found.page                   the events behind `after`, at most `limit` of them
    add_up(store, "line/x", "stage/paid", within=range(900, 1400))     of some positions alone

Cost: `add_up` makes one pass over the subject's history, in which only events that state the figure
are decoded; `figures_of` reads only events that state something, and postings.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from ledger.errors import LedgerError
from ledger.events import TYPES, Event, decode_event
from ledger.figures import FIGURES, Sums, is_flow
from ledger.store.histories import history_with_postings, history_without, moved_of, postings_of
from ledger.store.reading import Reader
from ledger.store.rows import EventRow

EVER = range(1 << 62)
"""All positions."""


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
    reader: Reader,
    key: str,
    home: str,
    figure: str,
    *,
    within: range = EVER,
    after: int = -1,
    limit: int = 100,
) -> AddedUp:
    """Return a figure of `key`, whose events are in the history of `home`, and a page of them.

    Raises:
        LedgerError: the subject has no such figure.

    """
    sums = sums_of(key)
    page: list[Addend] = []
    running = events = behind = 0
    for row, changes in _changes(reader, home, sums):
        change = changes.get(figure, 0)
        if not change or row.position not in within:
            continue
        running += change
        events += 1
        if row.position > after:
            behind += 1
            if len(page) < limit:
                page.append(Addend(row, change, running))
    if figure not in sums.values and not is_flow(figure):
        names = ", ".join(name for name in sums.values if "/" not in name)
        raise LedgerError(
            f"{key} has no figure {figure}; it has {names}; `sunledger trace {key}` lists all"
        )
    return AddedUp(running, events, tuple(page), behind > len(page))


def figures_of(
    reader: Reader,
    key: str,
    home: str,
    wanted: Iterable[str] | None = None,
    within: range = EVER,
    *,
    flows: bool = False,
) -> dict[str, int]:
    """Return figures of `key`, whose events are in the history of `home`; by default all.

    `flows` adds to those `wanted` whatever single postings moved. Of figures by line or account,
    those that nothing changed are left out.

    Raises:
        LedgerError: there are no figures of this kind.

    """
    names = None if wanted is None else set(wanted)
    sums = sums_of(key, names)
    totals = dict(sums.values)
    for position, changes in _told(reader, home, sums, flows=flows):
        if position in within:
            for name, change in changes.items():
                if name in (names or ()) or (flows if is_flow(name) else names is None):
                    totals[name] = totals.get(name, 0) + change
    return totals


def sums_of(key: str, wanted: Collection[str] | None = None) -> Sums:
    """Return the figures of a subject with nothing added yet.

    Raises:
        LedgerError: there are no figures of this kind.

    """
    kind = key.partition("/")[0]
    if kind not in FIGURES:
        kinds = ", ".join(FIGURES)
        raise LedgerError(f"{key} has no figures; a subject is named KIND/ID, with {kinds} as kind")
    return Sums(key, flows=True, wanted=wanted)


def _changes(reader: Reader, home: str, sums: Sums) -> Iterator[tuple[EventRow, dict[str, int]]]:
    """Yield each event of a history that changes a figure, with what it changes."""
    for row, moved in history_with_postings(reader, home):
        event_type = TYPES[row.type]
        event: Event | None = decode_event(row.body) if sums.is_read(event_type) else None
        changes = sums.add(event_type, event, moved)
        if changes:
            yield row, changes


def _told(
    reader: Reader, home: str, sums: Sums, *, flows: bool
) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield what each event of a history states, then what each posted: fewer rows are read."""
    types = [name for name, each in TYPES.items() if sums.states(each)]
    if types:
        for _, row in history_without(reader, home, frozenset(TYPES) - set(types)):
            event_type = TYPES[row.type]
            event: Any = decode_event(row.body) if sums.is_read(event_type) else None
            yield row.position, sums.add(event_type, event, ())
    if flows or sums.is_booked:
        for position, posted in postings_of(reader, home):
            yield position, sums.add(Event, None, [moved_of(each) for each in posted])

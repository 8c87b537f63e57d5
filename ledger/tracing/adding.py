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

from ledger.delivered import DELIVERY_EVENTS
from ledger.errors import LedgerError
from ledger.events import TYPES, Event, decode_event, name_of_type
from ledger.events.delivery import CareplanAgreed
from ledger.figures import FIGURES, VISITED, Figure, figure_of, is_flow
from ledger.store.histories import (
    history_with_postings,
    history_without,
    moved_of,
    opening_of,
    postings_of,
)
from ledger.store.reading import Reader
from ledger.store.rows import EventRow
from ledger.sums import Sums
from ledger.times import parse_offset

EVER = range(1 << 62)
"""All positions."""

_MANY: tuple[type[Event], ...] = (*DELIVERY_EVENTS, CareplanAgreed)
_NEVER_POSTED = tuple(name_of_type(each) for each in _MANY)
"""What a contract has by the ten thousand, and none of it moves money."""


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
    sums = sums_of(key, [figure], offset_of(reader, [figure]))
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
    if not (is_flow(figure) or figure in sums.values or _figure_of(key, figure)):
        names = ", ".join(each.name for each in FIGURES[key.partition("/")[0]])
        raise LedgerError(
            f"{key} has no figure {figure}; it has {names}; `sunledger trace {key}` lists all"
        )
    return AddedUp(running, events, tuple(page), behind > len(page))


def figures_of(
    reader: Reader,
    key: str,
    home: str,
    wanted: Collection[str] | None = None,
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
    names = None if wanted is None else frozenset(wanted)
    sums = sums_of(key, wanted, offset_of(reader, wanted))
    totals = dict(sums.values)
    for position, changes in _told(reader, home, sums, flows=flows):
        if position in within:
            for name, change in changes.items():
                if is_wanted(name, names) or (flows and is_flow(name)):
                    totals[name] = totals.get(name, 0) + change
    return totals


def is_wanted(name: str, wanted: frozenset[str] | None) -> bool:
    """Return whether a figure is among those wanted: by default all but flows, or by its family."""
    if wanted is None:
        return not is_flow(name)
    if name in wanted:
        return True
    family, _, rest = name.partition("/")
    # By the family, or of one person in it: `person/p-1`.
    return "/" in rest and not wanted.isdisjoint({family, f"{family}/{rest.partition('/')[0]}"})


def offset_of(reader: Reader, wanted: Iterable[str] | None) -> int | None:
    """Return how far local days are ahead of UTC, in minutes, where a figure is by them."""
    if wanted is None or not any(name.partition("/")[0] in VISITED for name in wanted):
        return None
    return parse_offset(opening_of(reader).utc_offset)


def sums_of(
    key: str, wanted: Collection[str] | None = None, offset_minutes: int | None = None
) -> Sums:
    """Return the figures of a subject with nothing added yet.

    Raises:
        LedgerError: there are no figures of this kind.

    """
    kind = key.partition("/")[0]
    if kind not in FIGURES:
        kinds = ", ".join(FIGURES)
        raise LedgerError(f"{key} has no figures; a subject is named KIND/ID, with {kinds} as kind")
    people = {name.split("/")[1] for name in wanted or () if name.startswith("person/")}
    return Sums(
        key,
        flows=True,
        wanted=wanted,
        offset_minutes=offset_minutes,
        people=None if "person" in (wanted or ()) else people,
    )


def _figure_of(key: str, figure: str) -> Figure | None:
    return figure_of(key.partition("/")[0], figure)


def _changes(reader: Reader, home: str, sums: Sums) -> Iterator[tuple[EventRow, dict[str, int]]]:
    """Yield each event of a history that changes a figure, with what it changes."""
    for row, moved in history_with_postings(reader, home, _others(sums)):
        event_type = TYPES[row.type]
        event: Event | None = decode_event(row.body) if sums.is_read(event_type) else None
        changes = sums.add(event_type, event, moved)
        if changes:
            yield row, changes


def _others(sums: Sums) -> frozenset[str]:
    """Return the types of events that change nothing: the many that neither state nor post."""
    return frozenset(name for name in _NEVER_POSTED if not sums.states(TYPES[name]))


def _told(
    reader: Reader, home: str, sums: Sums, *, flows: bool
) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield what each event of a history states, then what each posted: fewer rows are read."""
    if sums.needs_both:
        for row, changes in _changes(reader, home, sums):
            yield row.position, changes
        return
    types = [name for name, each in TYPES.items() if sums.states(each)]
    if types:
        for _, row in history_without(reader, home, frozenset(TYPES) - set(types)):
            event_type = TYPES[row.type]
            event: Any = decode_event(row.body) if sums.is_read(event_type) else None
            yield row.position, sums.add(event_type, event, ())
    if flows or sums.is_booked:
        for position, posted in postings_of(reader, home):
            yield position, sums.add(Event, None, [moved_of(each) for each in posted])

"""A subject's history, read in part: without bulky types, counted by type, with its postings.

Pages are by keyset, as in `ledger.store.reading`; a page costs by what it holds and by the
events of the subject that it passes over.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from ledger.errors import LedgerError
from ledger.events import decode_event
from ledger.events.parties import LedgerOpened
from ledger.figures import Moved
from ledger.store import schema
from ledger.store.reading import PAGE_ROWS, Reader
from ledger.store.rows import EventRow, PostingRow

_event = schema.ledger_event.c
_touch = schema.subject_event.c
_posting = schema.posting.c


class Placed(NamedTuple):
    """An event in a subject's history: `ordinal` is its number there, from 1."""

    ordinal: int
    row: EventRow


class Kind(NamedTuple):
    """How many events of a type there are in a history, and the positions of the ends."""

    count: int  # type: ignore[assignment]  # a number of events outweighs tuple.count
    first: int
    last: int


def history_without(
    reader: Reader, key: str, types: Collection[str] = (), *, start: int = 1
) -> Iterator[Placed]:
    """Read the events that touch a subject, from its `start`-th on, but for some types."""
    found = reader.subject(key)
    while found:
        query = (
            select(schema.ledger_event, _touch.ordinal)
            .join(schema.subject_event, _touch.position == _event.position)
            .where(_touch.subject == found.no, _touch.ordinal >= start)
            .order_by(_touch.ordinal)
            .limit(PAGE_ROWS)
        )
        if types:
            query = query.where(_event.type.not_in(sorted(types)))
        page = reader.fetch(query)
        for row in page:
            yield Placed(row[-1], EventRow(*row[:-1]))
        if len(page) < PAGE_ROWS:
            return
        start = page[-1][-1] + 1


def history_of(
    reader: Reader, key: str, type_name: str, after: int, limit: int
) -> tuple[EventRow, ...]:
    """Read at most `limit` events of one type that touch a subject, behind position `after`."""
    found = reader.subject(key)
    if found is None:
        return ()
    query = (
        select(schema.ledger_event)
        .join(schema.subject_event, _touch.position == _event.position)
        .where(_touch.subject == found.no, _event.type == type_name, _event.position > after)
        .order_by(_touch.ordinal)
        .limit(limit)
    )
    return tuple(EventRow(*row) for row in reader.fetch(query))


def kinds_of(reader: Reader, key: str) -> dict[str, Kind]:
    """Count the events that touch a subject, by type."""
    found = reader.subject(key)
    if found is None:
        return {}
    query = (
        select(_event.type, func.count(), func.min(_event.position), func.max(_event.position))
        .join(schema.subject_event, _touch.position == _event.position)
        .where(_touch.subject == found.no)
        .group_by(_event.type)
    )
    return {row[0]: Kind(*row[1:]) for row in reader.fetch(query)}


def count_after(reader: Reader, key: str, position: int) -> int:
    """Count the events that touch a subject behind `position`."""
    found = reader.subject(key)
    if found is None:
        return 0
    query = select(func.count()).where(_touch.subject == found.no, _touch.position > position)
    count: int = reader.fetch(query)[0][0]
    return count


def subjects_at(reader: Reader, position: int, kind: str) -> tuple[str, ...]:
    """Return the keys of subjects of a kind that the event at `position` touches.

    Cost: a pass over the places of that kind's events, as no index by position is kept.
    """
    query = (
        select(schema.subject.c.key)
        .join(schema.subject_event, _touch.subject == schema.subject.c.no)
        .where(
            schema.subject.c.key >= f"{kind}/",
            schema.subject.c.key < f"{kind}0",  # "0" follows "/"
            _touch.position == position,
        )
    )
    return tuple(key for (key,) in reader.fetch(query))


def home_of(reader: Reader, row: EventRow) -> str:
    """Return the key of an event's home subject."""
    query = select(schema.subject.c.key).where(schema.subject.c.no == row.home)
    return str(reader.fetch(query)[0][0])


def history_with_postings(
    reader: Reader, key: str, types: Collection[str] = ()
) -> Iterator[tuple[EventRow, list[Moved]]]:
    """Read the events that touch a subject, but for some types, each with all that it posted.

    Memory: two pages.
    """
    postings = postings_of(reader, key)
    position, posted = next(postings, (-1, []))
    for _, row in history_without(reader, key, types):
        mine: list[PostingRow] = []
        while -1 < position < row.position:
            position, posted = next(postings, (-1, []))
        if position == row.position:
            mine = posted
            position, posted = next(postings, (-1, []))
        yield row, [moved_of(posting) for posting in mine]


def postings_of(reader: Reader, key: str) -> Iterator[tuple[int, list[PostingRow]]]:
    """Read the postings of the events that touch a subject: each position with its own, in order.

    Only events that post anything are there.
    """
    found = reader.subject(key)
    start = 1
    while found:
        page = (
            select(_touch.ordinal, _touch.position)
            .where(_touch.subject == found.no, _touch.ordinal >= start)
            .order_by(_touch.ordinal)
            .limit(PAGE_ROWS)
            .subquery()
        )
        query = (
            select(schema.posting, page.c.ordinal)
            .join(page, page.c.position == _posting.position)
            .order_by(page.c.ordinal, _posting.ordinal)
        )
        by_position: defaultdict[int, list[PostingRow]] = defaultdict(list)
        for row in reader.fetch(query):
            by_position[row[0]].append(PostingRow(*row[:-1]))
        yield from by_position.items()
        start += PAGE_ROWS
        more = select(_touch.ordinal).where(_touch.subject == found.no, _touch.ordinal == start)
        if not reader.fetch(more):
            return


def events_with_notes(reader: Reader, type_name: str) -> Iterator[tuple[EventRow, bytes, int]]:
    """Read every event of a type with its statement's note, and when that was recorded, in ms."""
    start, statement = 0, schema.statement.c
    while True:
        query = (
            select(schema.ledger_event, statement.note, statement.recorded_ms)
            .join(schema.statement, statement.leaf_index == _event.statement_index)
            .where(_event.position >= start, _event.type == type_name)
            .order_by(_event.position)
            .limit(PAGE_ROWS)
        )
        page = reader.fetch(query)
        for *columns, note, recorded_ms in page:
            yield EventRow(*columns), note, recorded_ms
        if len(page) < PAGE_ROWS:
            return
        start = page[-1][0] + 1


def last_of(reader: Reader, key: str, type_name: str) -> EventRow | None:
    """Read the last event of one type that touches a subject, or None."""
    found = reader.subject(key)
    if found is None:
        return None
    query = (
        select(schema.ledger_event)
        .join(schema.subject_event, _touch.position == _event.position)
        .where(_touch.subject == found.no, _event.type == type_name)
        .order_by(_touch.ordinal.desc())
        .limit(1)
    )
    rows = reader.fetch(query)
    return EventRow(*rows[0]) if rows else None


def opening_of(reader: Reader) -> LedgerOpened:
    """Return the event that opened the ledger.

    Raises:
        LedgerError: the ledger does not begin with it.

    """
    genesis = reader.event_at(0)
    opened = None if genesis is None else decode_event(genesis.body)
    if not isinstance(opened, LedgerOpened):
        raise LedgerError("the ledger does not begin with its opening: verify it")
    return opened


def moved_of(posting: PostingRow) -> Moved:
    """Return a posting as far as figures use it."""
    about = posting.contract or ""
    return Moved(posting.debit, posting.credit, posting.line, about, posting.amount_fen)


def uuid_of(row: EventRow) -> str:
    """Return an event's id as it is written."""
    return str(UUID(bytes=row.id))


def ids_after(reader: Reader, key: str, position: int, limit: int = 20) -> list[str]:
    """Return the ids of the first events behind `position` that touch a subject."""
    found = reader.subject(key)
    if found is None:
        return []
    query = (
        select(_event.id)
        .join(schema.subject_event, _touch.position == _event.position)
        .where(_touch.subject == found.no, _touch.position > position)
        .order_by(_touch.ordinal)
        .limit(limit)
    )
    return [str(UUID(bytes=event_id)) for (event_id,) in reader.fetch(query)]


def keys_of(reader: Reader, kind: str) -> tuple[str, ...]:
    """Return the keys of all subjects of a kind, in the order in which they began."""
    query = (
        select(schema.subject.c.key)
        .where(
            schema.subject.c.key >= f"{kind}/",
            schema.subject.c.key < f"{kind}0",  # "0" follows "/"
        )
        .order_by(schema.subject.c.no)
    )
    return tuple(key for (key,) in reader.fetch(query))

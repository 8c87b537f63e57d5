"""The journal of a ledger's database.

Everything is read from the ledger up to where it was when the reading began, page by page; memory
is that of a page and a balance for each account of each line.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from sqlalchemy import select, tuple_

from ledger.events import Event, decode_event
from ledger.events.parties import RoleGranted, RoleRevoked
from ledger.statement import parse_statement
from ledger.store import schema
from ledger.store.histories import opening_of
from ledger.store.pages import events_at, statements_at
from ledger.store.rows import EventRow, PostingRow
from ledger.store.store import Store
from ledger.times import parse_offset
from projections.journal.roles import Roles
from projections.journal.rows import Balances, JournalRow, Moved, Signed, signed_of
from projections.model import types

PAGE_POSTINGS = 1_000
"""Postings read at once."""

_posting = schema.posting.c
_touch = schema.subject_event.c
_event = schema.ledger_event.c
_ABOUT_ROLES = types(RoleGranted, RoleRevoked)


def journal(
    store: Store, line: str | None = None, *, stop: int | None = None
) -> Iterator[JournalRow]:
    """Yield the rows of all postings, or of one fund line's, in the order of the ledger.

    Before position `stop`, else as far as the ledger goes now.

    Raises:
        LedgerError: the ledger does not begin with its opening.
        StoreUnavailable: the ledger cannot be read.

    """
    stop = store.head().positions if stop is None else stop
    opened = opening_of(store)
    roles, balances = Roles(RoleEvents(store)), Balances(parse_offset(opened.utc_offset))
    roles.see(0, opened)
    start = (0, 0)
    while True:
        postings = _postings(store, line, start, stop)
        events = {row.position: row for row in events_at(store, [p.position for p in postings])}
        signed = _signed(store, events)
        for position, rows in groupby(postings, key=itemgetter(0)):
            event, moved = events[position], [Moved(*row[1:]) for row in rows]
            by = signed[event.statement_index]
            yield from balances.rows(position, event.body, by, roles, moved)
        if len(postings) < PAGE_POSTINGS:
            return
        start = (postings[-1].position, postings[-1].ordinal + 1)


class RoleEvents:
    """Finds the events about a party's roles in a database."""

    def __init__(self, store: Store) -> None:
        """Find them in `store`."""
        self._store = store

    def __call__(self, party: str) -> Iterator[tuple[int, Event]]:
        """Yield them in order, but for the ledger's opening."""
        subject = self._store.subject(f"party/{party}")
        if subject is None:
            return
        query = (
            select(_event.position, _event.body)
            .join(schema.subject_event, _touch.position == _event.position)
            .where(_touch.subject == subject.no, _event.type.in_(sorted(_ABOUT_ROLES)))
            .order_by(_touch.ordinal)
        )
        for position, body in self._store.fetch(query):
            yield position, decode_event(body)


def _postings(
    store: Store, line: str | None, start: tuple[int, int], stop: int
) -> Sequence[PostingRow]:
    query = (
        select(schema.posting)
        .where(tuple_(_posting.position, _posting.ordinal) >= start, _posting.position < stop)
        .order_by(_posting.position, _posting.ordinal)
        .limit(PAGE_POSTINGS)
    )
    if line is not None:
        query = query.where(_posting.line == line)
    return [PostingRow(*row) for row in store.fetch(query)]


def _signed(store: Store, events: dict[int, EventRow]) -> dict[int, Signed]:
    found = statements_at(store, [event.statement_index for event in events.values()])
    return {
        index: signed_of(index, row.recorded_ms, parse_statement(row.note))
        for index, row in found.items()
    }

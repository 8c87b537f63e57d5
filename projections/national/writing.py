"""From a ledger's database to columns."""

import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from ledger.errors import LedgerError
from ledger.merkle import leaf_hash
from ledger.store.pages import subject_key
from ledger.store.reading import Reader
from ledger.store.rows import PostingRow
from projections.national.columns import ColumnEvent, ColumnPosting, Columns, ColumnWriter

KEYS_KEPT = 1 << 16
"""Keys of subjects that are remembered: those of a month of a city."""


def export_columns(store: Reader, folder: Path) -> Columns:
    """Write all of a ledger as columns, up to its newest checkpoint.

    The folder appears under its name only when it is whole. Cost: one pass; memory: some row
    groups.

    Raises:
        LedgerError: the folder exists, or there is nothing to write.
        StoreUnavailable: the database cannot be read.

    """
    if folder.exists():
        raise LedgerError(f"{folder} exists already: name a folder that does not")
    head = store.head()
    newest = store.checkpoint_over(head.size - 1)
    if newest is None:
        raise LedgerError("the ledger has no checkpoint: there is nothing to write")
    # If we stop half-way, what is left bears another name and is thrown away by the next try.
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    writer = ColumnWriter(unfinished, head.origin)
    try:
        _write(store, writer, newest.size)
        columns = writer.finish(newest.note)
    finally:
        writer.close()
    unfinished.rename(folder)
    return columns


def _write(store: Reader, writer: ColumnWriter, size: int) -> None:
    key_of = lru_cache(KEYS_KEPT)(lambda number: subject_key(store, number))
    postings = _Ahead(store.postings())
    for row, events in store.entries(0, size):
        first = row.first_position
        columns = [
            ColumnEvent(
                str(UUID(bytes=event.id)),
                event.type,
                key_of(event.home),
                event.body,
                leaf_hash(event.body),
            )
            for event in events
        ]
        moved = [
            ColumnPosting(
                each.position - first,
                each.ordinal,
                each.debit,
                each.credit,
                each.line,
                each.contract or "",
                each.amount_fen,
            )
            for each in postings.below(first + row.event_count)
        ]
        writer.add(row.recorded_ms, row.note, row.leaf, columns, moved)


class _Ahead:
    """Postings in order, taken as far as they are asked for."""

    def __init__(self, postings: Iterator[PostingRow]) -> None:
        self._postings = postings
        self._next = next(postings, None)

    def below(self, position: int) -> Iterator[PostingRow]:
        """Yield those of the events below a position."""
        while self._next is not None and self._next.position < position:
            yield self._next
            self._next = next(self._postings, None)

"""Which keys signed a statement, asked for one statement after the other.

Notes are read many at once, and only the lines below their text are looked at: what was admitted
is a statement. A key's name, `<party>/<label>`, is used once, ever, so it is the key.
"""

from sqlalchemy import select

from ledger.store import schema
from ledger.store.store import Store

_AT_ONCE = 200
"""Notes read at once: a page of them is read for little more than one."""

_statement = schema.statement.c


class Notes:
    """The last notes read of a store. Safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        """Read from `store`, which stays the caller's to close."""
        self._store = store
        self._read: tuple[int, list[bytes]] = (0, [])

    def signed_by(self, statement_index: int) -> tuple[str, ...] | None:
        """Return the names of the keys that signed a statement, sorted; None if it is missing.

        Cost: some 3 µs where statements are asked for in order.
        """
        first, notes = self._read  # one look: another thread may put others in their place
        if not 0 <= statement_index - first < len(notes):
            first, notes = statement_index, self._from(statement_index)
            if not notes:
                return None
            self._read = first, notes
        _, _, lines = notes[statement_index - first].rpartition(b"\n\n")
        return tuple([line.split(b" ", 2)[1].decode() for line in lines.splitlines()])

    def _from(self, first: int) -> list[bytes]:
        query = (
            select(_statement.leaf_index, _statement.note)
            .where(_statement.leaf_index >= first, _statement.leaf_index < first + _AT_ONCE)
            .order_by(_statement.leaf_index)
        )
        notes: list[bytes] = []
        for index, note in self._store.fetch(query):
            if index != first + len(notes):
                break
            notes.append(note)
        return notes

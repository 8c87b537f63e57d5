"""A database from which proofs are made (`ledger.proof`)."""

from ledger.cosigned import newest_cosigned
from ledger.errors import LedgerError
from ledger.events import decode_event
from ledger.merkle import Subtree
from ledger.opening import vkey_of
from ledger.policy import Policy
from ledger.proof import Located
from ledger.receipts import stored_subtree
from ledger.statement import encode_entry, split_key_name
from ledger.store.reading import Reader
from ledger.store.rows import EventRow

_ENROLLING = frozenset({"ledger.opened", "key.enrolled", "key.recovered"})
_UUID_HEX = 32


class StoreEvidence:
    """A ledger's database: an event is found by its id, a key in its party's history."""

    def __init__(self, store: Reader, policy: Policy | None = None) -> None:
        """Make proofs from `store`, for readers with `policy`."""
        self._store = store
        self._policy = policy

    def checkpoint(self, index: int) -> bytes:
        """Return the newest cosigned checkpoint over statement `index`, else the newest.

        Raises:
            LedgerError: there is none yet.

        """
        cosigned = newest_cosigned(self._store, index, self._policy)
        note = self._store.checkpoint() if cosigned is None else cosigned.note
        if note is None:
            raise LedgerError("the ledger has no checkpoint yet")
        return note

    def subtree(self, size: int) -> Subtree:
        """Return the reader of subtrees' hashes."""
        return stored_subtree(self._store, size)

    def locate(self, event_id: str) -> Located | None:
        """Find an event, by the text of its id."""
        digits = event_id.replace("-", "")
        if len(digits) != _UUID_HEX or not digits.isalnum() or not digits.isascii():
            return None
        try:
            row = self._store.event(bytes.fromhex(digits))
        except ValueError:
            return None
        return None if row is None else self._located(row)

    def locate_key(self, vkey_name: str) -> Located | None:
        """Find the event that enrolled a key, given by its name."""
        party, _ = split_key_name(vkey_name)
        for key in (f"party/{party}", "ledger/main"):
            for row in self._store.history(key):
                if row.type in _ENROLLING and vkey_of(decode_event(row.body), vkey_name):
                    return self._located(row)
        return None

    def _located(self, row: EventRow) -> Located:
        statement = self._store.statement(row.statement_index)
        if statement is None:
            raise LedgerError(f"statement {row.statement_index} is missing: verify the ledger")
        events = self._store.events(
            statement.first_position, statement.first_position + statement.event_count
        )
        bodies = tuple(event.body for event in events)
        entry = encode_entry(statement.recorded_ms, statement.note)
        return Located(statement.index, entry, bodies, row.position - statement.first_position)

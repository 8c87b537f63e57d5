"""An archive from which proofs are made (`ledger.proof`); no database is needed."""

from collections.abc import Callable

from ledger.archive import Archive
from ledger.errors import LedgerError
from ledger.events import Event, decode_event
from ledger.merkle import Subtree
from ledger.opening import vkey_of
from ledger.proof import Located
from ledger.statement import decode_entry, parse_statement
from ledger.tlog import subtree_of_tiles


class ArchiveEvidence:
    """An archive from which proofs are made. It is read from its beginning to find an event."""

    def __init__(self, archive: Archive) -> None:
        """Make proofs from `archive`."""
        self._archive = archive

    def checkpoint(self, index: int) -> bytes:  # noqa: ARG002 (it covers every statement here)
        """Return the archive's checkpoint, a note."""
        return self._archive.checkpoint

    def subtree(self, size: int) -> Subtree:
        """Return the reader of complete subtrees' hashes in the log of `size` statements."""
        return subtree_of_tiles(size, self._archive.tile)

    def locate(self, event_id: str) -> Located | None:
        """Find an event, by the text of its id."""
        return self._find(event_id, lambda event: event.id == event_id)

    def locate_key(self, vkey_name: str) -> Located | None:
        """Find the event that enrolled a key, given by its name."""
        return self._find(f'"{vkey_name}+', lambda event: vkey_of(event, vkey_name) is not None)

    def _find(self, text: str, is_it: Callable[[Event], bool]) -> Located | None:
        sought = text.encode()
        for index, entry, bodies in self._archive.statements():
            for number, body in enumerate(bodies):
                # Only what holds the text is worth decoding.
                if sought in body and is_it(decode_event(body)):
                    if len(bodies) != parse_statement(decode_entry(entry)[1]).event_count:
                        raise LedgerError(
                            f"events beside {text} are withheld: no proof is possible"
                        )
                    return Located(index, entry, bodies, number)
        return None

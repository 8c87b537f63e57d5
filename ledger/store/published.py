"""What a log publishes: its newest checkpoint, tiles and entry bundles (C2SP tlog-tiles).

The store keeps leaves and complete tiles; a partial tile is made of those. A tile of one width
never changes, so whoever has it need not ask again, and a client that asks for the widths of a
checkpoint's size finds them however far the log has gone on.
"""

import functools

from sqlalchemy import select

from ledger.merkle import HASH_SIZE, root_of
from ledger.statement import encode_entry
from ledger.store import schema
from ledger.store.reading import Reader
from ledger.tlog import TILE_HEIGHT, TILE_WIDTH, bundle_entries, split_tile

ROOTS = 1 << 16
"""Roots of complete tiles kept in memory, 10 MB: one level's partial tile has 255 of them, each
some tenths of a millisecond to hash."""

_statement = schema.statement.c


class Published:
    """The published log of a store. Safe to use from several threads."""

    def __init__(self, store: Reader) -> None:
        """Publish what `store` holds."""
        self._store = store
        self._root = functools.lru_cache(ROOTS)(self._hash_tile)

    def checkpoint(self) -> bytes | None:
        """Return the newest checkpoint, with its cosignatures where it has any; None before it."""
        newest = self._store.checkpoint_over(self._store.head().size - 1)
        if newest is None:
            return None
        cosigned = self._store.cosigned_over(newest.size - 1, 1, newest=True)
        return cosigned[0].note if cosigned else newest.note

    def tile(self, level: int, n: int, width: int) -> bytes | None:
        """Return the first `width` hashes of a tile; None where the log is not that wide.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        start = n * TILE_WIDTH
        if start + width > self._store.head().size >> TILE_HEIGHT * level:
            return None
        if width == TILE_WIDTH or level:
            whole = self._store.tile(level, n)
            if whole is not None:
                return whole[: width * HASH_SIZE]
        if level:
            hashes = [self._root(level - 1, below) for below in range(start, start + width)]
        else:
            hashes = self._store.leaves(start, start + width)
        return b"".join(hashes)

    def bundle(self, n: int, width: int) -> bytes | None:
        """Return the first `width` entries of a bundle; None where the log is not that wide.

        Raises:
            StoreUnavailable: the database cannot be read.

        """
        start = n * TILE_WIDTH
        if start + width > self._store.head().size:
            return None
        index = _statement.leaf_index
        query = select(_statement.recorded_ms, _statement.note).order_by(index)
        rows = self._store.fetch(query.where(index >= start, index < start + width))
        return bundle_entries([encode_entry(*row) for row in rows])

    def _hash_tile(self, level: int, n: int) -> bytes:
        """Return the root over a complete tile."""
        return root_of(split_tile(self._store.tile(level, n) or b"", TILE_WIDTH))

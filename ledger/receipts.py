"""Receipts: proof that a statement is in the log, given again byte for byte.

A receipt is a C2SP tlog-proof file. Its `extra` is the entry's `recorded` line, so that with its
own `.stmt` file a party rebuilds the entry, hence the leaf. It is made for the first checkpoint
that covers the statement; every published checkpoint is kept, so it never changes.
"""

from ledger.errors import LedgerError
from ledger.merkle import HASH_SIZE, Subtree, prove_inclusion, root_of
from ledger.statement import encode_entry
from ledger.store.reading import Reader
from ledger.tlog import TILE_WIDTH, TlogProof

_TILE_HEIGHT = 8
"""Levels of the tree that one tile spans: 2^8 hashes."""


def receipt_proof(store: Reader, index: int) -> bytes:
    """Return the receipt of statement `index` as a tlog-proof file.

    Raises:
        LedgerError: there is no such statement.

    """
    row = store.statement(index)
    checkpoint = store.checkpoint_over(index)
    if row is None or checkpoint is None:
        raise LedgerError(f"there is no statement {index} in this ledger")
    entry = encode_entry(row.recorded_ms, row.note)
    recorded, newline, _ = entry.partition(b"\n")
    path = prove_inclusion(index, checkpoint.size, subtree_reader(store))
    return TlogProof(
        extra=recorded + newline,
        index=index,
        path=tuple(path),
        checkpoint=checkpoint.note,
    ).encode()


def subtree_reader(store: Reader) -> Subtree:
    """Return a reader of complete subtrees' hashes: from tiles, and from leaves at the edge."""

    def subtree(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, _TILE_HEIGHT)
        first, last = index << height, (index + 1) << height
        n, offset = divmod(first, TILE_WIDTH)
        tile = store.tile(tile_level, n)
        if tile is not None:
            return root_of(_hashes(tile)[offset : offset + last - first])
        if tile_level == 0:
            return root_of(store.leaves(first, last))
        # The right edge of an upper level: each of its hashes is the root of a complete tile.
        return root_of(
            [root_of(_hashes(_tile(store, tile_level - 1, i))) for i in range(first, last)]
        )

    return subtree


def _tile(store: Reader, level: int, n: int) -> bytes:
    tile = store.tile(level, n)
    if tile is None:
        raise LedgerError(f"the store lacks the complete tile {n} of level {level}")
    return tile


def _hashes(tile: bytes) -> list[bytes]:
    return [tile[i : i + HASH_SIZE] for i in range(0, len(tile), HASH_SIZE)]

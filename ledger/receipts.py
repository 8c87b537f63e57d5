"""Receipts: proof that a statement is in the log, given again byte for byte.

A receipt is a C2SP tlog-proof file. Its `extra` is the entry's `recorded` line, so that with its
own `.stmt` file a party rebuilds the entry, hence the leaf. It is made for the first checkpoint
that covers the statement and that witnesses cosigned as a policy asks; until there is one, for the
first that covers it. Every published checkpoint is kept, so either never changes, and a receipt
given before the witnesses were asked stays true.
"""

from ledger.cosigned import first_cosigned
from ledger.errors import LedgerError
from ledger.merkle import Subtree, prove_inclusion, root_of
from ledger.policy import Policy
from ledger.statement import encode_entry
from ledger.store.reading import Reader
from ledger.tlog import TILE_WIDTH, TlogProof, split_tile, subtree_of_tiles


def receipt_proof(store: Reader, index: int, policy: Policy | None = None) -> bytes:
    """Return the receipt of statement `index` as a tlog-proof file, for readers with `policy`.

    Raises:
        LedgerError: there is no such statement.

    """
    row = store.statement(index)
    checkpoint = first_cosigned(store, index, policy) or store.checkpoint_over(index)
    if row is None or checkpoint is None:
        raise LedgerError(f"there is no statement {index} in this ledger")
    recorded, newline, _ = encode_entry(row.recorded_ms, row.note).partition(b"\n")
    path = prove_inclusion(index, checkpoint.size, stored_subtree(store, checkpoint.size))
    return TlogProof(
        extra=recorded + newline, index=index, path=tuple(path), checkpoint=checkpoint.note
    ).encode()


def stored_subtree(store: Reader, tree_size: int) -> Subtree:
    """Return the reader of subtrees' hashes in the log's first `tree_size` entries.

    The store keeps leaves and complete tiles; a partial tile follows from what is below it.
    """

    def read_tile(level: int, n: int, width: int) -> bytes:
        if width == TILE_WIDTH:
            return _complete_tile(store, level, n)
        first = n * TILE_WIDTH
        if level == 0:
            return b"".join(store.leaves(first, first + width))
        below = [_complete_tile(store, level - 1, i) for i in range(first, first + width)]
        return b"".join([root_of(split_tile(tile, TILE_WIDTH)) for tile in below])

    return subtree_of_tiles(tree_size, read_tile)


def _complete_tile(store: Reader, level: int, n: int) -> bytes:
    tile = store.tile(level, n)
    if tile is None:
        raise LedgerError(f"the store lacks the complete tile {n} of level {level}")
    return tile

"""Tiles as the log grows: complete ones are given out once, partial ones are kept as a tail.

A tile of level L holds 256 hashes of complete subtrees of 256^L leaves (C2SP tlog-tiles).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

from ledger.errors import Unverified
from ledger.merkle import HASH_SIZE, Tree, root_of
from ledger.tlog import TILE_WIDTH

Leaves = Callable[[int, int], Sequence[bytes]]
"""`(start, stop)` → the leaf hashes [start, stop) of a log."""
Tiles = Callable[[int, int], bytes | None]
"""`(level, n)` → the hashes of a complete tile of a log, or None where it is not at hand."""
_TILE_BITS = TILE_WIDTH.bit_length() - 1


class Tile(NamedTuple):
    """A tile.

    Attributes:
        level: 0 for leaves, L for subtrees of 256^L leaves.
        n: its place among the tiles of its level.
        hashes: 256 hashes, 8,192 bytes; fewer in a partial tile.

    """

    level: int
    n: int
    hashes: bytes


class Tiling:
    """The right edge of a log's tiles."""

    def __init__(self, tails: Sequence[Sequence[bytes]] = (), complete: Sequence[int] = ()) -> None:
        """Begin with the hashes of each level's partial tile and the number of complete ones."""
        self._tails = [list(tail) for tail in tails]
        self._complete = list(complete)

    @classmethod
    def at(cls, size: int, leaves: Leaves, tiles: Tiles) -> Self:
        """Return the right edge of a log of `size` leaves, from its leaves and complete tiles.

        Cost: at most 255 leaves, and 255 tiles a level above the lowest.

        Raises:
            Unverified: a leaf or a tile is missing.

        """
        tails: list[list[bytes]] = []
        complete: list[int] = []
        count = size
        while count:
            whole = count // TILE_WIDTH
            start = whole * TILE_WIDTH
            if not tails:
                tail = list(leaves(start, count))
            else:
                below = len(tails) - 1
                tail = [_root_of_tile(tiles(below, n)) for n in range(start, count)]
            if len(tail) != count - start:
                raise Unverified(f"of a log of {size} leaves some at its end are missing")
            tails.append(tail)
            complete.append(whole)
            count = whole
        return cls(tails, complete)

    def tree(self) -> Tree:
        """Return the tree over all leaves so far."""
        peaks, size = [], 0
        for level, tail in reversed(list(enumerate(self._tails))):
            start = 0
            for bit in reversed(range(_TILE_BITS)):
                if len(tail) & 1 << bit:
                    peaks.append(root_of(tail[start : start + (1 << bit)]))
                    start += 1 << bit
            size += len(tail) << _TILE_BITS * level
        return Tree(size, peaks)

    def append(self, leaf_hash: bytes) -> list[Tile]:
        """Add a leaf; return the tiles that it completes, lowest level first."""
        tiles: list[Tile] = []
        level, carried = 0, leaf_hash
        while True:
            if level == len(self._tails):
                self._tails.append([])
                self._complete.append(0)
            tail = self._tails[level]
            tail.append(carried)
            if len(tail) < TILE_WIDTH:
                return tiles
            tiles.append(Tile(level, self._complete[level], b"".join(tail)))
            carried = root_of(tail)
            self._tails[level] = []
            self._complete[level] += 1
            level += 1

    def partial(self) -> list[Tile]:
        """Return the tiles that are not complete, lowest level first."""
        return [
            Tile(level, complete, b"".join(tail))
            for level, (complete, tail) in enumerate(zip(self._complete, self._tails, strict=True))
            if tail
        ]

    def copy(self) -> Self:
        """Return an independent copy, to come back to."""
        return type(self)(self._tails, self._complete)


def _root_of_tile(hashes: bytes | None) -> bytes:
    """Return the root over a complete tile's hashes."""
    if hashes is None or len(hashes) != TILE_WIDTH * HASH_SIZE:
        raise Unverified("a tile of the log is missing or cut short")
    return root_of([hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)])

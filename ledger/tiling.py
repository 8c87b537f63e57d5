"""Tiles as the log grows: complete ones are given out once, partial ones are kept as a tail.

A tile of level L holds 256 hashes of complete subtrees of 256^L leaves (C2SP tlog-tiles).
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

from ledger.merkle import root_of
from ledger.tlog import TILE_WIDTH


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

"""The right edge of a log's tiles, grown leaf by leaf or read back from what was stored."""

import hashlib

import pytest

from ledger.errors import Unverified
from ledger.merkle import Tree
from ledger.tiling import Tiling

SIZES = (0, 1, 255, 256, 257, 511, 512, 1_000, 65_535, 65_536, 65_537, 65_792, 66_000)


class Log:
    """A log's leaves and the tiles it gave out, as a store keeps them."""

    def __init__(self) -> None:
        """Begin empty."""
        self.tiling, self.tree = Tiling(), Tree()
        self.hashes: list[bytes] = []
        self.tiles: dict[tuple[int, int], bytes] = {}

    def grow(self, size: int) -> None:
        """Append leaves up to `size`."""
        while len(self.hashes) < size:
            leaf = hashlib.sha256(len(self.hashes).to_bytes(4)).digest()
            self.hashes.append(leaf)
            self.tree.append(leaf)
            self.tiles |= {(level, n): data for level, n, data in self.tiling.append(leaf)}

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Return leaf hashes."""
        return self.hashes[start:stop]

    def tile(self, level: int, n: int) -> bytes | None:
        """Return a complete tile."""
        return self.tiles.get((level, n))


def test_a_right_edge_that_was_read_back_goes_on_as_one_that_grew() -> None:
    """At sizes around those where tiles of each level are complete; the tree is the same too."""
    log = Log()
    for size in SIZES:
        log.grow(size)
        read = Tiling.at(size, log.leaves, log.tile)
        assert read.partial() == log.tiling.partial()
        assert (read.tree().size, read.tree().peaks) == (size, log.tree.peaks)
        grown = log.tiling.copy()
        for number in range(600):
            leaf = number.to_bytes(32)
            assert read.append(leaf) == grown.append(leaf)


def test_what_is_missing_is_said() -> None:
    """Without one of its leaves, or with a tile missing or cut short, there is no right edge."""
    log = Log()
    log.grow(600)
    with pytest.raises(Unverified, match="missing"):
        Tiling.at(601, log.leaves, log.tile)
    whole = log.tiles.pop((0, 1))
    with pytest.raises(Unverified, match="missing or cut short"):
        Tiling.at(600, log.leaves, log.tile)
    log.tiles[0, 1] = whole[:-1]
    with pytest.raises(Unverified, match="missing or cut short"):
        Tiling.at(600, log.leaves, log.tile)

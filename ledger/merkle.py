"""The Merkle tree of RFC 6962 and RFC 9162 over SHA-256: roots, proofs and their checks.

A tree over n leaves commits to each of them and to their order:

    leaf hash   SHA-256(0x00 ‖ data)
    node hash   SHA-256(0x01 ‖ left ‖ right)
    root        of no leaf SHA-256 of nothing; of one leaf its leaf hash; of n > 1 leaves the node
                over the first k and the other n − k, k the largest power of two below n

                         root of 7
                 ┌──────────┴──────────┐
             [0, 4)                  [4, 7)                 complete subtrees are named
          ┌─────┴─────┐           ┌─────┴─────┐             (level, index): (2, 0) is
       [0, 2)      [2, 4)      [4, 6)         6             [0, 4), (1, 2) is [4, 6),
       ┌─┴─┐       ┌─┴─┐       ┌─┴─┐                        (0, 6) is leaf 6
       0   1       2   3       4   5

Three ways to a root, by what is at hand: `root_of` from all leaf hashes at once (a statement's
events), `Tree` from a stream in constant memory (the log), and the proofs from a function that
returns the hash of any complete subtree (tiles).

A proof is a list of hashes, leaf end first, as RFC 9162 orders them. `prove_…` make one, `check_…`
raise `Unverified` unless it holds (the algorithms of RFC 9162, 2.1.3.2 and 2.1.4.2). The inclusion
proof of leaf 4 in the tree above is [leaf 5, leaf 6, (2, 0)]; the consistency proof from size 3 to
size 7 is [leaf 2, leaf 3, (1, 0), [4, 7)].

Leaf hashes come in, not leaves: whoever hashes once need not hash again. Sizes and indexes are
unbounded integers. Costs: `root_of` n − 1 hashes, `Tree.append` one on average, a proof or a check
about log2 n.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Self

from ledger.errors import Unverified

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

Subtree = Callable[[int, int], bytes]
"""`(level, index)` → hash of the complete subtree over leaves [index << level, (index+1) << level).

It is called only for subtrees that are complete in the tree a proof is asked for.
"""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf's data."""
    return sha256(b"\x00" + data).digest()


def leaf_hashes(datas: Sequence[bytes]) -> list[bytes]:
    """Return the hash of each leaf, for less than as many calls of `leaf_hash`."""
    return [sha256(b"\x00" + data).digest() for data in datas]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two subtrees given by their hashes."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root of the tree over `leaf_hashes`."""
    hasher = sha256
    level = leaf_hashes
    while (count := len(level)) > 1:
        nodes = iter(level)
        # Neighbours pair up by drawing twice from one iterator; an odd last one moves up as it is,
        # which level by level gives the same tree as splitting at the largest power of two.
        pairs = zip(nodes, nodes, strict=False)
        above = [hasher(b"\x01" + left + right).digest() for left, right in pairs]
        if count & 1:
            above.append(level[-1])
        level = above
    return level[0] if level else EMPTY_ROOT


class Tree:
    """A growing tree that keeps only its peaks: the roots of its complete subtrees.

    A tree of 7 = 4 + 2 + 1 leaves has three peaks, the largest first. Appending merges peaks of
    one size like carries in binary addition. `Tree(size, peaks)` resumes where another left off.
    """

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Begin empty, or resume at `size` leaves with the `peaks` of that tree.

        Raises:
            ValueError: the number of peaks does not belong to that size.

        """
        if size < 0 or len(peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves does not have {len(peaks)} peaks")
        self._size = size
        self._peaks = list(peaks)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """Roots of the complete subtrees, the largest first: one for each bit set in `size`."""
        return tuple(self._peaks)

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf, given by its hash, at the end."""
        size = self._size
        self._size = size + 1
        peaks = self._peaks
        while size & 1:
            leaf_hash = sha256(b"\x01" + peaks.pop() + leaf_hash).digest()
            size >>= 1
        peaks.append(leaf_hash)

    def root(self) -> bytes:
        """Return the root of the tree as it is now."""
        return _fold(self._peaks)

    def copy(self) -> Self:
        """Return an independent tree of the same leaves."""
        return type(self)(self._size, self._peaks)


def prove_inclusion_among(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the inclusion proof of leaf `index` in the tree over `leaf_hashes`.

    Raises:
        IndexError: there is no such leaf.

    """
    return prove_inclusion(
        index,
        len(leaf_hashes),
        lambda level, n: root_of(leaf_hashes[n << level : (n + 1) << level]),
    )


def prove_inclusion(index: int, tree_size: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree of the first `tree_size` leaves.

    Raises:
        IndexError: there is no such leaf.

    """
    if not 0 <= index < tree_size:
        raise IndexError(f"a tree of {tree_size} leaves has no leaf {index}")
    path = []
    start, end = 0, tree_size
    while end - start > 1:  # down from the root to the leaf; at each node the other side is proof
        middle = _middle(start, end)
        if index < middle:
            path.append(_range_root(middle, end, subtree))
            end = middle
        else:
            path.append(_range_root(start, middle, subtree))
            start = middle
    path.reverse()
    return path


def prove_consistency(size1: int, size2: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that the tree of `size2` leaves begins with the tree of `size1` leaves.

    Raises:
        ValueError: not 1 <= size1 <= size2; there is no proof from an empty tree.

    """
    if not 1 <= size1 <= size2:
        raise ValueError(f"there is no consistency proof from size {size1} to size {size2}")
    path = []
    start, end = 0, size2
    while size1 != end:  # down along the last leaf of the smaller tree (RFC 6962, SUBPROOF)
        middle = _middle(start, end)
        if size1 <= middle:
            path.append(_range_root(middle, end, subtree))
            end = middle
        else:
            path.append(_range_root(start, middle, subtree))
            start = middle
    if start:  # else the smaller tree is itself a complete subtree, whose root the checker knows
        path.append(_range_root(start, end, subtree))
    path.reverse()
    return path


def check_inclusion(
    leaf_hash: bytes, index: int, tree_size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf with `leaf_hash` is number `index` in the tree with `root`.

    Raises:
        Unverified: the proof does not show it.

    """
    if not 0 <= index < tree_size:
        raise Unverified(f"a tree of {tree_size} leaves has no leaf {index}")
    _check_hashes([leaf_hash, *path])
    node, last = index, tree_size - 1
    computed = leaf_hash
    for sibling in path:
        if last == 0:
            raise Unverified("the inclusion proof is too long")
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:  # a last node without sibling moves up as it is
                node >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, sibling)
        node >>= 1
        last >>= 1
    if last:
        raise Unverified("the inclusion proof is too short")
    if computed != root:
        raise Unverified(f"the proof of leaf {index} leads to another root at size {tree_size}")


def check_consistency(
    size1: int, root1: bytes, size2: int, root2: bytes, path: Sequence[bytes]
) -> None:
    """Check that the tree (`size2`, `root2`) begins with the tree (`size1`, `root1`).

    Raises:
        Unverified: the proof does not show it; an empty tree is consistent with nothing, since its
            root commits to nothing.

    """
    if not 1 <= size1 <= size2:
        raise Unverified(f"no proof leads from tree size {size1} to tree size {size2}")
    if size1 == size2:
        if path:
            raise Unverified("the consistency proof of one size with itself must be empty")
        if root1 != root2:
            raise Unverified(f"there are two roots of tree size {size1}")
        return
    _check_hashes(path)
    computed1, computed2 = _roots_from(size1, root1, size2, path)
    if computed1 != root1:
        raise Unverified(f"the consistency proof leads to another root at size {size1}")
    if computed2 != root2:
        raise Unverified(f"the consistency proof leads to another root at size {size2}")


def _roots_from(size1: int, root1: bytes, size2: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return both roots that a consistency path leads to, for 0 < size1 < size2.

    `root1` begins the path where the smaller tree is a complete subtree of the larger one.
    """
    complete = size1 & (size1 - 1) == 0
    hashes = iter([root1, *path] if complete else path)
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node >>= 1
        last >>= 1
    first = next(hashes, None)
    if first is None:
        raise Unverified("the consistency proof is empty")
    computed1 = computed2 = first
    for sibling in hashes:
        if last == 0:
            raise Unverified("the consistency proof is too long")
        if node & 1 or node == last:
            computed1 = node_hash(sibling, computed1)
            computed2 = node_hash(sibling, computed2)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            computed2 = node_hash(computed2, sibling)
        node >>= 1
        last >>= 1
    if last:
        raise Unverified("the consistency proof is too short")
    return computed1, computed2


def _check_hashes(path: Sequence[bytes]) -> None:
    """Raise Unverified unless every element of a proof is as long as a hash."""
    if any(len(element) != HASH_SIZE for element in path):
        raise Unverified(f"a proof holds a hash that is not {HASH_SIZE} bytes long")


def _middle(start: int, end: int) -> int:
    """Return where a tree over leaves [start, end) divides: start + a power of two < end."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _range_root(start: int, end: int, subtree: Subtree) -> bytes:
    """Return the root over leaves [start, end), where a tree divides: `start` is aligned to it."""
    peaks = []
    while start < end:
        level = (end - start).bit_length() - 1
        peaks.append(subtree(level, start >> level))
        start += 1 << level
    return _fold(peaks)


def _fold(peaks: Sequence[bytes]) -> bytes:
    """Return the root of a tree given by its peaks, the largest first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in peaks[-2::-1]:
        root = sha256(b"\x01" + peak + root).digest()
    return root

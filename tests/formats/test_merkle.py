"""The tree against a naive RFC 6962, and the published proof vectors."""

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import needs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import merkle
from ledger.errors import Unverified

LARGEST = 70  # beyond 64, so that every carry of a six-level tree happens
LEAVES = [merkle.leaf_hash(b"leaf %d" % n) for n in range(LARGEST)]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = naive_middle(len(leaves))
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = naive_middle(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], *, b: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2."""
    if m == len(leaves):
        return [] if b else [naive_root(leaves)]
    k = naive_middle(len(leaves))
    if m <= k:
        return [*naive_subproof(m, leaves[:k], b=b), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], b=False), naive_root(leaves[:k])]


def naive_middle(n: int) -> int:
    """Return the largest power of two below n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def subtree(level: int, index: int) -> bytes:
    """Return the hash of a complete subtree of LEAVES; fail when it is not complete."""
    span = LEAVES[index << level : (index + 1) << level]
    assert len(span) == 1 << level
    return naive_root(span)


ROOTS = [naive_root(LEAVES[:size]) for size in range(LARGEST + 1)]


def test_hashes_are_those_of_the_rfc() -> None:
    """Empty root, leaf and node hashes, written out."""
    assert sha256(b"").digest() == merkle.EMPTY_ROOT
    assert merkle.leaf_hash(b"") == sha256(b"\x00").digest()
    assert merkle.leaf_hash(b"abc") == sha256(b"\x00abc").digest()
    left, right = LEAVES[:2]
    assert merkle.node_hash(left, right) == sha256(b"\x01" + left + right).digest()
    assert len(merkle.EMPTY_ROOT) == merkle.HASH_SIZE


def test_every_way_to_a_root_gives_the_same_one() -> None:
    """All at once, streaming, and resumed from peaks: equal to the oracle at every size."""
    tree = merkle.Tree()
    for size in range(LARGEST + 1):
        assert merkle.root_of(LEAVES[:size]) == ROOTS[size]
        assert merkle.root_of(tuple(LEAVES[:size])) == ROOTS[size]
        assert tree.size == size
        assert tree.root() == ROOTS[size]
        resumed = merkle.Tree(tree.size, tree.peaks)
        assert resumed.root() == ROOTS[size]
        if size < LARGEST:
            tree.append(LEAVES[size])


def test_a_copy_of_a_tree_grows_alone() -> None:
    """Appending to a copy leaves the original as it was, and the other way round."""
    tree = merkle.Tree()
    for leaf in LEAVES[:5]:
        tree.append(leaf)
    copy = tree.copy()
    copy.append(LEAVES[5])
    assert (tree.size, tree.root()) == (5, ROOTS[5])
    assert (copy.size, copy.root()) == (6, ROOTS[6])


def test_peaks_that_do_not_belong_to_a_size_are_misuse() -> None:
    """One peak for each bit of the size, no more, no fewer."""
    for size, peaks in ((-1, ()), (0, LEAVES[:1]), (3, LEAVES[:1]), (4, LEAVES[:2])):
        with pytest.raises(ValueError, match="peaks"):
            merkle.Tree(size, peaks)


def test_inclusion_proofs_are_those_of_the_rfc_and_hold() -> None:
    """Every leaf of every size: both provers equal the oracle, the checker accepts."""
    for size in range(1, LARGEST + 1):
        for index in range(size):
            path = merkle.prove_inclusion(index, size, subtree)
            assert path == naive_path(index, LEAVES[:size])
            merkle.check_inclusion(LEAVES[index], index, size, path, ROOTS[size])
        last = merkle.prove_inclusion_among(LEAVES[:size], size - 1)
        assert last == naive_path(size - 1, LEAVES[:size])


def test_consistency_proofs_are_those_of_the_rfc_and_hold() -> None:
    """Every pair of sizes: the prover equals the oracle, the checker accepts."""
    for size2 in range(1, LARGEST + 1):
        for size1 in range(1, size2 + 1):
            path = merkle.prove_consistency(size1, size2, subtree)
            assert path == naive_subproof(size1, LEAVES[:size2], b=True)
            merkle.check_consistency(size1, ROOTS[size1], size2, ROOTS[size2], path)


sizes = st.integers(1, LARGEST)


@given(sizes, st.data())
def test_an_inclusion_proof_shows_one_leaf_at_one_place(size: int, data: st.DataObject) -> None:
    """A changed leaf, index, size, root or path is refused."""
    index = data.draw(st.integers(0, size - 1))
    path = merkle.prove_inclusion(index, size, subtree)
    leaf, root = LEAVES[index], ROOTS[size]
    other = data.draw(st.integers(0, LARGEST - 1).filter(lambda n: n != index))
    with pytest.raises(Unverified):
        merkle.check_inclusion(LEAVES[other], index, size, path, root)
    with pytest.raises(Unverified):
        merkle.check_inclusion(leaf, other, size, path, root)
    with pytest.raises(Unverified):
        merkle.check_inclusion(leaf, index, size, path, merkle.EMPTY_ROOT)
    for wrong in damaged(path, data):
        with pytest.raises(Unverified):
            merkle.check_inclusion(leaf, index, size, wrong, root)


@given(sizes, sizes, st.data())
def test_a_consistency_proof_joins_two_roots_only(a: int, b: int, data: st.DataObject) -> None:
    """A changed root or path is refused, whichever of the two trees it belongs to."""
    size1, size2 = min(a, b), max(a, b)
    path = merkle.prove_consistency(size1, size2, subtree)
    with pytest.raises(Unverified):
        merkle.check_consistency(size1, LEAVES[0][::-1], size2, ROOTS[size2], path)
    with pytest.raises(Unverified):
        merkle.check_consistency(size1, ROOTS[size1], size2, LEAVES[0][::-1], path)
    for wrong in damaged(path, data):
        with pytest.raises(Unverified):
            merkle.check_consistency(size1, ROOTS[size1], size2, ROOTS[size2], wrong)


def damaged(path: list[bytes], data: st.DataObject) -> Iterator[list[bytes]]:
    """Yield copies of a proof with an element too many, too few, too short, or changed."""
    yield [*path, LEAVES[0]]
    yield [LEAVES[1], *path]
    if path:
        yield path[1:]
        yield path[:-1]
        place = data.draw(st.integers(0, len(path) - 1))
        bit = data.draw(st.integers(0, 8 * merkle.HASH_SIZE - 1))
        flipped = bytearray(path[place])
        flipped[bit // 8] ^= 1 << bit % 8
        yield [*path[:place], bytes(flipped), *path[place + 1 :]]
        yield [*path[:place], path[place][:-1], *path[place + 1 :]]


def test_a_node_boundary_cannot_be_shifted() -> None:
    """Bytes moved from a proof's hash into the leaf's give the same preimage and are refused."""
    left, right = LEAVES[:2]
    with pytest.raises(Unverified, match="32 bytes"):
        merkle.check_inclusion(left + right[:1], 0, 2, [right[1:]], ROOTS[2])
    with pytest.raises(Unverified, match="32 bytes"):
        merkle.check_inclusion(right[1:], 1, 2, [left + right[:1]], ROOTS[2])


def test_a_refusal_names_what_is_wrong_with_a_proof() -> None:
    """Too long, too short, an element of another size, another root: four different sentences."""
    path = merkle.prove_inclusion(4, 7, subtree)
    for wrong, reason in (
        ([*path, LEAVES[0]], "too long"),
        (path[:-1], "too short"),
        ([path[0][:-1], *path[1:]], "32 bytes"),
        ([LEAVES[0], *path[1:]], "another root at size 7"),
    ):
        with pytest.raises(Unverified, match=reason):
            merkle.check_inclusion(LEAVES[4], 4, 7, wrong, ROOTS[7])
    path = merkle.prove_consistency(3, 7, subtree)
    for wrong, reason in (
        ([*path, LEAVES[0]], "too long"),
        (path[:-1], "too short"),
        ([], "is empty"),
        ([path[0][:-1], *path[1:]], "32 bytes"),
        ([LEAVES[0], *path[1:]], "another root at size 3"),
        ([*path[:-1], LEAVES[0]], "another root at size 7"),
    ):
        with pytest.raises(Unverified, match=reason):
            merkle.check_consistency(3, ROOTS[3], 7, ROOTS[7], wrong)


def test_proofs_that_cannot_exist_are_misuse() -> None:
    """Asking for a leaf beyond the tree, or for consistency from nothing, is an error."""
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(IndexError):
            merkle.prove_inclusion(index, size, subtree)
        with pytest.raises(IndexError):
            merkle.prove_inclusion_among(LEAVES[:size], index)
    for size1, size2 in ((0, 0), (0, 3), (3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="no consistency proof"):
            merkle.prove_consistency(size1, size2, subtree)


def test_a_size_beyond_every_machine_word_is_only_a_number() -> None:
    """Sizes from a peer may be absurd: the check ends at once and refuses."""
    with pytest.raises(Unverified):
        merkle.check_inclusion(LEAVES[0], 2**64 - 1, 2**64, [], ROOTS[1])
    with pytest.raises(Unverified):
        merkle.check_consistency(2**64 - 1, ROOTS[1], 2**64, ROOTS[2], [LEAVES[0]] * 64)


def vectors(kind: str) -> dict[str, Any]:
    """Return the published vectors of one kind by path."""
    root = needs.data(f"tlog/transparency-dev-merkle/testdata/{kind}")
    return {
        str(path.relative_to(root)): json.loads(path.read_text("utf-8"))
        for path in sorted(root.rglob("*.json"))
    }


def unbase64(hashes: list[str] | None) -> list[bytes]:
    """Return the hashes of a vector; a missing proof is an empty one."""
    return [base64.b64decode(text) for text in hashes or []]


def verdicts(kind: str) -> tuple[dict[str, bool], dict[str, bool]]:
    """Return expected and actual acceptance of every vector of one kind."""
    expected, actual = {}, {}
    for name, vector in vectors(kind).items():
        expected[name] = not vector["wantErr"]
        try:
            if kind == "inclusion":
                merkle.check_inclusion(
                    base64.b64decode(vector["leafHash"]),
                    vector["leafIdx"],
                    vector["treeSize"],
                    unbase64(vector["proof"]),
                    base64.b64decode(vector["root"]),
                )
            else:
                merkle.check_consistency(
                    vector["size1"],
                    base64.b64decode(vector["root1"]),
                    vector["size2"],
                    base64.b64decode(vector["root2"]),
                    unbase64(vector["proof"]),
                )
        except Unverified:
            actual[name] = False
        else:
            actual[name] = True
    return expected, actual


@pytest.mark.parametrize(("kind", "count"), [("inclusion", 98), ("consistency", 98)])
def test_published_vectors_are_judged_as_published(kind: str, count: int) -> None:
    """transparency-dev/merkle: all 98 vectors of each kind get the published verdict."""
    expected, actual = verdicts(kind)
    assert len(expected) == count
    assert len(set(expected.values())) == 2  # both verdicts occur
    assert actual == expected


def test_the_published_vectors_can_fail() -> None:
    """The accepted vectors hold real proofs: dropping one hash of any of them is refused."""
    for vector in vectors("inclusion").values():
        proof = unbase64(vector["proof"])
        if vector["wantErr"] or not proof:
            continue
        with pytest.raises(Unverified):
            merkle.check_inclusion(
                base64.b64decode(vector["leafHash"]),
                vector["leafIdx"],
                vector["treeSize"],
                proof[1:],
                base64.b64decode(vector["root"]),
            )


def test_the_manuals_example_holds() -> None:
    """The two proofs that the module's docstring spells out are the ones made."""
    seven = merkle.prove_inclusion(4, 7, subtree)
    assert seven == [LEAVES[5], LEAVES[6], subtree(2, 0)]
    right = naive_root(LEAVES[4:7])
    proof = merkle.prove_consistency(3, 7, subtree)
    assert proof == [LEAVES[2], LEAVES[3], subtree(1, 0), right]

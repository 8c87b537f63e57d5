"""The log's files against a real tlog-tiles log, and what its parsers must refuse."""

import functools
from pathlib import Path

import needs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Malformed
from ledger.merkle import (
    EMPTY_ROOT,
    Tree,
    check_consistency,
    check_inclusion,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root_of,
)
from ledger.note import Ed25519Signer, VerifierKey, encode_base64, open_note, sign_note
from ledger.tlog import (
    ENTRIES,
    MAX_ENTRY_BYTES,
    MAX_PATH,
    MAX_SIZE,
    TILE_SIZE,
    TILE_WIDTH,
    Checkpoint,
    TileLevel,
    TlogProof,
    bundle_entries,
    encode_tile_index,
    parse_tile_path,
    split_bundle,
    split_tile,
    subtree_of_tiles,
    tile_path,
    tiles_of,
)

TESSERA_SIZE = 15


def tessera() -> Path:
    """Return the folder of a log written by transparency-dev/tessera."""
    return needs.data("tlog/tessera-posix-log")


@functools.cache
def tessera_entries() -> list[bytes]:
    """Return the entries of its widest bundle."""
    path = tessera() / "testdata/log" / tile_path(ENTRIES, 0, TESSERA_SIZE)
    return split_bundle(path.read_bytes())


def tessera_checkpoint(size: int) -> Checkpoint:
    """Return the checkpoint it published at a size, its signature verified."""
    key = VerifierKey.parse((tessera() / "log.vkey").read_text("ascii").strip())
    data = (tessera() / f"testdata/log/checkpoint.{size}").read_bytes()
    return Checkpoint.parse(open_note(data, [key]).note.text)


def read_tessera_tile(level: int, n: int, width: int) -> bytes:
    """Read one of its tiles."""
    return (tessera() / "testdata/log" / tile_path(level, n, width)).read_bytes()


def test_all_16_checkpoints_of_tessera_follow_from_its_entries() -> None:
    """Signature, origin, size and root of each, the empty log included."""
    leaves = [leaf_hash(entry) for entry in tessera_entries()]
    assert len(leaves) == TESSERA_SIZE
    tree = Tree()
    for size in range(TESSERA_SIZE + 1):
        checkpoint = tessera_checkpoint(size)
        assert checkpoint == Checkpoint("example.com/log/testdata", size, root_of(leaves[:size]))
        assert checkpoint.root == tree.root()
        if size < TESSERA_SIZE:
            tree.append(leaves[size])
    newest = (tessera() / "testdata/log/checkpoint").read_bytes()
    assert newest == (tessera() / "testdata/log/checkpoint.15").read_bytes()
    assert tessera_checkpoint(0).root == EMPTY_ROOT


def test_every_tile_and_bundle_of_tessera_is_what_we_would_write() -> None:
    """All 15 partial tiles and all 15 partial bundles, byte for byte, and no other file."""
    log = tessera() / "testdata/log"
    entries = tessera_entries()
    ours = {}
    for size in range(1, TESSERA_SIZE + 1):
        for level, n, width in tiles_of(size):
            assert (level, n) == (0, 0)
            hashes = b"".join([leaf_hash(entry) for entry in entries[:width]])
            ours[tile_path(level, n, width)] = hashes
            ours[tile_path(ENTRIES, n, width)] = bundle_entries(entries[:width])
    theirs = {
        str(path.relative_to(log)): path.read_bytes()
        for path in (log / "tile").rglob("*")
        if path.is_file()
    }
    assert ours == theirs
    assert len(theirs) == 30


def test_proofs_from_tesseras_tiles_hold_between_all_its_sizes() -> None:
    """Every leaf at every size, and every pair of sizes, against the published roots."""
    roots = [tessera_checkpoint(size).root for size in range(TESSERA_SIZE + 1)]
    for size in range(1, TESSERA_SIZE + 1):
        subtree = subtree_of_tiles(size, read_tessera_tile)
        for index, entry in enumerate(tessera_entries()[:size]):
            path = prove_inclusion(index, size, subtree)
            check_inclusion(leaf_hash(entry), index, size, path, roots[size])
        for smaller in range(1, size + 1):
            path = prove_consistency(smaller, size, subtree)
            check_consistency(smaller, roots[smaller], size, roots[size], path)


def test_the_worked_checkpoint_holds_and_commits_to_the_worked_entry() -> None:
    """The design's example: key, signature, leaf hash and root, and the same bytes from us."""
    log = Ed25519Signer("ledger.example.gov.cn", bytes([3]) * 32)
    assert str(log.verifier) == (
        "ledger.example.gov.cn+bc53de8e+Ae1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR"
    )
    data = needs.design("example/checkpoint").read_bytes()
    checkpoint = Checkpoint.parse(open_note(data, [log.verifier]).note.text)
    leaf = leaf_hash(needs.design("example/contract.entry").read_bytes())
    assert leaf.hex() == "edcd405822aa9a1d4dc227bad4552649480fc7dedf3d368a47326633bab30a65"
    assert checkpoint == Checkpoint("ledger.example.gov.cn", 1, leaf)
    assert root_of([leaf]) == leaf
    assert sign_note(checkpoint.encode(), log) == data


def test_the_events_of_the_worked_statement_have_the_stated_root() -> None:
    """Leaf hashes of both events and the root that the signers signed."""
    bodies = needs.design("example/contract.stmt").read_bytes().split(b"\n\n")[2]
    leaves = [leaf_hash(body) for body in bodies.splitlines()]
    assert [leaf.hex() for leaf in leaves] == [
        "3d682faf5d1e671216b5150427c386bb8cf4b68ae89d07459fbb74e7662341ae",
        "144f09b7a2271383aa669a6de1ac5845e8113245fbdc3015e185dfe8f974d1ee",
    ]
    root = root_of(leaves)
    assert root.hex() == "33aaa2fdb8d92a723228327d280b470dfa6566c17c651a94ec752fd315889516"
    assert encode_base64(root) == "M6qi/bjZKnIyKDJ9KAtHDfplZsF8ZRqU7HUv0xWIlRY="


ROOT = bytes(range(32))
ROOT_TEXT = encode_base64(ROOT)


@given(
    st.from_regex(r"[!-*,-~]+", fullmatch=True),
    st.integers(0, MAX_SIZE),
    st.binary(min_size=32, max_size=32),
    st.lists(st.from_regex(r"[ -~]+", fullmatch=True)).map(tuple),
)
def test_every_checkpoint_survives_its_text(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    """Reading and writing are inverse, extension lines kept."""
    checkpoint = Checkpoint(origin, size, root, extensions)
    assert Checkpoint.parse(checkpoint.encode()) == checkpoint


@pytest.mark.parametrize(
    "size",
    [
        *("+1000", "1_000", " 1000", "1000 ", "01000", "00", "-1", "-0", "", "1.0", "1e3", "0x10"),
        *("１０００", "١٠٠٠", "1\u00a0000", "9223372036854775808", "9" * 40),
    ],
)
def test_other_spellings_of_a_size_are_malformed(size: str) -> None:
    """Signs, separators, spaces, leading zeros, foreign digits: each passed some parser once."""
    with pytest.raises(Malformed):
        Checkpoint.parse(f"example.com/log\n{size}\n{ROOT_TEXT}\n")


@pytest.mark.parametrize(
    "root",
    [
        "",
        encode_base64(ROOT[:31]),
        encode_base64(ROOT + b"\0"),
        ROOT_TEXT[:-1],
        ROOT_TEXT + "=",
        ROOT_TEXT[:-2] + "9=",
        ROOT_TEXT[:20] + " " + ROOT_TEXT[20:],
        ROOT_TEXT + " ",
        " " + ROOT_TEXT,
        ROOT_TEXT.replace("A", "-", 1),
        ROOT_TEXT.replace("A", "А", 1),  # a Cyrillic letter
        ROOT.hex(),
    ],
)
def test_other_spellings_of_a_root_are_malformed(root: str) -> None:
    """A 31-byte root, a space inside, unused bits set, another alphabet."""
    with pytest.raises(Malformed):
        Checkpoint.parse(f"example.com/log\n7\n{root}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"example.com/log\n7\n{ROOT_TEXT}",
        f"example.com/log\r\n7\r\n{ROOT_TEXT}\r\n",
        f"\n7\n{ROOT_TEXT}\n",
        f"7\n{ROOT_TEXT}\n",
        f"example.com/log\n{ROOT_TEXT}\n7\n",
        f"\nexample.com/log\n7\n{ROOT_TEXT}\n",
        f"example.com/log\n7\n{ROOT_TEXT}\n\n",
        f"example.com/log\n7\n{ROOT_TEXT}\n\nextension\n",
        f"example.com/log\n7\n{ROOT_TEXT}\nextension",
        f"example.com/log\n7\n{ROOT_TEXT}\nexten\0sion\n",
        f"example.com/log\n7\n{ROOT_TEXT}\nexten\tsion\n",
        f"example.com/l og\n7\n{ROOT_TEXT}\n",
        f"example.com/l+og\n7\n{ROOT_TEXT}\n",
        f"example.com/löг\n7\n{ROOT_TEXT}\n",
        f"example.com/l\0g\n7\n{ROOT_TEXT}\n",
    ],
)
def test_what_is_not_exactly_a_checkpoint_is_malformed(text: str) -> None:
    """Missing and doubled newlines, control characters, names that are no key's."""
    with pytest.raises(Malformed):
        Checkpoint.parse(text)


def test_a_checkpoint_that_could_not_be_read_back_is_misuse() -> None:
    """Nothing is signed that no verifier would read the same way."""
    for checkpoint in (
        Checkpoint("", 1, ROOT),
        Checkpoint("a b", 1, ROOT),
        Checkpoint("a", -1, ROOT),
        Checkpoint("a", MAX_SIZE + 1, ROOT),
        Checkpoint("a", 1, ROOT[:31]),
        Checkpoint("a", 1, ROOT, ("",)),
        Checkpoint("a", 1, ROOT, ("x\ny",)),
        Checkpoint("a", 1, ROOT, ("x\n",)),
    ):
        with pytest.raises(ValueError, match=r"checkpoint|base64|newline"):
            checkpoint.encode()


@pytest.mark.parametrize(
    ("level", "n", "width", "path"),
    [
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (0, 0, 256, "tile/0/000"),
        (0, 0, 1, "tile/0/000.p/1"),
        (0, 999, 255, "tile/0/999.p/255"),
        (1, 1000, 17, "tile/1/x001/000.p/17"),
        (7, 0, 127, "tile/7/000.p/127"),
        (ENTRIES, 1234067, 256, "tile/entries/x001/x234/067"),
        (ENTRIES, 273, 112, "tile/entries/273.p/112"),
    ],
)
def test_tile_paths_are_those_of_c2sp(level: TileLevel, n: int, width: int, path: str) -> None:
    """Three digits an element, `x` before all but the last, `.p/` when partial."""
    assert tile_path(level, n, width) == path
    assert parse_tile_path(path) == (level, n, width)


@given(st.integers(0, 7) | st.just("entries"), st.integers(0, 10**18 - 1), st.integers(1, 256))
def test_every_tile_path_survives(level: TileLevel, n: int, width: int) -> None:
    """Reading and writing are inverse."""
    assert parse_tile_path(tile_path(level, n, width)) == (level, n, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/x00/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/00/000",
        "tile/8/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/../000",
        "tile/0/٠٠٠",
        "tile/0/000\n",
        "tile/0/" + "x001/" * 10 + "000",
    ],
)
def test_other_spellings_of_a_tile_path_are_malformed(path: str) -> None:
    """One tile has one path, so a file that is not asked for is not served."""
    with pytest.raises(Malformed):
        parse_tile_path(path)


def test_tiles_that_cannot_exist_are_misuse() -> None:
    """Levels, numbers and widths outside the format."""
    for level, n, width in ((8, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)):
        with pytest.raises(ValueError, match="there is no tile"):
            tile_path(level, n, width)
    with pytest.raises(ValueError, match="there is no tile"):
        encode_tile_index(-1)


def test_the_tiles_of_70000_entries_are_those_of_the_standard() -> None:
    """The example of C2SP tlog-tiles, and its remark on 256."""
    tiles = list(tiles_of(70_000))
    partial = [tile for tile in tiles if tile[2] < TILE_WIDTH]
    assert partial == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert len(tiles) == 273 + 1 + 1 + 1 + 1
    assert list(tiles_of(256)) == [(0, 0, 256), (1, 0, 1)]
    assert list(tiles_of(0)) == []
    assert list(tiles_of(1)) == [(0, 0, 1)]


def test_proofs_from_tiles_of_three_levels_hold() -> None:
    """A tree of 66,000 leaves, whose tiles are asked for exactly as they exist at that size."""
    size = 66_000
    leaves = [leaf_hash(n.to_bytes(4, "big")) for n in range(size)]
    level1 = [root_of(leaves[at : at + 256]) for at in range(0, size - size % 256, 256)]
    hashes = {0: leaves, 1: level1, 2: [root_of(level1[:256])]}
    exist = {(level, n): width for level, n, width in tiles_of(size)}

    def read(level: int, n: int, width: int) -> bytes:
        assert exist[level, n] == width
        return b"".join(hashes[level][n * TILE_WIDTH : n * TILE_WIDTH + width])

    subtree = subtree_of_tiles(size, read)
    root = root_of(leaves)
    for index in (0, 255, 256, 65_535, 65_536, 65_999):
        check_inclusion(leaves[index], index, size, prove_inclusion(index, size, subtree), root)
    for smaller in (1, 255, 256, 257, 65_535, 65_536, 65_537, 65_999):
        path = prove_consistency(smaller, size, subtree)
        check_consistency(smaller, root_of(leaves[:smaller]), size, root, path)


def test_a_tile_of_another_width_is_malformed() -> None:
    """A tile cut short, or from another size, is not used in silence."""
    assert split_tile(ROOT * 3, 3) == [ROOT] * 3
    for data in (b"", ROOT, ROOT * 3 + b"\0", ROOT * 4):
        with pytest.raises(Malformed):
            split_tile(data, 3)
    assert len(ROOT) * TILE_WIDTH == TILE_SIZE


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_every_bundle_survives_its_bytes(entries: list[bytes]) -> None:
    """Splitting and bundling are inverse, empty entries included."""
    assert split_bundle(bundle_entries(entries)) == entries


def test_bundles_beyond_the_format_are_refused_in_both_directions() -> None:
    """Longest entry, most entries, none at all, and bytes that break off."""
    longest = b"a" * MAX_ENTRY_BYTES
    full = [b""] * TILE_WIDTH
    assert split_bundle(bundle_entries([longest])) == [longest]
    assert split_bundle(bundle_entries(full)) == full
    for entries in ([longest + b"a"], [*full, b""], []):
        with pytest.raises(ValueError, match=r"bundle|entry"):
            bundle_entries(entries)
    for data in (b"", b"\0", b"\0\1", b"\0\3ab", b"\0\1a\0", b"\0\0" * (TILE_WIDTH + 1)):
        with pytest.raises(Malformed):
            split_bundle(data)


NOTE = sign_note(f"example.com/log\n7\n{ROOT_TEXT}\n", Ed25519Signer("example.com/log", bytes(32)))
PROOF = TlogProof(b"recorded 2026-03-01T08:00:02.000Z\n", 5, (ROOT, ROOT[::-1]), NOTE)


def test_a_proof_file_is_the_text_of_the_standard() -> None:
    """Line by line, with and without extra and path."""
    assert (
        PROOF.encode()
        == (
            "c2sp.org/tlog-proof@v1\n"
            "extra cmVjb3JkZWQgMjAyNi0wMy0wMVQwODowMDowMi4wMDBaCg==\n"
            "index 5\n"
            f"{ROOT_TEXT}\n"
            f"{encode_base64(ROOT[::-1])}\n"
            "\n"
        ).encode()
        + NOTE
    )
    smallest = TlogProof(None, 0, (), NOTE)
    assert smallest.encode() == b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + NOTE
    for proof in (PROOF, smallest):
        assert TlogProof.parse(proof.encode()) == proof


@given(
    st.none() | st.binary(min_size=1, max_size=100),
    st.integers(0, MAX_SIZE - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=MAX_PATH).map(tuple),
    st.binary(min_size=1),
)
def test_every_proof_survives_its_bytes(
    extra: bytes | None, index: int, path: tuple[bytes, ...], checkpoint: bytes
) -> None:
    """Reading and writing are inverse; the checkpoint is kept verbatim, whatever it is."""
    proof = TlogProof(extra, index, path, checkpoint)
    assert TlogProof.parse(proof.encode()) == proof


HEAD = PROOF.encode().removesuffix(NOTE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        NOTE,
        HEAD,
        HEAD[:-1] + NOTE,
        PROOF.encode().replace(b"@v1", b"@v2"),
        PROOF.encode().replace(b"\n", b"\r\n"),
        b"\n" + PROOF.encode(),
        b"\xef\xbb\xbf" + PROOF.encode(),
        *[
            PROOF.encode().replace(b"index 5", b"index " + index)
            for index in (
                b"",
                b"+5",
                b"05",
                b" 5",
                b"5 ",
                b"-5",
                b"1_0",
                b"9223372036854775807",
                b"\xd9\xa5",
            )
        ],
        PROOF.encode().replace(b"index 5\n", b""),
        PROOF.encode().replace(b"index 5", b"Index 5"),
        PROOF.encode().replace(b"index 5\n", b"index 5\nindex 5\n"),
        PROOF.encode().replace(b"extra cmVj", b"extra  mVj"),
        PROOF.encode().replace(b"Cg==", b"Cg="),
        PROOF.encode().replace(b"Cg==", b"Ch=="),
        b"c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n" + NOTE,
        b"c2sp.org/tlog-proof@v1\nextra\nindex 0\n\n" + NOTE,
        b"c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\n" + NOTE,
        PROOF.encode().replace(ROOT_TEXT.encode(), encode_base64(ROOT[:31]).encode(), 1),
        PROOF.encode().replace(ROOT_TEXT.encode(), encode_base64(ROOT + b"a").encode(), 1),
        PROOF.encode().replace(ROOT_TEXT.encode(), ROOT_TEXT.encode() + b" ", 1),
        PROOF.encode().replace(ROOT_TEXT.encode(), ROOT_TEXT[:9].encode() + b"\t", 1),
        b"c2sp.org/tlog-proof@v1\nindex 0\n"
        + (ROOT_TEXT.encode() + b"\n") * (MAX_PATH + 1)
        + b"\n"
        + NOTE,
        b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + b"a" * (2 << 20),
    ],
    ids=lambda data: f"{len(data)} bytes",
)
def test_what_is_not_exactly_a_proof_is_malformed(data: bytes) -> None:
    """Loose numbers, loose base64, lines missing, doubled or in another order."""
    with pytest.raises(Malformed):
        TlogProof.parse(data)


def test_a_proof_that_could_not_be_read_back_is_misuse() -> None:
    """Fields that the format cannot hold."""
    for proof in (
        TlogProof(b"", 0, (), NOTE),
        TlogProof(None, -1, (), NOTE),
        TlogProof(None, MAX_SIZE, (), NOTE),
        TlogProof(None, 0, (ROOT[:31],), NOTE),
        TlogProof(None, 0, (ROOT,) * (MAX_PATH + 1), NOTE),
        TlogProof(None, 0, (), b""),
    ):
        with pytest.raises(ValueError, match="proof"):
            proof.encode()

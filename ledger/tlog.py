"""The transparency log's files: checkpoints, tiles, entry bundles, proofs (C2SP tlog-*).

**Checkpoint** (tlog-checkpoint): the log's name, its number of entries, and the RFC 6962 root over
them in base64, one a line; signed as a note, it commits the log to every entry and their order:

    ledger.example.gov.cn
    1
    7c1AWCKqmh1Nwie61FUmSUgPx97fPTaKRzJmM7qzCmU=

**Tiles** (tlog-tiles): the tree as files. Tile n of level l holds up to 256 hashes, hash i being
the root of the complete subtree over entries [(256 n + i) · 256^l, (256 n + i + 1) · 256^l). A
tree of 70,000 entries has, at level 0, 273 full tiles and one of width 112, at level 1 one full
and one of width 17, at level 2 one of width 1. Entries lie in bundles cut like the tiles of level
0, each entry after its length in two bytes. Paths keep folders small:

    tile/0/x001/x234/067            tile 1,234,067 of level 0
    tile/1/001.p/17                 tile 1 of level 1, 17 hashes wide so far
    tile/entries/000                the first 256 entries

**Proof** (tlog-proof): a file that shows, with nothing but the log's key, that an entry is in the
log. `extra` is not authenticated and means what the application says:

    c2sp.org/tlog-proof@v1
    extra cmVjb3JkZWQgMjAyNi0wMy0wMVQwODowMDowMi4wMDBaCg==
    index 0
    <base64 of the inclusion proof's hashes, one a line, leaf end first>

    <the checkpoint, verbatim>

*Stricter* than C2SP: an origin is ASCII without white space and plus, since it is also a key name;
base64 is canonical; sizes stay below 2^63. Extension lines of a checkpoint are kept, not read.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal, Self, TypeVar

import msgspec

from ledger.errors import Malformed
from ledger.merkle import HASH_SIZE, Subtree, root_of
from ledger.note import MAX_NOTE_BYTES, decode_base64, encode_base64

TILE_WIDTH = 256
TILE_HEIGHT = 8  # levels of the tree in one tile: 2^8 = TILE_WIDTH
TILE_SIZE = TILE_WIDTH * HASH_SIZE
MAX_ENTRY_BYTES = 0xFFFF  # what two bytes of length can say
MAX_SIZE = 2**63 - 1  # what every implementation's integers hold
MAX_PATH = 63  # hashes in an inclusion proof of a tree of that size
MAX_TILE_LEVEL = 7  # the highest level such a tree has
MAX_EXTRA_BYTES = 1 << 16  # an application's extra is a few lines

ENTRIES: Final = "entries"
TileLevel = int | Literal["entries"]

ReadTile = Callable[[int, int, int], bytes]
"""`(level, n, width)` → the hashes of a tile, concatenated: `width * HASH_SIZE` bytes."""

_CHECKPOINT = re.compile(
    r"([!-*,-~]+)\n"  # the origin
    r"(0|[1-9][0-9]{0,18})\n"  # the size
    r"([A-Za-z0-9+/]{43}=)\n"  # the root
    r"((?:[ -~]+\n)*)"  # extension lines
)
_TILE_PATH = re.compile(
    r"tile/([0-7]|entries)/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_PROOF_START = "c2sp.org/tlog-proof@v1"
_EXTRA_START = "extra "
_MAX_PROOF_BYTES = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES
_LENGTH_SIZE = 2


V = TypeVar("V")
W = TypeVar("W", str, bytes)


class Checkpoint(msgspec.Struct, frozen=True, gc=False):
    """What a log commits to.

    Attributes:
        origin: the log's name.
        size: number of entries.
        root: 32 bytes, RFC 6962 over the entries.
        extensions: further lines, without newlines; ours have none.

    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def encode(self) -> str:
        """Return the text, each line with its newline.

        Raises:
            ValueError: a field does not fit the format.

        """
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        text = "".join([f"{line}\n" for line in lines])
        return read_back(text, type(self).parse, self, "a line of a checkpoint holds a newline")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the checkpoint that `text`, a note's text, states.

        Raises:
            Malformed: not these lines, a size with sign, separator or leading zero, or a root
                that is not 32 bytes of canonical base64.

        """
        match = _CHECKPOINT.fullmatch(text)
        if match is None:
            raise Malformed("not a checkpoint: it needs the lines origin, size and base64 root")
        origin, size_text, root_text, extensions = match.groups()
        size = int(size_text)
        if size > MAX_SIZE:
            raise Malformed(f"a checkpoint of {size} entries is beyond any log")
        return cls(origin, size, decode_base64(root_text), tuple(extensions.split("\n")[:-1]))


def read_back(written: W, parse: Callable[[W], V], value: V, misfit: str) -> W:
    """Return what was written of a value, once it is read as that value again.

    Raises:
        ValueError: it is no form, or it reads as another value: `misfit` says what that means.

    """
    try:
        same = parse(written) == value
    except Malformed as error:
        raise ValueError(str(error)) from error
    if not same:
        raise ValueError(misfit)
    return written


def decode_path(lines: Sequence[str]) -> tuple[bytes, ...]:
    """Return the hashes of a proof, 32 bytes each, from its lines of base64.

    Raises:
        Malformed: a line is no canonical base64 of 32 bytes, or there are too many.

    """
    path = tuple([decode_base64(line) for line in lines])
    if len(path) > MAX_PATH or any(len(element) != HASH_SIZE for element in path):
        raise Malformed(f"the proof is not at most {MAX_PATH} hashes of {HASH_SIZE} bytes")
    return path


class TlogProof(msgspec.Struct, frozen=True, gc=False):
    """Shows that an entry is in a log; nothing is verified by reading it.

    Attributes:
        extra: what the application adds, not authenticated; not empty.
        index: the entry's number, from 0.
        path: the inclusion proof, leaf end first, 32 bytes each.
        checkpoint: the signed checkpoint that it leads to, verbatim.

    """

    extra: bytes | None
    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    def encode(self) -> bytes:
        """Return the bytes of a `.tlog-proof` file.

        Raises:
            ValueError: a field does not fit the format.

        """
        lines = [_PROOF_START]
        if self.extra is not None:
            lines.append(_EXTRA_START + encode_base64(self.extra))
        lines.append(f"index {self.index}")
        lines.extend(encode_base64(element) for element in self.path)
        data = "\n".join(lines).encode() + b"\n\n" + self.checkpoint
        return read_back(data, type(self).parse, self, "the fields do not fit a proof file")

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the proof in a `.tlog-proof` file.

        Raises:
            Malformed: not these lines, an index with sign or leading zero, a hash that is not 32
                bytes of canonical base64, or beyond a limit.

        """
        if len(data) > _MAX_PROOF_BYTES:
            raise Malformed(f"the proof has {len(data)} bytes; at most {_MAX_PROOF_BYTES}")
        head, _, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise Malformed(f"the proof's first lines are not ASCII: {error}") from error
        if lines.pop(0) != _PROOF_START:
            raise Malformed(f"the proof does not begin with the line {_PROOF_START}")
        extra = None
        if lines and lines[0].startswith(_EXTRA_START):
            extra = decode_base64(lines.pop(0).removeprefix(_EXTRA_START))
            if not 0 < len(extra) <= MAX_EXTRA_BYTES:
                raise Malformed(f"the proof's extra has {len(extra)} bytes")
        match = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if match is None or int(match[1]) >= MAX_SIZE:
            raise Malformed("the proof has no line `index` with a number")
        path = decode_path(lines)
        if not checkpoint:
            raise Malformed("the proof has no empty line with a checkpoint after it")
        return cls(extra, int(match[1]), path, checkpoint)


def encode_tile_index(n: int) -> str:
    """Return a tile's number as path elements of three digits: 1234067 → `x001/x234/067`."""
    if n < 0:
        raise ValueError(f"there is no tile {n}")
    elements = [f"{n % 1000:03}"]
    while n := n // 1000:
        elements.append(f"x{n % 1000:03}")
    return "/".join(reversed(elements))


def tile_path(level: TileLevel, n: int, width: int = TILE_WIDTH) -> str:
    """Return the path of a tile, or of an entry bundle when `level` is `"entries"`.

    Raises:
        ValueError: there is no such level, number or width.

    """
    if level != ENTRIES and not 0 <= level <= MAX_TILE_LEVEL:
        raise ValueError(f"there is no tile level {level}")
    if not 1 <= width <= TILE_WIDTH:
        raise ValueError(f"there is no tile of width {width}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{encode_tile_index(n)}{partial}"


def parse_tile_path(path: str) -> tuple[TileLevel, int, int]:
    """Return the level (or `"entries"`), number and width that a path names.

    Raises:
        Malformed: it is not what `tile_path` would return.

    """
    match = _TILE_PATH.fullmatch(path)
    if match is None:
        raise Malformed(f"{path[:80]!r} is not the path of a tile")
    level_text, index, width_text = match.groups()
    level: TileLevel = ENTRIES if level_text == ENTRIES else int(level_text)
    n = int(index.replace("x", "").replace("/", ""))
    width = int(width_text or TILE_WIDTH)
    try:
        again = tile_path(level, n, width)
    except ValueError as error:
        raise Malformed(f"{path!r} is not the path of a tile: {error}") from error
    if again != path:
        raise Malformed(f"{path[:80]!r} is not the one path of its tile, {again}")
    return level, n, width


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield (level, n, width) of every tile of a tree of `size` entries, lowest level first.

    The entry bundles are cut like the tiles of level 0.
    """
    level, hashes = 0, size
    while hashes:
        full, rest = divmod(hashes, TILE_WIDTH)
        for n in range(full):
            yield level, n, TILE_WIDTH
        if rest:
            yield level, full, rest
        level, hashes = level + 1, full


def subtree_of_tiles(tree_size: int, read_tile: ReadTile) -> Subtree:
    """Return the function from which proofs are made (`ledger.merkle`), reading tiles.

    `read_tile` is asked for the widths of the tree of `tree_size` entries. A tile is not cached:
    a proof reads each of its tiles up to eight times; let `read_tile` remember if that is dear.
    """

    def subtree(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        n, first = divmod(index << height, TILE_WIDTH)
        width = min(TILE_WIDTH, (tree_size >> TILE_HEIGHT * tile_level) - n * TILE_WIDTH)
        hashes = split_tile(read_tile(tile_level, n, width), width)
        return root_of(hashes[first : first + (1 << height)])

    return subtree


def split_tile(data: bytes, width: int) -> list[bytes]:
    """Return the hashes of a tile that must have `width` of them.

    Raises:
        Malformed: it has not.

    """
    if len(data) != width * HASH_SIZE:
        raise Malformed(f"a tile of width {width} has {len(data)} bytes")
    return [data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]


def bundle_entries(entries: Sequence[bytes]) -> bytes:
    """Return the bundle of up to 256 entries, each after its length in two bytes.

    Raises:
        ValueError: no entries, too many, or one longer than 65,535 bytes.

    """
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise ValueError(f"there is no bundle of {len(entries)} entries")
    longest = max(map(len, entries))
    if longest > MAX_ENTRY_BYTES:
        raise ValueError(f"an entry has {longest} bytes; at most {MAX_ENTRY_BYTES}")
    return b"".join([len(entry).to_bytes(_LENGTH_SIZE, "big") + entry for entry in entries])


def split_bundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle.

    Raises:
        Malformed: it breaks off inside an entry, is empty, or holds more than 256.

    """
    entries: list[bytes] = []
    start, end = 0, len(data)
    while start < end:
        first = start + _LENGTH_SIZE
        start = first + int.from_bytes(data[start:first], "big")
        if start > end:
            raise Malformed(f"the bundle breaks off inside entry {len(entries)}")
        entries.append(data[first:start])
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise Malformed(f"the bundle holds {len(entries)} entries; 1 to {TILE_WIDTH} are allowed")
    return entries

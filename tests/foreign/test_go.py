"""The Go project's transparency log packages read our archives as we do.

The archive is written by `ledger.archiving`, over a log made by hand (foreign.small_log).
"""

import base64
import subprocess
from pathlib import Path

import needs
import pytest
from foreign.compiling import compiled
from foreign.small_log import LOG_KEY, SmallLog

from ledger.archiving import write_archive
from ledger.merkle import root_of
from ledger.note import Ed25519Signer, cosign, format_note, parse_note
from ledger.tlog import ENTRIES, TileLevel, tile_path

SOURCE = Path(__file__).with_name("verify_archive.go")
VKEY = str(LOG_KEY.verifier)
SIZE = 1_290  # five complete tiles and one of ten: no proof that Go makes reads all of them


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the verifier."""
    return compiled(SOURCE, tmp_path_factory.mktemp("go"))


@pytest.fixture(scope="module")
def log() -> SmallLog:
    """Make a log that spans six entry bundles."""
    return SmallLog(SIZE)


@pytest.fixture
def archive(log: SmallLog, tmp_path: Path) -> Path:
    """Write the log's archive."""
    return written(log, tmp_path / "archive")


def written(log: SmallLog, folder: Path) -> Path:
    """Archive `log` with our own writer."""
    write_archive(folder, log.checkpoint, [], log.with_events())
    return folder


def judge(program: Path, archive: Path, vkey: str = VKEY) -> subprocess.CompletedProcess[str]:
    """Run the verifier on an archive."""
    return subprocess.run(
        [program, vkey, archive], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("size", [2, 255, 256, 257, 513])
def test_an_archive_of_ours_is_accepted(program: Path, tmp_path: Path, size: int) -> None:
    """Go opens the checkpoint and finds the same root, tiles and proofs, at sizes that differ."""
    log = SmallLog(size)
    done = judge(program, written(log, tmp_path / "archive"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"OK {size} {base64.b64encode(root_of(log.hashes)).decode()}\n"


def test_a_cosigned_checkpoint_is_accepted(program: Path, log: SmallLog, tmp_path: Path) -> None:
    """A witness's line, of an algorithm Go does not know, does not disturb it."""
    note = parse_note(log.checkpoint)
    witness = Ed25519Signer("audit.example.gov.cn", bytes([7]) * 32, algorithm=4)
    cosigned = format_note(note.text, [*note.signatures, cosign(note.text, witness, 1_772_323_300)])
    write_archive(
        tmp_path / "a",
        cosigned,
        [cosigned],
        log.with_events(),
        witnesses=[witness.verifier],
    )
    assert judge(program, tmp_path / "a").stdout.startswith(f"OK {SIZE} ")


@pytest.mark.parametrize(
    ("tile", "offset"),
    [
        ((0, 0, 256), 0),  # first byte of a complete tile
        ((0, 0, 256), 8191),  # and its last
        ((0, 3, 256), 100),  # a tile that no proof reads
        ((0, 5, 10), 40),  # a partial tile
        ((1, 0, 5), 31),  # the tile above
        ((ENTRIES, 0, 256), 0),  # the length of an entry
        ((ENTRIES, 0, 256), 30),
        ((ENTRIES, 5, 10), -1),  # the last byte of the last entry
    ],
)
def test_a_flipped_byte_in_a_tile_is_refused(
    program: Path, archive: Path, tile: tuple[TileLevel, int, int], offset: int
) -> None:
    """Tiles and entries are authenticated to the last byte."""
    flip(archive / tile_path(*tile), offset)
    done = judge(program, archive)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("verify_archive: ")


def test_a_flipped_byte_in_the_checkpoint_is_refused(
    program: Path, log: SmallLog, archive: Path
) -> None:
    """Origin, size, root and signature: any of them, and the checkpoint does not open."""
    whole = log.checkpoint
    root_line = whole.index(b"\n", whole.index(b"\n") + 1) + 1
    for offset in (0, whole.index(b"\n") + 1, root_line, root_line + 40, len(whole) - 10):
        (archive / "checkpoint").write_bytes(whole)
        flip(archive / "checkpoint", offset)
        done = judge(program, archive)
        assert (done.returncode, done.stdout) == (1, ""), offset


def test_a_missing_bundle_is_refused(program: Path, archive: Path) -> None:
    """What the checkpoint counts must be there."""
    (archive / tile_path(ENTRIES, 5, 10)).unlink()
    assert judge(program, archive).returncode == 1


def test_another_ledger_key_is_refused(program: Path, archive: Path) -> None:
    """The key comes out of band; the archive's own word for it counts for nothing."""
    other = Ed25519Signer(LOG_KEY.verifier.name, bytes([8]) * 32).verifier
    done = judge(program, archive, str(other))
    assert (done.returncode, done.stdout) == (1, "")
    assert "checkpoint" in done.stderr


def test_the_design_example_opens_in_go(program: Path, tmp_path: Path) -> None:
    """The worked example of the design, made by another hand, is a log of one entry."""
    entry = needs.design("example/contract.entry").read_bytes()
    folder = tmp_path / "archive"
    for path, data in (
        ("checkpoint", needs.design("example/checkpoint").read_bytes()),
        (tile_path(ENTRIES, 0, 1), len(entry).to_bytes(2, "big") + entry),
        (tile_path(0, 0, 1), bytes.fromhex(EXAMPLE_LEAF)),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    done = judge(program, folder, EXAMPLE_VKEY)
    assert (done.returncode, done.stderr) == (0, "")


EXAMPLE_VKEY = "ledger.example.gov.cn+bc53de8e+Ae1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR"
EXAMPLE_LEAF = "edcd405822aa9a1d4dc227bad4552649480fc7dedf3d368a47326633bab30a65"


def flip(file: Path, offset: int) -> None:
    """Change one bit of a file's byte at `offset`."""
    data = bytearray(file.read_bytes())
    data[offset] ^= 1
    file.write_bytes(data)

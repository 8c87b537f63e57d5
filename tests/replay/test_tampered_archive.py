"""An archive tampered with: no byte of it can be changed, no file taken or added, unseen."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from replay.histories import archive, files_of, grown, policy_of, town
from world import World

from ledger.archive import Archive
from ledger.errors import LedgerError, Malformed
from ledger.replay.report import Wrong
from ledger.replay.sources import ArchiveSource
from ledger.replay.verifying import verify
from ledger.tlog import split_bundle

EVERY_NTH = 1_499  # a prime: the sample falls on every column of a format in turn


@pytest.fixture(scope="module")
def world() -> World:
    """Tell a history of two bundles, the second of them partial."""
    return grown(town(), 300)


@pytest.fixture(scope="module")
def true(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write its archive, once."""
    return archive(tmp_path_factory.mktemp("true") / "archive", world.statements)


@pytest.fixture
def copy(true: Path, tmp_path: Path) -> Path:
    """Give a copy to tamper with."""
    return shutil.copytree(true, tmp_path / "copy")


def assert_wrong(folder: Path, world: World) -> None:
    """Check that an archive does not verify, and fails as our own errors do."""
    with pytest.raises(LedgerError):
        verify(ArchiveSource(folder), policy_of(world))


def flips(path: Path, step: int) -> Iterator[None]:
    """Flip one bit in every `step`-th byte of a file, one after another."""
    true = path.read_bytes()
    for at in range(0, len(true), step):
        path.write_bytes(true[:at] + bytes([true[at] ^ 1 << at % 8]) + true[at + 1 :])
        yield
    path.write_bytes(true)


def test_a_flipped_bit_in_any_byte_is_found(tmp_path: Path) -> None:
    """Of an archive of two statements every byte of every file is flipped once, and found."""
    world = World.opened()
    world.party("PRO")
    statements = world.statements[:2]
    folder = archive(tmp_path / "archive", statements)
    assert verify(ArchiveSource(folder), policy_of(world)).exit_code == 0
    tried = 0
    for path in files_of(folder):
        for _ in flips(path, 1):
            assert_wrong(folder, world)
            tried += 1
    assert tried == sum(path.stat().st_size for path in files_of(folder)) > 2_000
    assert verify(ArchiveSource(folder), policy_of(world)).exit_code == 0


def test_a_flipped_bit_in_a_larger_archive_is_found(copy: Path, world: World) -> None:
    """The same of a sample of the bytes of an archive with complete tiles and bundles."""
    for path in files_of(copy):
        for _ in flips(path, EVERY_NTH):
            assert_wrong(copy, world)


def test_a_missing_cut_or_lengthened_file_is_found(copy: Path, world: World) -> None:
    """Each file is deleted, cut by a byte, emptied, and made longer by a byte."""
    for path in files_of(copy):
        true = path.read_bytes()
        path.unlink()
        assert_wrong(copy, world)
        for false in {true[:-1], b"", true + b"\n", true + true, b"\n" + true} - {true}:
            path.write_bytes(false)
            assert_wrong(copy, world)
        path.write_bytes(true)
    assert verify(ArchiveSource(copy), policy_of(world)).exit_code == 0


@pytest.mark.parametrize(
    "name", ["tile/0/001", "tile/entries/001.p/43", "events/009", "notes.txt", "tile/0/000.p/8"]
)
def test_a_superfluous_file_is_found(copy: Path, world: World, name: str) -> None:
    """What does not belong into an archive of this size is named."""
    path = copy / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    with pytest.raises(Wrong, match="does not belong") as caught:
        verify(ArchiveSource(copy), policy_of(world))
    assert caught.value.what == name


def test_a_link_instead_of_a_folder_is_found(copy: Path, world: World) -> None:
    """A linked folder is not looked into, so it may not be there."""
    (copy / "more").symlink_to(copy / "tile")
    assert_wrong(copy, world)


def bundle_of(folder: Path) -> Path:
    """Return the path of an archive's first entry bundle."""
    return folder / "tile/entries/000"


def test_entries_that_changed_places_are_found(copy: Path, world: World) -> None:
    """Two neighbours swapped in a bundle, with their events, are named at the first."""
    entries = split_bundle(bundle_of(copy).read_bytes())
    entries[200], entries[201] = entries[201], entries[200]
    packed = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
    bundle_of(copy).write_bytes(packed)
    with pytest.raises(Wrong) as caught:
        verify(ArchiveSource(copy), policy_of(world))
    assert caught.value.index == 200


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_changed_event_is_found_at_its_statement(copy: Path, world: World, jobs: int) -> None:
    """An event's text changed within its form is named by the statement whose root it breaks."""
    path = copy / "events/000"
    lines = path.read_bytes().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith(b"150 "))
    lines[at] = lines[at].replace(b'"units":1', b'"units":9')
    path.write_bytes(b"".join(lines))
    with pytest.raises(Wrong, match="root differs") as caught:
        verify(ArchiveSource(copy), policy_of(world), jobs=jobs)
    assert caught.value.index == 150


@pytest.mark.parametrize("jobs", [1, 3])
def test_what_is_wrong_first_is_named_first(copy: Path, world: World, jobs: int) -> None:
    """A later file that cannot be read does not hide an earlier statement that is wrong."""
    path = copy / "events/000"
    path.write_bytes(path.read_bytes().replace(b'"units":1', b'"units":9', 1))
    (copy / "tile/entries/001.p/44").write_bytes(b"")
    with pytest.raises(Wrong, match="root differs"):
        verify(ArchiveSource(copy), policy_of(world), jobs=jobs)
    path.write_bytes(path.read_bytes().replace(b'"units":9', b'"units":1', 1))
    with pytest.raises(Malformed, match=r"tile/entries/001\.p/44"):
        verify(ArchiveSource(copy), policy_of(world), jobs=jobs)


@pytest.mark.parametrize(
    ("false", "name"),
    [
        (b"007 {}\n", "a leading zero"),
        (b"+7 {}\n", "a sign"),
        (b"7  {}\n", "two spaces"),
        (b"9999 {}\n", "an index beyond"),
        (b"\n", "an empty line"),
    ],
)
def test_a_line_that_is_no_events_is_found(
    copy: Path, world: World, false: bytes, name: str
) -> None:
    """A line of an events file that belongs to no statement in its turn is refused."""
    assert name
    path = copy / "events/000"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:7], false, *lines[7:]]))
    assert_wrong(copy, world)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    """A folder without a checkpoint is said to be none."""
    with pytest.raises(LedgerError, match="is not an archive"):
        Archive(tmp_path)


def test_an_unfinished_archive_does_not_bear_its_name(world: World, tmp_path: Path) -> None:
    """When the entries are not those of the checkpoint nothing appears under the name."""
    with pytest.raises(LedgerError, match="are not the 300 of the checkpoint"):
        archive(
            tmp_path / "archive",
            world.statements[:-1],
            checkpoint=(archive(tmp_path / "whole", world.statements) / "checkpoint").read_bytes(),
        )
    assert not (tmp_path / "archive").exists()
    archive(tmp_path / "archive", world.statements)
    assert not (tmp_path / "archive.unfinished").exists()

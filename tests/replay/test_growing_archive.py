"""Archives that are brought up to date, stopped half-way, and gone on with."""

import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import archiving_process
import pytest
from replay.histories import StandingClock, archive, fill, grown, policy_of, town
from world import ORIGIN, World, signer

from ledger.app import Ledger, open_ledger
from ledger.errors import LedgerError
from ledger.replay.exporting import Reading, export_archive
from ledger.replay.sources import ArchiveSource
from ledger.replay.verifying import verify
from ledger.store.rows import EventRow

SIZE = 800
SIZES = (1, 40, 255, 256, 257, 300, 512, 700, 768, SIZE)
"""Inside a bundle, at its edges, and several bundles on."""


@pytest.fixture(scope="module")
def world() -> World:
    """Play a history of four entry bundles."""
    return grown(town(), SIZE)


@pytest.fixture(scope="module")
def url(world: World, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the database of its ledger, with a checkpoint of every size."""
    url = f"sqlite:///{tmp_path_factory.mktemp('grown') / 'ledger.db'}"
    fill(url, world).close()
    return url


@pytest.fixture
def ledger(url: str, world: World) -> Iterator[Ledger]:
    """Open the ledger."""
    with open_ledger(url, signer(ORIGIN), StandingClock(world.now_ms)) as opened:
        yield opened


def contents(folder: Path) -> dict[str, bytes | None]:
    """Return every file of a folder by its name, and every folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def inodes(folder: Path) -> dict[str, int]:
    """Return which file each name of a folder stands for."""
    return {str(p.relative_to(folder)): p.stat().st_ino for p in folder.rglob("*") if p.is_file()}


def run(url: str, folder: Path, size: int, last: int) -> subprocess.CompletedProcess[str]:
    """Export in a process of its own, which kills itself at a step."""
    program = [sys.executable, archiving_process.__file__, url, str(folder), str(size), str(last)]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=False)


def test_an_archive_grows_to_what_a_new_one_is(
    ledger: Ledger, world: World, tmp_path: Path
) -> None:
    """Brought up to date size by size it is byte for byte the new archive; whole files stay."""
    grown_, kept = tmp_path / "grown", dict[str, int]()
    for size in SIZES:
        manifest = export_archive(ledger.store, grown_, at=size)
        assert manifest == export_archive(ledger.store, tmp_path / f"new{size}", at=size)
        assert contents(grown_) == contents(tmp_path / f"new{size}"), size
        assert verify(ArchiveSource(grown_), policy_of(world)).verdict == "OK"
        now = inodes(grown_)
        whole = {name for name in kept if "/" in name and ".p/" not in name}
        assert {name: now[name] for name in whole} == {name: kept[name] for name in whole}
        kept = now
    export_archive(ledger.store, grown_)
    assert inodes(grown_) == kept


@pytest.mark.parametrize("start", [0, 300])
def test_a_killed_export_is_gone_on_with(url: str, tmp_path: Path, start: int) -> None:
    """Killed at random steps, once or several times, and run again: the archive is the new one."""
    new, old = tmp_path / "new", tmp_path / "old"
    total = int(run(url, new, SIZE, 0).stdout)
    if start:
        assert run(url, old, start, 0).returncode == 0
        shutil.copytree(old, tmp_path / "whole")
        total = int(run(url, tmp_path / "whole", SIZE, 0).stdout)
    chance = random.Random(start)
    assert total > 20
    moments = [total, total - 1, *(chance.randrange(1, total) for _ in range(6))]
    for number, last in enumerate(moments):
        folder = tmp_path / f"killed{number}"
        if start:
            shutil.copytree(old, folder)
        assert run(url, folder, SIZE, last).returncode == -signal.SIGKILL
        if number % 3 == 0:  # again, before it comes to its end
            run(url, folder, SIZE, chance.randrange(1, total))
        assert run(url, folder, SIZE, 0).returncode == 0
        assert contents(folder) == contents(new), last
        assert not folder.with_name(f"{folder.name}.unfinished").exists()


def test_a_killed_export_leaves_the_older_archive_or_the_newer(
    url: str, world: World, tmp_path: Path
) -> None:
    """Before its checkpoint is replaced, an archive that is written on says what it said."""
    old = tmp_path / "old"
    run(url, old, 300, 0)
    checkpoint = (old / "checkpoint").read_bytes()
    assert run(url, old, SIZE, 5).returncode == -signal.SIGKILL
    assert (old / "checkpoint").read_bytes() == checkpoint
    with pytest.raises(LedgerError, match="does not belong into the archive"):
        verify(ArchiveSource(old), policy_of(world))


@pytest.mark.parametrize("last", [8, 12, 20])
def test_what_a_stopped_export_wrote_beyond_the_end_goes(
    ledger: Ledger, url: str, world: World, tmp_path: Path, last: int
) -> None:
    """The next one ends earlier: the ledger was restored meanwhile, or less of it is cosigned."""
    folder = tmp_path / "archive"
    run(url, folder, 300, 0)
    assert run(url, folder, SIZE, last).returncode == -signal.SIGKILL
    (folder / "mine.txt").write_text("mine")
    export_archive(ledger.store, folder, at=400)
    assert (folder / "mine.txt").read_text() == "mine"
    (folder / "mine.txt").unlink()
    export_archive(ledger.store, tmp_path / "new", at=400)
    assert contents(folder) == contents(tmp_path / "new")
    assert verify(ArchiveSource(folder), policy_of(world)).verdict == "OK"


def test_what_cannot_be_written_on_is_refused(ledger: Ledger, world: World, tmp_path: Path) -> None:
    """Another ledger's archive, another history's, a longer one, no archive at all."""
    other, rewritten = signer("other.example"), World.contracted()
    folders = {
        "is an archive of other.example, not of": archive(
            tmp_path / "other", world.statements[:9], key=other
        ),
        "is not of this history": archive(tmp_path / "rewritten", rewritten.statements),
        "holds 300 statements already": tmp_path / "longer",
        "is not an archive": tmp_path / "notes",
    }
    export_archive(ledger.store, tmp_path / "longer", at=300)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/mine.txt").write_text("mine")
    for reason, folder in folders.items():
        before = contents(folder)
        with pytest.raises(LedgerError, match=reason):
            export_archive(ledger.store, folder, at=200)
        assert contents(folder) == before


def test_an_archive_for_one_reader_stays_that_reader_s(ledger: Ledger, tmp_path: Path) -> None:
    """What was withheld is counted with its reason, may come later, and never by mistake."""
    hidden = {"visit.recorded"}

    def withhold(row: EventRow) -> str | None:
        return "for the parties" if row.type in hidden else None

    folder, public = tmp_path / "public", Reading("public", withhold)
    export_archive(ledger.store, folder, at=300, reading=public)
    with pytest.raises(LedgerError, match="was made for public, not for whoever reads everything"):
        export_archive(ledger.store, folder)
    manifest = export_archive(ledger.store, folder, reading=public)
    ((kind, count, why),) = manifest.withheld
    assert (kind, why, manifest.reader) == ("visit.recorded", "for the parties", "public")
    report = verify(ArchiveSource(folder))
    assert (report.verdict, report.withheld, report.exit_code) == ("PARTIAL", count, 3)
    assert b"visit.recorded" not in b"".join(
        data or b"" for name, data in contents(folder).items() if name.startswith("events")
    )
    hidden.clear()
    assert export_archive(ledger.store, folder, reading=public).withheld == ()
    export_archive(ledger.store, tmp_path / "new", reading=public)
    assert contents(folder) == contents(tmp_path / "new")
    assert verify(ArchiveSource(folder)).verdict == "consistent, not anchored"

"""From an archive to columns: the replay judges it, and its postings are those of the law."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from ledger.archive import Archive
from ledger.errors import LedgerError
from ledger.events import type_of
from ledger.note import parse_note
from ledger.replay.report import Report, Wrong
from ledger.replay.sources import ArchiveSource, Comparison, Record, Replay, Replayed
from ledger.replay.verifying import verify
from ledger.statement import note_of_entry
from ledger.tiling import Tile
from ledger.tlog import Checkpoint
from projections.national.auditing import LedgerAudit
from projections.national.columns import ColumnEvent, ColumnPosting, ColumnWriter, is_columns


def staged(folder: Path, beside: Path, jobs: int = 1) -> Path | LedgerAudit:
    """Return where the columns of a ledger lie: given so, or made of an archive in `beside`.

    An archive that is wrong, or from which events were withheld, has none: then what its replay
    found is all there is.

    Raises:
        LedgerError: the folder is neither, or cannot be read.

    """
    if is_columns(folder):
        return folder
    stated = Archive(folder).stated
    found = LedgerAudit(str(folder), stated.origin, stated.size, 0)
    try:
        report = stage_archive(folder, beside, jobs)
    except Wrong as wrong:
        return replace(found, where=wrong.what, reason=wrong.reason)
    except LedgerError as error:
        return replace(found, where="archive", reason=str(error))
    if not report.withheld:
        return beside
    why = f"{report.withheld} events were withheld, so balances and flags cannot be derived"
    return replace(found, events=report.events, root=report.root.hex(), unjudged=why)


def stage_archive(archive: Path, folder: Path, jobs: int = 1) -> Report:
    """Verify an archive, and write its columns into `folder` meanwhile.

    Where events were withheld, what rests on them cannot be derived: the report says so, and the
    folder holds no more than a part, without a checkpoint.

    Raises:
        Wrong: the first thing that is wrong.
        LedgerError: it cannot be read.

    """
    source = ArchiveSource(archive)
    origin = Checkpoint.parse(parse_note(source.newest()).text).origin
    writer = ColumnWriter(folder, origin)
    try:
        report = verify(_Staged(source, writer), jobs=jobs)
        if not report.withheld:
            writer.finish(report.checkpoint)
    finally:
        writer.close()
    return report


class _Staged:
    """An archive as a source, whose statements are written as they are replayed."""

    def __init__(self, source: ArchiveSource, writer: ColumnWriter) -> None:
        self._source = source
        self._writer = writer

    @property
    def withholds(self) -> bool:
        return self._source.withholds

    def newest(self) -> bytes:
        return self._source.newest()

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        return self._source.records(start, stop)

    def checkpoints(self) -> Iterator[tuple[int, bytes]]:
        return self._source.checkpoints()

    def compare(self) -> Comparison:
        return _Writing(self._source.compare(), self._writer)


class _Writing:
    """An archive's comparison, which writes what the replay found."""

    def __init__(self, comparison: Comparison, writer: ColumnWriter) -> None:
        self._comparison = comparison
        self._writer = writer

    def statement(self, replayed: Replayed) -> None:
        self._comparison.statement(replayed)
        opened = replayed.opened
        self._writer.add(
            replayed.recorded_ms,
            note_of_entry(replayed.record.entry),
            replayed.leaf,
            [
                ColumnEvent(event.id, type_of(event), done.touched[0][0], body, leaf)
                for event, done, body, leaf in zip(
                    opened.events, replayed.admitted, opened.bodies, opened.leaves, strict=True
                )
            ],
            [
                ColumnPosting(
                    place,
                    ordinal,
                    posting.debit,
                    posting.credit,
                    posting.line,
                    posting.contract or posting.lot or "",
                    posting.amount_fen,
                )
                for place, done in enumerate(replayed.admitted)
                for ordinal, posting in enumerate(done.postings)
            ],
        )

    def tile(self, tile: Tile) -> None:
        self._comparison.tile(tile)

    def end(self, replay: Replay) -> None:
        self._comparison.end(replay)

    def late(self) -> Iterator[Wrong]:
        return self._comparison.late()

"""Which of the reports of one process count.

1. Of several reports with one (publisher, ocid, release id) the one at the latest position; the
   earlier are *superseded*. A release without id is known by its date instead; several such of one
   file all count, because nobody publishes two versions of a release in one file.
2. A compiled release whose file also holds releases of the process says the same again: it is a
   *summary*. Any other compiled release stands for the whole process up to its date: what the
   same publisher dated no later is *summarised* by it.
3. The rest is *counted*: merged in the order of dates (of equal dates, of positions) by the rules
   of OCDS 1.1, whoever published it, because a process may be published by several bodies, the
   contract by one and the payments by another. One contract, award or payment is the same one in
   all releases that give it the same id, or, without an id, the same place
   (`projections.reported_essence`).

So a raw and an upgraded copy of one file, a record beside its releases, or a second import of
everything leaves every figure as it was.

"""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct

from ledger.errors import Malformed
from ledger.intake.finding import find_defects
from ledger.intake.parsing import parse
from ledger.intake.shape import text_in
from projections.compiling import merge_instant
from projections.reported_essence import tags_of

Json = dict[str, Any]
Standing = Literal["counted", "superseded", "summary", "summarised", "unreadable"]

COMPILED = "compiled"


class Report(Struct, frozen=True):
    """A `release.reported` event, as far as it matters here.

    Attributes:
        position: the event's position; later ones count before earlier ones of the same key.
        publisher: who published the release.
        release_id: the publisher's id of it, or None.
        release: the release's JSON text.
        file_sha256: hash of the file it was found in; tells a record's summary of its releases.

    """

    position: int
    publisher: str
    release_id: str | None
    release: str
    file_sha256: str = ""


class Heard:
    """A report, its release read, and how it stands.

    Attributes:
        report: as given.
        release: the parsed release; empty if it is no JSON object.
        standing: counted, or why not.
        tags: the release's tags.
        date: the release's date as published; may be empty.
        defects: what is wrong with the release.

    """

    def __init__(self, report: Report) -> None:
        """Read the release of a report."""
        self.report = report
        self.standing: Standing = "counted"
        self.release: Json = {}
        try:
            release = parse(report.release)
        except Malformed:
            release = None
        if isinstance(release, dict):
            self.release = release
        else:
            self.standing = "unreadable"
        self.tags = tuple(tags_of(self.release))
        self.date = text_in(self.release, "date")
        self.defects = find_defects(self.release) if self.release else ()

    @property
    def is_compiled(self) -> bool:
        """Whether the release states a whole process instead of a change of it."""
        return COMPILED in self.tags

    @property
    def order(self) -> tuple[int, int]:
        """The place in the order of merging: by date, of equal dates by position."""
        return merge_instant(self.release), self.report.position


def hear(reports: Sequence[Report]) -> list[Heard]:
    """Return the reports in the order of their positions, each with its standing."""
    heard = [Heard(report) for report in sorted(reports, key=lambda report: report.position)]
    counted = _latest(heard)
    files = {one.report.file_sha256 for one in heard if one.release and not one.is_compiled}
    compiled = [one for one in counted if one.is_compiled]
    for one in compiled:
        if one.report.file_sha256 and one.report.file_sha256 in files:
            one.standing = "summary"
    for one in compiled:
        if one.standing == "counted":
            for other in counted:
                if other.standing == "counted" and _covers(one, other):
                    other.standing = "summarised"
    return heard


def _latest(heard: Sequence[Heard]) -> list[Heard]:
    """Mark what a later report of the same release supersedes; return the others."""
    latest: dict[tuple[str, str | None, str], list[Heard]] = {}
    for one in heard:
        if one.standing == "counted":
            report = one.report
            key = (report.publisher, report.release_id, "" if report.release_id else one.date)
            before = latest.setdefault(key, [])
            if not (before and _stand_together(before[-1], one)):
                for other in before:
                    other.standing = "superseded"
                before.clear()
            before.append(one)
    return [one for ones in latest.values() for one in ones]


def _stand_together(one: Heard, other: Heard) -> bool:
    """Tell whether two releases of one date are two because one file holds both without ids."""
    if one.report.release_id is not None or one.is_compiled or other.is_compiled:
        return False
    return bool(one.report.file_sha256) and one.report.file_sha256 == other.report.file_sha256


def _covers(compiled: Heard, other: Heard) -> bool:
    """Tell whether a compiled release states all that `other` does."""
    if other is compiled or other.report.publisher != compiled.report.publisher:
        return False
    if other.is_compiled:
        return other.order < compiled.order
    return other.order[0] <= compiled.order[0]

"""OCDS in: files of packages, records and releases become reports, or go to quarantine.

Promise: every object of every file is given out once, as `Reported` or as `Quarantined` with the
place and the reason; nothing is dropped silently. A `Reported` carries the release as the
publisher wrote it, character by character, with what is wrong with it beside it. Reading the same
bytes again gives the same `key`s, so that an importer can leave out what it has.

    for item in read_paths([Path("downloads")]):
        match item:
            case Reported():
                ...  # release.reported {ocid, release_id, release, source}
            case Quarantined():
                ...  # file, place, reason, sentence

The text of a release differs from the publisher's in three cases only, each told by a defect:
bytes that are no UTF-8 are read as Windows-1252, raw control characters inside strings are
escaped, and white space is removed from a release that would else be too large for an event.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct

from ledger.canonical import MAX_BYTES
from ledger.errors import Malformed
from ledger.events.reported import MAX_RELEASE_CHARS
from ledger.intake.defects import REASONS, Defect, defect
from ledger.intake.finding import find_defects, kind_of
from ledger.intake.parsing import MAX_DEPTH, MAX_VALUE_CHARS, TooDeep, parse
from ledger.intake.reading import (
    Broken,
    Opened,
    Slice,
    decode_text,
    escape_controls,
    mend,
    read_documents,
    storable,
    without_space,
)
from ledger.intake.releases import (
    UNKNOWN_PUBLISHER,
    Candidate,
    Unusable,
    context_of,
    releases_of,
)
from ledger.intake.shape import MAX_TEXT_CHARS

MAX_FILE_BYTES = 256 << 20  # read at once; larger sets are published as JSON Lines, to be split
MAX_ASIDE = 10_000
"""Places of one file that are set aside before it is given up, if they are more than its releases:
a publisher mends what he is told, and nobody reads more."""
MAX_OCID_CHARS = 500  # as an event allows
MAX_RELEASE_BYTES = MAX_BYTES - 65_536
"""A release written as a JSON string; the rest of an event's 1 MiB is for its other fields."""

_EXCERPT_CHARS = 120
_PACKED = {  # what packed files begin with, none of which begins a text
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x28\xb5\x2f\xfd": "zstd",
}


class Source(Struct, frozen=True):
    """Where a release was found.

    Attributes:
        publisher: who published it (`UNKNOWN_PUBLISHER` if nobody says).
        sha256: hash of the file's bytes, in hex.
        url: where the package said it can be had, or None.
        package_date: when the package was published, as written, or None.

    """

    publisher: str
    sha256: str
    url: str | None = None
    package_date: str | None = None


class Reported(Struct, frozen=True):
    """A release that can be reported.

    Attributes:
        ocid: the open contracting process.
        release_id: the publisher's id of the release, unique within the ocid; None if it has none.
        release: the release's JSON text, as published.
        source: where it was found.
        file: the name of the file.
        place: the line in the file and the JSON pointer in the document.
        defects: what is wrong with it.

    """

    ocid: str
    release_id: str | None
    release: str
    source: Source
    file: str
    place: str
    defects: tuple[Defect, ...]

    @property
    def key(self) -> tuple[str, str, str | None, str]:
        """Return what makes a report one: (publisher, ocid, release id, SHA-256 of the text)."""
        digest = hashlib.sha256(self.release.encode()).hexdigest()
        return self.source.publisher, self.ocid, self.release_id, digest


class Quarantined(Struct, frozen=True):
    """Something that cannot be reported.

    Attributes:
        file: the name of the file.
        place: the line in the file and the JSON pointer in the document; empty for the file.
        reason: a code from `ledger.intake.defects.REASONS`.
        sentence: the reason in words.
        excerpt: how the text begins there.

    """

    file: str
    place: str
    reason: str
    sentence: str
    excerpt: str = ""


def read_paths(paths: Iterable[Path]) -> Iterator[Reported | Quarantined]:
    """Give what the files hold; folders with all below them, in the order of their names.

    Hidden files (of a version control, of a desktop) are passed over inside folders.
    """
    for path in paths:
        if not path.is_dir():
            yield from read_path(path)
            continue
        for file in _files_below(path):
            if file.exists() and not file.is_file():  # a pipe: whoever opened it would wait
                yield _set_aside(str(file), "", "file_irregular")
            else:
                yield from read_path(file)


def read_path(path: Path) -> Iterator[Reported | Quarantined]:
    """Give what one file, or one pipe, holds; one that cannot be read goes to quarantine."""
    try:
        file = _File(str(path), _bytes_of(path))
    except _UnfitError as unfit:
        yield _set_aside(str(path), "", unfit.reason, "", **unfit.facts)
        return
    yield from file.items()


def read_file(name: str, data: bytes) -> Iterator[Reported | Quarantined]:
    """Give what the bytes of one file hold, in their order; `name` is repeated in the results."""
    yield from _File(name, data).items()


def _bytes_of(path: Path) -> bytes:
    """Return what a file holds; of a pipe without end no more than the limit is read."""
    try:
        with path.open("rb") as file:
            large = path.is_file() and path.stat().st_size > MAX_FILE_BYTES
            data = b"" if large else file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise _UnfitError("file_unreadable", why=error.strerror or str(error)) from error
    if large or len(data) > MAX_FILE_BYTES:
        raise _UnfitError("file_too_large", limit=MAX_FILE_BYTES)
    return data


class _File:
    """One file on its way through: its text, its hash and how far its lines are counted."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.packed = next((kind for mark, kind in _PACKED.items() if data.startswith(mark)), None)
        self.text = "" if self.packed else decode_text(data)
        self.counted = (0, 1)  # a place in the text and its line

    def items(self) -> Iterator[Reported | Quarantined]:
        """Give what the file holds; one that is mostly rubbish is given up."""
        reported = aside = 0
        for item in self._all():
            yield item
            if isinstance(item, Reported):
                reported += 1
            else:
                aside += 1
            if aside >= MAX_ASIDE and aside > reported:
                yield _set_aside(self.name, item.place, "file_given_up", count=aside)
                return

    def _all(self) -> Iterator[Reported | Quarantined]:
        empty = True
        for document in read_documents(self.text):
            empty = False
            if isinstance(document, Broken):
                yield self.broken(document)
            else:
                yield from self.document(document)
        if self.packed:
            yield _set_aside(self.name, "", "file_packed", kind=self.packed)
        elif empty:
            yield _set_aside(self.name, "", "file_empty")

    def broken(self, rest: Broken) -> Quarantined:
        sentence = REASONS["not_json"].format(why=f"{rest.why} ({self.place(rest.at, '')})")
        excerpt = self.excerpt(rest.start)
        return Quarantined(
            self.name, self.place(rest.start, ""), "not_json", storable(sentence), excerpt
        )

    def document(self, document: Slice | Opened) -> Iterator[Reported | Quarantined]:
        for found in releases_of(document):
            if isinstance(found, Candidate):
                yield self.judge(found)
            else:
                yield self.unusable(found)

    def unusable(self, found: Unusable) -> Quarantined:
        where = self.place(found.start, found.pointer)
        excerpt = self.excerpt(found.start)
        return _set_aside(self.name, where, found.reason, excerpt, **found.facts)

    def judge(self, found: Candidate) -> Reported | Quarantined:
        try:
            return self.report(found, *_admissible(found, self.text))
        except _UnfitError as unfit:
            where = self.place(found.start, found.pointer)
            excerpt = self.excerpt(found.start)
            return _set_aside(self.name, where, unfit.reason, excerpt, **unfit.facts)

    def report(
        self, found: Candidate, release: dict[str, Any], text: str, noted: tuple[Defect, ...]
    ) -> Reported:
        context = found.context
        publisher = context.publisher or context_of(release).publisher
        if not publisher:
            publisher = UNKNOWN_PUBLISHER
            noted = (*noted, defect("publisher_missing"))
        release_id = storable(_identity(release.get("id")))
        return Reported(
            ocid=_identity(release["ocid"]).strip(),
            release_id=release_id or None,
            release=text,
            source=Source(publisher, self.sha256, context.url, context.package_date),
            file=self.name,
            place=self.place(found.start, found.pointer),
            defects=(*noted, *context.defects, *found.defects, *find_defects(release)),
        )

    def place(self, at: int, pointer: str) -> str:
        before, line = self.counted
        line += self.text.count("\n", before, at) - self.text.count("\n", at, before)
        self.counted = (at, line)
        return f"line {line} {storable(pointer)}".rstrip()

    def excerpt(self, at: int) -> str:
        return storable(mend(self.text[at : at + _EXCERPT_CHARS])[0])


class _UnfitError(Exception):
    """A release cannot be reported, for a reason of `REASONS`."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason, facts)
        self.reason = reason
        self.facts = facts


def _admissible(found: Candidate, file: str) -> tuple[dict[str, Any], str, tuple[Defect, ...]]:
    """Return a release's value and text as an event can carry them, and what was done to it."""
    if found.end - found.start > MAX_VALUE_CHARS:
        size = found.end - found.start
        raise _UnfitError("release_too_large", size=size, limit=MAX_RELEASE_BYTES)
    if not isinstance(found.value, dict):
        raise _UnfitError("object_expected", found=kind_of(found.value))
    ocid, release_id = _identity(found.value.get("ocid")), _identity(found.value.get("id"))
    ocid = ocid.strip()
    if not ocid:
        raise _UnfitError("ocid_missing")
    if len(ocid) > MAX_OCID_CHARS or ocid != storable(ocid):
        raise _UnfitError("ocid_unusable", limit=MAX_OCID_CHARS)
    if len(release_id) > MAX_TEXT_CHARS:
        raise _UnfitError("release_id_unusable", limit=MAX_TEXT_CHARS)
    text, mended = mend(file[found.start : found.end])
    noted = [defect("not_utf8")] if mended else []
    try:
        release = parse(text)
    except TooDeep as error:
        raise _UnfitError("release_too_deep", limit=MAX_DEPTH) from error
    except Malformed:
        text = escape_controls(text)
        noted.append(defect("control_characters"))
        release = _mended(text)
    if not _fits(text):
        text = without_space(text)
        noted.append(defect("white_space_removed"))
        if not _fits(text):
            raise _UnfitError("release_too_large", size=_size(text), limit=MAX_RELEASE_BYTES)
    return release, text, tuple(noted)


def _mended(text: str) -> dict[str, Any]:
    try:
        release: dict[str, Any] = parse(text)
    except TooDeep as error:
        raise _UnfitError("release_too_deep", limit=MAX_DEPTH) from error
    except Malformed as error:
        raise _UnfitError("release_not_json", why=error.__cause__ or error) from error
    return release


def _fits(text: str) -> bool:
    return len(text) <= MAX_RELEASE_CHARS and _size(text) <= MAX_RELEASE_BYTES


def _size(text: str) -> int:
    """Return how many bytes `text` takes as a JSON string."""
    return len(orjson.dumps(text))


def _identity(value: object) -> str:
    """Return an identifier as published: text, or a number as it is spelled; else empty."""
    return mend(str(value))[0] if isinstance(value, str) else ""


def _set_aside(
    name: str, place: str, reason: str, excerpt: str = "", **facts: object
) -> Quarantined:
    sentence = storable(REASONS[reason].format(**facts))
    return Quarantined(name, place, reason, sentence, excerpt)


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(parent, name)

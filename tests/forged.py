"""Audit packs that somebody changed: a file, and the manifest with it as if nothing had been."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import msgspec

from api.exports.pack.manifest import File, hash_of, read_manifest

Change = Callable[[bytes], bytes]
"""From a file's bytes to others."""


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def told(rows: list[dict[str, str]]) -> bytes:
    """Return a table as a file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def replacing(old: str, new: str) -> Change:
    """Return what replaces the first of some bytes that must be there."""

    def change(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode(), 1)

    return change


def without_line(number: int) -> Change:
    """Return what takes a line out; the first has the number 0."""

    def change(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        del lines[number]
        return b"".join(lines)

    return change


def in_column(name: str, value: str | None = None) -> Change:
    """Return what puts another value into a column of the last row that has one there."""

    def change(data: bytes) -> bytes:
        header, *lines = data.decode("utf-8-sig").splitlines()
        place = header.split(",").index(name)
        rows = list(csv.reader(lines))
        row = next(row for row in reversed(rows) if row[place])
        old = row[place]
        row[place] = value if value is not None else old[:-1] + ("0" if old[-1] != "0" else "1")
        assert row[place] != old
        head = f"\ufeff{header}\r\n".encode()
        return (
            head
            + "".join(",".join(_quoted(cell) for cell in row) + "\r\n" for row in rows).encode()
        )

    return change


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if '"' in cell or "," in cell else cell


def twice(data: bytes) -> bytes:
    """Return a table with its last row once more."""
    return data + data.splitlines(keepends=True)[-1]


def forge(folder: Path, path: str, change: Change) -> None:
    """Change a file, and write the manifest as if it had always been so."""
    file = folder / path
    file.write_bytes(change(file.read_bytes()))
    manifest = read_manifest(folder)
    files = tuple(
        File(each.path, *hash_of(folder / path), each.rows) if each.path == path else each
        for each in manifest.files
    )
    written = msgspec.structs.replace(manifest, files=files)
    (folder / "MANIFEST.json").write_bytes(written.encode())

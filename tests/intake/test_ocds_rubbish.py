"""Rubbish where OCDS is expected: few sentences, nothing reported, memory that does not grow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from published import package, read, release

from ledger.intake import ocds, parsing, reading
from ledger.intake.ocds import Quarantined, Reported, read_path, read_paths

TWO_GB = 2 << 30
SIXTEEN_MB = 16 << 20
READ = """
import sys
from pathlib import Path
sys.path[:0] = {path}
from ledger.intake.ocds import Quarantined, read_path
items, reported, last = 0, 0, ""
for item in read_path(Path(sys.argv[1])):
    items += 1
    reported += not isinstance(item, Quarantined)
    last = getattr(item, "reason", "")
status = Path("/proc/self/status").read_text()
peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
print(items, reported, last, int(peak.split()[1]) // 1024)
"""

RUBBISH = {  # what 16 MB of it begin with, repeat, and what the last sentence's reason is
    "line breaks": (b"", b"\n", "file_empty"),
    "zero bytes": (b"", b"\0", "not_json"),
    "an array of numbers": (b"[", b"0,", "file_given_up"),
    "a member that is an array of numbers": (b'{"x":[', b"0,", "not_json"),
    "a package of empty releases": (b'{"releases":[', b"{},", "file_given_up"),
    "an array of empty objects": (b"[", b"{},", "file_given_up"),
    "objects that break off": (b"", b"{\n", "file_given_up"),
    "lines of empty objects": (b"", b"{}\n", "file_given_up"),
    "one text": (b'{"a":"', b"a", "not_json"),
    "brackets": (b"", b"[", "not_json"),
    "members": (b"{", b'"a":0,', "not_json"),
}


def reading_in_a_process(path: str, stdin: int | None = None) -> tuple[int, int, str, int]:
    """Return what reading gives: items, reports, the last reason, and the memory in megabytes."""
    program = READ.replace("{path}", repr(sys.path))
    ended = subprocess.run(
        [sys.executable, "-c", program, path],
        check=True,
        capture_output=True,
        text=True,
        stdin=stdin,
    )
    items, reported, reason, megabytes = ended.stdout.split()
    return int(items), int(reported), reason, int(megabytes)


@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_is_told_in_bounded_memory(name: str, tmp_path: Path) -> None:
    """Parsed as a whole, some of these files would take gigabytes."""
    start, repeated, reason = RUBBISH[name]
    path = tmp_path / "rubbish.json"
    path.write_bytes(start + repeated * (SIXTEEN_MB // len(repeated)))
    items, reported, last, megabytes = reading_in_a_process(str(path))
    assert (reported, last) == (0, reason)
    assert items <= ocds.MAX_ASIDE + 1
    assert megabytes < 400


def test_two_gigabytes_are_one_sentence(tmp_path: Path) -> None:
    """A sparse file is refused by its size; nothing of it is read."""
    path = tmp_path / "sparse.json"
    with path.open("wb") as file:
        file.truncate(TWO_GB)
    items, reported, reason, megabytes = reading_in_a_process(str(path))
    assert (items, reported, reason) == (1, 0, "file_too_large")
    assert megabytes < 100


def test_a_stream_without_end_is_one_sentence() -> None:
    """What comes through a pipe is read up to the limit and no further."""
    with subprocess.Popen(["cat", "/dev/zero"], stdout=subprocess.PIPE) as endless:
        assert endless.stdout is not None
        found = reading_in_a_process("/dev/stdin", stdin=endless.stdout.fileno())
        endless.kill()
    items, reported, reason, megabytes = found
    assert (items, reported, reason) == (1, 0, "file_too_large")
    assert megabytes < 3 * (ocds.MAX_FILE_BYTES >> 20)


def test_a_pipe_inside_a_folder_is_told_and_not_waited_for(tmp_path: Path) -> None:
    """Nobody may ever write into it; whoever means a pipe names it."""
    os.mkfifo(tmp_path / "a.json")
    (tmp_path / "b.json").write_text(package(release()))
    aside, reported = read_paths([tmp_path])
    assert isinstance(aside, Quarantined)
    assert (aside.reason, aside.sentence) == ("file_irregular", "This is no regular file.")
    assert isinstance(reported, Reported)


def test_a_file_of_good_releases_is_never_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where more is set aside than read does nobody go on; until then each place is told."""
    monkeypatch.setattr(ocds, "MAX_ASIDE", 3)
    good, bad = release(), {"id": "without ocid"}
    assert len(read(package(*[good] * 4, *[bad] * 4))) == 8
    assert len(read(package(*[good] * 3, *[bad] * 9))) == 3 + 4 + 1
    items = read(package(*[bad] * 9, good))
    assert [item.reason for item in items if isinstance(item, Quarantined)] == [
        *["ocid_missing"] * 3,
        "file_given_up",
    ]


def test_a_value_too_large_to_be_read_does_not_hide_what_follows(tmp_path: Path) -> None:
    """Its end is found by brackets and quotes; the releases around it are reported."""
    many = {"ocid": "ocds-abcdef-2", "x": ["}]"] * (parsing.MAX_VALUE_CHARS // 4)}
    path = tmp_path / "large.json"
    path.write_text(package(release(id="1"), many, release(id="3"), x=many["x"]))
    first, large, last = read_path(path)
    assert isinstance(first, Reported)
    assert isinstance(large, Quarantined)
    assert isinstance(last, Reported)
    assert (large.reason, large.place) == ("release_too_large", "line 1 /releases/1")
    assert (first.release_id, last.release_id) == ("1", "3")
    assert last.release == path.read_text()[-len(last.release) - 2 : -2]


def test_a_large_package_is_read_as_a_small_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of any size cut texts, numbers, escapes and words anywhere; nothing changes."""
    odd = release(x=[-1.5e-10, '\u00e9\U0001f600\\"', True, None, {"a": [[]]}], tag=["contract"])
    text = package(*[odd | {"id": str(n)} for n in range(20)], n=[1e5, 12345678], t="z" * 100)
    whole = read(text)
    for first in range(8, 80):
        monkeypatch.setattr(parsing, "MAX_VALUE_CHARS", 1600)
        monkeypatch.setattr(parsing, "_FIRST_WINDOW", first)
        monkeypatch.setattr(parsing, "_NEXT_WINDOW", 2)
        monkeypatch.setattr(ocds, "MAX_VALUE_CHARS", 1600)
        assert read(text) == whole


def test_more_items_than_a_document_may_have_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before stays; the sentence says why the rest was not."""
    monkeypatch.setattr(reading, "MAX_ITEMS", 2)
    items = read(package(*[release()] * 3))
    assert [type(item) for item in items] == [Reported, Reported, Quarantined]
    assert "One document has more than 2 items" in getattr(items[-1], "sentence", "")

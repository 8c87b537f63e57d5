"""Files as they are met: odd encodings, many documents in one, broken ones, all shapes of OCDS."""

import json
from pathlib import Path

import published
import pytest
from hypothesis import given
from hypothesis import strategies as st
from published import one, package, read, refused, release

from ledger.canonical import MAX_BYTES
from ledger.events.reported import MAX_RELEASE_CHARS
from ledger.intake import ocds, parsing
from ledger.intake.defects import REASONS
from ledger.intake.ocds import MAX_RELEASE_BYTES, Quarantined, Reported, read_path, read_paths

SPANISH = '{"publisher":{"name":"Función"},"releases":[{"ocid":"ocds-abcdef-ñ","id":"1"}]}'


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "utf-32-be",
        "iso-8859-1",
        "cp1252",
    ],
)
def test_an_odd_encoding_is_read(encoding: str) -> None:
    """With a byte order mark or without one, the text is the same, and so is the publisher."""
    item = one(SPANISH.encode(encoding))
    assert (item.ocid, item.source.publisher) == ("ocds-abcdef-ñ", "Función")
    assert item.release == '{"ocid":"ocds-abcdef-ñ","id":"1"}'


def test_bytes_that_are_no_utf_8_are_told_where_they_stand() -> None:
    """In a UTF-8 file with one Windows-1252 release only that release has the defect."""
    good, bad = ('{"ocid":"ocds-abcdef-1","id":"ñ“"}' for _ in range(2))
    data = b'{"releases":[' + good.encode() + b"," + bad.encode("cp1252") + b"]}"
    first, second = read(data)
    assert isinstance(first, Reported)
    assert isinstance(second, Reported)
    assert first.release == second.release == good
    assert "not_utf8" not in {found.code for found in first.defects}
    assert "not_utf8" in {found.code for found in second.defects}


def test_a_byte_that_windows_1252_leaves_open_is_kept_as_iso_8859_1() -> None:
    """0x81 is nothing in Windows-1252; it must not stop the file."""
    assert one(b'{"ocid":"ocds-abcdef-1","id":"\x81"}').release_id == "\x81"


def test_numbers_keep_their_spelling() -> None:
    """0.10, 1e3 and an integer beyond 64 bits stand in the report as they were published."""
    text = '{"ocid":"ocds-abcdef-1", "x":[0.10, 1e3, 123456789012345678901234567890, -0.0]}'
    assert one(f'{{"releases":[ {text} ]}}').release == text


def test_json_lines_of_packages_records_and_releases_are_read() -> None:
    """Each line is a document of its own kind; blank lines are nothing; places name the line."""
    lines = [
        package(release(ocid="ocds-abcdef-1")),
        "",
        json.dumps(release(ocid="ocds-abcdef-2")),
        json.dumps({"ocid": "ocds-abcdef-3", "releases": [release(ocid="ocds-abcdef-3")]}),
        json.dumps([release(ocid="ocds-abcdef-4"), json.loads(package(release()))]),
    ]
    places = {
        item.ocid: item.place for item in read("\r\n".join(lines)) if isinstance(item, Reported)
    }
    assert places == {
        "ocds-abcdef-1": "line 5 /1/releases/0",
        "ocds-abcdef-2": "line 3",
        "ocds-abcdef-3": "line 4 /releases/0",
        "ocds-abcdef-4": "line 5 /0",
    }


def test_documents_one_behind_the_other_are_read() -> None:
    """Concatenated files, byte order marks between them, and RFC 7464 sequences hold as many."""
    document = json.dumps(release())
    assert len(read(document * 3)) == 3
    assert len(read(f"\ufeff{document}\ufeff{document}")) == 2
    assert len(read(f"\x1e{document}\n\x1e{document}\n")) == 2


def test_a_broken_line_does_not_lose_the_others() -> None:
    """The line that is not JSON goes to quarantine with its number; those around it are read."""
    good = json.dumps(release())
    first, broken, last = read(f'{good}\n{{"ocid": "ocds-abcdef-2", "tag": [\n{good}\n')
    assert isinstance(first, Reported)
    assert isinstance(broken, Quarantined)
    assert isinstance(last, Reported)
    assert (broken.place, broken.reason) == ("line 2", "not_json")
    assert broken.excerpt.startswith('{"ocid": "ocds-abcdef-2"')
    assert last.place == "line 3"


def test_the_releases_before_a_break_are_kept() -> None:
    """A download that stopped in the third release gives two, and says where it stopped."""
    text = package(release(id="1"), release(id="2"), release(id="3"))
    first, second, broken = read(text[:-20])
    assert isinstance(first, Reported)
    assert isinstance(second, Reported)
    assert (first.release_id, second.release_id) == ("1", "2")
    assert isinstance(broken, Quarantined)
    assert broken.reason == "not_json"


def test_a_record_that_breaks_off_keeps_its_releases_and_is_told_once() -> None:
    """What a truncated record embeds is reported; the rest is one entry in quarantine."""
    record = {"ocid": "ocds-abcdef-1", "releases": [release(), release()], "x": "y"}
    text = json.dumps({"publisher": {"name": "P"}, "records": [record]})
    items = read(text[:-6])
    assert [type(item) for item in items] == [Reported, Reported, Quarantined]


def test_a_bare_release_that_breaks_off_is_not_reported() -> None:
    """Half a release could say anything; it goes to quarantine."""
    assert refused(json.dumps(release())[:-1]).reason == "not_json"


def test_a_file_of_many_lines_that_is_not_json_is_one_entry() -> None:
    """A readme beside the data is named once, not once a line."""
    assert refused("# Read me\n\nNothing here\nis JSON.\n").place == "line 1"


def test_an_empty_list_is_told() -> None:
    """A publisher's answer to a search that found nothing is no file to pass over."""
    assert refused("[]").reason == "package_empty"


def test_two_lists_of_releases_in_one_package_are_both_read() -> None:
    """A repeated name must not hide the first list, as it would in a parser that keeps the last."""
    inner = json.dumps(release())
    assert len(read(f'{{"releases":[{inner}],"releases":[{inner}]}}')) == 2


def test_a_record_gives_its_releases_and_its_compiled_release() -> None:
    """The versioned release repeats them: it is left out, and that is told on the last report."""
    record = {
        "ocid": "ocds-abcdef-1",
        "releases": [release(id="1"), release(id="2")],
        "compiledRelease": release(id="c", tag=["compiled"]),
        "versionedRelease": {"ocid": "ocds-abcdef-1"},
    }
    items = read(json.dumps({"publisher": {"name": "P"}, "records": [record]}))
    assert [item.release_id for item in items if isinstance(item, Reported)] == ["1", "2", "c"]
    last = items[-1]
    assert isinstance(last, Reported)
    assert [found.code for found in last.defects] == ["versioned_left_out"]


def test_the_publisher_is_sought_in_the_package_the_record_and_the_release() -> None:
    """Its name, else its identifier or address; else it is unknown, which is a defect."""
    inner = release(publisher={"name": "Own"})
    assert one(json.dumps({"publisher": {"uid": "U"}, "releases": [inner]})).source.publisher == "U"
    assert one(json.dumps(inner)).source.publisher == "Own"
    assert one(json.dumps({"publisher": "Plain", "releases": [inner]})).source.publisher == "Plain"
    record = {"publisher": {"name": "R"}, "ocid": "x", "compiledRelease": release(tag=["compiled"])}
    assert one(json.dumps({"records": [record]})).source.publisher == "R"
    nobody = one(json.dumps(release()))
    assert nobody.source.publisher == "unknown publisher"
    assert [found.code for found in nobody.defects] == ["publisher_missing"]


def test_raw_control_characters_are_escaped() -> None:
    """A line break inside a string is no JSON; the release is kept with the break escaped."""
    item = one('{"ocid":"ocds-abcdef-1",\n"id":"a\nb\\"\t"}')
    assert item.release == '{"ocid":"ocds-abcdef-1",\n"id":"a\\u000ab\\"\\u0009"}'
    assert item.release_id == 'a\nb"\t'
    assert "control_characters" in {found.code for found in item.defects}


def test_what_no_database_keeps_is_replaced_outside_the_release() -> None:
    """NUL and lone surrogates stay escaped in the release and become U+FFFD in what is shown."""
    item = one('{"ocid":"ocds-abcdef-1","id":"a\\u0000b","publisher":{"name":"\\ud800"}}')
    assert (item.release_id, item.source.publisher) == ("a\ufffdb", "\ufffd")
    assert "\\u0000" in item.release


def test_a_release_that_is_too_large_only_by_its_white_space_loses_it() -> None:
    """Its texts and numbers stay; blanks inside texts too."""
    wide = '{"ocid":"ocds-abcdef-1",' + " " * MAX_RELEASE_CHARS + '"n": 0.10, "t": "a  b"}'
    item = one(wide)
    assert item.release == '{"ocid":"ocds-abcdef-1","n":0.10,"t":"a  b"}'
    assert "white_space_removed" in {found.code for found in item.defects}


def test_the_largest_report_still_fits_an_event() -> None:
    """With the longest texts around it, a release at its limit leaves an event under 1 MiB."""
    control = "\x01" * 2000  # six bytes each when escaped
    around = len(json.dumps([control] * 4 + ["\x01" * ocds.MAX_OCID_CHARS])) + 1000
    assert MAX_RELEASE_BYTES + around < MAX_BYTES


def nested(levels: int) -> object:
    """Return lists one inside the other."""
    made: list[object] = []
    for _ in range(levels - 1):
        made = [made]
    return made


REFUSED: dict[str, str | bytes] = {
    "file_empty": "  \n",
    "file_packed": b"\x1f\x8b\x08\x00",
    "not_json": '{"releases": [}',
    "not_ocds": '{"profile": "x", "id": "y"}',
    "package_empty": '{"releases": []}',
    "list_expected": '{"releases": {"0": {"ocid": "x"}}}',
    "object_expected": '{"releases": ["x"]}',
    "ocid_missing": '{"releases": [{"id": "x", "ocid": " "}]}',
    "ocid_unusable": '{"releases": [{"ocid": "\\ud800"}]}',
    "release_id_unusable": package({"ocid": "x", "id": "i" * 2001}),
    "release_too_large": package({"ocid": "x", "t": "收" * 400_000}),
    "release_not_json": '{"releases": [{"ocid": "x", "n": NaN}]}',
    "release_too_deep": package(release(x=nested(parsing.MAX_DEPTH))),
    "record_without_release": '{"records": [{"ocid": "x", "releases": [{"url": "u"}]}]}',
    "versioned_only": '{"records": [{"ocid": "x", "versionedRelease": {}}]}',
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_reported_is_set_aside_with_its_reason(reason: str) -> None:
    """Every reason has a file that meets it, and its sentence is filled."""
    item = refused(REFUSED[reason])
    assert item.reason == reason
    assert item.sentence.endswith(".")
    assert "{" not in item.sentence.split("(")[0]


def test_every_reason_is_met() -> None:
    """The table above, and the reasons that lie with the file."""
    of_files = {"file_unreadable", "file_too_large", "file_irregular", "file_given_up"}
    assert set(REFUSED) | of_files == set(REASONS)


def test_a_file_that_cannot_be_read_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing file and one beyond the limit are named, and the rest of the import goes on."""
    (item,) = read_path(tmp_path / "nowhere.json")
    assert isinstance(item, Quarantined)
    assert item.reason == "file_unreadable"
    monkeypatch.setattr(ocds, "MAX_FILE_BYTES", 3)
    (tmp_path / "large.json").write_text("[{}]")
    (item,) = read_path(tmp_path / "large.json")
    assert isinstance(item, Quarantined)
    assert item.sentence == "The file has more than 3 bytes; nothing of it was read."


def test_folders_are_read_to_the_bottom_without_hidden_files(tmp_path: Path) -> None:
    """A folder is all files below it, in order; what a tool hides there is none of ours."""
    for name in ("b/2.json", "a.json", "b/1.jsonl", ".git/x.json", "b/.DS_Store"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(release()))
    names = [Path(item.file).relative_to(tmp_path).as_posix() for item in read_paths([tmp_path])]
    assert names == ["a.json", "b/1.jsonl", "b/2.json"]


def test_folders_are_entered_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Positions must not depend on the order in which a file system lists its folders."""
    for name in "7305918264":
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.json").write_text(json.dumps(release()))
    names = [Path(item.file).parent.name for item in read_paths([tmp_path])]
    assert names == list("0123456789")


def test_deep_nesting_does_not_break_the_reader() -> None:
    """A hundred thousand brackets are an entry in quarantine, not a crash."""
    deep = '{"ocid":"x","a":' + "[" * 100_000 + "]" * 100_000 + "}"
    assert refused(deep).reason == "not_json"


def test_a_release_as_deep_as_it_may_be_is_read() -> None:
    """One level less than what is set aside."""
    assert isinstance(one(package(release(x=nested(parsing.MAX_DEPTH - 1)))), Reported)


def test_links_are_told_from_releases() -> None:
    """Some publishers repeat the ocid or the id beside the address; they say nothing else."""
    link = {"url": "u", "date": "d", "tag": ["award"], "ocid": "ocds-abcdef-1", "id": "1"}
    record = {"ocid": "ocds-abcdef-1", "releases": [link, {"url": "u"}]}
    assert refused(json.dumps({"records": [record]})).reason == "record_without_release"
    record["releases"] = [link, release(url="v")]
    item = one(json.dumps({"publisher": {"name": "P"}, "records": [record]}))
    assert [found.code for found in item.defects] == ["releases_linked"]


def test_a_compiled_release_that_is_null_is_none() -> None:
    """An exporter that writes every name writes null under this one; nothing is set aside."""
    record = {"ocid": "ocds-abcdef-1", "compiledRelease": None, "releases": [release()]}
    assert one(json.dumps({"publisher": {"name": "P"}, "records": [record]})).defects == ()
    record["releases"] = []
    assert refused(json.dumps({"records": [record]})).reason == "record_without_release"


def test_white_space_around_an_ocid_makes_no_other_process() -> None:
    """The release keeps it, the report does not."""
    item = one(package(release(ocid=" ocds-abcdef-1\n")))
    assert item.ocid == "ocds-abcdef-1"
    assert [found.code for found in item.defects] == ["ocid_spaced"]


def test_compiled_releases_in_json_lines_are_read() -> None:
    """Cardinal's fixtures: one compiled release a line, without id, date or tag."""
    items = published.items_of("cardinal-jsonl/R003.jsonl")
    assert len(items) > 5
    assert all(isinstance(item, Reported) for item in items)


WHOLE = package(release(id="ñ"), release()).encode() + b"\n" + json.dumps(release()).encode()


@given(st.binary(max_size=60) | st.text('{}[]":, \n\\0.eabn\ufeffreleasesrecords', max_size=60))
def test_no_bytes_stop_the_reader(data: bytes | str) -> None:
    """Whatever a file holds, reading it ends, and it holds something or says it is empty."""
    assert read(data)


@given(st.integers(0, len(WHOLE)), st.binary(max_size=3), st.integers(0, 3))
def test_no_damage_hides_what_was_there(at: int, inserted: bytes, dropped: int) -> None:
    """Bytes lost or added anywhere: what was read before is read still, or the place is told."""
    damaged = WHOLE[:at] + inserted + WHOLE[at + dropped :]
    items = read(damaged)
    reported = sum(isinstance(item, Reported) for item in items)
    aside = sum(isinstance(item, Quarantined) for item in items)
    assert reported >= 3 or aside >= 1

"""`sunledger export ocds`: what it refuses, in one sentence and with nothing written."""

import json
from pathlib import Path

import pytest
import shell
from shell import sunledger


@pytest.fixture(scope="module")
def city(demo_ledger: str) -> tuple[str, ...]:
    """Give the options that name the demo city's ledger."""
    return ("--db", demo_ledger)


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        (("--process", "none"), 1, "there is no such contracting process"),
        (("--contract", "none"), 1, "there is no such contracting process"),
        (("--contract", "c-2025-01", "--process", "t-2025-02"), 1, "no such contracting process"),
        (("--linked",), 2, "only records are linked"),
        (("--prefix", "OCDS-ABC123"), 1, "the setting ocid_prefix cannot be used"),
        (("--form", "parquet"), 2, "parquet"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    city: tuple[str, ...], tmp_path: Path, options: tuple[str, ...], code: int, why: str
) -> None:
    """And there is no file."""
    out = tmp_path / "out.json"
    ended = sunledger("export", "ocds", "--out", out, *options, *city)
    assert (ended.code, out.exists()) == (code, False), ended
    assert why in ended.err


def test_a_file_that_is_there_is_kept(city: tuple[str, ...], tmp_path: Path) -> None:
    """Whatever it holds."""
    out = tmp_path / "out.json"
    out.write_text("mine")
    ended = sunledger("export", "ocds", "--out", out, *city)
    assert ended.code == 1
    assert out.read_text() == "mine"


def test_one_process_is_found_by_each_of_its_names(city: tuple[str, ...], tmp_path: Path) -> None:
    """Its tender, its ocid, a contract of it: the same file."""
    texts = set()
    names = (
        ("--process", "t-2025-01"),
        ("--process", "ocds-000000-t-2025-01"),
        ("--contract", "c-2025-01"),
        ("--contract", "c-2025-01", "--process", "t-2025-01"),
    )
    for number, options in enumerate(names):
        out = tmp_path / f"{number}.json"
        ended = sunledger("export", "ocds", "--out", out, "--json", *options, *city)
        assert ended.code == 0, ended.err
        assert ended.document["processes"] == 1
        texts.add(out.read_bytes())
    (text,) = texts
    assert {each["ocid"] for each in json.loads(text)["releases"]} == {"ocds-000000-t-2025-01"}


def test_an_empty_ledger_gives_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package without a release would be none; no compiled release is an empty file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUNLEDGER_KEY_PASSWORD", shell.PASSWORD)
    shell.found()
    for form in ("releases", "records"):
        ended = sunledger("export", "ocds", "--form", form, "--out", "out.json")
        assert (ended.code, Path("out.json").exists()) == (1, False)
        assert "there is no contracting process in this ledger yet" in ended.err
    ended = sunledger("export", "ocds", "--form", "compiled", "--out", "out.jsonl")
    assert (ended.code, Path("out.jsonl").read_bytes()) == (0, b"")

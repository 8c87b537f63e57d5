"""`sunledger show` of timelines, providers, programmes and the first page, on a demo city."""

from pathlib import Path

import pytest
from shell import sunledger


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a city in small."""
    made = tmp_path_factory.mktemp("city")
    ended = sunledger("simulate", "city", "--scale", "demo", "--seed", "3", "--out", made / "city")
    assert ended.code == 0, ended.err
    return made / "city"


@pytest.fixture(autouse=True)
def _here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNLEDGER_DB", f"sqlite:///{folder / 'ledger.db'}")


def test_a_timeline_is_told_page_by_page() -> None:
    """The pages of the JSON twin, one after another, are the whole; each event has a sentence."""
    asked = ("show", "contract", "c-2025-01", "--timeline", "--without-visits", "--json")
    (whole,) = sunledger(*asked, "--limit", 1000).document
    (page,) = sunledger(*asked, "--limit", 17).document
    found = page["items"]
    while page["next"] is not None:
        (page,) = sunledger(*asked, "--limit", 17, "--after", page["next"]).document
        found += page["items"]
    assert found == whole["items"]
    assert found[0]["sentence"].startswith("Contract c-2025-01 is signed between")
    assert {each["type"] for each in found}.isdisjoint({"visit.recorded", "visit.confirmed"})


def test_a_timeline_reads_in_words() -> None:
    """Newest first: who signed, what it moved, and how to go on."""
    ended = sunledger(*("show", "contract", "c-2025-01", "--timeline"), *("--newest", "--limit", 5))
    assert ended.code == 0, ended.err
    assert "Timeline of contract/c-2025-01" in ended.out
    assert "There is more: go on with --after" in ended.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("contract", "--timeline"), "name the contract before --timeline"),
        (("contract", "none", "--timeline"), "there is no contract none"),
        (("contract", "c-2025-01", "--timeline", "--after", "x"), "'x' is no position"),
        (("provider", "none"), "there is no provider none"),
        (("programme", "none"), "there is no programme none"),
    ],
)
def test_what_is_not_there_is_told_in_one_sentence(arguments: tuple[str, ...], told: str) -> None:
    """What was wrong, and how to find what there is."""
    ended = sunledger("show", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert told in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_a_provider_and_a_programme_are_shown_whole() -> None:
    """The list leads to each; each has its figures, months and output."""
    (first, *_) = sunledger("show", "provider", "--json").document["items"]
    ended = sunledger("show", "provider", first["provider"]["id"])
    for heading in ("Figures", "Money by month", "Scores"):
        assert heading in ended.out
    (first, *_) = sunledger("show", "programme", "--json").document["items"]
    ended = sunledger("show", "programme", first["programme"])
    for heading in ("Targets", "People by degree of need", "Output and money by month"):
        assert heading in ended.out


def test_the_first_page_agrees_with_the_funds() -> None:
    """What the year's lines paid is what the fund lines hold as paid; in words the same figures."""
    found = sunledger("show", "overview", "--json").document
    funds = sunledger("show", "fund", "--json").document["funds"]["items"]
    paid = {each["line"]: each["balances"]["paid"] for each in funds}
    assert {each["line"]: each["stages"]["paid_fen"] for each in found["lines"]} == paid
    assert found["years"][0]["stages"]["paid_fen"] == sum(paid.values())
    ended = sunledger("show", "overview")
    assert "How far the money came, in CNY" in ended.out

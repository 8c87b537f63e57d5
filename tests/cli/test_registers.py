"""`sunledger show tender`, `party`, `approver` and `sunledger search`, as people meet them."""

import re
from pathlib import Path

import pytest
from bidding import awarded
from histories import keep, report
from shell import sunledger

DB = ("--db", "sqlite:///ledger.db")


@pytest.fixture(autouse=True)
def _in_a_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a ledger whose tender was just awarded, beside a published one."""
    monkeypatch.chdir(tmp_path)
    world = awarded()
    report(
        world,
        "ocds-213czf-7",
        '{"ocid":"ocds-213czf-7","tag":["tender"],"tender":{"title":"Soins","status":"active"}}',
    )
    keep("sqlite:///ledger.db", world).ledger.close()


def told(*arguments: str) -> str:
    """Return what a command prints, white space folded."""
    ended = sunledger(*arguments, *DB)
    assert ended.code == 0, ended.err
    return re.sub(r"\s+", " ", ended.out)


def test_a_tender_is_shown_with_its_lots_bids_and_award() -> None:
    """The list marks what others published; one tender shows who bid what, and who won."""
    listed = told("show", "tender")
    assert "active (reported)" in listed
    one = told("show", "tender", "t-1")
    for part in ("b-PRO", "revealed", "9.50", "a-1", "standing", "3 / 3", "quality 60%"):
        assert part in one, part
    assert told("show", "tender", "t-1", "--status", "open").startswith("Tenders")
    document = sunledger("show", "tender", "t-1", *DB, "--json").document[0]
    assert {bid["value_fen"] for bid in document["bids"]} == {900, 950, 990}
    ended = sunledger("show", "tender", "t-9", *DB)
    assert (ended.code, ended.out) == (1, "")
    assert "sunledger show tender" in ended.err


def test_a_party_is_shown_with_its_keys_and_roles() -> None:
    """Who enrolled which key, what it may sign, and in which scope a role is held."""
    one = told("show", "party", "PRO")
    for part in ("PRO/one", "AUT/one", "admin", "live", "provider", "account-1"):
        assert part in one, part
    document = sunledger("show", "party", "--role", "provider", *DB, "--json").document
    assert [each["party"] for each in document["items"]] == ["PRO", "PR2", "PR3"]
    assert sunledger("show", "party", "NOBODY", *DB).code == 1


def test_nobody_who_did_nothing_is_shown_as_an_approver() -> None:
    """A ledger in which nothing was approved says so; a key that did nothing is named."""
    assert told("show", "approver") == "Approvers: none. "
    ended = sunledger("show", "approver", "PRO/one", *DB)
    assert ended.code == 1
    assert "PRO/one" in ended.err


def test_a_search_finds_by_text_and_kind() -> None:
    """Contracts, tenders, parties and processes in one list, each with its kind."""
    assert "process" in told("search", "soins")
    document = sunledger("search", "t-1", "--kind", "tender", *DB, "--json").document
    assert [(each["kind"], each["id"]) for each in document["items"]] == [("tender", "t-1")]
    assert told("search", "nowhere") == "Found: none. "


def test_the_registers_speak_chinese() -> None:
    """Titles, headings and statuses come in the reader's language."""
    ended = sunledger("--lang", "zh", "show", "tender", "t-1", *DB)
    assert ended.code == 0, ended.err
    for part in ("招标", "已开示", "中标人"):
        assert part in ended.out

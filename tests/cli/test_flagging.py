"""`sunledger flags`: listed, judged anew, adopted by an auditor, and measured against labels."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flags.conspicuous import conspicuous_city
from histories import Kept, keep
from shell import URL, sunledger

from ledger.drafting import read_events
from ledger.events.supervision import FlagResolved
from ledger.identity import Ids


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """Give a ledger with a conspicuous history in the current folder."""
    monkeypatch.chdir(tmp_path)
    made = keep(URL, conspicuous_city())
    yield made
    made.ledger.close()


def flags(*words: object) -> list[dict[str, object]]:
    """Return the cases that the command lists."""
    ended = sunledger("flags", *words, "--db", URL, "--json")
    assert ended.code == 0, ended.err
    return list(ended.document["items"])


def test_cases_are_listed_with_sentence_evidence_and_version(kept: Kept) -> None:
    """For people and for programs, in both languages; filters and pages narrow the list."""
    (case,) = flags("--rule", "F45")
    assert (case["rule"], case["version"], case["subject"]) == ("f45", 1, "party/PRO")
    assert case["evidence"] == [kept.world.last["interest.waived"]]
    assert case["sentence"] == "The provider let go of CN¥0.01 interest on claim k-1."
    told = sunledger("flags", "--rule", "f45", "--db", URL)
    assert kept.world.last["interest.waived"] in told.out
    assert "放弃" in sunledger("--lang", "zh", "flags", "--rule", "f46", "--rule", "f45").out
    everything = flags()
    assert [each for each in everything if each["contract"] == "c-1"] == flags("--contract", "c-1")
    position = case["position"]
    assert isinstance(position, int)
    assert flags("--since", position) == [e for e in everything if _position(e) >= position]
    assert flags("--since", "2026-03-16") == flags("--since", "2026-03-16T00:00:00.000Z")
    assert flags("--since", "9999-12-31") == []
    first = sunledger("flags", "--limit", 1, "--json", "--db", URL).document
    assert [*first["items"], *flags("--after", first["next"])] == everything


def _position(case: dict[str, object]) -> int:
    position = case["position"]
    assert isinstance(position, int)
    return position


def test_own_thresholds_are_judged_anew_and_said_to_be_own(kept: Kept) -> None:
    """A case of own thresholds has no version, pages as others do, and cannot be adopted."""
    assert kept
    assert flags("--rule", "f40", "--contract", "c-1") == []
    own = ("--set", "f40.days=10")
    (case,) = flags("--rule", "f40", "--contract", "c-1", *own)
    assert case["version"] == 0
    assert "f40.days=10" in sunledger("flags", *own, "--db", URL).out
    first = sunledger("flags", *own, "--limit", 2, "--json", "--db", URL).document
    assert [*first["items"], *flags(*own, "--after", first["next"])] == flags(*own)
    refused = sunledger(
        *("flags", "adopt", case["flagged"], *own, "--as", "fl-9", "--out", "f.ndjson"),
        *("--db", URL),
    )
    assert refused.code == 1
    assert "thresholds of your own" in refused.err
    assert not Path("f.ndjson").exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--set", "f40.weeks=1"), "the flag f40 has no threshold weeks; it has days"),
        (("--set", "f40.days=-1"), "f40.days=-1 is no threshold"),
        (("--set", "days=1"), "days=1 is no threshold"),
        (("--rule", "f99"), "there is no flag f99"),
        (("--since", "yesterday"), "yesterday is no position, date or time"),
        (("--after", "x"), "the page mark 'x' is not one of ours"),
        (("--persons", "bad.ndjson"), "bad.ndjson, line 1: not"),
        (("--persons", "none.ndjson"), "none.ndjson"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(kept: Kept, words: tuple[str, str], why: str) -> None:
    """It says what was wrong and where."""
    assert kept
    Path("bad.ndjson").write_text('{"token": 7}\n')
    ended = sunledger("flags", *words, "--db", URL)
    assert ended.code == 1
    assert why in ended.err
    assert ended.err.count("\n") == 1


def test_an_adopted_case_is_marked_as_what_became_of_it(kept: Kept) -> None:
    """An auditor drafts, signs and resolves it; the list says so, and nobody adopts it twice.

    what the auditor does    how the case is listed
    nothing                  not raised
    flag.raised              raised by AUD
    flag.resolved            resolved: EXPLAINED
    """
    (case,) = flags("--rule", "f47")
    adopt = ("flags", "adopt", case["flagged"], "--as", "fl-1", "--out", "fl-1.ndjson", "--db", URL)
    assert case["raised"] is None
    ended = sunledger(*adopt)
    assert ended.code == 0, ended.err
    (event,) = read_events(Path("fl-1.ndjson").read_bytes(), Ids(), kept.world.now_ms)
    kept.world.do(event)
    kept.catch_up()
    (case,) = flags("--rule", "f47")
    raised = case["raised"]
    assert isinstance(raised, dict)
    assert (raised["flag"], raised["auditor"], raised["status"]) == ("fl-1", "AUD", "raised")
    again = sunledger(*adopt)
    assert "was raised as fl-1 already" in again.err
    kept.world.do(kept.world.make(FlagResolved, flag="fl-1", verdict="EXPLAINED"))
    kept.catch_up()
    shown = sunledger("flags", "show", case["flagged"], "--db", URL)
    assert "resolved: EXPLAINED" in shown.out
    assert "another account" in shown.out


def test_flags_are_listed_with_thresholds_and_measured(kept: Kept) -> None:
    """A row a flag with its thresholds; what labels say is counted; no case is told as none."""
    listed = sunledger("flags", "rules", "--db", URL, "--json").document
    assert {"rule": "f40", "thresholds": {"days": 7}}.items() <= next(
        each for each in listed if each["rule"] == "f40"
    ).items()
    label = {"event": kept.world.last["interest.waived"], "label": "overlap"}
    Path("truth.ndjson").write_text(json.dumps(label) + "\n")
    ended = sunledger("flags", "stats", "--truth", "truth.ndjson", "--db", URL, "--json")
    measured = {each["rule"]: each for each in ended.document["flags"]}
    assert measured["f45"]["cases"] == 1
    assert measured["f45"]["precision_ppm"] is None
    assert sunledger("flags", "stats", "--truth", "truth.ndjson", "--db", URL).code == 0
    missing = sunledger("flags", "show", "f45/interest/0/0", "--db", URL)
    assert "there is no case f45/interest/0/0" in missing.err

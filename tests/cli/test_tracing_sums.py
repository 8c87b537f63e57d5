"""`trace` of sums over many subjects, and of what is no sum: pages, proofs and words."""

from pathlib import Path

import pytest
from shell import sunledger

DB = ("--db", "sqlite:///demo/ledger.db")
POLICY = ("--policy", "demo/policy")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Play the demo city once."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("SUNLEDGER_KEY_PASSWORD", raising=False)
        ended = sunledger("demo")
        assert ended.code == 0, ended.err
    return folder


@pytest.fixture(autouse=True)
def _here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def traced(key: str, *of: str) -> dict[str, int]:
    """Return the figures that `trace` lists of a subject."""
    ended = sunledger("trace", key, *of, *DB, "--json")
    assert ended.code == 0, ended.err
    figures: dict[str, int] = ended.document["figures"]
    return figures


def test_parts_are_told_by_page() -> None:
    """One at a time, each with whose history proof shows it."""
    key = "overview/2025"
    whole = sunledger("trace", key, "granted", *DB, "--json").document
    pages, after = [], None
    for _ in whole["page"]:
        of = () if after is None else ("--after", after)
        page = sunledger("trace", key, "granted", *of, "--limit", 1, *DB, "--json").document
        pages += page["page"]
        after = page["after"]
    assert (pages, after) == (whole["page"], None)
    assert len(pages) == 3
    sources = sunledger("trace", pages[0]["subject"], "granted", *DB, "--json").document
    assert [each["proof"] for each in sources["page"]] == [sources["page"][0]["subject"]]
    assert {each["proof"] for each in pages} == {None}


def test_check_proves_a_sum_from_its_parts_files_alone(tmp_path: Path) -> None:
    """The history proofs that `trace` names, the database gone: what `show provider` printed."""
    figures = ("paid", "settled", "won", "active", "cut", "interest_paid", "scores")
    key = "party/yangguang-care"
    parts = {
        figure: sunledger("trace", key, figure, *DB, "--json").document["page"]
        for figure in figures
    }
    homes = sorted({part["proof"] for found in parts.values() for part in found})
    people = "programme/home-care-2025"
    for number, home in enumerate((*homes, people)):
        out = tmp_path / f"{number}.historyproof"
        assert sunledger("proof", "history", home, *DB, *POLICY, "--out", out).code == 0
    entitled = traced(people)["entitled"]
    printed = {figure: traced(key)[figure] for figure in figures}
    database = Path("demo/ledger.db")
    database.rename("demo/gone.db")
    try:
        proved = {}
        for number, home in enumerate((*homes, people)):
            ended = sunledger("check", tmp_path / f"{number}.historyproof", *POLICY, "--json")
            assert ended.code == 0, ended.err
            proved[home] = {name: each["value"] for name, each in ended.document["figures"].items()}
        for figure, found in parts.items():
            sums = [proved[part["proof"]][part["figure"]] for part in found]
            assert sums == [part["sum"] for part in found]
            assert sum(sums) == printed[figure]
        assert proved[people]["entitled"] == entitled == 19
    finally:
        Path("demo/gone.db").rename(database)


def test_a_sum_is_told_in_chinese() -> None:
    """The parts' heading and the sum."""
    ended = sunledger("--lang", "zh", "trace", "party/yangguang-care", "paid", *DB)
    assert ended.code == 0, ended.err
    assert "其数字" in ended.out
    assert "1 项数字合计" in ended.out


# -- what is no sum ------------------------------------------------------------------------------


def test_a_day_leads_to_events_whose_proofs_say_when(tmp_path: Path) -> None:
    """From how late a payment was to the answer, the terms and the bank entry, each proved."""
    parts = sunledger("trace", "party/yangguang-care", "late_days", *DB, "--json").document
    payment = parts["page"][0]["subject"]
    made = sunledger("trace", payment, "late_days", *DB, "--json").document
    assert made["rule"] == "late_days"
    dated = {each["figure"]: each for each in made["page"]}
    assert dated["since"]["type"] == "claim.answered"
    assert dated["pay_days"]["type"] == "contract.signed"
    assert dated["value_date"]["type"] == "payment.settled"
    for number, ground in enumerate(each for each in made["page"] if "proof" in each):
        out = tmp_path / f"{number}.eventproof.json"
        assert sunledger("proof", ground["proof"], *DB, *POLICY, "--out", out).code == 0
        proved = sunledger("check", out, *POLICY, "--json").document
        assert proved["recorded"] == ground["recorded"]


def test_a_median_s_grounds_are_told_by_page() -> None:
    """As parts are; the figure and its rule are told each time."""
    key, figure = "party/yangguang-care", "days_median"
    whole = sunledger("trace", key, figure, *DB, "--json").document
    first = sunledger("trace", key, figure, *DB, "--limit", 5, "--json").document
    rest = sunledger("trace", key, figure, *DB, "--after", first["after"], "--json").document
    assert first["page"] + rest["page"] == whole["page"]
    assert (first["sum"], rest["sum"], first["rule"]) == (whole["sum"], whole["sum"], "median")
    values = [each["value"] for each in whole["page"]]
    assert values == sorted(values)
    assert values[(len(values) - 1) // 2] == whole["sum"]


def test_each_act_of_a_key_is_proved_by_its_signature(tmp_path: Path) -> None:
    """From how often a key approved to the event, and from its proof to the party that signed."""
    (first, *_) = sunledger("show", "approver", "--kind", "approval", *DB, "--json").document[
        "items"
    ]
    page = sunledger("trace", f"approver/{first['key']}", "approval/acts", *DB, "--json").document
    assert page["sum"] == first["acts"] == page["events"]
    out = tmp_path / "act.eventproof.json"
    event = page["page"][0]["event"]
    assert sunledger("proof", event, *DB, *POLICY, "--out", out).code == 0
    proved = sunledger("check", out, *POLICY, "--json").document
    assert first["party"]["id"] in proved["signers"]


def test_what_is_no_sum_is_told_in_words() -> None:
    """The value, and by which rule it follows from what is listed, in both languages."""
    asked = ("trace", "party/yangguang-care", "days_mean", *DB)
    ended = sunledger(*asked)
    assert "the first divided by the second, rounded down" in ended.out
    chinese = sunledger("--lang", "zh", *asked)
    assert chinese.code == 0, chinese.err
    assert "rounded down" not in chinese.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("beneficiary/none",), "there is no beneficiary none"),
        (("beneficiary/person-05fb3e88ff11b892", "left"), "a person has no figure left"),
        (("approver/none/none",), "the key none/none did nothing"),
        (("approver/street-0001/office-2025", "acts"), "a key has no figure acts"),
        (("claim/none",), "there is no claim/none in this ledger"),
        (("buyer/none",), "buyer/none has no figures"),
        (("party/yangguang-care", "late", "--month", "2025-03"), "omit --month"),
        (("party/yangguang-care", "days_mean", "--month", "2025-03"), "omit --month"),
        (("overview", "overdue", "--as-of-day", "2025-02-30"), "2025-02-30"),
        (("99999999",), "there is no event 99999999"),
    ],
)
def test_what_cannot_be_traced_is_told(arguments: tuple[str, ...], told: str) -> None:
    """One sentence: what was wrong, and what there is."""
    ended = sunledger("trace", *arguments, *DB)
    assert ended.code == 1
    assert told in ended.err
    assert len(ended.err.strip().splitlines()) == 1

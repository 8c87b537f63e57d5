"""`trace` of sums over many subjects: every number that `show` prints of them in a demo city."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shell import sunledger

DB = ("--db", "sqlite:///demo/ledger.db")
POLICY = ("--policy", "demo/policy")

AS_TOLD = "is what one event says, which the position beside it names: trace that event"
AS_MEAN = "is a mean or share: of the figures named by its parts"
BY_LAW = "counts days by the law (C13, C16)"
BY_DAY = "counts visits by their day, corrections included, and units of people by token"
BY_KEY = "counts what a key signed, and the gaps between"
PLACES = {"position", "year", "first_position", "last_position"}

UNTRACED = {
    "provider": {
        "cut_ppm": AS_MEAN,
        "score_ppm": AS_MEAN,
        "factor_ppm": AS_MEAN,
        "days_mean": AS_MEAN,
        "days_median": AS_MEAN,
        "days": BY_LAW,
        "late": BY_LAW,
        "late_days": BY_LAW,
        "scores.total_ppm": AS_TOLD,
        "scores.factor_ppm": AS_TOLD,
    },
    "programme": {
        "score_ppm": AS_MEAN,
        "factor_ppm": AS_MEAN,
        "indicators.score_ppm": AS_MEAN,
        "indicators.actual_mean": AS_MEAN,
        "indicators.weight_ppm": AS_TOLD,
        "indicators.target": AS_TOLD,
        "delivered.visits": BY_DAY,
        "delivered.units": BY_DAY,
        "delivered.confirmed": BY_DAY,
        "delivered.denied": BY_DAY,
    },
    "overview": {"overdue": BY_LAW, "overdue_fen": BY_LAW},
}
"""Numbers that no `trace` gives, with the reason; `docs/verification.md` says the same."""

OTHER_NAMES = {
    "retained": "retention_payable",
    "interest_owed": "interest_payable",
    "advance": "advances",
}


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


def shown(*arguments: object) -> Any:
    """Return what `show` prints."""
    ended = sunledger("show", *arguments, *DB, "--json")
    assert ended.code == 0, ended.err
    return ended.document


class Traces:
    """What `trace` says, each subject and month asked once; and what was asked."""

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self._known: dict[tuple[str, str | None], dict[str, int]] = {}
        self.asked: set[tuple[str, str | None, str]] = set()

    def value(self, key: str, figure: str, month: str | None = None) -> int:
        """Return a figure; one that nothing changed is 0."""
        if (key, month) not in self._known:
            of = () if month is None else ("--month", month)
            ended = sunledger("trace", key, *of, *DB, "--json")
            assert ended.code == 0, ended.err
            self._known[key, month] = ended.document["figures"]
        self.asked.add((key, month, figure))
        return self._known[key, month].get(figure, 0)


@pytest.fixture(scope="module")
def traces(folder: Path) -> Traces:
    """Return what is traced of the demo city."""
    assert folder.exists()
    return Traces()


def numbers(record: dict[str, Any], *places: str) -> Iterator[tuple[str, int]]:
    """Yield the numbers right in a record, but for positions and years, and for other places."""
    for name, value in record.items():
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if is_number and name not in {*PLACES, *places} and not name.endswith("_position"):
            yield name, value


def plain(name: str) -> str:
    """Return the figure that a field is."""
    bare = re.sub(r"_(minor|fen)$", "", name)
    if name == "assigned":
        return "assignments"
    return OTHER_NAMES.get(bare, bare)


def staged(name: str) -> str:
    """Return the figure that a field of a stage of money is."""
    bare = plain(name)
    return bare if bare == "granted" else f"stage/{bare}"


def test_every_number_of_every_provider_is_traced(traces: Traces) -> None:
    """Sums over its contracts, and each month of them."""
    untraced = UNTRACED["provider"]
    listed = shown("provider")["items"]
    assert len(listed) == 3
    for each in listed:
        name = each["provider"]["id"]
        key, document = f"party/{name}", shown("provider", name)
        assert document["provider"] == each
        for field, value in numbers(each):
            if field not in untraced:
                assert traces.value(key, plain(field)) == value, (key, field)
        for month in document["months"]:
            for field, value in numbers(month):
                assert traces.value(key, plain(field), month["month"]) == value, (key, month)
        for score in document["scores"]:
            assert {f"scores.{field}" for field, _ in numbers(score)} <= set(untraced)
        rest = document.keys() - {"provider", "months", "scores", "sanctions", "position"}
        assert rest <= set(untraced)


def test_every_number_of_every_programme_is_traced(traces: Traces) -> None:
    """Sums over contracts and tenders, people by its own events, by month, line and tier."""
    untraced = UNTRACED["programme"]
    for each in shown("programme")["items"]:
        key, document = f"programme/{each['programme']}", shown("programme", each["programme"])
        assert document["programme"] == each
        for field, value in numbers(each):
            if field not in untraced:
                figure = (
                    staged(field) if field in {"reserved_fen", "committed_fen"} else plain(field)
                )
                assert traces.value(key, figure) == value, (key, field)
        check_parts_of_programme(traces, key, document)


def check_parts_of_programme(traces: Traces, key: str, document: dict[str, Any]) -> None:
    """Check what is told of a programme by indicator, tier, month, line and service."""
    untraced = set(UNTRACED["programme"])
    for indicator in document["indicators"]:
        assert indicator["scores"] == traces.value(key, "scores"), "each judges every indicator"
        assert {f"indicators.{field}" for field, _ in numbers(indicator, "scores")} <= untraced
    for people in document["people"]:
        for field, value in numbers(people):
            assert traces.value(key, f"{field}/{people['tier']}") == value
    for month in document["months"]:
        for field, value in numbers(month):
            figure = staged(field) if field.endswith("_fen") else field
            assert traces.value(key, figure, month["month"]) == value, (key, month)
    for line in document["lines"]:
        for field, value in numbers(line, "granted_fen"):
            assert traces.value(key, f"{line['line']}/{staged(field)}") == value
        assert traces.value(f"line/{line['line']}", "granted") == line["granted_fen"]
    for delivered in document["delivered"]:
        assert {f"delivered.{field}" for field, _ in numbers(delivered)} <= untraced
    rest = document.keys() - {"indicators", "people", "months", "lines", "delivered"}
    assert rest == {"programme", "position"}


def test_every_number_of_the_overview_is_traced(traces: Traces) -> None:
    """Years, sources and lines, each contract of a line, each month, and the counts."""
    document = shown("overview")
    year = f"overview/{document['year']}"
    for field, value in (*numbers(document), *numbers(document["contracts"])):
        if field not in UNTRACED["overview"]:
            assert traces.value("overview", field) == value, field
    stages = {f"overview/{each['year']}": each["stages"] for each in document["years"]}
    stages |= {f"{year}/{each['source']}": each["stages"] for each in document["sources"]}
    stages |= {f"line/{each['line']}": each["stages"] for each in document["lines"]}
    for key, each in stages.items():
        for field, value in numbers(each):
            assert traces.value(key, staged(field)) == value, (key, field)
    for line in document["lines"]:
        for part in line["contracts"]:
            for field, value in numbers(part):
                figure = f"{line['line']}/{staged(field)}"
                assert traces.value(f"contract/{part['contract']}", figure) == value
        others = line["stages"]["paid_fen"] - sum(part["paid_fen"] for part in line["contracts"])
        assert line["others_paid_fen"] == others
    left = traces.value(year, "granted")
    for month in document["months"]:
        for field, value in numbers(month, "left_fen"):
            assert traces.value(year, staged(field), month["month"]) == value
        left -= traces.value(year, "stage/paid", month["month"])
        assert month["left_fen"] == left
    records = {"years", "sources", "lines", "months", "contracts"}
    texts = {name for name, value in document.items() if isinstance(value, str)}
    counted = {name for name, value in document.items() if isinstance(value, int)}
    assert document.keys() == records | texts | counted


def test_every_month_of_every_fund_line_is_traced(traces: Traces) -> None:
    """Stages, and what was debited and credited to each account."""
    for fund in shown("fund")["funds"]["items"]:
        key, document = f"line/{fund['line']}", shown("fund", fund["line"])
        assert len(document["months"]) > 10
        for month in document["months"]:
            for field, value in numbers(month):
                assert traces.value(key, staged(field), month["month"]) == value, (key, month)
            for side in ("debit", "credit"):
                for account, value in month[f"{side}_fen"].items():
                    assert traces.value(key, f"{side}/{account}", month["month"]) == value


def test_every_number_of_every_tender_is_traced(traces: Traces) -> None:
    """Counts of bids, of questions, of awards; its lots' are parts of its own."""
    times = ("opens_ms", "closes_ms", "first_closes_ms", "questions_until_ms", "ground", "lots")
    for each in shown("tender")["items"]:
        key = f"tender/{each['tender']}"
        ((document),) = shown("tender", each["tender"])
        for field, value in numbers(each, *times):
            assert traces.value(key, plain(field)) == value, (key, field)
        lots: Counter[str] = Counter()
        for lot in document["lots"]:
            lots.update(dict(numbers(lot, "units_max", "rate_cap_fen", "ground")))
            lots.update(reserved=sum(line["reserved_fen"] for line in lot["lines"]))
        for field, value in lots.items():
            if field == "sealed":
                assert traces.value(key, "bids") == value
            else:
                assert traces.value(key, plain(field)) == value, (key, field)
        # What a bid, an award or a score says is told with the position of the event that says it.
        for record in (*document["bids"], *document["awards"]):
            assert record["first_position"] <= record["last_position"]


def test_each_sum_s_parts_come_to_it_and_each_ends_in_events(traces: Traces) -> None:
    """Down from whatever was asked above, part by part, to events; pages as small as they go."""
    assert len(traces.asked) > 200, "the tests above ask"
    tops = {("overview", "stage/paid"), ("overview", "entitled"), ("overview", "tenders")}
    tops |= {(key, figure) for key, month, figure in traces.asked if month is None}
    known: dict[tuple[str, str], int] = {}
    for key, figure in sorted(tops):
        if not key.startswith("contract/"):
            assert walk(known, key, figure) == traces.value(key, figure), (key, figure)


def walk(known: dict[tuple[str, str], int], key: str, figure: str) -> int:
    """Return the sum of a figure, each of its parts walked down to events."""
    if (key, figure) not in known:
        document = sunledger("trace", key, figure, *DB, "--limit", 10_000, "--json").document
        assert document["after"] is None
        if "parts" in document:
            assert len(document["page"]) == document["parts"]
            fen = 0
            for part in document["page"]:
                assert walk(known, part["subject"], part["figure"]) == part["sum"]
                fen += part["sum"]
        else:
            assert len(document["page"]) == document["events"]
            fen = sum(each["adds"] for each in document["page"])
        assert document["sum"] == fen
        known[key, figure] = fen
    return known[key, figure]


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


def test_check_proves_a_sum_from_its_parts_files_alone(tmp_path: Path, traces: Traces) -> None:
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
    entitled = traces.value(people, "entitled")
    printed = {figure: traces.value(key, figure) for figure in figures}
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

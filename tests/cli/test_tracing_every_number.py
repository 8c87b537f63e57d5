"""Every number that `show … --json` prints is traced, or stated by the event it names beside it.

Each command's documents are walked, number by number, and `tracing_rules` says what each is.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from shell import sunledger
from tracing_rules import DAY, EVERYWHERE, RULES, Figure, Rule, Shown, Stated, step

from api.cli.main import app
from ledger.times import parse_instant

DB = ("--db", "sqlite:///demo/ledger.db")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

# -- walking -------------------------------------------------------------------------------------


def numbers(
    value: Any, path: str = "", records: tuple[dict[str, Any], ...] = (), name: str = ""
) -> Iterator[Shown]:
    """Yield every number of a document."""
    if isinstance(value, dict):
        for key, each in value.items():
            inner = f"{path}.{key}".lstrip(".")
            yield from numbers(each, inner, (*records, value), key)
    elif isinstance(value, list):
        for each in value:
            yield from numbers(each, f"{path}.*", records, name)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield Shown(path, records, name, value)


def documents(command: str) -> Iterator[dict[str, Any]]:
    """Yield what a command shows: each thing in its list, and each thing whole."""
    if command == "overview":
        yield show("overview")
    elif command == "overdue":
        yield show("overdue", "--as-of-day", DAY)
    elif command == "approver":
        yield show("approver")
    else:
        listed = show(command, "--limit", 1000)
        field, wrapped = LISTED[command]
        items = (listed["funds"] if command == "fund" else listed)["items"]
        for number, item in enumerate(sorted(items, key=lambda each: each["first_position"])):
            yield {wrapped: item}
            if number >= WHOLE.get(command, len(items)):
                continue
            name = item[field]["id"] if isinstance(item[field], dict) else item[field]
            whole = show(command, name)
            for each in whole if isinstance(whole, list) else [whole]:
                if command == "provider":
                    pairs = each["days"]
                    each["days"] = [{"days": d, "payments": n} for d, n in pairs]
                yield each
        if command == "beneficiary":
            for item in listed["items"][-1:]:
                yield show(command, item["beneficiary"], "--month", "2025-03")


LISTED = {
    "contract": ("contract", "contract"),
    "fund": ("line", "fund"),
    "payment": ("payment", "payment"),
    "tender": ("tender", "tender"),
    "party": ("party", "party"),
    "beneficiary": ("beneficiary", "person"),
    "provider": ("provider", "provider"),
    "programme": ("programme", "programme"),
}
"""By which field a list names each thing, and as what its document holds it."""


WHOLE = {"beneficiary": 2, "payment": 8}
"""Of what there are many, so many are looked at whole; as they stand in a list, all of them."""


def show(*arguments: object) -> Any:
    """Return what `show` prints."""
    ended = sunledger("show", *arguments, *DB, "--json")
    assert ended.code == 0, ended.err
    return ended.document


def rule_of(command: str, path: str) -> Rule:
    """Return what a number is, by its path."""
    for pattern, rule in (*EVERYWHERE, *RULES[command]):
        if re.fullmatch(pattern, path):
            return rule
    pytest.fail(f"show {command} prints {path}, and nobody says how it is traced")


class Traces:
    """What `trace` says, each thing asked once."""

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self._listed: dict[tuple[Any, ...], dict[str, int]] = {}
        self._one: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._events: dict[tuple[int, bool], set[int]] = {}
        self.asked: dict[tuple[str, str], Figure] = {}

    def value(self, asked: Figure) -> int:
        """Return a figure; one that nothing changed is 0."""
        options = options_of(asked)
        family = asked.figure.partition("/")[0]
        of = (family,) if family in FAMILIES else ()
        where = (asked.key, *of, *options)
        if where not in self._listed:
            ended = sunledger("trace", *where, *DB, "--json")
            assert ended.code == 0, ended.err
            self._listed[where] = ended.document["figures"]
        if asked.figure in self._listed[where] or not asked.figure.startswith("to-"):
            return self._listed[where].get(asked.figure, 0)
        value: int = self.document(asked)["sum"]
        return value

    def document(self, asked: Figure) -> dict[str, Any]:
        """Return what a figure is of."""
        where = (asked.key, asked.figure, *options_of(asked))
        if where not in self._one:
            ended = sunledger("trace", *where, *DB, "--limit", 10_000, "--json")
            assert ended.code == 0, ended.err
            self._one[where] = ended.document
        return self._one[where]

    def stated(self, position: int, *, below: bool) -> set[int]:
        """Return the numbers and instants that an event states, or those right under it."""
        if (position, below) not in self._events:
            depth = ("--depth", 1)
            ended = sunledger("trace", position, *depth, "--down", *DB, "--json")
            assert ended.code == 0, ended.err
            told = set(facts_of(ended.document["event"]))
            under = [each["position"] for each in ended.document["down"] if "position" in each]
            for each in under if below else ():
                told |= self.stated(each, below=False)
            self._events[position, below] = told
        return self._events[position, below]


FAMILIES = {"delivered", "indicator", "lot", "person", "reports"}


def options_of(asked: Figure) -> tuple[str, ...]:
    """Return the options by which a figure is asked."""
    month = () if asked.month is None else ("--month", asked.month)
    return month if asked.day is None else ("--as-of-day", asked.day)


def facts_of(value: Any) -> Iterator[int]:
    """Yield the numbers of an event, and its instants in milliseconds since the epoch."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from facts_of(each)
    elif isinstance(value, str) and INSTANT.fullmatch(value):
        yield parse_instant(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


# -- the demo city -------------------------------------------------------------------------------


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


@pytest.fixture(scope="module")
def traces(folder: Path) -> Traces:
    """Return what is traced of the demo city."""
    assert folder.exists()
    return Traces()


# -- the tests -----------------------------------------------------------------------------------


def test_every_command_of_show_is_walked() -> None:
    """A new command says how its numbers are traced."""
    group: Any = typer.main.get_command(app)
    assert set(group.commands["show"].commands) == set(RULES)


@pytest.mark.parametrize("command", RULES)
def test_every_number_shown_is_traced(command: str, traces: Traces) -> None:
    """Each is a figure of the same value, or stated by the event at the position beside it."""
    used: set[str] = set()
    steps: dict[tuple[str, str, int, str], int] = {}
    for document in documents(command):
        for shown in numbers(document):
            rule = rule_of(command, shown.path)
            found = rule(shown)
            used.add(shown.path)
            if isinstance(found, Stated):
                told = [traces.stated(at, below=found.below) for at in found.positions]
                assert any(shown.value in each for each in told), shown
            elif rule is step and isinstance(found, Figure):
                if shown.name == "amount_fen":
                    at = (found.key, found.figure, shown.record["position"], shown.record["kind"])
                    steps[at] = steps.get(at, 0) + shown.value
            elif isinstance(found, Figure):
                assert traces.value(found) == shown.value, (shown.path, found, shown.value)
                traces.asked.setdefault((command, shown.path), found)
                if shown.value:
                    traces.asked[command, shown.path] = found
    check_steps(traces, steps)
    assert len(used) > 5


def check_steps(traces: Traces, steps: dict[tuple[str, str, int, str], int]) -> None:
    """Check that each step of a sum is what its event adds to a figure."""
    for (key, name, position, _kind), fen in steps.items():
        page = traces.document(Figure(key, name))["page"]
        (adds,) = [each["adds"] for each in page if each["position"] == position] or [0]
        assert abs(adds) == fen, (key, name, position)


def test_what_is_left_follows_from_numbers_beside_it(traces: Traces) -> None:
    """What others were paid of a line, and what is left of a year by the end of each month."""
    document = show("overview")
    for line in document["lines"]:
        named = sum(part["paid_fen"] for part in line["contracts"])
        assert line["others_paid_fen"] == line["stages"]["paid_fen"] - named
    year = f"overview/{document['year']}"
    left = traces.value(Figure(year, "granted"))
    for month in document["months"]:
        left -= traces.value(Figure(year, "stage/paid", month["month"]))
        assert month["left_fen"] == left


def test_each_figure_ends_in_events(traces: Traces) -> None:
    """Down from one figure of each kind that was asked above, part by part, to events."""
    assert len(traces.asked) > 150, "the tests above ask"
    known: dict[Figure, int] = {}
    for asked in traces.asked.values():
        assert walk(traces, known, asked._replace(month=None)) is not None


def walk(traces: Traces, known: dict[Figure, int], asked: Figure) -> int:
    """Return a figure, each of its parts and grounds walked down to events."""
    if asked in known:
        return known[asked]
    document = traces.document(asked)
    assert document["after"] is None
    page: list[dict[str, Any]] = document["page"]
    if "rule" in document:
        for ground in page:
            if "position" not in ground and "value" in ground:
                inner = Figure(ground["subject"], ground["figure"], None, asked.day)
                assert walk(traces, known, inner) == ground["value"], (asked, inner)
        assert any("position" in each or "value" in each for each in page), asked
    elif "parts" in document:
        fen = 0
        for part in page:
            inner = Figure(part["subject"], part["figure"], None, asked.day)
            assert walk(traces, known, inner) == part["sum"], (asked, inner)
            fen += part["sum"]
        assert (document["sum"], document["parts"]) == (fen, len(page))
    else:
        assert document["sum"] == sum(each["adds"] for each in page)
        assert document["events"] == len(page)
    known[asked] = document["sum"]
    return known[asked]

"""Every number that `show … --json` prints is traced, or stated by the event it names beside it.

Each command's documents are walked, number by number. `RULES` says of each, by its path, which
figure of `trace` it is, or at which position an event states it. A number that no rule knows fails
the test: who shows a new one says here how it is reached.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer.main
from shell import sunledger

from api.cli.main import app
from ledger.times import parse_instant

DB = ("--db", "sqlite:///demo/ledger.db")
POLICY = ("--policy", "demo/policy")
DAY = "2025-08-31"
"""A day at whose end something of the demo city is overdue."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

# -- what a number is ----------------------------------------------------------------------------


class Shown(NamedTuple):
    """A number in a document: the records around it, the outermost first, and its field."""

    path: str
    records: tuple[dict[str, Any], ...]
    name: str
    value: int

    @property
    def record(self) -> dict[str, Any]:
        """The record it stands in."""
        return self.records[-1]

    @property
    def document(self) -> dict[str, Any]:
        """The whole document."""
        return self.records[0]

    @property
    def plain(self) -> str:
        """The figure that its field is, without the unit."""
        bare = re.sub(r"_(minor|fen)$", "", self.name)
        return OTHER_NAMES.get(bare, bare)

    @property
    def stage(self) -> str:
        """The figure that its field is, of a stage of money."""
        return self.plain if self.plain == "granted" else f"stage/{self.plain}"


class Figure(NamedTuple):
    """A figure of `trace`."""

    key: str
    figure: str
    month: str | None = None
    day: str | None = None


class Stated(NamedTuple):
    """Positions beside the number; an event at one of them states it, or right under it."""

    positions: tuple[int, ...]
    below: bool = False


class Place(NamedTuple):
    """No amount: a place in the ledger, a year, or the day that the law makes of one stated."""

    reason: str


Kind = Figure | Stated | Place
Rule = Callable[[Shown], Kind]

OTHER_NAMES = {
    "retained": "retention_payable",
    "advance": "advances",
}

# -- the rules -----------------------------------------------------------------------------------


def places(*names: str) -> Rule:
    """State it at positions named in the record, or in the nearest one around that has them."""

    def find(shown: Shown) -> Kind:
        for record in reversed(shown.records):
            found = tuple(record[name] for name in names if record.get(name) is not None)
            if found:
                return Stated(found)
        raise AssertionError(shown.path)

    return find


def of(key: str, *, staged: bool = False) -> Rule:
    """Be the figure that the field names, of the subject in a field of the document."""

    def find(shown: Shown) -> Kind:
        record = shown.document[key]
        name = record["provider"]["id"] if key == "provider" else record[SUBJECTS[key][1]]
        figure = shown.stage if staged else shown.plain
        return Figure(f"{SUBJECTS[key][0]}/{name}", figure)

    return find


SUBJECTS = {
    "contract": ("contract", "contract"),
    "fund": ("line", "line"),
    "payment": ("payment", "payment"),
    "tender": ("tender", "tender"),
    "provider": ("party", "provider"),
    "programme": ("programme", "programme"),
    "person": ("beneficiary", "beneficiary"),
}


def month_of(key: str, *, staged: bool = False) -> Rule:
    """Be the figure that the field names, in the month of the record."""

    def find(shown: Shown) -> Kind:
        found = of(key, staged=staged)(shown)
        assert isinstance(found, Figure)
        return found._replace(month=shown.record["month"])

    return find


def figure(key: str, name: str, month: str | None = None) -> Rule:
    """Be a figure whose subject and name are made of what the records around it say."""

    def find(shown: Shown) -> Kind:
        facts = {"field": shown.name, "plain": shown.plain, "stage": shown.stage}
        for record in shown.records:
            for field, value in record.items():
                if isinstance(value, str | int):
                    facts[field] = str(value)
                elif isinstance(value, dict) and isinstance(value.get("id"), str):
                    facts[field] = value["id"]
                elif isinstance(value, dict) and field in SUBJECTS:
                    own = value.get(SUBJECTS[field][1])
                    facts[field] = own["id"] if isinstance(own, dict) else str(own)
        told = None if month is None else month.format(**facts)
        return Figure(key.format(**facts), name.format(**facts), told)

    return find


def at_day(rule: Rule) -> Rule:
    """Be a figure at the end of the day asked for."""

    def find(shown: Shown) -> Kind:
        found = rule(shown)
        assert isinstance(found, Figure)
        return found._replace(day=DAY)

    return find


def step(shown: Shown) -> Kind:
    """Be what an event adds to a figure of its sum, at the position of the step."""
    claim = shown.records[-2]["claim"]["claim"]
    kind = shown.record["kind"]
    first = shown.records[-2]["steps"][0]["position"]
    own = kind in {"returned", "awarded"} and shown.record["position"] == first
    return Figure(f"claim/{claim}", "claimed" if own else STEPS[kind])


STEPS = {
    "claimed": "claimed",
    "answered": "accepted",
    "deemed": "accepted",
    "cut": "cut",
    "disputed": "disputed",
    "contested": "disputed",
    "returned": "accepted",
    "awarded": "accepted",
    "denied": "cut",
    "released": "claimed",
    "granted": "claimed",
    "recovered": "recovered",
    "retained": "retained",
    "deducted": "deducted",
    "scored": "set_off",
    "penalised": "set_off",
    "interest": "interest_booked",
    "waived": "interest_waived",
}
"""Of which figure of its sum a step tells what its event added.

A confirmation and an assignment state their amount; what is given back is what is payable.
"""

CLAIM_NAMES = {"claim_fen": "claimed"}
PLACE = Place("a position, whose event is traced by it")
YEAR = Place("the year that a fund line is named by")
LAW = Place("when an account may be paid, by the law from when it was declared, which is beside it")


def claim_figure(shown: Shown) -> Kind:
    """Be a figure of a sum."""
    name = CLAIM_NAMES.get(shown.name, shown.plain)
    name = {"retention_payable": "retained"}.get(name, name)
    return Figure(f"claim/{shown.record['claim']}", name)


RULES: dict[str, list[tuple[str, Rule]]] = {
    "contract": [
        (r"contract\.defects", lambda _: Place("of what others published; here there is none")),
        (r"contract\.\w+", of("contract")),
        (r"lines\.\*\.share_ppm", lambda s: Stated((s.document["contract"]["first_position"],))),
        (r"lines\.\*\.balances\.\w+", figure("contract/{contract}", "{line}/{field}")),
        (r"months\.\*\.\w+", month_of("contract")),
    ],
    "fund": [
        (r"fund\.balances\.\w+", lambda s: Figure(f"line/{s.document['fund']['line']}", s.name)),
        (r"months\.\*\.(debit|credit)_fen\.\w+", lambda s: booked(s)),
        (r"months\.\*\.\w+", month_of("fund", staged=True)),
    ],
    "payment": [
        (r"payment\.\w+", of("payment")),
        (r"shares\.\*\.\w+", figure("payment/{payment}", "{claim}/{plain}")),
        (r"claims\.\*\.claim\.\w+", claim_figure),
        (r"claims\.\*\.steps\.\*\.amount_fen", step),
        (r"claims\.\*\.steps\.\*\.change_fen", step),
        (r"disputed_fen", of("payment")),
    ],
    "overdue": [
        (r"totals\.\*\.sums", at_day(figure("buyer/{buyer}", "overdue"))),
        (r"totals\.\*\.\w+", at_day(figure("buyer/{buyer}", "overdue_{plain}"))),
        (r"items\.\*\.days_late", at_day(figure("claim/{claim}", "days_late"))),
        (r"items\.\*\.\w+", at_day(figure("claim/{claim}", "overdue_{plain}"))),
    ],
    "tender": [
        (r"(tender|lots\.\*)\.ground", lambda s: Stated((first_of(s),), below=True)),
        (r"tender\.\w+_ms", places("first_position", "last_position")),
        (r"tender\.\w+", of("tender")),
        (r"criteria\.\w+", lambda s: Stated((first_of(s),))),
        (r"lots\.\*\.(units_max|rate_cap_fen)", lambda s: Stated((first_of(s),))),
        (r"lots\.\*\.sealed", figure("tender/{tender}", "lot/{lot}/bids")),
        (r"lots\.\*\.\w+", figure("tender/{tender}", "lot/{lot}/{plain}")),
        (r"lots\.\*\.lines\.\*\.amount_fen", lambda s: Stated((first_of(s),))),
        (
            r"lots\.\*\.lines\.\*\.reserved_fen",
            figure("tender/{tender}", "lot/{lot}/{line}/reserved"),
        ),
        (r"bids\.\*\.(value_fen|rates\..*)", places("revealed_position")),
        (r"bids\.\*\.scores\.\*\.score_ppm", places("position")),
        (r"bids\.\*\.\w+_ms", places("first_position", "revealed_position")),
        (r"awards\.\*\.value_fen", places("first_position")),
    ],
    "party": [
        (r"roles\.\*\.amount_fen_max", places("position")),
        (r"keys\.\*\.\w+_ms", places("first_position", "revoked_position")),
        (r"accounts\.\*\.declared_ms", places("first_position")),
        (r"accounts\.\*\.from_ms", lambda _: LAW),
    ],
    "approver": [
        (r"items\.\*\.(first|last)_(at|recorded)_ms", places("first_position", "last_position")),
        (r"items\.\*\.gaps\.\*\.seconds", lambda _: Place("which bucket of gaps is counted")),
        (
            r"items\.\*\.gaps\.\*\.claimed",
            figure("approver/{key}", "{kind}/gaps/{seconds}"),
        ),
        (
            r"items\.\*\.gaps\.\*\.recorded",
            figure("approver/{key}", "{kind}/recorded_gaps/{seconds}"),
        ),
        (r"items\.\*\.median_gap_s", figure("approver/{key}", "{kind}/median_gap")),
        (
            r"items\.\*\.median_recorded_gap_s",
            figure("approver/{key}", "{kind}/median_recorded_gap"),
        ),
        (r"items\.\*\.\w+", figure("approver/{key}", "{kind}/{plain}")),
    ],
    "beneficiary": [
        (r"person\.monthly_cap_fen", places("first_position")),
        (r"services\.\*\.\w+", figure("beneficiary/{person}", "{month}/{service}/{field}")),
        (r"in_all\.\*\.\w+", figure("beneficiary/{person}", "to-{month}/{service}/{field}")),
        (r"plans\.\*\.(units\..*|workers_at_once)", places("position")),
        (r"visits\.\*\.words\.\*\.at_ms", places("position")),
        (r"visits\.\*\.\w+", places("last_position")),
    ],
    "provider": [
        (r"provider\.assigned", lambda s: Figure(f"party/{name_of(s)}", "assignments")),
        (r"provider\.interest_owed_fen", lambda s: Figure(f"party/{name_of(s)}", INTEREST)),
        (r"provider\.\w+", of("provider")),
        (r"days_median", of("provider")),
        (r"days\.\*\.days", lambda _: Place("which days the payments are counted by")),
        (r"days\.\*\.payments", lambda s: days(s)),
        (r"months\.\*\.\w+", month_of("provider")),
        (r"scores\.\*\.(total|factor)_ppm", places("first_position", "last_position")),
    ],
    "programme": [
        (r"programme\.(reserved|committed)_fen", of("programme", staged=True)),
        (r"programme\.\w+", of("programme")),
        (
            r"indicators\.\*\.(weight_ppm|target)",
            lambda s: Stated((s.document["programme"]["first_position"],)),
        ),
        (
            r"indicators\.\*\.(scores|score_ppm|actual_mean)",
            figure("programme/{programme}", "indicator/{indicator}/{field}"),
        ),
        (
            r"indicators\.\*\.results\.\*\.reports",
            figure("programme/{programme}", "reports/{indicator}/{from_date}/{to_date}"),
        ),
        (r"indicators\.\*\.results\.\*\.actual", places("position")),
        (r"people\.\*\.\w+", figure("programme/{programme}", "{field}/{tier}")),
        (r"months\.\*\.\w+_fen", month_of("programme", staged=True)),
        (r"months\.\*\.\w+", month_of("programme")),
        (r"lines\.\*\.granted_fen", figure("line/{line}", "granted")),
        (r"lines\.\*\.\w+", figure("programme/{programme}", "{line}/{stage}")),
        (
            r"delivered\.\*\.\w+",
            figure("programme/{programme}", "delivered/{month}/{service}/{field}"),
        ),
    ],
    "overview": [
        (r"years\.\*\.stages\.\w+", figure("overview/{year}", "{stage}")),
        (r"sources\.\*\.stages\.\w+", figure("overview/{year}/{source}", "{stage}")),
        (r"lines\.\*\.stages\.\w+", figure("line/{line}", "{stage}")),
        (r"lines\.\*\.contracts\.\*\.\w+", figure("contract/{contract}", "{line}/{stage}")),
        (
            r"(lines\.\*\.others_paid_fen|months\.\*\.left_fen)",
            lambda _: Place("what is left of numbers beside it: the test after this one"),
        ),
        (r"months\.\*\.\w+", figure("overview/{year}", "{stage}", "{month}")),
        (r"overdue_fen", lambda _: Figure("overview", "overdue_principal")),
        (r"(contracts\.)?\w+", lambda s: Figure("overview", s.name)),
    ],
}
"""By command, what a number is by its path; the first rule that fits counts.

`docs/verification.md` says the same.
"""
EVERYWHERE: list[tuple[str, Rule]] = [
    (r"(.*\.)?([a-z]+_)?position", lambda _: PLACE),
    (r"(.*\.)?year", lambda _: YEAR),
]
INTEREST = "interest_payable"


def first_of(shown: Shown) -> int:
    """Return the position at which a tender was published."""
    position: int = shown.document["tender"]["first_position"]
    return position


def name_of(shown: Shown) -> str:
    """Return the provider of a document."""
    name: str = shown.document["provider"]["provider"]["id"]
    return name


def booked(shown: Shown) -> Kind:
    """Be what was debited or credited to an account in a month."""
    side = shown.path.split(".")[-2].removesuffix("_fen")
    key = f"line/{shown.document['fund']['line']}"
    return Figure(key, f"{side}/{shown.name}", shown.records[-2]["month"])


def days(shown: Shown) -> Kind:
    """Be how many payments took so many days."""
    return Figure(f"party/{name_of(shown)}", f"days/{shown.record['days']}")


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
            if number >= WHOLE:
                continue
            name = item[field]["id"] if isinstance(item[field], dict) else item[field]
            whole = show(command, name)
            for each in whole if isinstance(whole, list) else [whole]:
                if command == "provider":
                    pairs = each["days"]
                    each["days"] = [{"days": d, "payments": n} for d, n in pairs]
                yield each
        if command == "beneficiary":
            for item in listed["items"][:2]:
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


WHOLE = 8
"""So many of a kind are looked at whole; as they stand in a list, all of them."""


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
        self._events: dict[int, tuple[set[int], set[int]]] = {}
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
            elif rule is step:
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

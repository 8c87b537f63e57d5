"""The red flags that follow from visits alone, asked of a few events: by both engines the same."""

import json
from typing import Any

import needs
import pytest

from ledger.times import MS_PER_HOUR
from projections.national import questions
from projections.national.duck import DuckEngine
from projections.national.engine import Engine

CITY_OFFSET_MS = 8 * MS_PER_HOUR
"""Of a city whose midnight is 16:00 UTC."""

Act = tuple[str, dict[str, Any]]
Found = set[tuple[str, str]]


def visit(name: str, start: str, end: str, **others: str) -> Act:
    """Return a visit on 1 March 2026 or the day after (`+04:00`), times of UTC."""
    stated = {"service": "bath", "beneficiary": f"person-{name}", "worker": "w", **others}
    return "visit.recorded", {"id": name, **stated, **_times(start, end)}


def corrected(name: str, start: str, end: str, **others: str) -> Act:
    """Return the correction of a visit: all that it states is stated again."""
    kind, stated = visit(name, start, end, **others)
    return kind.replace("recorded", "corrected"), {**stated, "id": f"c-{name}", "visit": name}


def spoken(word: str, *names: str) -> Act:
    """Return what a beneficiary said of visits."""
    return f"visit.{word}", {"id": word, "visits": list(names)}


def _times(start: str, end: str) -> dict[str, str]:
    return {"started_at": _instant(start), "ended_at": _instant(end)}


def _instant(time: str) -> str:
    return f"2026-03-{'02' if time.startswith('+') else '01'}T{time.removeprefix('+')}:00.000Z"


SAME = {"beneficiary": "p"}
CASES: dict[str, tuple[list[Act], Found]] = {
    "two people at once": (
        [visit("a", "01:00", "02:00"), visit("b", "01:30", "02:30")],
        {("f02", "0 1")},
    ),
    "one after the other": ([visit("a", "01:00", "02:00"), visit("b", "02:00", "03:00")], set()),
    "two workers": (
        [visit("a", "01:00", "02:00"), visit("b", "01:00", "02:00", worker="x")],
        set(),
    ),
    "into the night, and another after midnight": (
        [visit("a", "15:00", "17:00"), visit("b", "16:30", "17:30")],
        {("f02", "0 1")},
    ),
    "until midnight, and another after": (
        [visit("a", "15:00", "16:00"), visit("b", "16:00", "17:30")],
        set(),
    ),
    "on one day of UTC, on two of the city": (
        [visit("a", "15:00", "15:50"), visit("b", "16:30", "17:30")],
        set(),
    ),
    "the later one told first": (
        [visit("b", "16:30", "17:30"), visit("a", "15:00", "17:00")],
        {("f02", "1 0")},
    ),
    "corrected to be at once": (
        [
            visit("a", "01:00", "02:00"),
            visit("b", "03:00", "04:00"),
            corrected("b", "01:30", "04:00"),
        ],
        {("f02", "0 1")},
    ),
    "corrected twice: the last word counts": (
        [
            visit("a", "01:00", "02:00"),
            visit("b", "03:00", "04:00"),
            corrected("b", "01:30", "04:00"),
            corrected("b", "02:30", "04:00"),
        ],
        set(),
    ),
    "one person twice": (
        [visit("a", "01:00", "02:00", **SAME), visit("b", "01:00", "01:50", worker="x", **SAME)],
        {("f17", "0 1")},
    ),
    "one person thrice": (
        [visit(name, "01:00", "01:30", worker=name, **SAME) for name in "abc"],
        {("f17", "0 1"), ("f17", "0 2")},
    ),
    "two services": (
        [
            visit("a", "01:00", "01:30", **SAME),
            visit("b", "01:00", "01:30", worker="x", service="meal", **SAME),
        ],
        set(),
    ),
    "one of two was denied": (
        [
            visit("a", "01:00", "01:30", **SAME),
            visit("b", "01:00", "01:30", worker="x", **SAME),
            spoken("denied", "a"),
        ],
        set(),
    ),
    "one of three was denied": (
        [
            *(visit(name, "01:00", "01:30", worker=name, **SAME) for name in "abc"),
            spoken("denied", "b"),
        ],
        {("f17", "0 2")},
    ),
    "denied, then confirmed with others": (
        [
            visit("a", "01:00", "01:30", **SAME),
            visit("b", "01:00", "01:30", worker="x", **SAME),
            spoken("denied", "a"),
            spoken("confirmed", "a", "b"),
        ],
        {("f17", "0 1")},
    ),
    "confirmed, then denied": (
        [
            visit("a", "01:00", "01:30", **SAME),
            visit("b", "01:00", "01:30", worker="x", **SAME),
            spoken("confirmed", "b"),
            spoken("denied", "b"),
        ],
        set(),
    ),
    "more hours than a day's work": (
        [visit(f"v{hour}", f"0{hour}:00", f"0{hour + 4}:50") for hour in (0, 5)]
        + [visit("v10", "10:00", "14:50")],
        {("f05", "0 1 2")},
    ),
    "the same hours over midnight": (
        [visit(f"v{hour}", f"{hour}:00", f"{hour + 4}:50") for hour in (10, 16)]
        + [visit("v", "21:00", "+01:50")],
        set(),
    ),
}


@pytest.fixture(scope="module", params=["duckdb", "spark"])
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Found]:
    """Ask an engine about all cases at once, each of them a ledger of its own."""
    engine: Engine
    if request.param == "duckdb":
        engine = DuckEngine(str(tmp_path_factory.mktemp("engine")))
    else:
        needs.java()
        from projections.national.spark import SparkEngine, local_session  # noqa: PLC0415 (slow)

        engine = SparkEngine(local_session("local[1]"), owned=True)
    try:
        return _asked(engine)
    finally:
        engine.close()


@pytest.mark.parametrize("case", CASES)
def test_visits_raise_the_flags_of_the_law(found: dict[str, Found], case: str) -> None:
    """Who is at two places, works too long, or is paid for twice; nobody else."""
    assert found[case] == CASES[case][1]


def _asked(engine: Engine) -> dict[str, Found]:
    rows = [
        f"SELECT {ledger} AS ledger, {position} AS position, '{kind}' AS type, "
        f"'{body['id']}' AS id, '{json.dumps({**body, 'type': kind})}' AS body"
        for ledger, (acts, _flags) in enumerate(CASES.values())
        for position, (kind, body) in enumerate(acts)
    ]
    ledgers = [questions.Ledger(number, CITY_OFFSET_MS) for number in range(len(CASES))]
    engine.keep("events", " UNION ALL ".join(rows))
    engine.keep("visits", questions.visits(engine.dialect, ledgers))
    found: dict[str, Found] = {case: set() for case in CASES}
    for ledger, rule, _subject, evidence in engine.rows(questions.flags(engine.dialect)):
        found[list(CASES)[ledger]].add((rule, evidence))
    return found

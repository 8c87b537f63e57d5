"""Delivery: visits, words and checks, care plans and entitlement, against plain counts."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import pytest
import scenario
from histories import Kept, keep
from money import at
from sqlalchemy import select
from world import World

from bench.databases import Databases
from ledger.errors import Malformed
from ledger.events import decode_event
from ledger.events.contract import ContractPublished, ContractSigned
from ledger.events.delivery import (
    BeneficiaryExited,
    CareplanAgreed,
    CheckedVisit,
    SpotcheckDone,
    VisitConfirmed,
    VisitCorrected,
    VisitDenied,
    VisitRecorded,
)
from ledger.store.store import Store, open_store
from ledger.times import format_date, local_date, parse_date, parse_instant
from ledger.tracing.adding import add_up, figures_of
from projections.catalogue import MODELS, open_projections
from projections.decoding import Lean, decode_otherwise
from projections.deep import deep_check
from projections.delivery import DELIVERY, list_people, person_file
from projections.delivery.queries import ServiceUnits
from projections.delivery.tables import CHECK, CORRECTION, OUTPUT, SPOTCHECK, VISIT, WORD, WORKER
from projections.engine import Projections
from projections.shape import Shape

HOURS_8 = 480
"""How far the local time of the tests' ledgers is east of UTC, in minutes."""


def delivered() -> World:
    """Play what can happen to visits, words, plans and people.

    outcome | by | event                | fields
    ok      |    | beneficiary.absent   | from=2026-01-20; to=2026-01-22
    ok      |    | careplan.agreed      | from=2026-01-01
    ok      |    | careplan.agreed      | from=2026-01-15; \
services=[{"service":"care","units_a_month":8}]
    ok      |    | careplan.agreed      | from=2026-02-10; \
services=[{"service":"care","units_a_month":30}]
    ok      |    | careplan.agreed      | beneficiary=b-2; from=2026-01-05
    ok      |    | visit.recorded       | units=2
    ok      |    | visit.recorded       | units=3; device=d-1; place=absent
    ok      |    | visit.recorded       | units=5; beneficiary=b-2
    ok      |    | visit.corrected      | visit=unclaimed:2; units=6; reason=UNITS
    ok      |    | visit.corrected      | visit=unclaimed:2; units=7; reason=UNITS
    ok      |    | visit.denied         | visits=["unclaimed:1"]
    ok      |    | visit.confirmed      | visits=["unclaimed:1"]; device=phone-1
    ok      |    | visit.confirmed      | visits=["unclaimed:2","unclaimed:3"]
    ok      |    | visit.denied         | visits=["unclaimed:2"]; channel=paper
    ok      |    | visit.corrected      | visit=unclaimed:2; units=4; reason=UNITS; \
started_at=2026-01-31T16:30:00.000Z; ended_at=2026-01-31T17:00:00.000Z
    ok      |    | spotcheck.drawn      |
    later   |    |                      | 30
    ok      |    | beneficiary.exited   | beneficiary=b-2; effective=2026-01-12
    ok      |    | worker.left          | worker=w-2; until=2026-02-01
    ok      |    | worker.enrolled      | worker=w-2; \
credentials=[{"kind":"nursing","expires":"2027-01-01"},{"kind":"first aid"}]
    ok      |    | contract.terminated  |
    """
    world = World.contracted()
    for row in scenario.rows(delivered.__doc__):
        # The last correction of the table ends on 1 February by local time.
        if "started_at" in row.fields:
            world.now_ms = max(world.now_ms, parse_instant("2026-02-01T00:00:00.000Z"))
        scenario.play_row(world, row)
        if row.event == "spotcheck.drawn":
            drawn = world.state.spotchecks["s-1"].visits
            results = [CheckedVisit(visit=visit, result="DIFFERS") for visit in drawn]
            world.do(world.make(SpotcheckDone, results=results))
    return world


@pytest.fixture(scope="module")
def kept(shared_database_url: str) -> Iterator[Kept]:
    """Give a ledger with that history."""
    made = keep(shared_database_url, delivered())
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def projections(kept: Kept) -> Iterator[Projections]:
    """Give its read models, followed to the head."""
    with open_projections(kept.ledger.store) as made:
        made.follow()
        yield made


@pytest.fixture(scope="module")
def demo(demo_ledger: str, shared_databases: Databases) -> Iterator[Projections]:
    """Give a demo city's read model of delivery, kept in a database of its own."""
    url = shared_databases.new()
    with open_store(demo_ledger) as store, open_projections(store, url) as made:
        made.follow(DELIVERY.name)
        yield made
    shared_databases.drop(url)


def rows(projections: Projections, shape: Shape[Any]) -> list[Any]:
    """Return the rows of a table in the order of its key."""

    def query(reading: Any) -> list[Any]:
        table = reading.tables[shape]
        found = select(table).order_by(*table.primary_key.columns)
        return list(reading.connection.execute(found))

    return projections.read(DELIVERY, query)


def assert_equals_a_refold(projections: Projections) -> None:
    """Check every row of the read model against a fresh fold."""
    report = deep_check(projections, DELIVERY.name)
    assert (report.differences, report.position) == ((), projections.feed.store.head().positions)
    assert report.rows > 0


# -- the fold ----------------------------------------------------------------------------------


def test_a_corrected_visit_keeps_its_place_and_says_what_is_right(
    projections: Projections,
) -> None:
    """The row states the visit as last corrected; what no correction says stays."""
    visits = rows(projections, VISIT)
    *_, correction = rows(projections, CORRECTION)
    assert [(v.units, v.day, v.beneficiary, v.device, v.place) for v in visits] == [
        (2, "2026-01-02", "b-1", None, "home"),
        (4, "2026-02-01", "b-1", "d-1", None),
        (5, "2026-01-02", "b-2", None, "home"),
    ]
    assert (correction.visit, correction.reason) == (visits[1].position, "UNITS")
    assert [visit.last_position for visit in visits] == [
        visits[0].position,
        correction.position,
        visits[2].position,
    ]
    assert visits[1].starts_ms == parse_instant("2026-01-31T16:30:00.000Z")
    assert visits[1].ends_ms == parse_instant("2026-01-31T17:00:00.000Z")


def test_what_was_delivered_is_traced_from_the_events_alone(
    kept: Kept, projections: Projections
) -> None:
    """By service and month of the visit's own day, corrections and last words included."""
    store = kept.ledger.store
    shown: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows(projections, OUTPUT):
        for name in ("visits", "units", "confirmed", "denied"):
            figure = f"delivered/{row.month}/{row.service}/{name}"
            shown[f"contract/{row.contract}"][figure] = getattr(row, name)
    assert {figure.split("/")[1] for figures in shown.values() for figure in figures} > {"2026-01"}
    for key, expected in shown.items():
        found = figures_of(store, key, key, {"delivered"})
        assert {name: number for name, number in found.items() if number} == {
            name: number for name, number in expected.items() if number
        }
        for figure, number in expected.items():
            page = add_up(store, key, key, figure)
            assert page.sum == number == sum(each.adds for each in page.page)
        units = figures_of(store, key, key, {"person"})
        given = sum(n for name, n in units.items() if name.endswith("/delivered"))
        given += sum(n for name, n in units.items() if name.endswith("/denied"))
        assert given == sum(n for name, n in expected.items() if name.endswith("/units"))


def test_every_word_is_kept_and_the_last_one_counts(projections: Projections) -> None:
    """A denial is taken back by a confirmation, and the other way round; both rows stay."""
    first, second, third = (visit.position for visit in rows(projections, VISIT))
    words = [
        (word.visit, word.kind, word.channel, word.device, word.key)
        for word in sorted(rows(projections, WORD), key=lambda word: word.position)
    ]
    assert words == [
        (first, "denied", "call", None, "BUY/one"),
        (first, "confirmed", "call", "phone-1", "BUY/one"),
        (second, "confirmed", "call", None, "BUY/one"),
        (third, "confirmed", "call", None, "BUY/one"),
        (second, "denied", "paper", None, "BUY/one"),
    ]
    summed = {row.month: row for row in rows(projections, OUTPUT)}
    assert [(month, *row[3:9]) for month, row in sorted(summed.items())] == [
        ("2026-01", 2, 7, 0, 2, 0, 0),
        ("2026-02", 1, 4, 0, 0, 1, 4),
    ]


def test_a_spot_check_is_counted_where_its_visit_is(projections: Projections) -> None:
    """Drawn and done are two events of one row; each result is kept with its visit."""
    (spotcheck,) = rows(projections, SPOTCHECK)
    (check,) = rows(projections, CHECK)
    assert (spotcheck.contract, spotcheck.drawn) == ("c-1", 1)
    assert check.position == spotcheck.done_position
    assert check.result == "DIFFERS"
    day = {visit.position: visit.day for visit in rows(projections, VISIT)}[check.visit]
    assert [row.month for row in rows(projections, OUTPUT) if row.differing] == [day[:7]]


def test_a_worker_who_comes_back_has_two_rows(projections: Projections) -> None:
    """The first says until when; the second what the person can do since."""
    found = [row for row in rows(projections, WORKER) if row.worker == "w-2"]
    assert [(row.provider, row.credentials, row.until) for row in found] == [
        ("PRO", "[]", "2026-02-01"),
        ("PRO", '[["nursing","2027-01-01"],["first aid",null]]', None),
    ]


@pytest.mark.parametrize("batch_events", [1, 2, 7])
def test_rows_do_not_depend_on_batches(database_url: str, batch_events: int) -> None:
    """A correction or word in one batch with its visit, or in a later one, gives the same rows."""
    with keep(database_url, delivered()).ledger as ledger:
        with Projections(ledger.store, MODELS, batch_events=batch_events) as small:
            small.follow(DELIVERY.name)
        with open_projections(ledger.store) as large:
            assert_equals_a_refold(large)


def test_a_month_keeps_its_row_when_its_only_visit_moves_on(database_url: str) -> None:
    """The visit and its correction in one batch, or in two: January has a row of zeros."""
    world = World.contracted()
    at(world, "2026-02-03")  # a batch is of one month
    world.visits("c-1")
    moved = {"started_at": "2026-02-01T01:00:00.000Z", "ended_at": "2026-02-01T02:00:00.000Z"}
    visit = world.last["visit.recorded"]
    world.do(world.make(VisitCorrected, visit=visit, reason="TIME", **moved))
    kept = keep(database_url, world)
    with Projections(kept.ledger.store, MODELS, batch_events=1) as small:
        small.follow(DELIVERY.name)
        assert [(row.month, row.visits) for row in rows(small, OUTPUT)] == [
            ("2026-01", 0),
            ("2026-02", 1),
        ]
    with open_projections(kept.ledger.store) as large:
        assert_equals_a_refold(large)
    kept.ledger.close()


def test_the_rows_of_a_demo_city_equal_a_refold(demo: Projections) -> None:
    """Followed in batches, a city has the rows that a rebuild gives it."""
    assert_equals_a_refold(demo)
    assert len(rows(demo, VISIT)) > 1_500


def test_sums_are_those_of_a_plain_count(demo: Projections) -> None:
    """What the fold kept of each contract, month and service is what the events add up to."""
    visits, last_words, checks = _plainly(demo.feed.store)
    counted: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for key, visit in visits.items():
        sums = counted[visit.contract, _day(visit.started_at)[:7], visit.service]
        sums += Counter(visits=1, units=visit.units, manual=int(visit.capture == "manual"))
        if last_words.get(key) == "confirmed":
            sums["confirmed"] += 1
        elif last_words.get(key) == "denied":
            sums += Counter(denied=1, denied_units=visit.units)
        sums.update(checks.get(key, ()))
    found = {
        (row.contract, row.month, row.service): +Counter(
            {
                name: getattr(row, name)
                for name in row._fields
                if name not in ("contract", "month", "service")
            }
        )
        for row in rows(demo, OUTPUT)
    }
    assert {key: sums for key, sums in found.items() if sums} == counted


# -- the questions -----------------------------------------------------------------------------


def test_plans_give_a_month_the_most_that_one_of_them_does(projections: Projections) -> None:
    """A plan replaced within a month takes nothing back; an exit and a termination end all."""
    shown = {
        month: person_file(projections, "b-1", month)
        for month in ("2025-12", "2026-01", "2026-02", "2026-03", "2026-04")
    }
    assert [file and [unit.planned for unit in file.services] for file in shown.values()] == [
        [],
        [20],
        [30],
        [30],
        [],
    ]
    january = shown["2026-01"]
    assert january is not None
    assert january.services == (ServiceUnits("care", 20, 2, 0, 18),)
    assert [plan.from_date for plan in january.plans] == ["2026-01-01", "2026-01-15", "2026-02-10"]
    assert [(away.from_date, away.to_date) for away in january.absences] == [
        ("2026-01-20", "2026-01-22")
    ]
    assert [[word.kind for word in visit.words] for visit in january.visits] == [
        ["denied", "confirmed"]
    ]
    april = shown["2026-04"]
    assert april is not None
    assert april.in_all == (ServiceUnits("care", 80, 2, 4, 78),)


def test_an_exit_is_shown_and_ends_the_plan(projections: Projections) -> None:
    """From the first day without entitlement on nothing is planned any more."""
    february = person_file(projections, "b-2", "2026-02")
    january = person_file(projections, "b-2", "2026-01")
    assert february is not None
    assert january is not None
    assert february.services == ()
    assert january.services == (ServiceUnits("care", 20, 5, 0, 15),)
    assert (january.person.exit_reason, january.person.exited_on) == ("MOVED", "2026-01-12")
    assert person_file(projections, "b-9") is None


def test_people_are_listed_page_by_page(projections: Projections) -> None:
    """By programme, by the contract of a plan, by a part of the token, in order of enrolment."""

    def tokens(**filters: Any) -> list[str]:
        return [each.beneficiary for each in list_people(projections, **filters).items]

    assert tokens() == tokens(programme="care") == ["b-1", "b-2", "b-3"]
    assert tokens(contract="c-1") == ["b-1", "b-2"]
    assert tokens(text="B-3") == ["b-3"]
    assert tokens(programme="other") == tokens(text="%") == []
    first = list_people(projections, limit=2)
    assert first.next is not None
    assert tokens(after=first.next) == ["b-3"]


def test_a_persons_figures_are_those_of_a_plain_count(demo: Projections) -> None:
    """Planned, delivered, denied and left of everybody in a demo city, day by day from events."""
    visits, last_words, _ = _plainly(demo.feed.store)
    agreed = _agreed(demo.feed.store)
    people = [each.beneficiary for each in list_people(demo, limit=1_000).items]
    for token in people:
        for month in ("2025-02", "2025-11"):
            file = person_file(demo, token, month)
            assert file is not None
            planned = _planned_plainly(agreed, token, month)
            units: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
            for key, visit in visits.items():
                if visit.beneficiary == token and _day(visit.started_at)[:7] == month:
                    units[visit.service][last_words.get(key) == "denied"] += visit.units
            assert file.services == tuple(
                ServiceUnits(
                    service,
                    planned[service],
                    units[service][0],
                    units[service][1],
                    planned[service] - units[service][0],
                )
                for service in sorted({*planned, *units})
            )
    assert len(people) > 10


# -- lean records ------------------------------------------------------------------------------


class SeenPublication(Lean, frozen=True, kw_only=True, tag="contract.published"):
    """The present version of a type that has an earlier one."""

    v: Literal[2]  # type: ignore[assignment]  # each version is a record of its own
    contract: str


def test_a_lean_record_of_an_earlier_version_is_taken_from_what_it_means_now() -> None:
    """A body that the record's decoder does not take is upcast, and one that is none refused."""
    body = (
        b'{"at":"2026-01-05T01:00:00.000Z","contract":"c-1",'
        b'"id":"019b8b6e-8480-7000-8000-000000000001","redactions":["telephone numbers"],'
        b'"salt":"00112233445566778899aabbccddeeff",'
        b'"sha256":"' + b"ab" * 32 + b'","type":"contract.published","v":1}'
    )
    lean = (SeenPublication,)
    whole = decode_event(body)
    assert isinstance(whole, ContractPublished)
    seen = decode_otherwise("contract.published", body, lean, ValueError("v is 1"))
    assert (type(seen), seen.contract, seen.at) == (SeenPublication, whole.contract, whole.at)
    assert decode_otherwise("contract.published", body, (), ValueError("v is 1")) == whole
    with pytest.raises(Malformed, match=r"its body is no contract\.published: cut off"):
        decode_otherwise("contract.published", body[:-1], lean, ValueError("cut off"))


# -- counted without a read model --------------------------------------------------------------


def _plainly(
    store: Store,
) -> tuple[dict[str, Any], dict[str, str], dict[str, list[str]]]:
    """Return the visits as corrected, the last word about each, and what checks found."""
    names = {"DIFFERS": "differing"}
    visits: dict[str, Any] = {}
    last_words: dict[str, str] = {}
    checks: defaultdict[str, list[str]] = defaultdict(list)
    for row in store.events():
        event: Any = decode_event(row.body)
        if isinstance(event, VisitRecorded):
            visits[event.id] = event
        elif isinstance(event, VisitCorrected):
            visits[event.visit] = event
        elif isinstance(event, VisitConfirmed | VisitDenied):
            kind = "denied" if isinstance(event, VisitDenied) else "confirmed"
            last_words |= dict.fromkeys(event.visits, kind)
        elif isinstance(event, SpotcheckDone):
            for each in event.results:
                checks[each.visit].append(names.get(each.result, each.result.lower()))
    return visits, last_words, checks


class Agreed(NamedTuple):
    """The events that say what was planned: plans in order, last days of terms and people."""

    plans: list[CareplanAgreed]
    terms: dict[str, str]
    exits: dict[str, str]


def _agreed(store: Store) -> Agreed:
    agreed = Agreed([], {}, {})
    for row in store.events():
        event = decode_event(row.body)
        if isinstance(event, CareplanAgreed):
            agreed.plans.append(event)
        elif isinstance(event, ContractSigned):
            agreed.terms[event.contract] = event.term.to_date
        elif isinstance(event, BeneficiaryExited):
            agreed.exits[event.beneficiary] = event.effective
    return agreed


def _planned_plainly(agreed: Agreed, token: str, month: str) -> Counter[str]:
    """Return the units planned for a person, going through the days of a month one by one."""
    plans = [plan for plan in agreed.plans if plan.beneficiary == token]
    first, exited = parse_date(f"{month}-01"), agreed.exits.get(token, "9999-12-31")
    most: dict[tuple[str, str], int] = {}
    for day in (format_date(number) for number in range(first, first + 31)):
        if not day.startswith(month) or day >= exited:
            continue
        in_force = {plan.contract: plan for plan in plans if plan.from_date <= day}
        for contract, plan in in_force.items():
            for each in plan.services if day <= agreed.terms[contract] else ():
                key = contract, each.service
                most[key] = max(most.get(key, 0), each.units_a_month)
    planned: Counter[str] = Counter()
    for (_, service), units in most.items():
        planned[service] += units
    return planned


def _day(instant: str) -> str:
    return local_date(parse_instant(instant), HOURS_8)

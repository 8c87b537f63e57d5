"""The past of one subject equals what read models filled up to that point would show."""

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from histories import Kept, busy_city, keep, report, unusual_contract
from world import World

from ledger.app import create_ledger
from ledger.errors import LedgerError, Malformed
from ledger.events.contract import ContractResumed
from ledger.simulate.agenda import SimulatedClock
from ledger.simulate.city import City
from ledger.simulate.playing import play
from ledger.simulate.scale import DEMO
from ledger.store.reading import Reader
from ledger.times import format_instant, local_date
from projections.catalogue import open_projections
from projections.contracts import CONTRACTS, contracts_as_of, find_contracts, list_contracts
from projections.deep import deep_check
from projections.engine import Projections
from projections.feed import Feed, Place
from projections.funds import FUNDS, fund, fund_months, list_processes
from projections.funds.past import fund_as_of
from projections.model import ReadModel
from projections.past import as_of
from projections.payments import PAYMENTS, claim, list_claims, list_payments, payment
from projections.payments.past import payment_as_of
from projections.points import BEGINNING, WAYS, Point, point_after, point_at, point_of
from projections.reading import Answers

ASKED: tuple[tuple[ReadModel, str], ...] = (
    (CONTRACTS, "contract"),
    (FUNDS, "line"),
    (PAYMENTS, "contract"),
)
"""The read models that tell the past, and the kinds of subjects they tell it of."""


DAYS_PLAYED, MOMENTS_ASKED = 240, 40

OCID = "ocds-213czf-1"
"""The process that was published in the busy city."""


def told(model: ReadModel, answers: Answers, key: str) -> tuple[Any, ...]:
    """Return all that a read model answers about one subject."""
    if model is CONTRACTS:
        return (find_contracts(answers, key),)
    if model is FUNDS:
        return (fund(answers, key), fund_months(answers, key))
    payments, claims = list_payments(answers, contract=key), list_claims(answers, contract=key)
    files = [payment(answers, each.payment) for each in payments.items]
    return (payments, claims, files, [claim(answers, each.claim) for each in claims.items])


def subjects_of(projections: Projections, kind: str) -> list[str]:
    """Return the keys of all subjects of a kind."""
    prefix = f"{kind}/"
    rows = projections.feed.store.subjects()
    return [row.key.removeprefix(prefix) for row in rows if row.key.startswith(prefix)]


def at_each(
    projections: Projections, url: str, points: Sequence[Point]
) -> Iterator[tuple[Point, Projections]]:
    """Give read models that are filled from zero up to each of some points, in order."""
    with open_projections(projections.feed.store, url) as oracle:
        for point in points:
            for model in oracle.models.values():
                oracle._follow([model], point.place.position)
            yield point, oracle


@pytest.fixture
def kept(database_url: str) -> Iterator[Kept]:
    """Give a ledger with a busy history of several months that was closed now and then."""
    world = busy_city(closings=True)
    unusual_contract(world)
    world.visits("c-1", days=3, month="2026-02")
    world.claim("k-3", "c-1")
    world.do(world.closed())
    world.answer("k-3", cuts=[40])
    report(
        world,
        "ocds-213czf-1",
        '{"ocid":"ocds-213czf-1","tag":["contract"],"contracts":[{"id":"x"}]}',
    )
    report(
        world,
        "ocds-213czf-1",
        '{"ocid":"ocds-213czf-1","tag":["contract"],"contracts":[{"id":"y"}]}',
    )
    world.pay("p-4", "c-1", ["k-3"])
    made = keep(database_url, world)
    yield made
    made.ledger.close()


def test_the_past_equals_what_filling_up_to_it_gives(kept: Kept, tmp_path: Path) -> None:
    """At every statement, for every contract, line and payment: the same answers to the letter."""
    store = kept.ledger.store
    with open_projections(store) as projections:
        projections.follow()
        points = [point_after(projections.feed, size + 1) for size in range(store.head().size)]
        seen = 0
        for point, oracle in at_each(projections, f"sqlite:///{tmp_path / 'o.db'}", points):
            for model, kind in ASKED:
                for key in subjects_of(projections, kind):
                    with as_of(projections, model, f"{kind}/{key}", point) as past:
                        answer = told(model, past, key)
                    assert answer == told(model, oracle, key), (point, model.name, key)
                    seen += any(answer)
        assert seen > len(points)
        for name in projections.models:
            assert deep_check(projections, name).count == 0


def test_the_past_of_a_city_equals_what_filling_up_to_it_gives(tmp_path: Path) -> None:
    """At random positions of eight simulated months, closed day by day, for every subject."""
    city = City(DEMO, b"past", lambda _line: None)
    clock = SimulatedClock(city.genesis.recorded_ms)
    url, chance = f"sqlite:///{tmp_path / 'ledger.db'}", random.Random(11)
    with create_ledger(url, city.genesis.statements[0], city.ledger_signer, clock) as ledger:
        for _day in islice(play(city, ledger, clock), DAYS_PLAYED):
            pass
        with open_projections(ledger.store) as projections:
            projections.follow()
            held = ledger.store.head().positions
            asked = sorted(chance.sample(range(held + 1), MOMENTS_ASKED))
            points = [point_at(projections.feed, position) for position in asked]
            seen = 0
            for point, oracle in at_each(projections, f"sqlite:///{tmp_path / 'o.db'}", points):
                for model, kind in ASKED:
                    for key in subjects_of(projections, kind):
                        with as_of(projections, model, f"{kind}/{key}", point) as past:
                            answer = told(model, past, key)
                        assert answer == told(model, oracle, key), (point, model.name, key)
                        seen += any(answer)
            assert seen > MOMENTS_ASKED
            assert {deep_check(projections, name).count for name in projections.models} == {0}


def test_contracts_are_found_by_what_they_are_called(kept: Kept, tmp_path: Path) -> None:
    """By key, number or ocid, native and published; also one that a later report took back."""
    store = kept.ledger.store
    with open_projections(store) as projections:
        projections.follow()
        size = store.head().size
        points = [point_after(projections.feed, each) for each in range(size - 12, size + 1)]
        names = ["c-1", "c-3", OCID, f"{OCID}/x", f"{OCID}/y", "x", "y", "nothing"]
        names += [each.number for each in list_contracts(projections).items]
        vanished = 0
        for point, oracle in at_each(projections, f"sqlite:///{tmp_path / 'o.db'}", points):
            for name in names:
                found = contracts_as_of(projections, name, point)
                expected = find_contracts(oracle, name)
                if name != "x":  # a number that nothing has today
                    assert found == expected, (point.place.position, name)
                vanished += len(found) if name == f"{OCID}/x" else 0
            line, months, processes = fund_as_of(projections, OCID, point)
            assert (line, months) == (None, None)
            assert processes == list_processes(oracle, ocid=OCID).items
            found_line, months, _ = fund_as_of(projections, "line-1", point, year=2026)
            assert found_line == fund(oracle, "line-1")
            assert months == fund_months(oracle, "line-1", year=2026)
            for key in ("p-1", "p-4", "p-9"):
                assert payment_as_of(projections, key, point) == payment(oracle, key)
        assert vanished > 0


def test_only_the_subjects_own_events_are_read(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much else happened, the same rows are fetched: c-2 was closed and stays as it was."""
    store = kept.ledger.store
    with open_projections(store) as projections:
        projections.follow()
        fetched: list[int] = []

        def fetch(reader: Reader, *asked: Any) -> list[tuple[Any, ...]]:
            rows = real(reader, *asked)
            fetched.append(len(rows))
            return rows

        real = Reader.fetch
        monkeypatch.setattr(Reader, "fetch", fetch)

        def ask(model: ReadModel, subject: str) -> tuple[int, Any]:
            point = point_at(projections.feed, store.head().positions)
            fetched.clear()
            with as_of(projections, model, subject, point) as past:
                answer = told(model, past, subject.partition("/")[2])
            return sum(fetched), answer

        subjects = ((CONTRACTS, "contract/c-2"), (FUNDS, "line/line-2"), (PAYMENTS, "contract/c-2"))
        before = [ask(*each)[0] for each in subjects]
        world = kept.world
        world.do(world.make(ContractResumed, contract="c-1"))
        for number in range(8):
            world.visits("c-1", days=25, month=f"2026-{number + 3:02}")
            world.do(world.closed())
        kept.catch_up()
        projections.follow()
        looks = 3 * WAYS  # a further look of each search, where there is many times as much
        for each, rows in zip(subjects, before, strict=True):
            assert ask(*each)[0] <= rows + looks
        assert looks < 8 * 25
        assert ask(CONTRACTS, "contract/c-1")[0] < 8 * 25


# -- points -----------------------------------------------------------------------------------


def test_a_moment_is_after_the_last_whole_statement(kept: Kept) -> None:
    """Whatever position or time is asked for, no part of a statement is shown."""
    feed = Feed(kept.ledger.store)
    ends = [BEGINNING] + [
        Point(Place(row.first_position + row.event_count, row.index + 1, row.leaf), row.recorded_ms)
        for row, _ in kept.ledger.store.entries()
    ]
    assert [point_after(feed, size) for size in range(len(ends))] == ends
    for position in range(ends[-1].place.position + 1):
        whole = [point for point in ends if point.place.position <= position]
        assert point_of(feed, str(position)) == whole[-1]
    for point in ends[1:]:
        for recorded_ms in (point.recorded_ms - 1, point.recorded_ms, point.recorded_ms + 1):
            by_then = [each for each in ends if each.recorded_ms <= recorded_ms]
            assert point_of(feed, format_instant(recorded_ms)) == by_then[-1]
        day = local_date(point.recorded_ms, feed.offset_minutes)
        same_day = [
            each for each in ends[1:] if local_date(each.recorded_ms, feed.offset_minutes) <= day
        ]
        assert point_of(feed, day) == same_day[-1]
    local = "2026-01-01T08:00:00+08:00"
    assert point_of(feed, local) == point_of(feed, "2026-01-01T00:00:00Z")
    assert point_of(feed, "1999-12-31") == BEGINNING


NO_MOMENTS = ["", "yesterday", "2026-02-30", "2026-01-01T08:00:00", "-1", "1e3", "١٢"]
"""What stands for no position and no time."""


@pytest.mark.parametrize("text", NO_MOMENTS)
def test_what_is_no_moment_is_refused(sqlite_database: str, text: str) -> None:
    """A slip of the pen, an instant without its offset, a day that is in no calendar."""
    with keep(sqlite_database, World.opened()).ledger as ledger, pytest.raises(Malformed):
        point_of(Feed(ledger.store), text)


def test_a_position_beyond_the_head_is_refused(sqlite_database: str) -> None:
    """The future is not told; nor what the read model does not reflect yet."""
    with keep(sqlite_database, World.opened()).ledger as ledger:
        feed = Feed(ledger.store)
        with pytest.raises(LedgerError, match="holds 1 events; there is no position 2"):
            point_of(feed, "2")
        with (
            open_projections(ledger.store) as projections,
            pytest.raises(LedgerError, match="reflects 0 events, and not yet the first 1"),
            as_of(projections, FUNDS, "line/line-1", point_of(feed, "1")),
        ):
            pass


def test_the_past_of_one_read_model_is_not_anothers(kept: Kept) -> None:
    """A question about another read model is a mistake of the program's."""
    with open_projections(kept.ledger.store) as projections:
        projections.follow()
        point = point_of(projections.feed, "90")
        with (
            as_of(projections, FUNDS, "line/line-1", point) as past,
            pytest.raises(TypeError, match="past of funds, not of payments"),
        ):
            list_payments(past)

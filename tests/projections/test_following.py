"""Following: every event folded once, in whatever batches, by however many processes."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import TestCase

import pytest
from eventsourcing.persistence import TrackingRecorder
from eventsourcing.tests.persistence import TrackingRecorderTestCase
from histories import Kept, assert_true_to, busy_city, keep
from world import World

from ledger.app import Ledger
from projections.catalogue import MODELS, open_projections
from projections.contracts import CONTRACTS, list_contracts
from projections.database import Database
from projections.deep import deep_check
from projections.engine import Projections
from projections.feed import START, Batch, Feed, Wanted
from projections.folding import ProjectionStopped
from projections.funds import FUNDS, list_funds
from projections.sheet import Sheet
from projections.tracking import APPLICATION, Tracker, metadata

ROOT = Path(__file__).parents[2]


@pytest.fixture
def kept(database_url: str) -> Iterator[Kept]:
    """Give a ledger with a busy history."""
    made = keep(database_url, busy_city())
    yield made
    made.ledger.close()


NOTHING_TO_TELL = {"flags", "rulebook"}
"""Read models that may have no row: no rule is published here, and little is conspicuous."""


def assert_clean(projections: Projections) -> None:
    """Check every row against a fresh fold of the history."""
    head = projections.feed.store.head()
    for name in projections.models:
        report = deep_check(projections, name)
        assert (report.differences, report.position) == ((), head.positions)
        assert report.rows > 0 or name in NOTHING_TO_TELL


def test_what_is_shown_is_what_the_state_holds(kept: Kept) -> None:
    """Status, value, accrued, paid and every account of every line equal the state's own."""
    with open_projections(kept.ledger.store) as projections:
        statuses = projections.follow()
        assert [(s.position, s.lag, s.stopped_at) for s in statuses] == [
            (kept.ledger.store.head().positions, 0, None)
        ] * len(MODELS)
        assert_true_to(kept.ledger.state, projections)


@pytest.mark.parametrize("batch_events", [1, 3, 11])
def test_rows_do_not_depend_on_the_batches_they_came_in(kept: Kept, batch_events: int) -> None:
    """Folding in small batches gives the very rows of one fold of everything."""
    store = kept.ledger.store
    with Projections(store, MODELS, batch_events=batch_events) as small:
        small.follow()
    with open_projections(store) as projections:
        assert_clean(projections)


def test_following_step_by_step_shows_each_step(sqlite_database: str) -> None:
    """After every single statement of a history the read models equal the state of then."""
    world = busy_city()
    statements = list(world.statements)
    shown = World()
    kept = keep(sqlite_database, World.opened())
    with kept.ledger as ledger, open_projections(ledger.store) as projections:
        for number, (recorded_ms, data) in enumerate(statements):
            shown.now_ms = recorded_ms
            shown.admit(data)
            kept.clock.set_ms = recorded_ms
            ledger.submit(data)
            projections.follow()
            if number > 30:
                assert_true_to(shown.state, projections)


def test_read_models_may_live_in_a_database_of_their_own(kept: Kept, tmp_path: Path) -> None:
    """Kept in another SQLite file, they follow the same ledger and leave its database alone."""
    store = kept.ledger.store
    before = store.row_counts()
    with open_projections(store, f"sqlite:///{tmp_path / 'read.db'}") as projections:
        projections.follow()
        assert_true_to(kept.ledger.state, projections)
        assert_clean(projections)
    assert store.row_counts() == before


def test_a_batch_never_splits_a_statement(kept: Kept) -> None:
    """However small the batch is asked for, it ends where a statement ends."""
    feed = Feed(kept.ledger.store)
    place, ends = START, []
    while batches := feed.read(place, [Wanted()], limit=1):
        (batch,) = batches
        place = batch.stop
        ends.append(place.position)
    rows = [row for row, _ in kept.ledger.store.entries()]
    assert ends == [row.first_position + row.event_count for row in rows]
    assert max(row.event_count for row in rows) > 1


def test_two_followers_at_once_fold_every_event_once(kept: Kept) -> None:
    """Of two that fold the same batch one writes it; sums that were added twice would show."""
    store = kept.ledger.store
    followers = [Projections(store, MODELS, batch_events=2) for _ in range(3)]
    threads = [threading.Thread(target=each.follow) for each in followers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_true_to(kept.ledger.state, followers[0])
    assert_clean(followers[1])
    for each in followers:
        each.close()


def test_followers_killed_at_any_moment_fold_every_event_once(kept: Kept) -> None:
    """Processes killed while they fold lose nothing and double nothing."""
    chance = random.Random(5)
    url = kept.ledger.store.url
    with open_projections(kept.ledger.store) as projections:
        for _ in range(3):
            with subprocess.Popen(
                [sys.executable, "-m", "tests.following_process", url],
                cwd=ROOT,
                stdout=subprocess.PIPE,
            ) as follower:
                assert follower.stdout is not None
                follower.stdout.readline()  # it has begun
                time.sleep(chance.uniform(0, 0.08))
                follower.kill()
        reached = {status.name: status.position for status in projections.status()}
        projections.follow()
        assert_true_to(kept.ledger.state, projections)
        assert_clean(projections)
    assert reached["payments"] > 0


def test_a_reader_can_wait_for_what_it_wrote(kept: Kept) -> None:
    """Whoever waits is woken when the position is reached, and told when it is not in time."""
    head = kept.ledger.store.head()
    with open_projections(kept.ledger.store) as projections:
        with pytest.raises(TimeoutError):
            projections.wait("funds", head.positions, timeout_s=0.05)
        seen: list[int] = []

        def read() -> None:
            projections.wait("funds", head.positions, timeout_s=10)
            seen.append(list_funds(projections).position)

        reader = threading.Thread(target=read)
        reader.start()
        projections.follow()
        reader.join()
        assert seen == [head.positions]


def test_a_waiting_reader_notices_what_another_process_folds(kept: Kept) -> None:
    """The position is asked of the database, so it does not matter who moved it."""
    head = kept.ledger.store.head()
    with (
        open_projections(kept.ledger.store) as ours,
        open_projections(kept.ledger.store) as theirs,
    ):
        ours.tracker("contracts")
        follower = threading.Thread(target=theirs.follow)
        follower.start()
        ours.wait("contracts", head.positions, timeout_s=10)
        follower.join()


def test_positions_are_tracked_as_the_library_does(kept: Kept) -> None:
    """A view's tracking id is the notification id of the last event it reflects."""
    assert Ledger.name == APPLICATION
    with open_projections(kept.ledger.store) as projections:
        projections.follow()
        last = kept.ledger.recorder.max_notification_id()
        tracker = projections.tracker("contracts")
        assert tracker.max_tracking_id(APPLICATION) == last
        assert tracker.has_tracking_id(APPLICATION, last)


def test_the_librarys_tracking_test_case_passes(database_url: str) -> None:
    """Our tracking recorder does what the library asks of one, on both databases."""
    keep(database_url, World.opened()).ledger.close()
    database = Database(database_url)
    with database.changing_tables() as connection:
        metadata.create_all(connection)
    numbers = iter(range(1, 10))

    class OnOurTables(TrackingRecorderTestCase):
        def create_recorder(self) -> TrackingRecorder:
            return Tracker(database, f"view_{next(numbers)}")

    case: TestCase = OnOurTables("test_insert_tracking")
    case.debug()
    case = OnOurTables("test_wait")
    case.debug()
    database.close()


def test_read_models_are_read_together_at_one_position(kept: Kept) -> None:
    """Who asks two that differ waits until the follower has brought them to one position."""
    with open_projections(kept.ledger.store) as projections:
        projections.follow(FUNDS.name)
        models = (FUNDS, CONTRACTS)
        with pytest.raises(TimeoutError, match=r"funds [0-9]+, contracts 0"):
            projections.read_together(models, len, timeout_s=0.01)
        follower = threading.Thread(target=projections.follow)
        follower.start()
        positions = projections.read_together(
            models, lambda readings: [reading.position for reading in readings], timeout_s=30
        )
        follower.join()
        assert positions == [kept.ledger.store.head().positions] * 2


def test_followed_read_models_meet_though_the_ledger_grows(kept: Kept) -> None:
    """What comes in while they are followed is left to the next time, so all stop at one place."""
    store = kept.ledger.store

    def fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
        kept.world.contract(f"c-{batch.start.size}-new", 1_000, {"line-1": 1_000_000})
        kept.catch_up()
        CONTRACTS.fold(batch, sheet, feed)

    growing = CONTRACTS._replace(fold=fold)
    with Projections(store, (growing, FUNDS)) as projections:
        before = store.head().positions
        statuses = projections.follow()
        assert {status.position for status in statuses} == {before}
        assert store.head().positions > before


def test_what_stopped_is_not_waited_for(kept: Kept) -> None:
    """A read model that cannot go on is named at once to who would read it with another."""

    def fold(batch: Batch, _sheet: Sheet, _feed: Feed) -> None:
        raise ZeroDivisionError(batch.start.position)

    broken = CONTRACTS._replace(fold=fold)
    with Projections(kept.ledger.store, (broken, FUNDS)) as projections:
        projections.follow()
        with pytest.raises(ProjectionStopped, match="contracts stopped at position 0"):
            projections.read_together((broken, FUNDS), len, timeout_s=600)


def test_an_empty_ledger_has_empty_read_models(database_url: str) -> None:
    """Nothing but the genesis: no contract, no fund, and the position of the genesis."""
    kept = keep(database_url, World.opened())
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        assert list_contracts(projections).position == 0
        projections.follow(FUNDS.name)
        assert (list_funds(projections).items, list_funds(projections).position) == ((), 1)
        assert projections.read(CONTRACTS, lambda reading: reading.position) == 0

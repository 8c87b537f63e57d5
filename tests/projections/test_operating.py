"""Read models in operation: how far they lag, what stops one of them, where they may live."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from histories import Kept, assert_true_to, busy_city, keep
from world import World

from projections.catalogue import MODELS, open_projections
from projections.contracts import CONTRACTS, contract
from projections.deep import deep_check
from projections.engine import Projections
from projections.folding import ProjectionStopped
from projections.funds import FUNDS
from projections.past import as_of
from projections.points import point_of


@pytest.fixture(params=["sqlite", "postgres"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Kept, str]]:
    """Give a ledger in one kind of database, and the URL of an empty one of the other kind."""
    urls = [f"sqlite:///{tmp_path / 'own.db'}", request.getfixturevalue("postgres_database")]
    if request.param == "postgres":
        urls.reverse()
    kept = keep(urls[0], busy_city(closings=True))
    yield kept, urls[1]
    kept.ledger.close()


def test_read_models_may_live_in_a_database_of_the_other_kind(elsewhere: tuple[Kept, str]) -> None:
    """Followed, rebuilt, checked row by row and asked for the past, as in the ledger's own."""
    kept, url = elsewhere
    store = kept.ledger.store
    before = store.row_counts()
    with open_projections(store, url) as projections:
        assert projections.database.dialect != store.dialect
        projections.follow()
        assert_true_to(kept.ledger.state, projections)
        kept.world.budget("line-9", 900)
        kept.catch_up()
        assert {status.lag > 0 for status in projections.follow()} == {False}
        projections.rebuild()
        assert_true_to(kept.ledger.state, projections)
        head = store.head().positions
        for name in projections.models:
            report = deep_check(projections, name)
            assert (report.count, report.position) == (0, head)
        now = point_of(projections.feed, str(head))
        with as_of(projections, CONTRACTS, "contract/c-1", now) as past:
            assert contract(past, "c-1") == contract(projections, "c-1")
    assert store.row_counts()["event"] > before["event"]


def test_the_lag_is_told_in_events_and_in_seconds(sqlite_database: str) -> None:
    """
    Seconds lie between the recordings of the last statement reflected and of the newest.

        history                          contracts    funds
        nothing followed                 all, 2 min   all, 2 min
        contracts followed               0, 0 s       all, 2 min
        a statement after another hour   1, 3600 s    all, 1 h 2 min
        both followed                    0, 0 s       0, 0 s
    """
    world = World.opened()
    kept = keep(sqlite_database, world)
    with kept.ledger as ledger, Projections(ledger.store, [CONTRACTS, FUNDS]) as projections:
        first_ms = world.statements[0].recorded_ms

        def register(party: str, after_ms: int) -> None:
            world.now_ms = first_ms + after_ms
            world.party(party)
            kept.catch_up()

        def lags() -> list[tuple[int, int]]:
            return [(status.lag, status.lag_s) for status in projections.status()]

        register("A", 120_000)
        newest_s = (world.statements[-1].recorded_ms - first_ms) // 1_000
        held = ledger.store.head().positions
        assert newest_s >= 120
        assert lags() == [(held, newest_s)] * 2
        projections.follow("contracts")
        assert lags() == [(0, 0), (held, newest_s)]
        register("B", newest_s * 1_000 + 3_600_000)
        later_s = (world.statements[-1].recorded_ms - first_ms) // 1_000
        added = ledger.store.head().positions - held
        assert later_s - newest_s >= 3_600
        assert lags() == [(added, later_s - newest_s), (held + added, later_s)]
        projections.follow()
        assert lags() == [(0, 0)] * 2


def test_an_event_made_readable_again_is_folded_without_a_rebuild(tmp_path: Path) -> None:
    """What stopped names its event, in the status and to who rebuilds; mended, it just goes on."""
    path = tmp_path / "ledger.db"
    kept = keep(f"sqlite:///{path}", busy_city())
    store = kept.ledger.store
    row = next(row for row in store.events() if row.type == "contract.signed")

    def write(body: bytes) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute("DROP TRIGGER IF EXISTS event_refuses_update")
            connection.execute("UPDATE event SET body = ? WHERE position = ?", (body, row.position))
        connection.close()

    write(b"{}")
    with kept.ledger, open_projections(store) as projections:
        statuses = {status.name: status for status in projections.follow()}
        stopped = statuses["contracts"]
        readers = {model.name for model in MODELS if row.type in model.decoded}
        waiting = {model.name for model in MODELS if {s.name for s in model.sources} & readers}
        others = [each for name, each in statuses.items() if name not in readers | waiting]
        assert {statuses[name].stopped_at for name in waiting} == {None}
        assert {statuses[name].stopped_at for name in readers} == {row.position}
        assert others
        assert (stopped.name, stopped.stopped_at) == ("contracts", row.position)
        assert stopped.lag == store.head().positions - stopped.position > 0
        assert stopped.lag_s >= 0
        assert {(each.lag, each.lag_s, each.stopped_at) for each in others} == {(0, 0, None)}
        with pytest.raises(ProjectionStopped, match=f"contracts cannot .* position {row.position}"):
            projections.rebuild("contracts")
        with open_projections(store) as again:
            assert again.follow("contracts") == [stopped]
        write(row.body)
        with open_projections(store) as again:
            (mended,) = again.follow("contracts")
            assert (mended.generation, mended.stopped_at, mended.reason, mended.lag) == (
                stopped.generation,
                None,
                None,
                0,
            )
            again.follow()
            assert_true_to(kept.ledger.state, again)
            assert {deep_check(again, model.name).count for model in MODELS} == {0}

"""Rebuilding beside the old tables, checking them row by row, and stopping at a bad event."""

import sqlite3
import threading
from pathlib import Path

import pytest
from histories import Kept, assert_true_to, busy_city, foreign_read_models, keep, report
from sqlalchemy import func, inspect, select, text
from world import World

from ledger.errors import Conflict, LedgerError
from ledger.postings import GUARDED_AUTHORITY, SOURCES
from projections import registry
from projections.catalogue import MODELS, open_projections
from projections.contracts import CONTRACTS, list_contracts
from projections.deep import Difference, deep_check
from projections.engine import Projections, Reading
from projections.feed import Batch, Feed
from projections.flags.keeping import FLAGS
from projections.folding import ProjectionStopped
from projections.funds import FUNDS, fund, list_funds
from projections.funds.tables import LINE
from projections.model import ReadModel
from projections.payments import PAYMENTS, list_payments
from projections.rebuilding import rebuild_at_once
from projections.sheet import Sheet


def tables_of(projections: Projections) -> set[str]:
    """Return the names of all tables of read models in the database."""
    with projections.database.snapshot() as connection:
        names = inspect(connection).get_table_names()
    return {name for name in names if name.startswith(tuple(f"{m.name}_" for m in MODELS))}


def tamper(projections: Projections, model: ReadModel, statement: str) -> None:
    """Change the live tables of a read model behind its back; `{}` is the generation."""
    with projections.database.transaction() as connection:
        live = registry.live(connection, model.name)
        assert live is not None
        connection.execute(text(statement.format(live.generation)))


def spoiled(model: ReadModel, position: int) -> ReadModel:
    """Return a read model that cannot fold the event at `position`."""

    def fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
        for fact in batch.events:
            if fact.position == position:
                raise ZeroDivisionError("cannot fold this")
        model.fold(batch, sheet, feed)

    return model._replace(fold=fold)


# -- rebuilding --------------------------------------------------------------------------------


def test_a_rebuild_switches_and_leaves_nothing_behind(kept: Kept, projections: Projections) -> None:
    """The new generation shows the same, and the old one's tables are gone."""
    before = list_contracts(projections), tables_of(projections)
    told: list[tuple[str, int, int]] = []
    projections.rebuild(progress=lambda *step: told.append(step))
    assert list_contracts(projections) == before[0]
    after = tables_of(projections)
    assert len(after) == len(before[1])
    assert not after & before[1]
    assert {status.generation for status in projections.status()} == {2}
    positions = kept.ledger.store.head().positions
    reached = {name: (position, goal) for name, position, goal in told}
    assert reached == {model.name: (positions, positions) for model in MODELS}
    assert_true_to(kept.ledger.state, projections)


def test_readers_notice_nothing_of_a_rebuild(kept: Kept, projections: Projections) -> None:
    """While it is rebuilt again and again, every answer is whole and none goes back in time."""
    stop = threading.Event()
    faults: list[object] = []
    answers: list[int] = []

    def read() -> None:
        seen = 0
        try:
            while not stop.is_set():
                page = list_funds(projections)
                whole = [
                    -sum(fund.balances[name] for name in SOURCES)
                    == sum(fund.balances[name] for name in GUARDED_AUTHORITY)
                    for fund in page.items
                ]
                if page.position < seen or whole != [True, True]:
                    faults.append((page.position, seen, whole))
                seen = page.position
                answers.append(len(list_contracts(projections).items))
                list_payments(projections)
        except Exception as error:  # noqa: BLE001 - whatever a reader meets is a fault
            faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(4):
        projections.rebuild()
    stop.set()
    for reader in readers:
        reader.join()
    assert faults == []
    assert set(answers) == {len(kept.world.state.contracts)}


def test_a_rebuild_keeps_up_with_a_ledger_that_goes_on(
    kept: Kept, projections: Projections
) -> None:
    """While statements come in and a follower folds them, rebuilds lose and double nothing."""
    stop = threading.Event()
    positions: list[int] = []

    def watch() -> None:
        while not stop.is_set():
            positions.append(list_funds(projections).position)

    def go_on() -> None:
        world, number = kept.world, 0
        while not stop.is_set():
            number += 1
            if number <= 20:  # as many as the contract has money for, however long it takes
                world.visits("c-1", days=2)
                world.claim(f"more-{number}", "c-1")
                world.answer(f"more-{number}")
            else:
                world.budget(f"line-more-{number}", 1)
            kept.catch_up()
            projections.follow()

    threads = [threading.Thread(target=go_on), threading.Thread(target=watch)]
    for thread in threads:
        thread.start()
    try:
        with open_projections(kept.ledger.store) as other:
            for _ in range(4):
                other.rebuild()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert positions == sorted(positions)
    projections.follow()
    assert_true_to(kept.ledger.state, projections)
    for model in MODELS:
        assert deep_check(projections, model.name).count == 0


def test_a_rebuild_that_was_overtaken_does_not_switch_back(
    kept: Kept, projections: Projections
) -> None:
    """If the live generation got ahead between the filling and the switch, it is filled on."""
    generation = projections.generations.begin(FUNDS, "building")
    projections.fill(FUNDS, generation)
    kept.world.budget("line-9", 900)
    kept.catch_up()
    projections.follow()
    assert not projections.generations.switch(FUNDS, generation)
    assert projections.status("funds")[0].generation != generation
    projections.fill(FUNDS, generation)
    assert projections.generations.switch(FUNDS, generation)
    assert [f.line for f in list_funds(projections).items] == ["line-1", "line-2", "line-9"]


def test_what_is_derived_is_rebuilt_where_its_sources_meet(
    kept: Kept, projections: Projections
) -> None:
    """Its sources lie apart, as after a kill or a rebuild of each: they are followed first."""
    kept.world.visits("c-1", month="2026-02")
    kept.catch_up()
    projections.follow("contracts")
    projections.rebuild("flags")
    (status,) = projections.status("flags")
    assert (status.generation, status.lag) == (2, 0)
    assert deep_check(projections, "flags").count == 0


@pytest.mark.parametrize("release", [0, 1])
def test_what_is_derived_does_not_wait_for_ever_for_a_source_that_stopped(
    kept: Kept, projections: Projections, release: int
) -> None:
    """Its rebuild says which source stopped; and of another release, it stops nobody else."""
    projections.close()
    kept.world.amend("c-1", 1)
    kept.catch_up()
    bad = kept.ledger.store.head().positions - 1
    models = [
        spoiled(model, bad) if model is CONTRACTS else model._replace(version=model.version + bump)
        for model, bump in ((model, release if model is FLAGS else 0) for model in MODELS)
    ]
    with Projections(kept.ledger.store, models) as later:
        statuses = {status.name: status for status in later.follow()}
        assert statuses["contracts"].stopped_at == bad
        assert statuses["flags"].generation == 1
        assert (statuses["flags"].stopped_at is not None) == bool(release)
        others = [each for name, each in statuses.items() if name not in ("contracts", "flags")]
        assert {status.lag for status in others} == {0}
        with pytest.raises(ProjectionStopped, match="flags waits for contracts"):
            later.rebuild("flags")


def test_a_reader_overtaken_by_a_rebuild_reads_again(projections: Projections) -> None:
    """The tables may be dropped between a reader's first look and its query."""
    looks = 0

    def query(reading: Reading) -> int:
        nonlocal looks
        looks += 1
        if looks == 1:
            projections.rebuild("funds")
        found = reading.connection.scalar(select(func.count()).select_from(reading.tables[LINE]))
        return found or 0

    assert projections.read(FUNDS, query) == 2


def test_what_a_killed_rebuild_left_is_dropped_by_the_next(projections: Projections) -> None:
    """A generation that was being filled, or was retired and not yet dropped, does not stay."""
    tables = len(tables_of(projections))
    generation = projections.generations.begin(FUNDS, "building")
    projections.fill(FUNDS, generation, until=20)
    assert len(tables_of(projections)) > tables
    projections.rebuild("funds")
    assert len(tables_of(projections)) == tables
    with projections.database.transaction() as connection:
        left = registry.begin(connection, FUNDS, "building")
        registry.set_state(connection, FUNDS.name, left, "retired")
    projections.rebuild("funds")
    assert len(tables_of(projections)) == tables


def test_of_two_rebuilds_the_later_goes_on(projections: Projections) -> None:
    """The earlier one finds its tables gone and says so; the live ones are the later's."""
    earlier = projections.generations.begin(FUNDS, "building")
    projections.rebuild("funds")
    with pytest.raises(Conflict, match="another rebuild of funds"):
        projections.fill(FUNDS, earlier)
    assert projections.status("funds")[0].generation == earlier + 1


def test_an_unknown_read_model_is_named(projections: Projections) -> None:
    """The message tells which there are."""
    with pytest.raises(LedgerError, match="no read model unheard; there are contracts, funds"):
        projections.rebuild("unheard")


# -- other releases, other histories -----------------------------------------------------------


def test_rows_of_another_release_are_not_read_and_are_rebuilt(kept: Kept) -> None:
    """A read model whose fold has changed since is refused to readers until it is rebuilt."""
    store = kept.ledger.store
    with Projections(store, [FUNDS._replace(version=0)]) as old:
        old.follow()
    with open_projections(store) as projections:
        with pytest.raises(
            ProjectionStopped, match="another release: run `sunledger rebuild funds`"
        ):
            list_funds(projections)
        projections.follow()
        assert_true_to(kept.ledger.state, projections)
        assert projections.status("funds")[0].generation == 2


def test_read_models_of_another_ledger_are_recognised(kept: Kept, tmp_path: Path) -> None:
    """A database filled from another history is refused, and mended by a rebuild."""
    read_url = foreign_read_models(tmp_path)
    with open_projections(kept.ledger.store, read_url) as projections:
        with pytest.raises(ProjectionStopped, match="history that is not the ledger's"):
            projections.follow()
        with pytest.raises(ProjectionStopped, match="another history"):
            deep_check(projections, "funds")
        projections.rebuild()
        projections.follow()
        assert_true_to(kept.ledger.state, projections)


# -- the deep check ----------------------------------------------------------------------------


TAMPERED = [
    (
        "UPDATE contracts_contract_{} SET paid_minor = paid_minor + 1 WHERE contract = 'c-2'",
        Difference("contract", ("c-2",), "changed", {"paid_minor": ("15001", "15000")}),
    ),
    (
        "UPDATE contracts_contract_{} SET closed_on = NULL WHERE contract = 'c-2'",
        Difference("contract", ("c-2",), "changed", {"closed_on": ("None", "2026-01-29")}),
    ),
    (
        "DELETE FROM contracts_balance_{} WHERE contract = 'c-2' AND account = 'paid'",
        Difference("balance", ("c-2", "line-2", "paid"), "missing", {}),
    ),
    (
        "INSERT INTO contracts_paid_{} VALUES ('c-2', 'CNY', 5)",
        Difference("paid", ("c-2", "CNY"), "superfluous", {}),
    ),
    ("DROP TABLE contracts_report_{}", Difference("report", (), "table", {})),
    ("ALTER TABLE contracts_award_{} DROP COLUMN tender", Difference("award", (), "table", {})),
]
"""What somebody does to a table behind the ledger's back, and what the deep check says of it."""


def test_a_tampered_table_is_found_and_mended(projections: Projections) -> None:
    """Whatever is changed in the rows readers see, the deep check names it; a rebuild mends it."""
    for statement, found in TAMPERED:
        tamper(projections, CONTRACTS, statement)
        checked = deep_check(projections, "contracts")
        assert (checked.differences, checked.count) == ((found,), 1)
        assert deep_check(projections, "funds").count == 0
        projections.rebuild("contracts")
        assert deep_check(projections, "contracts").count == 0


def test_a_deep_check_leaves_no_tables(projections: Projections) -> None:
    """What it folded for the comparison is dropped again; the live generation stays."""
    before = tables_of(projections)
    for model in MODELS:
        assert deep_check(projections, model.name).position == projections.status()[0].position
    assert tables_of(projections) == before


def test_a_tampered_position_is_found(projections: Projections) -> None:
    """A position set back would fold events twice; it no longer fits the history it came from."""
    with projections.database.transaction() as connection:
        connection.execute(
            text("UPDATE projection_tracking SET notification_id = 50 WHERE view = 'funds_1'")
        )
    with pytest.raises(ProjectionStopped, match="run `sunledger rebuild funds`"):
        projections.follow("funds")
    with pytest.raises(ProjectionStopped):
        deep_check(projections, "funds")
    projections.rebuild("funds")
    assert deep_check(projections, "funds").count == 0


def test_many_differences_are_counted_and_the_first_told(projections: Projections) -> None:
    """A table emptied as a whole is told as a count, with the first hundred rows."""
    rows = deep_check(projections, "funds").rows
    tamper(projections, FUNDS, "DELETE FROM funds_balance_{}")
    checked = deep_check(projections, "funds")
    assert 0 < checked.count < rows
    assert len(checked.differences) == min(checked.count, 100)


# -- bad events --------------------------------------------------------------------------------


def test_a_bad_event_stops_one_read_model_before_its_statement(kept: Kept) -> None:
    """The others go on; its status says which event and why; a corrected fold goes on from it."""
    store = kept.ledger.store
    bad = next(row for row, _ in store.entries() if row.event_count > 1).first_position - 9
    statement = next(row for row, _ in store.entries() if row.first_position == bad)
    spoiled_model = spoiled(FUNDS._replace(decoded=FUNDS.decoded | {"budget.allotted"}), bad)
    kind = store.event_at(bad)
    assert kind is not None
    spoiled_model = spoiled_model._replace(decoded=spoiled_model.decoded | {kind.type})
    with Projections(store, [CONTRACTS, spoiled_model, PAYMENTS]) as projections:
        for _ in range(2):
            contracts, funds, payments = projections.follow("contracts", "funds", "payments")
            head = store.head().positions
            assert (contracts.position, payments.position) == (head, head)
            assert (funds.position, funds.size, funds.stopped_at) == (bad, statement.index, bad)
            assert funds.reason == "ZeroDivisionError: cannot fold this"
        assert list_funds(projections).position == bad
        with pytest.raises(ProjectionStopped, match=f"event at position {bad}: ZeroDivisionError"):
            projections.rebuild("funds")
        assert projections.status("funds") == [funds]
    with open_projections(store) as projections:
        assert projections.follow("funds")[0].stopped_at is None
        assert_true_to_funds(kept, projections)


def assert_true_to_funds(kept: Kept, projections: Projections) -> None:
    """Check the balances of every line."""
    state = kept.ledger.state
    for line in state.lines:
        found = fund(projections, line)
        assert found is not None
        assert found.fund.balances == state.line_balances(line)


def test_an_unreadable_event_in_the_database_is_named(tmp_path: Path) -> None:
    """A body that was damaged in the store stops who reads it, and only them."""
    path = tmp_path / "ledger.db"
    kept = keep(f"sqlite:///{path}", busy_city())
    store = kept.ledger.store
    bad = next(row for row in store.events() if row.type == "contract.signed").position
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER event_refuses_update")
        connection.execute("UPDATE event SET body = x'7b7d' WHERE position = ?", (bad,))
    connection.close()
    with kept.ledger, open_projections(store) as projections:
        contracts, funds, payments = projections.follow("contracts", "funds", "payments")
        assert (contracts.position, contracts.stopped_at) == (bad, bad)
        assert contracts.reason is not None
        assert contracts.reason.startswith("its body is no contract.signed")
        assert (funds.stopped_at, payments.stopped_at) == (None, bad)


def test_a_gap_in_the_history_stops_reading(tmp_path: Path) -> None:
    """Where the store has lost a statement nothing is folded past it."""
    path = tmp_path / "ledger.db"
    kept = keep(f"sqlite:///{path}", busy_city())
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER statement_refuses_delete")
        connection.execute("DELETE FROM statement WHERE leaf_index = 40")
    connection.close()
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        statuses = projections.follow()
        assert {status.size for status in statuses} == {40}
        reasons = {status.name: status.reason for status in statuses}
        for model in MODELS:  # what is derived follows its sources as far as they go
            wanted = None if model.sources else "statement 40 is not where it should be"
            assert reasons[model.name] == wanted


def test_text_no_database_keeps_stops_nothing(database_url: str) -> None:
    """A NUL in what somebody published is shown as U+FFFD; asking for one finds nothing."""
    world = World.cast()
    report(world, "ocds-213czf-\0", '{"ocid":"x","contracts":[{"id":"c\\u0000"}]}', publisher="\0")
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        assert {status.stopped_at for status in projections.follow()} == {None}
        (reported,) = list_contracts(projections).items
        assert (reported.ocid, reported.number) == ("ocds-213czf-\ufffd", "c\ufffd")
        assert list_contracts(projections, text="\0", status="\0", buyer="\0").items == ()


# -- several at once ---------------------------------------------------------------------------


def test_rebuilt_at_once_each_is_as_it_was(kept: Kept, projections: Projections) -> None:
    """In processes of their own, what is derived after the others; every row is the same."""
    done: list[str] = []
    url = kept.ledger.store.url
    rebuild_at_once(url, None, ("funds", "contracts", "flags"), 2, done.append)
    assert sorted(done[:-1]) == ["contracts", "funds"]
    assert done[-1] == "flags"
    generations = {status.name: status.generation for status in projections.status()}
    assert [generations[name] for name in ("contracts", "funds", "payments", "flags")] == [
        2,
        2,
        1,
        2,
    ]
    for name in done:
        assert deep_check(projections, name).count == 0
    assert_true_to(kept.ledger.state, projections)


def test_at_once_one_that_cannot_be_rebuilt_is_named_and_the_others_are(tmp_path: Path) -> None:
    """Its old tables stay; an unknown one is named before anything begins."""
    path = tmp_path / "ledger.db"
    kept = keep(f"sqlite:///{path}", busy_city())
    store = kept.ledger.store
    bad = next(row for row in store.events() if row.type == "budget.appropriated").position
    with kept.ledger, open_projections(store) as projections:
        projections.follow()
        with sqlite3.connect(path) as connection:
            connection.execute("DROP TRIGGER event_refuses_update")
            connection.execute("UPDATE event SET body = x'7b7d' WHERE position = ?", (bad,))
        connection.close()
        with pytest.raises(LedgerError, match=f"funds cannot fold the event at position {bad}"):
            rebuild_at_once(store.url, None, ("funds", "payments"), 2, lambda _name: None)
        generations = {status.name: status.generation for status in projections.status()}
        assert (generations["funds"], generations["payments"]) == (1, 2)
        with pytest.raises(LedgerError, match="no read model nobody"):
            rebuild_at_once(store.url, None, ("nobody",), 2, lambda _name: None)

"""Read models that are at one place go on together: the history is read once for all of them."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from histories import Kept, busy_city, keep
from sqlalchemy import select

from ledger.events import TYPES
from ledger.events.delivery import VisitRecorded
from projections import registry
from projections.catalogue import MODELS, open_projections
from projections.contracts import CONTRACTS
from projections.deep import deep_check
from projections.delivery import DELIVERY
from projections.delivery.seen import SEEN, SeenVisit
from projections.engine import Projections
from projections.feed import START, Batch, Feed, Wanted
from projections.folding import ProjectionStopped
from projections.funds import FUNDS
from projections.model import ReadModel
from projections.payments import PAYMENTS
from projections.sheet import Sheet

OWN = [model for model in MODELS if not model.sources]


@pytest.fixture
def kept(sqlite_database: str) -> Iterator[Kept]:
    """Give a ledger with a busy history."""
    made = keep(sqlite_database, busy_city(closings=True))
    yield made
    made.ledger.close()


def rows_of(projections: Projections) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of all live tables, sorted."""
    found = {}
    with projections.database.snapshot() as connection:
        for model in projections.models.values():
            live = registry.live(connection, model.name)
            assert live is not None
            tables = model.tables(live.generation)
            for shape in model.all_shapes:
                rows = map(tuple, connection.execute(select(tables[shape])))
                found[f"{model.name}.{shape.name}"] = sorted(rows, key=repr)
    return found


def listening(feed: Feed) -> list[int]:
    """Return the list to which each batch read of a feed adds for how many it was read."""
    asked: list[int] = []
    read = feed.read

    def listen(start: Any, wanted: Sequence[Wanted], **limits: Any) -> list[Batch]:
        asked.append(len(wanted))
        return read(start, wanted, **limits)

    feed.read = listen  # type: ignore[method-assign]
    return asked


def failing(model: ReadModel, position: int) -> ReadModel:
    """Return a read model whose fold fails at the batch with a position."""

    def fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
        if batch.start.position <= position < batch.stop.position:
            raise ZeroDivisionError("cannot fold this")
        model.fold(batch, sheet, feed)

    return model._replace(fold=fold)


def test_together_gives_the_rows_that_each_alone_gives(kept: Kept, tmp_path: Path) -> None:
    """One after the other in one database, in one pass in another: every row is the same."""
    store = kept.ledger.store
    with (
        open_projections(store, f"sqlite:///{tmp_path / 'alone.db'}") as alone,
        Projections(store, MODELS, f"sqlite:///{tmp_path / 'small.db'}", batch_events=7) as small,
        open_projections(store, f"sqlite:///{tmp_path / 'together.db'}") as together,
    ):
        for model in MODELS:
            alone.follow(model.name)
        small.follow()
        asked = listening(together.feed)
        together.follow()
        assert set(asked) == {len(OWN)}
        rows = rows_of(alone)
        assert rows_of(together) == rows
        assert rows_of(small) == rows
        together.rebuild()
        assert rows_of(together) == rows


def test_those_behind_catch_up_and_go_on_together(kept: Kept) -> None:
    """Some were followed before the ledger went on, others never: all reach its head."""
    with open_projections(kept.ledger.store) as projections:
        projections.follow("contracts", "delivery")
        kept.world.visits("c-1", days=2)
        kept.catch_up()
        projections.follow("funds")
        projections.follow()
        assert {status.lag for status in projections.status()} == {0}
        for model in MODELS:
            assert deep_check(projections, model.name).count == 0


def test_one_that_fails_together_stops_alone(kept: Kept) -> None:
    """It stays before the statement it cannot fold; the others come to the head, in one pass."""
    store = kept.ledger.store
    bad = store.head().positions // 2
    models = [CONTRACTS, failing(FUNDS, bad), PAYMENTS]
    with Projections(store, models, batch_events=50) as projections:
        asked = listening(projections.feed)
        contracts, funds, payments = projections.follow()
        assert (contracts.lag, payments.lag) == (0, 0)
        assert funds.stopped_at is not None
        assert funds.position <= bad
        assert asked[0] == len(models)
        assert asked[-1] == len(models) - 1
    with open_projections(store) as projections:
        for name in ("contracts", "funds", "payments"):
            projections.follow(name)
            assert deep_check(projections, name).count == 0


def test_one_that_cannot_be_rebuilt_holds_up_no_other(kept: Kept) -> None:
    """Its old tables stay live and its new ones are dropped; the others are switched."""
    store = kept.ledger.store
    with Projections(store, [CONTRACTS, FUNDS, PAYMENTS]) as projections:
        projections.follow()
    models = [CONTRACTS, failing(FUNDS, 40), PAYMENTS]
    with Projections(store, models) as projections:
        with pytest.raises(ProjectionStopped, match="funds cannot fold"):
            projections.rebuild()
        generations = {status.name: status.generation for status in projections.status()}
        assert generations == {"contracts": 2, "funds": 1, "payments": 2}
        with projections.database.snapshot() as connection:
            left = registry.generations(connection, "funds")
        assert [each.state for each in left] == ["live"]


def test_each_reads_an_event_as_it_asks_for_it(kept: Kept) -> None:
    """Of one batch one gets visits whole, one as lean records, one none but their number."""
    feed = Feed(kept.ledger.store)
    kinds = frozenset({"visit.recorded"})
    wanted = [Wanted(kinds), Wanted(DELIVERY.decoded, lean=SEEN), Wanted(kinds), Wanted((), kinds)]
    place, seen = START, 0
    while batches := feed.read(place, wanted):
        whole, lean, again, counted = batches
        place = whole.stop
        visits = [fact.position for fact in lean.facts if isinstance(fact.event, SeenVisit)]
        assert [fact.position for fact in whole.facts] == visits
        assert {type(fact.event) for fact in whole.facts} <= {VisitRecorded}
        assert again.facts == whole.facts
        assert counted.facts == []
        assert sum(count.number for count in counted.counts) == len(visits)
        assert whole.counts == []
        seen += len(visits)
    assert seen > 0


def test_a_batch_ends_where_bodies_become_too_many_to_hold(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little may be held, whole statements are read, and each event once."""
    feed = Feed(kept.ledger.store)
    whole = batches_of(feed)
    monkeypatch.setattr("projections.feed.BATCH_BYTES", 2_000)
    monkeypatch.setattr("ledger.store.fetching.STREAMED_ROWS", 3)
    small = batches_of(feed)
    assert len(small) > 2 * len(whole)
    assert [fact for batch in small for fact in batch.facts] == [
        fact for batch in whole for fact in batch.facts
    ]
    ends = [batch.stop.size for batch in small]
    assert ends == sorted(set(ends))
    assert max(after - before for before, after in pairwise([0, *ends])) > 1


def batches_of(feed: Feed) -> list[Batch]:
    """Return the whole history in batches."""
    found: list[Batch] = []
    while batches := feed.read(found[-1].stop if found else START, [Wanted(TYPES.keys())]):
        found += batches
    return found

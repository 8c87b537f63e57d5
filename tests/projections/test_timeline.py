"""Timelines: every subject's history in pages, equal to the ledger's own, at any depth."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from histories import Kept, busy_city, keep, unusual_contract
from world import World

from ledger.errors import Malformed
from ledger.events.budget import BudgetAppropriated
from ledger.store.rows import EventRow
from ledger.times import MS_PER_DAY
from projections.catalogue import MODELS, open_projections
from projections.deep import deep_check
from projections.engine import Projections
from projections.timeline import TIMELINE, VISITS, Posted, Signer, timeline


@pytest.fixture(scope="module")
def kept(shared_database_url: str) -> Iterator[Kept]:
    """Give a ledger with visits, postings, later years and a line that was carried over."""
    world = busy_city()
    unusual_contract(world)
    world.do(world.make(BudgetAppropriated, line="line-g", year=2027))
    world.now_ms += 361 * MS_PER_DAY
    world.carry("c-1", "line-1", "line-g")
    made = keep(shared_database_url, world)
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def projections(kept: Kept) -> Iterator[Projections]:
    """Give its read models, followed to the head."""
    with open_projections(kept.ledger.store) as made:
        made.follow()
        yield made


def pages(projections: Projections, subject: str, limit: int, **how: Any) -> list[int]:
    """Return the positions of a subject's events, read to the end page by page."""
    found: list[int] = []
    after = None
    while True:
        page = timeline(projections, subject, after=after, limit=limit, **how)
        assert page is not None
        assert len(page.items) <= limit
        found += [moment.position for moment in page.items]
        if page.next is None:
            return found
        after = page.next


@pytest.mark.parametrize("without_visits", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 7])
def test_what_may_not_be_read_leaves_no_trace(
    kept: Kept, projections: Projections, limit: int, *, without_visits: bool
) -> None:
    """Pages are full, and go on from what was shown: as if nothing else had happened."""

    def readable(row: EventRow) -> bool:
        return row.type.startswith(("claim.", "contract.", "payment."))

    history = list(kept.ledger.store.history("contract/c-1"))
    shown = [row.position for row in history if readable(row)]
    assert 2 < len(shown) < len(history)
    for newest in (False, True):
        found = pages(
            projections,
            "contract/c-1",
            limit,
            newest=newest,
            without_visits=without_visits,
            readable=readable,
        )
        assert found == (shown[::-1] if newest else shown)
    page = timeline(projections, "contract/c-1", limit=limit, readable=readable)
    assert page is not None
    assert len(page.items) == min(limit, len(shown))
    assert page.next == (page.items[-1].position if limit < len(shown) else None)


@pytest.mark.parametrize("limit", [1, 7, 1_000])
def test_pages_of_any_subject_are_its_history(
    kept: Kept, projections: Projections, limit: int
) -> None:
    """Forward, backward, with visits and without: nothing is missing and nothing comes twice."""
    for subject in kept.ledger.store.subjects():
        history = list(kept.ledger.store.history(subject.key))
        for newest, without_visits in product((False, True), repeat=2):
            expected = [
                row.position for row in history if not (without_visits and row.type in VISITS)
            ]
            how = {"newest": newest, "without_visits": without_visits}
            found = pages(projections, subject.key, limit, **how)
            assert found == (expected[::-1] if newest else expected), (subject.key, how)


def test_a_timeline_goes_on_from_any_position(kept: Kept, projections: Projections) -> None:
    """A place to go on from need not be one where the subject was touched."""
    history = [row.position for row in kept.ledger.store.history("contract/c-1")]
    for after in range(0, kept.ledger.store.head().positions + 3, 5):
        for newest, without_visits in product((False, True), repeat=2):
            page = timeline(
                projections,
                "contract/c-1",
                after=after,
                limit=1_000,
                newest=newest,
                without_visits=without_visits,
            )
            assert page is not None
            found = {moment.position for moment in page.items}
            behind = {p for p in history if (p < after if newest else p > after)}
            assert found == behind or (without_visits and found < behind)


def test_a_moment_tells_who_signed_and_what_it_moved(projections: Projections) -> None:
    """The award is signed by the buyer; the signing by both sides, and commits the value."""
    page = timeline(projections, "contract/c-2", limit=1)
    assert page is not None
    (moment,) = page.items
    assert (moment.type, page.currency, page.subject) == ("contract.signed", "CNY", "contract/c-2")
    assert {signer.party for signer in moment.signers} == {"BUY", "PRO"}
    assert all(isinstance(signer, Signer) and signer.key for signer in moment.signers)
    assert moment.posted == (Posted("reserved", "committed", "line-2", 333_333),)
    assert moment.recorded.endswith("Z")
    assert moment.event.id == moment.event_id


def test_what_a_timeline_cannot_answer_is_said(projections: Projections) -> None:
    """A subject that is not there has no timeline; a place below zero or no row is refused."""
    assert timeline(projections, "contract/none") is None
    assert timeline(projections, "contract/none", without_visits=True) is None
    with pytest.raises(Malformed, match="no position -1"):
        timeline(projections, "contract/c-1", after=-1)
    with pytest.raises(ValueError, match="one row"):
        timeline(projections, "contract/c-1", limit=0)


def test_marks_do_not_depend_on_batches(sqlite_database: str) -> None:
    """What is no visit is marked once, however the history came in."""
    kept = keep(sqlite_database, busy_city())
    with kept.ledger, Projections(kept.ledger.store, MODELS, batch_events=3) as projections:
        projections.follow(TIMELINE.name)
        assert deep_check(projections, TIMELINE.name).differences == ()


def test_an_empty_world_has_a_timeline_of_its_ledger(sqlite_database: str) -> None:
    """The genesis is there before anything else."""
    kept = keep(sqlite_database, World.opened())
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        page = timeline(projections, "ledger/main")
        assert page is not None
        assert [moment.type for moment in page.items] == ["ledger.opened"]

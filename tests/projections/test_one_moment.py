"""Many questions of one moment: asked of one snapshot, whatever is folded or rebuilt meanwhile."""

from histories import Kept

from projections.catalogue import open_projections
from projections.contracts import CONTRACTS, list_contracts
from projections.engine import Projections
from projections.funds import list_funds


def test_questions_in_the_block_see_one_moment(kept: Kept, projections: Projections) -> None:
    """What another thread or process folds in between is seen only after the block."""
    with projections.one_moment():
        before = list_contracts(projections)
        kept.world.contract("c-new", 1_000, {"line-1": 1_000_000})
        kept.catch_up()
        projections.follow()
        assert list_contracts(projections) == before
        assert list_funds(projections).position == before.position
    after = list_contracts(projections)
    assert after.position == kept.ledger.store.head().positions > before.position
    assert len(after.items) == len(before.items) + 1


def test_a_rebuild_in_the_block_loses_no_answer(kept: Kept, projections: Projections) -> None:
    """Where the tables of the moment were dropped, a question is answered from the new ones."""
    with projections.one_moment():
        before = list_contracts(projections)
        with open_projections(kept.ledger.store) as others:
            others.rebuild(CONTRACTS.name)
        assert list_contracts(projections) == before


def test_what_was_never_folded_is_asked_by_itself(kept: Kept) -> None:
    """In the block, too, a read model without tables answers as an empty one."""
    with open_projections(kept.ledger.store) as fresh, fresh.one_moment():
        assert (list_contracts(fresh).items, list_contracts(fresh).position) == ((), 0)

"""A process beside the one that rebuilds takes a part of what is derived, or it is done here."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from histories import Kept

from projections.catalogue import open_projections
from projections.deep import deep_check
from projections.engine import Projections
from projections.feed import START, Place
from projections.flags.asking import list_flags
from projections.flags.keeping import rows_anew
from projections.rebuilding import Where, answer_there


class Answering:
    """A helper that has a given way to answer, and notes what it was asked about."""

    def __init__(self, answer: Callable[..., Any]) -> None:
        """Answer by `answer`."""
        self.asked: list[Any] = []
        self._answer = answer

    def ask(
        self, names: Sequence[str], place: Place, question: Callable[..., Any], *about: Any
    ) -> Callable[[], Any]:
        """Note what is asked; see `Helper.ask`."""
        self.asked += about
        return lambda: self._answer(names, place, question, about)


def test_what_a_helper_finds_is_kept(kept: Kept, projections: Projections) -> None:
    """It opens the same read models at the same place, so the rows are those of one process."""
    where = Where(kept.ledger.store.url, None)
    before = list_flags(projections).items
    helper = Answering(lambda *asked: answer_there(where, *asked))
    projections.rebuild("flags", helper=helper)
    assert helper.asked == [["worker_month", "person_month", "device"]]
    assert list_flags(projections).items == before
    assert deep_check(projections, "flags").count == 0
    assert before


def test_what_a_helper_did_not_find_is_found_here(projections: Projections) -> None:
    """It was too late, or it was killed."""
    before = list_flags(projections).items
    projections.rebuild("flags", helper=Answering(lambda *_asked: None))
    assert list_flags(projections).items == before


def test_what_a_helper_judges_is_not_judged_again(
    projections: Projections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it leaves out is missing."""
    monkeypatch.setattr("projections.flags.keeping._SHARED", ("day",))
    before = list_flags(projections).items
    projections.rebuild("flags", helper=Answering(lambda *_asked: []))
    left = list_flags(projections).items
    assert {each.rule for each in before} - {each.rule for each in left} == {"f17"}
    assert [each for each in before if each.rule != "f17"] == list(left)


def test_a_helper_at_another_place_has_no_answer(kept: Kept) -> None:
    """The read models went on since it was asked."""
    where = Where(kept.ledger.store.url, None)
    with open_projections(kept.ledger.store) as opened:
        opened.follow("contracts", "rulebook")
    assert answer_there(where, ("contracts", "rulebook"), START, rows_anew, ([],)) is None

"""Ids that came twice are found among many, however the runs fall."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.replay.uniqueness import Repeated, UniqueIds


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 9), st.integers(1, 4))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_the_first_repetition_is_found(ids: list[int], run_ids: int, batch: int) -> None:
    """Sorted runs on disk find what a set finds: the earliest place where an id comes again."""
    seen: dict[int, int] = {}
    expected = None
    for number, each in enumerate(ids):
        if each in seen and expected is None:
            expected = (each.to_bytes(2, "big"), number)
        seen.setdefault(each, number)
    with UniqueIds(2, run_ids) as unique:
        for first in range(0, len(ids), batch):
            part = [each.to_bytes(2, "big") for each in ids[first : first + batch]]
            unique.add(part, first)
        found = unique.first_repeated()
    assert (found and (found.id, found.again)) == expected
    assert found is None or found == Repeated(found.id, found.first, found.again)
    assert found is None or found.first < found.again

"""A quarter that scores 79.6 of 100, and one that scores 80."""

from projections.flags.outputs import Delivered, Output


def _quarter(manual: int, denied: int) -> Output:
    months = [Delivered("c-1", "2026-02", 5, 100, manual, denied, 0, 1, (9,))]
    return Output("PRO", months, "2026-04")


FLAGGED = _quarter(34, 0)
CLEAR = _quarter(20, 20)

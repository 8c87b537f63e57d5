"""Ninety-nine visits unchecked, of a month that is past checking, and of the last one."""

from projections.flags.outputs import Delivered, Output


def _checked(month: str) -> Output:
    return Output("PRO", [Delivered("c-1", month, 5, 99, 0, 0, 0, 0, ())], "2026-04")


FLAGGED = _checked("2026-02")
CLEAR = _checked("2026-03")

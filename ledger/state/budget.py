"""Programmes, fund lines and cash plans, as the law remembers them."""

from typing import NamedTuple


class Programme(NamedTuple):
    """A programme: whose it is, when it runs, and what it is measured by.

    Attributes:
        programme: its id.
        purchaser: the party that established it.
        from_date: first day.
        to_date: last day.
        stable: whether its contracts may run three years.
        weights: weight of each indicator, in parts per million, by its id.
        ended: whether it was ended.

    """

    programme: str
    purchaser: str
    from_date: str
    to_date: str
    stable: bool
    weights: dict[str, int]
    ended: bool


class Line(NamedTuple):
    """A fund line: whose it is and of which budget year.

    Attributes:
        line: its id.
        owner: the finance bureau that appropriated it.
        year: budget year.
        lapsed: whether what it had left was given back.
        planned_from: the first month that has a cash plan, or None.

    """

    line: str
    owner: str
    year: int
    lapsed: bool
    planned_from: str | None


class CashPlan(NamedTuple):
    """A line's month: what may be ordered, and what was.

    Attributes:
        planned_fen: the most its orders may come to; zero where nothing was approved.
        used_fen: its orders, less what came back in it; below zero where more came back.

    """

    planned_fen: int
    used_fen: int

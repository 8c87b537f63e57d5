"""Programmes and fund lines, as the law remembers them."""

from typing import NamedTuple


class Programme(NamedTuple):
    """A programme: whose it is, when it runs, and the weight of each indicator (ppm, by id)."""

    programme: str
    purchaser: str
    from_date: str
    to_date: str
    weights: dict[str, int]


class Line(NamedTuple):
    """A fund line: whose it is and of which budget year."""

    line: str
    owner: str
    year: int

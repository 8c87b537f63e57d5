"""Programmes and fund lines, as the law remembers them."""

from typing import NamedTuple


class Programme(NamedTuple):
    """A programme: whose it is, when it runs, and whether contracts may run three years."""

    programme: str
    purchaser: str
    from_date: str
    to_date: str
    stable: bool


class Line(NamedTuple):
    """A fund line: whose it is and of which budget year."""

    line: str
    owner: str
    year: int

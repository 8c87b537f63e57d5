"""Catalogued services, as the law remembers them."""

from typing import NamedTuple


class Service(NamedTuple):
    """A catalogued service: how it is counted, and whether it may still be contracted."""

    code: str
    unit: str
    category: str
    qualification: str | None
    planned_minutes: int
    withdrawn: bool

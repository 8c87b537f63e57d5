"""A person's units of service by month: planned, delivered, denied and left.

    2025-03/home-care/delivered        of one month
    to-2025-03/home-care/delivered     of all months up to it

What was delivered and denied is the sum over contracts (`ledger.delivered`), what is planned in all
that of the months, and what is left is what was planned less what was delivered.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.tracing.gathering import Part

Given = Mapping[str, Mapping[str, int]]
"""Units of a person by contract, and by the figure of the contract that they are."""

_FIGURE = re.compile(
    r"(?P<to>to-)?(?P<month>[0-9]{4}-(?:0[1-9]|1[0-2]))/(?P<service>[^/]+)/"
    r"(?P<what>planned|delivered|denied|left)"
)
_WHAT = ("planned", "delivered", "denied", "left")


class Asked(NamedTuple):
    """A figure of a person: of which month or up to which, of which service, and what of it."""

    month: str
    service: str
    what: str
    to_the_end: bool

    @classmethod
    def parse(cls, figure: str) -> "Asked":
        """Return what a figure's name asks.

        Raises:
            LedgerError: it is none.

        """
        found = _FIGURE.fullmatch(figure)
        if found is None:
            raise LedgerError(
                f"a person has no figure {figure}; one is named MONTH/SERVICE/WHAT, with planned, "
                "delivered, denied or left, for instance 2026-03/home-care/left; to-2026-03/… is "
                "of all months up to it"
            )
        return cls(found["month"], found["service"], found["what"], found["to"] is not None)

    @property
    def figure(self) -> str:
        """The figure's name."""
        return f"{'to-' if self.to_the_end else ''}{self.month}/{self.service}/{self.what}"

    def of(self, what: str) -> "Asked":
        """Return the same of something else."""
        return self._replace(what=what)

    def value(self, figures: Mapping[str, int]) -> int:
        """Return how much it is, of the figures of each month."""
        if not self.to_the_end:
            return figures.get(self.figure, 0)
        return sum(
            units
            for name, units in figures.items()
            if name[:7] <= self.month and name[7:] == f"/{self.service}/{self.what}"
        )


def figures_of_units(
    given: Given, planned: Callable[[str], Mapping[str, int]], months: tuple[str, str]
) -> dict[str, int]:
    """Return every figure of single months; `planned` gives those of a plan, by service.

    `months` are the first with a plan, and the last one.
    """
    units: dict[tuple[str, str], dict[str, int]] = {}
    for figures in given.values():
        for name, number in figures.items():
            *_, month, service, what = name.split("/")
            has = units.setdefault((month, service), dict.fromkeys(_WHAT, 0))
            has[what] += number
    for month in _months(*months):
        for service, number in planned(month).items():
            units.setdefault((month, service), dict.fromkeys(_WHAT, 0))["planned"] = number
    for has in units.values():
        has["left"] = has["planned"] - has["delivered"]
    return {
        f"{month}/{service}/{what}": number
        for (month, service), has in sorted(units.items())
        for what, number in has.items()
    }


def parts_of_units(key: str, asked: Asked, given: Given, figures: Mapping[str, int]) -> list[Part]:
    """Return the parts of what was delivered or denied, or of what was planned in many months."""
    if asked.what == "planned":
        return [
            Part(key, name, units)
            for name, units in figures.items()
            if units and name[:7] <= asked.month and name[7:] == f"/{asked.service}/planned"
        ]
    found = []
    for contract, each in given.items():
        for name, units in each.items():
            *_, month, service, what = name.split("/")
            in_time = month <= asked.month if asked.to_the_end else month == asked.month
            if units and in_time and (service, what) == (asked.service, asked.what):
                found.append(Part(contract, name, units))
    return found


def _months(first: str, last: str) -> list[str]:
    year, month = map(int, first.split("-"))
    found = []
    while (name := f"{year:04}-{month:02}") <= last:
        found.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)  # noqa: PLR2004  # months
    return found

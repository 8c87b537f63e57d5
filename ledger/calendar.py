"""Working days: which days offices are open, and when a limit of so many days ends.

A legal limit counts calendar days or working days (工作日). In China the State Council's yearly
notice moves days: some weekdays are off, some Saturdays and Sundays are worked. A calendar lists
both for a span of years; outside it Monday to Friday are worked.

    SHIPPED.add_working_days(parse_date("2025-01-24"), 3)      2025-02-05: the Sunday before
                                                               Spring Festival is worked

A limit of n days that begins on local date D ends at the end of the n-th day after D: what is
recorded before that instant is in time (`end_of_day_ms`).
"""

from typing import NamedTuple

from ledger.times import MS_PER_DAY, MS_PER_MINUTE, format_date, parse_date

_THURSDAY = 3  # 1970-01-01
_SATURDAY = 5


class Calendar(NamedTuple):
    """Days off and days worked against the week's rule.

    Attributes:
        first: first local date it speaks of.
        last: last local date it speaks of.
        off: weekdays on which offices are closed.
        worked: Saturdays and Sundays on which they are open.

    """

    first: str
    last: str
    off: frozenset[str]
    worked: frozenset[str]

    def is_working_day(self, day: int) -> bool:
        """Return whether offices are open on a day (days since 1970-01-01)."""
        date = format_date(day)
        if is_weekend(day):
            return date in self.worked
        return date not in self.off

    def add_working_days(self, day: int, count: int) -> int:
        """Return the `count`-th working day after `day` (days since 1970-01-01)."""
        while count > 0:
            day += 1
            count -= self.is_working_day(day)
        return day

    def covers(self, date: str) -> bool:
        """Return whether the calendar speaks of a local date."""
        return self.first <= date <= self.last


def is_weekend(day: int) -> bool:
    """Return whether a day (days since 1970-01-01) is a Saturday or a Sunday."""
    return (day + _THURSDAY) % 7 >= _SATURDAY


def end_of_day_ms(day: int, offset_minutes: int) -> int:
    """Return the instant at which a local day ends, milliseconds since the epoch."""
    return (day + 1) * MS_PER_DAY - offset_minutes * MS_PER_MINUTE


def local_day(instant_ms: int, offset_minutes: int) -> int:
    """Return the local day of an instant, days since 1970-01-01."""
    return (instant_ms + offset_minutes * MS_PER_MINUTE) // MS_PER_DAY


SHIPPED = Calendar(
    first="2025-01-01",
    last="2026-12-31",
    off=frozenset(
        [
            "2025-01-01",
            "2025-01-28",
            "2025-01-29",
            "2025-01-30",
            "2025-01-31",
            "2025-02-03",
            "2025-02-04",
            "2025-04-04",
            "2025-05-01",
            "2025-05-02",
            "2025-05-05",
            "2025-06-02",
            "2025-10-01",
            "2025-10-02",
            "2025-10-03",
            "2025-10-06",
            "2025-10-07",
            "2025-10-08",
            "2026-01-01",
            "2026-01-02",
            "2026-02-16",
            "2026-02-17",
            "2026-02-18",
            "2026-02-19",
            "2026-02-20",
            "2026-02-23",
            "2026-04-06",
            "2026-05-01",
            "2026-05-04",
            "2026-05-05",
            "2026-06-19",
            "2026-09-25",
            "2026-10-01",
            "2026-10-02",
            "2026-10-05",
            "2026-10-06",
            "2026-10-07",
        ]
    ),
    worked=frozenset(
        [
            "2025-01-26",
            "2025-02-08",
            "2025-04-27",
            "2025-09-28",
            "2025-10-11",
            "2026-01-04",
            "2026-02-14",
            "2026-02-28",
            "2026-05-09",
            "2026-09-20",
            "2026-10-10",
        ]
    ),
)
"""Mainland China, 2025 and 2026: the State Council's notices on the arrangement of holidays."""

if any(not SHIPPED.covers(date) or not parse_date(date) for date in SHIPPED.off | SHIPPED.worked):
    raise ValueError("the shipped calendar lists a day it does not speak of")

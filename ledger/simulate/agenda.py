"""The agenda of a simulated city: acts at their due times, and the statements they become.

An act is done when its time has come, so it sees the ledger as it is then: a claim adds up the
visits that were admitted, and an answer follows the claim. Acts may put further acts on the
agenda. Times are local wall-clock times of the city; the ledger's are UTC.

The statements of one act are a *crowd*: they reach the ledger together, at one time, in the order
in which they were signed, and share its commits.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ledger.times import MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, format_date, parse_date

OFFSET_TEXT = "+08:00"
_OFFSET_MS = 8 * MS_PER_HOUR

Act = Callable[[], None]


class Crowd(NamedTuple):
    """Statements that reach the ledger together.

    Attributes:
        recorded_ms: when, milliseconds since the epoch.
        statements: statement files, in their order.

    """

    recorded_ms: int
    statements: Sequence[bytes]


class SimulatedClock:
    """A clock that stands where it is set."""

    def __init__(self, now_ms: int = 0) -> None:
        """Set the clock to an instant, milliseconds since the epoch."""
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """Return the time it stands at."""
        return self._now_ms

    def set(self, now_ms: int) -> None:
        """Move the clock."""
        self._now_ms = now_ms


class Agenda:
    """What is to be done, in the order of time.

    Attributes:
        now_ms: the instant of the act that is being done.

    """

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self.now_ms = 0
        self._acts: list[tuple[int, int, Act]] = []
        self._count = 0

    @property
    def today(self) -> int:
        """The local day of the act that is being done, days since 1970-01-01."""
        return local_day(self.now_ms)

    def at(self, when_ms: int, act: Act) -> None:
        """Put an act on the agenda, for an instant (milliseconds since the epoch)."""
        # The count keeps acts of one instant in the order in which they were put here.
        heapq.heappush(self._acts, (when_ms, self._count, act))
        self._count += 1

    def on(self, date: str, clock: str, act: Act) -> None:
        """Put an act on the agenda, for a local date and wall-clock time."""
        self.at(local_ms(date, clock), act)

    def acts(self, end_ms: int) -> Iterator[int]:
        """Do everything that is due before `end_ms`; yield the time of each act once it is done.

        The next act is done only when the next one is asked for.
        """
        while self._acts and self._acts[0][0] < end_ms:
            self.now_ms, _, act = heapq.heappop(self._acts)
            act()
            yield self.now_ms


def local_ms(date: str, clock: str = "09:00") -> int:
    """Return the instant of a local wall-clock time, milliseconds since the epoch."""
    hours, minutes = clock.split(":")
    return day_ms(parse_date(date), int(hours) * 60 + int(minutes))


def day_ms(day: int, minute: int = 0) -> int:
    """Return the instant of a minute of a local day, milliseconds since the epoch."""
    return day * MS_PER_DAY + minute * MS_PER_MINUTE - _OFFSET_MS


def local_day(instant_ms: int) -> int:
    """Return the local day of an instant, days since 1970-01-01."""
    return (instant_ms + _OFFSET_MS) // MS_PER_DAY


def month_days(month: str) -> range:
    """Return the days of a month `2025-03`, days since 1970-01-01."""
    first = parse_date(f"{month}-01")
    return range(first, parse_date(f"{next_month(month)}-01"))


def next_month(month: str) -> str:
    """Return the month after `2025-03`."""
    return format_date(parse_date(f"{month}-01") + 31)[:7]

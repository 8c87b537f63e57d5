"""The agenda of a simulated city: acts at their due times, and the statements they become.

An act is done when its time has come, so it sees the ledger as it is then: a claim adds up the
visits that were admitted, and an answer follows the claim. Acts may put further acts on the
agenda. Times are local wall-clock times of the city; the ledger's are UTC.
"""

import calendar
import heapq
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from ledger.drafting import sign_statement
from ledger.events import Event, version_of
from ledger.identity import Ids, Stream
from ledger.simulate.cast import ORIGIN, Cast
from ledger.times import (
    MS_PER_DAY,
    MS_PER_HOUR,
    MS_PER_MINUTE,
    MS_PER_SECOND,
    format_instant,
    parse_date,
)

E = TypeVar("E", bound=Event)

OFFSET_TEXT = "+08:00"
OFFSET_MS = 8 * MS_PER_HOUR
_SIGNING_MS = 20 * MS_PER_SECOND  # between signing and arriving at the ledger

Act = Callable[[], None]


class Due(NamedTuple):
    """A statement and when it reaches the ledger.

    Attributes:
        recorded_ms: then, milliseconds since the epoch.
        data: the statement file.

    """

    recorded_ms: int
    data: bytes


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
    """What is to be done, in the order of time."""

    def __init__(self, cast: Cast, ids: Ids, chance: Stream) -> None:
        """Begin with nothing to do."""
        self.cast = cast
        self.ids = ids
        self.chance = chance
        self.now_ms = 0
        self._acts: list[tuple[int, int, Act]] = []
        self._count = 0
        self._ready: list[Due] = []
        self._last_ms = 0

    def at(self, when_ms: int, act: Act) -> None:
        """Put an act on the agenda, for an instant (milliseconds since the epoch)."""
        # The count keeps acts of one instant in the order in which they were put here.
        heapq.heappush(self._acts, (when_ms, self._count, act))
        self._count += 1

    def later(self, days: int, act: Act) -> None:
        """Put an act on the agenda, some days on, at an hour when offices are open."""
        day_ms = (self.now_ms + OFFSET_MS) // MS_PER_DAY * MS_PER_DAY - OFFSET_MS
        minute = self.chance.between(9 * 60, 17 * 60)
        second = self.chance.below(60)
        at_ms = day_ms + days * MS_PER_DAY + minute * MS_PER_MINUTE + second * MS_PER_SECOND
        self.at(at_ms, act)

    def statements(self, end_ms: int) -> Iterator[Due]:
        """Do everything that is due before `end_ms`; yield each statement when it is made.

        The next act is done only when the next statement is asked for.
        """
        while self._acts and self._acts[0][0] < end_ms:
            self.now_ms, _, act = heapq.heappop(self._acts)
            act()
            ready, self._ready = self._ready, []
            yield from ready

    def event(self, event_class: type[E], at_ms: int | None = None, **fields: Any) -> E:
        """Return a new event with its heading."""
        at_ms = self.now_ms if at_ms is None else at_ms
        fields["v"] = version_of(str(event_class.__struct_config__.tag))
        heading: dict[str, Any] = {
            "id": self.ids.event_id(at_ms),
            "salt": self.ids.salt(),
            "at": format_instant(at_ms),
        }
        return event_class(**heading, **fields)

    def sign(self, events: Sequence[Event], *key_names: str) -> None:
        """Make a statement of `events` now, signed by these keys."""
        signers = [self.cast.keys[name].signer for name in key_names]
        data = sign_statement(events, ORIGIN, self.now_ms, signers)
        arrives_ms = self.now_ms + _SIGNING_MS + self.chance.below(1000)
        self._last_ms = max(arrives_ms, self._last_ms + 1)
        self._ready.append(Due(self._last_ms, data))


def local_ms(date: str, clock: str = "09:00") -> int:
    """Return the instant of a local wall-clock time, milliseconds since the epoch."""
    hours, minutes = clock.split(":")
    return (
        parse_date(date) * MS_PER_DAY
        + int(hours) * MS_PER_HOUR
        + int(minutes) * MS_PER_MINUTE
        - OFFSET_MS
    )


def local_month(instant_ms: int) -> str:
    """Return the local month of an instant, `2025-03`."""
    return format_instant(instant_ms + OFFSET_MS)[:7]


LAST_DAYS = {f"2025-{month:02}": f"{calendar.monthrange(2025, month)[1]}" for month in range(1, 13)}
"""The last day of each month of the simulated year."""


def next_month(month: str, day: int) -> str:
    """Return the day of the following month on which `month` is billed."""
    year, number = int(month[:4]), int(month[5:])
    year, number = (year + 1, 1) if number == 12 else (year, number + 1)  # noqa: PLR2004 (months)
    return f"{year}-{number:02}-{day:02}"

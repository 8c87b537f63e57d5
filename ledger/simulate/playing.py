"""Playing a simulated city's year into a ledger, day by day.

The clock is set once for a crowd, so recorded times do not depend on how fast the machine is. At
the end of a day whatever the legal clocks give is booked, and the books are closed.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from ledger.app import Ledger
from ledger.errors import LedgerError, Refused
from ledger.events import decode_events, type_of
from ledger.simulate.agenda import Crowd, SimulatedClock, day_ms
from ledger.simulate.city import FIRST_DAY, LAST_DAY, City
from ledger.statement import decode_statement_file
from ledger.times import format_date, format_instant

_DAY_ENDS = 23 * 60 + 55  # minute of the day


class Day(NamedTuple):
    """What a day came to.

    Attributes:
        date: the local date.
        statements: statements in the ledger by its end.
        events: events in the ledger by its end.
        closed: whether its books were closed.

    """

    date: str
    statements: int
    events: int
    closed: bool


DAYS = LAST_DAY - FIRST_DAY + 1
"""Days that `play` yields."""


def play(city: City, ledger: Ledger, clock: SimulatedClock) -> Iterator[Day]:
    """Play the year into a ledger that holds the city's genesis and nothing else.

    Raises:
        LedgerError: the law refused what the city did, which is a mistake of the simulator.

    """
    city.begin(ledger.state)
    for day in range(FIRST_DAY, LAST_DAY + 1):
        date = format_date(day)
        for crowd in city.day(day):
            clock.set(crowd.recorded_ms)
            try:
                ledger.submit_all(crowd.statements)
            except Refused as refused:
                raise LedgerError(_mistake(crowd, refused)) from refused
        clock.set(day_ms(day, _DAY_ENDS))
        closes = city.scale.close_daily or format_date(day + 1).endswith("-01")
        if closes:
            ledger.close_books(city.operator, city.ids)
        else:
            ledger.tick(city.operator, city.ids)
        head = ledger.store.head()
        yield Day(date, head.size, head.positions, closes)


def _mistake(crowd: Crowd, refused: Refused) -> str:
    """Return which acts were refused among those of one time, and why."""
    acts = Counter(
        type_of(event)
        for data in crowd.statements
        for event in decode_events(decode_statement_file(data)[1])
    )
    told = ", ".join(f"{count} {name}" for name, count in acts.items())
    return (
        f"the simulated city did at {format_instant(crowd.recorded_ms)} what the law refuses, "
        f"among {told}: {refused}. Report this, with the scale and the seed"
    )

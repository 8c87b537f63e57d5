"""Deadlines: from a local day to the instant at which a limit of so many days ends.

Days are counted since 1970-01-01 on the ledger's own calendar of dates; what is recorded before
the instant is in time (docs: rules, Time).
"""

from ledger.calendar import end_of_day_ms
from ledger.rulebook import calendar_in_force
from ledger.state import State


def add_working_days(state: State, day: int, count: int) -> int:
    """Return the `count`-th working day after a local day, by the calendar in force."""
    return calendar_in_force(state).add_working_days(day, count)


def end_of_day(state: State, day: int) -> int:
    """Return the instant at which a local day ends, milliseconds since the epoch."""
    return end_of_day_ms(day, state.ledger["offset_minutes"])

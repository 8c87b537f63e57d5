"""Deadlines: from a local day to the instant at which a limit of so many days ends.

Days are counted since 1970-01-01 on the ledger's own calendar of dates; what is recorded before
the instant is in time (docs: rules, Time).
"""

from ledger.calendar import end_of_day_ms, local_day
from ledger.rulebook import calendar_in_force
from ledger.state import State


def last_answer_day(submitted: int, acceptance_days: int) -> int:
    """Return the last day on which a claim that was submitted on a day can be answered (C12)."""
    return submitted + acceptance_days


def last_pay_day(since: int, pay_days: int) -> int:
    """Return the last day on which what is owed since a day can be paid in time (C13)."""
    return since + pay_days


def add_working_days(state: State, day: int, count: int) -> int:
    """Return the `count`-th working day after a local day, by the calendar in force."""
    return calendar_in_force(state).add_working_days(day, count)


def after_working_days(state: State, start_ms: int, count: int) -> int:
    """Return the instant at which the `count`-th working day after an instant's local day ends.

    Both instants are milliseconds since the epoch.
    """
    return end_of_day(state, add_working_days(state, local_day_of(state, start_ms), count))


def local_day_of(state: State, instant_ms: int) -> int:
    """Return the ledger's local day of an instant, milliseconds since the epoch."""
    return local_day(instant_ms, state.ledger["offset_minutes"])


def end_of_day(state: State, day: int) -> int:
    """Return the instant at which a local day ends, milliseconds since the epoch."""
    return end_of_day_ms(day, state.ledger["offset_minutes"])

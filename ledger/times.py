"""Instants and dates: fixed-width text outside, integers inside.

An *instant* is a point in time. As text it is RFC 3339 in UTC with milliseconds and `Z`, always
24 characters, so that text order is time order; as a value it is the integer number of
milliseconds since 1970-01-01T00:00:00Z (leap seconds are not counted, as in POSIX). A *date* is a
calendar day of the ledger's own place: text of 10 characters, a value in days since 1970-01-01.

    2026-03-01T08:00:00.000Z    1772352000000
    2026-03-01                  20513

One instant has one text: the parsers refuse every other spelling that RFC 3339 would allow
(`+00:00`, lower-case letters, no fraction, second 60), and non-ASCII digits. Years run from 0001
to 9999.
"""

import datetime as dt
import functools
import re

from ledger.errors import Malformed

MS_PER_SECOND = 1_000
MS_PER_MINUTE = 60 * MS_PER_SECOND
MS_PER_HOUR = 60 * MS_PER_MINUTE
MS_PER_DAY = 24 * MS_PER_HOUR

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EPOCH_ORDINAL = dt.date(1970, 1, 1).toordinal()
_MICROSECONDS_PER_MS = 1_000
_FIRST_DAY = dt.date.min.toordinal() - _EPOCH_ORDINAL
_LAST_DAY = dt.date.max.toordinal() - _EPOCH_ORDINAL
_MOST_OFFSET_MINUTES = 18 * 60  # no civil time lies further from UTC; java.time draws this line
_YEAR_END, _MONTH_END = len("2026"), len("2026-03")
_SHOWN = 40  # characters of a refused text that an error message repeats

# The hours are bounded here as well, since Python 3.13 and later also read 24:00 as an hour.
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def parse_instant(text: str) -> int:
    """Return the milliseconds since the epoch that `text` stands for.

    Raises:
        Malformed: `text` is not `YYYY-MM-DDThh:mm:ss.sssZ`, or no such day exists.

    """
    if _INSTANT.fullmatch(text) is None:
        raise Malformed(
            f"the instant {text[:_SHOWN]!r} is not of the form 2026-03-01T08:00:00.000Z"
        )
    try:
        since = dt.datetime.fromisoformat(text) - _EPOCH
    except ValueError as error:
        raise Malformed(f"the instant {text!r} is not in the calendar") from error
    return (
        since.days * MS_PER_DAY
        + since.seconds * MS_PER_SECOND
        + since.microseconds // _MICROSECONDS_PER_MS
    )


def format_instant(instant_ms: int) -> str:
    """Return the text of an instant given in milliseconds since the epoch.

    Raises:
        ValueError: the instant lies outside the years 0001 to 9999.

    """
    days, rest = divmod(instant_ms, MS_PER_DAY)
    seconds, milliseconds = divmod(rest, MS_PER_SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{format_date(days)}T{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}Z"


@functools.lru_cache(maxsize=4096)  # a ledger speaks of few days, each of them very often
def parse_date(text: str) -> int:
    """Return the days since 1970-01-01 of the date `text`.

    Raises:
        Malformed: `text` is not `YYYY-MM-DD`, or no such day exists.

    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise Malformed(f"the date {text[:_SHOWN]!r} is not of the form 2026-03-01")
    year, month, day = match.groups()
    try:
        return dt.date(int(year), int(month), int(day)).toordinal() - _EPOCH_ORDINAL
    except ValueError as error:
        raise Malformed(f"the date {text!r} is not in the calendar") from error


@functools.lru_cache(maxsize=4096)
def format_date(days: int) -> str:
    """Return the text of a date given in days since 1970-01-01.

    Raises:
        ValueError: the date lies outside the years 0001 to 9999.

    """
    if not _FIRST_DAY <= days <= _LAST_DAY:
        raise ValueError(f"day {days} lies outside the years 0001 to 9999")
    return dt.date.fromordinal(days + _EPOCH_ORDINAL).isoformat()


def year_of(date: str) -> int:
    """Return the year of a date `YYYY-MM-DD`."""
    return int(date[:_YEAR_END])


def month_of(date: str) -> str:
    """Return the month `YYYY-MM` of a date `YYYY-MM-DD`."""
    return date[:_MONTH_END]


def local_date(instant_ms: int, offset_minutes: int) -> str:
    """Return the date on the calendar of a place `offset_minutes` east of UTC at an instant.

    The offset is fixed for a ledger (`ledger.opened`), so the law's days need no table of zones.

    Raises:
        ValueError: the offset is more than 18 hours, or the date is outside the years 0001 to 9999.

    """
    if not -_MOST_OFFSET_MINUTES <= offset_minutes <= _MOST_OFFSET_MINUTES:
        raise ValueError(f"an offset of {offset_minutes} minutes from UTC is used nowhere")
    return format_date((instant_ms + offset_minutes * MS_PER_MINUTE) // MS_PER_DAY)


def local_month(instant_ms: int, offset_minutes: int) -> str:
    """Return the month `YYYY-MM` at an instant on the calendar of `local_date`."""
    return month_of(local_date(instant_ms, offset_minutes))


def parse_offset(text: str) -> int:
    """Return the minutes east of UTC that `+08:00` or `-03:30` says."""
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return -minutes if text[0] == "-" else minutes

"""Published dates: RFC 3339 as OCDS asks for it, and the shorter forms publishers write.

    instant_us("2017-06-05T00:00:00-06:00")     ->  1496642400000000
    instant_us("2019-11-25T17:20:38.1197059Z")  ->  1574702438119705  cut to microseconds
    instant_us("2015-06-03")                    ->  1433289600000000  midnight UTC, to sort by
    calendar_day("2015-12-30T00:00:00-06:00")   ->  "2015-12-30"      the day where it was written

Nothing is guessed: other orders of day and month, and years below 1, are no dates here.
"""

import datetime as dt
import re

_PUBLISHED = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60)(?:\.(\d{1,20}))?)?"
    r"(Z|z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?",
    re.ASCII,
)
_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_EPOCH_ORDINAL = dt.date(1970, 1, 1).toordinal()
_MINUTES_A_DAY = 24 * 60
_US_PER_SECOND = 1_000_000


def is_date_time(text: str) -> bool:
    """Tell whether `text` is what OCDS asks for: an RFC 3339 date-time with its offset."""
    return bool(_DATE_TIME.fullmatch(text)) and instant_us(text) is not None


def instant_us(text: str) -> int | None:
    """Return the microseconds since 1970 (UTC) of a published date, or None if it is none.

    A missing time is midnight, a missing offset UTC: good for putting releases in order, no more.
    """
    match = _PUBLISHED.fullmatch(text)
    day = _day_of(match) if match else None
    if match is None or day is None:
        return None
    _, _, _, hour, minute, second, fraction, offset = match.groups()
    minutes = (day.toordinal() - _EPOCH_ORDINAL) * _MINUTES_A_DAY
    minutes += int(hour or 0) * 60 + int(minute or 0) - _offset_minutes(offset)
    micro = int((fraction or "").ljust(6, "0")[:6])
    return (minutes * 60 + int(second or 0)) * _US_PER_SECOND + micro


def calendar_day(text: str) -> str | None:
    """Return the calendar day of a published date as it was written, or None if it is none."""
    match = _PUBLISHED.fullmatch(text)
    day = _day_of(match) if match else None
    return day.isoformat() if day else None


def _day_of(match: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _offset_minutes(offset: str | None) -> int:
    if offset is None or offset in "Zz":
        return 0
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return -minutes if offset[0] == "-" else minutes

"""Instants and dates have one spelling each."""

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import times
from ledger.errors import Malformed

FIRST_MS = times.parse_instant("0001-01-01T00:00:00.000Z")
LAST_MS = times.parse_instant("9999-12-31T23:59:59.999Z")


def test_worked_example_of_the_manual() -> None:
    """The module's own example holds, and the epoch is zero."""
    assert times.parse_instant("2026-03-01T08:00:00.000Z") == 1772352000000
    assert times.format_instant(1772352000000) == "2026-03-01T08:00:00.000Z"
    assert times.parse_date("2026-03-01") == 20513
    assert times.format_date(20513) == "2026-03-01"
    assert times.parse_instant("1970-01-01T00:00:00.000Z") == 0
    assert times.parse_date("1970-01-01") == 0


@given(st.integers(FIRST_MS, LAST_MS))
def test_every_instant_survives_its_text(instant_ms: int) -> None:
    """Formatting and parsing are inverse, and the text is 24 characters wide."""
    text = times.format_instant(instant_ms)
    assert len(text) == 24
    assert times.parse_instant(text) == instant_ms


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_instants_agree_with_the_standard_library(moment: dt.datetime) -> None:
    """`datetime` counts the same milliseconds."""
    since = moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    text = moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    assert times.parse_instant(text) == since // dt.timedelta(milliseconds=1)


@given(st.dates())
def test_dates_agree_with_the_standard_library(day: dt.date) -> None:
    """`date` counts the same days."""
    days = (day - dt.date(1970, 1, 1)).days
    assert times.parse_date(day.isoformat()) == days
    assert times.format_date(days) == day.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-01",
        "2026-03-01T08:00:00Z",
        "2026-03-01T08:00:00.0Z",
        "2026-03-01T08:00:00.0000Z",
        "2026-03-01T08:00:00,000Z",
        "2026-03-01T08:00:00.000z",
        "2026-03-01t08:00:00.000Z",
        "2026-03-01 08:00:00.000Z",
        "2026-03-01T08:00:00.000+00:00",
        "2026-03-01T08:00:00.000Z\n",
        " 2026-03-01T08:00:00.000Z",
        "2026-02-29T08:00:00.000Z",
        "2026-13-01T08:00:00.000Z",
        "0000-01-01T08:00:00.000Z",
        "2026-03-01T24:00:00.000Z",
        "2026-03-01T08:60:00.000Z",
        "2026-12-31T23:59:60.000Z",
        "2026-03-01T08:00:00.00٣Z",
        "+026-03-01T08:00:00.000Z",
        "2026-W09-7T08:00:00.000Z",
    ],
)
def test_other_spellings_of_an_instant_are_refused(text: str) -> None:
    """Neither another RFC 3339 spelling nor an impossible time is an instant."""
    with pytest.raises(Malformed):
        times.parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-3-1",
        "20260301",
        "2026-02-29",
        "2026-00-10",
        "2026-03-01 ",
        "２026-03-01",
        "0000-01-01",
    ],
)
def test_other_spellings_of_a_date_are_refused(text: str) -> None:
    """A date is ten ASCII characters and in the calendar."""
    with pytest.raises(Malformed):
        times.parse_date(text)


def test_a_huge_text_is_not_repeated_in_the_error() -> None:
    """An error message stays one short sentence whatever the input."""
    with pytest.raises(Malformed) as caught:
        times.parse_instant("9" * 1_000_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("instant", "offset_minutes", "date"),
    [
        ("2026-03-01T15:59:59.999Z", 480, "2026-03-01"),
        ("2026-03-01T16:00:00.000Z", 480, "2026-03-02"),
        ("2026-03-01T00:00:00.000Z", 0, "2026-03-01"),
        ("2026-03-01T03:29:59.999Z", -210, "2026-02-28"),
        ("2026-03-01T03:30:00.000Z", -210, "2026-03-01"),
        ("1969-12-31T16:00:00.000Z", 480, "1970-01-01"),
    ],
)
def test_the_local_day_begins_at_local_midnight(
    instant: str, offset_minutes: int, date: str
) -> None:
    """In Changsha (+08:00) the day turns at 16:00 UTC."""
    assert times.local_date(times.parse_instant(instant), offset_minutes) == date


def test_values_no_text_can_hold_are_misuse() -> None:
    """Instants outside four-digit years and absurd offsets raise ValueError."""
    misuses: list[Callable[[], object]] = [
        lambda: times.format_instant(LAST_MS + 1),
        lambda: times.format_instant(FIRST_MS - 1),
        lambda: times.format_date(times.parse_date("9999-12-31") + 1),
        lambda: times.local_date(LAST_MS, 1),
        lambda: times.local_date(0, 18 * 60 + 1),
    ]
    for misuse in misuses:
        with pytest.raises(ValueError, match=r"0001 to 9999|used nowhere"):
            misuse()

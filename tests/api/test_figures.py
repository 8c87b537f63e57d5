"""Our own writing of figures against Babel's, which takes it from the Unicode CLDR."""

import datetime as dt
from decimal import Decimal

import hypothesis
import hypothesis.strategies as st
import pytest
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
    get_currency_symbol,
)

from api import text
from api.text import Language

LOCALES: dict[Language, Locale] = {"en": Locale("en", "GB"), "zh": Locale("zh", "CN", "Hans")}
CURRENCIES = ("CNY", "USD", "EUR", "JPY", "KWD", "XXX", "XYZ", "", "CLF")

languages = st.sampled_from(sorted(LOCALES))
amounts = st.integers(-(2**70), 2**70) | st.integers(-(10**7), 10**7)
currencies = st.sampled_from(CURRENCIES) | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", max_size=3)
days = st.dates()


@hypothesis.given(amounts, languages, currencies)
def test_money_is_written_as_babel_writes_it(
    amount: int, language: Language, currency: str
) -> None:
    """Sign, space, grouping and decimals are CLDR's, for any amount and any code."""
    locale = LOCALES[language]
    major = Decimal(amount).scaleb(-get_currency_precision(currency))
    letters = get_currency_symbol(currency, locale)[-1:].isalpha()
    pattern = "¤\u00a0#,##0.00" if letters else None
    expected = format_currency(major, currency, pattern, locale=locale)
    assert text.money(amount, language, currency) == expected
    bare = format_currency(major, currency, "#,##0.00", locale=locale)
    assert text.figure(amount, language, currency) == bare


@hypothesis.given(amounts, languages)
def test_numbers_and_rates_are_written_as_babel_writes_them(value: int, language: Language) -> None:
    """Thousands are grouped, idle zeros left out, shares cut off at a tenth of a percent."""
    locale = LOCALES[language]
    assert text.number(value, language) == format_decimal(value, locale=locale)
    exact = format_percent(Decimal(value).scaleb(-6), "#,##0.####%", locale=locale)
    assert text.rate(value, language) == exact
    tenths = format_percent(Decimal(value // 1_000).scaleb(-3), "#,##0.#%", locale=locale)
    assert text.share(value, language) == tenths


@hypothesis.given(days, languages)
def test_days_and_months_are_written_as_babel_writes_them(day: dt.date, language: Language) -> None:
    """Every day of the calendar, in both languages."""
    locale = LOCALES[language]
    assert text.date(day.isoformat(), language) == format_date(day, "medium", locale=locale)
    month = day.isoformat()[:7]
    shown = format_date(day, "yyyy年M月" if language == "zh" else "MMM y", locale=locale)
    assert text.month(month, language) == shown.lstrip("0")
    assert text.month_name(month, language) == format_date(day, "MMM", locale=locale)


@hypothesis.given(st.integers(0, 4_102_444_800_000), languages, st.integers(-720, 840))
def test_instants_are_written_as_babel_writes_them(
    instant_ms: int, language: Language, offset_minutes: int
) -> None:
    """The wall clock at any distance from UTC, to the second."""
    zone = dt.timezone(dt.timedelta(minutes=offset_minutes))
    local = dt.datetime.fromtimestamp(instant_ms // 1_000, zone)
    expected = format_datetime(local, "medium", tzinfo=zone, locale=LOCALES[language])
    assert text.instant(instant_ms, language, offset_minutes) == expected


UNITS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12, "万": 10**4, "亿": 10**8, "万亿": 10**12}


@hypothesis.given(st.integers(10**6, 10**18), languages)
def test_short_money_is_right_to_half_of_its_last_decimal(amount: int, language: Language) -> None:
    """Read back, it differs from the amount by half a hundredth of its unit at most."""
    shown = text.short_money(amount, language)
    digits = shown.removeprefix("CN").removeprefix("¥").rstrip("KMBT万亿")
    unit = UNITS[shown[shown.index(digits) + len(digits) :]]
    read = Decimal(digits.replace(",", "")) * unit
    assert abs(read - Decimal(amount).scaleb(-2)) <= Decimal(unit) / 200


@pytest.mark.parametrize(
    ("amount", "english", "chinese"),
    [
        (99_99, "CN¥99.99", "¥99.99"),
        (1_234_00, "CN¥1.23K", "¥1,234.00"),
        (-12_345_678_00, "-CN¥12.35M", "-¥1,234.57万"),
        (480_260_000_00, "CN¥480.26M", "¥4.8亿"),
        (0, "CN¥0.00", "¥0.00"),
    ],
)
def test_charts_tell_large_amounts_shortly(amount: int, english: str, chinese: str) -> None:
    """A chart's label has room for a few digits and the unit that people say."""
    assert text.short_money(amount, "en") == english
    assert text.short_money(amount, "zh") == chinese


def test_a_day_that_is_none_is_refused() -> None:
    """What is no date is an error, not a text that looks like one."""
    with pytest.raises(ValueError, match="day is out of range"):
        text.date("2026-02-30", "en")

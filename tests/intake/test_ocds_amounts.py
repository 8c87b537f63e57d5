"""Amounts and dates: exact integers from what publishers write, nothing guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Malformed
from ledger.intake.amounts import currency_of, decimals_of, format_amount, parse_amount
from ledger.intake.dates import calendar_day, instant_us, is_date_time
from ledger.intake.parsing import Numeral
from ledger.money import MAX_AMOUNT_FEN


@pytest.mark.parametrize(
    ("spelled", "currency", "minor", "rounded"),
    [
        ("1311264", "MXN", 131126400, False),
        ("0.10", "MXN", 10, False),
        ("1e3", "MXN", 100000, False),
        ("1E-2", "MXN", 1, False),
        ("72349.20000000001", "MXN", 7234920, True),
        ("55463.776", "MXN", 5546378, True),
        ("0.005", "MXN", 1, True),
        ("-0.005", "MXN", -1, True),
        ("0.0049999999999999999999999999999999999", "MXN", 0, True),
        ("2809999872.0", "PYG", 2809999872, False),
        ("1.5", "JPY", 2, True),
        ("1.2345", "KWD", 1235, True),
        ("1.2345", "CLF", 12345, False),
        ("-0", "MXN", 0, False),
        ("90071992547409.91", "MXN", MAX_AMOUNT_FEN, False),
        ("1e-999999", "MXN", 0, True),
        ("0e999999", "MXN", 0, False),
    ],
)
def test_an_amount_becomes_minor_units(
    spelled: str, currency: str, minor: int, rounded: bool
) -> None:
    """Decimals by currency, a half away from zero, and whether that changed anything."""
    amount = parse_amount(Numeral(spelled), currency)
    assert (amount.minor, amount.rounded, amount.text) == (minor, rounded, False)
    assert parse_amount(f" {spelled} ", currency) == (minor, rounded, True)


@pytest.mark.parametrize(
    "value",
    ["", "1,234", "1.234,56", "MXN 5", "١٢", "0x10", "NaN", "inf", "1_000", None, True, ["1"], {}],
)
def test_what_is_no_amount_is_refused(value: object) -> None:
    """Separators are not guessed at, nor other digits than ASCII's."""
    with pytest.raises(Malformed, match="number"):
        parse_amount(value, "MXN")


@pytest.mark.parametrize(
    "value", ["90071992547409.92", "-90071992547409.92", "1e999999", "1" * 401, "1e9999999"]
)
def test_what_no_ledger_counts_is_refused(value: str) -> None:
    """Beyond 2^53−1 minor units readers would disagree; beyond 400 digits it is no amount."""
    with pytest.raises(Malformed):
        parse_amount(value, "MXN")


@given(st.decimals(min_value=-(10**13), max_value=10**13, allow_nan=False, places=5))
def test_rounding_agrees_with_integer_arithmetic(exact: Decimal) -> None:
    """Against an oracle without `decimal`: thousandths of a centavo, half away from zero."""
    thousandths = int(exact * 100_000)
    sign = -1 if thousandths < 0 else 1
    expected = sign * ((abs(thousandths) + 500) // 1000)
    assert parse_amount(Numeral(f"{exact:f}"), "MXN").minor == expected


@given(st.integers(-MAX_AMOUNT_FEN, MAX_AMOUNT_FEN), st.sampled_from(["MXN", "JPY", "KWD", "CLF"]))
def test_a_formatted_amount_parses_back(minor: int, currency: str) -> None:
    """Format and parse are a pair in every number of decimals."""
    assert parse_amount(format_amount(minor, currency), currency).minor == minor


def test_currencies_are_read_as_meant() -> None:
    """Moldova writes mdl; what is no code is counted as no currency."""
    assert (currency_of("mdl"), currency_of("Peso"), currency_of("")) == ("MDL", "XXX", "XXX")
    assert (decimals_of("ISK"), decimals_of("BHD"), decimals_of("XXX")) == (0, 3, 2)


@pytest.mark.parametrize(
    ("text", "microseconds", "day", "complete"),
    [
        ("1970-01-01T00:00:00Z", 0, "1970-01-01", True),
        ("2017-06-05T00:00:00-06:00", 1496642400000000, "2017-06-05", True),
        ("2019-11-25T17:20:38.1197059Z", 1574702438119705, "2019-11-25", True),
        ("2016-11-04T21:55:56.042551+02:00", 1478289356042551, "2016-11-04", True),
        ("2015-06-03", 1433289600000000, "2015-06-03", False),
        ("2015-06-03 10:00", 1433325600000000, "2015-06-03", False),
        ("2018-03-21T14:27:27-0400", 1521656847000000, "2018-03-21", False),
        ("2015-02-29T00:00:00Z", None, None, False),
        ("03/06/2015", None, None, False),
        ("2015-06-03T24:00:00Z", None, None, False),
        ("٢٠١٥-06-03", None, None, False),
        ("", None, None, False),
    ],
)
def test_published_dates(
    text: str, microseconds: int | None, day: str | None, complete: bool
) -> None:
    """Instants put releases in order; the day is the one that was written, whatever its offset."""
    assert instant_us(text) == microseconds
    assert calendar_day(text) == day
    assert is_date_time(text) is complete

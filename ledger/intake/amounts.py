"""Published amounts: decimal text to integer minor units, without a binary fraction in between.

    parse_amount(Numeral("1311264"), "MXN")    ->  Amount(131126400, rounded=False, text=False)
    parse_amount("283161.01", "MXN")           ->  Amount(28316101, rounded=False, text=True)
    parse_amount(Numeral("55463.776"), "MXN")  ->  Amount(5546378, rounded=True, text=False)
    parse_amount(Numeral("2809999872.0"), "PYG") -> Amount(2809999872, ...)

How many decimals a currency has is ISO 4217's; where an amount has more of them, it is rounded
half up (away from zero) and says so. A number that JSON writes as text is read when it is plain
decimal; thousands separators are not guessed at, because 1,234 is two different amounts.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from ledger.errors import Malformed
from ledger.intake.parsing import Numeral
from ledger.money import MAX_AMOUNT_FEN

NO_CURRENCY = "XXX"
"""ISO 4217's code for "no currency": what an amount is counted in whose publisher names none."""

_DECIMALS = {  # ISO 4217, minor units; every other currency has two
    currency: decimals
    for decimals, currencies in (
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    )
    for currency in currencies.split()
}
_USUAL_DECIMALS = 2
_CODE = re.compile(r"[A-Za-z]{3}")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,6})?")
_LARGEST = len(str(MAX_AMOUNT_FEN))
_CONTEXT = Context(prec=2 * _LARGEST)  # any amount that is not refused as too large fits
_MAX_CHARS = 400  # a number of more digits is no amount; the bound keeps arithmetic cheap


class Amount(NamedTuple):
    """An amount in minor units of its currency.

    Attributes:
        minor: the integer amount.
        rounded: the publisher wrote more decimals than the currency has.
        text: the publisher wrote text where a number belongs.

    """

    minor: int
    rounded: bool
    text: bool


def currency_of(text: str) -> str:
    """Return the currency code a publisher means: `mdl` is MDL; what is no code is `XXX`."""
    return text.upper() if _CODE.fullmatch(text) else NO_CURRENCY


def decimals_of(currency: str) -> int:
    """Return how many decimals amounts in `currency` have (ISO 4217; two where it is silent)."""
    return _DECIMALS.get(currency, _USUAL_DECIMALS)


def parse_amount(value: object, currency: str) -> Amount:
    """Return the amount that a publisher wrote as `value`, a `Numeral` or text.

    Raises:
        Malformed: `value` is neither, is not plain decimal, or exceeds 2^53−1 minor units.

    """
    if not isinstance(value, str):
        raise Malformed("The amount is neither a number nor text.")
    spelled = value.strip()
    if len(spelled) > _MAX_CHARS or not _DECIMAL.fullmatch(spelled):
        raise Malformed(f"The amount {spelled[:40]!r} is not a decimal number.")
    exact = Decimal(spelled)
    decimals = decimals_of(currency)
    if exact and exact.adjusted() + decimals > _LARGEST:
        raise Malformed(f"The amount {spelled[:40]} is larger than the ledger counts.")
    unit = Decimal((0, (1,), -decimals))
    nearest = exact.quantize(unit, rounding=ROUND_HALF_UP, context=_CONTEXT)
    minor = int(nearest.scaleb(decimals, context=_CONTEXT))
    if abs(minor) > MAX_AMOUNT_FEN:
        raise Malformed(f"The amount {spelled[:40]} is larger than the ledger counts.")
    return Amount(minor, nearest != exact, not isinstance(value, Numeral))


def format_amount(minor: int, currency: str) -> str:
    """Return an amount in minor units as plain decimal text, such as `11275200.00`."""
    decimals = decimals_of(currency)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    cut = len(digits) - decimals
    sign = "-" if minor < 0 else ""
    return sign + (f"{digits[:cut]}.{digits[cut:]}" if decimals else digits)

"""Amounts of bank messages: decimal text to whole units, without a binary fraction in between.

ISO 20022 writes amounts with up to five decimals, so a unit here is a hundred-thousandth of the
currency and 1,000 of them are a fen: `"100.01"` is 10,001,000 units, 10,001 fen.
"""

import re

UNITS_A_FEN = 1_000
DECIMALS = 5
_AMOUNT = re.compile(r"[+]?([0-9]{1,18})(?:\.([0-9]*))?", re.ASCII)
_FEN_A_YUAN = 100


def units_of(text: str) -> int | None:
    """Return the units of a written amount, or None if it is no plain decimal of that precision."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        return None
    fraction = (match[2] or "").rstrip("0")
    if len(fraction) > DECIMALS:
        return None
    return int(match[1] + fraction.ljust(DECIMALS, "0"))


def format_units(units: int) -> str:
    """Return units as decimal text, two decimals or as many as they need."""
    whole, part = divmod(abs(units), 10**DECIMALS)
    digits = f"{part:0{DECIMALS}}"
    kept = digits[:2] + digits[2:].rstrip("0")
    return f"{'-' if units < 0 else ''}{whole}.{kept}"


def format_fen(fen: int) -> str:
    """Return fen as a bank file writes them: `10001` is `100.01`."""
    return f"{fen // _FEN_A_YUAN}.{fen % _FEN_A_YUAN:02}"

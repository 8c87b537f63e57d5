"""How bank messages write numbers, dates and texts, and how they are read from a unit."""

import re

from ledger.bank.amounts import units_of
from ledger.bank.faults import FileRefused, fault
from ledger.bank.stream import Unit, is_date

_DATE_CHARS = 10
_COUNT = re.compile(r"[0-9]{1,15}", re.ASCII)


def units_in(unit: Unit, *paths: str) -> int | None:
    """Return the amount under a path, in hundred-thousandths, or None where there is none.

    Raises:
        FileRefused: it is no amount.

    """
    text = unit.first(*paths)
    if text is None:
        return None
    units = units_of(text)
    if units is None:
        raise FileRefused(fault("amount_invalid", place=unit.place(), value=text))
    return units


def count_in(unit: Unit, path: str) -> int | None:
    """Return the number under a path, or None where there is none.

    Raises:
        FileRefused: it is no number.

    """
    text = unit.first(path)
    if text is None:
        return None
    if not _COUNT.fullmatch(text):
        raise FileRefused(fault("amount_invalid", place=unit.place(), value=text))
    return int(text)


def date_in(unit: Unit, *names: str) -> str | None:
    """Return the first date of elements that hold a `Dt` or a `DtTm`, as a local date, or None.

    A time's own date counts: it is the bank's.
    """
    for name in names:
        text = unit.first(f"{name}/Dt", f"{name}/DtTm")
        if text is not None and is_date(text[:_DATE_CHARS]):
            return text[:_DATE_CHARS]
    return None


def joined(unit: Unit, *paths: str) -> str | None:
    """Return every text under the paths as one, or None where there is none."""
    return " ".join(text for path in paths for text in unit.every(path) if text) or None

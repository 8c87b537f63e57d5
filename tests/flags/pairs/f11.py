"""A cap below the rate from the contract's last day on, and from the day after."""

from projections.flags.prices import Priced
from projections.rulebook import CapRow


def _priced(from_date: str) -> Priced:
    caps = (CapRow(9, "care", "North", 4_999, from_date),)
    return Priced("c-1", "North", 5, "2026-12-31", {"care": 5_000}, caps)


FLAGGED = _priced("2026-12-31")
CLEAR = _priced("2027-01-01")

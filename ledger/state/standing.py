"""Qualifications and sanctions, as the law remembers them."""

from typing import NamedTuple

from ledger.parties import Grant


class Qualification(NamedTuple):
    """What a party is qualified for.

    Attributes:
        qualification: its id.
        party: who is qualified.
        kind: for what.
        grant: where it counts, and until when.
        suspended: whether it counts no longer.

    """

    qualification: str
    party: str
    kind: str
    grant: Grant
    suspended: bool


class Sanction(NamedTuple):
    """What a party is barred from.

    Attributes:
        sanction: its id.
        party: who is barred.
        imposed_by: the party that imposed it.
        grant: where it bars, and until when.
        from_date: first local day.
        lifted: local day on which it was lifted, or None.

    """

    sanction: str
    party: str
    imposed_by: str
    grant: Grant
    from_date: str
    lifted: str | None

    def in_force(self, today: str) -> bool:
        """Return whether it bars on the local date `today`; no more on the day it is lifted."""
        begun = self.from_date <= today and self.grant.in_force(today)
        return begun and (self.lifted is None or today < self.lifted)

    def falls_in(self, year: int) -> bool:
        """Return whether it was in force on any day of a calendar year."""
        first = max(self.from_date, f"{year:04}-01-01")
        return first <= f"{year:04}-12-31" and self.in_force(first)

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
        lifted: whether it ended before its time.

    """

    sanction: str
    party: str
    imposed_by: str
    grant: Grant
    from_date: str
    lifted: bool

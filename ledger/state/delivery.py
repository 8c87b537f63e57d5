"""People by token, and visits until their claim is answered."""

from typing import NamedTuple

from msgspec import Struct


class Beneficiary(NamedTuple):
    """A person entitled to a programme's services, by token.

    Attributes:
        beneficiary: the token.
        programme: which programme.
        monthly_cap_fen: the most it pays for the person in a calendar month.
        from_date: first day of entitlement.
        exited: first day without entitlement, and the instant at which that was recorded; or
            None.

    """

    beneficiary: str
    programme: str
    monthly_cap_fen: int
    from_date: str
    exited: tuple[str, str] | None


class Spotcheck(NamedTuple):
    """A spot check: of which contract, and the visits drawn; none once it is done."""

    contract: str
    visits: tuple[str, ...]


class Visit(Struct, frozen=True, gc=False, array_like=True):
    """A visit that is not yet claimed.

    Attributes:
        date: local day it began.
        service: service code.
        units: units given.
        worth_fen: units × rate.
        beneficiary: who was served.
        leaf: its event's leaf hash.
        denied: whether the person served denied it.

    """

    date: str
    service: str
    units: int
    worth_fen: int
    beneficiary: str
    leaf: bytes
    denied: bool

"""People by token, and visits until their claim is answered."""

from typing import NamedTuple

from msgspec import Struct


class Beneficiary(NamedTuple):
    """A person entitled to a programme's services, by token."""

    beneficiary: str
    programme: str
    monthly_cap_fen: int
    from_date: str


class Visit(Struct, frozen=True, gc=False):
    """A visit that is not yet claimed.

    Attributes:
        date: local day it began.
        service: service code.
        units: units given.
        worth_fen: units × rate.
        beneficiary: who was served.
        leaf: its event's leaf hash.

    """

    date: str
    service: str
    units: int
    worth_fen: int
    beneficiary: str
    leaf: bytes

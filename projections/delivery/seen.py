"""The most frequent events as far as the fold reads them: a year of a city has millions."""

from msgspec import Struct

from projections.decoding import Lean


class SeenPlace(Struct, frozen=True, gc=False):
    """`place` of a visit."""

    kind: str
    cell: str
    distance_m: int


class SeenVisit(Lean, frozen=True, kw_only=True, tag="visit.recorded"):
    """`visit.recorded`."""

    contract: str
    service: str
    beneficiary: str
    worker: str
    started_at: str
    ended_at: str
    units: int
    capture: str
    place: SeenPlace | None = None
    device: str | None = None


class SeenWord(Lean, frozen=True, kw_only=True):
    """What `visit.confirmed` and `visit.denied` have in common."""

    contract: str
    visits: list[str]
    channel: str
    device: str | None = None


class SeenConfirmation(SeenWord, frozen=True, kw_only=True, tag="visit.confirmed"):
    """`visit.confirmed`."""


class SeenDenial(SeenWord, frozen=True, kw_only=True, tag="visit.denied"):
    """`visit.denied`."""


SEEN = (SeenVisit, SeenConfirmation, SeenDenial)

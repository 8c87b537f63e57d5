"""Tenders, their lots, and awards, as the law remembers them."""

from typing import Literal, NamedTuple


class Lot(NamedTuple):
    """A tender's lot, and the award that took it, if any."""

    lot: str
    service: str
    rate_cap_fen: int
    value_fen: int
    lines: tuple[str, ...]
    award: str | None
    area: str | None


class Tender(NamedTuple):
    """A tender and its lots."""

    tender: str
    programme: str
    purchaser: str
    status: Literal["published", "cancelled"]
    lots: dict[str, Lot]


class Award(NamedTuple):
    """An award, and the contract that carries it out, if any."""

    award: str
    tender: str
    lot: str
    winner: str
    value_fen: int
    contract: str | None

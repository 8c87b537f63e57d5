"""Tenders, their lots and questions, and awards, as the law remembers them."""

from typing import Literal, NamedTuple


class Lot(NamedTuple):
    """A tender's lot, the award that took it, if any, and whether it failed."""

    lot: str
    service: str
    rate_cap_fen: int
    value_fen: int
    lines: tuple[str, ...]
    award: str | None
    area: str | None
    failed: bool = False


class Tender(NamedTuple):
    """A tender and its lots.

    Attributes:
        tender: its id.
        programme: the programme it serves.
        purchaser: whose it is.
        status: published; failed or cancelled as a whole.
        lots: its lots by id.
        method: how suppliers are found.
        opens_ms: from when bids are received.
        closes_ms: until when.
        reveal_end_ms: until when they are shown (C20).
        notice_end_ms: from when a single source may be awarded (C04); 0 of other methods.
        challenge_end_ms: until when its own terms can be challenged (C06).
        questions_until_ms: until when questions are asked, or None: until it closes.
        criteria: ids of what bids are compared by.
        challenges: ids of the challenges to it and its awards.

    """

    tender: str
    programme: str
    purchaser: str
    status: Literal["published", "failed", "cancelled"]
    lots: dict[str, Lot]
    method: str
    opens_ms: int
    closes_ms: int
    reveal_end_ms: int
    notice_end_ms: int
    challenge_end_ms: int
    questions_until_ms: int | None
    criteria: frozenset[str]
    challenges: tuple[str, ...] = ()


class Question(NamedTuple):
    """A question about a tender, and whether it was answered."""

    question: str
    tender: str
    answered: bool


class Award(NamedTuple):
    """An award, and the contract that carries it out, if any.

    Attributes:
        award: its id.
        tender: its tender.
        lot: its lot.
        winner: who won.
        value_fen: for how much at most.
        contract: the contract that carries it out, or None.
        ranking: the bidders, best first.
        challenge_end_ms: until when it can be challenged (C06).
        rates: rates in fen that the winner bid, by service code; None where it sealed no bid.
        standing: whether it was not cancelled.

    """

    award: str
    tender: str
    lot: str
    winner: str
    value_fen: int
    contract: str | None
    ranking: tuple[str, ...]
    challenge_end_ms: int
    rates: dict[str, int] | None
    standing: bool = True

"""Bids, as the law remembers them."""

from typing import Literal, NamedTuple


class Bid(NamedTuple):
    """A bid for a lot.

    Attributes:
        bid: its id.
        tender: for which tender.
        lot: for which of its lots.
        bidder: whose.
        commitment: SHA-256 of the canonical committed object, hex.
        status: how far it has come; only a revealed one is valid.
        value_fen: what it asks for the lot; 0 until it is revealed.
        rates: what it asks for one unit, by service code.

    """

    bid: str
    tender: str
    lot: str
    bidder: str
    commitment: str
    status: Literal["sealed", "withdrawn", "revealed", "forfeited", "disqualified"]
    value_fen: int
    rates: dict[str, int]

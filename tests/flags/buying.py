"""Purchases, markets and dealings for the rules of procurement, with what matters to one rule."""

from collections.abc import Sequence

from ledger.times import MS_PER_DAY
from projections.flags.dealings import Act, Dealing, Signed
from projections.flags.markets import Buying, Deal, Market
from projections.flags.procurement import NATIVE, Award, Bid, Purchase
from projections.tenders.tables import InterestRow

OPENS_MS = 1_768_000_000_000
"""When purchases open, by default."""


def bid(
    bidder: str,
    amount_minor: int | None = None,
    status: str = "valid",
    *,
    received_ms: int | None = None,
    position: int = 2,
) -> Bid:
    """Return a bid of one bidder."""
    return Bid(status, (bidder,), amount_minor, "CNY", received_ms, (position,))


def award(*suppliers: str, status: str = "active", categories: Sequence[str] = ("care",)) -> Award:
    """Return an award."""
    return Award(status, suppliers, tuple(categories), (9,))


def purchase(
    *bids: Bid, awards: Sequence[Award] = (), number: int = 1, days: int = 20, **fields: object
) -> Purchase:
    """Return an open purchase with bids and awards."""
    made = Purchase(
        key=f"t-{number}/1",
        subject=f"tender/t-{number}",
        origin=NATIVE,
        method="open",
        details="open",
        cancelled=False,
        failed=False,
        judged=True,
        buyer="GOV",
        tenderers=None,
        opens_ms=OPENS_MS,
        closes_ms=OPENS_MS + days * MS_PER_DAY,
        bids=bids,
        awards=tuple(awards),
        evidence=(number,),
    )
    return made._replace(**fields)  # type: ignore[arg-type]


def contested(number: int, lowest: int, winning: int = 1_000) -> Purchase:
    """Return a purchase that W won, and L bid next."""
    bids = (bid("W", winning, position=100 + number), bid("L", lowest, position=200 + number))
    return purchase(*bids, awards=[award("W")], number=number)


def market(
    *purchases: Purchase, buyings: Sequence[Buying] = (), deals: Sequence[Deal] = ()
) -> Market:
    """Return this ledger's market."""
    return Market(NATIVE, list(purchases), list(buyings), list(deals))


def buying(number: int, amount_fen: int, **fields: object) -> Buying:
    """Return a purchase by consultation from line-1."""
    made = Buying(
        tender=f"t-{number}",
        buyer="GOV",
        line="line-1",
        category="care",
        year="2026",
        method="consultation",
        amount_fen=amount_fen,
        whole_fen=amount_fen,
        evidence=(number,),
    )
    return made._replace(**fields)  # type: ignore[arg-type]


def deal(number: int, provider: str, value_fen: int, area: str = "East") -> Deal:
    """Return a contract of a market."""
    return Deal(f"c-{number}", provider, area, "care", value_fen, (number,))


def signed(**fields: object) -> Signed:
    """Return a contract of 1,000 fen that was published in time."""
    made = Signed(
        contract="c-1",
        provider="PRO",
        value_fen=1_000,
        supplements_fen=0,
        due_ms=OPENS_MS,
        published_ms=OPENS_MS - 1,
        evidence=(20, 25),
        published=22,
    )
    return made._replace(**fields)  # type: ignore[arg-type]


def dealing(**fields: object) -> Dealing:
    """Return a lot that the purchaser's officer published, with two bidders."""
    made = Dealing(
        key="t-1/1",
        tender="t-1",
        buyer="GOV",
        bidders=("PRO", "PR2"),
        acts=(Act("officer", "GOV", "2026-03-01", (1,)),),
        interests={"officer": ()},
        parents={"GOV": (), "PRO": (), "PR2": ()},
        now_ms=OPENS_MS,
        contract=None,
        evidence=(1,),
        bids={"PRO": 2, "PR2": 3},
    )
    return made._replace(**fields)  # type: ignore[arg-type]


def interest(relation: str, counterparty: str, last: str) -> InterestRow:
    """Return what the officer declared, from 2020 to `last`."""
    return InterestRow(7, "officer", relation, counterparty, "2020-01-01", last, "[]", 0)

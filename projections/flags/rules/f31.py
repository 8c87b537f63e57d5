"""F31: a bidder that loses always, or is often put out.

Over all purchases of a market (this ledger's, or one publisher's), one of two:

- `wins`: of the purchases in which a bidder had a valid bid, the share it won is at or below the
  lower fence Q1 − fence × (Q3 − Q1) of all bidders, and it bid in more of them than three
  quarters of the bidders (Cardinal R025); only purchases with one final award to one supplier
  count, and consortia are left out;
- `disqualified`: of the bids that a bidder handed in, at least two, the share disqualified is at or
  above the upper fence Q3 + fence × (Q3 − Q1); likewise, of those handed in to a buyer with two
  purchases or more, the share that the buyer disqualified (Cardinal R038).

The fence is `fence_ppm` millionths (1.5); a share at a quartile is no outlier, so that where most
shares are alike none is flagged for being like the rest. Cancelled purchases are left out.

Why look: a partner in collusion mimics competition by bids made to lose, or made to be put out; and
a corrupt buyer puts out whom it does not want.

Innocent: a newcomer that learns, a small provider that bids for everything, a buyer with exacting
terms. Look at whether the loser bids where one and the same bidder wins, and at what it asks there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from projections.flags.fences import Fences, fences, third_quartile
from projections.flags.markets import MARKETS, Market
from projections.flags.procurement import (
    NATIVE,
    Purchase,
    evidence_of,
    only_winner,
    percent,
    subject_of,
    submitted,
)
from projections.flags.rule import Flagged, Rule, Thresholds

_LEAST = 2


class Outlier(NamedTuple):
    """A bidder or buyer beyond the fence.

    Attributes:
        measure: what is measured, `wins` or `disqualified`.
        name: who.
        part: how many it won, or were disqualified.
        whole: of how many.
        fence: the fence.

    """

    measure: str
    name: str
    part: int
    whole: int
    fence: Fraction

    @property
    def share(self) -> Fraction:
        """The share that is compared with the fence."""
        return Fraction(self.part, self.whole)


def serial_losers(purchases: Iterable[Purchase], fence_ppm: int) -> list[Outlier]:
    """Return the bidders that bid much and win next to nothing (R025)."""
    wins: Counter[str] = Counter()
    bids: Counter[str] = Counter()
    for purchase in purchases:
        winner = only_winner(purchase)
        if winner is None:
            continue
        valid = (b for b in purchase.bids if b.status == "valid" and len(b.tenderers) == 1)
        for name in {bid.tenderers[0] for bid in valid}:
            bids[name] += 1
            wins[name] += name == winner
    fence = _fences(wins, bids, fence_ppm)
    if fence is None:
        return []
    many = third_quartile(Fraction(count) for count in bids.values())
    return [
        Outlier("wins", name, wins[name], count, fence.lower)
        for name, count in sorted(bids.items())
        if count > many and fence.is_low(Fraction(wins[name], count))
    ]


def often_out(purchases: Iterable[Purchase], fence_ppm: int) -> list[Outlier]:
    """Return the bidders whose bids are often disqualified (R038)."""
    out: Counter[str] = Counter()
    bids: Counter[str] = Counter()
    for purchase in purchases:
        for bid in () if purchase.cancelled else submitted(purchase):
            for name in bid.tenderers:
                bids[name] += 1
                out[name] += bid.status == "disqualified"
    return _high(out, Counter({name: n for name, n in bids.items() if n >= _LEAST}), fence_ppm)


def often_putting_out(
    purchases: Iterable[Purchase], fence_ppm: int, least: int = _LEAST
) -> list[Outlier]:
    """Return the buyers that often disqualify, of those with `least` purchases (R038)."""
    out: Counter[str] = Counter()
    bids: Counter[str] = Counter()
    bought: Counter[str] = Counter()
    for purchase in purchases:
        handed_in = [] if purchase.cancelled else submitted(purchase)
        if handed_in and purchase.buyer:
            bought[purchase.buyer] += 1
            bids[purchase.buyer] += len(handed_in)
            out[purchase.buyer] += sum(bid.status == "disqualified" for bid in handed_in)
    counted = Counter({name: n for name, n in bids.items() if bought[name] >= least})
    return _high(out, counted, fence_ppm)


def _high(part: Counter[str], whole: Counter[str], fence_ppm: int) -> list[Outlier]:
    fence = _fences(part, whole, fence_ppm)
    if fence is None:
        return []
    return [
        Outlier("disqualified", name, part[name], count, fence.upper)
        for name, count in sorted(whole.items())
        if fence.is_high(Fraction(part[name], count))
    ]


def _fences(part: Counter[str], whole: Counter[str], fence_ppm: int) -> Fences | None:
    return fences((Fraction(part[name], count) for name, count in whole.items()), fence_ppm)


def _judge(market: Market, thresholds: Thresholds) -> Iterator[Flagged]:
    fence_ppm = thresholds["fence_ppm"]
    origin = NATIVE if market.key == NATIVE else market.key.partition("/")[0]
    bidders = serial_losers(market.purchases, fence_ppm) + often_out(market.purchases, fence_ppm)
    buyers = often_putting_out(market.purchases, fence_ppm)
    for outlier, evidence in [
        *((each, _bids_of(market.purchases, each.name)) for each in bidders),
        *((each, _bids_to(market.purchases, each.name)) for each in buyers),
    ]:
        yield Flagged(
            subject_of(origin, outlier.name),
            evidence,
            {
                "who": outlier.name,
                "origin": origin,
                "measure": outlier.measure,
                "part": outlier.part,
                "bids": outlier.whole,
                "share_percent": percent(outlier.share),
                "fence_percent": percent(outlier.fence),
            },
            party=outlier.name if origin == NATIVE else None,
        )


def _bids_of(purchases: Iterable[Purchase], name: str) -> tuple[int, ...]:
    """Return the positions of a bidder's bids."""
    bids = (bid for purchase in purchases for bid in purchase.bids if name in bid.tenderers)
    return evidence_of(*(bid.evidence for bid in bids))


def _bids_to(purchases: Iterable[Purchase], name: str) -> tuple[int, ...]:
    """Return the positions of the bids that a buyer disqualified."""
    bids = (bid for purchase in purchases if purchase.buyer == name for bid in purchase.bids)
    return evidence_of(*(bid.evidence for bid in bids if bid.status == "disqualified"))


F31 = Rule(
    "f31",
    "Always loses, or is often disqualified",
    "{who}: {part} of {bids} bids ({share_percent} %, measured: {measure}); the fence of all is "
    "{fence_percent} %.",
    "Cardinal R025, R038",
    MARKETS,
    _judge,
)

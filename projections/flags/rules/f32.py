"""F32: a deep discount, or a supplier of everything.

Over all purchases of a market (this ledger's, or one publisher's), one of two:

- `discount`: the lowest valid bid of another is above the winner's by a share at or above the upper
  fence Q3 + fence × (Q3 − Q1) of all purchases, as in F27 (Cardinal R058);
- `categories`: a supplier has won so many different categories that their number is at or above the
  upper fence of all suppliers, rounded up (Cardinal R048). A category is that of the service; of
  what others publish it is the first two digits of a classification's code (a division of the CPV,
  a segment of the UNSPSC). Awards to several suppliers are left out.

The fence is `fence_ppm` millionths (1.5); a value at the third quartile is no outlier.

Why look: a bid far below all others is for something else, or will be made good by supplements
(F33), short visits (F12) or worse; and who supplies everything may be an intermediary that supplies
nothing itself.

Innocent: a provider that is new and wants the work, one with its own premises; a large provider
with many qualifications. Look at the costs in the bid, at wages, at who does the work.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from projections.flags.fences import fences
from projections.flags.markets import MARKETS, Market
from projections.flags.procurement import (
    NATIVE,
    Contest,
    Purchase,
    active,
    evidence_of,
    evidence_of_bids,
    party_of,
    percent,
    subject_of,
)
from projections.flags.rule import Flagged, Rule, Thresholds
from projections.flags.rules.f27 import contests


class Mixed(NamedTuple):
    """A supplier of many categories.

    Attributes:
        supplier: who.
        categories: how many.
        fence: from how many on.

    """

    supplier: str
    categories: int
    fence: int


def discounts(
    purchases: Iterable[Purchase], fence_ppm: int, excluded: Collection[str] = ()
) -> list[tuple[Purchase, Contest, str]]:
    """Return the purchases above the fence, each with its bids and the fence in per cent."""
    compared = contests(purchases, excluded)
    fence = fences((contest.difference for _, contest in compared), fence_ppm)
    if fence is None:
        return []
    return [
        (purchase, contest, percent(fence.upper))
        for purchase, contest in compared
        if fence.is_high(contest.difference)
    ]


def mixed_suppliers(purchases: Iterable[Purchase], fence_ppm: int) -> list[Mixed]:
    """Return the suppliers that win in many categories (R048)."""
    won: defaultdict[str, set[str]] = defaultdict(set)
    for purchase in purchases:
        for award in () if purchase.cancelled else active(purchase):
            if len(award.suppliers) == 1 and award.categories:
                won[award.suppliers[0]].update(award.categories)
    counts = {supplier: Fraction(len(categories)) for supplier, categories in won.items()}
    fence = fences(counts.values(), fence_ppm)
    if fence is None:
        return []
    upper = ceil(fence.upper)
    return [
        Mixed(supplier, int(count), upper)
        for supplier, count in sorted(counts.items())
        if count >= upper and count > fence.q3
    ]


def _judge(market: Market, thresholds: Thresholds) -> Iterator[Flagged]:
    fence_ppm = thresholds["fence_ppm"]
    for purchase, contest, fence in discounts(market.purchases, fence_ppm):
        yield Flagged(
            purchase.subject,
            evidence_of(purchase.evidence[:1], evidence_of_bids([contest.winning, contest.lowest])),
            {
                "who": contest.winner,
                "purchase": purchase.key,
                "origin": purchase.origin,
                "measure": "discount",
                "value": f"{percent(contest.difference)} %",
                "fence": f"{fence} %",
            },
            party=party_of(purchase, contest.winner),
        )
    origin = NATIVE if market.key == NATIVE else market.key.partition("/")[0]
    for mixed in mixed_suppliers(market.purchases, fence_ppm):
        yield Flagged(
            subject_of(origin, mixed.supplier),
            _awards_of(market.purchases, mixed.supplier),
            {
                "who": mixed.supplier,
                "origin": origin,
                "measure": "categories",
                "value": mixed.categories,
                "fence": mixed.fence,
            },
            party=mixed.supplier if origin == NATIVE else None,
        )


def _awards_of(purchases: Iterable[Purchase], supplier: str) -> tuple[int, ...]:
    awards = (award for purchase in purchases for award in active(purchase))
    return evidence_of(*(award.evidence for award in awards if award.suppliers == (supplier,)))


F32 = Rule(
    "f32",
    "Deep discount, or a supplier of everything",
    "{who}: {value} (measured: {measure}), beyond the fence of all, {fence}.",
    "Cardinal R058, R048",
    MARKETS,
    _judge,
)

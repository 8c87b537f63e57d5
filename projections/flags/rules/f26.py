"""F26: a short time to bid.

From the instant at which a purchase opens for bids to the one at which it closes are fewer than
`days` days of 24 hours, and the method is competitive (open or invited; OCDS open or selective).
What others publish without a readable start or end is left out.

Why look: who is to bid needs time, and who knew before needs none. From the tender's publication to
its close are 20 days at least (Government Procurement Law 35), which the ledger enforces on its
own; a tender that opens late, or one published elsewhere, shows here. Cardinal R003 measures the
same; its default is 15 days and every method, since OCDS leaves the minimum of each method to the
country.

Innocent: an urgent need that was approved, a second round after a failed tender, a method with a
shorter legal minimum (selective elsewhere). Look at the reason given, and at whether the winner
was the incumbent.
"""

from collections.abc import Collection, Iterator

from ledger.times import MS_PER_DAY, MS_PER_HOUR
from projections.flags.procurement import COMPETITIVE, Purchase
from projections.flags.purchases import PURCHASES
from projections.flags.rule import Flagged, Rule, Thresholds


def open_ms(purchase: Purchase, methods: Collection[str] = COMPETITIVE) -> int | None:
    """Return how long bids are received, in milliseconds; None where it is not known or asked.

    `methods` are those asked about; none for all, as Cardinal's default is.
    """
    if methods and purchase.method not in methods:
        return None
    if purchase.opens_ms is None or purchase.closes_ms is None:
        return None
    return purchase.closes_ms - purchase.opens_ms


def _judge(purchase: Purchase, thresholds: Thresholds) -> Iterator[Flagged]:
    window_ms = open_ms(purchase)
    if window_ms is not None and window_ms < thresholds["days"] * MS_PER_DAY:
        yield Flagged(
            purchase.subject,
            purchase.evidence[:1],
            {
                "purchase": purchase.key,
                "origin": purchase.origin,
                "hours": window_ms // MS_PER_HOUR,
                "days": thresholds["days"],
            },
        )


F26 = Rule(
    "f26",
    "Short time to bid",
    "Bids for {purchase} were received for {hours} hours, less than {days} days.",
    "Government Procurement Law 35; Cardinal R003",
    PURCHASES,
    _judge,
)

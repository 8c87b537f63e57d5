"""F36: one supplier has most of a market.

Of the contracts of this ledger in one area and one category of services, at least two, one
provider's are worth more than `share_ppm` of the whole. A contract's value is as signed, with what
amendments changed. A single contract is no market.

Why look: where one provider has most of the work, tenders are not competed for, prices are not
tested, and people cannot be cared for by others when it fails (Open Contracting Partnership, Red
Flags in Public Procurement, 2024: high market concentration; State Administration for Market
Regulation, Anti-monopoly Law 24: a half is presumed to dominate).

Innocent: a small area, a rural one, a specialised service; a good provider that wins on merit. Look
at who else is qualified, who bid and lost, and at F25 to F31 of the same tenders.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction

from ledger.money import PPM
from projections.flags.markets import MARKETS, Deal, Market
from projections.flags.procurement import evidence_of, percent
from projections.flags.rule import Flagged, Rule, Thresholds

_LEAST = 2


def _judge(market: Market, thresholds: Thresholds) -> Iterator[Flagged]:
    groups: defaultdict[tuple[str, str], list[Deal]] = defaultdict(list)
    for deal in market.deals:
        groups[deal.area, deal.category].append(deal)
    for (area, category), deals in sorted(groups.items()):
        by_provider: Counter[str] = Counter()
        for deal in deals:
            by_provider[deal.provider] += deal.value_fen
        whole_fen = by_provider.total()
        provider, most_fen = max(by_provider.items(), key=lambda each: (each[1], each[0]))
        if len(deals) < _LEAST or most_fen * PPM <= thresholds["share_ppm"] * whole_fen:
            continue
        own = [deal for deal in deals if deal.provider == provider]
        yield Flagged(
            f"party/{provider}",
            evidence_of(*(deal.evidence for deal in own)),
            {
                "provider": provider,
                "area": area,
                "category": category,
                "contracts": len(own),
                "of_contracts": len(deals),
                "value_fen": most_fen,
                "whole_fen": whole_fen,
                "share_percent": percent(Fraction(most_fen, whole_fen)),
            },
            party=provider,
        )


F36 = Rule(
    "f36",
    "One supplier has most of a market",
    "{provider} has {contracts} of {of_contracts} contracts for {category} in {area}, "
    "{share_percent} % of their value of {whole_fen}.",
    "Open Contracting Partnership, Red Flags in Public Procurement; Anti-monopoly Law 24",
    MARKETS,
    _judge,
)

"""F24: a purchase split in parts.

Of one buyer, one fund line and one category of services, the purchases of a calendar year that
were not tendered openly: what they take from the line comes to the limit for open tenders
(`amount_fen`) or more, and each of them came to less. At least two, lots that failed or were
cancelled left out. A purchase is a tender; its lots of one category count together, each with the
value of its contract, before that of its award, before that as tendered. Openly tendered purchases
are not counted, and do not excuse the others.

Why look: who buys under one budget item, within a budget year, goods or services of one kind
several times without open tender, and goes over the limit for open tenders in sum, evades open
tender by splitting (化整为零; Regulation on the Implementation of the Government Procurement Law
28; Law 28). The limit is that of the central catalogue, or as published here.

Innocent: the budget item was adjusted within the year, an approved single source, needs that could
not be foreseen together. Look at the dates of the plans, at who won, and whether the services are
really one need.
"""

from collections import defaultdict
from collections.abc import Iterator

from projections.flags.markets import MARKETS, Buying, Market
from projections.flags.procurement import evidence_of, named
from projections.flags.rule import Flagged, Rule, Thresholds

_LEAST = 2


def _judge(market: Market, thresholds: Thresholds) -> Iterator[Flagged]:
    limit_fen = thresholds["amount_fen"]
    groups: defaultdict[tuple[str, str, str, str], list[Buying]] = defaultdict(list)
    for each in market.buyings:
        if each.method != "open" and each.whole_fen < limit_fen:
            groups[each.buyer, each.line, each.category, each.year].append(each)
    for (buyer, line, category, year), buyings in sorted(groups.items()):
        sum_fen = sum(each.amount_fen for each in buyings)
        if len(buyings) < _LEAST or sum_fen < limit_fen:
            continue
        yield Flagged(
            f"line/{line}",
            evidence_of(*(each.evidence for each in buyings)),
            {
                "purchases": len(buyings),
                "tenders": named(each.tender for each in buyings),
                "category": category,
                "line": line,
                "year": year,
                "sum_fen": sum_fen,
                "limit_fen": limit_fen,
            },
            party=buyer or None,
        )


F24 = Rule(
    "f24",
    "Purchase split in parts",
    "In {year}, {purchases} purchases of {category} from line {line} ({tenders}) come to "
    "{sum_fen} without an open tender, each below the limit of {limit_fen}.",
    "Regulation on the Implementation of the Government Procurement Law 28",
    MARKETS,
    _judge,
)

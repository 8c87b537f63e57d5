"""The OCDS extensions that our releases use, and which of them a release does use.

A package declares an extension only where one of its releases carries a fact that needs it.
Where an extension's repository has tags, the address names the one for OCDS 1.1; the extension
registry lists the others by their repository alone.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from projections.ocds.values import Release

_HOME: Final = "https://raw.githubusercontent.com/open-contracting-extensions"

BIDS: Final = f"{_HOME}/ocds_bid_extension/v1.1.5/extension.json"
LOTS: Final = f"{_HOME}/ocds_lots_extension/v1.1.5/extension.json"
METRICS: Final = f"{_HOME}/ocds_metrics_extension/1.1/extension.json"
TRANSACTION_MILESTONES: Final = (
    f"{_HOME}/ocds_transactions_relatedMilestone_extension/v1.1/extension.json"
)
PERFORMANCE_FAILURES: Final = f"{_HOME}/ocds_performance_failures_extension/master/extension.json"
BUDGET: Final = f"{_HOME}/ocds_budget_breakdown_extension/master/extension.json"
CONTRACT_COMPLETION: Final = f"{_HOME}/ocds_contract_completion_extension/master/extension.json"
FINANCE: Final = f"{_HOME}/ocds_finance_extension/master/extension.json"

BUDGET_AND_SPEND: Final = f"{_HOME}/ocds_budget_and_spend_extension/master/extension.json"
"""Ours do not use it; what others published may."""

OWN_PATH: Final = "/v1/ocds/extension/extension.json"
"""Where a server of ours serves its own extension (docs/ocds-extension.md)."""

_CONTRACT: Final = "contracts"
_IMPLEMENTATION: Final = "contracts/implementation"

_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "bids": (BIDS,),
    "awards/relatedBid": (BIDS,),
    "tender/lots": (LOTS,),
    "tender/items/relatedLot": (LOTS,),
    "bids/details/relatedLots": (LOTS,),
    "awards/relatedLots": (LOTS,),
    "planning/budget/budgetBreakdown": (BUDGET,),
    "planning/budget/budgetBreakdown/measures": (BUDGET, BUDGET_AND_SPEND),
    "planning/budget/budgetBreakdown/classifications": (BUDGET, BUDGET_AND_SPEND),
    f"{_IMPLEMENTATION}/financialProgress": (BUDGET_AND_SPEND,),
    f"{_CONTRACT}/agreedMetrics": (METRICS,),
    f"{_CONTRACT}/finance": (FINANCE,),
    f"{_IMPLEMENTATION}/metrics": (METRICS,),
    f"{_IMPLEMENTATION}/performanceFailures": (PERFORMANCE_FAILURES,),
    f"{_IMPLEMENTATION}/finalValue": (CONTRACT_COMPLETION,),
    # Its reference to a milestone is defined by the metrics extension.
    f"{_IMPLEMENTATION}/transactions/relatedImplementationMilestone": (
        METRICS,
        TRANSACTION_MILESTONES,
    ),
}
_DEPTH: Final = max(path.count("/") for path in _FIELDS) + 1


def extensions_of(release: Release) -> set[str]:
    """Return the addresses of the registered extensions that a release uses."""
    return {used for path in _paths(release, "", _DEPTH) for used in _FIELDS.get(path, ())}


def _paths(value: Release, prefix: str, depth: int) -> Iterator[str]:
    """Yield the paths of fields through objects and lists, a `/` between two names."""
    for name, member in value.items():
        path = f"{prefix}{name}"
        yield path
        members: Iterable[object] = member if isinstance(member, list) else (member,)
        for each in members if depth > 1 else ():
            if isinstance(each, dict):
                yield from _paths(each, f"{path}/", depth - 1)

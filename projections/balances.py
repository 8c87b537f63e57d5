"""Balances of accounts, added up from the journal's flows; no amount is computed again here."""

from collections import defaultdict
from collections.abc import Iterable

from ledger.postings import CHART
from projections.feed import Flow


def balance_changes(flows: Iterable[Flow]) -> dict[tuple[str, str, str | None], int]:
    """Return by how many fen each account changed, on its normal side.

    Keys are (account, line, contract): the contract for accounts that are kept by contract (see
    `ledger.postings.CHART`), None for all others, tender lots included.
    """
    changes: defaultdict[tuple[str, str, str | None], int] = defaultdict(int)
    for flow in flows:
        for name, debited in ((flow.debit, True), (flow.credit, False)):
            account = CHART[name]
            about = flow.contract if account.about == "contract" else None
            rises = account.debit_normal == debited
            changes[name, flow.line, about] += flow.amount_fen if rises else -flow.amount_fen
    return changes

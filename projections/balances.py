"""Balances and turnover, added up from the journal's flows; no amount is computed again here.

A *balance* is what an account holds; its *turnover* is what was debited and credited to it in a
month; a *stage* is how far money of the budget came, net of what was taken back.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from ledger.postings import CHART, STAGES
from ledger.postings import stages_of as stages_of_posting
from projections.feed import Flow


class Turnover(NamedTuple):
    """What was debited and credited to an account, in fen, and the last position that did."""

    debit_fen: int
    credit_fen: int
    last_position: int


def balance_changes(flows: Iterable[Flow]) -> dict[tuple[str, str, str | None], int]:
    """Return by how many fen each account changed, on its normal side.

    Keys are (account, line, contract): the contract for accounts that are kept by contract (see
    `ledger.postings.CHART`), None for all others, tender lots included.
    """
    changes: defaultdict[tuple[str, str, str | None], int] = defaultdict(int)
    for flow in flows:
        for name, debited in ((flow.debit, True), (flow.credit, False)):
            rises = CHART[name].debit_normal == debited
            key = (name, flow.line, _about(flow, name))
            changes[key] += flow.amount_fen if rises else -flow.amount_fen
    return changes


def last_changes(flows: Iterable[Flow]) -> dict[tuple[str, str, str | None], int]:
    """Return the position of the last event that posted to each account, by the same keys."""
    last: defaultdict[tuple[str, str, str | None], int] = defaultdict(int)
    for flow in flows:
        for name in (flow.debit, flow.credit):
            key = (name, flow.line, _about(flow, name))
            last[key] = max(last[key], flow.last_position)
    return last


def turnovers(flows: Iterable[Flow]) -> dict[tuple[str, str], Turnover]:
    """Return the turnover of each account, by (line, account)."""
    found: dict[tuple[str, str], Turnover] = {}
    for flow in flows:
        for account, debit_fen, credit_fen in (
            (flow.debit, flow.amount_fen, 0),
            (flow.credit, 0, flow.amount_fen),
        ):
            before = found.get((flow.line, account), Turnover(0, 0, 0))
            found[flow.line, account] = Turnover(
                before.debit_fen + debit_fen,
                before.credit_fen + credit_fen,
                max(before.last_position, flow.last_position),
            )
    return found


def stages_of(flows: Iterable[Flow]) -> dict[str, int]:
    """Return how many fen came to each of `STAGES` by the flows, less what went back.

    What goes onward is not taken off: money that was committed stays committed when it is paid.
    """
    came = dict.fromkeys(STAGES, 0)
    for flow in flows:
        for stage, sign in stages_of_posting(flow.debit, flow.credit):
            came[stage] += sign * flow.amount_fen
    return came


def _about(flow: Flow, account: str) -> str | None:
    return flow.contract if CHART[account].about == "contract" else None

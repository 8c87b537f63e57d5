"""What the books show: the postings of a statement, and what stands in a contract's accounts."""

from collections.abc import Iterable

from world import World

from ledger.postings import CHART
from ledger.rules.admission import Admitted

CONTRACT_ACCOUNTS = [name for name, account in CHART.items() if account.about == "contract"]


def posted(admitted: Iterable[Admitted]) -> list[str]:
    """Return the postings of a statement as text, `debit → credit line fen`."""
    return [
        f"{posting.debit} → {posting.credit} {posting.line} {posting.amount_fen}"
        for each in admitted
        for posting in each.postings
    ]


def held(world: World, contract: str) -> dict[str, list[int]]:
    """Return what each account holds for a contract on its lines, without empty accounts."""
    record = world.state.contracts[contract]
    holdings = {name: world.state.holdings(name, record) for name in CONTRACT_ACCOUNTS}
    return {name: parts for name, parts in holdings.items() if any(parts)}

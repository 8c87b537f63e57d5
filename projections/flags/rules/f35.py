"""F35: a contract published late, or not yet.

A contract's text was published, or is still unpublished at the ledger's last recorded instant,
after the end of the second working day after it was signed (clock C09). Both instants are those at
which the ledger recorded them; working days and limit are those in force when it was signed.

Why look: what was bought, from whom and for how much is public within two working days (Regulation
on the Implementation of the Government Procurement Law 50). A contract that stays out of sight
cannot be compared with its tender, nor challenged in time.

Innocent: commercial secrets that had to be struck out first, a platform that was down. Look at what
differs between the tender, the award and the contract.
"""

from collections.abc import Iterator

from ledger.times import MS_PER_HOUR
from projections.flags.dealings import DEALINGS, Dealing
from projections.flags.procurement import evidence_of
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(dealing: Dealing, _thresholds: Thresholds) -> Iterator[Flagged]:
    contract = dealing.contract
    if contract is None:
        return
    until_ms = dealing.now_ms if contract.published_ms is None else contract.published_ms
    if until_ms < contract.due_ms:
        return
    published = () if contract.published is None else (contract.published,)
    yield Flagged(
        f"contract/{contract.contract}",
        evidence_of(contract.evidence[:1], published),
        {
            "contract": contract.contract,
            # Still unpublished, it is later with every hour: what is said must not change.
            "hours": 0 if not published else (until_ms - contract.due_ms) // MS_PER_HOUR,
            "published": len(published),
        },
        contract=contract.contract,
        party=dealing.buyer or None,
    )


F35 = Rule(
    "f35",
    "Contract published late",
    "{contract} was not published within two working days (published: {published}; hours late: "
    "{hours}).",
    "Regulation on the Implementation of the Government Procurement Law 50",
    DEALINGS,
    _judge,
)

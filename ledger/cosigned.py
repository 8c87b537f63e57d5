"""Which cosigned checkpoint of a ledger to show: the one that a reader's policy is content with."""

from collections.abc import Iterator

from ledger.errors import LedgerError
from ledger.policy import Policy, open_cosigned
from ledger.store.reading import Reader
from ledger.store.rows import CosignedRow

MOST_SOUGHT = 1_000
"""Cosigned checkpoints that are looked at: a week of them, at one every ten minutes."""


def first_cosigned(store: Reader, index: int, policy: Policy | None) -> CosignedRow | None:
    """Return the oldest cosigned checkpoint over statement `index` that `policy` is content with.

    Once there is one it stays the same. Without a policy any will do.
    """
    rows = store.cosigned_over(index, MOST_SOUGHT, newest=False)
    return next(_contenting(rows, policy), None)


def newest_cosigned(store: Reader, index: int, policy: Policy | None) -> CosignedRow | None:
    """Return the newest cosigned checkpoint over statement `index` that `policy` is content with.

    Where the policy marks witnesses as replaying, one that such a witness cosigned goes before.
    """
    found: CosignedRow | None = None
    for row in _contenting(store.cosigned_over(index, MOST_SOUGHT, newest=True), policy):
        found = found or row
        if policy is None or not policy.replays:
            break
        if not policy.replays.isdisjoint(open_cosigned(row.note, policy).cosigned_s):
            return row
    return found


def _contenting(rows: list[CosignedRow], policy: Policy | None) -> Iterator[CosignedRow]:
    for row in rows:
        try:
            if policy is not None and policy.logs:
                open_cosigned(row.note, policy)
        except LedgerError:
            continue  # short of the quorum, say: another one may do
        yield row

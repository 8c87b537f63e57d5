"""How a posting of a contract falls on its fund lines (funds.md: Several lines).

It splits in proportion to what the debited account holds for the contract on each line, and the
other book mirrors it; so no posting exceeds a line, and the last one empties it.
"""

from collections.abc import Sequence

from ledger.errors import Refused
from ledger.money import split
from ledger.postings import Posting
from ledger.state import State


def lines_of(state: State, contract: str) -> tuple[str, ...]:
    """Return a contract's fund lines, in its order."""
    return tuple(line for line, _ in state.contracts[contract].lines)


def split_among(
    state: State, contract: str, lines: Sequence[str], account: str, amount_fen: int
) -> list[int]:
    """Split an amount by what an account holds for a contract on `lines`.

    Raises:
        Refused: `guard_broken` where it holds less.

    """
    held = [state.balance(account, line, contract) for line in lines]
    if amount_fen > sum(held):
        raise Refused(
            "guard_broken",
            account=account,
            line=" and ".join(lines),
            available_fen=sum(held),
            asked_fen=amount_fen,
        )
    return split(amount_fen, held)


def flows(
    contract: str, lines: Sequence[str], debit: str, credit: str, parts: Sequence[int]
) -> list[Posting]:
    """Return the postings that move `parts` (fen, one a line)."""
    return [
        Posting(debit, credit, line, part_fen, contract)
        for line, part_fen in zip(lines, parts, strict=True)
        if part_fen
    ]

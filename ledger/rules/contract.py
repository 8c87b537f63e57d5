"""Law of contracts, as far as all of it shares: what a contract allows, and what it can bear.

signing     both sides sign what they agree, and its value is committed
amending    what both may change, and how later years are funded
suspending  suspended, resumed, terminated: by both sides or by a reviewer, never by one
ending      the end, when nothing is open

What may be done in which status:

    status       visits recorded           bound anew (care plan,   amended,   billed, answered,
                                           advance)                 funded     paid, closed
    active       yes                       yes                      yes        yes
    suspended    that began before it      no                       yes        yes
    terminated   no                        no                       no         yes
    closed       no                        no                       no         no
"""

from ledger.errors import Refused
from ledger.money import split
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rules.act import look_up
from ledger.state import State
from ledger.state.contract import Contract


def both_sides(contract: Contract) -> tuple[Seat, Seat]:
    """Return the seats of an act that purchaser and provider sign."""
    return (Seat("purchaser", contract.buyer), Seat("provider", contract.provider))


def active(state: State, contract_id: str) -> Contract:
    """Return a contract under which somebody may still be bound to something new.

    Raises:
        Refused: `reference_unknown`, `contract_not_active`.

    """
    return _in_status(state, contract_id, "active")


def changeable(state: State, contract_id: str) -> Contract:
    """Return a contract whose terms may still be changed: it is active or suspended.

    Raises:
        Refused: `reference_unknown`, `contract_not_active`.

    """
    return _in_status(state, contract_id, "active", "suspended")


def unclosed(state: State, contract_id: str) -> Contract:
    """Return a contract under which what was done may still be billed, answered and paid.

    Raises:
        Refused: `reference_unknown`, `contract_not_active`.

    """
    return _in_status(state, contract_id, "active", "suspended", "terminated")


def check_promises(state: State, contract: Contract, promised_fen: int, delta_fen: int = 0) -> None:
    """Check that open claims and disputes stay within what is committed and prepaid.

    What only bonuses may use is left out.

    Raises:
        Refused: `promises_exceed_commitment`.

    """
    committed_fen = sum(state.holdings("committed", contract)) + delta_fen
    committed_fen += sum(state.holdings("prepaid", contract))
    committed_fen -= contract.bonus_max_fen - contract.bonus_granted_fen
    if promised_fen > committed_fen:
        raise Refused(
            "promises_exceed_commitment",
            contract=contract.contract,
            committed_fen=committed_fen,
            promised_fen=promised_fen,
        )


def draw(state: State, contract: Contract, account: str, amount_fen: int) -> list[int]:
    """Return an amount in parts, in proportion to what an account holds on each line.

    Raises:
        Refused: `guard_broken`, where the account holds less.

    """
    held = state.holdings(account, contract)
    if amount_fen > sum(held):
        raise Refused(
            "guard_broken",
            account=account,
            line=", ".join(line for line, _ in contract.lines),
            available_fen=sum(held),
            asked_fen=amount_fen,
        )
    return split(amount_fen, held)


def moves(contract: Contract, debit: str, credit: str, parts: list[int]) -> list[Posting]:
    """Return the postings that move `parts` (fen, one a line of the contract)."""
    return [
        Posting(debit, credit, line, part_fen, contract.contract)
        for (line, _), part_fen in zip(contract.lines, parts, strict=True)
        if part_fen
    ]


def _in_status(state: State, contract_id: str, *allowed: str) -> Contract:
    contract = look_up(state.contracts, "contract", contract_id)
    if contract.status not in allowed:
        raise Refused("contract_not_active", contract=contract_id, status=contract.status)
    return contract

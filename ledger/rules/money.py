"""Booking: guards before a posting, invariants after an event.

A guarded account never falls below zero, so nothing is overspent: no race and no query can. The
invariants are asked after every event that moved money, in the live ledger before anything is
written and again in every replay, and they stay on under `python -O`.
"""

from collections.abc import Sequence

from ledger.errors import InvariantBroken, Refused
from ledger.money import MAX_AMOUNT_FEN
from ledger.postings import (
    CHART,
    CONTRACT_STAGES,
    GUARDED,
    GUARDED_AUTHORITY,
    SOURCES,
    Account,
    Posting,
)
from ledger.state import State


def book(state: State, postings: Sequence[Posting]) -> None:
    """Move the money of one event, and check that the books still agree.

    Raises:
        Refused: `guard_broken`, `amount_overflows`.
        InvariantBroken: the postings themselves are wrong.

    """
    for posting in postings:
        debit, credit = CHART[posting.debit], CHART[posting.credit]
        if debit.book != credit.book or posting.amount_fen <= 0:
            raise InvariantBroken(f"I0: {posting} does not balance inside one book")
        amount_fen = posting.amount_fen
        _move(state, posting, debit, amount_fen if debit.debit_normal else -amount_fen)
        _move(state, posting, credit, -amount_fen if credit.debit_normal else amount_fen)


def lapse_returns(state: State, postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    """Return an event's postings, and behind them what lapses of what they bring back.

    Whatever returns to `allotted` on a line that has lapsed goes on to `lapsed` in the same
    event, and the cash for it with it (funds: Year end): nothing on such a line is free to spend.
    """
    returns = {p.line for p in postings if p.credit == "allotted" and state.lines[p.line].lapsed}
    if not returns:
        return postings
    onward = []
    for line in sorted(returns):
        returned_fen = sum(
            posting.amount_fen * ((posting.credit == "allotted") - (posting.debit == "allotted"))
            for posting in postings
            if posting.line == line
        )
        if returned_fen > 0:
            onward.append(Posting("allotted", "lapsed", line, returned_fen))
            onward.append(Posting("equity", "cash", line, returned_fen))
    return (*postings, *onward)


def check_invariants(
    state: State, postings: Sequence[Posting], subjects: Sequence[str], *, commits: bool
) -> None:
    """Check I0 to I7 on every line and contract that `postings` moved (funds: Invariants).

    `subjects` are the keys of what the event is about: no event moves another contract's money.
    `commits` tells whether the event may commit money to a contract or release it; any other
    leaves what stands in a contract's stages, together, as it was on each line.

    Raises:
        InvariantBroken: with the invariant's name, the line and the figures.

    """
    for posting in postings:
        _check_posting(state, posting, subjects, commits=commits)
    _check_carried(postings)
    for line in {posting.line for posting in postings}:
        _check_line(state, line)
    for contract in {posting.contract for posting in postings if posting.contract is not None}:
        _check_contract(state, contract)


def _move(state: State, posting: Posting, account: Account, change_fen: int) -> None:
    key = (account.name, posting.line, posting.about(account))
    before_fen = state.balances.get(key, 0)
    after_fen = before_fen + change_fen
    if after_fen < 0 and account.guarded:
        raise Refused(
            "guard_broken",
            account=account.name,
            line=posting.line,
            available_fen=before_fen,
            asked_fen=-change_fen,
        )
    total = (account.name, posting.line)
    total_fen = state.totals.get(total, 0) + change_fen
    if not -MAX_AMOUNT_FEN <= total_fen <= MAX_AMOUNT_FEN:
        raise Refused(
            "amount_overflows", account=account.name, line=posting.line, limit_fen=MAX_AMOUNT_FEN
        )
    state.put(state.balances, key, after_fen)
    state.put(state.totals, total, total_fen)


def _check_posting(
    state: State, posting: Posting, subjects: Sequence[str], *, commits: bool
) -> None:
    """Check what no sum over a line or a contract would show."""
    if posting.contract is not None and f"contract/{posting.contract}" not in subjects:
        raise InvariantBroken(f"I6: {posting} is of another contract than its event: {subjects}")
    if not commits and (posting.debit in CONTRACT_STAGES) != (posting.credit in CONTRACT_STAGES):
        raise InvariantBroken(f"I6: {posting} commits or releases, which its event may not")
    for name in (posting.debit, posting.credit):
        held_fen = state.balance(name, posting.line, posting.about(CHART[name]))
        if held_fen < 0 and name in GUARDED:
            raise InvariantBroken(f"I1: {name} of line {posting.line} holds {held_fen} fen")


def _check_carried(postings: Sequence[Posting]) -> None:
    """Check that what one line's authority loses by a carry-over, another's gains (I1)."""
    out_fen = sum(posting.amount_fen for posting in postings if posting.credit == "carried")
    in_fen = sum(posting.amount_fen for posting in postings if posting.debit == "source_carried")
    _expect("I1", "authority carried out and in", out_fen, in_fen)


def _check_line(state: State, line: str) -> None:
    balances = state.line_balances(line)
    for name in ("authority", "proprietary"):
        debit_fen = credit_fen = 0
        for account in CHART.values():
            if account.book == name and account.debit_normal:
                debit_fen += balances[account.name]
            elif account.book == name:
                credit_fen += balances[account.name]
        _expect("I0", f"the {name} book of line {line}", debit_fen, credit_fen)
    granted_fen = -sum(balances[source] for source in SOURCES)
    standing_fen = sum(balances[account] for account in GUARDED_AUTHORITY)
    _expect("I1", f"authority of line {line}", granted_fen, standing_fen)
    free_fen = balances["appropriated"] + balances["allotted"]
    if state.lines[line].lapsed and free_fen:
        raise InvariantBroken(f"I1: line {line} has lapsed and holds {free_fen} fen to spend")
    in_contracts_fen = sum(balances[stage] for stage in CONTRACT_STAGES)
    if in_contracts_fen > granted_fen:
        raise InvariantBroken(
            f"I7: contracts of line {line} hold {in_contracts_fen} fen of {granted_fen} granted"
        )


def _check_contract(state: State, contract_id: str) -> None:
    contract = state.contracts[contract_id]
    for line, _ in contract.lines:
        held = {
            account.name: state.balance(account.name, line, contract_id)
            for account in CHART.values()
            if account.about == "contract"
        }
        where = f"contract {contract_id} on line {line}"
        _expect("I2", where, held["payable"], held["accrued"])
        _expect("I3", where, held["retention_payable"], held["retained"])
        _expect("I4", where, held["advances"], held["prepaid"] + held["advance_ordered"])
        _expect(
            "I5",
            where,
            held["in_transit"],
            held["ordered"] + held["interest_ordered"] + held["advance_ordered"],
        )
    stages_fen = sum(sum(state.holdings(stage, contract)) for stage in CONTRACT_STAGES)
    if contract.status == "closed":
        # After closing nothing is committed any more; what was paid may bounce, and be paid again.
        standing_fen = sum(
            sum(state.holdings(stage, contract)) for stage in ("accrued", "ordered", "paid")
        )
    else:
        later_fen = sum(contract.later_fen.values())
        standing_fen = contract.value_fen - later_fen - contract.released_fen
    _expect("I6", f"contract {contract_id}", stages_fen, standing_fen)


def _expect(invariant: str, where: str, left_fen: int, right_fen: int) -> None:
    if left_fen != right_fen:
        raise InvariantBroken(f"{invariant}: {where}: {left_fen} fen is not {right_fen} fen")

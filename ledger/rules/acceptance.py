"""Acceptance: what happens to a sum that is accepted, whoever accepts it and however late.

Of an accepted sum G the advance takes its part and the contract holds a part back (funds):

    R = min(prepaid, G, max(round(recovery_ppm × G), G - committed))    advance recovered
    W = min(round(retention_ppm × G), G - R)                            held back
    M = min(what deductions left open, G - R - W)                       deducted (rules: deduction)
    G - R - W - M                                                       payable at once

    97,000.00 with 20 % recovery, 5 % retention and 240,000.00 prepaid:
    R = 19,400.00, W = 4,850.00, payable 72,750.00

An advance is always recovered in the end: where less is committed than is accepted, the prepaid
money pays the rest. Each posting splits in proportion to what the debited account holds for the
contract on each line, so no line is overdrawn and the last fen leaves each.
"""

from typing import Literal, NamedTuple

from ledger.money import PPM, round_half_up, split
from ledger.postings import Posting
from ledger.rules.accepted import add_accepted
from ledger.rules.act import take
from ledger.rules.contract import moves
from ledger.state import State
from ledger.state.claim import Claim
from ledger.state.contract import Contract


class Acceptance(NamedTuple):
    """An accepted sum and its parts.

    Attributes:
        accepted_fen: all of it.
        recovered_fen: paid before, by an advance.
        retained_fen: held back.
        deducted_fen: taken by deductions that found nothing else to take.

    """

    accepted_fen: int
    recovered_fen: int
    retained_fen: int
    deducted_fen: int

    @property
    def payable_fen(self) -> int:
        """What is to be paid now."""
        return self.accepted_fen - self.recovered_fen - self.retained_fen - self.deducted_fen


def acceptance_of(state: State, contract: Contract, accepted_fen: int) -> Acceptance:
    """Return how a sum is accepted, at most what is committed and prepaid (funds: Acceptance)."""
    committed_fen = sum(state.holdings("committed", contract))
    recovered_fen = min(
        sum(state.holdings("prepaid", contract)),
        accepted_fen,
        max(
            round_half_up(contract.recovery_ppm * accepted_fen, PPM),
            accepted_fen - committed_fen,
        ),
    )
    retained_fen = min(
        round_half_up(contract.retention_ppm * accepted_fen, PPM), accepted_fen - recovered_fen
    )
    left_fen = accepted_fen - recovered_fen - retained_fen
    deducted_fen = min(contract.deduction_memo_fen, left_fen)
    return Acceptance(accepted_fen, recovered_fen, retained_fen, deducted_fen)


def post_acceptance(state: State, contract: Contract, accepted_fen: int) -> list[Posting]:
    """Return the postings of an accepted sum; the proprietary book mirrors the split."""
    accepted = acceptance_of(state, contract, accepted_fen)
    delivered = split(accepted_fen - accepted.recovered_fen, state.holdings("committed", contract))
    recovered = split(accepted.recovered_fen, state.holdings("prepaid", contract))
    held = state.holdings("accrued", contract)
    accrued = [fen + part for fen, part in zip(held, delivered, strict=True)]
    retained = split(accepted.retained_fen, accrued)
    left = [fen - part for fen, part in zip(accrued, retained, strict=True)]
    deducted = split(accepted.deducted_fen, left)
    expense = [sum(parts) for parts in zip(delivered, recovered, strict=True)]
    return [
        *moves(contract, "committed", "accrued", delivered),
        *moves(contract, "prepaid", "paid", recovered),
        *moves(contract, "accrued", "retained", retained),
        *moves(contract, "service_expense", "payable", expense),
        *moves(contract, "payable", "advances", recovered),
        *moves(contract, "payable", "retention_payable", retained),
        *moves(contract, "accrued", "committed", deducted),
        *moves(contract, "payable", "service_expense", deducted),
    ]


def book_acceptance(state: State, claim_id: str, accepted: Acceptance) -> None:
    """Remember what was accepted of a claim, and what deductions have taken of it."""
    add_accepted(state, claim_id, accepted.accepted_fen)
    if accepted.deducted_fen:
        contract = state.contracts[state.claims[claim_id].contract]
        memo_fen = contract.deduction_memo_fen - accepted.deducted_fen
        contract = contract._replace(deduction_memo_fen=memo_fen)
        state.put(state.contracts, contract.contract, contract)


def promise(state: State, contract_id: str, delta_fen: int) -> None:
    """Change what the open claims and disputes of a contract come to."""
    contract = state.contracts[contract_id]
    state.put(
        state.contracts,
        contract_id,
        contract._replace(promised_fen=contract.promised_fen + delta_fen),
    )


class Owed(NamedTuple):
    """A sum owed beyond claims; fields are those of `Claim`."""

    contract: str
    status: Literal["awarded", "released", "granted"]
    payable_fen: int
    owed_since: int
    answered_by: tuple[str, ...] = ()


def award(
    state: State, claim_id: str, event_id: str, payable_fen: int, decided_by: tuple[str, ...]
) -> None:
    """Let what an event awards on an answered claim be paid; it keeps the claim's start (C13)."""
    claim = state.claims[claim_id]
    owed_since = claim.answer_by if claim.owed_since is None else claim.owed_since
    judges = tuple(dict.fromkeys((*claim.answered_by, *decided_by)))
    owe(state, event_id, Owed(claim.contract, "awarded", payable_fen, owed_since, judges))


def owe(state: State, event_id: str, owed: Owed) -> None:
    """Let a sum be paid under the id of the event that made it payable (docs/decisions/0028).

    The id must be free among claims. Where nothing is payable, nothing is owed.
    """
    if not owed.payable_fen:
        return
    take(state, "claim", event_id)
    claim = Claim(
        claim=event_id,
        contract=owed.contract,
        status=owed.status,
        claim_fen=owed.payable_fen,
        payable_fen=owed.payable_fen,
        disputed_fen=0,
        answered_by=owed.answered_by,
        payment=None,
        answer_by=owed.owed_since,
        contest_by=owed.owed_since,
        owed_since=owed.owed_since,
    )
    state.put(state.claims, event_id, claim)

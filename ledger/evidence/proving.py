"""Proofs as of a ledger's last closing, made from its database.

closing = last_closing(store)
data = prove_state(store, closing, "contract/c-17", policy)      how a subject stood
lines = prove_history(store, closing, "contract/c-17", policy)   and all that this rests on
made = prove_receivable(store, closing, "k-2026-03", policy)     what of a claim is unpaid
"""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.evidence.history import confirmation_of, history_until, since_of
from ledger.evidence.standing import LastClosing, contract_of_claim
from ledger.evidence.stored import StoreEvidence
from ledger.historyproof import make_history_proof
from ledger.policy import Policy
from ledger.proof import make_event_proof
from ledger.receivableproof import make_receivable_proof
from ledger.stateproof import make_state_proof
from ledger.store.histories import count_after, ids_after, opening_of, uuid_of
from ledger.store.reading import Reader


class Later(NamedTuple):
    """What touched a subject after a closing and is in no proof as of it.

    Attributes:
        events: how many events.
        ids: ids of the first of them.

    """

    events: int
    ids: list[str]


class Receivable(NamedTuple):
    """A receivable proof, and the contract under which the claim is.

    Attributes:
        key: the contract's key, `contract/c-17`.
        proof: the proof file.

    """

    key: str
    proof: bytes


def prove_state(store: Reader, closing: LastClosing, key: str, policy: Policy | None) -> bytes:
    """Return the proof of how a subject stood, for readers with `policy`.

    Raises:
        LedgerError: there was no such subject.

    """
    evidence = StoreEvidence(store, policy)
    return make_state_proof(make_event_proof(evidence, closing.event_id), closing.leaves, key)


def prove_history(
    store: Reader, closing: LastClosing, key: str, policy: Policy | None
) -> Iterator[bytes]:
    """Yield the lines of a subject's history proof, which begins with its state proof.

    A contract's has the ledger's opening in it, which says when the days begin that the law counts.
    Memory: two pages of events.

    Raises:
        LedgerError: there was no such subject.

    """
    opening = None
    if key.startswith("contract/"):
        opening = make_event_proof(StoreEvidence(store, policy), opening_of(store).id)
    state_proof = prove_state(store, closing, key, policy)
    return make_history_proof(state_proof, history_until(store, key, closing.position), opening)


def prove_receivable(
    store: Reader, closing: LastClosing, claim: str, policy: Policy | None
) -> Receivable:
    """Return the proof of what was unpaid of a claim, with its confirmation where there is one.

    Raises:
        LedgerError: nothing was unpaid of it.

    """
    key = contract_of_claim(closing, claim)
    state_proof = prove_state(store, closing, key, policy)
    confirmed = since = None
    standing = confirmation_of(store, key, claim, closing.position)
    if standing is not None:
        confirmed = make_event_proof(StoreEvidence(store, policy), uuid_of(standing.row))
        since = since_of(store, key, standing.ordinal, closing.position)
    return Receivable(key, make_receivable_proof(claim, state_proof, confirmed, since))


def later_than(store: Reader, closing: LastClosing, key: str) -> Later:
    """Return what touched a subject since a closing."""
    return Later(count_after(store, key, closing.position), ids_after(store, key, closing.position))

r"""Receivable proofs: what a provider is still owed on a claim, for a bank to check offline.

**Receivable proof** (`.receivable.json`), canonical JSON:

    {"claim":"k-1",
     "confirmed":{…an event proof of the claim's receivable.confirmed…},
     "since":{"chain":"4da6…","events":["{…}", …]},
     "state":{…a state proof of the contract…}}

The contract's leaf says what is unpaid of the claim and to whom it is assigned. Whether both sides
confirmed the sum it does not say: that is what `confirmed` and `since` are for, present together
or not at all. `since` has every event that touches the contract from the confirmation up to the
closing, and the rolling hash before them: they must give the one in the leaf, so that none can be
left out, and none of them may have released the receivable. Without them the sum is only stated.

The proof is as old as its closing. Between a closing and now the same sum can be assigned to
somebody else, so a proof older than `MAX_AGE_MS` is refused unless the checker says otherwise; a
lender's own safety is the receipt of its `receivable.assigned`, which the law admits only once.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ledger import canonical
from ledger.errors import LedgerError, Malformed, Unverified
from ledger.events import decode_event
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableReleased,
    ReceivableRequested,
)
from ledger.merkle import leaf_hash
from ledger.policy import Policy
from ledger.proof import MAX_PROOF_BYTES, Checked, check_event_proof
from ledger.state.subject import extend_chain
from ledger.stateproof import CheckedState, check_state_proof
from ledger.times import MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, format_instant

MAX_AGE_MS = MS_PER_DAY
"""How old a closing may be for a lender to rely on what it says."""

AHEAD_MS = 10 * MS_PER_MINUTE
"""How far a checker's clock may be behind the ledger's."""

_FIELDS = frozenset({"claim", "state"})
_CONFIRMED_FIELDS = _FIELDS | {"confirmed", "since"}
_CHAIN_HEX = 64


class Since(NamedTuple):
    """The end of a subject's history.

    Attributes:
        chain: the rolling hash before it.
        bodies: its events, as they were signed.

    """

    chain: bytes
    bodies: Sequence[bytes]


class CheckedReceivable(NamedTuple):
    """What a receivable proof shows, as of its closing.

    Attributes:
        claim: on which claim.
        contract: under which contract.
        provider: who is owed.
        buyer: who owes.
        status: submitted, answered, or accepted because nobody answered in time.
        unpaid_fen: accepted, to be paid and not paid yet; interest is not counted.
        disputed_fen: in dispute, not to be paid yet.
        assigned_to: the lender that the sum is assigned to, or None.
        confirmed_fen: what both sides confirmed and nobody released since; None where the sum is
            only stated.
        confirmed: the confirmation's place, signers and time, or None.
        state: the contract's leaf, and the closing that commits to it.

    """

    claim: str
    contract: str
    provider: str
    buyer: str
    status: str
    unpaid_fen: int
    disputed_fen: int
    assigned_to: str | None
    confirmed_fen: int | None
    confirmed: Checked | None
    state: CheckedState

    @property
    def closed_ms(self) -> int:
        """When the closing was recorded, milliseconds since the epoch."""
        return self.state.closing.recorded_ms


def make_receivable_proof(
    claim: str, state_proof: bytes, confirmed: bytes | None, since: Since | None
) -> bytes:
    """Return the proof of a claim's receivable, with its confirmation where there is one.

    Raises:
        LedgerError: it would be longer than a proof may be.

    """
    proof: dict[str, Any] = {
        "claim": claim,
        "state": canonical.decode(state_proof, MAX_PROOF_BYTES),
    }
    if confirmed is not None and since is not None:
        proof["confirmed"] = canonical.decode(confirmed, MAX_PROOF_BYTES)
        proof["since"] = {
            "chain": since.chain.hex(),
            "events": [body.decode() for body in since.bodies],
        }
    try:
        return canonical.encode(proof, MAX_PROOF_BYTES)
    except ValueError as error:
        raise LedgerError(
            f"the contract's history since {claim} was confirmed is too long for one proof: "
            f"{error}; show the receipt of the confirmation instead"
        ) from error


def check_receivable_proof(data: bytes, policy: Policy | None) -> CheckedReceivable:
    """Check a receivable proof; works offline. How old it is, `check_fresh` judges.

    Raises:
        Malformed: it is not in its form.
        Unverified: it does not show what it claims.
        Refused: signatures in it are not those they should be.

    """
    proof = canonical.decode(data, MAX_PROOF_BYTES)
    if not isinstance(proof, dict) or proof.keys() not in (_FIELDS, _CONFIRMED_FIELDS):
        names = ", ".join(sorted(_CONFIRMED_FIELDS))
        raise Malformed(f"a receivable proof has the fields {names}; the middle two may be absent")
    claim = proof["claim"]
    state = check_state_proof(canonical.encode(proof["state"], MAX_PROOF_BYTES), policy)
    kind, _, contract = state.key.partition("/")
    if kind != "contract":
        raise Unverified(f"a receivable is proved by its contract's state, not that of {state.key}")
    leaf = canonical.decode(state.leaf)
    owed = next((each for each in leaf["claims"] if each["claim"] == claim), None)
    if owed is None:
        raise Unverified(f"nothing of the claim {claim} was unpaid at the closing")
    confirmed_fen = confirmed = None
    if "since" in proof:
        confirmed = check_event_proof(canonical.encode(proof["confirmed"], MAX_PROOF_BYTES), policy)
        confirmed_fen = _confirmed(claim, confirmed, proof["since"], state)
    return CheckedReceivable(
        claim=claim,
        contract=contract,
        provider=leaf["provider"],
        buyer=leaf["buyer"],
        status=owed["status"],
        unpaid_fen=owed["unpaid_fen"],
        disputed_fen=owed["disputed_fen"],
        assigned_to=owed.get("assigned_to"),
        confirmed_fen=confirmed_fen,
        confirmed=confirmed,
        state=state,
    )


def check_fresh(checked: CheckedReceivable, now_ms: int) -> None:
    """Check that a proof is not older than a lender may rely on.

    Raises:
        Unverified: it is, or its closing lies in the future of this clock.

    """
    age_ms = now_ms - checked.closed_ms
    if age_ms < -AHEAD_MS:
        raise Unverified(
            f"the closing was recorded at {format_instant(checked.closed_ms)}, and this machine's "
            f"clock says {format_instant(now_ms)}: set the clock, or say --stale-ok"
        )
    if age_ms > MAX_AGE_MS:
        raise Unverified(
            f"the proof is {age_ms // MS_PER_HOUR} hours old, and since its closing the sum may "
            "have been paid or assigned to somebody else: ask for one of a closing within 24 "
            "hours, or say --stale-ok; a lender's own safety is the receipt of its "
            "receivable.assigned"
        )


def _confirmed(claim: str, confirmed: Checked, since: Any, state: CheckedState) -> int:
    """Check that a confirmation stands at the closing; return what it confirms."""
    if not isinstance(since, dict) or since.keys() != {"chain", "events"}:
        raise Malformed("`since` has the fields chain, events and no other")
    chain_text, bodies = since["chain"], since["events"]
    if not isinstance(chain_text, str) or len(chain_text) != _CHAIN_HEX:
        raise Malformed("the rolling hash before the confirmation is not 64 hex digits")
    if not isinstance(bodies, list) or not all(isinstance(body, str) for body in bodies):
        raise Malformed("the events since the confirmation are not a list of texts")
    try:
        chain = bytes.fromhex(chain_text)
    except ValueError:
        raise Malformed("the rolling hash before the confirmation is not hex") from None
    events = [body.encode() for body in bodies]
    told = canonical.decode(state.leaf)["chain"]
    if extend_chain(chain, map(leaf_hash, events)).hex() != told:
        raise Unverified("the events since the confirmation are not those of the contract's leaf")
    if not events or events[0] != confirmed.bodies[0]:
        raise Unverified("the event proved is not the first since the confirmation")
    first = decode_event(events[0])
    if not isinstance(first, ReceivableConfirmed) or first.claim != claim:
        raise Unverified(f"the event proved does not confirm a receivable on {claim}")
    for body in events[1:]:
        event = decode_event(body)
        if isinstance(event, _CHANGES) and event.claim == claim:
            raise Unverified(f"the confirmation of {claim} was given up before the closing")
    return first.amount_fen


_CHANGES = (ReceivableReleased, ReceivableRequested)
"""What ends a confirmation: the receivable is given back, or asked for anew."""

RECEIVABLE_EVENTS = (
    ReceivableRequested,
    ReceivableConfirmed,
    ReceivableAssigned,
    ReceivableReleased,
)
"""Every event about a receivable."""

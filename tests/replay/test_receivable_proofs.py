"""Receivable proofs: what a bank may rely on, and what it must not."""

from collections.abc import Callable
from typing import Any

import pytest
from histories import keep
from replay.histories import policy_of
from world import World

from ledger import canonical
from ledger.errors import LedgerError, Malformed, Unverified
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableReleased,
    ReceivableRequested,
)
from ledger.evidence.history import confirmation_of, since_of
from ledger.evidence.standing import contract_of_claim, last_closing
from ledger.evidence.stored import StoreEvidence
from ledger.note import COSIGNATURE_V1, Ed25519Signer, cosign, format_note, parse_note
from ledger.policy import Policy
from ledger.proof import MAX_PROOF_BYTES, make_event_proof
from ledger.receivableproof import (
    AHEAD_MS,
    MAX_AGE_MS,
    check_fresh,
    check_receivable_proof,
    make_receivable_proof,
)
from ledger.stateproof import make_state_proof
from ledger.store.histories import uuid_of
from ledger.store.reading import Reader

STEPS = (ReceivableRequested, ReceivableConfirmed, ReceivableAssigned, ReceivableReleased)
Proof = dict[str, Any]


def answered(steps: int) -> World:
    """Return a claim of 50.00 accepted, its receivable as far as `steps` leads, and a closing."""
    world = World.contracted()
    world.visits("c-1", days=2)
    world.claim("k-1", "c-1")
    world.answer("k-1")
    amount_fen = world.state.claims["k-1"].payable_fen
    for step in STEPS[:steps]:
        terms = {} if step is ReceivableReleased else {"amount_fen": amount_fen}
        world.do(world.make(step, claim="k-1", **terms))
    world.amend("c-1", 7)
    world.do(world.closed())
    return world


def prove(reader: Reader, claim: str = "k-1") -> bytes:
    """Return the proof of a receivable as of the last closing."""
    closing = last_closing(reader)
    key = contract_of_claim(closing, claim)
    evidence = StoreEvidence(reader)
    state = make_state_proof(make_event_proof(evidence, closing.event_id), closing.leaves, key)
    standing = confirmation_of(reader, key, claim, closing.position)
    if standing is None:
        return make_receivable_proof(claim, state, None, None)
    confirmed = make_event_proof(evidence, uuid_of(standing.row))
    since = since_of(reader, key, standing.ordinal, closing.position)
    return make_receivable_proof(claim, state, confirmed, since)


@pytest.fixture(scope="module")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[World, bytes]]:
    """Prove a receivable that is stated, requested, confirmed, assigned and released."""
    made = []
    for steps in range(len(STEPS) + 1):
        world = answered(steps)
        url = f"sqlite:///{tmp_path_factory.mktemp('ledger')}/ledger.db"
        with keep(url, world).ledger as ledger:
            made.append((world, prove(ledger.store)))
    return made


@pytest.mark.parametrize(
    ("steps", "confirmed_fen", "lender"),
    [(0, None, None), (1, None, None), (2, 10_000, None), (3, 10_000, "LEN"), (4, None, None)],
)
def test_it_says_what_is_owed_confirmed_and_assigned(
    proofs: list[tuple[World, bytes]], steps: int, confirmed_fen: int | None, lender: str | None
) -> None:
    """The claim's two sides, the sum, whether both confirmed it and whose it is, as of when."""
    world, proof = proofs[steps]
    found = check_receivable_proof(proof, policy_of(world))
    assert (found.claim, found.contract, found.provider, found.buyer) == (
        *("k-1", "c-1"),
        *("PRO", "BUY"),
    )
    assert (found.unpaid_fen, found.disputed_fen, found.status) == (10_000, 0, "answered")
    assert (found.confirmed_fen, found.assigned_to) == (confirmed_fen, lender)
    assert found.state.closing.verdict == "OK"
    assert found.closed_ms == world.statements[-1].recorded_ms
    if found.confirmed is not None:
        assert set(found.confirmed.signers) == {"BUY", "PRO"}


def test_both_databases_prove_the_same(database_url: str) -> None:
    """The same receivable from SQLite and PostgreSQL; a claim that is not there is told."""
    world = answered(3)
    with keep(database_url, world).ledger as ledger:
        found = check_receivable_proof(prove(ledger.store), policy_of(world))
        assert (found.assigned_to, found.confirmed_fen) == ("LEN", 10_000)
        with pytest.raises(LedgerError, match="nothing of a claim k-9 was unpaid"):
            prove(ledger.store, "k-9")


def test_who_replayed_is_named(proofs: list[tuple[World, bytes]]) -> None:
    """A witness that replays and cosigned the checkpoint has checked it."""
    world, proof = proofs[2]
    auditor = Ed25519Signer("audit.example", b"a" * 32, COSIGNATURE_V1)
    found = check_receivable_proof(proof, policy_of(world))
    assert found.state.closing.replayed_by == ()
    note = parse_note(checkpoint_of(proof))
    line = cosign(note.text, auditor, world.now_ms // 1_000)
    cosigned = format_note(note.text, [*note.signatures, line])
    old, new = note_text(checkpoint_of(proof)), note_text(cosigned)
    trusted = (
        policy_of(world)
        .encode()
        .replace("quorum none", f"witness audit {auditor.verifier}\nreplays audit\nquorum audit")
    )
    again = check_receivable_proof(proof.replace(old, new), Policy.parse(trusted))
    assert again.state.closing.replayed_by == ("audit",)
    with pytest.raises(Unverified, match="not the quorum"):
        check_receivable_proof(proof, Policy.parse(trusted))


def checkpoint_of(proof: bytes) -> bytes:
    """Return the checkpoint that a proof leads to."""
    receipt: str = canonical.decode(proof)["state"]["closing"]["receipt"]
    return receipt[receipt.index("\n\n") + 2 :].encode()


def note_text(note: bytes) -> bytes:
    """Return a note as it stands within JSON."""
    return canonical.encode(note.decode())[1:-1]


# -- how old -------------------------------------------------------------------------------------


def test_a_proof_older_than_a_day_is_refused(proofs: list[tuple[World, bytes]]) -> None:
    """To the millisecond by the checker's clock; the sentence says why and what is safe."""
    world, proof = proofs[3]
    found = check_receivable_proof(proof, policy_of(world))
    check_fresh(found, found.closed_ms)
    check_fresh(found, found.closed_ms + MAX_AGE_MS)
    with pytest.raises(Unverified, match=r"24 hours old.*receipt of its receivable\.assigned"):
        check_fresh(found, found.closed_ms + MAX_AGE_MS + 1)
    check_fresh(found, found.closed_ms - AHEAD_MS)
    with pytest.raises(Unverified, match="set the clock"):
        check_fresh(found, found.closed_ms - AHEAD_MS - 1)


# -- forgeries -----------------------------------------------------------------------------------


def name_another_claim(proof: Proof, _other: Proof) -> None:
    """Claim another claim."""
    proof["claim"] = "k-2"


def take_another_state(proof: Proof, other: Proof) -> None:
    """Take the state of a ledger where nothing is assigned."""
    proof["state"] = other["state"]


def owe_more(proof: Proof, _other: Proof) -> None:
    """Let more be unpaid."""
    state = proof["state"]
    state["leaf"] = state["leaf"].replace('"unpaid_fen":10000', '"unpaid_fen":90000')


def assign_nothing(proof: Proof, _other: Proof) -> None:
    """Take the lender out of the leaf."""
    state = proof["state"]
    state["leaf"] = state["leaf"].replace('"assigned_to":"LEN",', "")


def confirm_more(proof: Proof, _other: Proof) -> None:
    """Let both sides have confirmed more."""
    proof["confirmed"]["event"] = proof["confirmed"]["event"].replace("10000", "90000")


def confirm_more_twice(proof: Proof, _other: Proof) -> None:
    """Let both places say so."""
    confirm_more(proof, _other)
    proof["since"]["events"][0] = proof["confirmed"]["event"]


def leave_the_release_out(proof: Proof, _other: Proof) -> None:
    """Leave an event out of those since."""
    del proof["since"]["events"][1]


def start_later(proof: Proof, _other: Proof) -> None:
    """Begin behind the confirmation."""
    del proof["since"]["events"][0]


def say_nothing_since(proof: Proof, _other: Proof) -> None:
    """Give no events, and the chain of the leaf itself."""
    leaf = canonical.decode(proof["state"]["leaf"].encode())
    proof["since"] = {"chain": leaf["chain"], "events": []}


def take_another_chain(proof: Proof, _other: Proof) -> None:
    """Give another rolling hash before."""
    proof["since"]["chain"] = "ab" * 32


def spell_the_chain_wrong(proof: Proof, _other: Proof) -> None:
    """Give no hash."""
    proof["since"]["chain"] = "xy" * 32


def shorten_the_chain(proof: Proof, _other: Proof) -> None:
    """Give half a hash."""
    proof["since"]["chain"] = proof["since"]["chain"][:32]


def number_the_events(proof: Proof, _other: Proof) -> None:
    """Give numbers for events."""
    proof["since"]["events"] = [1]


def prove_another_event(proof: Proof, _other: Proof) -> None:
    """Prove the closing in place of the confirmation."""
    proof["confirmed"] = proof["state"]["closing"]


def drop_the_confirmation(proof: Proof, _other: Proof) -> None:
    """Leave the event proof out, and keep what came since."""
    del proof["confirmed"]


def add_a_field(proof: Proof, _other: Proof) -> None:
    """Add a field that nobody reads."""
    proof["comment"] = "true"


def add_a_field_since(proof: Proof, _other: Proof) -> None:
    """Add one further down."""
    proof["since"]["comment"] = "true"


def drop_the_state(proof: Proof, _other: Proof) -> None:
    """Leave the state out."""
    del proof["state"]


FORGERIES: tuple[tuple[Callable[[Proof, Proof], None], type[LedgerError]], ...] = (
    (name_another_claim, Unverified),
    (take_another_state, Unverified),
    (owe_more, Unverified),
    (assign_nothing, Unverified),
    (confirm_more, Unverified),
    (confirm_more_twice, Unverified),
    (leave_the_release_out, Unverified),
    (start_later, Unverified),
    (say_nothing_since, Unverified),
    (take_another_chain, Unverified),
    (spell_the_chain_wrong, Malformed),
    (shorten_the_chain, Malformed),
    (number_the_events, Malformed),
    (prove_another_event, Unverified),
    (drop_the_confirmation, Malformed),
    (add_a_field, Malformed),
    (add_a_field_since, Malformed),
    (drop_the_state, Malformed),
)


@pytest.mark.parametrize(("forge", "error"), FORGERIES)
def test_a_forged_receivable_is_refused(
    proofs: list[tuple[World, bytes]],
    forge: Callable[[Proof, Proof], None],
    error: type[LedgerError],
) -> None:
    """No field can be changed, left out, added or taken from another proof."""
    world, proof = proofs[3]
    value, other = canonical.decode(proof), canonical.decode(proofs[2][1])
    forge(value, other)
    with pytest.raises(error):
        check_receivable_proof(canonical.encode(value, MAX_PROOF_BYTES), policy_of(world))


def test_a_confirmation_that_was_given_up_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Who leaves nothing out cannot show a confirmation that was released before the closing."""
    world = answered(4)
    with keep(f"sqlite:///{tmp_path_factory.mktemp('l')}/ledger.db", world).ledger as ledger:
        store = ledger.store
        closing = last_closing(store)
        confirmed = world.last["receivable.confirmed"]
        ordinal = next(
            number
            for number, row in enumerate(store.history("contract/c-1"), 1)
            if uuid_of(row) == confirmed
        )
        evidence = StoreEvidence(store)
        closed = make_event_proof(evidence, closing.event_id)
        state = make_state_proof(closed, closing.leaves, "contract/c-1")
        since = since_of(store, "contract/c-1", ordinal, closing.position)
        proof = make_receivable_proof("k-1", state, make_event_proof(evidence, confirmed), since)
        with pytest.raises(Unverified, match="given up before the closing"):
            check_receivable_proof(proof, policy_of(world))


def test_a_bit_of_every_fiftieth_byte_counts(proofs: list[tuple[World, bytes]]) -> None:
    """One flipped bit anywhere is found."""
    world, true = proofs[3]
    policy = policy_of(world)
    for at in range(0, len(true), 50):
        false = true[:at] + bytes([true[at] ^ 1 << at // 50 % 8]) + true[at + 1 :]
        with pytest.raises(LedgerError):
            check_receivable_proof(false, policy)


def test_a_party_s_state_is_no_receivable(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Only a contract's leaf says what is owed."""
    world = answered(0)
    with keep(f"sqlite:///{tmp_path_factory.mktemp('l')}/ledger.db", world).ledger as ledger:
        closing = last_closing(ledger.store)
        closed = make_event_proof(StoreEvidence(ledger.store), closing.event_id)
        state = make_state_proof(closed, closing.leaves, "party/PRO")
    proof = make_receivable_proof("k-1", state, None, None)
    with pytest.raises(Unverified, match="its contract's state"):
        check_receivable_proof(proof, policy_of(world))

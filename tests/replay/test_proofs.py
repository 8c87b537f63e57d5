"""Proofs that a party carries away: what they show offline, and the forgeries they refuse."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import needs
import pytest
from replay.histories import LEDGER_KEY, archive, event_ids, fill, grown, policy_of, town
from world import ORIGIN, Recorded, World, signer

from ledger import canonical
from ledger.archive import Archive
from ledger.errors import LedgerError, Malformed, Unverified
from ledger.events.delivery import VisitRecorded
from ledger.events.parties import KeyEnrolled
from ledger.evidence.archived import ArchiveEvidence
from ledger.evidence.stored import StoreEvidence
from ledger.note import COSIGNATURE_V1, Ed25519Signer, cosign, format_note, parse_note
from ledger.policy import Policy
from ledger.proof import MAX_PROOF_BYTES, check_event_proof, check_receipt, make_event_proof
from ledger.receipts import receipt_proof
from ledger.statement import decode_statement_file, encode_statement_file
from ledger.tlog import TlogProof

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "check-event-proof.sh"
Proof = dict[str, Any]


@pytest.fixture(scope="module")
def world() -> World:
    """Tell a history longer than a tile."""
    return grown(town(), 300)


@pytest.fixture(scope="module")
def evidence(world: World, tmp_path_factory: pytest.TempPathFactory) -> ArchiveEvidence:
    """Make proofs from its archive."""
    folder = archive(tmp_path_factory.mktemp("true") / "archive", world.statements)
    return ArchiveEvidence(Archive(folder))


@pytest.fixture(scope="module")
def policy(world: World) -> Policy:
    """Give what the checker got out of band."""
    return policy_of(world)


# -- what proofs show ----------------------------------------------------------------------------


def test_a_proof_of_every_event_is_true(
    world: World, evidence: ArchiveEvidence, policy: Policy
) -> None:
    """Events by founding, enrolled, new and several keys are proved, each in its statement."""
    position = 0
    for index, (recorded_ms, data) in enumerate(world.statements[:120]):
        _, bodies = decode_statement_file(data)
        for body in bodies:
            proof = make_event_proof(evidence, event_ids(world)[position])
            checked = check_event_proof(proof, policy)
            assert checked.verdict == "OK"
            assert (checked.index, checked.size) == (index, 300)
            assert (checked.recorded_ms, checked.bodies) == (recorded_ms, (body,))
            position += 1


def test_database_and_archive_make_the_same_proofs(
    world: World, evidence: ArchiveEvidence, policy: Policy, database_url: str
) -> None:
    """The same bytes come from both, and the ledger's own receipts check."""
    with fill(database_url, world) as ledger:
        stored = StoreEvidence(ledger.store)
        for event_id in event_ids(world)[::37]:
            assert make_event_proof(stored, event_id) == make_event_proof(evidence, event_id)
        for index in (0, 1, 40, 255, 256, 299):
            receipt = receipt_proof(ledger.store, index)
            assert receipt == receipt_proof(ledger.store, index)
            recorded_ms, data = world.statements[index]
            checked = check_receipt(data, receipt, policy)
            assert (checked.verdict, checked.index) == ("OK", index)
            assert checked.recorded_ms == recorded_ms
            assert checked.bodies == decode_statement_file(data)[1]
        for absent in (
            "0195506f-3c00-7000-8000-000000000000",
            "no id",
            "",
            "\u0661" * 32,
            "x" * 32,
        ):
            with pytest.raises(LedgerError, match="there is no event"):
                make_event_proof(stored, absent)


def test_without_both_values_a_proof_is_not_anchored(
    world: World, evidence: ArchiveEvidence, policy: Policy
) -> None:
    """Who was given no ledger key and genesis hash is told that nothing is anchored."""
    proof = make_event_proof(evidence, event_ids(world)[-1])
    for less in (None, Policy(), Policy.of(LEDGER_KEY.verifier), Policy(genesis=policy.genesis)):
        assert check_event_proof(proof, less).verdict == "consistent, not anchored"


def test_a_shell_accepts_our_proofs(
    world: World, evidence: ArchiveEvidence, policy: Policy, tmp_path: Path
) -> None:
    """The checker of docs/, a shell with openssl, agrees on proofs from a real history."""
    needs.openssl()
    genesis = policy.genesis.hex() if policy.genesis else ""
    for number, position in enumerate((0, 1, 12, len(event_ids(world)) - 1)):
        path = tmp_path / f"{number}.eventproof.json"
        path.write_bytes(make_event_proof(evidence, event_ids(world)[position]))
        command = ["sh", str(SCRIPT), str(path), str(LEDGER_KEY.verifier), genesis]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stdout.startswith("OK"), done.stderr


def test_witnesses_that_replay_are_named(world: World, tmp_path: Path) -> None:
    """A proof says who cosigned its checkpoint, and who of them had replayed the ledger."""
    auditor = Ed25519Signer("audit.example", b"a" * 32, COSIGNATURE_V1)
    press = Ed25519Signer("press.example", b"p" * 32, COSIGNATURE_V1)
    folder = archive(tmp_path / "archive", world.statements)
    note = parse_note((folder / "checkpoint").read_bytes())
    lines = [cosign(note.text, each, world.now_ms // 1_000) for each in (auditor, press)]
    (folder / "checkpoint").write_bytes(format_note(note.text, [*note.signatures, *lines]))
    proof = make_event_proof(ArchiveEvidence(Archive(folder)), event_ids(world)[7])
    trusted = (
        policy_of(world)
        .encode()
        .replace(
            "quorum none",
            f"witness audit {auditor.verifier}\nwitness press {press.verifier}\n"
            "replays audit\ngroup both all audit press\nquorum both",
        )
    )
    checked = check_event_proof(proof, Policy.parse(trusted))
    assert checked.cosigned_by == ("audit", "press")
    assert checked.replayed_by == ("audit",)
    plain = make_event_proof(
        ArchiveEvidence(Archive(archive(tmp_path / "plain", world.statements))),
        event_ids(world)[7],
    )
    with pytest.raises(Unverified, match="not the quorum"):
        check_event_proof(plain, Policy.parse(trusted))


# -- forged event proofs -------------------------------------------------------------------------


def change_event(proof: Proof, _other: Proof) -> None:
    """Raise the units of the visit."""
    proof["event"] = proof["event"].replace('"units":1', '"units":9')


def take_other_event(proof: Proof, other: Proof) -> None:
    """Put another true event of the ledger in."""
    proof["event"] = other["event"]


def take_other_statement(proof: Proof, other: Proof) -> None:
    """Put another true statement of the ledger in."""
    proof["entry"] = other["entry"]


def take_other_receipt(proof: Proof, other: Proof) -> None:
    """Put another true receipt of the ledger in."""
    proof["receipt"] = other["receipt"]


def move_index(proof: Proof, _other: Proof) -> None:
    """Claim another place in the statement."""
    proof["index"] = 1


def be_true(proof: Proof, _other: Proof) -> None:
    """Write a boolean, which compares like a number."""
    proof["index"] = False


def lengthen_path(proof: Proof, _other: Proof) -> None:
    """Add a hash to the path."""
    proof["path"].append("A" * 43 + "=")


def shorten_hash(proof: Proof, _other: Proof) -> None:
    """Give a hash of 31 bytes."""
    proof["path"] = ["A" * 42 + "=="]


def respell_base64(proof: Proof, _other: Proof) -> None:
    """Spell a hash with unused bits set."""
    proof["path"] = ["A" * 42 + "B="]


def redate(proof: Proof, _other: Proof) -> None:
    """Date the admission a year back."""
    proof["entry"] = proof["entry"].replace("recorded 2026", "recorded 2025", 1)


def redate_both(proof: Proof, _other: Proof) -> None:
    """Date the admission a year back, in the receipt's extra as well."""
    redate(proof, _other)
    receipt = TlogProof.parse(proof["receipt"].encode())
    line = proof["entry"].split("\n")[0].encode() + b"\n"
    again = TlogProof(line, receipt.index, receipt.path, receipt.checkpoint)
    proof["receipt"] = again.encode().decode()


def drop_keys(proof: Proof, _other: Proof) -> None:
    """Leave the keys out."""
    proof["keys"] = []


def repeat_key(proof: Proof, _other: Proof) -> None:
    """Give a key twice."""
    proof["keys"] = [*proof["keys"], *proof["keys"]]


def substitute_key(proof: Proof, _other: Proof) -> None:
    """Give a key of the forger under the true name."""
    proof["keys"][0]["vkey"] = str(Ed25519Signer("PRO/one", b"f" * 32).verifier)


def rename_key(proof: Proof, _other: Proof) -> None:
    """Give the true key under another name."""
    key = signer("PRO/one").verifier.public_key
    proof["keys"][0]["vkey"] = str(type(LEDGER_KEY.verifier).of("PRO/two", key))


def enrol_by_other_event(proof: Proof, other: Proof) -> None:
    """Prove the enrolment by a true event that enrols nobody."""
    proof["keys"][0]["enrolled"] = {name: other[name] for name in other if name != "keys"}


def forget_enrolment(proof: Proof, _other: Proof) -> None:
    """Leave the proof of enrolment out, as if ledger.opened had named the key."""
    del proof["keys"][0]["enrolled"]


def add_field(proof: Proof, _other: Proof) -> None:
    """Add a field that nobody reads."""
    proof["comment"] = "true"


def drop_field(proof: Proof, _other: Proof) -> None:
    """Leave a field out."""
    del proof["entry"]


def strip_signature(proof: Proof, _other: Proof) -> None:
    """Take the signature off the checkpoint."""
    proof["receipt"] = proof["receipt"][: proof["receipt"].rindex("\n—") + 1]


def grow_size(proof: Proof, _other: Proof) -> None:
    """Claim a larger log."""
    proof["receipt"] = proof["receipt"].replace("\n300\n", "\n301\n")


FORGERIES: tuple[tuple[Callable[[Proof, Proof], None], type[LedgerError]], ...] = (
    (change_event, Unverified),
    (take_other_event, Unverified),
    (take_other_statement, Unverified),
    (take_other_receipt, Unverified),
    (move_index, Unverified),
    (be_true, Malformed),
    (lengthen_path, Unverified),
    (shorten_hash, Unverified),
    (respell_base64, Malformed),
    (redate, Unverified),
    (redate_both, Unverified),
    (drop_keys, Unverified),
    (repeat_key, Unverified),
    (substitute_key, Unverified),
    (rename_key, Unverified),
    (enrol_by_other_event, Unverified),
    (forget_enrolment, Malformed),
    (add_field, Malformed),
    (drop_field, Malformed),
    (strip_signature, Malformed),
    (grow_size, Unverified),
)


@pytest.mark.parametrize(("forge", "error"), FORGERIES)
def test_a_forged_event_proof_is_refused(
    world: World,
    evidence: ArchiveEvidence,
    policy: Policy,
    forge: Callable[[Proof, Proof], None],
    error: type[LedgerError],
) -> None:
    """Nothing in a proof can be changed, left out, added or taken from another true proof."""
    ids = event_ids(world)
    proof, other = (canonical.decode(make_event_proof(evidence, i)) for i in (ids[-1], ids[-2]))
    forge(proof, other)
    with pytest.raises(error):
        check_event_proof(canonical.encode(proof, MAX_PROOF_BYTES), policy)


def test_every_byte_of_an_event_proof_counts(
    world: World, evidence: ArchiveEvidence, policy: Policy
) -> None:
    """No byte of a proof can be flipped."""
    true = make_event_proof(evidence, event_ids(world)[-1])
    for at in range(len(true)):
        false = true[:at] + bytes([true[at] ^ 1 << at % 8]) + true[at + 1 :]
        with pytest.raises(LedgerError):
            check_event_proof(false, policy)


def test_a_key_enrolled_later_proves_nothing(tmp_path: Path) -> None:
    """A statement admitted against the law, signed by a key that came later, is not proved."""
    world = grown(town(), 110)
    early = world.make(VisitRecorded, contract="c-1")
    data = world.sign(early, by="PRO/later")
    before = [*world.statements, Recorded(world.now_ms, data)]
    world.statements = before
    world.key("PRO/later", by="PRO/one")
    folder = archive(tmp_path / "archive", world.statements)
    proof = make_event_proof(ArchiveEvidence(Archive(folder)), early.id)
    with pytest.raises(Unverified, match="was enrolled after it signed"):
        check_event_proof(proof, policy_of(world))


def test_a_key_enrolled_for_another_party_proves_nothing(tmp_path: Path) -> None:
    """An enrolment that the law would refuse, of a key named after another party, is no proof."""
    world = grown(town(), 110)
    vkey = str(signer("BUY/stolen").verifier)
    enrolled = world.make(KeyEnrolled, party="PRO", vkey=vkey)
    world.statements.append(Recorded(world.now_ms, world.sign(enrolled, by="PRO/one")))
    claimed = world.make(VisitRecorded, contract="c-1")
    world.statements.append(Recorded(world.now_ms, world.sign(claimed, by="BUY/stolen")))
    evidence = ArchiveEvidence(Archive(archive(tmp_path / "archive", world.statements)))
    with pytest.raises(Unverified, match="was enrolled for PRO"):
        check_event_proof(make_event_proof(evidence, claimed.id), policy_of(world))


def test_another_ledgers_proof_is_refused(
    world: World, evidence: ArchiveEvidence, policy: Policy
) -> None:
    """A policy of another genesis or ledger key does not take this ledger's proofs."""
    proof = make_event_proof(evidence, event_ids(world)[0])
    other = Policy.of(LEDGER_KEY.verifier, bytes(32))
    with pytest.raises(Unverified, match="not named by the ledger's genesis"):
        check_event_proof(proof, other)
    impostor = Ed25519Signer(ORIGIN, b"i" * 32)
    with pytest.raises(Unverified, match="none of the keys"):
        check_event_proof(proof, Policy.of(impostor.verifier, policy.genesis))


def test_a_withheld_neighbour_prevents_a_proof(world: World, tmp_path: Path) -> None:
    """Without all events of its statement an archive cannot prove one; it says so."""
    folder = archive(tmp_path / "archive", world.statements)
    path = folder / "events/000"
    lines = path.read_bytes().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if b"visit.recorded" in line)
    path.write_bytes(b"".join([*lines[:at], *lines[at + 1 :]]))
    body = lines[at + 1].partition(b" ")[2]
    event_id = canonical.decode(body.rstrip(b"\n"))["id"]
    with pytest.raises(LedgerError, match="are withheld"):
        make_event_proof(ArchiveEvidence(Archive(folder)), event_id)


# -- forged receipts -----------------------------------------------------------------------------


def receipt_of(evidence: ArchiveEvidence, world: World, index: int) -> bytes:
    """Return the receipt of a statement of one event, out of its event's proof."""
    position = sum(len(decode_statement_file(r.data)[1]) for r in world.statements[:index])
    proof = canonical.decode(make_event_proof(evidence, event_ids(world)[position]))
    return str(proof["receipt"]).encode()


def test_a_forged_receipt_is_refused(
    world: World, evidence: ArchiveEvidence, policy: Policy
) -> None:
    """A receipt shows its own statement only, at its own time, in its own place."""
    data, other = world.statements[280].data, world.statements[281].data
    receipt = receipt_of(evidence, world, 280)
    assert check_receipt(data, receipt, policy).verdict == "OK"
    assert check_receipt(data, receipt, None).verdict == "consistent, not anchored"
    true = TlogProof.parse(receipt)
    note, bodies = decode_statement_file(data)
    extra = true.extra or b""
    later = extra.replace(b"2026", b"2027")
    more = extra + note[:10]
    for false in (
        TlogProof(None, true.index, true.path, true.checkpoint),
        TlogProof(later, true.index, true.path, true.checkpoint),
        TlogProof(more, true.index, true.path, true.checkpoint),
        TlogProof(extra, true.index + 1, true.path, true.checkpoint),
        TlogProof(extra, true.index, true.path[:-1], true.checkpoint),
    ):
        with pytest.raises((Unverified, Malformed)):
            check_receipt(data, false.encode(), policy)
    for statement in (
        other,
        encode_statement_file(note, [*bodies, *bodies]),
        encode_statement_file(note, [bodies[0].replace(b'"units":1', b'"units":2')]),
        note,
    ):
        with pytest.raises((Unverified, Malformed)):
            check_receipt(statement, receipt, policy)


def test_a_proof_of_too_many_bytes_is_refused(policy: Policy) -> None:
    """A checker reads no more than a proof can need."""
    with pytest.raises(Malformed, match="exceeds"):
        check_event_proof(b" " * (MAX_PROOF_BYTES + 1), policy)

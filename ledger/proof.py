r"""Proofs that a party can show to anybody, offline: of an event, and of a statement.

**Event proof** (`.eventproof.json`): canonical JSON that carries an event through its statement and
the log into a checkpoint:

    {"entry":"recorded 2026-03-01T08:00:02.000Z\nsunledger/statement/v1\n…",
     "event":"{\"at\":\"2026-03-01T08:00:00.000Z\", …}",
     "index":0,
     "keys":[{"enrolled":{"entry":…,"event":…,"index":0,"path":[…],"receipt":…},"vkey":"…"}],
     "path":["FEmwey9nEE…="],
     "receipt":"c2sp.org/tlog-proof@v1\nextra …\nindex 41\n…"}

The leaf of `event` and `path` give the root that the statement in `entry` signs; its signatures
hold by `keys`, one a signature line, in their order; the entry's leaf and `receipt` (C2SP
tlog-proof) give the root of the checkpoint; and that is signed by the ledger. Each key comes with
the proof, in the same checkpoint, of the event that enrolled it: its `key.enrolled` or
`key.recovered`, no later in the log, or the `ledger.opened` that named it, whose leaf is the
genesis hash.

That no revocation came between, and that the law admitted the statement, is what admission and
every replay attest: as good as whoever cosigned the checkpoint after replaying (`replays` in the
policy).

**Receipt** of a statement: a C2SP tlog-proof whose `extra` is the entry's `recorded` line. With the
party's own `.stmt` file it rebuilds the entry.

A proof is verified or an error is raised; without a policy that gives the ledger's key and the
genesis hash the check ends `consistent, not anchored`.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

from ledger import canonical
from ledger.errors import LedgerError, Malformed, Unverified
from ledger.events import decode_event
from ledger.events.parties import KeyEnrolled, KeyRecovered, LedgerOpened
from ledger.merkle import (
    Subtree,
    check_inclusion,
    leaf_hash,
    leaf_hashes,
    prove_inclusion,
    prove_inclusion_among,
    root_of,
)
from ledger.note import VerifierKey, decode_base64, encode_base64, parse_note
from ledger.opening import check_signatures, vkey_of
from ledger.policy import Policy, open_cosigned
from ledger.statement import (
    Statement,
    decode_entry,
    decode_statement_file,
    encode_entry,
    parse_statement,
    split_key_name,
)
from ledger.tlog import Checkpoint, TlogProof

MAX_PROOF_BYTES = 32 << 20
"""An event of 1 MiB whose every byte is escaped, and the events of sixteen keys."""

_BARE_FIELDS = frozenset({"entry", "event", "index", "path", "receipt"})
_FIELDS = _BARE_FIELDS | {"keys"}
_KEY_FIELDS = frozenset({"enrolled", "vkey"})

Verdict = Literal["OK", "consistent, not anchored"]


class Located(NamedTuple):
    """An event in its statement.

    Attributes:
        index: the statement's leaf index.
        entry: its log entry.
        bodies: all its events.
        number: which of them, from 0.

    """

    index: int  # type: ignore[assignment]  # a statement's index outweighs tuple.index
    entry: bytes
    bodies: tuple[bytes, ...]
    number: int


class Evidence(Protocol):
    """A ledger from which proofs are made."""

    def checkpoint(self, index: int) -> bytes:
        """Return the checkpoint to prove statement `index` in, a note.

        The newest cosigned one that covers it, else the newest.
        """

    def subtree(self, size: int) -> Subtree:
        """Return the reader of complete subtrees' hashes in the log of `size` statements."""

    def locate(self, event_id: str) -> Located | None:
        """Find an event."""

    def locate_key(self, vkey_name: str) -> Located | None:
        """Find the event that enrolled a key, given by its name."""


class Checked(NamedTuple):
    """What a proof shows.

    Attributes:
        verdict: `OK`, or that no policy anchors it.
        origin: the ledger's name.
        index: the statement's leaf index.
        size: size of the checkpoint it is proved in.
        recorded_ms: when the ledger admitted it, milliseconds since the epoch.
        signers: the parties that signed it.
        bodies: the events proved, as they were signed.
        cosigned_by: the policy's witnesses that cosigned the checkpoint.
        replayed_by: those of them that replay before they cosign.

    """

    verdict: Verdict
    origin: str
    index: int  # type: ignore[assignment]  # a statement's index outweighs tuple.index
    size: int
    recorded_ms: int
    signers: tuple[str, ...]
    bodies: tuple[bytes, ...]
    cosigned_by: tuple[str, ...]
    replayed_by: tuple[str, ...]


def make_event_proof(evidence: Evidence, event_id: str) -> bytes:
    """Return the proof of an event in the checkpoint that the evidence gives for it.

    Raises:
        LedgerError: there is no such event.

    """
    located = evidence.locate(event_id)
    if located is None:
        raise LedgerError(f"there is no event {event_id} in this ledger")
    checkpoint = evidence.checkpoint(located.index)
    size = Checkpoint.parse(parse_note(checkpoint).text).size
    subtree = evidence.subtree(size)
    if located.index >= size:
        raise LedgerError(f"no checkpoint covers the event {event_id} yet")
    _, note = decode_entry(located.entry)
    keys = []
    for line in parse_statement(note).note.signatures:
        enrolment = evidence.locate_key(line.name)
        if enrolment is None:
            raise LedgerError(f"the event that enrolled {line.name} is missing")
        event = decode_event(enrolment.bodies[enrolment.number])
        enrolled = _bare_proof(enrolment, size, subtree, checkpoint)
        keys.append({"enrolled": enrolled, "vkey": vkey_of(event, line.name)})
    proof = _bare_proof(located, size, subtree, checkpoint)
    return canonical.encode({**proof, "keys": keys}, MAX_PROOF_BYTES)


def check_event_proof(data: bytes, policy: Policy | None) -> Checked:
    """Check an event proof; works offline.

    Raises:
        Malformed: it is not in its form.
        Unverified: it does not show what it claims.
        Refused: the statement's signatures are not those it calls for.

    """
    proof = canonical.decode(data, MAX_PROOF_BYTES)
    _check_fields(proof, _FIELDS, "an event proof")
    keys = proof["keys"]
    bare = _open_bare({name: proof[name] for name in _BARE_FIELDS})
    log = _open_log(bare.receipt.checkpoint, policy)
    _check_included(bare, log)
    lines = bare.statement.note.signatures
    if not isinstance(keys, list) or len(keys) != len(lines):
        raise Unverified(f"the proof does not bring the keys of its {len(lines)} signatures")
    verifiers = {}
    for each, line in zip(keys, lines, strict=True):
        _check_fields(each, _KEY_FIELDS, f"the key {line.name}")
        verifier = VerifierKey.parse(_text(each, "vkey"))
        if verifier.name != line.name:
            raise Unverified(f"the key {verifier.name} stands where {line.name} signed")
        _check_enrolled(_open_bare(each["enrolled"]), verifier, bare, log, policy)
        verifiers[verifier.name] = verifier
    check_signatures(bare.statement, (), verifiers.get)
    return _checked(bare, (bare.event,), log, policy)


def check_receipt(statement_file: bytes, receipt: bytes, policy: Policy | None) -> Checked:
    """Check that a receipt shows a party's own statement (`.stmt`) to be in the log; offline.

    Raises:
        Malformed: one of the two is not in its form.
        Unverified: the receipt is not of this statement, or does not show it to be in the log.

    """
    note, bodies = decode_statement_file(statement_file)
    proof = TlogProof.parse(receipt)
    if proof.extra is None:
        raise Malformed("the receipt has no `extra` with the entry's `recorded` line")
    entry = proof.extra + note
    recorded_ms, _ = decode_entry(entry)
    if encode_entry(recorded_ms, note) != entry:
        raise Malformed("the receipt's `extra` is more than the entry's `recorded` line")
    statement = parse_statement(note)
    if root_of(leaf_hashes(bodies)) != statement.events_root:
        raise Unverified("the statement file's events are not those that were signed")
    if len(bodies) != statement.event_count:
        raise Unverified(f"the statement covers {statement.event_count} events, not {len(bodies)}")
    bare = _Bare(bodies[0], 0, (), entry, recorded_ms, statement, proof)
    log = _open_log(proof.checkpoint, policy)
    _check_in_log(bare, log)
    return _checked(bare, bodies, log, policy)


# -- helpers -----------------------------------------------------------------------------------


class _Bare(NamedTuple):
    """An event, its statement and its place in the log, as a proof states them."""

    event: bytes
    number: int
    path: tuple[bytes, ...]
    entry: bytes
    recorded_ms: int
    statement: Statement
    receipt: TlogProof


class _Log(NamedTuple):
    """The checkpoint that a proof leads to, verified where there is a policy."""

    note: bytes
    checkpoint: Checkpoint
    cosigned_by: tuple[str, ...]


def _bare_proof(
    located: Located, size: int, subtree: Subtree, checkpoint: bytes
) -> dict[str, object]:
    recorded, newline, _ = located.entry.partition(b"\n")
    path = tuple(prove_inclusion(located.index, size, subtree))
    receipt = TlogProof(recorded + newline, located.index, path, checkpoint)
    leaves = leaf_hashes(located.bodies)
    return {
        "entry": located.entry.decode(),
        "event": located.bodies[located.number].decode(),
        "index": located.number,
        "path": [encode_base64(each) for each in prove_inclusion_among(leaves, located.number)],
        "receipt": receipt.encode().decode(),
    }


def _open_bare(value: Any) -> _Bare:
    """Read an event proof without keys; only its form is checked."""
    _check_fields(value, _BARE_FIELDS, "a proof")
    number, path = value["index"], value["path"]
    if type(number) is not int or number < 0:
        raise Malformed(f"{number!r} is not the place of an event in its statement")
    if not isinstance(path, list) or not all(isinstance(each, str) for each in path):
        raise Malformed("the path is not a list of hashes")
    event, entry = _text(value, "event").encode(), _text(value, "entry").encode()
    recorded_ms, note = decode_entry(entry)
    receipt = TlogProof.parse(_text(value, "receipt").encode())
    if receipt.extra is not None and receipt.extra + note != entry:
        raise Unverified("the receipt's `extra` is not the `recorded` line of the entry")
    hashes = tuple(decode_base64(each) for each in path)
    return _Bare(event, number, hashes, entry, recorded_ms, parse_statement(note), receipt)


def _open_log(note: bytes, policy: Policy | None) -> _Log:
    if policy is None or not policy.logs:
        return _Log(note, Checkpoint.parse(parse_note(note).text), ())
    opened = open_cosigned(note, policy)
    return _Log(note, opened.checkpoint, tuple(sorted(opened.cosigned_s)))


def _check_included(bare: _Bare, log: _Log) -> None:
    """Check that the event is in the statement, and the statement in the log."""
    canonical.decode(bare.event)
    statement = bare.statement
    leaf, count = leaf_hash(bare.event), statement.event_count
    check_inclusion(leaf, bare.number, count, bare.path, statement.events_root)
    if bare.receipt.checkpoint != log.note:
        raise Unverified("the proof's parts lead to different checkpoints")
    _check_in_log(bare, log)


def _check_in_log(bare: _Bare, log: _Log) -> None:
    if bare.statement.origin != log.checkpoint.origin:
        raise Unverified(
            f"the statement is meant for {bare.statement.origin}, "
            f"the checkpoint is of {log.checkpoint.origin}"
        )
    size, root = log.checkpoint.size, log.checkpoint.root
    check_inclusion(leaf_hash(bare.entry), bare.receipt.index, size, bare.receipt.path, root)


def _check_enrolled(
    enrolment: _Bare, verifier: VerifierKey, bare: _Bare, log: _Log, policy: Policy | None
) -> None:
    """Check that the key was enrolled no later in the same log than what it signed."""
    _check_included(enrolment, log)
    event = decode_event(enrolment.event)
    if isinstance(event, LedgerOpened):
        genesis = None if policy is None else policy.genesis
        leaf = leaf_hash(enrolment.entry)
        if enrolment.receipt.index != 0 or genesis not in {None, leaf}:
            raise Unverified(f"the key {verifier.name} is not named by the ledger's genesis")
        logs = () if policy is None else policy.logs
        if logs and event.ledger_key not in [str(log.key) for log in logs]:
            raise Unverified("the ledger was opened under a key that the policy does not trust")
    elif (
        isinstance(event, KeyEnrolled | KeyRecovered)
        and event.party != split_key_name(verifier.name)[0]
    ):
        raise Unverified(f"the key {verifier.name} was enrolled for {event.party}")
    if vkey_of(event, verifier.name) != str(verifier):
        raise Unverified(f"the event {event.id} does not enrol the key {verifier}")
    if enrolment.receipt.index > bare.receipt.index:
        raise Unverified(f"the key {verifier.name} was enrolled after it signed")


def _checked(bare: _Bare, bodies: tuple[bytes, ...], log: _Log, policy: Policy | None) -> Checked:
    replaying = frozenset() if policy is None else policy.replays
    return Checked(
        "OK" if policy is not None and policy.anchored else "consistent, not anchored",
        log.checkpoint.origin,
        bare.receipt.index,
        log.checkpoint.size,
        bare.recorded_ms,
        bare.statement.signers,
        bodies,
        log.cosigned_by,
        tuple(name for name in log.cosigned_by if name in replaying),
    )


def _check_fields(value: Any, names: frozenset[str], what: str) -> None:
    if not isinstance(value, dict) or value.keys() != names:
        raise Malformed(f"{what} has the fields {', '.join(sorted(names))} and no other")


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value[name]
    if not isinstance(text, str):
        raise Malformed(f"the field `{name}` is not a text")
    return text

"""A small log made by hand, for programs that are not ours to judge.

It is built from the formats alone (statements, tree, notes, tiles), not through the ledger's own
admission, archive and proof makers: what a foreign verifier accepts here is what docs/formats.md
says, whatever those do.

| statement | events | signed by |
|---|---|---|
| 0 | ledger.opened, naming the key of `bureau` | bureau |
| 1 | key.enrolled of `office`'s first key | bureau, office |
| 2… | two events each, with text that needs every JSON escape | bureau, office |
"""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger import canonical
from ledger.archiving import EntryEvent
from ledger.merkle import leaf_hash, prove_inclusion_among, root_of
from ledger.note import Ed25519Signer, encode_base64, format_note, sign_line, sign_note
from ledger.policy import Policy
from ledger.statement import encode_entry, statement_text
from ledger.tlog import Checkpoint, TlogProof

ORIGIN = "ledger.example.gov.cn"
FIRST_MS = 1_772_323_200_000  # 2026-03-01T00:00:00Z
LOG_KEY = Ed25519Signer(ORIGIN, bytes([3]) * 32)
BUREAU = Ed25519Signer("CN-1/treasury-2026", bytes([1]) * 32)
CLOCK = Ed25519Signer("CN-1/clock", bytes([4]) * 32)
OFFICE = Ed25519Signer("CN-1-2/office", bytes([2]) * 32)  # sorts otherwise as key and as party

FOUNDING = {
    "currency": "CNY",
    "keys": [
        {"holder": "h1", "role": "authority", "vkey": str(BUREAU.verifier)},
        {"holder": "h2", "role": "operator", "vkey": str(CLOCK.verifier)},
    ],
    "law": 1,
    "ledger_key": str(LOG_KEY.verifier),
    "origin": ORIGIN,
    "parties": [
        {
            "identifier": {"id": "1", "scheme": "CN-USCC"},
            "kind": "government",
            "names": {"zh": "财政局"},
            "party": "CN-1",
        }
    ],
    "title": {"en": "Small log"},
    "utc_offset": "+08:00",
}


class Recorded(NamedTuple):
    """A statement of the log: its events' bytes, its log entry, and who signed it."""

    bodies: tuple[bytes, ...]
    entry: bytes
    signers: tuple[Ed25519Signer, ...]


class SmallLog:
    """The log of the table above, with `size` statements, two at least."""

    def __init__(self, size: int = 5) -> None:
        """Make the statements and seal them."""
        opened = _event(0, "ledger.opened", **FOUNDING)
        enrolled = _event(
            1, "key.enrolled", party="CN-1-2", vkey=str(OFFICE.verifier), use="admin", holder="h3"
        )
        self.statements = [record(0, [opened], BUREAU), record(1, [enrolled], BUREAU, OFFICE)]
        for n in range(2, size):
            acts = [
                _event(2 * n, "contract.signed", title='"养老"\\n'),
                _event(2 * n + 1, "contract.amended", title="\u2028\x1f\n\t\\"),
            ]
            self.statements.append(record(n, acts, BUREAU, OFFICE))
        self.enrolments = {BUREAU: 0, OFFICE: 1}
        self.seal()

    def seal(self) -> None:
        """Build the tree over the statements as they are, and sign its checkpoint."""
        self.entries = [statement.entry for statement in self.statements]
        self.hashes = [leaf_hash(entry) for entry in self.entries]
        text = Checkpoint(ORIGIN, len(self.entries), root_of(self.hashes)).encode()
        self.checkpoint = sign_note(text, LOG_KEY)

    @property
    def genesis(self) -> str:
        """The genesis hash, in hex."""
        return self.hashes[0].hex()

    def event_proof(self, index: int, event_index: int) -> bytes:
        """Return the `.eventproof.json` of an event, as docs/formats.md has it."""
        proof = self._bare_proof(index, event_index)
        signers = sorted(self.statements[index].signers, key=_name)
        proof["keys"] = [
            {"enrolled": self._bare_proof(self.enrolments[s], 0), "vkey": str(s.verifier)}
            for s in signers
        ]
        return canonical.encode(proof)

    def policy(self) -> Policy:
        """Return what a verifier is given out of band."""
        return Policy.of(LOG_KEY.verifier, self.hashes[0])

    def with_events(self) -> Iterator[tuple[bytes, list[EntryEvent]]]:
        """Yield each entry with its events by type, as `ledger.archiving` wants them."""
        for statement in self.statements:
            yield statement.entry, [EntryEvent(json.loads(b)["type"], b) for b in statement.bodies]

    def _bare_proof(self, index: int, event_index: int) -> dict[str, object]:
        """Return an event proof without `keys`."""
        statement = self.statements[index]
        leaves = [leaf_hash(body) for body in statement.bodies]
        recorded = statement.entry.partition(b"\n")[0] + b"\n"
        path = tuple(prove_inclusion_among(self.hashes, index))
        receipt = TlogProof(recorded, index, path, self.checkpoint).encode()
        return {
            "event": statement.bodies[event_index].decode(),
            "index": event_index,
            "path": [encode_base64(h) for h in prove_inclusion_among(leaves, event_index)],
            "entry": statement.entry.decode(),
            "receipt": receipt.decode(),
        }


def _event(n: int, kind: str, **fields: object) -> bytes:
    """Return canonical bytes with an event's heading; of most, only the shape matters here."""
    event_id = f"0195506f-3c00-7000-8000-{n:012}"
    heading = {"at": "2026-03-01T08:00:00.000Z", "id": event_id, "salt": f"{n:032x}", "v": 1}
    return canonical.encode({"type": kind, **heading, **fields})


def record(n: int, bodies: Sequence[bytes], *signers: Ed25519Signer) -> Recorded:
    """Return statement `n`, signed and recorded n seconds after the first."""
    parties = [signer.verifier.name.partition("/")[0] for signer in signers]
    text = statement_text(ORIGIN, FIRST_MS, parties, bodies)
    note = format_note(text, [sign_line(text, signer) for signer in sorted(signers, key=_name)])
    return Recorded(tuple(bodies), encode_entry(FIRST_MS + 1000 * n, note), signers)


def _name(signer: Ed25519Signer) -> str:
    return signer.verifier.name

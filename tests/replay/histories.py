"""Histories for the tests of replay and proofs, kept in a database or an archive."""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from world import ORIGIN, Recorded, World, signer

from ledger.app import Ledger, create_ledger
from ledger.archiving import EntryEvent, write_archive
from ledger.events import Event, decode_event
from ledger.events.claim import ClaimAnswered
from ledger.events.parties import KeyRevoked
from ledger.merkle import leaf_hash, root_of
from ledger.note import Ed25519Signer, VerifierKey, format_note, sign_line, sign_note
from ledger.policy import Policy
from ledger.postings import Posting
from ledger.rules.admission import RULES
from ledger.state import State
from ledger.statement import (
    decode_statement_file,
    encode_entry,
    encode_statement_file,
    statement_text,
)
from ledger.tlog import Checkpoint

LEDGER_KEY = signer(ORIGIN)


def town() -> World:
    """Return a history with every kind of row: visits, a cut, a dispute, a payment rejected."""
    world = World.contracted(retention_ppm=50_000)
    for _ in range(2):
        world.visits("c-1", days=3)
    world.claim("k-1", "c-1")
    world.answer("k-1", cuts=[1_000], disputed=[2_000])
    world.request("p-1", "c-1", ["k-1"])
    world.order("p-1")
    world.reject("p-1")
    world.pay("p-2", "c-1", ["k-1"])
    world.key("PRO/lost", by="PRO/one", use="sign")
    world.do(world.make(KeyRevoked, vkey=str(signer("PRO/lost").verifier), reason="LOST"))
    return world


def grown(world: World, size: int) -> World:
    """Let a history grow to `size` statements, of one visit each."""
    while len(world.statements) < size:
        world.visits("c-1")
    return world


class StandingClock:
    """A clock that stands where it is set."""

    def __init__(self, time_ms: int) -> None:
        """Set it."""
        self.time_ms = time_ms

    def now_ms(self) -> int:
        """Return the time it is set to."""
        return self.time_ms


def fill(url: str, world: World) -> Ledger:
    """Submit a world's history to a new ledger; return it open."""
    genesis, *rest = world.statements
    clock = StandingClock(genesis.recorded_ms)
    ledger = create_ledger(url, genesis.data, LEDGER_KEY, clock)
    for clock.time_ms, data in rest:
        ledger.submit(data)
    return ledger


def sign_bodies(world: World, *bodies: bytes, by: str) -> bytes:
    """Return the `.stmt` file of events as they are, in form or not."""
    key = signer(by)
    party = by.partition("/")[0]
    text = statement_text(world.origin, world.now_ms, [party], bodies)
    return encode_statement_file(format_note(text, [sign_line(text, key)]), bodies)


def entries_of(
    statements: Sequence[Recorded], withheld: str = ""
) -> list[tuple[bytes, list[EntryEvent]]]:
    """Return the log entries of statements, each with its events; those of a type are withheld."""
    entries = []
    for recorded_ms, data in statements:
        note, bodies = decode_statement_file(data)
        kinds = [json.loads(body)["type"] for body in bodies]
        events = [
            EntryEvent(kind, body, "not public" if kind == withheld else None)
            for kind, body in zip(kinds, bodies, strict=True)
        ]
        entries.append((encode_entry(recorded_ms, note), events))
    return entries


def checkpoint_of(statements: Sequence[Recorded], key: Ed25519Signer = LEDGER_KEY) -> bytes:
    """Return the checkpoint that a ledger signs over statements."""
    leaves = [leaf_hash(entry) for entry, _ in entries_of(statements)]
    return sign_note(Checkpoint(key.verifier.name, len(leaves), root_of(leaves)).encode(), key)


def archive(
    folder: Path,
    statements: Sequence[Recorded],
    *,
    key: Ed25519Signer = LEDGER_KEY,
    checkpoint: bytes | None = None,
    cosigned: Sequence[bytes] = (),
    witnesses: Sequence[VerifierKey] = (),
    withheld: str = "",
) -> Path:
    """Write the archive of statements, lawful or not, as whoever holds the ledger key could."""
    write_archive(
        folder,
        checkpoint or checkpoint_of(statements, key),
        cosigned,
        entries_of(statements, withheld),
        witnesses=witnesses,
    )
    return folder


def policy_of(world: World) -> Policy:
    """Return what a verifier gets out of band: the ledger's key and the genesis hash."""
    ((entry, _),) = entries_of(world.statements[:1])
    return Policy.of(LEDGER_KEY.verifier, leaf_hash(entry))


def files_of(folder: Path) -> list[Path]:
    """Return every file of an archive."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def event_ids(world: World) -> list[str]:
    """Return the ids of a history's events, by position."""
    bodies = [decode_statement_file(recorded.data)[1] for recorded in world.statements]
    return [decode_event(body).id for body in itertools.chain.from_iterable(bodies)]


def hold_back_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant a wrong law: an answer holds one fen too many back, in both books alike."""
    kind: type[Event] = ClaimAnswered
    lawful = RULES[kind].postings

    def planted(state: State, event: Event) -> list[Posting]:
        return [
            posting._replace(amount_fen=posting.amount_fen + 1)
            if posting.credit in {"retained", "retention_payable"}
            else posting
            for posting in (lawful(state, event) if lawful else ())
        ]

    monkeypatch.setitem(RULES, kind, RULES[kind]._replace(postings=planted))

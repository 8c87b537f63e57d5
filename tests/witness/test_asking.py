"""A ledger asks real witness processes; what they sign is kept, published, and bounds time."""

import http.client
import re
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from replay.histories import LEDGER_KEY, StandingClock
from witness_process import WitnessProcess
from world import World

from ledger.app import Ledger, create_ledger
from ledger.errors import LedgerError
from ledger.events.base import Identifier
from ledger.events.parties import LedgerOpened, PartyRegistered
from ledger.note import cosigned_at, parse_note
from ledger.policy import Policy
from ledger.proof import check_receipt
from ledger.receipts import receipt_proof
from ledger.replay.database import DatabaseSource
from ledger.replay.exporting import export_archive
from ledger.replay.report import Report, Wrong
from ledger.replay.sources import ArchiveSource, Source
from ledger.replay.verifying import verify
from ledger.times import MS_PER_MINUTE, MS_PER_SECOND
from ledger.witness.asking import LATE_MS, Asked, ask_witnesses


def now_ms() -> int:
    """Return the time, as the witness's machine has it too."""
    return time.time_ns() // 1_000_000


def now_away(away_ms: int) -> int:
    """Return the time by a clock that is wrong by so much."""
    return now_ms() + away_ms


class Town:
    """A small ledger whose clock can be set, in a database."""

    def __init__(self, url: str, offset_ms: int = 0) -> None:
        """Open it at a time so far from the true one."""
        self.world = World()
        self.world.now_ms = now_ms() + offset_ms
        self.world.do(self.world.make(LedgerOpened))
        recorded_ms, genesis = self.world.statements[0]
        self.clock = StandingClock(recorded_ms)
        self.ledger: Ledger = create_ledger(url, genesis, LEDGER_KEY, self.clock)
        self.store = self.ledger.store

    def register(self, offset_ms: int = 0) -> None:
        """Record one more statement, at a time so far from the true one."""
        world = self.world
        world.now_ms = now_ms() + offset_ms
        number = len(world.statements)
        party = {"party": f"P{number}", "identifier": Identifier(scheme="local", id=f"{number}")}
        world.do(world.make(PartyRegistered, **party))
        self.clock.time_ms, data = world.statements[-1]
        self.ledger.submit(data)

    def policy(self, *witnesses: WitnessProcess, quorum: str = "any", url: str = "") -> Policy:
        """Return the policy that trusts this ledger and some witnesses."""
        first = self.store.statement(0)
        assert first is not None
        lines = [f"log {LEDGER_KEY.verifier}", f"genesis {first.leaf.hex()}"]
        names = [f"w{n}" for n in range(len(witnesses))]
        for name, each in zip(names, witnesses, strict=True):
            lines.append(f"witness {name} {each.key} {url or each.url or 'http://127.0.0.1:9'}")
        if names and quorum != "none":
            lines += [f"group q {quorum} {' '.join(names)}", "quorum q"]
        else:
            lines.append("quorum none")
        return Policy.parse("\n".join(lines) + "\n")

    def ask(self, policy: Policy) -> Asked:
        """Ask the witnesses of a policy."""
        return ask_witnesses(self.store, policy, now_ms)

    def verify(self, policy: Policy) -> Report:
        """Judge the database."""
        return verify(DatabaseSource(self.store), policy)


@pytest.fixture
def town(sqlite_database: str) -> Iterator[Town]:
    """Open a ledger whose clock is right."""
    town = Town(sqlite_database)
    yield town
    town.ledger.close()


def known(town: Town) -> str:
    """Return the policy of a witness of this ledger."""
    return town.policy(quorum="none").encode()


def test_what_is_cosigned_is_kept_and_published(database_url: str, tmp_path: Path) -> None:
    """One round after another: stored, archived, verified under a quorum, and in the receipts."""
    town = Town(database_url)
    with WitnessProcess(tmp_path / "w", known(town)) as witness:
        policy = town.policy(witness)
        with pytest.raises(Wrong, match="not the quorum"):
            town.verify(policy)
        for size in (2, 3, 4):
            town.register()
            asked = town.ask(policy)
            assert (asked.size, asked.is_met, asked.is_late) == (size, True, False)
        assert town.ask(policy).is_met  # the same size again, for the time it is
    rows = list(town.store.cosigned())
    assert [(row.n, row.size) for row in rows] == [(0, 2), (1, 3), (2, 4), (3, 4)]
    assert town.verify(policy).exit_code == 0
    # Statement 1 has the first cosigned checkpoint over it, again and again.
    statement = town.world.statements[1].data
    receipt = receipt_proof(town.store, 1, policy)
    checked = check_receipt(statement, receipt, policy)
    assert (checked.size, checked.cosigned_by) == (2, ("w0",))
    town.register()
    assert receipt_proof(town.store, 1, policy) == receipt
    # The archive under the quorum ends where the witness stopped; without one, at the head.
    manifest = export_archive(town.store, tmp_path / "quorate", policy=policy)
    assert manifest.size == 4
    assert verify(ArchiveSource(tmp_path / "quorate"), policy).exit_code == 0
    assert export_archive(town.store, tmp_path / "whole").size == 5
    report = verify(ArchiveSource(tmp_path / "whole"), town.policy(quorum="none"))
    assert report.exit_code == 0
    assert len((tmp_path / "whole" / "checkpoints").read_bytes().split(b"\n\n")) == 8
    town.ledger.close()


def test_two_witnesses_of_which_one_is_down(town: Town, tmp_path: Path) -> None:
    """The quorum decides what is shown; who is down is told and does not stop the other."""
    down = WitnessProcess(tmp_path / "down", known(town), name="press.example/witness")
    with WitnessProcess(tmp_path / "w", known(town)) as witness:
        both = town.policy(witness, down, quorum="all")
        asked = town.ask(both)
        assert not asked.is_met
        reasons = {each.witness.name: each.reason for each in asked.answers}
        assert reasons["w0"] == ""
        assert "127.0.0.1:9 cannot be reached" in reasons["w1"]
        assert town.ask(town.policy(witness, down, quorum="any")).is_met
        with pytest.raises(LedgerError, match="no checkpoint is cosigned by the policy's quorum"):
            export_archive(town.store, tmp_path / "a", policy=both)
        with down:
            town.register()
            both = town.policy(witness, down, quorum="all")
            assert town.ask(both).is_met
        assert town.verify(both).exit_code == 0
        # The receipt of the first statement is made for the first checkpoint that both cosigned.
        receipt = receipt_proof(town.store, 0, both)
        assert check_receipt(town.world.statements[0].data, receipt, both).size == 2


# -- bounds of time ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offset_ms", "reason"),
    [
        (0, None),
        (-20 * MS_PER_SECOND, None),
        (20 * MS_PER_SECOND, None),
        (-5 * MS_PER_MINUTE, "witnesses date the log before it later"),
    ],
)
def test_a_ledger_whose_clock_is_wrong_by_minutes_does_not_verify(
    sqlite_database: str, tmp_path: Path, offset_ms: int, reason: str | None
) -> None:
    """Running behind, it dates before a cosignature what it recorded after it."""
    town = Town(sqlite_database, offset_ms)
    with WitnessProcess(tmp_path / "w", known(town)) as witness:
        policy = town.policy(witness)
        for _ in range(2):
            town.register(offset_ms)
            assert town.ask(policy).is_met
    export_archive(town.store, tmp_path / "archive", policy=policy)
    sources: tuple[Source, ...] = (
        DatabaseSource(town.store),
        ArchiveSource(tmp_path / "archive"),
    )
    for source in sources:
        if reason is None:
            assert verify(source, policy).exit_code == 0
        else:
            with pytest.raises(Wrong, match=reason):
                verify(source, policy)
    town.ledger.close()


def test_a_long_time_without_a_witness_is_reported(town: Town, tmp_path: Path) -> None:
    """Eleven minutes between two cosignatures are a remark, not an error; nine are none."""
    for minutes, expected in ((9, 0), (11, 1)):
        url = f"sqlite:///{tmp_path / f'{minutes}.db'}"
        older = Town(url, -minutes * MS_PER_MINUTE)
        with WitnessProcess(tmp_path / f"w{minutes}", known(older)) as witness:
            policy = older.policy(witness)
            assert older.ask(policy).is_met
        report = older.verify(policy)
        assert report.exit_code == 0
        assert len(report.gaps) == expected
        for gap in report.gaps:
            assert gap.from_ms == older.world.statements[0].recorded_ms
            # A cosignature tells whole seconds: the last one is cut off.
            assert 11 * MS_PER_MINUTE - 1_000 < gap.to_ms - gap.from_ms < 13 * MS_PER_MINUTE
        assert not older.verify(older.policy(quorum="none")).gaps
        older.ledger.close()
    assert town.verify(town.policy(quorum="none")).gaps == ()


def wait_for(event: threading.Event) -> None:
    """Wait until something happens, or a minute."""
    event.wait(60)


class SlowLine(ThreadingHTTPServer):
    """The way to a witness, on which something happens before an answer is back."""

    daemon_threads = True

    def __init__(self, url: str, meanwhile: Callable[[], None]) -> None:
        """Forward to `url`."""
        super().__init__(("127.0.0.1", 0), _Forward)
        self.target, self.meanwhile = url, meanwhile
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Forward(BaseHTTPRequestHandler):
    server: SlowLine

    def do_POST(self) -> None:
        """Carry a request there and its answer back."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        witness = http.client.HTTPConnection(self.server.target.removeprefix("http://"))
        witness.request("POST", self.path, body)
        response = witness.getresponse()
        answer = response.read()
        witness.close()
        self.server.meanwhile()
        self.send_response(response.status)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def test_a_cosignature_that_comes_too_late_is_thrown_away(
    sqlite_database: str, tmp_path: Path
) -> None:
    """While the witness was slow, a statement was recorded well before the date: ask anew."""
    town = Town(sqlite_database, -MS_PER_MINUTE)

    def meanwhile() -> None:
        if len(town.world.statements) == 1:
            town.register(-LATE_MS - 2 * MS_PER_SECOND)

    with WitnessProcess(tmp_path / "w", known(town)) as witness:
        slow = SlowLine(witness.url, meanwhile)
        policy = town.policy(witness, url=slow.url)
        asked = town.ask(policy)
        slow.shutdown()
        slow.server_close()
    assert (asked.size, asked.is_met, asked.is_late) == (2, True, False)
    assert [row.size for row in town.store.cosigned()] == [2]
    assert town.verify(policy).exit_code == 0
    town.ledger.close()


def test_a_cosignature_that_comes_before_the_last_statement_is_thrown_away(
    sqlite_database: str, tmp_path: Path
) -> None:
    """A clock that ran three minutes fast, and was mended, must not spoil the ledger for good."""
    town = Town(sqlite_database)
    with WitnessProcess(tmp_path / "w", known(town)) as witness:
        policy = town.policy(witness)
        assert town.ask(policy).is_met
        town.register(3 * MS_PER_MINUTE)
        asked = town.ask(policy)
        assert (asked.size, asked.is_met, asked.is_late) == (2, False, False)
        reason = asked.answers[0].reason
        assert re.search(r"`recorded` is 1\d\d seconds ahead .* ask again in 1\d\d seconds", reason)
        assert [row.size for row in town.store.cosigned()] == [1]
        assert town.verify(town.policy(witness, quorum="none")).exit_code == 0
    town.ledger.close()


def test_a_witness_that_is_silent_keeps_nobody_waiting(town: Town, tmp_path: Path) -> None:
    """One that never ends its answer is given up; the other's cosignature is kept."""
    for_ever = threading.Event()
    with (
        WitnessProcess(tmp_path / "w", known(town)) as witness,
        WitnessProcess(tmp_path / "s", known(town), name="press.example/witness") as slow,
    ):
        line = SlowLine(slow.url, lambda: wait_for(for_ever))
        slow.url = line.url
        asked = ask_witnesses(town.store, town.policy(witness, slow), now_ms, patience_s=3)
        for_ever.set()
        line.shutdown()
        line.server_close()
    assert (asked.is_met, asked.answers[0].reason) == (True, "")
    assert asked.answers[1].line is None
    (row,) = town.store.cosigned()
    assert row.witnesses == str(witness.key)


def test_a_witness_with_another_clock_is_not_believed(town: Town, tmp_path: Path) -> None:
    """A date far from this machine's would accuse an honest ledger: it is told, and not kept."""
    with WitnessProcess(tmp_path / "w", known(town)) as witness:
        policy = town.policy(witness)
        for away_ms, word in ((MS_PER_MINUTE, "before"), (-MS_PER_MINUTE, "after")):
            asked = ask_witnesses(town.store, policy, partial(now_away, away_ms))
            assert not asked.is_met
            assert f"seconds {word} this machine's clock" in asked.answers[0].reason
    assert list(town.store.cosigned()) == []


def test_a_ledger_that_was_cut_back_or_rewritten_is_told(town: Town, tmp_path: Path) -> None:
    """The witness remembers what the operator's restored backup has forgotten."""
    with WitnessProcess(tmp_path / "w", known(town)) as witness:
        for _ in range(3):
            town.register()
        assert town.ask(town.policy(witness)).is_met
        backup = Town(f"sqlite:///{tmp_path / 'backup.db'}")
        backup.register()
        reason = backup.ask(backup.policy(witness)).answers[0].reason
        assert "has cosigned 4 statements of this ledger, which has 2" in reason
        for _ in range(2):
            backup.register()
        reason = backup.ask(backup.policy(witness)).answers[0].reason
        assert "another history of 4 statements: this ledger was rewritten" in reason
        backup.register()
        reason = backup.ask(backup.policy(witness)).answers[0].reason
        assert "declined with status 422" in reason
        backup.ledger.close()


def test_an_answer_by_another_key_is_no_cosignature(town: Town, tmp_path: Path) -> None:
    """Whoever answers at a witness's address must hold its key."""
    other = WitnessProcess(tmp_path / "other", known(town), name="press.example/witness")
    with WitnessProcess(tmp_path / "w", known(town)) as witness:
        other.url = witness.url
        asked = town.ask(town.policy(other))
    assert not asked.is_met
    assert "no cosignature of its key" in asked.answers[0].reason
    with pytest.raises(LedgerError, match="names no witness to ask"):
        town.ask(town.policy(quorum="none"))


def test_what_is_kept_names_its_witnesses(town: Town, tmp_path: Path) -> None:
    """A row holds the ledger's line and the witness's, dated now, and the witness's key."""
    with WitnessProcess(tmp_path / "w", known(town)) as witness:
        before_s = now_ms() // MS_PER_SECOND
        assert town.ask(town.policy(witness)).is_met
    (row,) = town.store.cosigned()
    own, line = parse_note(row.note).signatures
    assert (own.name, row.witnesses) == (LEDGER_KEY.verifier.name, str(witness.key))
    assert before_s <= cosigned_at(line) <= now_ms() // MS_PER_SECOND

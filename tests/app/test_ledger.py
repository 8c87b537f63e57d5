"""The ledger as an application: opening, submitting, and what it refuses to be."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from histories import keep
from world import World, signer

from bench.measure import by_clients
from bench.workload import SteadyClock, Workload
from ledger import statement, writer
from ledger.app import Ledger, Recorded, create_ledger, open_ledger
from ledger.errors import InvariantBroken, LedgerError, Malformed, Refused, Unverified
from ledger.identity import Ids, Stream
from ledger.merkle import check_inclusion, leaf_hash
from ledger.note import Ed25519Signer
from ledger.receipts import receipt_proof
from ledger.statement import decode_statement_file, encode_entry
from ledger.store.errors import LedgerExists, StoreUnavailable
from ledger.times import MS_PER_DAY
from ledger.tlog import Checkpoint, TlogProof


@pytest.fixture
def workload() -> Workload:
    """Give the parties of a small city."""
    return Workload()


@pytest.fixture
def ledger(database_url: str, workload: Workload) -> Iterator[Ledger]:
    """Open a ledger with contracts under which visits may be recorded."""
    opening = workload.opening()
    with create_ledger(database_url, next(opening), workload.ledger_key, workload.clock) as opened:
        for data in opening:
            opened.submit(data)
        yield opened


def test_the_same_text_again_gets_the_first_receipt(ledger: Ledger, workload: Workload) -> None:
    """Resubmission is harmless, in the same group and long after, and adds nothing."""
    (data,) = workload.visits(1, 3)
    first = ledger.submit(data)
    size = ledger.store.head().size
    assert ledger.submit(data) == first
    assert ledger.store.head().size == size


def test_a_crowd_is_admitted_in_its_order_and_shares_commits(
    ledger: Ledger, workload: Workload
) -> None:
    """Receipts come in the order of the statements, and far fewer checkpoints than statements."""
    crowd = list(workload.visits(200, 2))
    head = ledger.store.head().size
    before = len(list(ledger.store.checkpoints()))
    receipts = ledger.submit_all(crowd)
    assert [receipt.index for receipt in receipts] == list(range(head, head + 200))
    assert ledger.submit(crowd[7]) == receipts[7]
    assert len(list(ledger.store.checkpoints())) - before < 100
    assert ledger.submit_all([]) == []


def test_a_refusal_in_a_crowd_is_told_and_stops_nobody_else(
    ledger: Ledger, workload: Workload
) -> None:
    """The first refusal is raised; what stands before and behind it is admitted all the same."""
    first, second, third = workload.visits(3, 1)
    with pytest.raises(Refused, match="event_id_taken"):
        ledger.submit_all([first, workload.signed_again(first), second, third])
    size = ledger.store.head().size
    assert [ledger.submit(data).index for data in (first, second, third)] == [
        size - 3,
        size - 2,
        size - 1,
    ]


def test_a_file_in_a_crowd_that_is_none_is_told_and_stops_nobody_else(
    ledger: Ledger, workload: Workload
) -> None:
    """The first failure is raised, of whichever kind; all the others are judged."""
    first, second, third, fourth = workload.visits(4, 1)
    again = workload.signed_again(first)
    size = ledger.store.head().size
    with pytest.raises(Malformed, match="not a statement file"):
        ledger.submit_all([first, b"junk\n", again, second])
    assert ledger.store.head().size == size + 2
    with pytest.raises(Refused, match="event_id_taken"):
        ledger.submit_all([third, again, b"junk\n", fourth])
    crowd = [first, second, third, fourth]
    assert [ledger.submit(data).index for data in crowd] == list(range(size, size + 4))


def test_an_event_id_is_admitted_once(ledger: Ledger, workload: Workload) -> None:
    """A second statement over an event that is in the ledger is refused, alone."""
    first, other = workload.visits(2, 1)
    ledger.submit(first)
    again = workload.signed_again(first)
    with pytest.raises(Refused, match="event_id_taken"):
        ledger.submit(again)
    assert ledger.submit(other).index == ledger.store.head().size - 1


def test_a_tick_books_what_is_due_once_and_the_books_close(database_url: str) -> None:
    """The operator's key signs what the clocks give; a second tick, or a closing, adds nothing.

    Before a closing it is booked, too.
    """
    world = World.contracted()
    for number in (1, 2):
        world.visits("c-1")
        world.claim(f"k-{number}", "c-1")
    world.answer("k-2")
    kept = keep(database_url, world)
    operator, ids = signer("OPR/one"), Ids(Stream(b"tick"))
    with kept.ledger as ledger:
        assert ledger.tick(operator, ids) == []
        kept.clock.set_ms += 21 * MS_PER_DAY
        with pytest.raises(Refused, match="signer_lacks_role"):
            ledger.tick(signer("AUT/one"), ids)
        assert [(due.type_name, due.about) for due in ledger.tick(operator, ids)] == [
            ("claim.deemed_accepted", "k-1")
        ]
        size = ledger.store.head().size
        assert ledger.tick(operator, ids) == []
        assert ledger.close_books(operator, ids).index == size
        kept.clock.set_ms += 40 * MS_PER_DAY
        assert ledger.close_books(operator, ids).index == size + 2
        assert ledger.state.interest["k-2"].accrued_fen == 33  # 13 days late at February's end


def test_of_a_group_only_the_refused_statement_fails(ledger: Ledger, workload: Workload) -> None:
    """Sound statements that wait together with refused ones are admitted with them."""
    sound = list(workload.visits(12, 1))
    ledger.submit(sound[0])
    outcomes: dict[bytes, object] = {}

    def submit(data: bytes) -> None:
        try:
            outcomes[data] = ledger.submit(data)
        except LedgerError as error:
            outcomes[data] = error

    wrong = [workload.signed_again(sound[0]), b"not a statement"]
    threads = [Thread(target=submit, args=(data,)) for data in [*sound, *wrong]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = {data for data, outcome in outcomes.items() if isinstance(outcome, LedgerError)}
    assert refused == set(wrong)


def test_a_helper_that_is_killed_is_done_without(ledger: Ledger, workload: Workload) -> None:
    """A crowd's statements are all admitted while the helper lives, and when it was killed."""
    crowds = [list(workload.visits(40, 1)) for _ in range(12)]
    for crowd in crowds[:-2]:
        by_clients(20, crowd, lambda _, data: ledger.submit(data))
        if _helpers():
            break
    for helper in _helpers():
        os.kill(helper, signal.SIGKILL)
    before = ledger.store.head().size
    for crowd in crowds[-2:]:
        by_clients(20, crowd, lambda _, data: ledger.submit(data))
    assert ledger.store.head().size == before + 80
    with pytest.raises(Unverified):
        ledger.submit(crowds[0][0].replace(b"\n1\n", b"\n2\n"))


def _helpers() -> list[int]:
    """Return the helper processes of this one."""
    found = []
    for tasks in Path("/proc/self/task").iterdir():
        for child in (tasks / "children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"ledger.helpers" in command:
                found.append(int(child))
    return found


def test_a_receipt_proves_the_entry_against_its_checkpoint(
    ledger: Ledger, workload: Workload
) -> None:
    """A receipt's path leads from the statement's entry to the root that the ledger signed."""
    statements = list(workload.visits(600, 1))
    receipts = [ledger.submit(data) for data in statements]
    for place in (0, 255, 256, 599):
        receipt, data = receipts[place], statements[place]
        proof = TlogProof.parse(receipt_proof(ledger.store, receipt.index))
        checkpoint = Checkpoint.parse(proof.checkpoint.decode().partition("\n\n")[0] + "\n")
        entry = encode_entry(receipt.recorded_ms, decode_statement_file(data)[0])
        check_inclusion(
            leaf_hash(entry), receipt.index, checkpoint.size, proof.path, checkpoint.root
        )
        assert receipt_proof(ledger.store, receipt.index) == proof.encode()


def test_a_ledger_opens_again_with_its_whole_state(
    database_url: str, ledger: Ledger, workload: Workload
) -> None:
    """Reopening replays to the same state, and goes on from there."""
    for data in workload.visits(40, 2, claim_every=4):
        ledger.submit(data)
    with open_ledger(database_url, workload.ledger_key, SteadyClock()) as again:
        for table in ("balances", "totals", "contracts", "claims", "subjects", "visits", "keys"):
            assert getattr(again.state, table) == getattr(ledger.state, table)
        assert again.submit(next(workload.visits(1, 1))).index == again.store.head().size - 1


def test_another_key_may_not_write(database_url: str, ledger: Ledger) -> None:
    """A ledger is extended only by the key that its genesis names."""
    stranger = Ed25519Signer(ledger.origin, b"\x05" * 32)
    with pytest.raises(Unverified):
        open_ledger(database_url, stranger, SteadyClock())


def test_a_refusal_is_judged_on_what_another_writer_has_written(
    database_url: str, ledger: Ledger, workload: Workload
) -> None:
    """A writer that lags gives the first receipt, and knows keys and parties, all the same."""
    enrolments = list(workload.newcomer("NEW"))
    with open_ledger(database_url, workload.ledger_key, SteadyClock()) as other:
        receipts = [other.submit(data) for data in enrolments]
        # By a key that this ledger has not heard of, and already in the log.
        assert ledger.submit(enrolments[-1]) == receipts[-1]
        (granted,) = workload.granted("NEW", "provider")
        assert other.submit(next(workload.visits(1, 1))).index == receipts[-1].index + 1
        assert ledger.submit(granted).index == receipts[-1].index + 2


def test_a_genesis_that_is_not_sound_creates_nothing(tmp_path: Path, workload: Workload) -> None:
    """A wrong ledger key, a broken file or a later statement leaves no database behind."""
    opening = workload.opening()
    genesis, later = next(opening), next(opening)
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    stranger = Ed25519Signer(workload.ledger_key.verifier.name, b"\x05" * 32)
    with pytest.raises(Unverified):
        create_ledger(url, genesis, stranger, SteadyClock())
    with pytest.raises(Malformed):
        create_ledger(url, genesis[:-1], workload.ledger_key, SteadyClock())
    with pytest.raises(Refused):
        create_ledger(url, later, workload.ledger_key, SteadyClock())
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_is_created_once_and_not_by_opening(
    database_url: str, ledger: Ledger, workload: Workload, tmp_path: Path
) -> None:
    """`create_ledger` refuses what exists, `open_ledger` what does not."""
    genesis = next(Workload().opening())
    with pytest.raises(LedgerExists):
        create_ledger(database_url, genesis, workload.ledger_key, SteadyClock())
    assert ledger.store.head().size > 1
    with pytest.raises(StoreUnavailable):
        open_ledger(f"sqlite:///{tmp_path / 'missing.db'}", workload.ledger_key)


def test_the_library_reads_what_was_signed_and_saves_nothing(ledger: Ledger) -> None:
    """The eventsourcing ports show the signed events in order; unsigned ones cannot enter."""
    notifications = ledger.notification_log.select(1, 10)
    assert [each.id for each in notifications] == list(range(1, 11))
    (first, *_) = ledger.events.get("contract/c-1")
    assert isinstance(first, Recorded)
    assert first.event.at == "2025-02-01T00:00:00.000Z"
    assert first.originator_version == 1
    with pytest.raises(LedgerError):
        ledger.save()


def test_whoever_submits_while_the_ledger_closes_is_told(
    ledger: Ledger, workload: Workload
) -> None:
    """No client waits for ever: each gets its receipt, or hears that the ledger is closed."""
    statements = list(workload.visits(64, 1))
    outcomes: list[object] = []

    def submit(data: bytes) -> None:
        try:
            outcomes.append(ledger.submit(data))
        except LedgerError as error:
            outcomes.append(error)

    threads = [Thread(target=submit, args=(data,)) for data in statements]
    for thread in threads[:32]:
        thread.start()
    closing = Thread(target=ledger.close)
    closing.start()
    for thread in threads[32:]:
        thread.start()
    for thread in [*threads, closing]:
        thread.join(timeout=30)
        assert not thread.is_alive()
    assert len(outcomes) == len(statements)


def test_a_mistake_of_ours_fails_one_statement_not_its_group(
    ledger: Ledger, workload: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception that no rule raises is told to its own client; the others are admitted."""
    bad, good = workload.visits(2, 1)
    poison = decode_statement_file(bad)[0]
    real = statement.encode_entry

    def failing(recorded_ms: int, note: bytes) -> bytes:
        if note == poison:
            raise KeyError("a slip")
        return real(recorded_ms, note)

    monkeypatch.setattr(writer, "encode_entry", failing)
    with pytest.raises(InvariantBroken, match="a slip"):
        ledger.submit(bad)
    assert ledger.submit(good).event_count == 1

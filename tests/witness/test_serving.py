"""A real witness process: what it cosigns, what it never does, and what survives SIGKILL."""

import http.client
import itertools
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from witness_process import PASSWORD, WitnessProcess

from api.witness import MAX_CONNECTIONS, MAX_CONNECTIONS_EACH, WitnessServer
from ledger.cosigning import Request
from ledger.keys import create_key_file
from ledger.merkle import leaf_hash, prove_consistency, root_of
from ledger.note import (
    COSIGNATURE_V1,
    Ed25519Signer,
    cosigned_at,
    format_note,
    open_note,
    parse_note,
    sign_note,
)
from ledger.tlog import Checkpoint
from ledger.witness.memory import Memory
from ledger.witness.witness import Witness

LOG = Ed25519Signer("ledger.example.gov.cn", bytes([3]) * 32)
OTHER = Ed25519Signer("other.example", bytes([4]) * 32)
POLICY = f"log {LOG.verifier}\nlog {OTHER.verifier}\nquorum none\n"
LEAVES = [leaf_hash(b"%d" % n) for n in range(300)]


def leaves(fork: int | None = None) -> list[bytes]:
    """Return the log's leaves; of another history they differ from number `fork` on."""
    return LEAVES if fork is None else [*LEAVES[:fork], *map(leaf_hash, LEAVES[fork:])]


def asked(
    old_size: int, size: int, *, fork: int | None = None, signer: Ed25519Signer = LOG
) -> bytes:
    """Return the request of a log for `size`, of its true history or of another."""
    mine = leaves(fork)

    def subtree(level: int, n: int) -> bytes:
        return root_of(mine[n << level : (n + 1) << level])

    path = prove_consistency(old_size, size, subtree) if 0 < old_size <= size else []
    text = Checkpoint(signer.verifier.name, size, root_of(mine[:size])).encode()
    return Request(old_size, tuple(path), sign_note(text, signer)).encode()


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[WitnessProcess]:
    """Run a witness of two logs."""
    with WitnessProcess(tmp_path / "w", POLICY) as witness:
        yield witness


def check_cosigned(witness: WitnessProcess, request: bytes) -> int:
    """Check that a request is answered by a cosignature; return its time."""
    status, answer, _ = witness.post(request)
    assert status == 200, answer
    note = parse_note(Request.parse(request).checkpoint)
    (line,) = parse_note(b"text\n\n" + answer).signatures
    opened = open_note(format_note(note.text, [*note.signatures, line]), [witness.key])
    assert opened.verified == (line,)
    return cosigned_at(line)


def test_a_log_that_grows_is_cosigned_each_time(witness: WitnessProcess) -> None:
    """From nothing, to the same size again, and on; dated by the witness, times never go back."""
    sizes = [0, 1, 1, 2, 7, 8, 255, 256, 300, 300]
    times = [check_cosigned(witness, asked(old, new)) for old, new in itertools.pairwise(sizes)]
    assert times == sorted(times)
    assert witness.stop() == 0
    assert f"cosigned 300 statements of {LOG.verifier.name}." in witness.said()


def test_what_does_not_continue_is_declined(witness: WitnessProcess) -> None:
    """Each lie of a log, and each stranger, gets its status, and changes nothing."""
    check_cosigned(witness, asked(0, 100))
    impostor = Ed25519Signer(LOG.verifier.name, bytes([9]) * 32)
    stranger = Ed25519Signer("unheard.example", bytes([5]) * 32)
    for request, expected in (
        (asked(0, 200), (409, b"100\n", "text/x.tlog.size")),  # as a log asks that has forgotten
        (asked(99, 200), (409, b"100\n", "text/x.tlog.size")),
        (asked(50, 60), (409, b"100\n", "text/x.tlog.size")),  # a rollback
        (asked(100, 100, fork=99), (409, b"100\n", "text/x.tlog.size")),  # two roots of one size
        (asked(100, 200, fork=50), (422, None, None)),  # a fork
        (
            asked(100, 200).replace(b"old 100\n", b"old 100\n" + b"A" * 43 + b"=\n"),
            (422, None, None),
        ),
        (asked(100, 200, signer=impostor), (403, None, None)),  # a forged checkpoint
        (asked(100, 200, signer=stranger), (404, None, None)),
        (asked(100, 200).replace(b"old 100", b"old 201"), (400, None, None)),
        (b"nonsense", (400, None, None)),
        (b"", (400, None, None)),
    ):
        status, answer, kind = witness.post(request)
        assert (status, answer, kind) == (
            expected[0],
            expected[1] or answer,
            expected[2] or "text/plain; charset=utf-8",
        )
    assert witness.post(asked(100, 200), "/elsewhere")[0] == 404
    check_cosigned(witness, asked(100, 200))


def test_each_log_has_a_history_of_its_own(witness: WitnessProcess) -> None:
    """What one log showed does not bind the other."""
    check_cosigned(witness, asked(0, 100))
    check_cosigned(witness, asked(0, 3, signer=OTHER))
    check_cosigned(witness, asked(3, 90, signer=OTHER))
    check_cosigned(witness, asked(100, 101))


def test_it_remembers_across_sigkill(witness: WitnessProcess) -> None:
    """Killed after every answer, it never cosigns a second root of a size, nor a smaller one."""
    size = 0
    for new in (1, 41, 256):
        check_cosigned(witness, asked(size, new))
        witness.kill()
        witness.start()
        assert witness.post(asked(size, new))[:2] == (409, b"%d\n" % new)
        assert witness.post(asked(new, new, fork=new - 1))[:2] == (409, b"%d\n" % new)
        assert witness.post(asked(size, size or 1))[:2] == (409, b"%d\n" % new)
        size = new
    check_cosigned(witness, asked(256, 256))


def test_killed_at_any_moment_it_holds_to_what_it_answered(witness: WitnessProcess) -> None:
    """A cosignature that got out binds it; one that did not get out may have been remembered."""
    moments, size = random.Random(5), 0
    for new in (10, 20, 30, 40, 50, 60):
        answered: list[int] = []
        asking = threading.Thread(target=ask_alone, args=(witness.url, asked(size, new), answered))
        asking.start()
        time.sleep(moments.uniform(0, 0.015))
        witness.kill()
        asking.join()
        witness.start()
        status, answer, _ = witness.post(asked(300, 300))
        remembered = int(answer)
        assert (status, remembered in {size, new}) == (409, True)
        if answered:
            assert (answered, remembered) == ([200], new)
        size = remembered


def test_of_two_histories_at_once_one_is_cosigned(witness: WitnessProcess) -> None:
    """A log that shows different people different histories at one moment gets one of them."""
    check_cosigned(witness, asked(0, 5))
    answers: dict[int, list[int]] = {0: [], 1: []}
    threads = [
        threading.Thread(target=ask_alone, args=(witness.url, request, answers[which]))
        for _ in range(7)
        for which, request in enumerate((asked(5, 9), asked(5, 9, fork=8)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers[0] + answers[1]) == [200, *[409] * 13]
    again = [witness.post(request)[0] for request in (asked(9, 9), asked(9, 9, fork=8))]
    assert again == ([200, 409] if 200 in answers[0] else [409, 200])


def ask_alone(url: str, request: bytes, answers: list[int]) -> None:
    """Ask over a connection of one's own; keep the status, if there was an answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request("POST", "/add-checkpoint", request)
        answers.append(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        return
    finally:
        connection.close()


def test_one_folder_serves_one_process(witness: WitnessProcess) -> None:
    """Two processes with one memory could each cosign a history: the second does not start."""
    assert "another witness uses the folder" in witness.refusal()


def test_a_memory_that_was_changed_is_not_believed(witness: WitnessProcess) -> None:
    """Set back by hand to a smaller size, or to another key's, the witness does not start."""
    check_cosigned(witness, asked(0, 100))
    (file,) = witness.memory.glob("*.checkpoint")
    true = file.read_bytes()
    witness.kill()
    for false in (true.replace(b"\n100\n", b"\n10\n"), b"", b"junk", true[:-30]):
        file.write_bytes(false)
        assert "needs a new key and a new folder" in witness.refusal()
    file.write_bytes(true)
    file.rename(file.with_name("elsewhere.checkpoint"))
    witness.start()
    assert witness.post(asked(100, 100))[:2] == (409, b"0\n")  # a memory lost is a witness lost


def test_bodies_out_of_bounds_end_the_connection(witness: WitnessProcess) -> None:
    """Whoever sends too much, or does not say how much, is told, and not read."""
    assert witness.post(b"x" * 70_000)[0] == 413
    parts = urlsplit(witness.url)
    for sent in (
        b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n\r\n",
        b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: -1\r\n\r\n",
        b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ):
        with socket.create_connection((parts.hostname, parts.port or 0), timeout=30) as plain:
            plain.sendall(sent)
            answer = b"".join(iter(lambda: plain.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 411 ")
    check_cosigned(witness, asked(0, 1))


def connect(url: str, address: str = "127.0.0.1") -> socket.socket:
    """Open a connection from an address of this machine."""
    parts = urlsplit(url)
    there = (parts.hostname or "", parts.port or 0)
    return socket.create_connection(there, timeout=30, source_address=(address, 0))


def test_whoever_opens_many_connections_keeps_others_waiting_only_so_long(
    witness: WitnessProcess,
) -> None:
    """Beyond the limit it hangs up at once; when room is made, it answers again."""
    held = [
        connect(witness.url, f"127.0.0.{2 + n // MAX_CONNECTIONS_EACH}")
        for n in range(MAX_CONNECTIONS + 1)
    ]
    assert held[-1].recv(1) == b""
    for each in held:
        each.close()
    statuses: list[int] = []
    while not statuses:
        ask_alone(witness.url, asked(0, 1), statuses)
    assert statuses == [200]


def test_one_address_cannot_take_every_connection(witness: WitnessProcess) -> None:
    """Beyond its share it is hung up on, while another address is answered."""
    held = [connect(witness.url, "127.0.0.2") for _ in range(MAX_CONNECTIONS_EACH + 1)]
    assert held[-1].recv(1) == b""
    check_cosigned(witness, asked(0, 1))
    for each in held:
        each.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /add-checkpoint HTTP/1.1\r\nX: ",
        b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 60000\r\n\r\n",
    ],
    ids=["head", "body"],
)
def test_a_request_that_drips_is_given_up(sent: bytes, tmp_path: Path) -> None:
    """Each byte comes in good time, and the request never ends: the witness hangs up."""
    signer = Ed25519Signer("audit.example/witness", bytes([7]) * 32, COSIGNATURE_V1)
    with Memory(tmp_path / "w", signer.verifier) as memory:
        witness = Witness(signer, [LOG.verifier], memory, lambda: 0)
        with WitnessServer("127.0.0.1", 0, witness, lambda _told: None, request_s=1) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            with connect(server.url) as dripping:
                dripping.sendall(sent)
                dripping.settimeout(0.1)
                assert any(is_hung_up(dripping) for _ in range(100))
            statuses: list[int] = []
            ask_alone(server.url, asked(0, 1), statuses)
            assert statuses == [200]
            server.shutdown()


def is_hung_up(connection: socket.socket) -> bool:
    """Send a byte more; return whether the other side has closed the connection."""
    try:
        connection.sendall(b"x")
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_it_starts_only_with_what_it_needs(tmp_path: Path) -> None:
    """A signing key, a policy without logs, a replay of several logs: each is told, and why."""
    witness = WitnessProcess(tmp_path / "w", POLICY)
    witness.folder.joinpath("policy").write_text("quorum none\n")
    assert "lines `log`" in witness.refusal()
    witness.folder.joinpath("policy").write_text(POLICY)
    replaying = WitnessProcess(tmp_path / "w", POLICY, "--replay")
    assert "follows one ledger" in replaying.refusal()
    create_key_file(
        *(witness.folder / "keys", "city/office", bytes(32)),
        use="sign",
        holder="h-1",
        password=PASSWORD,
    )
    signing = WitnessProcess(tmp_path / "w", POLICY, name="city/office")
    assert "is not a witness's" in signing.refusal()

"""Opening the statements of a history: signatures and hashes, here or in helper processes.

Opening is the part of a replay that needs no history but the key directory, so helpers can do it
side by side. A helper gets entries and events as bytes, and the keys enrolled so far; it gives
back what it found, with the public keys it used. The replay decodes the events again (the
helper has checked that they are canonical, so that is cheap) and confirms that the keys used are
those enrolled.

A helper never decides: what it cannot open, for whatever reason (a key it has not heard of, a
forged signature, bytes in no form), it leaves, and the replay opens it in its turn, with the keys
enrolled at that position, and tells what is wrong.

Memory is bounded by the parts in flight, two a helper.
"""

import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from multiprocessing.connection import Connection, Pipe
from typing import Generic, NamedTuple, Protocol, TypeVar

import msgspec

from ledger.errors import LedgerError
from ledger.events import decode_known_events
from ledger.merkle import HASH_SIZE, leaf_hash
from ledger.note import VerifierKey
from ledger.opening import FindKey, Opened, open_statement
from ledger.parties import Key
from ledger.statement import decode_entry, note_of_entry


class Limits(NamedTuple):
    """How much is opened at once: so many statements and bytes, or one statement that has more."""

    statements: int
    bytes: int


BESIDE = Limits(256, 1 << 20)
"""A helper's part: enough that handing it over costs little beside its signatures."""
HERE = Limits(16, 1 << 16)
"""A part opened here: what the processor's caches hold until it is judged."""
PARTS_A_HELPER = 2
"""One that a helper works on, and one that it finds waiting when it has finished."""
KEYS_A_PART = 4096
"""Keys told with a part; a helper leaves to the replay what it has no key for yet."""


class Recorded(Protocol):
    """A statement as a source gives it."""

    @property
    def entry(self) -> bytes:
        """Its log entry."""

    @property
    def bodies(self) -> tuple[bytes, ...]:
        """Its events."""


R = TypeVar("R", bound=Recorded)


class Opening(NamedTuple):
    """A statement that was opened.

    Attributes:
        recorded_ms: when the ledger admitted it.
        leaf: leaf hash of its entry.
        opened: the statement and its events.

    """

    recorded_ms: int
    leaf: bytes
    opened: Opened


class _Answer(msgspec.Struct, frozen=True, array_like=True):
    """An opening as a helper gives it.

    Attributes:
        recorded_ms: when the ledger admitted it.
        leaf: leaf hash of its entry.
        id: SHA-256 of its text.
        origin: the ledger it is meant for.
        made_at_ms: when it was made.
        keys: name and public key of each signature line, in their order.
        leaves: leaf hashes of its events, one behind the other.

    """

    recorded_ms: int
    leaf: bytes
    id: bytes
    origin: str
    made_at_ms: int
    keys: tuple[tuple[str, bytes], ...]
    leaves: bytes

    def opening(self, record: Recorded, enrolled: Mapping[str, Key]) -> Opening | None:
        """Return the opening of `record` if the keys used are those enrolled, else None."""
        keys = []
        for name, public_key in self.keys:
            key = enrolled.get(name)
            if key is None or key.verifier.public_key != public_key:
                return None
            keys.append(key.verifier)
        data, bodies = self.leaves, record.bodies
        opened = Opened(
            self.id,
            self.origin,
            self.made_at_ms,
            note_of_entry(record.entry),
            tuple(keys),
            decode_known_events(bodies),
            bodies,
            tuple([data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]),
        )
        return Opening(self.recorded_ms, self.leaf, opened)


class _Part(msgspec.Struct, frozen=True, array_like=True):
    """What a helper is asked: verifier keys that are new, and entries with their events."""

    vkeys: list[str]
    statements: list[tuple[bytes, tuple[bytes, ...]]]


_PARTS = msgspec.msgpack.Decoder(_Part)
_ANSWERS = msgspec.msgpack.Decoder(list[_Answer | None])
_ENCODER = msgspec.msgpack.Encoder()


def open_here(
    records: Iterable[R], enrolled: Mapping[str, Key]
) -> Iterator[tuple[R, Opening | None]]:
    """Yield each record with its opening; None where the replay must open it in its turn.

    A small part is opened before its statements are judged: to take turns at every statement
    would push the code of the one out of the processor's caches for that of the other.
    """
    parts = _Parts(records, HERE)
    for part in parts:
        yield from zip(part, _open_part(part, enrolled), strict=True)
    if parts.unreadable is not None:
        raise parts.unreadable


def open_beside(
    records: Iterable[R], enrolled: Mapping[str, Key], helpers: int
) -> Iterator[tuple[R, Opening | None]]:
    """Yield each record with what a helper made of it; None where it left it.

    `enrolled` is read while the replay fills it. Until the helpers have started, parts are opened
    here. Cost: `helpers` processes of some 60 MB each.

    Raises:
        LedgerError: a helper ended before its time.

    """
    parts = _Parts(records, BESIDE)
    with ExitStack() as running:
        staff = [_Helper(running) for _ in range(helpers)]
        idle = deque(staff * PARTS_A_HELPER)
        asked: deque[tuple[_Helper, list[R]]] = deque()

        def hand_out() -> None:
            while idle and idle[0].is_ready() and (part := next(parts, None)) is not None:
                helper = idle.popleft()
                helper.ask(part, enrolled)
                asked.append((helper, part))

        while True:
            if asked:
                helper, part = asked.popleft()
                answers = helper.answer()
                idle.append(helper)
                hand_out()  # before this part is judged, so that nobody waits
                yield from zip(part, _confirmed(part, answers, enrolled), strict=True)
            elif (mine := next(parts, None)) is not None:
                hand_out()
                yield from zip(mine, _open_part(mine, enrolled), strict=True)
            else:
                break
        if parts.unreadable is not None:
            raise parts.unreadable


def _open_part(part: Sequence[Recorded], enrolled: Mapping[str, Key]) -> list[Opening | None]:
    def find_key(name: str) -> VerifierKey | None:
        key = enrolled.get(name)
        return None if key is None else key.verifier

    return [_open(record.entry, record.bodies, find_key) for record in part]


def _confirmed(
    part: Sequence[Recorded], answers: Sequence["_Answer | None"], enrolled: Mapping[str, Key]
) -> Iterator[Opening | None]:
    for record, answer in zip(part, answers, strict=True):
        yield answer.opening(record, enrolled) if answer else None


class _Helper:
    """A process that opens statements, and the thread that talks with it.

    The thread sends a part and takes the answer before it sends the next, so neither side ever
    writes to one that does not read.
    """

    def __init__(self, running: ExitStack) -> None:
        # Not `multiprocessing.Process`, which would import the caller's whole program once more.
        self._pipe, theirs = Pipe()
        command = [sys.executable, "-P", "-m", __spec__.name, str(theirs.fileno())]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        process = subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()])  # noqa: S603 (our own module)
        theirs.close()
        self._told = 0  # keys of the directory that the helper knows
        self._ready = threading.Event()
        self._asks: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[bytes | OSError | EOFError] = queue.SimpleQueue()
        thread = threading.Thread(target=self._talk, name="sunledger-helper", daemon=True)
        thread.start()
        running.callback(process.wait)
        running.callback(thread.join)
        running.callback(self._asks.put, None)  # first: the pipe is closed, the helper ends

    def is_ready(self) -> bool:
        """Return whether the helper has started."""
        return self._ready.is_set()

    def ask(self, part: Sequence[Recorded], enrolled: Mapping[str, Key]) -> None:
        """Let the helper open a part, after those it was asked before."""
        new = islice(enrolled.values(), self._told, self._told + KEYS_A_PART)
        vkeys = [str(key.verifier) for key in new]
        self._told += len(vkeys)
        statements = [(record.entry, record.bodies) for record in part]
        self._asks.put(_ENCODER.encode(_Part(vkeys, statements)))

    def answer(self) -> list[_Answer | None]:
        """Return what it made of the part it was asked first, of those not answered yet.

        Raises:
            LedgerError: it ended before its time.

        """
        answer = self._answers.get()
        if isinstance(answer, bytes):
            return _ANSWERS.decode(answer)
        raise LedgerError(f"a helper process of the verification ended: {answer}")

    def _talk(self) -> None:
        try:
            with self._pipe:
                self._pipe.recv_bytes()
                self._ready.set()
                while (ask := self._asks.get()) is not None:
                    self._pipe.send_bytes(ask)
                    self._answers.put(self._pipe.recv_bytes())
        except (EOFError, OSError) as error:
            self._answers.put(error)


def _serve(pipe: Connection) -> None:
    """Open parts until the pipe ends: the life of a helper."""
    keys: dict[str, VerifierKey] = {}
    try:
        pipe.send_bytes(b"ready")
    except OSError:
        return  # the replay ended before this helper had started
    while True:
        try:
            part = _PARTS.decode(pipe.recv_bytes())
        except (EOFError, OSError, KeyboardInterrupt):
            return
        for vkey in part.vkeys:
            key = VerifierKey.parse(vkey)
            keys[key.name] = key
        openings = [_open(entry, bodies, keys.get) for entry, bodies in part.statements]
        answers = [opening and _answer(opening) for opening in openings]
        try:
            pipe.send_bytes(_ENCODER.encode(answers))
        except OSError:
            return  # the replay has found something wrong and asks no more


def _open(entry: bytes, bodies: tuple[bytes, ...], find_key: FindKey) -> Opening | None:
    try:
        recorded_ms, note = decode_entry(entry)
        opened = open_statement(note, bodies, find_key)
    except LedgerError:
        return None  # the replay opens it in its turn and tells what is wrong
    return Opening(recorded_ms, leaf_hash(entry), opened)


def _answer(opening: Opening) -> _Answer:
    opened = opening.opened
    return _Answer(
        opening.recorded_ms,
        opening.leaf,
        opened.id,
        opened.origin,
        opened.made_at_ms,
        tuple([(key.name, key.public_key) for key in opened.keys]),
        b"".join(opened.leaves),
    )


class _Parts(Generic[R]):
    """Cuts records into parts of a bounded number and size.

    The first parts are small, and each at most a quarter of what came before: a ledger begins by
    enrolling keys, and a helper knows only those enrolled when it was asked.

    Reading runs ahead of the judgement. Where the records cannot be read on, the parts end, and
    `unreadable` says why: what came before is judged first.
    """

    def __init__(self, records: Iterable[R], limits: Limits) -> None:
        self._records = iter(records)
        self._limits = limits
        self._seen = 0
        self.unreadable: LedgerError | None = None

    def __iter__(self) -> Iterator[list[R]]:
        return self

    def __next__(self) -> list[R]:
        part: list[R] = []
        size = 0
        most = min(self._limits.statements, max(HERE.statements, self._seen // 4))
        try:
            for record in self._records:
                part.append(record)
                size += len(record.entry) + sum(map(len, record.bodies))
                if len(part) >= most or size >= self._limits.bytes:
                    break
        except LedgerError as error:
            self.unreadable = error
        if not part:
            raise StopIteration
        self._seen += len(part)
        return part


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))

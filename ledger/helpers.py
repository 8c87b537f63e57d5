"""Helper processes that open statements: signatures and hashes on another core.

Opening is the part of admission and of replay that needs no history but the key directory. A
helper gets notes and events as bytes, and the keys enrolled so far; it gives back what it found,
with the public keys it used. Whoever asked decodes the events again (the helper has checked that
they are canonical, so that is cheap) and confirms that the keys used are those enrolled.

A helper never decides: what it cannot open, for whatever reason (a key it has not heard of, a
forged signature, bytes in no form), it leaves, and whoever asked opens it in its turn, with the
keys enrolled at that position, and tells what is wrong.

It is a program of its own and no thread: two threads that parse take Python's lock from each
other.
"""

import queue
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from multiprocessing.connection import Connection

import msgspec

from ledger.errors import LedgerError
from ledger.events import decode_known_events
from ledger.merkle import HASH_SIZE
from ledger.note import VerifierKey
from ledger.opening import FindKey, Opened, open_statement
from ledger.parties import Key
from ledger.programs import start

KEYS_A_PART = 4096
"""Keys told with a part; a helper leaves what it has no key for yet."""

Unopened = tuple[bytes, tuple[bytes, ...]]
"""A statement's note and its events."""


class Found(msgspec.Struct, frozen=True, array_like=True):
    """What a helper found of a statement.

    Attributes:
        id: SHA-256 of its text.
        origin: the ledger it is meant for.
        made_at_ms: when it was made.
        keys: name and public key of each signature line, in their order.
        leaves: leaf hashes of its events, one behind the other.

    """

    id: bytes
    origin: str
    made_at_ms: int
    keys: tuple[tuple[str, bytes], ...]
    leaves: bytes

    def opened(
        self, note: bytes, bodies: tuple[bytes, ...], enrolled: Mapping[str, Key]
    ) -> Opened | None:
        """Return the statement as opened if the keys used are those enrolled, else None."""
        keys = []
        for name, public_key in self.keys:
            key = enrolled.get(name)
            if key is None or key.verifier.public_key != public_key:
                return None
            keys.append(key.verifier)
        data = self.leaves
        return Opened(
            self.id,
            self.origin,
            self.made_at_ms,
            note,
            tuple(keys),
            decode_known_events(bodies),
            bodies,
            tuple([data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]),
        )


class _Part(msgspec.Struct, frozen=True, array_like=True):
    """What a helper is asked: verifier keys that are new, and statements."""

    vkeys: list[str]
    statements: list[Unopened]


_PARTS = msgspec.msgpack.Decoder(_Part)
_ANSWERS = msgspec.msgpack.Decoder(list[Found | None])
_ENCODER = msgspec.msgpack.Encoder()


class Helper:
    """A process that opens statements, and the thread that talks with it.

    The thread sends a part and takes the answer before it sends the next, so neither side ever
    writes to one that does not read. Memory: some 60 MB, and the parts in flight.
    """

    def __init__(self, running: ExitStack) -> None:
        """Start the process; it ends when `running` is closed, or when this process does.

        Raises:
            OSError: no process can be started.

        """
        process, ours = start(__spec__.name)
        self._pipe = Connection(ours.detach())
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

    def ask(self, statements: Sequence[Unopened], enrolled: Mapping[str, Key]) -> None:
        """Let the helper open a part, after those it was asked before.

        `enrolled` is the key directory, which only grows at its end.
        """
        new = islice(enrolled.values(), self._told, self._told + KEYS_A_PART)
        vkeys = [str(key.verifier) for key in new]
        self._told += len(vkeys)
        self._asks.put(_ENCODER.encode(_Part(vkeys, list(statements))))

    def has_answer(self) -> bool:
        """Return whether it has made something of the part it was asked first."""
        return not self._answers.empty()

    def answer(self) -> list[Found | None]:
        """Return what it made of the part it was asked first, of those not answered yet.

        Raises:
            LedgerError: it ended before its time.

        """
        answer = self._answers.get()
        if isinstance(answer, bytes):
            return _ANSWERS.decode(answer)
        self._answers.put(answer)  # nor will it answer anything else
        raise LedgerError(f"a helper process that opens statements ended: {answer!r}")

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
        return  # whoever started this helper has ended before it was ready
    while True:
        try:
            part = _PARTS.decode(pipe.recv_bytes())
        except (EOFError, OSError, KeyboardInterrupt):
            return
        for vkey in part.vkeys:
            key = VerifierKey.parse(vkey)
            keys[key.name] = key
        answers = [_find(note, bodies, keys.get) for note, bodies in part.statements]
        try:
            pipe.send_bytes(_ENCODER.encode(answers))
        except OSError:
            return  # whoever asked asks no more


def _find(note: bytes, bodies: tuple[bytes, ...], find_key: FindKey) -> Found | None:
    try:
        opened = open_statement(note, bodies, find_key)
    except LedgerError:
        return None
    return Found(
        opened.id,
        opened.origin,
        opened.made_at_ms,
        tuple([(key.name, key.public_key) for key in opened.keys]),
        b"".join(opened.leaves),
    )


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))

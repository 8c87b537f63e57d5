"""Opening the statements of a history, here or by helpers that work side by side.

What a helper leaves (`ledger.helpers`), the replay opens in its turn, with the keys enrolled at
that position, and tells what is wrong. Memory is bounded by the parts in flight, two a helper.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Generic, NamedTuple, Protocol, TypeVar

from ledger.errors import LedgerError
from ledger.helpers import Found, Helper
from ledger.merkle import leaf_hash
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
        staff = [Helper(running) for _ in range(helpers)]
        idle = deque(staff * PARTS_A_HELPER)
        asked: deque[tuple[Helper, list[R]]] = deque()

        def hand_out() -> None:
            while idle and idle[0].is_ready() and (part := next(parts, None)) is not None:
                helper = idle.popleft()
                helper.ask([(note_of_entry(r.entry), r.bodies) for r in part], enrolled)
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

    return [_open(record, find_key) for record in part]


def _open(record: Recorded, find_key: FindKey) -> Opening | None:
    try:
        recorded_ms, note = decode_entry(record.entry)
        opened = open_statement(note, record.bodies, find_key)
    except LedgerError:
        return None  # the replay opens it in its turn and tells what is wrong
    return Opening(recorded_ms, leaf_hash(record.entry), opened)


def _confirmed(
    part: Sequence[Recorded], answers: Sequence[Found | None], enrolled: Mapping[str, Key]
) -> Iterator[Opening | None]:
    for record, found in zip(part, answers, strict=True):
        yield _confirm(record, found, enrolled) if found else None


def _confirm(record: Recorded, found: Found, enrolled: Mapping[str, Key]) -> Opening | None:
    try:
        recorded_ms, note = decode_entry(record.entry)
    except LedgerError:
        return None
    opened = found.opened(note, record.bodies, enrolled)
    return opened and Opening(recorded_ms, leaf_hash(record.entry), opened)


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

"""Opening the statements of a history, here or by helpers that work side by side.

What a helper leaves (`ledger.helpers`), the replay opens in its turn, with the keys enrolled at
that position, and tells what is wrong. Memory is bounded by the parts in flight: two a helper, and
one that is opened here.
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
    records: Iterable[R], enrolled: Mapping[str, Key], jobs: int
) -> Iterator[tuple[R, Opening | None]]:
    """Yield each record with what was made of it; None where the replay must open it in its turn.

    `jobs` processes work: this one, and helpers of some 60 MB each. Where the next part is still
    with a helper, and until the helpers have started, this one opens statements, too. `enrolled`
    is read while the replay fills it.

    Raises:
        LedgerError: a helper ended before its time.

    """
    parts = _Parts(records, BESIDE)
    with ExitStack() as running:
        staff = [Helper(running) for _ in range(jobs - 1)]
        idle = deque(staff * PARTS_A_HELPER)
        ahead: deque[_Away[R] | _Mine[R]] = deque()

        def hand_out() -> None:
            while idle and idle[0].is_ready() and (part := next(parts, None)) is not None:
                helper = idle.popleft()
                helper.ask([(note_of_entry(r.entry), r.bodies) for r in part], enrolled)
                ahead.append(_Away(helper, part))

        while True:
            hand_out()
            if not ahead and not _take_one(parts, ahead):
                break
            first = ahead[0]
            if isinstance(first, _Mine):
                # A few at a time, so that no helper waits for a new part.
                yield from first.next_few(enrolled)
                if first.is_done():
                    ahead.popleft()
            elif first.helper.has_answer() or not _open_meanwhile(parts, ahead, enrolled):
                ahead.popleft()
                answers = first.helper.answer()
                idle.append(first.helper)
                hand_out()  # before this part is judged, so that nobody waits
                yield from zip(first.part, _confirmed(first.part, answers, enrolled), strict=True)
        if parts.unreadable is not None:
            raise parts.unreadable


class _Away(NamedTuple, Generic[R]):
    """A part that a helper opens."""

    helper: Helper
    part: list[R]


class _Mine(Generic[R]):
    """A part that is opened here, a few statements at a time, ahead of its turn or in it."""

    def __init__(self, part: list[R]) -> None:
        self._part = part
        self._ahead: deque[Opening | None] = deque()
        self._yielded = 0

    def is_done(self) -> bool:
        """Return whether all of it was yielded."""
        return self._yielded == len(self._part)

    def open_few(self, enrolled: Mapping[str, Key]) -> bool:
        """Open a few more, ahead of their turn; return False where all are open."""
        start = self._yielded + len(self._ahead)
        few = self._part[start : start + HERE.statements]
        self._ahead += _open_part(few, enrolled)
        return bool(few)

    def next_few(self, enrolled: Mapping[str, Key]) -> Iterator[tuple[R, Opening | None]]:
        """Yield those that are open, or where none is, a few more."""
        if not self._ahead:
            self.open_few(enrolled)
        while self._ahead:
            record = self._part[self._yielded]
            self._yielded += 1
            yield record, self._ahead.popleft()


def _take_one(parts: "_Parts[R]", ahead: "deque[_Away[R] | _Mine[R]]") -> bool:
    """Take the next part to be opened here; return False where there is none."""
    part = next(parts, None)
    if part is not None:
        ahead.append(_Mine(part))
    return part is not None


def _open_meanwhile(
    parts: "_Parts[R]", ahead: "deque[_Away[R] | _Mine[R]]", enrolled: Mapping[str, Key]
) -> bool:
    """Open a few statements of one part that no helper has; return False where none is left."""
    for each in ahead:
        if isinstance(each, _Mine):
            return each.open_few(enrolled)
    return _take_one(parts, ahead)


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

"""One month of one ledger, recomputed from its bytes: hashes, roots and signatures.

A month is judged by itself, wherever that is, and returns what the ledger's tree needs of it: the
roots of the complete subtrees that its leaves fill, left to right. Joined in order they are the
whole tree. Of leaves [5, 12) that is

    5        [6, 8)        [8, 12)
    (0, 5)   (1, 3)        (2, 2)         as (level, index), see `ledger.merkle`

What is recomputed: the leaf of each log entry; the root over its events' bytes, which must be the
one that was signed; hash, id, type, place and time of each event; every signature, by the key
enrolled under its name before. That the keys were in force, and that the law admits it, is for
`verify` to say.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import MsgspecError, Struct, json

from ledger.errors import LedgerError, Refused
from ledger.merkle import leaf_hash, leaf_hashes, node_hash, root_of
from ledger.note import VerifierKey
from ledger.opening import check_signatures
from ledger.refusals import REFUSALS
from ledger.statement import Statement, encode_entry, parse_statement
from ledger.times import MS_PER_DAY, format_instant
from projections.national.columns import EVENTS, POSTINGS, STATEMENTS
from projections.national.keys import Enrolled
from projections.national.reading import Rows, chosen, rows

_FAULTS = (LedgerError, ValueError, OSError, pa.ArrowException)
"""What is raised where the files of a month are wrong."""

Node = tuple[int, int, bytes]
"""Level, index and hash of a complete subtree."""


class Month(Struct, frozen=True):
    """What is to be judged: the files of one month of one ledger.

    Attributes:
        ledger: number of the ledger among those that are audited.
        origin: its name.
        month: the month.
        statements: file of its statements.
        events: file of its events.
        postings: file of its postings.

    """

    ledger: int
    origin: str
    month: str
    statements: str
    events: str
    postings: str


class MonthFound(Struct, frozen=True):
    """What a month came to, as far as it is right.

    Attributes:
        ledger: number of the ledger.
        month: the month.
        start: index of its first statement.
        first_position: position of its first event.
        stop: index behind its last statement.
        positions: position behind its last event.
        recorded_ms: when its last statement was recorded.
        first_leaf: leaf hash of its first statement.
        nodes: complete subtrees of its leaves, left to right.
        signatures: how many signatures hold.
        where: what is wrong first, or empty: `statement 41`.
        reason: why it is.

    """

    ledger: int
    month: str
    start: int = 0
    first_position: int = 0
    stop: int = 0
    positions: int = 0
    recorded_ms: int = 0
    first_leaf: bytes = b""
    nodes: list[Node] = []
    signatures: int = 0
    where: str = ""
    reason: str = ""


class LedgerFault(LedgerError):
    """Something is wrong with a ledger, somewhere: where, and why."""

    def __init__(self, where: str, reason: str) -> None:
        """Say where it is, `event 41`, and the reason."""
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


def check_month(month: Month, keys: Mapping[str, Enrolled], *, signatures: bool) -> MonthFound:
    """Judge a month; `keys` are all that its ledger ever enrolled, by name.

    Memory: a batch of rows and what was left of the one before, or the events of a statement where
    they are more.
    """
    check = _Check(month, keys, signatures=signatures)
    try:
        check.run()
    except Refused as refused:
        sentence = REFUSALS[refused.code].sentence.format(**refused.facts)
        return check.found(reason=f"{refused.code}: {sentence}")
    except LedgerFault as fault:
        return check.found(fault.where, fault.reason)
    except _FAULTS as error:
        return check.found(reason=str(error) or repr(error))
    return check.found()


def push(nodes: list[Node], node: Node) -> None:
    """Add a subtree behind others, and join what is complete."""
    level, index, digest = node
    while index & 1 and nodes and nodes[-1][:2] == (level, index - 1):
        digest = node_hash(nodes.pop()[2], digest)
        level, index = level + 1, index >> 1
    nodes.append((level, index, digest))


class _Check:
    """The judgement of one month.

    Statements are judged together, as many as cover the events at hand, since most of what is
    asked costs less of thousands at once. Where that fails they are judged one by one, by the same
    function, so that the first that is wrong is named.
    """

    def __init__(self, month: Month, keys: Mapping[str, Enrolled], *, signatures: bool) -> None:
        self._month = month
        self._keys = keys
        self._parsed: dict[str, VerifierKey] = {}
        self._with_signatures = signatures
        self._next = (0, 0, 0)  # index, first event and least time of the statement that follows
        self._day = -1
        self._nodes: list[Node] = []
        self._start = self._index = -1
        self._first = self._position = 0
        self._recorded_ms = 0
        self._first_leaf = b""
        self._signatures = 0

    def found(self, where: str = "", reason: str = "") -> MonthFound:
        month = self._month
        here = f"statement {self._index}" if self._index >= 0 else month.month
        return MonthFound(
            month.ledger,
            month.month,
            max(self._start, 0),
            self._first,
            max(self._index, 0),
            self._position,
            self._recorded_ms,
            self._first_leaf,
            self._nodes,
            self._signatures,
            where or here,
            reason,
        )

    def run(self) -> None:
        events = Rows(self._month.events, _EVENT)
        together: list[_Opened] = []
        covered = 0
        for each in self._opened():
            if isinstance(each, Exception):
                self._judge(together, events.take(covered))
                raise each
            count = each[0].count
            if together and covered + count > events.held():
                self._judge(together, events.take(covered))
                together, covered = [], 0
            together.append(each)
            covered += count
        self._judge(together, events.take(covered))
        if events.held():
            raise LedgerError("events follow that no statement covers")
        last = (self._first, -1)
        for place in rows(self._month.postings, _POSTING):
            if not last < place or place[0] >= self._position:
                raise LedgerError(f"the posting {place[1]} of event {place[0]} is out of its place")
            last = (place[0], place[1])

    def _opened(self) -> Iterator["_Opened | Exception"]:
        """Yield the statements; at last what is wrong with one, if those before are right."""
        try:
            for values in rows(self._month.statements, _STATEMENT):
                row = _Row(*values)
                if self._start < 0:
                    self._start = self._index = row.index
                    self._first = self._position = row.first
                    self._next = (row.index, row.first, row.recorded_ms)
                yield row, self._open(row)
        except _FAULTS as error:
            yield error

    def _open(self, row: "_Row") -> Statement:
        """Judge a statement by itself, and return it."""
        self._check_place(row)
        if leaf_hash(encode_entry(row.recorded_ms, row.note)) != row.leaf:
            raise LedgerError("its leaf hash is not that of its entry")
        statement = parse_statement(row.note)
        if statement.origin != self._month.origin:
            raise LedgerError(f"it was made for the ledger {statement.origin}")
        if row.count != statement.event_count:
            raise LedgerError(f"it covers {statement.event_count} events, not {row.count}")
        return statement

    def _check_place(self, row: "_Row") -> None:
        index, first, recorded_ms = self._next
        if (row.index, row.first) != (index, first):
            raise LedgerError(
                f"it is missing: statement {row.index} with event {row.first} follows"
            )
        if row.recorded_ms < recorded_ms:
            raise LedgerError("it was recorded before the one before it")
        day = row.recorded_ms // MS_PER_DAY
        if day != self._day and format_instant(row.recorded_ms)[:7] != self._month.month:
            raise LedgerError(f"it was not recorded in {self._month.month}")
        self._day = day
        self._next = (index + 1, first + row.count, row.recorded_ms)

    def _judge(self, opened: Sequence["_Opened"], events: pa.Table) -> None:
        """Judge statements with their events, and count them in."""
        try:
            _check_events(opened, events)
            signatures = self._check_signatures(opened) if self._with_signatures else 0
        except LedgerError:
            if len(opened) > 1:
                start = 0
                for each in opened:
                    self._judge([each], events.slice(start, each[0].count))
                    start += each[0].count
            raise
        for row, _statement in opened:
            push(self._nodes, (0, row.index, row.leaf))
            self._first_leaf = self._first_leaf or row.leaf
            self._index, self._recorded_ms = row.index + 1, row.recorded_ms
            self._position += row.count
        self._signatures += signatures

    def _check_signatures(self, opened: Sequence["_Opened"]) -> int:
        """Check each signature by the key enrolled before it, and return how many there are."""
        count = 0
        for row, statement in opened:

            def find_key(name: str, index: int = row.index) -> VerifierKey | None:
                enrolled = self._keys.get(name)
                if enrolled is None or enrolled.statement > index:
                    return None
                if name not in self._parsed:
                    self._parsed[name] = VerifierKey.parse(enrolled.vkey)
                return self._parsed[name]

            count += len(check_signatures(statement, (), find_key))
        return count


class _Row(NamedTuple):
    """A row of `statements`, in the order of its columns."""

    index: int  # type: ignore[assignment]  # a statement's index outweighs tuple.index
    recorded_ms: int
    first: int
    count: int  # type: ignore[assignment]  # the same
    note: bytes
    leaf: bytes


_Opened = tuple[_Row, Statement]


class _Head(Struct, gc=False):
    """What an event's columns repeat of its body."""

    id: str
    type: str


def _check_events(opened: Sequence[_Opened], events: pa.Table) -> None:
    """Check that the events are those that were signed, and stand where they should."""
    bodies = events["body"].to_pylist()
    leaves = leaf_hashes(bodies)
    stops: list[int] = []
    start = 0
    for row, statement in opened:
        of_statement = leaves[start : start + row.count]
        if len(of_statement) != row.count:
            raise LedgerError(f"it covers {row.count} events; {len(of_statement)} are there")
        if root_of(of_statement) != statement.events_root:
            raise LedgerError("its events are not those that were signed: their root differs")
        start += row.count
        stops.append(start)
    if events["hash"].to_pylist() != leaves:
        raise LedgerError("the hash of one of its events is not that of the event")
    first = opened[0][0].first if opened else 0
    indexes = _repeated([row.index for row, _statement in opened], stops)
    recorded = _repeated([row.recorded_ms for row, _statement in opened], stops)
    if (
        events["position"].to_pylist() != list(range(first, first + start))
        or events["statement"] != pa.chunked_array([indexes])
        or events["recorded_ms"] != pa.chunked_array([recorded])
    ):
        raise LedgerError("its events stand with another place or time")
    heads = _heads(bodies)
    ids, types = events["id"].to_pylist(), events["type"].to_pylist()
    if [head.id for head in heads] != ids or [head.type for head in heads] != types:
        told = zip(range(first, first + start), heads, ids, types, strict=True)
        place = next(place for place, head, *named in told if [head.id, head.type] != named)
        raise LedgerFault(f"event {place}", "its id or type is not that of its body")


def _repeated(values: Sequence[int], stops: Sequence[int]) -> pa.Array:
    """Return each value as often as it takes to reach its stop."""
    runs = pa.RunEndEncodedArray.from_arrays(
        pa.array(stops, pa.int64()), pa.array(values, pa.int64())
    )
    return pc.run_end_decode(runs)


def _heads(bodies: Sequence[bytes]) -> list[_Head]:
    decode = _HEAD.decode
    try:
        return [decode(body) for body in bodies]
    except MsgspecError as error:
        raise LedgerError(f"one of its events is none: {error}") from error


_HEAD = json.Decoder(_Head)
_STATEMENT = chosen(
    STATEMENTS, "statement", "recorded_ms", "first_position", "event_count", "note", "leaf"
)
_EVENT = chosen(
    EVENTS, "position", "statement", "recorded_ms", "id", "type", "body", "hash", raw=("body",)
)
_POSTING = chosen(POSTINGS, "position", "ordinal")

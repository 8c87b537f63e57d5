"""Where everything stood at the last closing, found by replaying up to it.

A snapshot that is kept from a closing spares the replay before it. It can make nothing wrong: the
leaves must give the state root that the closing states, or the whole history is replayed.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ledger import canonical
from ledger.errors import LedgerError, Refused, Unverified
from ledger.events import decode_event
from ledger.events.closing import LedgerClosed
from ledger.leaves import standing_of
from ledger.note import VerifierKey
from ledger.rules.admission import replay_statement
from ledger.snapshot import SnapshotUnusable, open_state
from ledger.state import State
from ledger.store.histories import last_of, opening_of
from ledger.store.reading import Reader
from ledger.store.rows import EventRow
from ledger.times import format_instant


class LastClosing(NamedTuple):
    """The last closing of a history.

    Attributes:
        event_id: id of its `ledger.closed`.
        position: that event's position.
        size: statements before it, which its leaves reflect.
        recorded_ms: when it was recorded, milliseconds since the epoch.
        leaves: the leaves it commits to.

    """

    event_id: str
    position: int
    size: int
    recorded_ms: int
    leaves: list[bytes]


def last_closing(reader: Reader) -> LastClosing:
    """Find the state at a database's last closing, from its snapshot on or by replaying all.

    Cost: that of a verification of what lies between the snapshot and the closing, most often
    nothing, and the reading of the snapshot.

    Raises:
        LedgerError: the ledger was never closed, or its history does not hold.

    """
    last = last_of(reader, "ledger/main", "ledger.closed")
    if last is None:
        raise LedgerError("the ledger was never closed: `sunledger close` does it")
    closing = decode_event(last.body)
    statement = reader.statement(last.statement_index)
    if statement is None or not isinstance(closing, LedgerClosed):
        raise LedgerError(f"statement {last.statement_index} is missing: verify the ledger")
    for start, state in _starts(reader, last):
        try:
            _replay(reader, state, start, last.statement_index)
        except (Refused, Unverified):
            if start == 0:
                raise
            continue  # what the snapshot holds is not what this history gives
        standing = standing_of(state, last.statement_index, statement.recorded_ms)
        if standing.root.hex() == closing.state_root:
            return LastClosing(
                closing.id,
                last.position,
                last.statement_index,
                statement.recorded_ms,
                standing.leaves,
            )
    raise Unverified(
        f"the closing in statement {last.statement_index} states another root than its history "
        "gives: run `sunledger verify`"
    )


def contract_of_claim(closing: LastClosing, claim: str) -> str:
    """Return the key of the contract whose leaf has something unpaid of a claim.

    Raises:
        LedgerError: none has.

    """
    named = f'"claim":"{claim}"'.encode()
    for leaf in closing.leaves:
        if named in leaf:
            told = canonical.decode(leaf)
            if any(each["claim"] == claim for each in told.get("claims", ())):
                return str(told["key"])
    raise LedgerError(
        f"nothing of a claim {claim} was unpaid at the closing of "
        f"{format_instant(closing.recorded_ms)}: it was paid, or came later, or there is none; "
        "after a new closing, ask again"
    )


def _starts(reader: Reader, last: EventRow) -> Iterator[tuple[int, State]]:
    """Yield where a replay up to the closing can start, the nearest first."""
    try:
        kept = open_state(reader, VerifierKey.parse(opening_of(reader).ledger_key))
    except SnapshotUnusable:
        kept = None
    if kept is not None and kept[0] <= last.statement_index:
        yield kept
    yield 0, State()


def _replay(reader: Reader, state: State, start: int, stop: int) -> None:
    for row, events in reader.entries(start, stop):
        bodies = [event.body for event in events]
        replay_statement(state, row.note, bodies, row.recorded_ms, row.index)

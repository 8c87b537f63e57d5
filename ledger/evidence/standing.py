"""Where everything stood at the last closing, found by replaying up to it."""

from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.leaves import standing_of
from ledger.rules.admission import replay_statement
from ledger.state import State
from ledger.store.reading import Reader


class LastClosing(NamedTuple):
    """The last closing of a history.

    Attributes:
        event_id: id of its `ledger.closed`.
        leaves: the leaves it commits to.

    """

    event_id: str
    leaves: list[bytes]


def last_closing(reader: Reader) -> LastClosing:
    """Replay a database up to its last closing.

    Cost: that of a verification up to there.

    Raises:
        LedgerError: the ledger was never closed, or its history does not hold.

    """
    closings = [row for row in reader.history("ledger/main") if row.type == "ledger.closed"]
    if not closings:
        raise LedgerError("the ledger was never closed: `sunledger close` does it")
    last = closings[-1]
    state = State()
    for row, events in reader.entries(stop=last.statement_index):
        bodies = [event.body for event in events]
        replay_statement(state, row.note, bodies, row.recorded_ms, row.index)
    standing = standing_of(state, last.statement_index)
    return LastClosing(_uuid(last.id), standing.leaves)


def _uuid(event_id: bytes) -> str:
    digits = event_id.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

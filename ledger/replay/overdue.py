"""What a clock gave and nobody booked: seen by whoever replays, from the history alone.

A history in which an operator's event is missing is one that the law admits, so nothing in it is
wrong; but somebody waited for it. `verify` names the first entry that was admitted more than a day
after a clock had run out, while its event was still not booked (docs: rules, Time).

The clocks are looked at with the first entry of each local day, and when a day of grace ends. What
was not due then, and would have been due earlier, was started late: a sum awarded long after its
time to pay. It counts from the look that found it.
"""

from typing import NamedTuple

from ledger.rules.clocks import all_due
from ledger.rules.deadline import end_of_day, local_day_of
from ledger.state import State
from ledger.times import MS_PER_DAY

GRACE_MS = MS_PER_DAY
"""How long an event may be due before its absence is told."""


class Overdue(NamedTuple):
    """An event that was missing when an entry was admitted.

    Attributes:
        type: its type.
        about: id of the claim, contract or bid it would be about.
        due_ms: since when it was due, milliseconds since the epoch.
        at_index: leaf index of the entry.
        recorded_ms: when that entry was admitted.

    """

    type: str
    about: str
    due_ms: int
    at_index: int
    recorded_ms: int


class OverdueWatch:
    """Looks at the clocks while a history is replayed.

    Attributes:
        first: the first event found missing, or None.

    """

    def __init__(self) -> None:
        """Begin before the genesis."""
        self.first: Overdue | None = None
        self._since: dict[tuple[str, str], int] = {}
        self._looked_ms = 0
        self._next_ms = 0

    def look(self, state: State, index: int, recorded_ms: int) -> None:
        """Look at the state before entry `index`, which was admitted at `recorded_ms`."""
        if recorded_ms < self._next_ms or self.first is not None or not index:
            return
        since: dict[tuple[str, str], int] = {}
        for due in all_due(state, recorded_ms):
            key = (due.type_name, due.about)
            began_ms = due.due_ms if due.due_ms > self._looked_ms else recorded_ms
            since[key] = self._since.get(key, began_ms)
            if self.first is None and recorded_ms > since[key] + GRACE_MS:
                self.first = Overdue(*key, since[key], index, recorded_ms)
        self._since, self._looked_ms = since, recorded_ms
        midnight_ms = end_of_day(state, local_day_of(state, recorded_ms))
        self._next_ms = min([midnight_ms, *(began + GRACE_MS + 1 for began in since.values())])

"""What a verification found."""

from typing import Literal, NamedTuple

from ledger.errors import Unverified
from ledger.replay.overdue import Overdue

Verdict = Literal["OK", "consistent, not anchored", "PARTIAL"]

EXIT_OK, EXIT_WRONG, EXIT_UNJUDGED = 0, 1, 3
"""How a program that verifies ends: all is right, something is wrong, not all could be judged."""

_ROOT_DIGITS = 4


class Wrong(Unverified):
    """The first thing that is wrong in a history.

    Attributes:
        index: the statement's leaf index; or the size of the log at which something is wrong.
        position: the event's position, where it is an event.
        event_id: its id, if known.
        reason: what is wrong.

    """

    def __init__(
        self,
        what: str,
        reason: str,
        *,
        index: int,
        position: int | None = None,
        event_id: str | None = None,
    ) -> None:
        """Say that `what` (a statement, an event, a row, a file) is wrong, and why."""
        super().__init__(f"{what}: {reason}")
        self.what = what
        self.reason = reason
        self.index = index
        self.position = position
        self.event_id = event_id


def wrong_event(index: int, position: int, event_id: str | None, reason: str) -> Wrong:
    """Return that the event at `position`, of statement `index`, is wrong."""
    named = f"event {event_id}" if event_id else "an event"
    return Wrong(
        f"{named} of statement {index}, at position {position}",
        reason,
        index=index,
        position=position,
        event_id=event_id,
    )


class Gap(NamedTuple):
    """A time in which no witness dated the log, from one cosignature to the next (ms)."""

    from_ms: int
    to_ms: int


class Report(NamedTuple):
    """A history in which nothing is wrong.

    Attributes:
        verdict: `OK`; `consistent, not anchored` when no policy gave the ledger's key and the
            genesis hash; `PARTIAL` when events were withheld.
        origin: the ledger's name.
        events: how many events were judged.
        statements: size of the log.
        keys: how many keys its parties enrolled.
        root: root of the log.
        checkpoint: the newest checkpoint, a note.
        withheld: how many events were not there to be judged.
        unjudged: what could not be judged, a sentence each.
        overdue: the first event that a clock gave and that was not booked in time, or None.
        gaps: where the policy's witnesses were asked too seldom to date the log closely.

    """

    verdict: Verdict
    origin: str
    events: int
    statements: int
    keys: int
    root: bytes
    checkpoint: bytes
    withheld: int
    unjudged: tuple[str, ...]
    overdue: Overdue | None = None
    gaps: tuple[Gap, ...] = ()

    @property
    def exit_code(self) -> int:
        """How a program ends that has verified."""
        return EXIT_OK if self.verdict == "OK" else EXIT_UNJUDGED

    def __str__(self) -> str:
        """Return the line that a verification ends with."""
        verdict: str = self.verdict
        if self.withheld:
            verdict = f"{verdict}, {self.withheld:,} events withheld"
        return (
            f"verified {self.events:,} events in {self.statements:,} statements, "
            f"{self.keys:,} keys, tree {self.statements} "
            f"{self.root.hex()[:_ROOT_DIGITS]}…: {verdict}"
        )

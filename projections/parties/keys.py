"""Folding keys: enrolled, recovered by a registrar, contested, revoked.

A recovery takes force by itself when its waiting time ends, and the lost keys are revoked then;
nothing is recorded at that moment. So a key carries the instants from and until which it lives.
"""

from collections.abc import Callable
from typing import Any

from msgspec import json

from ledger.events.parties import KeyContested, KeyEnrolled, KeyRecovered, KeyRevoked, LedgerOpened
from ledger.rules.force import RECOVERY_WORKING_DAYS
from ledger.times import parse_instant
from projections.context import Context
from projections.feed import Fact, Feed
from projections.parties.tables import KEY, KeyRow
from projections.parties.waiting import Waiting
from projections.rows import Rows, listed
from projections.sheet import Sheet


class KeyFold:
    """The fold of one batch over keys."""

    def __init__(self, sheet: Sheet, feed: Feed, context: Context, waiting: Waiting) -> None:
        """Begin with none; `load` adds those of the parties concerned."""
        self._sheet = sheet
        self._feed = feed
        self._context = context
        self._waiting = waiting
        self._keys = Rows(KEY, lambda row: row.key)

    def load(self, parties: set[str]) -> None:
        """Load the keys of parties."""
        self._keys.load(self._sheet, "party", parties)

    def opened(self, fact: Fact, event: LedgerOpened) -> None:
        """Enrol the founders' keys."""
        for key in event.keys:
            self._enrol(fact, key.vkey, key.vkey.partition("/")[0], "admin", key.holder)

    def enrolled(self, fact: Fact, event: KeyEnrolled) -> None:
        """Enrol a key, in force at once."""
        self._enrol(fact, event.vkey, event.party, event.use, event.holder)

    def recovered(self, fact: Fact, event: KeyRecovered) -> None:
        """Enrol a key that waits to be contested, and let the lost ones end when it takes force."""
        from_ms = self._waiting.end_ms(
            fact.recorded_ms, RECOVERY_WORKING_DAYS, self._context.offset_minutes
        )
        lost = [vkey.partition("+")[0] for vkey in event.lost]
        self._enrol(fact, event.vkey, event.party, event.use, event.holder)
        self._keys.change(
            event.vkey.partition("+")[0], from_ms=from_ms, recovery=event.id, lost=listed(lost)
        )
        for name in lost:
            if self._keys[name].until_ms is None:
                self._keys.change(name, until_ms=from_ms, last_position=fact.position)

    def contested(self, fact: Fact, event: KeyContested) -> None:
        """End a recovery: its key never takes force, and the lost ones live on."""
        (row,) = self._keys.where(lambda row: row.recovery == event.recovery)
        self._keys.change(
            row.key,
            status="contested",
            last_position=fact.position,
            revoked_position=fact.position,
            revoked_on=self._context.day(fact.recorded_ms),
        )
        self._release(fact, row)

    def revoked(self, fact: Fact, event: KeyRevoked) -> None:
        """Revoke a key; one that a recovery brought ends the recovery with it."""
        name = event.vkey.partition("+")[0]
        row = self._keys[name]
        self._keys.change(
            name,
            status="revoked",
            last_position=fact.position,
            revoked_position=fact.position,
            revoked_on=self._context.day(fact.recorded_ms),
            reason=event.reason,
            since_ms=parse_instant(event.since),
        )
        if row.recovery is not None and fact.recorded_ms < row.from_ms:
            self._release(fact, row)

    def put(self) -> None:
        """Put down what was changed."""
        self._keys.write(self._sheet)

    def _release(self, fact: Fact, recovered: KeyRow) -> None:
        """Let the keys live on that this recovery would have ended."""
        for name in json.decode(recovered.lost or "[]", type=list[str]):
            if self._keys[name].until_ms == recovered.from_ms:
                self._keys.change(name, until_ms=None, last_position=fact.position)

    def _enrol(self, fact: Fact, vkey: str, party: str, use: str, holder: str) -> None:
        name = vkey.partition("+")[0]
        signed = self._feed.signatures(fact.statement_index)
        self._keys.put(
            KeyRow(
                key=name,
                first_position=fact.position,
                last_position=fact.position,
                party=party,
                status="live",
                vkey=vkey,
                use=use,
                holder=holder,
                from_ms=fact.recorded_ms,
                until_ms=None,
                enrolled_on=self._context.day(fact.recorded_ms),
                enrolled_by=listed(key for key in signed if key != name),
                recovery=None,
                lost=None,
                revoked_position=None,
                revoked_on=None,
                reason=None,
                since_ms=None,
            )
        )


STEPS: dict[type[Any], Callable[[KeyFold, Fact, Any], None]] = {
    LedgerOpened: KeyFold.opened,
    KeyEnrolled: KeyFold.enrolled,
    KeyRecovered: KeyFold.recovered,
    KeyContested: KeyFold.contested,
    KeyRevoked: KeyFold.revoked,
}
"""What folds which event."""

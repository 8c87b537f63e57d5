"""How keys begin and end, which acts the law may hold, and where parties are paid."""

from msgspec import json

from ledger.events import Event
from ledger.events.accounts import AccountDeclared
from ledger.events.parties import (
    ActReaffirmed,
    KeyContested,
    KeyEnrolled,
    KeyRecovered,
    KeyRevoked,
    LedgerOpened,
)
from ledger.rules.doubt import HELD as HELD_TYPES
from ledger.statement import parse_statement
from ledger.times import parse_instant
from projections.acts.tables import (
    ACCOUNT,
    HELD,
    KEY,
    REAFFIRMED,
    RECOVERY,
    REVOCATION,
    AccountRow,
    HeldRow,
    KeyRow,
    ReaffirmedRow,
    RecoveryRow,
    RevocationRow,
)
from projections.feed import Batch, Fact, Feed, HistoryMissing
from projections.sheet import Sheet


class KeyBook:
    """The rows about keys and accounts that a batch adds or changes."""

    def __init__(self, batch: Batch, sheet: Sheet, feed: Feed) -> None:
        """Load what the batch may change."""
        self._feed = feed
        events = [fact.event for fact in batch.facts]
        contested = [event.recovery for event in events if isinstance(event, KeyContested)]
        self._recoveries = {row.event: row for row in sheet.load(RECOVERY, "event", contested)}
        ended = [_name(event.vkey) for event in events if isinstance(event, KeyRevoked)]
        ended += [recovery.key for recovery in self._recoveries.values()]
        self._keys = {row.key: row for row in sheet.load(KEY, "key", ended)}
        self._revocations: list[RevocationRow] = []
        self._accounts: list[AccountRow] = []
        self._held: list[HeldRow] = []
        self._reaffirmed: dict[str, ReaffirmedRow] = {}

    def see(self, fact: Fact) -> None:
        """Note what an event says of keys and accounts; others are passed over."""
        event, position = fact.event, fact.position
        self._begin(position, event)
        if isinstance(event, KeyContested):
            recovery = self._recoveries[event.recovery]
            self._recoveries[event.recovery] = recovery._replace(contested_position=position)
            self._revoke(recovery.key, position)
        elif isinstance(event, KeyRevoked):
            name = _name(event.vkey)
            self._revoke(name, position)
            since_ms = parse_instant(event.since)
            self._revocations.append(RevocationRow(position, name, _party(name), since_ms))
        elif isinstance(event, ActReaffirmed):
            self._reaffirmed[event.event] = ReaffirmedRow(event.event, position)
        elif isinstance(event, AccountDeclared):
            row = AccountRow(
                position, event.party, event.account, event.bank, event.number, fact.recorded_ms
            )
            self._accounts.append(row)
        if type(event) in HELD_TYPES:
            self._hold(fact)

    def put(self, sheet: Sheet) -> None:
        """Put the rows down."""
        sheet.put(ACCOUNT, self._accounts)
        sheet.put(KEY, self._keys.values())
        sheet.put(RECOVERY, self._recoveries.values())
        sheet.put(REVOCATION, self._revocations)
        sheet.put(HELD, self._held)
        sheet.put(REAFFIRMED, self._reaffirmed.values())

    def _begin(self, position: int, event: Event) -> None:
        """Note the keys that an event brings in."""
        if isinstance(event, LedgerOpened):
            for founding in event.keys:
                self._enrol(position, founding.vkey)
        elif isinstance(event, KeyEnrolled):
            if event.use != "session":
                self._enrol(position, event.vkey)
        elif isinstance(event, KeyRecovered):
            self._enrol(position, event.vkey)
            lost = json.encode([_name(vkey) for vkey in event.lost]).decode()
            self._recoveries[event.id] = RecoveryRow(
                position, event.id, event.party, _name(event.vkey), lost, None
            )

    def _enrol(self, position: int, vkey: str) -> None:
        name = _name(vkey)
        self._keys[name] = KeyRow(name, position, _party(name), None)

    def _revoke(self, name: str, position: int) -> None:
        row = self._keys.get(name)
        if row is not None:  # a session's key signs nothing and has no row
            self._keys[name] = row._replace(revoked_position=position)

    def _hold(self, fact: Fact) -> None:
        """Note who signed an act that the law holds where it is in doubt."""
        about = HELD_TYPES[type(fact.event)](fact.event)
        if about is None:
            return
        statement = self._feed.store.statement(fact.statement_index)
        if statement is None:
            raise HistoryMissing(f"statement {fact.statement_index} is missing from the ledger")
        kind, _, which = about.partition("/")
        home, _, contract = fact.subject.partition("/")
        for line in parse_statement(statement.note).note.signatures:
            if about != f"key/{line.name}":  # a new key does not enrol itself
                self._held.append(
                    HeldRow(
                        key=line.name,
                        position=fact.position,
                        event=fact.event.id,
                        contract=contract if home == "contract" else None,
                        enrolled=which if kind == "key" else None,
                        recorded_ms=fact.recorded_ms,
                    )
                )


def _name(vkey: str) -> str:
    return vkey.partition("+")[0]


def _party(key: str) -> str:
    return key.partition("/")[0]

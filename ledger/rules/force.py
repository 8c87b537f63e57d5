"""What is in force: keys and accounts after their waiting time, and acts that nobody doubts.

A waiting time of n working days that begins at an instant ends when the n-th working day after
that instant's local day does. Nothing happens in the ledger at that moment: whatever waits knows
its instant from the start, and every act is judged by its own `recorded`.
"""

from ledger.errors import Refused
from ledger.parties import Key
from ledger.rules.deadline import after_working_days
from ledger.state import State
from ledger.times import local_date

RECOVERY_WORKING_DAYS = 10
"""How long a party has to contest the recovery of its keys."""
SEASONED_WORKING_DAYS = 10
"""How long a key is in force before it may do what a thief would do first."""
ACCOUNT_WORKING_DAYS = 5
"""How long a party has to notice an account that was declared in its name."""


def date_of(state: State, instant_ms: int) -> str:
    """Return the local date of an instant."""
    return local_date(instant_ms, state.ledger.get("offset_minutes", 0))


def check_in_force(state: State, key: Key, recorded_ms: int) -> None:
    """Check that a key is in force at an instant.

    Raises:
        Refused: `key_revoked`, `key_not_in_force`, `act_doubted`.

    """
    name = key.verifier.name
    if key.is_revoked(recorded_ms):
        raise Refused("key_revoked", key=name, party=key.party)
    if recorded_ms < key.from_ms:
        raise Refused("key_not_in_force", key=name, date=date_of(state, key.from_ms))
    if state.doubted:
        check_undoubted(state, "key", name)


def check_seasoned(state: State, key: Key, recorded_ms: int) -> None:
    """Check that a key has been in force for ten working days.

    Raises:
        Refused: `key_too_young`.

    """
    seasoned_ms = after_working_days(state, key.from_ms, SEASONED_WORKING_DAYS)
    if recorded_ms < seasoned_ms:
        raise Refused(
            "key_too_young",
            key=key.verifier.name,
            days=SEASONED_WORKING_DAYS,
            date=date_of(state, seasoned_ms),
        )


def check_undoubted(state: State, kind: str, which: str) -> None:
    """Check that nothing holds what an act did (`RecentAct.about`).

    Raises:
        Refused: `act_doubted`.

    """
    for doubted in state.doubted.get(f"{kind}/{which}", ()):
        raise Refused(
            "act_doubted",
            type=doubted.type,
            which=which,
            key=doubted.key,
            event=doubted.event,
            party=doubted.party,
        )

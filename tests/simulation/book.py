"""What must be in the ledger, as plain integers: the model that the simulation compares with.

It is told of every statement in the order of the log, and knows for each act when it is lawful and
what it moves, from the design's words; it shares no code with the rules. One contract, paid from
one line; a second line to move money to and from.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

LIFE_MS = 30 * 86_400_000
SKEW_MS = 5 * 60_000
CHINA = dt.timezone(dt.timedelta(hours=8))


def local_day(instant_ms: int) -> str:
    """Return the date in China of an instant."""
    return dt.datetime.fromtimestamp(instant_ms / 1000, CHINA).date().isoformat()


@dataclass
class Claim:
    """A claim and how far it came: submitted, answered, asked for."""

    amount: int
    status: str = "submitted"


@dataclass
class Payment:
    """A payment, how far it came, and the first value date that the bank may report."""

    claims: tuple[str, ...]
    amount: int
    status: str = "requested"
    since: str = ""


@dataclass
class Book:
    """All that the acts of the simulation can change.

    Attributes:
        fen: balances of the authority book by account and line.
        unclaimed: ids of the visits that no claim covers, in the order of the log.
        keys: every key of the provider that was ever enrolled -> whether it is in force.
        recorded_ms: when the last statement was recorded.

    """

    fen: Counter[tuple[str, str]]
    keys: dict[str, bool]
    recorded_ms: int
    unclaimed: list[str] = field(default_factory=list)
    claims: dict[str, Claim] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)

    def move(self, source: str, target: str, amount: int, line: str = "a") -> None:
        """Move fen from one account of a line to another."""
        self.fen[source, line] -= amount
        self.fen[target, line] += amount

    def balances(self) -> dict[tuple[str, str], int]:
        """Return the accounts that hold something."""
        return {key: amount for key, amount in self.fen.items() if amount}


@dataclass(frozen=True)
class Act:
    """What a statement does, and why it may be refused.

    Attributes:
        name: what it is, for the trace.
        keys: names of those of its keys that can be revoked.
        made_ms: when it was signed.
        objections: the codes that the law has against it, given the book and the time recorded.
        apply: what it changes in the book when it is recorded at that time.

    """

    name: str
    keys: tuple[str, ...]
    made_ms: int
    objections: Callable[[Book, int], set[str]]
    apply: Callable[[Book, int], None]

    def refusals(self, book: Book, recorded_ms: int) -> set[str]:
        """Return every code by which it may be refused; none if it must be admitted."""
        found = set(self.objections(book, recorded_ms))
        if recorded_ms - self.made_ms > LIFE_MS:
            found.add("statement_expired")
        if self.made_ms - recorded_ms > SKEW_MS:
            found.add("statement_from_the_future")
        for key in self.keys:
            if key not in book.keys:
                found.add("key_unknown")
            elif not book.keys[key]:
                found.add("key_revoked")
        return found

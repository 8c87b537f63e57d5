"""What can go wrong, drawn once.

    LedgerError
    ├── Refused(code)   a rule said no: the statement is sound, the law does not admit it
    ├── Unverified      a signature, a hash or a proof does not hold
    ├── Malformed       bytes are not in the format they claim
    ├── Conflict        somebody was first: the head moved, an id is taken
    └── InvariantBroken our own code is wrong: the books do not agree, nothing is written

Misuse of a function by our own code is `TypeError` or `ValueError`. Every message is one
sentence that says what was wrong and where; what to do about a refusal stands beside its code
in `ledger.refusals`.
"""


class LedgerError(Exception):
    """Base of everything this package raises on purpose."""


class Refused(LedgerError):
    """A rule of the ledger does not admit a statement.

    `code` is a name from `ledger.refusals.REFUSALS`; `facts` fill its sentence (amounts in fen,
    ids, dates); `event_index` is the offending event's place in its statement, if known.
    """

    def __init__(self, code: str, **facts: object) -> None:
        """Refuse with `code`; `facts` are the values its sentence names."""
        super().__init__(code, facts)
        self.code = code
        self.facts = facts
        self.event_index: int | None = None

    def __str__(self) -> str:
        """Return `code` and its facts; `ledger.refusals.sentence` makes prose of them."""
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        where = "" if self.event_index is None else f" (event {self.event_index})"
        return f"{self.code}{where}: {facts}" if facts else f"{self.code}{where}"


class Unverified(LedgerError):
    """A signature, a hash or a proof does not hold."""


class Malformed(LedgerError):
    """Bytes are not in the format they claim to be in."""


class Conflict(LedgerError):
    """Somebody was first: the head moved, or an id is already taken."""


class InvariantBroken(LedgerError):
    """The books do not agree with each other; nothing was written. Our own code is at fault."""

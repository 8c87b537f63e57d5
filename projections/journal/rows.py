"""A row of the journal, and how it follows from an event, its statement and its posting.

A posting moves an amount from one account of a fund line to another, so it has two rows: the
account that is debited, then the one that is credited. Balances are those of the fund line's
accounts, each on its normal side, as `sunledger show fund` has them.

Nothing is read here: rows of a database and rows of a replayed archive are made alike, which is
how an audit pack is checked.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct, json

from ledger.merkle import leaf_hash
from ledger.postings import CHART
from ledger.statement import Statement
from ledger.times import format_instant, local_date
from projections.journal.roles import Roles


class JournalRow(Struct, frozen=True):
    """One side of a posting.

    Attributes:
        position: position of the event that moved the money.
        event: its id.
        type: its type.
        at: when it happened, as its signers say (RFC 3339, UTC).
        recorded: when the ledger admitted it, likewise.
        line: the fund line.
        contract: the contract it is about, or the tender's lot; empty where it is the line alone.
        account: the account.
        debit_fen: what was debited to it, in fen of the ledger's currency; 0 on the other side.
        credit_fen: what was credited to it.
        balance_fen: what the fund line's account held after it, on its normal side.
        signers: the parties that signed, a space between two.
        keys: names of the keys that signed, likewise.
        leaf: the event's RFC 6962 leaf hash, 64 hex digits, to which its statement commits.
        statement: index of its statement in the log.
        posting: number of the posting among those of its event, from 0; both sides have it.
        roles: the roles that each signer held then, in the order of the signers, a `+` between
            two roles of one and a space between two signers; `-` where it held none.
        evidence: SHA-256 of what the event rests on: the bank's file or entry, else the file that
            shows it, else the signed document; empty where it names none.

    """

    position: int
    event: str
    type: str
    at: str
    recorded: str
    line: str
    contract: str
    account: str
    debit_fen: int
    credit_fen: int
    balance_fen: int
    signers: str
    keys: str
    leaf: str
    statement: int
    posting: int
    roles: str
    evidence: str


class Signed(NamedTuple):
    """Who signed a statement, and when it was admitted.

    Attributes:
        index: the statement's index in the log.
        recorded_ms: when the ledger admitted it, milliseconds since the epoch.
        recorded: the same as text.
        signers: the parties that signed.
        keys: the names of their keys, a space between two.

    """

    index: int  # type: ignore[assignment]  # a statement's index outweighs tuple.index
    recorded_ms: int
    recorded: str
    signers: tuple[str, ...]
    keys: str


class Moved(NamedTuple):
    """A posting as its event made it.

    Attributes:
        ordinal: its number among those of the event, from 0.
        debit: the account debited.
        credit: the account credited.
        line: the fund line.
        about: the contract or the tender's lot, or None.
        amount_fen: how much.

    """

    ordinal: int
    debit: str
    credit: str
    line: str
    about: str | None
    amount_fen: int


class _Told(Struct):
    id: str
    type: str
    at: str
    sha256: str = ""
    evidence: Any = None
    document: Any = None


_told = json.Decoder(_Told)


def signed_of(index: int, recorded_ms: int, statement: Statement) -> Signed:
    """Return who signed a statement."""
    keys = " ".join(line.name for line in statement.note.signatures)
    return Signed(index, recorded_ms, format_instant(recorded_ms), statement.signers, keys)


class Balances:
    """What the accounts of fund lines hold, as the rows are made, in the order of the ledger.

    Attributes:
        held: what each account holds on its normal side, by fund line and account.

    """

    def __init__(self, offset_minutes: int) -> None:
        """Begin with nothing; `offset_minutes` east of UTC are the ledger's local days."""
        self.held: dict[tuple[str, str], int] = {}
        self._offset_minutes = offset_minutes

    def rows(
        self, position: int, body: bytes, signed: Signed, roles: Roles, moved: Iterable[Moved]
    ) -> Iterator[JournalRow]:
        """Yield the rows of postings of the event at `position`, the debited account first."""
        told, leaf = _told.decode(body), leaf_hash(body).hex()
        today = local_date(signed.recorded_ms, self._offset_minutes)
        held = " ".join(
            "+".join(roles.held(party, position, today)) or "-" for party in signed.signers
        )
        for each in moved:
            sides = ((each.debit, each.amount_fen, 0), (each.credit, 0, each.amount_fen))
            for account, debit_fen, credit_fen in sides:
                yield JournalRow(
                    position=position,
                    event=told.id,
                    type=told.type,
                    at=told.at,
                    recorded=signed.recorded,
                    line=each.line,
                    contract=each.about or "",
                    account=account,
                    debit_fen=debit_fen,
                    credit_fen=credit_fen,
                    balance_fen=self._after(each.line, account, debit_fen - credit_fen),
                    signers=" ".join(signed.signers),
                    keys=signed.keys,
                    leaf=leaf,
                    statement=signed.index,
                    posting=each.ordinal,
                    roles=held,
                    evidence=evidence_of(told),
                )

    def _after(self, line: str, account: str, debited_fen: int) -> int:
        change_fen = debited_fen if CHART[account].debit_normal else -debited_fen
        balance_fen = self.held.get((line, account), 0) + change_fen
        self.held[line, account] = balance_fen
        return balance_fen


def evidence_of(told: Any) -> str:
    """Return the hash of what an event rests on, or nothing."""
    for named in (told.sha256, told.evidence, told.document):
        if isinstance(named, str) and named:
            return named
        if isinstance(named, dict):
            return str(named["sha256"])
    return ""

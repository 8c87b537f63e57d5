"""The journal as auditors read it: both sides of every posting, each with its balance after.

A posting moves an amount from one account of a fund line to another, so it has two rows: the
account that is debited, then the one that is credited. Balances are those of the fund line's
accounts, each on its normal side, as `sunledger show fund` has them.

Everything is read from the ledger up to where it was when the reading began, page by page; memory
is that of a page and a balance for each account of each line.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from msgspec import Struct, json
from sqlalchemy import select, tuple_

from ledger.merkle import leaf_hash
from ledger.postings import CHART
from ledger.statement import parse_statement
from ledger.store import schema
from ledger.store.pages import events_at, statements_at
from ledger.store.rows import EventRow, PostingRow, StatementRow
from ledger.store.store import Store
from ledger.times import format_instant

PAGE_POSTINGS = 1_000
"""Postings read at once."""

_posting = schema.posting.c


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


class _Stated(Struct):
    at: str


class _Signed(Struct, frozen=True):
    recorded: str
    signers: str
    keys: str


_stated = json.Decoder(_Stated)


def journal(store: Store, line: str | None = None) -> Iterator[JournalRow]:
    """Yield the rows of all postings, or of one fund line's, in the order of the ledger.

    Raises:
        StoreUnavailable: the ledger cannot be read.

    """
    stop = store.head().positions
    balances: dict[tuple[str, str], int] = {}
    start = (0, 0)
    while True:
        postings = _postings(store, line, start, stop)
        events = {row.position: row for row in events_at(store, [p.position for p in postings])}
        signed = _signed(store, events)
        for posting in postings:
            event = events[posting.position]
            yield from _rows(posting, event, signed[event.statement_index], balances)
        if len(postings) < PAGE_POSTINGS:
            return
        start = (postings[-1].position, postings[-1].ordinal + 1)


def _postings(
    store: Store, line: str | None, start: tuple[int, int], stop: int
) -> Sequence[PostingRow]:
    query = (
        select(schema.posting)
        .where(tuple_(_posting.position, _posting.ordinal) >= start, _posting.position < stop)
        .order_by(_posting.position, _posting.ordinal)
        .limit(PAGE_POSTINGS)
    )
    if line is not None:
        query = query.where(_posting.line == line)
    return [PostingRow(*row) for row in store.fetch(query)]


def _signed(store: Store, events: dict[int, EventRow]) -> dict[int, _Signed]:
    found = statements_at(store, [event.statement_index for event in events.values()])
    return {index: _of_statement(row) for index, row in found.items()}


def _of_statement(row: StatementRow) -> _Signed:
    statement = parse_statement(row.note)
    keys = [line.name for line in statement.note.signatures]
    return _Signed(format_instant(row.recorded_ms), " ".join(statement.signers), " ".join(keys))


def _rows(
    posting: PostingRow, event: EventRow, signed: _Signed, balances: dict[tuple[str, str], int]
) -> Iterator[JournalRow]:
    at, leaf = _stated.decode(event.body).at, leaf_hash(event.body).hex()
    sides = ((posting.debit, posting.amount_fen, 0), (posting.credit, 0, posting.amount_fen))
    for account, debit_fen, credit_fen in sides:
        key = (posting.line, account)
        change_fen = debit_fen - credit_fen
        if not CHART[account].debit_normal:
            change_fen = -change_fen
        balances[key] = balances.get(key, 0) + change_fen
        yield JournalRow(
            position=event.position,
            event=str(UUID(bytes=event.id)),
            type=event.type,
            at=at,
            recorded=signed.recorded,
            line=posting.line,
            contract=posting.contract or "",
            account=account,
            debit_fen=debit_fen,
            credit_fen=credit_fen,
            balance_fen=balances[key],
            signers=signed.signers,
            keys=signed.keys,
            leaf=leaf,
            statement=event.statement_index,
        )

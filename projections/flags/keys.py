"""Scopes of keys and accounts: recoveries, revocations, and where a party is paid.

The key of a group is the position of the event it is about.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import json
from sqlalchemy import or_, select

from projections.acts import ACTS
from projections.acts.tables import (
    ACCOUNT,
    HELD,
    KEY,
    REAFFIRMED,
    RECOVERY,
    REQUEST,
    REVOCATION,
    AccountRow,
    HeldRow,
    RecoveryRow,
)
from projections.flags.rule import Facts, Scope

_names = json.Decoder(list[str])

# -- recoveries --------------------------------------------------------------------------------


class Recovery(NamedTuple):
    """A new key that a registrar gave a party.

    Attributes:
        key: position of the recovery.
        position: the same.
        party: whose key it is.
        live: positions by which its keys began that could sign and were not called lost.
        contested_position: where a live key of the party ended the recovery; None if none did.

    """

    key: str
    position: int
    party: str
    live: tuple[int, ...]
    contested_position: int | None


def _recovered(facts: Facts, since: int) -> list[str]:
    table = facts.sources.table(ACTS, RECOVERY)
    recent = or_(table.c.position >= since, table.c.contested_position >= since)
    query = select(table.c.position).where(recent).order_by(table.c.position)
    return [str(position) for position in facts.sources.connection.scalars(query)]


def _recoveries(facts: Facts, keys: Sequence[str] | None) -> Iterator[Recovery]:
    connection = facts.sources.connection
    recovery, key = facts.sources.table(ACTS, RECOVERY), facts.sources.table(ACTS, KEY)
    rows = [RecoveryRow(*row) for row in connection.execute(select(recovery).order_by("position"))]
    for row in rows:
        if keys is not None and str(row.position) not in keys:
            continue
        # Those of an earlier recovery that nobody contested ended with it: there is one at a time.
        lost = {
            name
            for each in rows
            if each.party == row.party and each.position <= row.position
            if each.contested_position is None or each is row
            for name in _names.decode(each.lost)
        }
        query = (
            select(key)
            .where(
                key.c.party == row.party,
                key.c.position < row.position,
                or_(key.c.revoked_position.is_(None), key.c.revoked_position > row.position),
            )
            .order_by(key.c.position)
        )
        live = tuple(each.position for each in connection.execute(query) if each.key not in lost)
        yield Recovery(str(row.position), row.position, row.party, live, row.contested_position)


# -- revocations -------------------------------------------------------------------------------


class Revocation(NamedTuple):
    """A revoked key, with the acts in doubt for it that nobody reaffirmed.

    Attributes:
        key: position of the revocation.
        position: the same.
        name: the key's name.
        party: whose it was.
        acts: positions of acts of the key, and of keys it had enrolled, from the instant on.
        contract: the contract that all of them are about, or None.

    """

    key: str
    position: int
    name: str
    party: str
    acts: tuple[int, ...]
    contract: str | None


def _revoked(facts: Facts, since: int) -> list[str] | None:
    connection = facts.sources.connection
    reaffirmed = facts.sources.table(ACTS, REAFFIRMED).c.position
    if connection.scalar(select(reaffirmed).where(reaffirmed >= since).limit(1)) is not None:
        return None
    position = facts.sources.table(ACTS, REVOCATION).c.position
    query = select(position).where(position >= since).order_by(position)
    return [str(each) for each in connection.scalars(query)]


def _revocations(facts: Facts, keys: Sequence[str] | None) -> Iterator[Revocation]:
    connection = facts.sources.connection
    table = facts.sources.table(ACTS, REVOCATION)
    reaffirmed = set(connection.scalars(select(facts.sources.table(ACTS, REAFFIRMED).c.event)))
    for row in connection.execute(select(table).order_by(table.c.position)).all():
        if keys is not None and str(row.position) not in keys:
            continue
        acts = [
            act
            for act in _doubtful(facts, row.key, row.since_ms, row.position)
            if act.event not in reaffirmed
        ]
        contracts = {act.contract for act in acts}
        yield Revocation(
            key=str(row.position),
            position=row.position,
            name=row.key,
            party=row.party,
            acts=tuple(sorted({act.position for act in acts})),
            contract=contracts.pop() if len(contracts) == 1 else None,
        )


def _doubtful(facts: Facts, key: str, since_ms: int, before: int) -> list[HeldRow]:
    """Return the acts of a key from an instant on, and of keys that such acts enrolled."""
    table = facts.sources.table(ACTS, HELD)
    found: list[HeldRow] = []
    suspects, waiting = {key}, [key]
    while waiting:
        query = (
            select(table)
            .where(table.c.key == waiting.pop(), table.c.position < before)
            .where(table.c.recorded_ms >= since_ms)
            .order_by(table.c.position)
        )
        acts = [HeldRow(*row) for row in facts.sources.connection.execute(query)]
        found += acts
        enrolled = {act.enrolled for act in acts if act.enrolled is not None} - suspects
        suspects |= enrolled
        waiting += sorted(enrolled)
    return found


# -- accounts ----------------------------------------------------------------------------------


class Request(NamedTuple):
    """A request for payment on an account, by its position."""

    position: int
    payment: str
    contract: str
    requested_ms: int


class Account(NamedTuple):
    """A declared account.

    Attributes:
        key: position of its declaration.
        position: the same.
        party: whose it is.
        account: its token.
        declared_ms: when it was declared.
        is_first: whether its party had none before.
        first: the first request for payment on it, or None.
        others: declarations of other parties, earlier, of the same number at the same bank.

    """

    key: str
    position: int
    party: str
    account: str
    declared_ms: int
    is_first: bool
    first: Request | None
    others: tuple[int, ...]


def _declared(facts: Facts, since: int) -> list[str]:
    """Return the accounts declared since, and those on which payment was asked for since."""
    account, request = facts.sources.table(ACTS, ACCOUNT), facts.sources.table(ACTS, REQUEST)
    asked = select(request.c.payee).where(request.c.position >= since)
    recent = or_(account.c.position >= since, account.c.account.in_(asked))
    query = select(account.c.position).where(recent).order_by(account.c.position)
    return [str(position) for position in facts.sources.connection.scalars(query)]


def _accounts(facts: Facts, keys: Sequence[str] | None) -> Iterator[Account]:
    connection = facts.sources.connection
    table, request = facts.sources.table(ACTS, ACCOUNT), facts.sources.table(ACTS, REQUEST)
    rows = [AccountRow(*row) for row in connection.execute(select(table).order_by("position"))]
    known: set[str] = set()
    numbers: dict[tuple[str, str], list[AccountRow]] = {}
    for row in rows:
        is_first = row.party not in known
        known.add(row.party)
        same = numbers.setdefault((row.bank, row.number), [])
        others = tuple(each.position for each in same if each.party != row.party)
        same.append(row)
        if keys is not None and str(row.position) not in keys:
            continue
        query = (
            select(request)
            .where(request.c.payee == row.account)
            .order_by(request.c.position)
            .limit(1)
        )
        asked = connection.execute(query).first()
        yield Account(
            key=str(row.position),
            position=row.position,
            party=row.party,
            account=row.account,
            declared_ms=row.declared_ms,
            is_first=is_first,
            first=None
            if asked is None
            else Request(asked.position, asked.payment, asked.contract, asked.requested_ms),
            others=others,
        )


RECOVERIES = Scope("recovery", (ACTS,), _recovered, _recoveries)
REVOCATIONS = Scope("revocation", (ACTS,), _revoked, _revocations)
ACCOUNTS = Scope("account", (ACTS,), _declared, _accounts)

"""Who could sign, and as what: every key and role there ever was, with what became of it."""

from collections.abc import Iterator

from msgspec import Struct, json
from sqlalchemy import select

from ledger.times import format_instant
from projections.audit.moment import Moment
from projections.parties import PARTIES
from projections.parties.queries import key_status, role_status
from projections.parties.tables import KEY, ROLE
from projections.streaming import stream


class KeySheet(Struct, frozen=True):
    """A key of a party.

    Attributes:
        key: its name, `<party>/<label>`.
        party: whose it is.
        vkey: its C2SP verifier key.
        use: admin, sign or session.
        holder: token of the person who holds it.
        status: live, waiting to take force, contested or revoked.
        enrolled_position: position of its enrolment.
        enrolled_on: day of its enrolment.
        enrolled_by: the other keys that signed it, a space between two.
        from_instant: when it took force, or will (RFC 3339, UTC).
        until_instant: when a recovery revokes it, or did, likewise.
        recovery: id of the event that brought it as a recovery of lost keys.
        lost: the keys it replaces, a space between two.
        revoked_position: position of its revocation.
        revoked_on: day of its revocation.
        reason: why it was revoked.
        doubted_since: from when on its acts are in doubt (RFC 3339, UTC).
        last_position: position of the last event that changed it.

    """

    key: str
    party: str
    vkey: str
    use: str
    holder: str
    status: str
    enrolled_position: int
    enrolled_on: str
    enrolled_by: str
    from_instant: str
    until_instant: str | None
    recovery: str | None
    lost: str
    revoked_position: int | None
    revoked_on: str | None
    reason: str | None
    doubted_since: str | None
    last_position: int


class RoleSheet(Struct, frozen=True):
    """A role as it was given to a party.

    Attributes:
        party: who got it.
        role: which.
        status: held, expired or withdrawn.
        scope: what it covers, as JSON: all, or ids of programmes, purchasers and lines.
        amount_fen_max: the most of a single act, in fen.
        expires: its last local day.
        granted_position: position of the event that gave it.
        granted_on: day it was given.
        revoked_position: position of the event that took it back.
        revoked_on: day it was taken back.
        reason: why.

    """

    party: str
    role: str
    status: str
    scope: str
    amount_fen_max: int | None
    expires: str | None
    granted_position: int
    granted_on: str
    revoked_position: int | None
    revoked_on: str | None
    reason: str | None


def key_sheets(moment: Moment) -> Iterator[KeySheet]:
    """Yield every key, in the order of enrolment."""
    reading = moment.readings[PARTIES.name]
    table, present = reading.tables[KEY], moment.present
    query = select(table).order_by(table.c.first_position, table.c.key)
    for values in stream(reading.connection, query):
        row = KEY.row(*values)
        yield KeySheet(
            key=row.key,
            party=row.party,
            vkey=row.vkey,
            use=row.use,
            holder=row.holder,
            status=key_status(row, present),
            enrolled_position=row.first_position,
            enrolled_on=row.enrolled_on,
            enrolled_by=_joined(row.enrolled_by),
            from_instant=format_instant(row.from_ms),
            until_instant=_instant(row.until_ms),
            recovery=row.recovery,
            lost=_joined(row.lost),
            revoked_position=row.revoked_position,
            revoked_on=row.revoked_on,
            reason=row.reason,
            doubted_since=_instant(row.since_ms),
            last_position=row.last_position,
        )


def role_sheets(moment: Moment) -> Iterator[RoleSheet]:
    """Yield every role that was ever given, in that order."""
    reading = moment.readings[PARTIES.name]
    table, present = reading.tables[ROLE], moment.present
    query = select(table).order_by(table.c.position, table.c.party, table.c.role)
    for values in stream(reading.connection, query):
        row = ROLE.row(*values)
        yield RoleSheet(
            party=row.party,
            role=row.role,
            status=role_status(row, present),
            scope=row.scope,
            amount_fen_max=row.amount_fen_max,
            expires=row.expires,
            granted_position=row.position,
            granted_on=row.granted_on,
            revoked_position=row.revoked_position,
            revoked_on=row.revoked_on,
            reason=row.reason,
        )


def _joined(listed: str | None) -> str:
    return " ".join(json.decode(listed or "[]", type=list[str]))


def _instant(ms: int | None) -> str | None:
    return None if ms is None else format_instant(ms)

"""The questions about parties, and the records that answer them.

What depends on today is told as of the ledger's last statement (`projections.present`).
"""

from collections.abc import Sequence
from typing import Any, Literal, TypeVar

from msgspec import Struct, json
from sqlalchemy import ColumnElement, RowMapping, or_, select

from ledger.intake.reading import storable
from projections.context import decode_names, matching
from projections.engine import Projections, Reading
from projections.paging import DEFAULT_LIMIT, Page, page_of
from projections.parties.model import PARTIES
from projections.parties.tables import (
    ACCOUNT,
    ENTRY,
    INTEREST,
    KEY,
    QUALIFICATION,
    ROLE,
    SANCTION,
)
from projections.present import Present, present_of
from projections.shape import Shape

T = TypeVar("T", bound=Struct)

PartyStatus = Literal["active", "sanctioned", "keyless"]
"""Barred from bidding somewhere, without any key that lives, or neither."""

KeyStatus = Literal["live", "waiting", "contested", "revoked"]
"""A recovery's key waits until it takes force; a contested one never does."""

RoleStatus = Literal["held", "expired", "withdrawn"]


class PartyListed(Struct, frozen=True):
    """A party's entry in the register.

    Attributes:
        party: its id.
        names: its official name by language.
        kind: what it is in law.
        scheme: register of its identifier, by its org-id.guide code.
        identifier: its number there.
        parent: the party it belongs to.
        sme: whether it is a micro, small or medium enterprise; None where nobody said.
        status: active, sanctioned (barred from bidding somewhere) or keyless.
        roles: what it holds now, each once, in whatever scope.
        registered_on: local date of its registration.
        updated_on: local date of the last change of its entry.
        first_position: position of its registration.
        last_position: position of the last event at home with it that the register reads.

    """

    party: str
    names: dict[str, str]
    kind: str
    scheme: str
    identifier: str
    parent: str | None
    sme: bool | None
    status: PartyStatus
    roles: tuple[str, ...]
    registered_on: str
    updated_on: str | None
    first_position: int
    last_position: int


class Role(Struct, frozen=True):
    """A role as it was given.

    Attributes:
        role: which.
        status: held, expired, or withdrawn.
        scope: what it covers: `all`, or ids of programmes, purchasers and lines.
        amount_fen_max: the most of a single act, in fen.
        expires: its last local day.
        granted_on: local date it was given.
        position: position of the event that gave it.
        revoked_on: local date it was taken back.
        revoked_position: position of that event.
        reason: why.

    """

    role: str
    status: RoleStatus
    scope: dict[str, bool | list[str]]
    amount_fen_max: int | None
    expires: str | None
    granted_on: str
    position: int
    revoked_on: str | None
    revoked_position: int | None
    reason: str | None


class Key(Struct, frozen=True):
    """A key of a party.

    Attributes:
        key: its name, `<party>/<label>`.
        status: live, waiting to take force, contested or revoked.
        vkey: its C2SP verifier key.
        use: admin, sign or session.
        holder: token of the person who holds it.
        from_ms: when it took force, or will, milliseconds since the epoch.
        until_ms: when a recovery revokes it, likewise.
        enrolled_on: local date of its enrolment.
        enrolled_by: the other keys that signed it.
        recovery: id of the `key.recovered` that brought it, if one did.
        lost: the keys it replaces.
        revoked_on: local date it was revoked.
        revoked_position: position of that event.
        reason: why.
        since_ms: from when on its acts are in doubt, milliseconds since the epoch.
        first_position: position of its enrolment.
        last_position: position of the last event that changed it.

    """

    key: str
    status: KeyStatus
    vkey: str
    use: str
    holder: str
    from_ms: int
    until_ms: int | None
    enrolled_on: str
    enrolled_by: tuple[str, ...]
    recovery: str | None
    lost: tuple[str, ...]
    revoked_on: str | None
    revoked_position: int | None
    reason: str | None
    since_ms: int | None
    first_position: int
    last_position: int


class Account(Struct, frozen=True):
    """An account to be paid on.

    Attributes:
        account: its token.
        bank: the bank's code, CNAPS or BIC.
        declared_on: local date it was declared.
        declared_ms: the instant, milliseconds since the epoch.
        from_ms: from when payments may name it, likewise.
        keys: the keys that signed the declaration.
        first_position: position of the declaration.

    """

    account: str
    bank: str
    declared_on: str
    declared_ms: int
    from_ms: int
    keys: tuple[str, ...]
    first_position: int


class Sanction(Struct, frozen=True):
    """A bar from bidding.

    Attributes:
        sanction: its id.
        imposed_by: who imposed it.
        ground: why.
        scope: where it bars, as a role's.
        in_force: whether it bars now.
        from_date: first local day.
        until: last local day.
        imposed_on: local date it was imposed.
        lifted_on: local date it ended before its time.
        reasons: why it did, by language.
        first_position: position at which it was imposed.
        last_position: position of the last event about it.

    """

    sanction: str
    imposed_by: str
    ground: str
    scope: dict[str, bool | list[str]]
    in_force: bool
    from_date: str
    until: str
    imposed_on: str
    lifted_on: str | None
    reasons: dict[str, str]
    first_position: int
    last_position: int


class Qualification(Struct, frozen=True):
    """What a party was found qualified for.

    Attributes:
        qualification: its id.
        kind: for what.
        scope: where it counts, as a role's.
        expires: its last local day.
        granted_on: local date it was granted.
        suspended_on: local date from which it counts no longer.
        ground: why.
        first_position: position at which it was granted.
        last_position: position of the last event about it.

    """

    qualification: str
    kind: str
    scope: dict[str, bool | list[str]]
    expires: str | None
    granted_on: str
    suspended_on: str | None
    ground: str | None
    first_position: int
    last_position: int


class Interest(Struct, frozen=True):
    """A person's declared relation to the party (回避).

    Attributes:
        position: position of the declaration.
        person: token of the person.
        relation: employed, on the board, in control, kin of who leads it, or other.
        from_date: first day of the relation.
        to_date: last day.
        declared_on: local date it was declared.
        keys: the keys that signed the declaration.

    """

    position: int
    person: str
    relation: str
    from_date: str
    to_date: str
    declared_on: str
    keys: tuple[str, ...]


class PartyFile(Struct, frozen=True):
    """All that is known of a party.

    Attributes:
        position: how many events of the ledger it reflects.
        party: its entry.
        members: the parties that belong to it.
        roles: roles given, in that order.
        keys: keys enrolled, in that order.
        accounts: accounts declared.
        sanctions: sanctions imposed.
        qualifications: qualifications granted.
        interests: relations declared to it.

    """

    position: int
    party: PartyListed
    members: tuple[str, ...]
    roles: tuple[Role, ...]
    keys: tuple[Key, ...]
    accounts: tuple[Account, ...]
    sanctions: tuple[Sanction, ...]
    qualifications: tuple[Qualification, ...]
    interests: tuple[Interest, ...]


def list_parties(
    projections: Projections,
    *,
    kind: str | None = None,
    role: str | None = None,
    text: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[PartyListed]:
    """Return a page of parties, in the order in which they were registered.

    `role` asks for those that hold it now; `text` looks into ids, identifiers and names.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[PartyListed]:
        table, roles = reading.tables[ENTRY], reading.tables[ROLE]
        present = present_of(projections, reading)
        where: list[ColumnElement[bool]] = []
        if kind is not None:
            where.append(table.c.kind == storable(kind))
        if role is not None:
            held = select(roles.c.party).where(
                roles.c.role == storable(role),
                roles.c.revoked_position.is_(None),
                or_(roles.c.expires.is_(None), roles.c.expires >= present.today),
            )
            where.append(table.c.party.in_(held))
        if text is not None:
            where.append(table.c.search.like(matching(text), escape="!"))
        rows, following = page_of(reading.connection, table, where, after, limit)
        return Page(reading.position, tuple(_listed(reading, present, rows)), following)

    return projections.read(PARTIES, query)


def party_file(projections: Projections, party: str) -> PartyFile | None:
    """Return all that is known of a party by its id, or None."""

    def query(reading: Reading) -> PartyFile | None:
        table, asked = reading.tables[ENTRY], storable(party)
        found = reading.connection.execute(select(table).where(table.c.party == asked))
        present = present_of(projections, reading)
        listed = _listed(reading, present, found.mappings().all())
        if not listed:
            return None
        members = select(table.c.party).where(table.c.parent == asked).order_by(table.c.party)
        return PartyFile(
            position=reading.position,
            party=listed[0],
            members=tuple(reading.connection.scalars(members)),
            roles=tuple(
                _record(Role, row, status=_role_status(row, present))
                for row in _of(reading, ROLE, [asked])
            ),
            keys=tuple(
                _record(Key, row, status=_key_status(row, present))
                for row in _of(reading, KEY, [asked])
            ),
            accounts=tuple(_record(Account, row) for row in _of(reading, ACCOUNT, [asked])),
            sanctions=tuple(
                _record(Sanction, row, in_force=_bars(row, present))
                for row in _of(reading, SANCTION, [asked])
            ),
            qualifications=tuple(
                _record(Qualification, row) for row in _of(reading, QUALIFICATION, [asked])
            ),
            interests=tuple(_record(Interest, row) for row in _of(reading, INTEREST, [asked])),
        )

    return projections.read(PARTIES, query)


def _listed(reading: Reading, present: Present, rows: Sequence[RowMapping]) -> list[PartyListed]:
    """Make records of rows: roles, keys and sanctions are a query each for all."""
    parties = [row["party"] for row in rows]
    roles: dict[str, dict[str, None]] = {}
    for row in _of(reading, ROLE, parties):
        if _role_status(row, present) == "held":
            roles.setdefault(row["party"], {})[row["role"]] = None
    live = {
        row["party"]
        for row in _of(reading, KEY, parties)
        if _key_status(row, present) in ("live", "waiting")
    }
    barred = {row["party"] for row in _of(reading, SANCTION, parties) if _bars(row, present)}
    found = []
    for row in rows:
        party = row["party"]
        status: PartyStatus = "active" if party in live else "keyless"
        if party in barred:
            status = "sanctioned"
        sme = None if row["sme"] is None else bool(row["sme"])
        held = tuple(roles.get(party, ()))
        found.append(_record(PartyListed, row, status=status, roles=held, sme=sme))
    return found


def _of(reading: Reading, shape: Shape[Any], parties: Sequence[str]) -> Sequence[RowMapping]:
    """Return the rows of parties, in the order of their first positions."""
    table = reading.tables[shape]
    position = table.c.position if "position" in table.c else table.c.first_position
    query = select(table).where(table.c.party.in_(parties)).order_by(position, *table.primary_key)
    return reading.connection.execute(query).mappings().all()


def _role_status(row: RowMapping, present: Present) -> RoleStatus:
    if row["revoked_position"] is not None:
        return "withdrawn"
    return "expired" if row["expires"] and row["expires"] < present.today else "held"


def _key_status(row: RowMapping, present: Present) -> KeyStatus:
    if row["status"] != "live":
        return "contested" if row["status"] == "contested" else "revoked"
    if row["until_ms"] is not None and present.now_ms >= row["until_ms"]:
        return "revoked"
    return "live" if present.now_ms >= row["from_ms"] else "waiting"


def _bars(row: RowMapping, present: Present) -> bool:
    begun = row["from_date"] <= present.today <= row["until"]
    return bool(begun and (row["lifted_on"] is None or present.today < row["lifted_on"]))


def _record(record: type[T], row: RowMapping, **values: object) -> T:
    """Return a record whose fields are columns, lists and texts decoded."""
    plain = {name: row[name] for name in record.__struct_fields__ if name in row}
    for name in ("scope", "keys", "enrolled_by", "lost"):
        if name in plain:
            decoded = json.decode(plain[name] or "[]")
            plain[name] = tuple(decoded) if isinstance(decoded, list) else decoded
    for name in ("names", "reasons"):
        if name in plain:
            plain[name] = decode_names(plain[name]) if plain[name] else {}
    return record(**{**plain, **values})

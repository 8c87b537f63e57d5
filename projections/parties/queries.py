"""The questions about parties.

What depends on today is told as of the ledger's last statement (`projections.present`).
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from msgspec import Struct, json
from sqlalchemy import ColumnElement, RowMapping, or_, select

from ledger.intake.reading import storable
from projections.context import decode_names, matching
from projections.engine import Projections, Reading
from projections.paging import DEFAULT_LIMIT, Page, page_of
from projections.parties.model import PARTIES
from projections.parties.records import (
    Account,
    Interest,
    Key,
    KeyStatus,
    PartyFile,
    PartyListed,
    PartyStatus,
    Qualification,
    Role,
    RoleStatus,
    Sanction,
)
from projections.parties.tables import (
    ACCOUNT,
    ENTRY,
    INTEREST,
    KEY,
    QUALIFICATION,
    ROLE,
    SANCTION,
    KeyRow,
    RoleRow,
)
from projections.present import Present, present_of
from projections.shape import Shape

T = TypeVar("T", bound=Struct)


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
                _record(Role, row, status=role_status(ROLE.row(**row), present))
                for row in _of(reading, ROLE, [asked])
            ),
            keys=tuple(
                _record(Key, row, status=key_status(KEY.row(**row), present))
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


def role_status(row: RoleRow, present: Present) -> RoleStatus:
    """Tell how a role stands."""
    if row.revoked_position is not None:
        return "withdrawn"
    return "expired" if row.expires and row.expires < present.today else "held"


def key_status(row: KeyRow, present: Present) -> KeyStatus:
    """Tell how a key stands."""
    if row.status != "live":
        return "contested" if row.status == "contested" else "revoked"
    if row.until_ms is not None and present.now_ms >= row.until_ms:
        return "revoked"
    return "live" if present.now_ms >= row.from_ms else "waiting"


def _listed(reading: Reading, present: Present, rows: Sequence[RowMapping]) -> list[PartyListed]:
    """Make records of rows: roles, keys and sanctions are a query each for all."""
    parties = [row["party"] for row in rows]
    roles: dict[str, dict[str, None]] = {}
    for row in _of(reading, ROLE, parties):
        if role_status(ROLE.row(**row), present) == "held":
            roles.setdefault(row["party"], {})[row["role"]] = None
    live = {
        row["party"]
        for row in _of(reading, KEY, parties)
        if key_status(KEY.row(**row), present) in ("live", "waiting")
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

"""Whether a party may come in: its key, and what it may do, as of one position.

What depends on the time of asking (a recovery's key takes force, a role expires) is told of the
instant that is given: whoever asks is here now, whenever the last statement was recorded.
"""

from msgspec import Struct
from sqlalchemy import select

from ledger.intake.reading import storable
from ledger.times import local_date
from projections.context import LEDGER, decode_names
from projections.engine import Projections, Reading
from projections.parties.model import PARTIES
from projections.parties.tables import ENTRY, KEY, ROLE


class HeldRole(Struct, frozen=True):
    """A role that was given and not taken back.

    Attributes:
        role: which.
        expires: its last local day, or None.

    """

    role: str
    expires: str | None


class HeldKey(Struct, frozen=True):
    """A key that is enrolled and was not revoked.

    Attributes:
        key: its name.
        vkey: its C2SP verifier key.
        from_ms: when it took force, or will, milliseconds since the epoch.
        until_ms: when a recovery revokes it, likewise, or None.

    """

    key: str
    vkey: str
    from_ms: int
    until_ms: int | None


class Authority(Struct, frozen=True):
    """What a party is and holds.

    Attributes:
        position: how many events of the ledger it reflects.
        party: the party.
        names: its names by language.
        offset_minutes: the ledger's distance east of UTC, for local days.
        key: the key that was asked for, or None where it has none of that name any more.
        roles: what it was given.

    """

    position: int
    party: str
    names: dict[str, str]
    offset_minutes: int
    key: HeldKey | None
    roles: tuple[HeldRole, ...]

    def key_is_in_force(self, now_ms: int) -> bool:
        """Tell whether the key may sign at an instant."""
        key = self.key
        if key is None or now_ms < key.from_ms:
            return False
        return key.until_ms is None or now_ms < key.until_ms

    def roles_at(self, now_ms: int) -> frozenset[str]:
        """Return the roles in force at an instant."""
        today = local_date(now_ms, self.offset_minutes)
        return frozenset(
            held.role for held in self.roles if held.expires is None or today <= held.expires
        )


def authority(projections: Projections, party: str, key: str | None = None) -> Authority | None:
    """Return what a party holds, with one of its keys by name; None where there is no such party.

    Raises:
        StoreUnavailable: the database cannot be read.

    """

    def query(reading: Reading) -> Authority | None:
        connection, tables = reading.connection, reading.tables
        entry, roles, keys = tables[ENTRY], tables[ROLE], tables[KEY]
        asked = storable(party)
        names = connection.scalar(select(entry.c.names).where(entry.c.party == asked))
        if names is None:
            return None
        held = select(roles.c.role, roles.c.expires).where(
            roles.c.party == asked, roles.c.revoked_position.is_(None)
        )
        of_name = select(keys.c.key, keys.c.vkey, keys.c.from_ms, keys.c.until_ms).where(
            keys.c.party == asked, keys.c.key == storable(key or ""), keys.c.status == "live"
        )
        found = connection.execute(of_name).first()
        offset = connection.scalar(select(tables[LEDGER].c.offset_minutes))
        return Authority(
            position=reading.position,
            party=party,
            names=decode_names(names),
            offset_minutes=offset or 0,
            key=None if found is None else HeldKey(*found),
            roles=tuple(HeldRole(*row) for row in connection.execute(held.order_by(*roles.c))),
        )

    return projections.read(PARTIES, query)

"""Who asks: nobody in particular, a party by one of its keys, or a person of the staff."""

from typing import NamedTuple

READS_ALL = frozenset({"finance", "auditor"})
"""Roles that read everything but what lies in the vault."""


class Reader(NamedTuple):
    """Whoever asks.

    Attributes:
        party: the party it asks for, or None: the public.
        key: name of the key that signed its session, or None.
        roles: roles of the party that are in force.

    """

    party: str | None = None
    key: str | None = None
    roles: frozenset[str] = frozenset()

    @property
    def is_public(self) -> bool:
        """Whether it is anybody."""
        return self.party is None

    @property
    def reads_all(self) -> bool:
        """Whether it reads what concerns others."""
        return not READS_ALL.isdisjoint(self.roles)


PUBLIC = Reader()
"""Anybody."""

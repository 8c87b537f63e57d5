"""Which roles a party held when it signed: granted by then, not taken back, not expired.

Roles come and go by a few events a party; whoever asks for a party brings these once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import UNSET

from ledger.events import Event
from ledger.events.parties import LedgerOpened, RoleGranted, RoleRevoked

FOUNDERS = {"authority": ("authority", "registrar"), "operator": ("operator",)}
"""The roles that a founder's key brings, by what `ledger.opened` calls it."""

Told = Iterable[tuple[int, Event]]
"""Events about a party's roles, each with its position, in order."""


class Grant(NamedTuple):
    """A role of a party, from behind a position up to another one.

    Attributes:
        role: which.
        begun: position of the event that gave it.
        ended: position of the event that took it back, or None.
        expires: its last local day, or None.

    """

    role: str
    begun: int
    ended: int | None
    expires: str | None


class Roles:
    """The roles of parties over time, as events bring them."""

    def __init__(self, tell: Callable[[str], Told] = lambda _party: ()) -> None:
        """`tell` gives the events about a party's roles that are not seen otherwise, once."""
        self._tell = tell
        self._told: set[str] = set()
        self._grants: dict[str, list[Grant]] = {}

    def see(self, position: int, event: Event) -> None:
        """Note what an event does to roles; they come in order."""
        if isinstance(event, LedgerOpened):
            for key in event.keys:
                party, _, _ = key.vkey.partition("/")
                for role in FOUNDERS[key.role]:
                    # The founders sign the opening itself in these roles.
                    self._grant(party, Grant(role, position - 1, None, None))
        elif isinstance(event, RoleGranted):
            expires = None if event.limits is UNSET else event.limits.expires or None
            self._grant(event.party, Grant(event.role, position, None, expires))
        elif isinstance(event, RoleRevoked):
            self._grants[event.party] = [
                grant._replace(ended=position)
                if grant.role == event.role and grant.ended is None
                else grant
                for grant in self._grants.get(event.party, ())
            ]

    def held(self, party: str, position: int, today: str) -> tuple[str, ...]:
        """Return the roles that a party held just before a position, on a local day, sorted."""
        if party not in self._told:
            self._told.add(party)
            for at, event in self._tell(party):
                self.see(at, event)
        return tuple(
            sorted(
                {
                    grant.role
                    for grant in self._grants.get(party, ())
                    if grant.begun < position
                    and (grant.ended is None or position <= grant.ended)
                    and (grant.expires is None or today <= grant.expires)
                }
            )
        )

    def all(self) -> Mapping[str, Sequence[Grant]]:
        """Return every grant seen, by party, in order."""
        return self._grants

    def _grant(self, party: str, grant: Grant) -> None:
        self._grants.setdefault(party, []).append(grant)

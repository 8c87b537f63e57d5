"""Which roles a party held when it signed: granted by then, not taken back, not expired.

Roles come and go by a few events a party; whoever asks for a party brings these once.
"""

from collections.abc import Callable, Iterable
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
    """The roles of parties over time."""

    def __init__(self, tell: Callable[[str], Told]) -> None:
        """`tell` gives the events about a party's roles; it is asked once a party."""
        self._tell = tell
        self._grants: dict[str, list[Grant]] = {}

    def held(self, party: str, position: int, today: str) -> tuple[str, ...]:
        """Return the roles that a party held just before a position, on a local day, sorted."""
        if party not in self._grants:
            self._grants[party] = grants_of(party, self._tell(party))
        return tuple(
            sorted(
                {
                    grant.role
                    for grant in self._grants[party]
                    if grant.begun < position
                    and (grant.ended is None or position <= grant.ended)
                    and (grant.expires is None or today <= grant.expires)
                }
            )
        )


def grants_of(party: str, told: Told) -> list[Grant]:
    """Return the roles that events gave a party, in order."""
    grants: list[Grant] = []
    for position, event in told:
        if isinstance(event, LedgerOpened):
            for key in event.keys:
                if key.vkey.partition("/")[0] == party:
                    begun = position - 1  # the founders sign the opening itself in these roles
                    grants += [Grant(role, begun, None, None) for role in FOUNDERS[key.role]]
        elif isinstance(event, RoleGranted) and event.party == party:
            expires = None if event.limits is UNSET else event.limits.expires or None
            grants.append(Grant(event.role, position, None, expires))
        elif isinstance(event, RoleRevoked) and event.party == party:
            grants = [
                grant._replace(ended=position)
                if grant.role == event.role and grant.ended is None
                else grant
                for grant in grants
            ]
    return grants

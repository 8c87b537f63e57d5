"""Rows of the journal: the roles of who signed, and the hash of what an event rests on."""

import json
from typing import Any

from world import World

from ledger.events import Event
from ledger.events.parties import LedgerOpened, Limits, RoleGranted, RoleRevoked
from ledger.store.store import Store
from projections.journal import JournalRow
from projections.journal.roles import Roles

_UNTIL_JUNE = Limits(expires="2026-06-30")


def test_a_row_names_a_role_for_each_signer(rows: list[JournalRow]) -> None:
    """Every posting was signed in a role, and the event's type tells in which.

    type               | a signer's roles
    payment.ordered    | finance
    payment.settled    | treasury
    contract.signed    | purchaser, provider
    """
    seen: dict[str, set[str]] = {}
    for row in rows:
        assert len(row.roles.split(" ")) == len(row.signers.split(" "))
        assert "-" not in row.roles.split(" "), row
        seen.setdefault(row.type, set()).add(row.roles)
    assert seen["payment.ordered"] == {"finance"}
    assert seen["payment.settled"] == {"treasury"}
    assert seen["contract.signed"] <= {"provider purchaser", "purchaser provider"}


def test_the_evidence_is_the_hash_that_the_event_names(
    store: Store, rows: list[JournalRow]
) -> None:
    """The bank's file before all else, a document where there is one, and nothing otherwise."""
    by_type = {row.type: row for row in rows}
    for kind, find in (
        ("payment.settled", lambda event: event["sha256"]),
        ("budget.appropriated", lambda event: event["document"]["sha256"]),
        ("budget.allotted", lambda _event: ""),
    ):
        row = by_type[kind]
        found = store.event_at(row.position)
        assert found is not None
        event: dict[str, Any] = json.loads(found.body)
        assert row.evidence == find(event), kind


def test_roles_come_go_and_expire() -> None:
    """As of a position and a local day; a party's events are asked for once.

    position | event             | then held
    0        | ledger.opened     | authority, registrar: from the opening itself on
    5        | role.granted      | finance, until 2026-06-30
    9        | role.revoked      | no more finance
    """
    world = World()
    told: list[tuple[int, Event]] = [
        (5, world.make(RoleGranted, party="AUT", role="finance", limits=_UNTIL_JUNE)),
        (9, world.make(RoleRevoked, party="AUT", role="finance")),
    ]
    asked: list[str] = []

    def tell(party: str) -> list[tuple[int, Event]]:
        asked.append(party)
        return told if party == "AUT" else []

    roles = Roles(tell)
    roles.see(0, world.make(LedgerOpened))
    founding = ("authority", "registrar")
    for position, day, expected in (
        (0, "2026-01-01", founding),
        (5, "2026-01-01", founding),
        (6, "2026-06-30", ("authority", "finance", "registrar")),
        (6, "2026-07-01", founding),
        (9, "2026-06-30", ("authority", "finance", "registrar")),
        (10, "2026-06-30", founding),
    ):
        assert roles.held("AUT", position, day) == expected, (position, day)
    assert roles.held("PRO", 10, "2026-01-01") == ()
    assert asked == ["AUT", "PRO"]

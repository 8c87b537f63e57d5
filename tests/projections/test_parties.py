"""What the read model of parties shows: entries, roles, keys, accounts, sanctions, relations."""

from collections.abc import Iterator
from contextlib import contextmanager

import scenario
from histories import Kept, assert_same_however_batched, keep
from world import World

from ledger.events.parties import Limits, PartyUpdated, Scope
from projections.catalogue import open_projections
from projections.engine import Projections
from projections.parties import PARTIES, Key, PartyFile, list_parties, party_file


@contextmanager
def shown(url: str, world: World) -> Iterator[tuple[Kept, Projections]]:
    """Give the read models of a world's ledger, folded whole."""
    kept = keep(url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        (status,) = projections.follow(PARTIES.name)
        assert status.reason is None
        yield kept, projections


def the_party(projections: Projections, party: str) -> PartyFile:
    """Return a party's file."""
    found = party_file(projections, party)
    assert found is not None
    return found


def key_of(projections: Projections, name: str) -> Key:
    """Return a key."""
    keys = the_party(projections, name.partition("/")[0]).keys
    return next(key for key in keys if key.key == name)


def test_the_register_is_what_the_state_holds(database_url: str) -> None:
    """Names, identifiers, parents, keys, accounts and roles of every party equal the law's own."""
    world = World.founded()
    world.do(world.make(PartyUpdated, party="PR3", parent="BU2", names={"zh": "长青养老"}))
    with shown(database_url, world) as (kept, projections):
        state = kept.ledger.state
        assert {each.party for each in list_parties(projections).items} == set(state.parties)
        for key, row in state.parties.items():
            file = the_party(projections, key)
            assert (file.party.names, file.party.kind, file.party.parent) == (
                row.names,
                row.kind,
                row.parent,
            )
            assert (file.party.scheme, file.party.identifier) == (row.scheme, row.number)
            keys = {name: each for name, each in state.keys.items() if each.party == key}
            assert {each.key: (each.use, each.holder, each.from_ms) for each in file.keys} == {
                name: (each.use, each.holder, each.from_ms) for name, each in keys.items()
            }
            assert {each.account: each.from_ms for each in file.accounts} == {
                each.account: each.from_ms for each in state.accounts.values() if each.party == key
            }
            assert set(file.party.roles) == {role for party, role in state.grants if party == key}
        assert the_party(projections, "BU2").members == ("PR3",)
        assert [p.party for p in list_parties(projections, text="养老").items] == ["PR3"]
        assert [p.party for p in list_parties(projections, role="lender").items] == ["LEN"]
        government = list_parties(projections, kind="institution").items
        assert all(each.kind == "institution" for each in government)
        assert party_file(projections, "NOBODY") is None
        assert_same_however_batched(kept, PARTIES.name)


def test_roles_expire_and_are_withdrawn(database_url: str) -> None:
    """An expired role is held no more, though no event says so; a withdrawn one says why."""
    world = World.cast()
    limits = Limits(amount_fen_max=500, expires="2026-01-10")
    world.grant("PR2", "lender", Scope(lines=["line-1"]), limits=limits)
    scenario.play(
        world,
        """
    outcome | by | event        | fields
    ok      |    | role.revoked | party=EVA; role=evaluator
    later   |    |              | 10
    ok      |    | party.updated |
    """,
    )
    with shown(database_url, world) as (_, projections):
        roles = {role.role: role for role in the_party(projections, "PR2").roles}
        assert (roles["lender"].status, roles["provider"].status) == ("expired", "held")
        assert roles["lender"].scope == {"lines": ["line-1"]}
        assert roles["lender"].amount_fen_max == 500
        (evaluator,) = the_party(projections, "EVA").roles
        assert evaluator.status == "withdrawn"
        assert evaluator.revoked_position is not None
        assert the_party(projections, "EVA").party.roles == ()
        assert [p.party for p in list_parties(projections, role="lender").items] == ["LEN"]


def test_a_recovery_ends_the_lost_keys_when_it_takes_force(database_url: str) -> None:
    """The new key waits ten working days and the lost one lives; then no event, and it is over.

    outcome | by | event         | fields
    ok      |    | key.recovered | lost=["vkey:PRO/two"]
    """
    world = World.cast()
    scenario.play(world, test_a_recovery_ends_the_lost_keys_when_it_takes_force.__doc__)
    with shown(database_url, world) as (kept, projections):
        new, lost = key_of(projections, "PRO/new"), key_of(projections, "PRO/two")
        assert (new.status, lost.status) == ("waiting", "live")
        assert new.lost == ("PRO/two",)
        assert lost.until_ms == new.from_ms == kept.ledger.state.keys["PRO/new"].from_ms
        scenario.play(
            world,
            """
    outcome | by | event         | fields
    later   |    |               | 20
    ok      |    | party.updated |
    """,
        )
        kept.catch_up()
        projections.follow(PARTIES.name)
        statuses = {key.key: key.status for key in the_party(projections, "PRO").keys}
        assert statuses == {"PRO/one": "live", "PRO/two": "revoked", "PRO/new": "live"}
        assert_same_however_batched(kept, PARTIES.name)


def test_a_contested_or_revoked_recovery_lets_the_lost_keys_live(database_url: str) -> None:
    """Contested by the party, or taken back by the registrar: either way nothing is lost.

    outcome | by               | event         | fields
    ok      |                  | key.recovered | lost=["vkey:PRO/two"]
    ok      | PRO/two          | key.contested | recovery=event:key.recovered
    ok      | AUT/one PRO/late | key.recovered | vkey=vkey:PRO/late; lost=["vkey:PRO/two"]
    ok      | AUT/one          | key.revoked   | vkey=vkey:PRO/late; reason=REPLACED
    later   |                  |               | 30
    ok      |                  | party.updated |
    """
    world = World.cast()
    name = test_a_contested_or_revoked_recovery_lets_the_lost_keys_live
    scenario.play(world, name.__doc__)
    with shown(database_url, world) as (kept, projections):
        statuses = {key.key: key.status for key in the_party(projections, "PRO").keys}
        assert statuses == {
            "PRO/one": "live",
            "PRO/two": "live",
            "PRO/new": "contested",
            "PRO/late": "revoked",
        }
        revoked = key_of(projections, "PRO/late")
        assert (revoked.reason, revoked.since_ms is not None) == ("REPLACED", True)
        assert_same_however_batched(kept, PARTIES.name)


def test_waiting_times_follow_the_calendar_that_was_published(database_url: str) -> None:
    """A new calendar holds from its position on, also for a fold that begins behind it."""
    world = World.cast()
    off = ["2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09"]
    days = f'"off":{off},"worked":[]'.replace("'", '"')
    scenario.play(
        world,
        f"""
    outcome | by | event            | fields
    ok      |    | rule.published   | rule=calendar/cn; parameters={{"kind":"calendar",\
"first":"2026-01-01","last":"2026-12-31",{days}}}
    ok      | AUT/one PR2/one | account.declared | party=PR2; account=account-2
    """,
    )
    with shown(database_url, world) as (kept, projections):
        (account,) = the_party(projections, "PR2").accounts
        assert account.from_ms == kept.ledger.state.accounts["account-2"].from_ms
        assert_same_however_batched(kept, PARTIES.name)


def test_sanctions_qualifications_and_relations_are_kept_with_the_party(database_url: str) -> None:
    """A party barred is sanctioned from its first day until the bar is lifted.

    outcome | by      | event                 | fields
    ok      | FIN/one | notice.given          | about=PRO; notice=n-s; \
act=sanction.imposed; ground=MISCONDUCT; amount_fen=absent
    ok      |         | notice.answered       | notice=n-s
    ok      |         | sanction.imposed      | from=2026-01-05
    ok      |         | qualification.granted |
    ok      | EVA/one | interest.declared     | person=holder:EVA/one; counterparty=PRO
    """
    world = World.cast()
    name = test_sanctions_qualifications_and_relations_are_kept_with_the_party
    scenario.play(world, name.__doc__)
    with shown(database_url, world) as (kept, projections):
        file = the_party(projections, "PRO")
        assert file.party.status == "sanctioned"
        assert [(s.sanction, s.imposed_by, s.in_force) for s in file.sanctions] == [
            ("s-1", "FIN", True)
        ]
        assert [q.kind for q in file.qualifications] == ["home-care"]
        (interest,) = file.interests
        assert interest.keys == ("EVA/one",)
        scenario.play(
            world,
            """
    outcome | by      | event           | fields
    ok      | REV/one | sanction.lifted |
    """,
        )
        kept.catch_up()
        projections.follow(PARTIES.name)
        file = the_party(projections, "PRO")
        assert (file.party.status, file.sanctions[0].in_force) == ("active", False)
        assert file.sanctions[0].reasons == {"en": "It was put right"}
        assert_same_however_batched(kept, PARTIES.name)

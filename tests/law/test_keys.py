"""Keys: recovered unless contested, revoked by the seasoned, and acts held while in doubt."""

import scenario
from msgspec import UNSET
from msgspec.structs import replace
from world import World, signer

from ledger.calendar import SHIPPED
from ledger.events.claim import ClaimAgreed, Returned
from ledger.events.parties import ActReaffirmed, KeyRecovered, KeyRevoked, PartyUpdated
from ledger.events.payment import PaymentRequested
from ledger.events.rulebook import RulePublished
from ledger.rules.force import RECOVERY_WORKING_DAYS
from ledger.times import MS_PER_DAY, format_instant, parse_date, parse_instant


def test_recoveries() -> None:
    """A registrar gives a party a new admin key, in force after ten working days.

    outcome               | by               | event           | fields
    signers_not_as_called | AUT/one          | key.recovered   |
    signers_not_as_called | PRO/new          | key.recovered   |
    signer_lacks_role     | FIN/one PRO/new  | key.recovered   |
    signer_lacks_role     | PR2/one PRO/new  | key.recovered   |
    signers_not_as_called | PRO/one PRO/new  | key.recovered   |
    signers_not_as_called | AUT/new AUT/one  | key.recovered   | party=AUT; \
vkey=vkey:AUT/new; lost=["vkey:AUT/two"]
    holders_not_different |                  | key.recovered   | holder=h-aut-1
    key_not_of_party      | AUT/one PR2/new  | key.recovered   | vkey=vkey:PR2/new
    key_not_of_party      |                  | key.recovered   | lost=["vkey:PR2/one"]
    list_repeats          |                  | key.recovered   | \
lost=["vkey:PRO/two","vkey:PRO/two"]
    reference_unknown     |                  | key.recovered   | lost=["vkey:PRO/nine"]
    key_taken             | AUT/one PRO/ONE  | key.recovered   | vkey=vkey:PRO/ONE
    ok                    |                  | key.recovered   | \
lost=["vkey:PRO/one","vkey:PRO/two"]
    recovery_open         | AUT/one PRO/late | key.recovered   | vkey=vkey:PRO/late
    key_not_in_force      | PRO/new          | worker.enrolled |
    key_not_in_force      | PRO/new          | key.contested   | recovery=event:key.recovered
    ok                    | PRO/two          | worker.enrolled |
    later                 |                  |                 | 14
    key_not_in_force      | PRO/new          | worker.enrolled | worker=w-2
    ok                    | PRO/two          | worker.enrolled | worker=w-2
    later                 |                  |                 | 1
    ok                    | PRO/new          | worker.enrolled | worker=w-3
    key_revoked           | PRO/one          | worker.enrolled | worker=w-4
    key_revoked           | PRO/two          | key.contested   | recovery=event:key.recovered
    recovery_over         | PRO/new          | key.contested   | recovery=event:key.recovered
    key_revoked           | AUT/one          | key.revoked     | since=ago:0
    ok                    | AUT/one PRO/late | key.recovered   | vkey=vkey:PRO/late; \
lost=["vkey:PRO/new","vkey:PRO/one"]
    ok                    | PRO/new          | key.contested   | recovery=event:key.recovered
    key_revoked           | PRO/one          | worker.enrolled | worker=w-4
    key_revoked           | PRO/late         | worker.enrolled | worker=w-4
    """
    scenario.play(World.cast(), test_recoveries.__doc__)


def test_a_contest_ends_a_recovery() -> None:
    """A live key of the party is enough, even one that was called lost; the new key is spent.

    outcome               | by      | event           | fields
    reference_unknown     |         | key.contested   |
    ok                    |         | key.recovered   |
    signers_not_as_called | AUT/one | key.contested   | recovery=event:key.recovered
    signers_not_as_called | PR2/one | key.contested   | recovery=event:key.recovered
    ok                    | PRO/two | key.contested   | recovery=event:key.recovered
    recovery_over         | PRO/two | key.contested   | recovery=event:key.recovered
    key_revoked           |         | key.recovered   |
    later                 |         |                 | 30
    key_revoked           | PRO/new | worker.enrolled |
    ok                    | PRO/two | worker.enrolled |
    """
    scenario.play(World.cast(), test_a_contest_ends_a_recovery.__doc__)


def test_a_revocation_of_the_new_key_ends_a_recovery() -> None:
    """A registrar that erred takes it back: the old keys live on, and it may try again.

    outcome       | by               | event           | fields
    ok            |                  | key.recovered   |
    ok            | AUT/one          | key.revoked     | vkey=vkey:PRO/new
    recovery_over | PRO/one          | key.contested   | recovery=event:key.recovered
    ok            | AUT/one PRO/late | key.recovered   | vkey=vkey:PRO/late
    later         |                  |                 | 20
    key_revoked   | PRO/two          | worker.enrolled |
    ok            | PRO/late         | worker.enrolled |
    """
    scenario.play(World.cast(), test_a_revocation_of_the_new_key_ends_a_recovery.__doc__)


def test_a_recovery_takes_force_when_its_tenth_working_day_has_ended() -> None:
    """To the second, in local time, and over Spring Festival, which the calendar takes out."""
    world = World.cast()
    world.now_ms = parse_instant("2026-02-11T15:30:00.000Z")  # 23:30 on Wednesday the 11th
    world.do(world.make(KeyRecovered))
    last = SHIPPED.add_working_days(parse_date("2026-02-11"), RECOVERY_WORKING_DAYS)
    assert format_instant(last * MS_PER_DAY)[:10] == "2026-03-03"
    force_ms = parse_instant("2026-03-03T16:00:00.000Z")
    key = world.state.keys["PRO/new"]
    assert key.from_ms == force_ms == world.state.keys["PRO/two"].until_ms
    contact = {"names": {"en": "Again"}, "sme": False}
    world.now_ms = force_ms - 1
    update = world.make(PartyUpdated, **contact)
    assert scenario.refusal(world, update, by="PRO/new").code == "key_not_in_force"
    assert scenario.refusal(world, update, by="PRO/two").code == "signer_lacks_role"
    world.now_ms = force_ms
    assert scenario.refusal(world, update, by="PRO/new").code == "signer_lacks_role"
    assert scenario.refusal(world, update, by="PRO/two").code == "key_revoked"


def test_first_keys_are_of_two_people() -> None:
    """The registrar's clerk cannot hold the first key of the party that the office registers.

    outcome               | by              | event            | fields
    ok                    |                 | party.registered |
    holders_not_different | AUT/one NEW/one | key.enrolled     | party=NEW; \
vkey=vkey:NEW/one; holder=h-aut-1
    ok                    | AUT/one NEW/one | key.enrolled     | party=NEW; \
vkey=vkey:NEW/one; holder=holder:NEW/one
    """
    scenario.play(World.cast(), test_first_keys_are_of_two_people.__doc__)


def test_revocations() -> None:
    """An admin key revokes others when it is ten working days old; a registrar at any time.

    outcome            | by                  | event           | fields
    ok                 | PRO/one PRO/three   | key.enrolled    |
    key_too_young      | PRO/three           | key.revoked     |
    date_invalid       |                     | key.revoked     | since=2026-02-30T00:00:00.000Z
    date_invalid       |                     | key.revoked     | since=9999-12-31T23:00:00.000Z
    later              |                     |                 | 14
    key_too_young      | PRO/three           | key.revoked     | since=ago:0
    later              |                     |                 | 1
    since_out_of_range | PRO/three           | key.revoked     | since=ago:31
    since_out_of_range | PRO/three           | key.revoked     | since=2026-01-20T16:00:00.000Z
    ok                 | PRO/three           | key.revoked     | since=ago:30
    ok                 | PRO/one PRO/six     | key.enrolled    | vkey=vkey:PRO/six; \
holder=holder:PRO/six
    ok                 | AUT/one             | key.revoked     | vkey=vkey:PRO/six; since=ago:0
    """
    scenario.play(World.cast(), test_revocations.__doc__)


# -- doubt -----------------------------------------------------------------------------------------


def test_a_doubted_answer_is_not_paid() -> None:
    """The buyer doubts what a stolen key accepted: no request, no order, until it reaffirms.

    outcome               | by      | event             | fields
    ok                    |         | visit.recorded    |
    ok                    |         | claim.submitted   |
    ok                    | BUY/two | claim.answered    |
    ok                    | BUY/one | key.revoked       | vkey=vkey:BUY/two; since=ago:1
    act_doubted           |         | payment.requested |
    act_not_doubted       | BUY/one | act.reaffirmed    | event=event:claim.submitted
    signer_lacks_role     | PRO/one | act.reaffirmed    | event=event:claim.answered
    key_revoked           | BUY/two | act.reaffirmed    | event=event:claim.answered
    signers_not_as_called | BUY/one PRO/one | act.reaffirmed | event=event:claim.answered
    ok                    | BUY/one | act.reaffirmed    | event=event:claim.answered
    act_not_doubted       | BUY/one | act.reaffirmed    | event=event:claim.answered
    ok                    |         | payment.requested |
    ok                    |         | payment.approved  |
    ok                    |         | payment.ordered   |
    """
    scenario.play(World.contracted(), test_a_doubted_answer_is_not_paid.__doc__)


def test_a_doubted_request_is_not_ordered() -> None:
    """Neither the request nor an answer that came into doubt after it; a reviewer may decide.

    outcome             | by      | event             | fields
    ok                  |         | role.granted      | party=REP; role=reviewer
    ok                  |         | role.granted      | party=TRE; role=reviewer
    ok                  |         | visit.recorded    |
    ok                  |         | claim.submitted   |
    ok                  | BUY/two | claim.answered    |
    ok                  | PRO/two | payment.requested |
    ok                  | AUT/one | key.revoked       | since=ago:0
    ok                  |         | payment.approved  |
    ok                  |         | payment.ordered   |
    ok                  |         | payment.rejected  |
    ok                  |         | payment.requested | payment=p-2
    ok                  |         | payment.approved  | payment=p-2
    later               |         |                   | 1
    ok                  | AUT/one | key.revoked       | vkey=vkey:PRO/one; since=ago:2
    ok                  | AUT/one | key.revoked       | vkey=vkey:BUY/two; since=ago:2
    act_doubted         |         | payment.ordered   | payment=p-2
    duties_not_separate | TRE/one | act.reaffirmed    | event=event:payment.requested
    ok                  | REP/one | act.reaffirmed    | event=event:payment.requested
    act_doubted         |         | payment.ordered   | payment=p-2
    ok                  | BUY/one | act.reaffirmed    | event=event:claim.answered
    ok                  |         | payment.ordered   | payment=p-2
    """
    scenario.play(World.contracted(), test_a_doubted_request_is_not_ordered.__doc__)


def test_a_doubted_request_is_not_approved() -> None:
    """Nor is one that rests on a doubted answer; one that is returned is not doubted any more.

    outcome         | by      | event             | fields
    ok              |         | visit.recorded    |
    ok              |         | claim.submitted   |
    ok              | BUY/two | claim.answered    |
    ok              | PRO/two | payment.requested |
    ok              | PRO/one | key.revoked       | since=ago:1
    act_doubted     |         | payment.approved  |
    ok              | PRO/one | act.reaffirmed    | event=event:payment.requested
    ok              | BUY/one | key.revoked       | vkey=vkey:BUY/two; since=ago:1
    act_doubted     |         | payment.approved  |
    ok              | BUY/one | act.reaffirmed    | event=event:claim.answered
    ok              |         | payment.approved  |
    ok              |         | payment.returned  |
    ok              |         | payment.requested | payment=p-2
    ok              |         | payment.returned  | payment=p-2
    ok              | AUT/one | key.revoked       | vkey=vkey:PRO/one; since=ago:1
    act_not_doubted | REV/one | act.reaffirmed    | event=event:payment.requested
    """
    scenario.play(World.contracted(), test_a_doubted_request_is_not_approved.__doc__)


def test_what_a_doubted_key_approved_is_not_ordered() -> None:
    """Until another key of its party stands by it.

    outcome         | by      | event             | fields
    ok              |         | visit.recorded    |
    ok              |         | claim.submitted   |
    ok              |         | claim.answered    |
    ok              |         | payment.requested |
    ok              | FIN/two | payment.approved  |
    ok              | FIN/one | key.revoked       | vkey=vkey:FIN/two; since=ago:1
    act_doubted     |         | payment.ordered   |
    ok              | FIN/one | act.reaffirmed    | event=event:payment.approved
    ok              |         | payment.ordered   |
    """
    scenario.play(World.contracted(), test_what_a_doubted_key_approved_is_not_ordered.__doc__)


def test_a_payment_that_came_back_is_not_doubted_and_its_claim_is() -> None:
    """What bounced is owed again: whoever answered the claim in doubt must be answered for.

    outcome         | by      | event             | fields
    ok              |         | visit.recorded    |
    ok              |         | claim.submitted   |
    ok              | BUY/two | claim.answered    |
    ok              |         | payment.requested |
    ok              |         | payment.approved  |
    ok              | FIN/two | payment.ordered   |
    ok              |         | payment.diverted  |
    ok              |         | payment.settled   |
    ok              |         | payment.bounced   |
    ok              | FIN/one | key.revoked       | vkey=vkey:FIN/two; since=ago:1
    act_not_doubted | FIN/one | act.reaffirmed    | event=event:payment.ordered
    ok              | BUY/one | key.revoked       | vkey=vkey:BUY/two; since=ago:1
    act_doubted     |         | payment.requested | payment=p-2
    """
    world = World.contracted()
    scenario.play(world, test_a_payment_that_came_back_is_not_doubted_and_its_claim_is.__doc__)


def test_the_report_on_a_doubted_order_is_admitted() -> None:
    """What the bank did is a fact; an order that is settled is not doubted any more.

    outcome         | by      | event             | fields
    ok              |         | visit.recorded    |
    ok              |         | claim.submitted   |
    ok              |         | claim.answered    |
    ok              |         | payment.requested |
    ok              |         | payment.approved  |
    ok              | FIN/two | payment.ordered   |
    ok              | FIN/one | key.revoked       | vkey=vkey:FIN/two; since=ago:1
    ok              | FIN/one | act.reaffirmed    | event=event:payment.ordered
    ok              |         | payment.settled   |
    ok              | BUY/two | key.revoked       | vkey=vkey:BUY/one; since=ago:1
    act_not_doubted | BUY/two | act.reaffirmed    | event=event:claim.answered
    ok              | PRO/two | key.revoked       | vkey=vkey:PRO/one; since=ago:1
    act_not_doubted | PRO/two | act.reaffirmed    | event=event:payment.requested
    """
    scenario.play(World.contracted(), test_the_report_on_a_doubted_order_is_admitted.__doc__)


def test_the_bank_reports_on_an_order_in_doubt() -> None:
    """A settlement arrives while the order is held: the money has gone, the ledger says so.

    outcome | by      | event             | fields
    ok      |         | visit.recorded    |
    ok      |         | claim.submitted   |
    ok      |         | claim.answered    |
    ok      |         | payment.requested |
    ok      |         | payment.approved  |
    ok      | FIN/two | payment.ordered   |
    ok      | FIN/one | key.revoked       | vkey=vkey:FIN/two; since=ago:1
    ok      |         | payment.settled   |
    """
    scenario.play(World.contracted(), test_the_bank_reports_on_an_order_in_doubt.__doc__)


def test_doubt_reaches_what_a_doubted_key_enrolled() -> None:
    """A thief's further keys sign nothing, nor those they enrolled; what was before is not held.

    outcome     | by                | event            | fields
    ok          | PRO/old PRO/two   | key.enrolled     | vkey=vkey:PRO/old; holder=h-old
    later       |                   |                  | 3
    ok          | PRO/k2 PRO/two    | key.enrolled     | vkey=vkey:PRO/k2; holder=h-k2
    ok          | PRO/k2 PRO/k3     | key.enrolled     | vkey=vkey:PRO/k3; holder=h-k3
    ok          | PRO/k3            | worker.enrolled  |
    ok          | AUT/one PRO/k3    | account.declared | account=account-8
    ok          | PRO/one           | key.revoked      | since=ago:2
    act_doubted | PRO/k2            | worker.enrolled  | worker=w-2
    act_doubted | PRO/k3            | worker.enrolled  | worker=w-2
    act_doubted | PRO/k3            | act.reaffirmed   | event=event:key.enrolled
    act_doubted | PRO/k2            | key.revoked      | vkey=vkey:PRO/one; since=ago:0
    ok          | PRO/old           | worker.enrolled  | worker=w-2
    ok          | PRO/old           | act.reaffirmed   | event=event:key.enrolled
    ok          | PRO/k3            | worker.enrolled  | worker=w-3
    act_doubted | PRO/k2            | worker.enrolled  | worker=w-4
    ok          | PRO/k3            | act.reaffirmed   | event=event:account.declared
    """
    scenario.play(World.cast(), test_doubt_reaches_what_a_doubted_key_enrolled.__doc__)


def test_a_registrar_in_doubt_holds_the_keys_it_gave() -> None:
    """First keys and recoveries of its office are held until another clerk of it stands by them.

    outcome     | by              | event            | fields
    ok          |                 | party.registered |
    ok          | AUT/two NEW/one | key.enrolled     | party=NEW; vkey=vkey:NEW/one; holder=h-n
    ok          | AUT/two PRO/new | key.recovered    |
    later       |                 |                  | 20
    ok          | AUT/one         | key.revoked      | vkey=vkey:AUT/two; since=ago:21
    act_doubted | PRO/new         | worker.enrolled  |
    act_doubted | NEW/one PRO/one | key.enrolled     |
    ok          | AUT/one         | act.reaffirmed   | event=event:key.recovered
    ok          | PRO/new         | worker.enrolled  |
    ok          | AUT/one         | act.reaffirmed   | event=event:key.enrolled
    """
    scenario.play(World.cast(), test_a_registrar_in_doubt_holds_the_keys_it_gave.__doc__)


def test_acts_are_remembered_for_the_thirty_days_that_doubt_may_reach() -> None:
    """What is older is forgotten, so that the state does not grow with the years."""
    world = World.contracted()
    world.visits("c-1")
    world.claim("k-1", "c-1")
    world.answer("k-1")
    (answered,) = [
        a for acts in world.state.recent.values() for a in acts if a.about == "claim/k-1"
    ]
    assert answered.keys == ("BUY/one",)
    world.now_ms += 30 * MS_PER_DAY
    world.key("PRO/x", by="PRO/one")
    assert answered in [act for acts in world.state.recent.values() for act in acts]
    world.now_ms += MS_PER_DAY
    world.key("PRO/y", by="PRO/one")
    assert [act.about for acts in world.state.recent.values() for act in acts] == [
        "key/PRO/x",
        "key/PRO/y",
    ]
    assert world.replay().recent == world.state.recent


def test_what_was_done_before_the_doubt_is_not_held() -> None:
    """To the second: an act recorded at `since` is doubted, one a second earlier is not."""
    for late_ms, held in ((0, True), (1, False)):
        world = World.contracted()
        world.visits("c-1")
        world.claim("k-1", "c-1")
        since = format_instant(world.now_ms + late_ms)
        world.answer("k-1")
        vkey = str(signer("BUY/one").verifier)
        world.do(world.make(KeyRevoked, vkey=vkey, since=since), by="BUY/two")
        assert bool(world.state.doubted) is held


def test_contact_data_are_the_party_s_own() -> None:
    """An update of nothing but commitments is signed by the party; any other by a registrar."""
    world = World.cast()
    contact = {"names": UNSET, "sme": UNSET, "private": {"telephone": "ab" * 32}}
    update = world.make(PartyUpdated, **contact)
    assert scenario.refusal(world, update, by="PR2/one").code == "signer_lacks_role"
    assert scenario.refusal(world, update, by="PRO/one PRO/two").code == "signers_not_as_called"
    world.do(update, by="PRO/two")
    world.do(world.make(PartyUpdated, **contact), by="AUT/one")
    for register in ({"names": {"en": "Other"}}, {"sme": True}, {"parent": "BUY"}):
        more = world.make(PartyUpdated, **{**contact, **register})
        assert scenario.refusal(world, more, by="PRO/one").code == "signer_lacks_role"
    nothing = world.make(PartyUpdated, names=UNSET, sme=UNSET)
    assert scenario.refusal(world, nothing, by="PRO/one").code == "signer_lacks_role"


def test_a_doubted_release_bonus_or_guarantee_is_not_paid() -> None:
    """Each sum that a party's word made payable is held; one that the clock gave is not.

    outcome         | by              | event              | fields
    ok              |                 | visit.recorded     |
    ok              |                 | claim.submitted    |
    ok              |                 | claim.answered     |
    ok              | BUY/two         | retention.released | amount_fen=100; basis=early
    ok              | LEN/one PRO/two | guarantee.lodged   | amount_fen=100
    later           |                 |                    | 29
    ok              | PRO/two         | retention.released | amount_fen=300
    ok              | BUY/one         | key.revoked        | vkey=vkey:BUY/two; since=ago:30
    act_doubted     |                 | payment.requested  | claims=["owed:1"]; principal_fen=100
    ok              |                 | payment.requested  | claims=["owed:2"]; principal_fen=100
    ok              |                 | payment.returned   |
    ok              | AUT/one         | key.revoked        | since=ago:30
    act_doubted     |                 | payment.requested  | claims=["owed:2"]; \
principal_fen=100; payment=p-2
    ok              |                 | payment.requested  | claims=["owed:3"]; \
principal_fen=300; payment=p-2
    ok              | BUY/one         | act.reaffirmed     | event=owed:1
    ok              | REV/one         | act.reaffirmed     | event=owed:2
    ok              |                 | payment.requested  | claims=["owed:1","owed:2"]; \
principal_fen=200; payment=p-3
    """
    world = World.contracted(retention_ppm=100_000, retention_release="2026-02-01")
    scenario.play(world, test_a_doubted_release_bonus_or_guarantee_is_not_paid.__doc__)


def test_what_a_doubted_key_agreed_or_settled_is_not_paid() -> None:
    """What comes back of a cut, and what a dispute awards; the claim's own answer is in no doubt.

    outcome     | by              | event             | fields
    ok          |                 | visit.recorded    |
    ok          |                 | claim.submitted   |
    ok          |                 | claim.answered    | accepted_fen=4990; \
cuts=[{"visit":"visit:1","reason":"OTHER","amount_fen":10}]
    ok          | BUY/two PRO/one | claim.agreed      | returned=[{"visit":"line:1","amount_fen":2}]
    ok          |                 | dispute.opened    | lines=[{"visit":"line:1","amount_fen":8}]
    ok          | BUY/two PRO/one | dispute.settled   | lines=[{"visit":"line:1","amount_fen":4}]
    ok          | REV/two         | dispute.ruled     | lines=[{"visit":"line:1","amount_fen":4}]
    ok          | BUY/one         | key.revoked       | vkey=vkey:BUY/two; since=ago:1
    ok          | REV/one         | key.revoked       | vkey=vkey:REV/two; since=ago:1
    act_doubted |                 | payment.requested | claims=["owed:1"]; principal_fen=2
    act_doubted |                 | payment.requested | claims=["owed:2"]; principal_fen=1
    act_doubted |                 | payment.requested | claims=["owed:3"]; principal_fen=1
    ok          |                 | payment.requested | principal_fen=4990
    """
    scenario.play(World.contracted(), test_what_a_doubted_key_agreed_or_settled_is_not_paid.__doc__)


def test_a_bonus_in_doubt_is_not_paid() -> None:
    """A purchaser's key in wrong hands could grant what the score gives, and have it paid away."""
    world = World.founded()
    world.do(world.make(RulePublished))
    terms = {"pay": "pay/standard@2", "bonus_max_fen": 1_000}
    world.contract("c-1", 20_000, {"line-1": 1_000_000}, **terms)
    world.visits("c-1")
    world.claim("k-1", "c-1", "2026-06-30")
    world.answer("k-1")
    world.score("s-1", "c-1", "2026-06-30", 900_000, 1_050_000)
    world.do(world.granting("s-1"), by="BUY/two")
    revoked = world.make(
        KeyRevoked, vkey=str(signer("BUY/two").verifier), since=format_instant(world.now_ms - 5_000)
    )
    world.do(revoked, by="BUY/one")
    bonus = world.last["bonus.granted"]
    asking = world.make(PaymentRequested, claims=[bonus], principal_fen=250)
    assert scenario.refusal(world, asking).code == "act_doubted"
    world.do(world.make(ActReaffirmed, event=bonus), by="BUY/one")
    world.do(asking)


def test_a_receivable_in_doubt_is_neither_assigned_nor_paid_to_the_lender() -> None:
    """A thief cannot sell a claim; when the lender gives it back, nothing is left in doubt.

    outcome         | by              | event                | fields
    ok              |                 | visit.recorded       |
    ok              |                 | claim.submitted      |
    ok              |                 | claim.answered       |
    ok              |                 | receivable.requested |
    ok              | BUY/one PRO/two | receivable.confirmed |
    ok              | PRO/one         | key.revoked          | since=ago:1
    act_doubted     |                 | receivable.assigned  |
    ok              | PRO/one         | act.reaffirmed       | event=event:receivable.confirmed
    ok              | LEN/two PRO/one | receivable.assigned  |
    ok              |                 | payment.requested    | payee=account-9
    ok              | LEN/one         | key.revoked          | vkey=vkey:LEN/two; since=ago:1
    act_doubted     |                 | payment.approved     |
    ok              |                 | receivable.released  |
    act_not_doubted | LEN/one         | act.reaffirmed       | event=event:receivable.assigned
    ok              |                 | payment.returned     |
    ok              |                 | receivable.requested |
    ok              |                 | receivable.confirmed |
    ok              |                 | receivable.assigned  |
    ok              |                 | payment.requested    | payment=p-2; payee=account-9
    ok              |                 | payment.approved     | payment=p-2
    ok              |                 | payment.ordered      | payment=p-2; payee=account-9
    """
    world = World.contracted()
    name = test_a_receivable_in_doubt_is_neither_assigned_nor_paid_to_the_lender
    scenario.play(world, name.__doc__)


def test_an_assignment_that_was_given_back_is_not_held_in_the_place_of_the_next() -> None:
    """The key of the first is doubted when the second stands: it is another lender's word.

    outcome         | by              | event                | fields
    ok              |                 | visit.recorded       |
    ok              |                 | claim.submitted      |
    ok              |                 | claim.answered       |
    ok              |                 | receivable.requested |
    ok              | BUY/one PRO/two | receivable.confirmed |
    ok              | LEN/two PRO/one | receivable.assigned  |
    ok              |                 | receivable.released  |
    ok              |                 | receivable.requested |
    ok              |                 | receivable.confirmed |
    ok              |                 | receivable.assigned  |
    ok              | LEN/one         | key.revoked          | vkey=vkey:LEN/two; since=ago:1
    ok              | PRO/one         | key.revoked          | since=ago:1
    ok              |                 | payment.requested    | payee=account-9
    """
    world = World.contracted()
    name = test_an_assignment_that_was_given_back_is_not_held_in_the_place_of_the_next
    scenario.play(world, name.__doc__)


def test_each_party_answers_for_its_own_doubted_key() -> None:
    """A second revocation, by the other side, does not end the doubt that the first one cast."""
    world = World.contracted()
    world.visits("c-1", days=3)
    world.claim("k-1", "c-1")
    world.answer("k-1", cuts=[5_000])
    for name, by in (("BUY/three", "BUY/one"), ("PRO/three", "PRO/one")):
        world.key(name, by=by)
    returned = [
        Returned(visit=visit, amount_fen=fen) for visit, fen in world.state.cuts["k-1"].items()
    ]
    agreed = world.make(ClaimAgreed, claim="k-1", returned=returned)
    world.do(agreed, by="BUY/three PRO/three")
    since = format_instant(world.now_ms - MS_PER_DAY // 2)
    for name, by in (("BUY/three", "BUY/one"), ("PRO/three", "PRO/one")):
        world.do(world.make(KeyRevoked, vkey=str(signer(name).verifier), since=since), by=by)
    asked = world.make(PaymentRequested, claims=[agreed.id], principal_fen=5_000)
    reaffirmed = world.make(ActReaffirmed, event=agreed.id)
    for by in ("PRO/one", "BUY/one"):
        assert scenario.refusal(world, asked).code == "act_doubted"
        world.do(replace(reaffirmed, id=world.heading()["id"]), by=by)
    world.do(asked)

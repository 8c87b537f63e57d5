"""Who may: every event by exactly its signers, keys and roles in force at the event's own place."""

import pytest
import scenario
from world import World, holder, signer
from world_signers import SIGNERS

from ledger.errors import Malformed, Refused
from ledger.events.base import Identifier
from ledger.events.budget import BudgetAllotted, BudgetAppropriated, BudgetTransferred
from ledger.events.budget import ProgrammeEstablished as Programme
from ledger.events.delivery import VisitRecorded, WorkerEnrolled
from ledger.events.parties import (
    FoundingKey,
    FoundingParty,
    KeyEnrolled,
    KeyRevoked,
    LedgerOpened,
    Limits,
    PartyRegistered,
    RoleGranted,
    RoleRevoked,
    Scope,
)
from ledger.events.tender import TenderPublished
from ledger.note import Ed25519Signer


def test_what_was_found_of_a_signer_ends_with_its_key_its_role_and_its_day() -> None:
    """A provider's right to record visits is remembered, and never beyond what gave it.

    outcome           | by      | event          | fields
    ok                | AUT/one | role.revoked   | party=PRO; role=provider
    ok                | AUT/one | role.granted   | party=PRO; role=provider; \
limits={"expires":"2026-01-31"}
    ok                | PRO/one | visit.recorded |
    ok                | PRO/two | visit.recorded |
    ok                |         | key.revoked    | vkey=vkey:PRO/two
    key_revoked       | PRO/two | visit.recorded |
    ok                | PRO/one | visit.recorded |
    later             |         |                | 26
    ok                | PRO/one | visit.recorded |
    later             |         |                | 1
    signer_lacks_role | PRO/one | visit.recorded |
    ok                | AUT/one | role.revoked   | party=PRO; role=provider
    ok                | AUT/one | role.granted   | party=PRO; role=provider
    ok                | PRO/one | visit.recorded |
    ok                | AUT/one | role.revoked   | party=PRO; role=provider
    signer_lacks_role | PRO/one | visit.recorded |
    """
    story = test_what_was_found_of_a_signer_ends_with_its_key_its_role_and_its_day.__doc__
    scenario.play(World.contracted(), story)


def test_what_was_found_of_a_signer_ends_when_a_recovery_ends_its_key() -> None:
    """Nothing happens in the ledger at that moment; doubt ends it, too, and a word for the act.

    outcome     | by      | event          | fields
    ok          | PRO/two | visit.recorded |
    ok          | AUT/two PRO/new | key.recovered |
    ok          | PRO/two | visit.recorded |
    ok          | PRO/two | visit.recorded |
    later       |         |                | 20
    key_revoked | PRO/two | visit.recorded |
    ok          | PRO/new | visit.recorded |
    ok          | AUT/one | key.revoked    | vkey=vkey:AUT/two; since=ago:21
    act_doubted | PRO/new | visit.recorded |
    ok          | AUT/one | act.reaffirmed | event=event:key.recovered
    ok          | PRO/new | visit.recorded |
    """
    story = test_what_was_found_of_a_signer_ends_when_a_recovery_ends_its_key.__doc__
    world = World.contracted()
    scenario.play(world, story)
    assert world.state.recall_seated("PRO/new", "c-1") is not None
    assert world.state.recall_seated("PRO/two", "c-1") is None


def test_the_genesis_is_signed_by_every_key_it_names() -> None:
    """One signature too few, or one that it does not name, and there is no ledger."""
    for by in ("AUT/one AUT/two", "AUT/one OPR/one"):
        world = World()
        assert scenario.refusal(world, world.make(LedgerOpened), by=by).code == (
            "signers_not_as_called"
        )
    world = World()
    with pytest.raises(Refused, match="key_unknown"):
        world.do(world.make(LedgerOpened), by="AUT/one AUT/two OPR/one REP/one")


# -- two sides are two parties, and two people -----------------------------------------------------


def test_a_party_with_two_roles_is_not_two_parties() -> None:
    """Purchaser ⇄ finance is not fulfilled by one body that holds both roles, with two keys."""
    world = World.cast()
    world.grant("BUY", "finance")
    refused = scenario.refusal(world, world.make(Programme), by="BUY/one BUY/two")
    assert refused.code == "signers_not_as_called"
    world.do(world.make(Programme))
    single_source = world.make(
        TenderPublished, method="single_source", justification={"en": "Nobody else can"}
    )
    refused = scenario.refusal(world, single_source, by="BUY/one BUY/two")
    assert refused.code == "signers_not_as_called"


def test_a_person_with_keys_of_two_parties_is_not_two_people() -> None:
    """The same holder cannot sign for the purchaser and for the finance bureau."""
    world = World.cast()
    world.do(world.make(PartyRegistered, party="FI3"))
    world.key("FI3/six", by="AUT/one", holder=holder("BUY/one"))
    world.grant("FI3", "finance")
    refused = scenario.refusal(world, world.make(Programme), by="BUY/one FI3/six")
    assert refused.code == "holders_not_different"
    world.do(world.make(Programme), by="BUY/two FI3/six")


def test_a_party_names_no_person_of_another_as_its_own() -> None:
    """It would decide what that person may sign: only a registrar, who knows both, may.

    outcome                 | by              | event        | fields
    holder_of_another_party | PRO/one PRO/six | key.enrolled | vkey=vkey:PRO/six; \
holder=holder:BUY/one
    ok                      | BUY/two         | key.revoked  | vkey=vkey:BUY/one; \
reason=HOLDER_LEFT
    ok                      | PRO/one PRO/six | key.enrolled | vkey=vkey:PRO/six; \
holder=holder:BUY/one
    """
    scenario.play(World.cast(), test_a_party_names_no_person_of_another_as_its_own.__doc__)


def test_a_programme_belongs_to_whoever_signed_as_its_purchaser() -> None:
    """A finance bureau that may purchase elsewhere does not become the programme's purchaser."""
    world = World.cast()
    world.grant("AUT", "finance")
    world.grant("AUT", "purchaser", Scope(programmes=["elsewhere"]))
    world.do(world.make(Programme), by="AUT/one BUY/one")
    assert world.state.programmes["care"].purchaser == "BUY"


def test_nobody_is_barred_by_a_token_that_reads_like_a_party() -> None:
    """A provider that names its key's holder after the treasury does not lock the treasury out."""
    world = World.contracted()
    world.key("PRO/six", by="PRO/one", holder="TRE")
    world.do(world.make(VisitRecorded), by="PRO/six")
    world.claim("k-1", "c-1")
    world.answer("k-1")
    world.pay("p-1", "c-1", ["k-1"])
    assert world.state.payments["p-1"].status == "settled"


# -- keys ------------------------------------------------------------------------------------------


def test_a_key_signs_nothing_before_the_event_that_enrols_it() -> None:
    """Within one statement the enrolment comes first; a use before it is refused."""
    world = World.cast()
    name, by = "FIN/six", "FIN/one FIN/six"
    enrolment = world.make(
        KeyEnrolled, party="FIN", vkey=str(signer(name).verifier), holder=holder(name)
    )
    budget = world.make(BudgetAppropriated)
    refused = scenario.refusal(world, budget, enrolment, by=by)
    assert (refused.code, refused.event_index) == ("key_unknown", 0)
    world.do(enrolment, budget, by=by)


def test_a_key_signs_nothing_after_the_event_that_revokes_it() -> None:
    """Within one statement, too, and also where the same question was just answered."""
    world = World.contracted()
    revocation = world.make(KeyRevoked, vkey=str(signer("PRO/one").verifier))
    visits = [world.make(VisitRecorded) for _ in range(3)]
    for events in ([revocation, visits[0]], [visits[0], visits[1], revocation, visits[2]]):
        refused = scenario.refusal(world, *events, by="PRO/one")
        assert (refused.code, refused.event_index) == ("key_revoked", len(events) - 1)
    world.do(*visits, revocation, by="PRO/one")
    assert world.state.keys["PRO/one"].revoked


def test_a_role_that_has_expired_enrols_and_revokes_no_keys() -> None:
    """A registrar whose role ended yesterday is no registrar for keys either."""
    world = World.cast()
    world.grant("BUY", "registrar", limits=Limits(expires="2026-01-31"))
    world.do(world.make(PartyRegistered), by="BUY/one")
    enrolment = world.make(
        KeyEnrolled, party="NEW", vkey=str(signer("NEW/one").verifier), holder="h-new"
    )
    world.now_ms += 40 * 86_400_000
    assert scenario.refusal(world, enrolment, by="BUY/one NEW/one").code == "signer_lacks_role"
    revocation = world.make(KeyRevoked)
    assert scenario.refusal(world, revocation, by="BUY/one").code == "signer_lacks_role"
    assert scenario.refusal(world, world.make(PartyRegistered, party="X"), by="BUY/one").code == (
        "signer_lacks_role"
    )


def test_a_registrar_enrols_first_keys_and_only_first_keys() -> None:
    """Its office key will do for a first key; a second one is the party's own matter."""
    world = World.cast()
    world.key("AUT/office", by="AUT/one", use="sign")
    world.do(world.make(PartyRegistered), by="AUT/office")
    world.key("NEW/one", by="AUT/office")
    second = world.make(
        KeyEnrolled, party="NEW", vkey=str(signer("NEW/two").verifier), holder="h-new-2"
    )
    assert scenario.refusal(world, second, by="AUT/one NEW/two").code == "signers_not_as_called"
    # Its own keys are enrolled and revoked by an admin key, as everybody's.
    third = world.make(
        KeyEnrolled, party="AUT", vkey=str(signer("AUT/six").verifier), holder="h-aut-6"
    )
    assert scenario.refusal(world, third, by="AUT/office AUT/six").code == "key_use_forbids"
    revocation = world.make(KeyRevoked, vkey=str(signer("AUT/two").verifier))
    assert scenario.refusal(world, revocation, by="AUT/office").code == "key_use_forbids"


def test_a_revoked_public_key_never_returns() -> None:
    """Neither under its old name nor under a new one: an old signature has one author for ever."""
    world = World.cast()
    world.do(world.make(KeyRevoked))
    seed_of_two = signer("PRO/two").verifier.public_key
    assert scenario.refusal(
        world, world.make(KeyEnrolled, vkey=str(signer("PRO/two").verifier)), by="PRO/one PRO/two"
    ).code == ("key_revoked")
    assert world.state.public_keys[seed_of_two] == "PRO/two"


# -- scopes and limits -----------------------------------------------------------------------------


def test_each_bureau_of_a_transfer_answers_for_its_own_line() -> None:
    """The receiver needs a role on the line that receives, the giver on the line that gives."""
    world = World.founded({"line-1": 1_000})
    for bureau, line in (("FI2", "line-2"), ("FIN", "line-1")):
        if bureau == "FI2":
            world.do(world.make(BudgetAppropriated, line="line-2"), by="FI2/one FI2/two")
            world.do(world.make(BudgetAllotted, line="line-2"), by="FI2/one")
        world.do(world.make(RoleRevoked, party=bureau, role="finance"))
        world.grant(bureau, "finance", Scope(lines=[line]))
    there = world.make(BudgetTransferred, from_line="line-1", to_line="line-2", amount_fen=1)
    world.do(there, by="FI2/one FIN/one")
    world.do(world.make(RoleRevoked, party="FIN", role="finance"))
    world.grant("FIN", "finance", Scope(lines=["line-2"]))
    again = world.make(BudgetTransferred, from_line="line-1", to_line="line-2", amount_fen=1)
    assert scenario.refusal(world, again, by="FI2/one FIN/one").code == "signer_lacks_role"
    assert scenario.refusal(world, again, by="FIN/one FIN/two").code == "signer_lacks_role"


@pytest.mark.parametrize(
    ("scope", "admitted"),
    [
        (Scope(all=True), True),
        (Scope(programmes=["care"]), True),
        (Scope(purchasers=["BUY"]), True),
        (Scope(programmes=["Care"]), False),
        (Scope(purchasers=["BU2"], programmes=["other"], lines=["line-1"]), False),
        (Scope(), False),
    ],
)
def test_a_scope_covers_what_it_lists_and_nothing_else(scope: Scope, *, admitted: bool) -> None:
    """A provider's role is asked in the contract's programme or for its buyer, to the letter."""
    world = World.contracted()
    world.do(world.make(RoleRevoked, party="PRO", role="provider"))
    world.grant("PRO", "provider", scope)
    visit = world.make(VisitRecorded)
    if admitted:
        world.do(visit)
    else:
        assert scenario.refusal(world, visit).code == "signer_lacks_role"
    # Whom it employs is its own matter, whatever the scope.
    world.do(world.make(WorkerEnrolled))


def test_the_highest_limit_of_the_grants_that_cover_the_act_counts() -> None:
    """A large limit elsewhere lends nothing here; two grants here give the larger."""
    world = World.cast()
    world.do(world.make(RoleRevoked, party="FIN", role="finance"))
    for lines, limit_fen in ((["line-3"], 10), (["line-3", "line-4"], 20), (["line-5"], 1_000)):
        world.grant("FIN", "finance", Scope(lines=lines), limits=Limits(amount_fen_max=limit_fen))
    refused = scenario.refusal(world, world.make(BudgetAppropriated, amount_fen=21))
    assert (refused.code, refused.facts["limit_fen"]) == ("role_limit_exceeded", 20)
    world.do(world.make(BudgetAppropriated, amount_fen=20))


def test_only_the_authority_makes_roles_and_the_registrar_only_providers() -> None:
    """A registrar cannot make itself finance, nor finance make itself anything."""
    world = World.cast()
    world.grant("BUY", "registrar")
    for role in ("finance", "authority", "registrar", "treasury"):
        grant = world.make(RoleGranted, party="BUY", role=role)
        assert scenario.refusal(world, grant, by="BUY/one").code == "signer_lacks_role"
        assert scenario.refusal(world, grant, by="FIN/one").code == "signer_lacks_role"
    world.do(world.make(RoleGranted, party="FI2", role="provider"), by="BUY/one")


# -- the genesis -----------------------------------------------------------------------------------


def _founding(world: World, names: list[str], **fields: object) -> LedgerOpened:
    keys = [
        FoundingKey(
            vkey=str(signer(name).verifier),
            role="operator" if name.startswith("OPR") else "authority",
            holder=holder(name),
        )
        for name in names
    ]
    return world.make(LedgerOpened, **{"keys": keys, **fields})


def test_a_genesis_whose_keys_hold_a_plus_is_as_good_as_any() -> None:
    """Base64 may end in a plus: keys are compared as keys, not as what stands behind a plus."""
    names = {
        sign: next(
            name
            for name in (f"AUT/{sign}{number}" for number in range(10_000))
            if str(signer(name).verifier).endswith("+")
        )
        for sign in ("a", "b")
    }
    world = World()
    by = ["OPR/one", *names.values()]
    world.do(_founding(world, by), by=" ".join(by))
    assert len(world.state.keys) == 3


def test_a_genesis_names_each_key_and_party_once() -> None:
    """Two names of one key, two spellings of one name or party, and the ledger's own key."""
    world = World()
    twice = _founding(world, ["AUT/x", "AUT/X", "OPR/one"])
    assert scenario.refusal(world, twice, by="AUT/X AUT/x OPR/one").code == "key_taken"
    seed = b"\x05" * 32
    ledger_key = Ed25519Signer(world.origin, signer("AUT/one")._private_key.private_bytes_raw())
    own = _founding(world, ["AUT/one", "OPR/one"], ledger_key=str(ledger_key.verifier))
    assert scenario.refusal(world, own, by="AUT/one OPR/one").code == "key_taken"
    stranger = _founding(
        world,
        ["AUT/one", "OPR/one"],
        ledger_key=str(Ed25519Signer("other.test", seed).verifier),
    )
    assert scenario.refusal(world, stranger, by="AUT/one OPR/one").code == "genesis_incomplete"
    nobody = _founding(world, ["AUT/one", "OPR/one", "REP/one"])
    assert scenario.refusal(world, nobody, by="AUT/one OPR/one REP/one").code == (
        "genesis_incomplete"
    )
    parties = [
        FoundingParty(
            party=party,
            names={"en": party},
            identifier=Identifier(scheme="CN-USCC", id=number),
            kind="government",
        )
        for party, number in (("AUT", "1a"), ("OPR", "1A"))
    ]
    alike = _founding(world, ["AUT/one", "OPR/one"], parties=parties)
    assert scenario.refusal(world, alike, by="AUT/one OPR/one").code == "list_repeats"


def test_a_weak_ledger_key_opens_no_ledger() -> None:
    """The ledger's own key does not sign its genesis, so its strength is asked there."""
    world = World()
    weak = type(signer("x").verifier).of(world.origin, b"\x01" + bytes(31))
    refused = scenario.refusal(
        world,
        _founding(world, ["AUT/one", "OPR/one"], ledger_key=str(weak)),
        by="AUT/one OPR/one",
    )
    assert refused.code == "key_weak"


@pytest.mark.parametrize("offset", ["+23:00", "-18:01", "-00:00", "+8:00", "٠٨:٠٠", "+٠٨:٠٠"])
def test_an_offset_that_no_place_has_is_refused(offset: str) -> None:
    """It would stop every later statement: local dates could not be told."""
    world = World()
    data = world.sign(world.make(LedgerOpened, utc_offset=offset), by=SIGNERS["ledger.opened"])
    with pytest.raises(Malformed):
        world.admit(data)

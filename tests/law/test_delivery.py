"""Service delivery: who is entitled and who serves, what people say of visits, and spot checks."""

import hashlib

import scenario
from world import World

from ledger.events.delivery import (
    BeneficiaryExited,
    CheckedVisit,
    SpotcheckDone,
    SpotcheckDrawn,
    VisitConfirmed,
    VisitCorrected,
    VisitDenied,
    VisitRecorded,
)
from ledger.events.parties import Scope
from ledger.rules.confirming import draw
from ledger.times import format_instant


def test_a_visit_is_over_when_it_is_recorded() -> None:
    """Not a millisecond before, by the ledger's own clock."""
    world = World.contracted()
    visits = [
        world.make(VisitRecorded, ended_at=format_instant(world.now_ms + late_ms))
        for late_ms in (0, 1)
    ]
    in_time, too_early = (world.sign(visit, by="PRO/one") for visit in visits)
    with scenario.refused(world) as caught:
        world.admit(too_early)
    assert caught.value.code == "visit_not_over"
    world.admit(in_time)


def test_entitlement_ends_and_pauses() -> None:
    """An exit is final and binds visits that begin after it is recorded; an absence binds none.

    outcome               | by      | event                | fields
    reference_unknown     |         | beneficiary.exited   | beneficiary=b-9
    signers_not_as_called | BU2/one | beneficiary.exited   |
    date_invalid          |         | beneficiary.exited   | effective=2026-02-30
    not_entitled          |         | beneficiary.exited   | effective=2025-12-31
    reference_unknown     |         | beneficiary.absent   | beneficiary=b-9
    signers_not_as_called | PRO/one | beneficiary.absent   |
    period_reversed       |         | beneficiary.absent   | to=2026-01-31
    date_invalid          |         | beneficiary.absent   | to=2026-02-30
    not_entitled          |         | beneficiary.absent   | from=2025-12-01; to=2025-12-31
    ok                    |         | beneficiary.absent   | from=2026-01-01; to=2026-01-31
    ok                    |         | visit.recorded       |
    ok                    |         | beneficiary.exited   | effective=2026-01-02
    not_entitled          |         | beneficiary.exited   |
    not_entitled          |         | beneficiary.absent   |
    not_entitled          |         | careplan.agreed      |
    id_taken              |         | beneficiary.enrolled | beneficiary=b-1
    ok                    |         | visit.recorded       |
    not_entitled          |         | visit.recorded       | \
started_at=2026-01-06T01:00:00.000Z; ended_at=2026-01-06T02:00:00.000Z
    ok                    |         | beneficiary.exited   | beneficiary=b-2; effective=2026-01-08
    ok                    |         | visit.recorded       | beneficiary=b-2; \
started_at=2026-01-07T01:00:00.000Z; ended_at=2026-01-07T02:00:00.000Z
    not_entitled          |         | visit.recorded       | beneficiary=b-2; \
started_at=2026-01-07T16:00:00.000Z; ended_at=2026-01-07T17:00:00.000Z
    """
    scenario.play(World.contracted(), test_entitlement_ends_and_pauses.__doc__)


def test_care_plans() -> None:
    """Both sides plan the contract's own services, in its term, for people of its programme.

    outcome                 | by      | event                 | fields
    reference_unknown       |         | careplan.agreed       | contract=c-9
    reference_unknown       |         | careplan.agreed       | beneficiary=b-9
    signers_not_as_called   | BUY/one | careplan.agreed       |
    signers_not_as_called   | PRO/one | careplan.agreed       |
    service_not_in_contract |         | careplan.agreed       | \
services=[{"service":"bath","units_a_month":1}]
    list_repeats            |         | careplan.agreed       | \
services=[{"service":"care","units_a_month":1},{"service":"care","units_a_month":1}]
    date_invalid            |         | careplan.agreed       | from=2026-02-30
    outside_term            |         | careplan.agreed       | from=2025-12-31
    outside_term            |         | careplan.agreed       | from=2027-01-01
    ok                      |         | programme.established | programme=other
    ok                      |         | beneficiary.enrolled  | programme=other
    not_entitled            |         | careplan.agreed       | beneficiary=b-new
    ok                      |         | careplan.agreed       |
    ok                      |         | contract.closed       |
    contract_not_active     |         | careplan.agreed       |
    """
    scenario.play(World.contracted(), test_care_plans.__doc__)


def test_workers_come_and_go() -> None:
    """Who left serves no more after the last day, and may be enrolled again under one token.

    outcome                  | by      | event           | fields
    reference_unknown        |         | worker.left     | worker=w-9
    signers_not_as_called    | PR2/one | worker.left     |
    date_invalid             |         | worker.left     | until=2026-02-30
    ok                       |         | worker.left     | until=2026-01-02
    reference_unknown        |         | worker.left     |
    ok                       |         | visit.recorded  |
    worker_left              |         | visit.recorded  | \
started_at=2026-01-03T01:00:00.000Z; ended_at=2026-01-03T02:00:00.000Z
    id_taken                 |         | worker.enrolled | worker=W-1
    ok                       | PR2/one | worker.enrolled | worker=w-1; provider=PR2
    id_taken                 |         | worker.enrolled | worker=w-1
    ok                       |         | visit.recorded  |
    worker_left              |         | visit.recorded  | \
started_at=2026-01-03T01:00:00.000Z; ended_at=2026-01-03T02:00:00.000Z
    ok                       | PR2/one | worker.left     | until=2026-01-05
    ok                       |         | worker.enrolled | worker=w-1
    ok                       |         | visit.recorded  | \
started_at=2026-01-03T01:00:00.000Z; ended_at=2026-01-03T02:00:00.000Z
    """
    scenario.play(World.contracted(), test_workers_come_and_go.__doc__)


def test_a_correction_is_judged_as_a_recording_is() -> None:
    """By the provider, of a visit not yet claimed, within the units that are left.

    outcome                  | by      | event           | fields
    ok                       |         | visit.recorded  | units=3
    ok                       | BUY/one | visit.denied    | visits=["unclaimed:1"]
    ok                       |         | visit.recorded  | units=6
    units_exceed             |         | visit.recorded  | units=5
    ok                       | BUY/one | visit.confirmed | visits=["unclaimed:1"]
    units_exceed             |         | visit.recorded  | units=2
    signers_not_as_called    | BUY/one | visit.corrected | visit=unclaimed:1
    reference_unknown        |         | visit.corrected | visit=unclaimed:1; contract=c-9
    visit_settled            |         | visit.corrected | visit=nothing
    units_exceed             |         | visit.corrected | visit=unclaimed:1; units=5
    outside_term             |         | visit.corrected | visit=unclaimed:1; \
started_at=2025-12-01T01:00:00.000Z
    period_reversed          |         | visit.corrected | visit=unclaimed:1; \
ended_at=2026-01-01T01:00:00.000Z
    visit_not_over           |         | visit.corrected | visit=unclaimed:1; \
ended_at=2028-01-01T00:00:00.000Z
    reference_unknown        |         | visit.corrected | visit=unclaimed:1; worker=w-9
    reference_unknown        |         | visit.corrected | visit=unclaimed:1; beneficiary=b-9
    service_not_in_contract  |         | visit.corrected | visit=unclaimed:1; service=bath
    ok                       |         | visit.corrected | visit=unclaimed:1; units=4
    units_exceed             |         | visit.recorded  |
    ok                       |         | visit.corrected | visit=unclaimed:1; units=2; \
beneficiary=b-2
    ok                       |         | visit.recorded  |
    ok                       |         | claim.submitted |
    visit_claimed            |         | visit.corrected | visit=visit:1
    """
    item = {"service": "care", "unit": "visit", "rate_fen": 5_000, "units_max": 10}
    world = World.contracted(items=[item])
    scenario.play(world, test_a_correction_is_judged_as_a_recording_is.__doc__)
    assert world.state.claims["k-1"].claim_fen == 9 * 5_000
    (first, *_) = world.state.claimed["k-1"].items()
    assert first[1] == 2 * 5_000
    world.answer("k-1")
    refused = scenario.refusal(world, world.make(VisitCorrected, visit=first[0]))
    assert refused.code == "visit_settled"


def test_a_denied_visit_is_corrected_without_taking_units() -> None:
    """It counts for nothing until it is confirmed, whatever it is corrected to."""
    world = World.contracted()
    world.visits("c-1", days=2)
    (first, second) = world.state.visits["c-1"]
    world.do(world.make(VisitDenied, visits=[first]))
    world.do(world.make(VisitCorrected, visit=first, units=7))
    assert world.state.delivered["c-1"] == {"care": 1}
    world.do(world.make(VisitConfirmed, visits=[first]))
    assert world.state.delivered["c-1"] == {"care": 8}
    assert list(world.state.visits["c-1"]) == [first, second]


def test_people_have_the_last_word_until_a_visit_is_settled() -> None:
    """A denied visit is not billed; a claimed one is the answer's matter; a settled one is over.

    outcome               | by      | event           | fields
    ok                    |         | visit.recorded  |
    ok                    |         | visit.recorded  | units=2
    ok                    |         | visit.recorded  | units=3
    reference_unknown     |         | visit.denied    | contract=c-9
    visit_settled         |         | visit.denied    |
    visit_settled         |         | visit.confirmed |
    list_repeats          |         | visit.denied    | visits=["unclaimed:1","unclaimed:1"]
    signer_lacks_role     | PRO/one | visit.denied    | visits=["unclaimed:1"]
    ok                    | BU2/one | visit.denied    | visits=["unclaimed:1","unclaimed:2"]
    ok                    |         | visit.denied    | visits=["unclaimed:2"]
    ok                    |         | visit.confirmed | visits=["unclaimed:2","unclaimed:3"]
    claim_figures_differ  |         | claim.submitted | gross_fen=30000; claim_fen=30000
    ok                    |         | claim.submitted | gross_fen=25000; claim_fen=25000
    ok                    |         | visit.denied    | visits=["visit:1"]
    claim_empty           |         | claim.submitted | claim=k-2
    ok                    |         | visit.confirmed | visits=["visit:2","unclaimed:1"]
    ok                    |         | claim.submitted | claim=k-2
    """
    world = World.contracted()
    scenario.play(world, test_people_have_the_last_word_until_a_visit_is_settled.__doc__)
    (settled, *_) = world.state.claimed["k-1"]
    world.answer("k-1")
    for word in (VisitConfirmed, VisitDenied):
        refused = scenario.refusal(world, world.make(word, visits=[settled]))
        assert refused.code == "visit_settled"


def test_the_purchaser_s_side_is_whoever_purchases_in_the_buyer_s_scope() -> None:
    """A street office speaks for its own buyer's people, and a provider's word is no person's."""
    world = World.contracted()
    world.party("STR")
    world.visits("c-1")
    (visit,) = world.state.visits["c-1"]
    denial = world.make(VisitDenied, visits=[visit])
    world.grant("STR", "purchaser", Scope(purchasers=["BU2"]))
    assert scenario.refusal(world, denial, by="STR/one").code == "signer_lacks_role"
    world.grant("STR", "purchaser", Scope(purchasers=["BUY"]))
    world.do(denial, by="STR/one")
    assert world.state.visits["c-1"][visit].denied


def test_spot_checks() -> None:
    """Whoever draws cannot choose: the seed does, and each visit drawn is reported on once.

    outcome               | by      | event           | fields
    reference_unknown     |         | spotcheck.drawn | contract=c-9
    sample_differs        |         | spotcheck.drawn |
    ok                    |         | visit.recorded  |
    ok                    |         | visit.recorded  |
    signer_lacks_role     | BU2/one | spotcheck.drawn |
    signer_lacks_role     | TRE/one | spotcheck.drawn |
    sample_differs        |         | spotcheck.drawn | visits=["other"]
    ok                    |         | spotcheck.drawn |
    id_taken              |         | spotcheck.drawn | spotcheck=S-1
    ok                    |         | role.granted    | party=REP; role=evaluator
    ok                    | REP/one | spotcheck.drawn | spotcheck=s-2
    reference_unknown     |         | spotcheck.done  | spotcheck=s-9
    sample_differs        |         | spotcheck.done  |
    signer_lacks_role     | BU2/one | spotcheck.done  |
    ok                    |         | contract.closed |
    contract_not_active   |         | spotcheck.drawn | spotcheck=s-3
    """
    world = World.contracted()
    scenario.play(world, test_spot_checks.__doc__)
    (drawn,) = world.state.spotchecks["s-1"].visits
    results = [CheckedVisit(visit=drawn, result="NOT_FOUND")]
    doubled = world.make(SpotcheckDone, results=results * 2)
    assert scenario.refusal(world, doubled).code == "sample_differs"
    done = world.make(SpotcheckDone, results=results)
    world.do(done)
    assert scenario.refusal(world, done).code == "spotcheck_done"


def test_a_spot_check_twice_done() -> None:
    """A report is given once.

    outcome        | by | event           | fields
    ok             |    | visit.recorded  |
    ok             |    | spotcheck.drawn |
    ok             |    | spotcheck.done  | \
results=[{"visit":"unclaimed:1","result":"AS_RECORDED"}]
    spotcheck_done |    | spotcheck.done  | \
results=[{"visit":"unclaimed:1","result":"DIFFERS"}]
    """
    scenario.play(World.contracted(), test_a_spot_check_twice_done.__doc__)


def test_a_sample_can_be_drawn_by_anybody() -> None:
    """From open visits, claimed or not, by SHA-256 over the text of seed and id."""
    world = World.contracted()
    world.visits("c-1", days=3)
    world.claim("k-1", "c-1", "2026-01-02")
    visits = [*world.state.claimed["k-1"], *world.state.visits["c-1"]]
    assert len(visits) == 3
    seed = "0f" * 32
    lot = {hashlib.sha256((seed + visit).encode()).hexdigest(): visit for visit in visits}
    sample = [lot[digest] for digest in sorted(lot)][:2]
    assert draw(visits, seed, 2) == sample
    reordered = world.make(SpotcheckDrawn, seed=seed, visits=sample[::-1])
    assert scenario.refusal(world, reordered).code == "sample_differs"
    world.do(world.make(SpotcheckDrawn, seed=seed, visits=sample))


def test_an_exit_keeps_what_was_recorded_before_it() -> None:
    """Visits already recorded are billed, also those on days that the exit names."""
    world = World.contracted()
    world.visits("c-1", days=3)
    world.do(world.make(BeneficiaryExited, effective="2026-01-01"))
    world.claim("k-1", "c-1")
    assert world.state.claims["k-1"].claim_fen == 15_000

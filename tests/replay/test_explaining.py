"""`explain`: every fen of a payment from the log alone, told as a table of its steps.

    event            | by  | figures
    claim.submitted  | PRO | claim_fen=15000

Each row is a step, in order and none left out: the type of its event, who signed it, and some of
its figures, by their path.
"""

import functools
from pathlib import Path
from typing import Any

import pytest
from money import at
from owed import assert_owed_as, assert_shown_as
from replay.histories import archive, fill, hold_back_too_much
from world import World, signer

from ledger.errors import LedgerError, Refused
from ledger.events.base import Period
from ledger.events.claim import ClaimAgreed, ClaimAnswered, ClaimDeemedAccepted, Returned
from ledger.events.delivery import BeneficiaryEnrolled, VisitDenied, VisitRecorded
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.interest import InterestWaived
from ledger.events.notice import NoticeAnswered, NoticeGiven
from ledger.events.parties import KeyRevoked
from ledger.events.payment import (
    PaymentApproved,
    PaymentDiverted,
    PaymentRequested,
    PaymentReturned,
)
from ledger.events.penalty import PenaltyImposed
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableReleased,
    ReceivableRequested,
)
from ledger.events.retention import GuaranteeLodged
from ledger.events.rulebook import Band, PayRule, RulePublished
from ledger.events.score import (
    BonusGranted,
    IndicatorScore,
    ScoreContested,
    ScoreFinalised,
    ScoreProposed,
)
from ledger.replay.database import DatabaseSource
from ledger.replay.explaining import explain
from ledger.replay.explanation import Explanation
from ledger.replay.sources import ArchiveSource
from ledger.times import MS_PER_DAY, format_instant
from projections.catalogue import open_projections
from projections.deep import deep_check
from projections.payments import PAYMENTS

WORKED = {"advance_ppm": 200_000, "recovery_ppm": 200_000, "retention_ppm": 50_000}
JANUARY = Period(from_date="2026-01-01", to_date="2026-01-31")


@pytest.fixture
def stored(tmp_path: Path) -> Any:
    """Give a function that keeps a world's history in SQLite and explains a payment from it."""
    return functools.partial(_explain_stored, tmp_path)


def _explain_stored(folder: Path, world: World, payment: str) -> Explanation:
    """Explain from a database; check that an archive and the read model tell the same."""
    name = f"{payment}-{len(world.statements)}"
    with fill(f"sqlite:///{folder / name}.db", world) as ledger:
        explanation = explain(DatabaseSource(ledger.store), payment)
        with open_projections(ledger.store) as projections:
            projections.follow(PAYMENTS.name)
            assert_owed_as(ledger.state, projections)
            assert_shown_as(explanation, projections)
            assert deep_check(projections, PAYMENTS.name).count == 0
    carried = archive(folder / name, world.statements)
    assert explain(ArchiveSource(carried), payment) == explanation
    assert explanation.statements == len(world.statements)
    return explanation


def check(explanation: Explanation, doc: str | None) -> None:
    """Check the steps of an explanation against the table of a docstring."""
    rows = [
        [cell.strip() for cell in line.split("|")]
        for line in (doc or "").replace("\\\n", "").splitlines()
        if line.count("|") == 2
    ]
    assert rows[0] == ["event", "by", "figures"]
    told = [(step.where.type, " ".join(step.where.signers)) for step in explanation.steps]
    assert told == [(event, by) for event, by, _ in rows[1:]]
    for step, (event, _, figures) in zip(explanation.steps, rows[1:], strict=True):
        for figure in filter(None, map(str.strip, figures.split(";"))):
            path, _, expected = figure.partition("=")
            assert str(_at(step, path)) == expected, f"{event}: {figure}"
    assert explanation.differences == ()


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value[int(name)] if name.isdigit() else getattr(value, name)
    return value


def score(world: World, factor_ppm: int) -> None:
    """Score January of `c` with 85 of 100; evaluator and provider agree on it."""
    world.do(world.make(ScoreProposed, contract="c", period=JANUARY, factor_ppm=factor_ppm))
    world.do(world.make(ScoreFinalised, factor_ppm=factor_ppm))


def worked() -> World:
    """Play the worked example of the design up to the deduction."""
    world = World.founded({"a": 2 * 10**8})
    world.contract("c", 120_000_000, {"a": 1_000_000}, **WORKED)
    world.advance("v", "c", 24_000_000)
    world.do(*[world.make(VisitRecorded, contract="c", units=units) for units in (60, 1_940)])
    world.claim("k", "c", "2026-01-31")
    world.answer("k", disputed=[300_000])
    score(world, 950_000)
    world.deduct("s-1")
    return world


def test_the_worked_example_is_explained_to_the_fen(stored: Any) -> None:
    """Visits, dispute, advance, retention, deduction, and interest for twelve days.

    event              | by      | figures
    advance.settled    | TRE     | amount_fen=24000000
    claim.submitted    | PRO     | visits=2; units.0.units=2000; units.0.rate_fen=5000; \
gross_fen=10000000; self_pay_fen=0; claim_fen=10000000
    claim.answered     | BUY     | disputed.0.fen=300000; accepted.accepted_fen=9700000; \
accepted.recovered_fen=1940000; accepted.retained_fen=485000; accepted.payable_fen=7275000
    score.finalised    | EVA PRO | total_ppm=850000; rule=pay/standard@1; band_ppm=800000; \
factor_ppm=950000
    deduction.applied  | BUY     | base_fen=9700000; amount_fen=485000; retained_fen=24250; \
accrued_fen=460750; memo_fen=0; taken.0.of=k; taken.0.fen=460750
    payment.requested  | PRO     | principal_fen=6814250; payee=account-1; party=PRO
    payment.approved   | FIN     |
    payment.ordered    | FIN     | principal_fen=6814250; interest_fen=0; lines.0.of=a; \
lines.0.fen=6814250; message_id=MSG-1
    payment.settled    | TRE     | amount_fen=6814250
    interest.accrued   | OPR     | principal_fen=6814250; days=12; rate_ppm=182500; \
total_fen=40886; amount_fen=40886
    payment.requested  | PRO     | payment=q; principal_fen=0
    payment.approved   | FIN     |
    payment.ordered    | FIN     | payment=q; principal_fen=0; interest_fen=40886
    payment.settled    | TRE     | amount_fen=40886
    """
    world = worked()
    due = world.state.claims["k"].owed_since
    assert due is not None
    world.now_ms = (due + 30 + 12) * MS_PER_DAY
    world.pay("p", "c", ["k"])
    principal_only = stored(world, "p")
    assert principal_only.standing.interest_unbooked_fen == 40_886
    world.accrue("k")
    asking = {"payment": "q", "contract": "c", "claims": ["k"], "principal_fen": 0}
    world.do(world.make(PaymentRequested, **asking))
    world.order("q", interest_fen=40_886)
    world.settle("q")
    for payment, paid_fen in (("p", 6_814_250), ("q", 40_886)):
        explanation = stored(world, payment)
        check(explanation, test_the_worked_example_is_explained_to_the_fen.__doc__)
        assert explanation.principal_fen + explanation.interest_fen == paid_fen
        assert explanation.ordered_fen == explanation.paid_fen == paid_fen
        standing = explanation.standing
        assert (standing.status, standing.waits_for, standing.days_late) == (
            "settled",
            "nothing",
            12,
        )
        assert standing.disputed_fen == 300_000


def test_what_a_monthly_cap_leaves_is_paid_by_the_person(stored: Any) -> None:
    """Of 150.00 a cap of 120.00 covers 120.00, of the month's next 50.00 nothing; one is denied.

    event             | by  | figures
    claim.submitted   | PRO | visits=2; denied=1; gross_fen=10000; capped.0.worth_fen=5000; \
capped.0.left_fen=0; capped.0.self_pay_fen=5000; self_pay_fen=5000; claim_fen=5000
    claim.answered    | BUY | accepted.payable_fen=5000
    payment.requested | PRO | principal_fen=5000
    payment.approved  | FIN |
    payment.ordered   | FIN | principal_fen=5000
    payment.settled   | TRE | amount_fen=5000
    """
    world = World.founded({"a": 10**6})
    world.do(world.make(BeneficiaryEnrolled, beneficiary="b-4", monthly_cap_fen=12_000))
    world.contract("c", 100_000, {"a": 1_000_000})
    world.visits("c", days=3, beneficiary="b-4")
    world.claim("k", "c")
    world.answer("k")
    world.pay("p", "c", ["k"])
    (capped,) = stored(world, "p").steps[0].capped
    assert (capped.beneficiary, capped.left_fen, capped.self_pay_fen) == ("b-4", 12_000, 3_000)
    world.visits("c", beneficiary="b-4")
    world.visits("c", days=2)
    denied = list(world.state.visits["c"])[-1:]
    world.do(world.make(VisitDenied, contract="c", visits=denied))
    world.claim("k-2", "c")
    world.answer("k-2")
    world.pay("p-2", "c", ["k-2"])
    check(stored(world, "p-2"), test_what_a_monthly_cap_leaves_is_paid_by_the_person.__doc__)


def disputed() -> World:
    """Return a world whose claim `k` was cut and disputed in every way, and decided."""
    world = World.founded({"a": 10**6})
    world.contract("c", 100_000, {"a": 1_000_000}, retention_ppm=50_000)
    world.visits("c", days=4)
    world.claim("k", "c")
    world.answer("k", cuts=[1_000, 2_000], disputed=[500])
    back, contested = world.lines(world.state.cuts, "k")
    returned = [Returned(visit=back.visit, amount_fen=back.amount_fen)]
    world.do(world.make(ClaimAgreed, claim="k", returned=returned))
    world.do(world.make(DisputeOpened, claim="k", lines=[contested]))
    first, second = world.lines(world.state.disputes, "k")
    world.do(world.make(DisputeSettled, claim="k", lines=[first], awarded_fen=400))
    world.do(world.make(DisputeRuled, claim="k", lines=[second], awarded_fen=0))
    return world


def test_a_payment_of_what_was_agreed_settled_and_ruled_tells_of_its_claim(stored: Any) -> None:
    """A cut that came back and a settled dispute are paid under the ids of their events.

    event             | by      | figures
    claim.submitted   | PRO     | claim_fen=20000
    claim.answered    | BUY     | cuts.0.reason=OVER_UNITS; cuts.0.fen=1000; cuts.1.fen=2000; \
disputed.0.fen=500; accepted.accepted_fen=16500; accepted.retained_fen=825
    claim.agreed      | BUY PRO | lines.0.fen=1000; accepted.accepted_fen=1000; \
accepted.payable_fen=950
    dispute.opened    | PRO     | lines.0.fen=2000
    dispute.settled   | BUY PRO | lines.0.fen=500; accepted.accepted_fen=400; \
accepted.retained_fen=20; accepted.payable_fen=380
    dispute.ruled     | REV     | lines.0.fen=2000; accepted.accepted_fen=0
    payment.requested | PRO     | principal_fen=1330
    """
    world = disputed()
    owed = [name for name in world.owed("c") if name != "k"]
    world.request("p", "c", owed)
    explanation = stored(world, "p")
    check(explanation, _doc(test_a_payment_of_what_was_agreed_settled_and_ruled_tells_of_its_claim))
    assert [share.principal_fen for share in explanation.shares] == [950, 380]
    assert explanation.ordered_fen is None
    assert explanation.standing.waits_for == "approval"
    # An award is due from the day of the answer, not from the last day on which one could come.
    assert {share.due_on for share in explanation.shares} == {"2026-02-15"}
    claim_only = world.state.claims["k"].payable_fen
    world.request("p-2", "c", ["k"])
    of_claim = stored(world, "p-2")
    assert of_claim.principal_fen == claim_only == 15_675
    assert of_claim.standing.disputed_fen == 0


def _doc(test: Any) -> str:
    return str(test.__doc__)


def test_what_was_held_back_is_traced_to_what_held_it(stored: Any) -> None:
    """Silence accepts a claim; a guarantee, a deduction and the day of release take what is held.

    event              | by      | figures
    guarantee.lodged   | LEN PRO | held.0.fen=1000; held_fen=1000; amount_fen=300
    score.finalised    | EVA PRO | factor_ppm=950000
    deduction.applied  | BUY     | base_fen=10000; amount_fen=500; retained_fen=50; \
accrued_fen=450
    retention.released | OPR     | held.0.fen=1000; taken.0.fen=300; taken.1.fen=50; held_fen=650; \
amount_fen=650
    payment.requested  | PRO     | principal_fen=650
    payment.approved   | FIN     |
    payment.returned   | FIN     | reason=AMOUNT
    """
    world = World.founded({"a": 10**6})
    terms = {"retention_ppm": 100_000, "retention_release": "2026-01-20"}
    world.contract("c", 100_000, {"a": 1_000_000}, **terms)
    world.visits("c", days=2)
    world.claim("k", "c", "2026-01-31")
    world.now_ms += 21 * MS_PER_DAY
    world.do(world.make(ClaimDeemedAccepted, claim="k"))
    world.do(world.make(GuaranteeLodged, contract="c", amount_fen=300))
    score(world, 950_000)
    world.deduct("s-1")
    world.release("c")
    _, guaranteed, released = world.owed("c")
    world.request("p", "c", [released])
    world.approve("p")
    world.do(world.make(PaymentReturned, payment="p", reason="AMOUNT"))
    explanation = stored(world, "p")
    check(explanation, _doc(test_what_was_held_back_is_traced_to_what_held_it))
    assert explanation.standing.waits_for == "new_request"
    world.request("p-2", "c", ["k", guaranteed, released])
    again = stored(world, "p-2")
    assert [share.principal_fen for share in again.shares] == [8_550, 300, 650]
    # Silence is over at the end of the acceptance days, the day before it was booked.
    assert [share.due_on for share in again.shares] == ["2026-03-07", "2026-03-08", "2026-03-08"]
    assert stored(world, "p").standing.asked_again == "p-2"


def test_a_deduction_that_found_nothing_is_named_where_it_is_taken(stored: Any) -> None:
    """All of January was paid, so February's acceptance pays the deduction.

    event             | by      | figures
    score.finalised   | EVA PRO | factor_ppm=950000
    deduction.applied | BUY     | base_fen=10000; amount_fen=500; accrued_fen=0; memo_fen=500
    claim.submitted   | PRO     | claim_fen=5000
    claim.answered    | BUY     | accepted.memo_fen=500; accepted.deducted_fen=500; \
accepted.payable_fen=4500
    payment.requested | PRO     | principal_fen=4500
    """
    world = World.founded({"a": 10**6})
    world.contract("c", 100_000, {"a": 1_000_000})
    world.visits("c", days=2)
    world.claim("k", "c", "2026-01-31")
    world.answer("k")
    world.pay("p", "c", ["k"])
    score(world, 950_000)
    world.deduct("s-1")
    world.visits("c", month="2026-02")
    world.claim("k-2", "c")
    world.answer("k-2")
    world.request("p-2", "c", ["k-2"])
    doc = _doc(test_a_deduction_that_found_nothing_is_named_where_it_is_taken)
    check(stored(world, "p-2"), doc)
    assert "deduction.applied" not in [step.where.type for step in stored(world, "p").steps]


def test_a_bonus_is_explained_by_its_score_and_what_was_left_for_it(stored: Any) -> None:
    """5 % of 100.00 is 5.00, of which the contract has 4.00 for bonuses.

    event             | by      | figures
    score.finalised   | EVA PRO | rule=pay/standard@2; total_ppm=850000; factor_ppm=1050000
    bonus.granted     | BUY     | base_fen=10000; left_fen=400; amount_fen=400
    payment.requested | PRO     | principal_fen=400
    """
    world = World.founded({"a": 10**6})
    bands = [Band(from_score_ppm=0, factor_ppm=1_050_000)]
    world.do(world.make(RulePublished, parameters=PayRule(bands=bands)))
    terms = {"pay": "pay/standard@2", "bonus_max_fen": 400}
    world.contract("c", 100_000, {"a": 1_000_000}, **terms)
    world.visits("c", days=2)
    world.claim("k", "c", "2026-01-31")
    world.answer("k")
    score(world, 1_050_000)
    world.do(world.make(BonusGranted, contract="c", amount_fen=400))
    _, bonus = world.owed("c")
    world.request("p", "c", [bonus])
    check(stored(world, "p"), _doc(test_a_bonus_is_explained_by_its_score_and_what_was_left_for_it))


def test_a_reviewer_s_factor_below_the_last_step_is_shown_beside_it(stored: Any) -> None:
    """The pay rule gives 0.70, the reviewer 0.50: both are told, and half is deducted."""
    world = World.founded({"a": 10**6})
    world.contract("c", 100_000, {"a": 1_000_000})
    world.visits("c", days=2)
    world.claim("k", "c", "2026-01-31")
    world.answer("k")
    poor = [IndicatorScore(id=each, actual=0, score_ppm=0) for each in ("quality", "reach")]
    figures = {"indicators": poor, "total_ppm": 0}
    world.do(world.make(ScoreProposed, contract="c", period=JANUARY, factor_ppm=700_000, **figures))
    world.do(world.make(ScoreContested))
    final = world.make(ScoreFinalised, factor_ppm=500_000, **figures)
    world.do(final, by="REV/one")
    world.deduct("s-1")
    world.request("p", "c", ["k"])
    explanation = stored(world, "p")
    scored = next(step for step in explanation.steps if step.where.type == "score.finalised")
    assert (scored.band_factor_ppm, scored.factor_ppm) == (700_000, 500_000)
    assert explanation.principal_fen == 5_000
    assert explanation.differences == ()


def test_a_penalty_and_an_assignment_change_what_is_paid_and_to_whom(stored: Any) -> None:
    """The oldest claim bears the penalty; the rest of it is confirmed, and paid to the lender.

    event                | by      | figures
    claim.submitted      | PRO     | claim_fen=5000
    claim.answered       | BUY     | accepted.payable_fen=5000
    penalty.imposed      | BUY     | notice=n-1; ground=LATE_DELIVERY; amount_fen=1000; \
taken.0.of=k; taken.0.fen=1000
    receivable.requested | PRO     | amount_fen=4000
    receivable.confirmed | BUY PRO | amount_fen=4000
    receivable.assigned  | LEN PRO | amount_fen=4000; lender=LEN; account=account-9
    payment.requested    | PRO     | principal_fen=4000; payee=account-9; party=LEN
    payment.approved     | FIN     |
    payment.ordered      | FIN     | principal_fen=4000
    payment.settled      | TRE     | amount_fen=4000
    """
    world = World.founded({"a": 10**6})
    world.contract("c", 100_000, {"a": 1_000_000})
    world.visits("c")
    world.claim("k", "c")
    world.answer("k")
    world.do(world.make(NoticeGiven, about="c", amount_fen=1_000))
    world.do(world.make(NoticeAnswered))
    world.do(world.make(PenaltyImposed, contract="c"))
    owed = {"claim": "k", "amount_fen": 4_000}
    world.do(world.make(ReceivableRequested, **owed))
    world.do(world.make(ReceivableConfirmed, **owed))
    world.do(world.make(ReceivableAssigned, **owed))
    world.request("p", "c", ["k"], payee="account-9")
    world.order("p")
    world.settle("p")
    doc = _doc(test_a_penalty_and_an_assignment_change_what_is_paid_and_to_whom)
    check(stored(world, "p"), doc)


def test_a_receivable_given_back_is_the_provider_s_again(stored: Any) -> None:
    """The lender releases it, and the payment goes to the provider's account.

    event                | by      | figures
    claim.submitted      | PRO     |
    claim.answered       | BUY     |
    receivable.requested | PRO     |
    receivable.confirmed | BUY PRO |
    receivable.assigned  | LEN PRO | lender=LEN
    receivable.released  | LEN     | lender=LEN; amount_fen=5000
    payment.requested    | PRO     | payee=account-1; party=PRO
    """
    world = World.founded({"a": 10**6})
    world.contract("c", 100_000, {"a": 1_000_000})
    world.visits("c")
    world.claim("k", "c")
    world.answer("k")
    for event in (ReceivableRequested, ReceivableConfirmed, ReceivableAssigned, ReceivableReleased):
        world.do(world.make(event, claim="k"))
    world.request("p", "c", ["k"])
    check(stored(world, "p"), _doc(test_a_receivable_given_back_is_the_provider_s_again))


def test_what_the_bank_refused_bounced_and_diverted_is_told_in_turn(stored: Any) -> None:
    """Interest that was ordered with a rejected principal is owed again, and ordered again.

    event             | by  | figures
    claim.submitted   | PRO | claim_fen=5000
    claim.answered    | BUY | accepted.payable_fen=5000
    payment.requested | PRO | payment=p
    payment.approved  | FIN |
    payment.ordered   | FIN | principal_fen=5000; interest_fen=0
    payment.rejected  | TRE | payment=p; reason=AC04
    interest.accrued  | OPR | days=28; total_fen=70; before_fen=0; amount_fen=70
    interest.waived   | PRO | owed_fen=70; amount_fen=10
    payment.requested | PRO | payment=q; principal_fen=5000
    payment.approved  | FIN |
    payment.ordered   | FIN | principal_fen=5000; interest_fen=60; shares.0.interest_fen=60
    payment.diverted  | TRE | payment=q; amount_fen=5060
    payment.settled   | TRE | payment=q; amount_fen=5060
    payment.bounced   | TRE | payment=q; amount_fen=5060
    payment.requested | PRO | payment=r; principal_fen=5000; shares.0.interest_fen=60
    """
    world = World.founded({"a": 10**6})
    world.contract("c", 100_000, {"a": 1_000_000})
    world.visits("c")
    at(world, "2026-02-01")
    world.claim("k", "c")
    world.answer("k")
    world.request("p", "c", ["k"])
    world.order("p")
    ordered = stored(world, "p")
    assert (ordered.standing.waits_for, ordered.ordered_fen, ordered.paid_fen) == ("bank", 5_000, 0)
    world.reject("p")
    at(world, "2026-04-01")
    assert stored(world, "p").standing.days_late == 0  # nothing was recorded since
    world.accrue("k")
    world.do(world.make(InterestWaived, claim="k", amount_fen=10))
    late = stored(world, "p").standing
    assert (late.due_on, late.days_late, late.interest_open_fen) == ("2026-03-03", 29, 60)
    world.request("q", "c", ["k"])
    world.order("q", interest_fen=world.state.interest["k"].owed_fen)
    world.do(world.make(PaymentDiverted, payment="q", value_date=world.today()))
    assert stored(world, "q").standing.waits_for == "right_account"
    world.settle("q")
    world.bounce("q")
    world.request("r", "c", ["k"])
    for payment, ordered_fen in (("p", 5_000), ("q", 5_060), ("r", None)):
        explanation = stored(world, payment)
        check(explanation, _doc(test_what_the_bank_refused_bounced_and_diverted_is_told_in_turn))
        assert (explanation.ordered_fen, explanation.paid_fen) == (ordered_fen, 0)


def test_each_accrual_is_what_is_new_since_the_one_before(stored: Any) -> None:
    """Late since 15 February: 13 days to the month's end, then 31 more.

    event             | by  | figures
    claim.submitted   | PRO |
    claim.answered    | BUY |
    interest.accrued  | OPR | days=13; total_fen=33; before_fen=0; amount_fen=33
    interest.accrued  | OPR | days=44; total_fen=110; before_fen=33; amount_fen=77
    payment.requested | PRO | principal_fen=5000
    """
    world = World.founded({"a": 10**6})
    world.contract("c", 100_000, {"a": 1_000_000})
    world.visits("c")
    world.claim("k", "c")
    world.answer("k")
    for month in ("2026-03-02", "2026-04-02"):
        at(world, month)
        world.accrue("k")
    world.request("p", "c", ["k"])
    explanation = stored(world, "p")
    check(explanation, _doc(test_each_accrual_is_what_is_new_since_the_one_before))
    assert explanation.standing.interest_open_fen == 110


def test_two_events_of_one_statement_are_each_reckoned_at_its_own_position(stored: Any) -> None:
    """The first answer recovers most of the advance; the second finds only what that left."""
    world = World.founded({"a": 10**6})
    terms = {"advance_ppm": 200_000, "recovery_ppm": 1_000_000}
    world.contract("c", 30_000, {"a": 1_000_000}, **terms)
    world.advance("v", "c", 6_000)
    for claim in ("k", "m"):
        world.visits("c")
        world.claim(claim, "c")
    answers = [world.make(ClaimAnswered, claim=claim, accepted_fen=5_000) for claim in ("k", "m")]
    world.do(*answers)
    world.request("p", "c", ["m"])
    explanation = stored(world, "p")
    answered = next(step for step in explanation.steps if step.where.type == "claim.answered")
    assert (answered.accepted.prepaid_fen, answered.accepted.recovered_fen) == (1_000, 1_000)
    assert answered.where.position == explanation.steps[-1].where.position - 1
    assert explanation.principal_fen == 4_000


def test_a_doubted_approval_is_named_as_what_holds_a_payment_up(stored: Any) -> None:
    """The key that approved it is revoked: the order waits until somebody reaffirms."""
    world = World.founded({"a": 10**6})
    world.contract("c", 100_000, {"a": 1_000_000})
    world.visits("c")
    world.claim("k", "c")
    world.answer("k")
    world.request("p", "c", ["k"])
    since = format_instant(world.now_ms)
    approval = world.make(PaymentApproved, payment="p")
    world.do(approval)
    vkey = str(signer("FIN/two").verifier)
    world.do(world.make(KeyRevoked, vkey=vkey, reason="STOLEN", since=since), by="AUT/one")
    standing = stored(world, "p").standing
    assert (standing.waits_for, standing.held) == ("order", (approval.id,))


def test_an_unknown_payment_is_refused_and_a_withheld_history_is_not_explained(
    tmp_path: Path,
) -> None:
    """Nothing is guessed: there is no such payment; or not everything is there to recompute it."""
    world = disputed()
    world.request("p", "c", ["k"])
    whole = ArchiveSource(archive(tmp_path / "whole", world.statements))
    for unknown in ("p-9", "k", "\udcff"):
        with pytest.raises(Refused, match="reference_unknown"):
            explain(whole, unknown)
    kept_back = archive(tmp_path / "part", world.statements, withheld="visit.recorded")
    with pytest.raises(LedgerError, match="withheld"):
        explain(ArchiveSource(kept_back), "p")


def test_books_that_moved_other_than_the_formula_gives_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law that holds back one fen too many passes every invariant, and is found here."""
    hold_back_too_much(monkeypatch)
    world = disputed()
    world.request("p", "c", ["k"])
    source = ArchiveSource(archive(tmp_path / "archive", world.statements))
    (found,) = explain(source, "p").differences
    assert (found.where.type, found.what) == ("claim.answered", "accrued → retained")
    assert (found.computed_fen, found.found_fen) == (825, 826)


def test_a_doubted_answer_is_named_as_what_a_payment_waits_for(tmp_path: Path) -> None:
    """Whoever waits is told which act holds the money, and so who has to answer for it."""
    world = World.contracted()
    world.visits("c-1", days=3)
    world.claim("k-1", "c-1")
    world.key("BUY/three", by="BUY/one")
    answer = world.answering("k-1")
    world.do(answer, by="BUY/three")
    world.request("p-1", "c-1", ["k-1"])
    since = format_instant(world.now_ms - MS_PER_DAY // 2)
    stolen = str(signer("BUY/three").verifier)
    world.do(world.make(KeyRevoked, vkey=stolen, since=since), by="BUY/one")
    source = ArchiveSource(archive(tmp_path / "archive", world.statements))
    assert explain(source, "p-1").standing.held == (answer.id,)

"""Supervision: grievances are answered, findings are put to who is audited, flags stay a reason."""

import scenario
from world import World

from ledger.events.supervision import FindingAnswered, FindingClosed, FindingIssued
from ledger.times import parse_instant


def test_grievances() -> None:
    """Filed on a citizen's word or by the provider, answered once, escalated once.

    outcome               | by      | event               | fields
    about_unclear         |         | grievance.filed     | about={}
    about_unclear         |         | grievance.filed     | about={"contract":"c-1","party":"PRO"}
    about_unclear         |         | grievance.filed     | about={"party":"PRO"}; \
visit=01900000-0000-7000-8000-000000000001
    reference_unknown     |         | grievance.filed     | about={"contract":"c-9"}
    reference_unknown     |         | grievance.filed     | about={"party":"NOBODY"}
    signer_lacks_role     | FIN/one | grievance.filed     |
    signer_lacks_role     | PR2/one | grievance.filed     |
    ok                    | BU2/one | grievance.filed     | \
visit=01900000-0000-7000-8000-000000000001
    id_taken              |         | grievance.filed     | grievance=G-1
    reference_unknown     |         | grievance.answered  | grievance=g-9
    signers_not_as_called | BU2/one | grievance.answered  |
    reference_unknown     | BU2/one | grievance.escalated | grievance=g-9
    signers_not_as_called | PRO/one | grievance.escalated |
    signers_not_as_called | BUY/one | grievance.escalated |
    ok                    | BU2/one | grievance.escalated |
    grievance_wrong_state | BU2/one | grievance.escalated |
    ok                    |         | grievance.answered  |
    grievance_wrong_state |         | grievance.answered  |
    ok                    | PRO/one | grievance.filed     | grievance=g-2; category=PAYMENT
    signers_not_as_called | PRO/one | grievance.answered  | grievance=g-2
    ok                    | BUY/one | grievance.answered  | grievance=g-2
    ok                    | PRO/one | grievance.escalated | grievance=g-2
    ok                    | PR2/one | grievance.filed     | grievance=g-3; about={"party":"FIN"}
    ok                    | FIN/one | grievance.answered  | grievance=g-3
    """
    scenario.play(World.contracted(), test_grievances.__doc__)


def test_audits_and_findings() -> None:
    """An auditor opens an audit, and its findings keep to its party and scope.

    outcome               | by      | event            | fields
    signer_lacks_role     | FIN/one | audit.opened     |
    reference_unknown     |         | audit.opened     | party=NOBODY
    period_reversed       |         | audit.opened     | period={"from":"2026-02-01",\
"to":"2026-01-31"}
    ok                    |         | audit.opened     | scope={"lines":["line-2"]}
    id_taken              |         | audit.opened     | audit=AU-1
    ok                    |         | audit.opened     | audit=au-2; party=PR2
    ok                    |         | audit.opened     | audit=au-3; scope={"lines":["line-9"]}
    reference_unknown     |         | finding.issued   | audit=au-9
    signers_not_as_called | FIN/one | finding.issued   |
    about_unclear         |         | finding.issued   | about={}
    outside_audit         |         | finding.issued   | audit=au-2
    outside_audit         |         | finding.issued   | audit=au-3
    outside_audit         |         | finding.issued   | about={"party":"PR2"}
    reference_unknown     |         | finding.issued   | flags=["fl-9"]
    reply_by_out_of_range |         | finding.issued   | due=2026-01-11
    ok                    |         | flag.raised      |
    list_repeats          |         | finding.issued   | flags=["fl-1","fl-1"]
    ok                    |         | finding.issued   | flags=["fl-1"]
    id_taken              |         | finding.issued   | finding=FI-1
    ok                    |         | finding.issued   | finding=fi-2; about={"party":"PRO"}; \
audit=au-3
    reference_unknown     |         | finding.answered | finding=fi-9
    signers_not_as_called | BUY/one | finding.answered |
    reference_unknown     |         | finding.closed   | finding=fi-9
    signers_not_as_called | PRO/one | finding.closed   |
    finding_not_due       |         | finding.closed   |
    ok                    |         | finding.answered |
    finding_wrong_state   |         | finding.answered |
    ok                    |         | finding.closed   |
    finding_wrong_state   |         | finding.closed   |
    finding_wrong_state   |         | finding.answered |
    """
    scenario.play(World.contracted(), test_audits_and_findings.__doc__)


def test_an_auditor_audits_where_it_holds_its_role() -> None:
    """An audit of a buyer's contracts needs the role there, and one of everything everywhere.

    outcome           | by      | event        | fields
    ok                |         | role.revoked | party=AUD; role=auditor
    ok                |         | role.granted | party=AUD; role=auditor; \
scope={"purchasers":["BUY"]}
    signer_lacks_role |         | audit.opened |
    signer_lacks_role |         | audit.opened | scope={"purchasers":["BUY","BU2"]}
    ok                |         | audit.opened | scope={"purchasers":["BUY"]}
    """
    scenario.play(World.contracted(), test_an_auditor_audits_where_it_holds_its_role.__doc__)


def test_a_finding_may_be_closed_unanswered_when_its_day_is_over() -> None:
    """A late answer is heard as long as the finding is open."""
    world = World.contracted()
    scenario.play(
        world,
        """
    outcome | by | event          | fields
    ok      |    | audit.opened   |
    ok      |    | finding.issued |
    ok      |    | finding.issued | finding=fi-2
    """,
    )
    closing = world.make(FindingClosed)
    end_ms = parse_instant("2026-02-06T16:00:00.000Z")
    world.now_ms = end_ms - 1
    assert scenario.refusal(world, closing).code == "finding_not_due"
    world.now_ms = end_ms
    world.do(closing)
    world.do(world.make(FindingAnswered, finding="fi-2"))
    assert world.state.findings["fi-2"].status == "answered"
    assert world.make(FindingIssued).due == world.state.findings["fi-2"].due


def test_flags() -> None:
    """An auditor raises and resolves a flag; only a reviewer makes a resolved one public.

    outcome                  | by      | event         | fields
    reference_unknown        |         | flag.raised   | about={"contract":"c-9"}
    signer_lacks_role        | BUY/one | flag.raised   |
    list_repeats             |         | flag.raised   | \
evidence=["01900000-0000-7000-8000-000000000001","01900000-0000-7000-8000-000000000001"]
    reference_unknown        |         | flag.raised   | rule=flag/f99@1
    reference_unknown        |         | flag.raised   | rule=flag/f20@2
    ok                       |         | flag.raised   |
    id_taken                 |         | flag.raised   | flag=FL-1
    reference_unknown        |         | flag.resolved | flag=fl-9
    reference_unknown        |         | flag.released | flag=fl-9
    signer_lacks_role        | BUY/one | flag.resolved |
    flag_wrong_state         |         | flag.released |
    ok                       |         | flag.resolved |
    flag_wrong_state         |         | flag.resolved |
    signer_lacks_role        | AUD/one | flag.released |
    ok                       |         | party.updated | party=REV; parent=PRO
    reviewer_not_independent |         | flag.released |
    ok                       |         | party.updated | party=REV; parent=AUD
    reviewer_not_independent |         | flag.released |
    ok                       |         | party.updated | party=REV; parent=TRE
    ok                       |         | flag.released |
    flag_wrong_state         |         | flag.released |
    ok                       |         | flag.raised   | flag=fl-2; about={"party":"PRO"}
    ok                       |         | flag.resolved | flag=fl-2; verdict=FALSE_ALARM
    ok                       |         | role.revoked  | party=REV; role=reviewer
    ok                       |         | role.granted  | party=REV; role=reviewer; \
scope={"purchasers":["BU2"]}
    signer_lacks_role        |         | flag.released | flag=fl-2
    """
    scenario.play(World.contracted(), test_flags.__doc__)


def test_a_flag_names_the_version_of_its_rule_in_force() -> None:
    """Whoever looks after other thresholds were published looks by those.

    outcome           | by | event          | fields
    ok                |    | flag.raised    | rule=flag/f05@1
    ok                |    | rule.published | rule=flag/f05; \
parameters={"kind":"flag","thresholds":{"hours":9,"count":7}}
    rule_not_in_force |    | flag.raised    | rule=flag/f05@1; flag=fl-2
    ok                |    | flag.raised    | rule=flag/f05@2; flag=fl-2
    ok                |    | flag.resolved  |
    """
    scenario.play(World.contracted(), test_a_flag_names_the_version_of_its_rule_in_force.__doc__)

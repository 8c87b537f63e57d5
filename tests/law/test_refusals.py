"""Every refusal of the law, met in a story that makes it happen, and nothing half-done by it.

The tables are played by `scenario.play`; a refused row leaves the state exactly as it was.
"""

import ast
from pathlib import Path

import pytest
import scenario
from world import World, holder, signer

from ledger.errors import Refused
from ledger.events.delivery import WorkerEnrolled
from ledger.events.parties import FoundingKey, KeyEnrolled, LedgerOpened
from ledger.events.payment import PaymentOrdered
from ledger.group import TakenIds
from ledger.note import COSIGNATURE_V1, Ed25519Signer, VerifierKey, format_note, parse_note
from ledger.refusals import REFUSALS
from ledger.statement import decode_statement_file, encode_statement_file
from ledger.times import MS_PER_DAY, MS_PER_MINUTE


def test_parties_and_roles() -> None:
    """Who is in the ledger, and in which role.

    outcome           | by      | event            | fields
    id_taken          |         | party.registered | party=pro
    identifier_taken  |         | party.registered | \
identifier={"scheme":"cn-uscc","id":"ID OF PRO"}
    reference_unknown |         | party.registered | parent=NOBODY
    signer_lacks_role | FIN/one | party.registered |
    ok                |         | party.registered | parent=BUY
    reference_unknown |         | party.updated    | party=NOBODY
    reference_unknown |         | party.updated    | parent=NOBODY
    ok                |         | party.updated    | parent=BUY
    reference_unknown |         | role.granted     | party=NOBODY
    signer_lacks_role | FIN/one | role.granted     |
    date_invalid      |         | role.granted     | limits={"expires":"2026-02-30"}
    role_not_held     |         | role.revoked     | party=PRO
    signer_lacks_role | PRO/one | role.revoked     |
    ok                |         | role.revoked     |
    role_not_held     |         | role.revoked     |
    signer_lacks_role |         | release.reported |
    """
    scenario.play(World.cast(), test_parties_and_roles.__doc__)


def test_keys() -> None:
    """A key is enrolled once, for one party, by somebody who may; a revoked one is spent.

    outcome               | by                | event           | fields
    signers_not_as_called | PRO/one           | key.enrolled    |
    signers_not_as_called | PR2/one PRO/three | key.enrolled    |
    signers_not_as_called | AUT/one PRO/three | key.enrolled    |
    key_not_of_party      | PR2/one PRO/three | key.enrolled    | party=PR2
    ok                    |                   | party.registered |
    first_key_not_admin | AUT/one NEW/one | key.enrolled | party=NEW; vkey=vkey:NEW/one; use=sign
    ok                    |                   | key.enrolled    | use=sign
    key_taken             |                   | key.enrolled    |
    key_use_forbids       | PRO/three         | key.revoked     |
    key_use_forbids       | PRO/three PRO/six | key.enrolled    | vkey=vkey:PRO/six; holder=h-6
    ok                    | PRO/four PRO/one  | key.enrolled    | vkey=vkey:PRO/four; use=session
    key_use_forbids       | PRO/four          | worker.enrolled |
    reference_unknown     |                   | key.revoked     | vkey=vkey:PRO/five
    signer_lacks_role     | FIN/one           | key.revoked     |
    signers_not_as_called | AUT/one PRO/one   | key.revoked     |
    ok                    |                   | key.revoked     |
    key_revoked           |                   | key.revoked     |
    key_revoked           | PRO/two           | worker.enrolled |
    key_taken             | PRO/ONE PRO/one   | key.enrolled    | vkey=vkey:PRO/ONE; holder=h-7
    ok                    | AUT/one           | key.revoked     | vkey=vkey:PRO/three
    """
    scenario.play(World.cast(), test_keys.__doc__)


def test_limits_and_scopes_of_roles() -> None:
    """A role reaches as far as its limits, in its scope, until its last day.

    outcome               | by                | event               | fields
    ok                    |                   | role.revoked        | party=FI2; role=finance
    signer_lacks_role     | FI2/one FI2/two   | budget.appropriated |
    ok                    | AUT/one           | role.granted        | party=FI2; role=finance; \
scope={"lines":["line-3"]}; limits={"amount_fen_max":1000,"expires":"2026-03-01"}
    signer_lacks_role     | FI2/one FI2/two   | budget.appropriated | line=line-4
    role_limit_exceeded   | FI2/one FI2/two   | budget.appropriated | amount_fen=1001
    signers_not_as_called | FI2/one           | budget.appropriated |
    signers_not_as_called | FI2/one FIN/one   | budget.appropriated |
    ok                    | FI2/one FI2/three | key.enrolled        | party=FI2; \
vkey=vkey:FI2/three; holder=holder:FI2/one
    holders_not_different | FI2/one FI2/three | budget.appropriated |
    ok                    | FI2/one FI2/two   | budget.appropriated |
    later                 |                   |                     | 55
    ok                    | FI2/one           | budget.allotted     | line=line-3; amount_fen=1
    later                 |                   |                     | 1
    signer_lacks_role     | FI2/one           | budget.allotted     | line=line-3; amount_fen=1
    """
    scenario.play(World.cast(), test_limits_and_scopes_of_roles.__doc__)


def test_programmes_and_budget() -> None:
    """Authority is granted once, allotted by its owner, and moved between two lines.

    outcome               | by              | event                  | fields
    id_taken              |                 | programme.established  | programme=CARE
    period_reversed       |                 | programme.established  | programme=p; \
period={"from":"2026-02-01","to":"2026-01-31"}
    date_invalid          |                 | programme.established  | programme=p; \
period={"from":"2026-02-01","to":"2026-02-29"}
    list_repeats          |                 | programme.established  | programme=p; \
indicators=[{"id":"a","weight_ppm":500000,"target":1},{"id":"A","weight_ppm":500000,"target":1}]
    weights_not_whole     |                 | programme.established  | programme=p; \
indicators=[{"id":"a","weight_ppm":999999,"target":1}]
    signers_not_as_called | BUY/one         | programme.established  | programme=p
    id_taken              |                 | budget.appropriated    | line=LINE-1
    not_line_owner        | FI2/one FI2/two | budget.supplemented    |
    not_line_owner        | FI2/one         | budget.allotted        |
    reference_unknown     |                 | budget.allotted        | line=line-9
    guard_broken          |                 | budget.allotted        | amount_fen=1
    amount_overflows      |                 | budget.supplemented    | amount_fen=9007199254740991
    ok                    |                 | budget.supplemented    | amount_fen=1
    ok                    |                 | budget.allotted        | amount_fen=1
    same_line             |                 | budget.transferred     | to=line-1
    reference_unknown     |                 | budget.transferred     | to=line-9
    signers_not_as_called | FI2/one FIN/one | budget.transferred     |
    guard_broken          |                 | budget.transferred     | amount_fen=1000000002
    ok                    |                 | budget.transferred     | amount_fen=1000000001
    """
    scenario.play(World.founded(), test_programmes_and_budget.__doc__)


def test_tenders_and_awards() -> None:
    """What is tendered is covered by lines; a lot is awarded once, by its ranking.

    outcome               | by              | event            | fields
    reference_unknown     |                 | tender.published | programme=other
    lot_not_covered       |                 | tender.published | lots=[{"lot":"1",\
"service":"care","units_max":1,"rate_cap_fen":1,"value_fen":2,"lines":[{"line":"line-1",\
"amount_fen":1}]}]
    reference_unknown     |                 | tender.published | lots=[{"lot":"1",\
"service":"care","units_max":1,"rate_cap_fen":1,"value_fen":1,"lines":[{"line":"line-9",\
"amount_fen":1}]}]
    guard_broken          |                 | tender.published | lots=[{"lot":"1",\
"service":"care","units_max":1,"rate_cap_fen":1,"value_fen":1000000001,"lines":[{"line":"line-1",\
"amount_fen":1000000001}]}]
    date_invalid          |                 | tender.published | opens=2026-02-30T00:00:00.000Z
    period_reversed       |                 | tender.published | closes=2026-01-01T00:00:00.000Z
    signers_not_as_called | BUY/one         | tender.published | method=single_source
    justification_missing | BUY/one FIN/one | tender.published | method=single_source
    weights_not_whole     |                 | tender.published | \
criteria=[{"id":"price","weight_ppm":1}]
    signers_not_as_called | BU2/one         | tender.published |
    ok                    |                 | tender.published |
    id_taken              |                 | tender.published | tender=T-1
    ok                    |                 | tender.published | tender=t-2
    reference_unknown     |                 | award.decided    | lot="2"
    list_repeats          |                 | award.decided    | ranking=["PRO","PRO"]
    reference_unknown     |                 | award.decided    | ranking=["PRO","NOBODY"]
    winner_not_ranked     |                 | award.decided    | ranking=["PR2"]
    winner_not_first      |                 | award.decided    | ranking=["PR2","PRO"]
    signer_lacks_role     |                 | award.decided    | ranking=["FIN"]; winner=FIN
    value_exceeds         |                 | award.decided    | value_fen=1001
    ok                    |                 | award.decided    |
    lot_already_awarded   |                 | award.decided    | award=a-2
    id_taken              |                 | award.decided    | award=A-1; tender=t-2
    ok                    |                 | tender.cancelled | tender=t-2
    tender_not_open       |                 | tender.cancelled | tender=t-2
    tender_not_open       |                 | award.decided    | award=a-3; tender=t-2
    later                 |                 |                  | 11
    ok                    |                 | contract.signed  |
    tender_in_use         |                 | tender.cancelled |
    """
    scenario.play(World.founded(), test_tenders_and_awards.__doc__)


def test_signing_a_contract() -> None:
    """A contract carries out its award, between its two sides, from the lines of its lot.

    outcome               | by              | event            | fields
    ok                    |                 | tender.published |
    ok                    |                 | award.decided    | value_fen=900
    reference_unknown     |                 | contract.signed  | award=a-9
    party_not_of_contract | BU2/one PRO/one | contract.signed  | buyer=BU2; value_fen=900
    party_not_of_contract | BUY/one PR2/one | contract.signed  | provider=PR2; value_fen=900
    signers_not_as_called | BUY/one         | contract.signed  | value_fen=900
    signers_not_as_called | BUY/one PR2/one | contract.signed  | value_fen=900
    value_exceeds         |                 | contract.signed  | value_fen=901
    value_exceeds         |                 | contract.signed  | value_fen=900; \
items=[{"service":"care","unit":"visit","rate_fen":5001,"units_max":1}]
    list_repeats          |                 | contract.signed  | value_fen=900; \
items=[{"service":"care","unit":"visit","rate_fen":1,"units_max":1},\
{"service":"Care","unit":"visit","rate_fen":1,"units_max":1}]
    line_not_of_lot       |                 | contract.signed  | value_fen=900; \
lines=[{"line":"line-2","share_ppm":1000000}]
    weights_not_whole     |                 | contract.signed  | value_fen=900; \
lines=[{"line":"line-1","share_ppm":999999}]
    period_reversed       |                 | contract.signed  | value_fen=900; \
term={"from":"2026-02-01","to":"2026-01-31"}
    later                 |                 |                  | 11
    ok                    |                 | contract.signed  | value_fen=900
    award_in_use          |                 | contract.signed  | value_fen=900; contract=c-2
    id_taken              |                 | contract.signed  | value_fen=900; contract=C-1
    """
    scenario.play(World.founded(), test_signing_a_contract.__doc__)


def test_visits() -> None:
    """A visit is in the term, of the contract's services, by its workers, to the entitled.

    outcome                  | by              | event                | fields
    ok                       |                 | beneficiary.enrolled | from=2026-03-01
    id_taken                 |                 | beneficiary.enrolled | beneficiary=B-NEW
    reference_unknown        |                 | beneficiary.enrolled | programme=other
    date_invalid             |                 | beneficiary.enrolled | beneficiary=x; \
from=2026-13-01
    id_taken                 |                 | worker.enrolled      | worker=W-1
    ok                       | PR2/one         | worker.enrolled      | provider=PR2
    reference_unknown        |                 | visit.recorded       | contract=c-9
    signers_not_as_called    | PR2/one         | visit.recorded       |
    signers_not_as_called    | BUY/one PRO/one | visit.recorded       |
    service_not_in_contract  |                 | visit.recorded       | service=bath
    date_invalid             |                 | visit.recorded       | ended_at=2026-02-01
    date_invalid             |                 | visit.recorded       | \
started_at=2026-02-01T25:00:00.000Z
    date_invalid             |                 | visit.recorded       | \
ended_at=9999-12-31T23:00:00.000Z
    period_reversed          |                 | visit.recorded       | \
ended_at=2026-01-02T00:59:59.999Z
    outside_term             |                 | visit.recorded       | \
started_at=2025-12-31T15:59:59.999Z
    ok                       |                 | visit.recorded       | \
started_at=2025-12-31T16:00:00.000Z
    outside_term             |                 | visit.recorded       | \
started_at=2026-12-31T16:00:00.000Z; ended_at=2026-12-31T16:30:00.000Z
    reference_unknown        |                 | visit.recorded       | worker=w-9
    worker_of_other_provider |                 | visit.recorded       | worker=w-new
    reference_unknown        |                 | visit.recorded       | beneficiary=b-9
    not_entitled             |                 | visit.recorded       | beneficiary=b-new
    ok                       |                 | visit.recorded       |
    """
    scenario.play(World.contracted(), test_visits.__doc__)


def test_claims_and_answers() -> None:
    """A claim states what the ledger's visits give; an answer accounts for every fen of it.

    outcome                    | by      | event            | fields
    reference_unknown          |         | claim.submitted  | contract=c-9
    claim_empty                |         | claim.submitted  |
    ok                         |         | visit.recorded   |
    ok                         |         | visit.recorded   | units=2
    claim_figures_differ       |         | claim.submitted  | gross_fen=15001
    claim_figures_differ       |         | claim.submitted  | claim_fen=14999
    claim_figures_differ       |         | claim.submitted  | self_pay_fen=1
    claim_figures_differ       |         | claim.submitted  | units=[{"service":"care","units":2}]
    claim_empty                |         | claim.submitted  | \
period={"from":"2026-01-01","to":"2026-01-01"}
    period_reversed            |         | claim.submitted  | \
period={"from":"2026-03-01","to":"2026-02-28"}
    signers_not_as_called      | BUY/one | claim.submitted  |
    ok                         |         | claim.submitted  |
    id_taken                   |         | claim.submitted  | claim=K-1
    ok                         |         | visit.recorded   |
    invoice_used               |         | claim.submitted  | claim=k-2; \
invoice={"number":"INVOICE OF K-1","sha256":"%s"}
    answer_does_not_add_up     |         | claim.answered   | accepted_fen=14999
    visit_settled              |         | claim.answered   | accepted_fen=14999; \
cuts=[{"visit":"other","reason":"OTHER","amount_fen":1}]
    line_amount_exceeds        |         | claim.answered   | accepted_fen=9999; \
cuts=[{"visit":"visit:1","reason":"OTHER","amount_fen":5001}]
    line_amount_exceeds        |         | claim.answered   | accepted_fen=9999; \
cuts=[{"visit":"visit:1","reason":"OTHER","amount_fen":2000}]; \
disputed=[{"visit":"visit:1","amount_fen":3001}]
    list_repeats               |         | claim.answered   | accepted_fen=14998; \
cuts=[{"visit":"visit:1","reason":"OTHER","amount_fen":1},\
{"visit":"visit:1","reason":"OTHER","amount_fen":1}]
    signers_not_as_called      | PRO/one | claim.answered   |
    contract_has_open_claim    |         | contract.closed  |
    ok                         |         | claim.answered   | accepted_fen=9999; \
cuts=[{"visit":"visit:1","reason":"OTHER","amount_fen":5000}]; \
disputed=[{"visit":"visit:2","amount_fen":1}]
    claim_not_open             |         | claim.answered   |
    contract_not_settled       |         | contract.closed  |
    promises_exceed_commitment |         | contract.amended | value_delta_fen=-990001
    ok                         |         | contract.amended | value_delta_fen=-990000
    promises_exceed_commitment |         | claim.submitted  | claim=k-2
    value_exceeds              |         | contract.amended | value_delta_fen=100001
    ok                         |         | contract.amended | value_delta_fen=4999
    promises_exceed_commitment |         | claim.submitted  | claim=k-2
    ok                         |         | contract.amended | value_delta_fen=1
    ok                         |         | claim.submitted  | claim=k-2
    value_exceeds              |         | contract.amended | value_delta_fen=95001
    ok                         |         | contract.amended | value_delta_fen=95000
    """
    story = (test_claims_and_answers.__doc__ or "").replace("%s", "cd" * 32)
    scenario.play(World.contracted(), story)


def test_payments_and_closing() -> None:
    """One live payment a claim, ordered by others than those who answered; then the end.

    outcome                    | by      | event              | fields
    ok                         |         | visit.recorded     |
    ok                         |         | claim.submitted    |
    claim_not_payable          |         | payment.requested  |
    ok                         |         | claim.answered     |
    reference_unknown          |         | payment.requested  | claims=["k-9"]
    list_repeats               |         | payment.requested  | claims=["k-1","k-1"]
    principal_differs          |         | payment.requested  | principal_fen=4999
    signers_not_as_called      | FIN/one | payment.requested  |
    ok                         |         | payment.requested  |
    id_taken                   |         | payment.requested  | payment=P-1
    claim_in_live_payment      |         | payment.requested  | payment=p-2
    payment_wrong_state        |         | payment.settled    |
    payment_wrong_state        |         | payment.ordered    |
    ok                         |         | payment.approved   |
    payment_wrong_state        |         | payment.approved   |
    reference_unknown          |         | payment.ordered    | payment=p-9
    principal_differs          |         | payment.ordered    | principal_fen=5001
    payee_differs              |         | payment.ordered    | payee=account-2
    signer_lacks_role          | BUY/one | payment.ordered    |
    ok                         |         | payment.ordered    |
    payment_wrong_state        |         | payment.ordered    |
    contract_not_settled       |         | contract.closed    |
    signer_lacks_role          | FIN/one | payment.settled    |
    ok                         |         | payment.rejected   |
    payment_wrong_state        |         | payment.settled    |
    ok                         | BUY/one | payment.requested  | payment=p-2
    ok                         |         | payment.approved   | payment=p-2
    ok                         |         | payment.ordered    | payment=p-2
    date_invalid               |         | payment.settled    | payment=p-2; value_date=2026-02-29
    ok                         |         | payment.settled    | payment=p-2
    payment_wrong_state        |         | payment.rejected   | payment=p-2
    claim_in_live_payment      |         | payment.requested  | payment=p-3
    final_account_differs      |         | contract.closed    | final=[{"line":"line-1",\
"paid_fen":5000},{"line":"line-2","paid_fen":0}]
    final_account_differs      |         | contract.closed    | final=[{"line":"line-1",\
"paid_fen":3000}]
    final_account_differs      |         | contract.closed    | final=[{"line":"line-1",\
"paid_fen":3000},{"line":"line-2","paid_fen":2000},{"line":"line-3","paid_fen":0}]
    signers_not_as_called      | BUY/one | contract.closed    |
    ok                         |         | contract.published |
    contract_already_published |         | contract.published |
    ok                         |         | contract.closed    |
    contract_not_active        |         | contract.closed    |
    contract_not_active        |         | contract.amended   |
    contract_not_active        |         | visit.recorded     |
    contract_not_active        |         | claim.submitted    | claim=k-2
    claim_in_live_payment      |         | payment.requested  | payment=p-3
    """
    scenario.play(World.contracted(), test_payments_and_closing.__doc__)


def test_an_open_claim_that_asks_for_nothing_is_open() -> None:
    """A claim paid by the people alone is answered, too, before its contract is closed.

    outcome                 | by | event                | fields
    ok                      |    | beneficiary.enrolled | monthly_cap_fen=0
    ok                      |    | visit.recorded       | beneficiary=b-new
    ok                      |    | claim.submitted      |
    contract_has_open_claim |    | contract.closed      |
    ok                      |    | claim.answered       |
    claim_not_payable       |    | payment.requested    |
    ok                      |    | contract.closed      |
    """
    scenario.play(World.contracted(), test_an_open_claim_that_asks_for_nothing_is_open.__doc__)


def test_a_month_of_care_is_paid_up_to_its_cap_over_all_contracts() -> None:
    """What exceeds a person's cap in a month is self-pay, in the order of claims; months differ.

    outcome              | by | event                | fields
    ok                   |    | beneficiary.enrolled | monthly_cap_fen=7000
    ok                   |    | visit.recorded       | beneficiary=b-new
    ok                   |    | visit.recorded       | beneficiary=b-new; contract=c-2
    ok                   |    | visit.recorded       | beneficiary=b-new; contract=c-2; \
started_at=2026-01-31T16:00:00.000Z; ended_at=2026-01-31T17:00:00.000Z
    claim_figures_differ |    | claim.submitted      | claim_fen=4999; self_pay_fen=1
    ok                   |    | claim.submitted      | claim_fen=5000; self_pay_fen=0
    claim_figures_differ |    | claim.submitted      | claim=k-2; contract=c-2; \
claim_fen=10000; self_pay_fen=0
    ok                   |    | claim.submitted      | claim=k-2; contract=c-2; \
claim_fen=7000; self_pay_fen=3000
    """
    world = World.contracted()
    world.contract("c-2", 10_000, {"line-1": 1_000_000})
    scenario.play(world, test_a_month_of_care_is_paid_up_to_its_cap_over_all_contracts.__doc__)


def test_a_payment_is_of_one_contract() -> None:
    """Claims of two contracts are not paid together.

    outcome                 | by | event             | fields
    ok                      |    | visit.recorded    | contract=c-2
    ok                      |    | claim.submitted   | contract=c-2
    ok                      |    | claim.answered    |
    claim_of_other_contract |    | payment.requested |
    """
    world = World.contracted()
    world.contract("c-2", 10_000, {"line-1": 1_000_000})
    scenario.play(world, test_a_payment_is_of_one_contract.__doc__)


def test_one_person_acts_in_one_capacity_on_a_contract() -> None:
    """A party, or a person at any party, that acted on a contract in one role keeps to it.

    outcome             | by              | event              | fields
    ok                  |                 | role.granted       | party=BUY; role=finance
    ok                  |                 | role.granted       | party=FIN; role=purchaser
    ok                  |                 | party.registered   | party=FI3; \
identifier={"scheme":"local","id":"FI3"}
    ok                  | AUT/one FI3/six | key.enrolled       | party=FI3; \
vkey=vkey:FI3/six; holder=holder:BUY/one
    ok                  |                 | role.granted       | party=FI3; role=finance
    ok                  |                 | visit.recorded     |
    ok                  |                 | claim.submitted    |
    ok                  |                 | claim.answered     |
    ok                  |                 | payment.requested  |
    duties_not_separate | FI3/six         | payment.approved   |
    ok                  |                 | payment.approved   |
    duties_not_separate | BUY/one         | payment.ordered    |
    duties_not_separate | BUY/two         | payment.ordered    |
    duties_not_separate | FI3/six         | payment.ordered    |
    ok                  | FIN/one         | payment.ordered    |
    """
    scenario.play(World.contracted(), test_one_person_acts_in_one_capacity_on_a_contract.__doc__)


def test_reports() -> None:
    """One report of one release is one event; any other content is another report.

    outcome                  | by      | event            | fields
    ok                       |         | release.reported |
    release_already_reported |         | release.reported |
    ok                       |         | release.reported | release="{}"
    signer_lacks_role        | FIN/one | release.reported | ocid=other
    """
    scenario.play(World.cast(), test_reports.__doc__)


# -- statements as a whole, and what a table cannot say --------------------------------------------


def _origin_differs(world: World) -> None:
    world.admit(world.sign(world.make(WorkerEnrolled), by="PRO/one", origin="ledger.test/other"))


def _statement_expired(world: World) -> None:
    made_at_ms = world.now_ms - 30 * MS_PER_DAY - 1
    world.admit(world.sign(world.make(WorkerEnrolled), by="PRO/one", made_at_ms=made_at_ms))


def _statement_from_the_future(world: World) -> None:
    made_at_ms = world.now_ms + 5 * MS_PER_MINUTE + 1
    world.admit(world.sign(world.make(WorkerEnrolled), by="PRO/one", made_at_ms=made_at_ms))


def _genesis_expected(world: World) -> None:
    world.do(world.make(LedgerOpened))


def _key_unknown(world: World) -> None:
    world.do(world.make(WorkerEnrolled), by="PRO/stranger")


def _signature_doubled(world: World) -> None:
    note, bodies = decode_statement_file(world.sign(world.make(WorkerEnrolled), by="PRO/one"))
    read = parse_note(note)
    doubled = format_note(read.text, read.signatures * 2)
    world.admit(encode_statement_file(doubled, bodies))


def _signatures_do_not_match_signers(world: World) -> None:
    world.admit(world.sign(world.make(WorkerEnrolled), by="PRO/one", named=["BUY", "PRO"]))


def _event_id_taken(world: World) -> None:
    event = world.make(WorkerEnrolled)
    TakenIds(set()).check(world.open(world.sign(event, event, by="PRO/one")))


def _key_weak(world: World) -> None:
    """Enrol a witness's key, which signs cosignatures, as one that signs statements."""
    seed = b"\x07" * 32
    witness = VerifierKey.of(
        "PRO/witness", Ed25519Signer("PRO/witness", seed).verifier.public_key, COSIGNATURE_V1
    )
    event = world.make(KeyEnrolled, vkey=str(witness))
    note, bodies = decode_statement_file(world.sign(event, by="PRO/one PRO/three"))
    read = parse_note(note)
    first = read.signatures[0]
    signed = Ed25519Signer("PRO/witness", seed).sign(read.text.encode())
    second = type(first)("PRO/witness", witness.key_id, signed)
    world.admit(encode_statement_file(format_note(read.text, [first, second]), bodies))


def _genesis_incomplete(_world: World) -> None:
    keys = [
        FoundingKey(vkey=str(signer(name).verifier), role="authority", holder=holder(name))
        for name in ("AUT/one", "AUT/two")
    ]
    world = World()
    world.do(world.make(LedgerOpened, keys=keys), by="AUT/one AUT/two")


def _law_of_another_release(_world: World) -> None:
    world = World()
    world.do(world.make(LedgerOpened, law=0))


def _not_alone(world: World) -> None:
    world.do(world.closed(), world.closed())


ATTACKS = {
    "origin_differs": _origin_differs,
    "statement_expired": _statement_expired,
    "statement_from_the_future": _statement_from_the_future,
    "genesis_expected": _genesis_expected,
    "not_alone": _not_alone,
    "key_unknown": _key_unknown,
    "signature_doubled": _signature_doubled,
    "signatures_do_not_match_signers": _signatures_do_not_match_signers,
    "event_id_taken": _event_id_taken,
    "key_weak": _key_weak,
    "genesis_incomplete": _genesis_incomplete,
    "law_of_another_release": _law_of_another_release,
}


@pytest.mark.parametrize("code", ATTACKS)
def test_a_statement_that_is_wrong_as_a_whole_is_refused(code: str) -> None:
    """Each such attack is refused under its own code, and leaves no trace."""
    world = World.cast()
    with scenario.refused(world) as caught:
        ATTACKS[code](world)
    assert caught.value.code == code


def test_every_refusal_code_is_met() -> None:
    """No code is listed that no story of these tests meets, and none is met that is not listed."""
    tables = (
        ast.get_docstring(node) or ""
        for path in Path(__file__).parent.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )
    met = {row.outcome for table in tables if "outcome " in table for row in scenario.rows(table)}
    assert (met - {"ok", "later"}) | set(ATTACKS) == set(REFUSALS)


def test_a_refusal_names_the_event_that_offends() -> None:
    """Events are judged in order, and the first that offends is named by its place."""
    world = World.cast()
    good = world.make(WorkerEnrolled, worker="w-1")
    with pytest.raises(Refused) as caught:
        world.do(good, world.make(WorkerEnrolled, worker="W-1"), by="PRO/one")
    assert (caught.value.code, caught.value.event_index) == ("id_taken", 1)
    assert "w-1" not in world.state.workers


def test_an_unknown_payment_is_refused_before_anybody_is_asked_who_signs() -> None:
    """What tells who may act is looked up first: nobody holds a role on nothing."""
    refused = scenario.refusal(World.contracted(), World.cast().make(PaymentOrdered), by="PRO/one")
    assert refused.code == "reference_unknown"

"""Accounts and persons: who may be paid where, who is related to whom, what was erased."""

import scenario
from world import World

from ledger.events.accounts import AccountDeclared
from ledger.events.persons import InterestDeclared, SubjectErased
from ledger.state.persons import PersonalInterest
from ledger.times import parse_instant


def test_declaring_accounts() -> None:
    """An account is declared by two seasoned keys of two people, or before a registrar.

    outcome               | by                | event            | fields
    signers_not_as_called | PRO/one           | account.declared | account=a
    signers_not_as_called | AUT/one           | account.declared | account=a
    signers_not_as_called | AUT/one AUT/two   | account.declared | account=a
    signer_lacks_role     | FIN/one PRO/one   | account.declared | account=a
    id_taken              |                   | account.declared | account=Account-1
    ok                    | PRO/one PRO/three | key.enrolled     | use=sign; \
holder=holder:PRO/one
    ok                    | PRO/one PRO/four  | key.enrolled     | vkey=vkey:PRO/four; use=sign
    holders_not_different | PRO/one PRO/three | account.declared | account=a
    key_too_young         | PRO/four PRO/one  | account.declared | account=a
    ok                    | AUT/one PRO/four  | account.declared | account=a
    later                 |                   |                  | 15
    holders_not_different | PRO/one PRO/three | account.declared | account=b
    ok                    | PRO/four PRO/one  | account.declared | account=b
    signers_not_as_called | AUT/one PRO/one   | account.declared | account=c; party=NOBODY
    ok                    | AUT/one AUT/two   | account.declared | account=c; party=AUT
    """
    scenario.play(World.cast(), test_declaring_accounts.__doc__)


def test_paying_on_accounts() -> None:
    """Payment is asked for, and ordered, only on an account of the provider that is in force.

    outcome              | by              | event             | fields
    ok                   | AUT/one PR2/one | account.declared  | account=theirs; party=PR2
    ok                   |                 | account.declared  | account=fresh
    ok                   | PRO/one PRO/two | account.declared  | account=twice
    ok                   |                 | visit.recorded    |
    ok                   |                 | claim.submitted   |
    ok                   |                 | claim.answered    |
    reference_unknown    |                 | payment.requested | payee=nowhere
    account_not_of_party |                 | payment.requested | payee=theirs
    account_not_in_force |                 | payment.requested | payee=fresh
    later                |                 |                   | 7
    account_not_in_force | BUY/one         | payment.requested | payee=fresh
    later                |                 |                   | 1
    ok                   | BUY/one         | payment.requested | payee=fresh
    ok                   | PRO/one         | key.revoked       | since=ago:9
    ok                   |                 | payment.approved  |
    ok                   |                 | payment.ordered   | payee=fresh
    ok                   |                 | payment.rejected  |
    act_doubted          |                 | payment.requested | payment=p-2; payee=twice
    ok                   |                 | payment.requested | payment=p-2; payee=fresh
    ok                   |                 | payment.approved  | payment=p-2
    ok                   | AUT/one         | key.revoked       | vkey=vkey:PRO/one; since=ago:9
    ok                   | AUT/one PRO/n   | key.recovered     | vkey=vkey:PRO/n
    act_doubted          |                 | payment.ordered   | payment=p-2; payee=fresh
    """
    scenario.play(World.contracted(), test_paying_on_accounts.__doc__)


def test_a_lender_is_paid_on_an_account_of_its_own() -> None:
    """A claim is assigned to an account that the lender declared, in force and in no doubt.

    outcome              | by              | event                | fields
    ok                   |                 | visit.recorded       |
    ok                   |                 | claim.submitted      |
    ok                   |                 | claim.answered       |
    ok                   |                 | receivable.requested |
    ok                   |                 | receivable.confirmed |
    reference_unknown    |                 | receivable.assigned  | account=nowhere
    account_not_of_party |                 | receivable.assigned  | account=account-1
    ok                   | AUT/one LEN/one | account.declared     | account=late; party=LEN
    account_not_in_force |                 | receivable.assigned  | account=late
    later                |                 |                      | 8
    ok                   |                 | receivable.assigned  | account=late
    ok                   |                 | payment.requested    | payee=late
    ok                   |                 | payment.approved     |
    ok                   | AUT/one         | key.revoked          | vkey=vkey:LEN/one; since=ago:9
    act_doubted          |                 | payment.ordered      | payee=late
    ok                   | LEN/two         | act.reaffirmed       | event=event:account.declared
    ok                   | LEN/two         | receivable.released  |
    account_not_of_party |                 | payment.ordered      | payee=late
    """
    scenario.play(World.contracted(), test_a_lender_is_paid_on_an_account_of_its_own.__doc__)


def test_advances_on_accounts() -> None:
    """An advance is paid on an account of the provider that is in force, too.

    outcome              | by              | event            | fields
    ok                   | AUT/one PR2/one | account.declared | account=theirs; party=PR2
    ok                   |                 | account.declared | account=fresh
    reference_unknown    |                 | advance.ordered  | payee=nowhere
    account_not_of_party |                 | advance.ordered  | payee=theirs
    account_not_in_force |                 | advance.ordered  | payee=fresh
    later                |                 |                  | 8
    ok                   | AUT/one         | key.revoked      | vkey=vkey:PRO/one; since=ago:9
    act_doubted          |                 | advance.ordered  | payee=fresh
    ok                   |                 | advance.ordered  |
    """
    scenario.play(World.contracted(advance_ppm=200_000), test_advances_on_accounts.__doc__)


def test_an_account_takes_force_when_its_fifth_working_day_has_ended() -> None:
    """Declared on a Friday, it may be paid on from the Saturday of the week after."""
    world = World.contracted()
    world.visits("c-1")
    world.claim("k-1", "c-1")
    world.answer("k-1")
    world.now_ms = parse_instant("2026-03-06T15:59:59.999Z")  # local Friday, its last moment
    world.do(world.make(AccountDeclared, account="new"))
    assert world.state.accounts["new"].from_ms == parse_instant("2026-03-13T16:00:00.000Z")


def test_interests() -> None:
    """A purchaser or an evaluator declares, about a party that is known.

    outcome               | by              | event             | fields
    signer_lacks_role     | PRO/one         | interest.declared |
    signers_not_as_called | BUY/one BUY/two | interest.declared |
    reference_unknown     |                 | interest.declared | counterparty=NOBODY
    period_reversed       |                 | interest.declared | \
period={"from":"2026-02-01","to":"2026-01-31"}
    ok                    |                 | role.granted      | party=REP; role=evaluator
    ok                    | REP/one         | interest.declared |
    ok                    |                 | interest.declared |
    """
    scenario.play(World.cast(), test_interests.__doc__)


def test_an_interest_is_kept_by_person_and_party() -> None:
    """A second relation stands beside the first."""
    world = World.cast()
    world.do(world.make(InterestDeclared))
    world.do(world.make(InterestDeclared, relation="KINSHIP"))
    assert world.state.personal_interests["h-expert", "PRO"] == (
        PersonalInterest("EMPLOYMENT", "2026-01-01", "2026-12-31"),
        PersonalInterest("KINSHIP", "2026-01-01", "2026-12-31"),
    )


def test_erasures() -> None:
    """A purchaser of the programme and a registrar erase what the vault holds of a person.

    outcome               | by              | event          | fields
    reference_unknown     |                 | subject.erased | token=nobody
    signers_not_as_called | AUT/one         | subject.erased |
    signers_not_as_called | BUY/one         | subject.erased |
    signer_lacks_role     | AUT/one PRO/one | subject.erased |
    ok                    |                 | role.revoked   | party=BU2; role=purchaser
    ok                    |                 | role.granted   | party=BU2; role=purchaser; \
scope={"programmes":["other"]}
    signer_lacks_role     | AUT/one BU2/one | subject.erased |
    ok                    | AUT/one BU2/one | subject.erased | token=w-1
    ok                    |                 | subject.erased |
    ok                    |                 | subject.erased |
    """
    scenario.play(World.founded(), test_erasures.__doc__)


def test_an_erasure_stands_where_the_person_is_known() -> None:
    """A beneficiary's in the programme, a worker's and a key holder's in the party."""
    world = World.founded()
    holder = world.state.keys["FIN/one"].holder
    for token, home in (("b-1", "programme/care"), ("w-1", "party/PRO"), (holder, "party/FIN")):
        (admitted,) = world.do(world.make(SubjectErased, token=token))
        assert [key for key, _ in admitted.touched] == [home]

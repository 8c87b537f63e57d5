"""Law of accounts: nobody is paid on an account that one stolen key could have declared."""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.accounts import AccountDeclared
from ledger.parties import Case
from ledger.rules.act import (
    Act,
    Rule,
    check_free,
    check_key,
    check_people_differ,
    check_role,
    look_up,
    not_as_called,
    take,
)
from ledger.rules.deadline import after_working_days
from ledger.rules.force import (
    ACCOUNT_WORKING_DAYS,
    check_seasoned,
    check_undoubted,
    date_of,
)
from ledger.state import State
from ledger.state.accounts import Account


def check_payee(state: State, act: Act, party: str, account: str) -> None:
    """Check that an account is declared by a party and in force.

    Raises:
        Refused: `reference_unknown`, `account_not_of_party`, `account_not_in_force`,
            `act_doubted`.

    """
    declared = look_up(state.accounts, "account", account)
    if declared.party != party:
        raise Refused(
            "account_not_of_party", account=account, declared_by=declared.party, party=party
        )
    if act.recorded_ms < declared.from_ms:
        raise Refused(
            "account_not_in_force", account=account, date=date_of(state, declared.from_ms)
        )
    check_undoubted(state, "account", account)


def _authorise_declaration(state: State, event: AccountDeclared, act: Act) -> None:
    """Let the party sign with two seasoned keys of two people, or with a registrar."""
    own = [signer for signer in act.signers if signer.party == event.party]
    others = [signer for signer in act.signers if signer.party != event.party]
    if len(act.signers) != 2 or not own:  # noqa: PLR2004 (two signatures either way)
        called = f"two keys of {event.party}, or {event.party} and a registrar"
        raise not_as_called("account.declared", called, act)
    for signer in act.signers:
        check_key(state, act, signer)
    for other in others:
        check_role(state, act, Case(), other, "registrar")
    check_people_differ(*(signer.key.holder for signer in act.signers))
    if not others:
        for signer in own:
            check_seasoned(state, signer.key, act.recorded_ms)


def _admit_declaration(state: State, event: AccountDeclared, _act: Act) -> None:
    look_up(state.parties, "party", event.party)
    check_free(state, "account", event.account)


def _apply_declaration(state: State, event: AccountDeclared, act: Act) -> None:
    take(state, "account", event.account)
    from_ms = after_working_days(state, act.recorded_ms, ACCOUNT_WORKING_DAYS)
    state.put(state.accounts, event.account, Account(event.account, event.party, from_ms))


def _party(_state: State, event: AccountDeclared) -> tuple[str, ...]:
    return (f"party/{event.party}",)


RULES: dict[type[Event], Rule[Any]] = {
    AccountDeclared: Rule(_authorise_declaration, _admit_declaration, _apply_declaration, _party),
}

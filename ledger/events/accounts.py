"""Accounts: where a party is paid."""

from typing import Annotated

from msgspec import Meta

from ledger.events.base import Event, Id, Ref, Sha256


class AccountDeclared(Event, frozen=True, kw_only=True, tag="account.declared"):
    """A party declared an account to be paid on; it takes force after 5 working days.

    Signed by the party twice, with keys of different holders, each in force for 10 working days;
    or by the party and a registrar. Whoever steals one key cannot divert a payment by it.

    Attributes:
        party: whose account it is.
        account: token of the account, used once, ever; payments name it as `payee`.
        bank: the bank's code, a CNAPS number (联行号) or BIC (ISO 20022 `FinInstnId`).
        number: commitment to the account's number, which is kept in the vault.

    """

    party: Ref
    account: Id
    bank: Annotated[str, Meta(pattern=r"\A[0-9A-Z]{8,14}\Z")]
    number: Sha256


EVENTS = (AccountDeclared,)

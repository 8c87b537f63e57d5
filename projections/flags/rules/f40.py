"""F40: an account was changed just before payment, or two parties are paid on one account.

Two cases. A party that had an account declares another, and payment on it is asked for within
`days` (7) of that; a party's first account is no change. Or two parties declare the same number
at the same bank.

Who diverts payments changes the account first: business e-mail compromise and the change of a
supplier's bank details shortly before a payment are the commonest fraud on accounts payable (ACFE,
Fraud Examiners Manual, billing schemes; FBI IC3 reports). Two suppliers on one account are one
supplier, whatever they bid.

An account is paid on from five working days after its declaration, so at the default only weeks
with moved working days give the first case: an auditor who wants the next weeks sets more days.
Numbers are commitments, and whoever salts the same number anew hides it here: a reader of the
vault compares the numbers themselves. Innocent where a bank was changed and the payment was due
anyway. Look at who signed the declaration, call the party on a number known before, and compare
with what the bank says about the holder.
"""

from collections.abc import Iterator

from ledger.times import MS_PER_DAY
from projections.flags.keys import ACCOUNTS, Account
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(account: Account, thresholds: Thresholds) -> Iterator[Flagged]:
    asked = account.first
    if not account.is_first and asked is not None:
        since_ms = asked.requested_ms - account.declared_ms
        if since_ms <= thresholds["days"] * MS_PER_DAY:
            yield Flagged(
                f"party/{account.party}",
                (account.position, asked.position),
                _facts(account, "payment was asked for within days of its declaration"),
                contract=asked.contract,
                party=account.party,
            )
    if account.others:
        yield Flagged(
            f"party/{account.party}",
            (*account.others, account.position),
            _facts(account, "another party declared the same number"),
            party=account.party,
        )


def _facts(account: Account, why: str) -> dict[str, int | str]:
    return {"account": account.account, "why_word": why}


F40 = Rule(
    "f40",
    "account changed before payment, or shared",
    "Account {account}: {why_word}.",
    "ACFE Fraud Examiners Manual, billing schemes",
    ACCOUNTS,
    _judge,
    (
        "payment was asked for within days of its declaration",
        "another party declared the same number",
    ),
)

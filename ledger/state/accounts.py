"""Accounts, as the law remembers them."""

from typing import NamedTuple


class Account(NamedTuple):
    """An account on which a party may be paid: whose it is, and when it takes force."""

    account: str
    party: str
    from_ms: int

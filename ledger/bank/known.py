"""What the ledger knows of the payments that a bank's files name, found by their names there."""

from collections.abc import Iterable

from ledger.bank.accounts import Accounts
from ledger.bank.orders import Order
from ledger.bank.words import Word


class Known:
    """What the ledger knows of the payments that files name."""

    def __init__(
        self,
        origin: str,
        currency: str,
        today: str,
        orders: Iterable[Order],
        accounts: Accounts | None = None,
    ) -> None:
        """Index orders; `today` is the local date, and no value date is later."""
        self.origin = origin
        self.currency = currency
        self.today = today
        self.accounts = accounts or Accounts()
        self.orders = {each.payment: each for each in orders}
        self._by_name: dict[str, Order] = {}
        self._by_uetr: dict[str, Order] = {}
        self._by_message: dict[str, list[Order]] = {}
        self._by_group: dict[str, list[Order]] = {}
        for each in self.orders.values():
            self._by_name[each.end_to_end] = each
            self._by_uetr[each.uetr] = each
            self._by_message.setdefault(each.message_id, []).append(each)
            self._by_group.setdefault(each.group_id, []).append(each)

    def named(self, word: Word) -> list[Order]:
        """Return the different orders that a transaction's references name."""
        found = [
            *([self._by_uetr.get(word.uetr.lower())] if word.uetr else []),
            *([self._by_name.get(word.end_to_end)] if word.end_to_end else []),
            *([self._by_name.get(word.instruction)] if word.instruction else []),
        ]
        return list({each.payment: each for each in found if each is not None}.values())

    def meant(self, word: Word) -> list[Order]:
        """Return every order that a word may be about: one payment's, a group's or a message's."""
        if word.scope == "transaction":
            return self.named(word)
        return self.together(word.message, word.group)

    def together(self, message: str | None, group: str | None) -> list[Order]:
        """Return the orders of a group, or, without one, of a message."""
        if group is not None:
            return self._by_group.get(group, [])
        return self._by_message.get(message or "", [])

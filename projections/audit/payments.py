"""Payments and advances of the ledger's contracts, with the references of the bank."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import UNSET, Struct

from ledger.events import decode_event
from ledger.events.advance import (
    AdvanceOrdered,
    AdvanceRefunded,
    AdvanceRejected,
    AdvanceSettled,
)
from ledger.events.payment import (
    PaymentBounced,
    PaymentDiverted,
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentSettled,
)
from ledger.store.rows import EventRow
from ledger.times import local_date
from projections.audit.contracts import native_contracts
from projections.audit.moment import Moment
from projections.contracts import Contract
from projections.model import types
from projections.paging import MAX_LIMIT
from projections.payments import Payment, list_payments


class PaymentSheet(Struct, frozen=True):
    """A payment of sums owed, or an advance, and the bank's last word on it.

    Attributes:
        payment: its id.
        kind: payment or advance.
        contract: under which contract.
        buyer: the purchasing party.
        provider: the party that serves.
        claims: the claims and other sums it pays, a space between two; none for an advance.
        status: requested, approved, returned, ordered, settled, rejected, bounced or diverted; of
            an advance ordered, settled, rejected or refunded.
        due_on: day by which the first of its sums was to be paid.
        principal_fen: how much of what was owed, or the advance.
        interest_fen: how much interest was ordered with it.
        ordered_fen: what the bank was ordered to pay.
        paid_fen: what it paid and has not taken back.
        payee: token of the account to be paid.
        requested_on: day it was asked for.
        approved_on: day it was approved.
        ordered_on: day the bank was ordered to pay.
        ended_on: day the last word on it was recorded.
        value_date: day the money counts as paid, while it does.
        reason: why it was not paid: an ISO 20022 code of the bank's, or why it was returned.
        message_id: id of the bank file that ordered it (ISO 20022 `MsgId`).
        order_event: id of the event that ordered it.
        order_sha256: hash of the bank file.
        bank_event: id of the event that brought the bank's last word.
        bank_type: type of that event.
        bank_sha256: hash of the bank's entry or answer.
        first_position: position of its request; of an advance, of its order.
        last_position: position of the last event about it.

    """

    payment: str
    kind: str
    contract: str
    buyer: str
    provider: str
    claims: str
    status: str
    due_on: str | None
    principal_fen: int
    interest_fen: int
    ordered_fen: int | None
    paid_fen: int
    payee: str
    requested_on: str | None
    approved_on: str | None
    ordered_on: str | None
    ended_on: str | None
    value_date: str | None
    reason: str | None
    message_id: str | None
    order_event: str | None
    order_sha256: str | None
    bank_event: str | None
    bank_type: str | None
    bank_sha256: str | None
    first_position: int
    last_position: int


_MONEY = types(
    PaymentRequested,
    PaymentOrdered,
    PaymentSettled,
    PaymentRejected,
    PaymentBounced,
    PaymentDiverted,
    AdvanceOrdered,
    AdvanceSettled,
    AdvanceRejected,
    AdvanceRefunded,
)
_ORDERS = (PaymentOrdered, AdvanceOrdered)


NOTHING_SAID: dict[str, str | None] = dict.fromkeys(
    ("message_id", "order_event", "order_sha256", "bank_event", "bank_type", "bank_sha256")
)
"""The columns that tell of a bank, where nothing was said."""
_HEARD = frozenset(
    {
        *_ORDERS,
        PaymentSettled,
        PaymentRejected,
        PaymentBounced,
        PaymentDiverted,
        AdvanceSettled,
        AdvanceRejected,
        AdvanceRefunded,
    }
)


class BankWords:
    """What was said to a bank, and by it, about payments or advances, by their ids."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._said: dict[str, dict[str, str | None]] = {}

    def hear(self, event: Any) -> None:
        """Note an event, where it is such a word."""
        name = getattr(event, "payment", None) or getattr(event, "advance", None)
        if name is None or type(event) not in _HEARD:
            return
        said = self._said.setdefault(name, dict(NOTHING_SAID))
        if isinstance(event, _ORDERS):
            said |= {
                "message_id": event.message_id,
                "order_event": event.id,
                "order_sha256": event.sha256,
            }
        else:
            said |= {
                "bank_event": event.id,
                "bank_type": event.__struct_config__.tag,
                "bank_sha256": event.sha256,
            }

    @property
    def names(self) -> frozenset[str]:
        """The payments and advances about which something was said."""
        return frozenset(self._said)

    def about(self, name: str) -> dict[str, Any]:
        """Return the columns of a payment or advance that tell of it."""
        return self._said.get(name, NOTHING_SAID)


class Amounts:
    """What was asked for, ordered and paid, of payments or advances by their ids, in fen."""

    def __init__(self) -> None:
        """Begin with nothing asked for."""
        self._known: dict[str, dict[str, int | None]] = {}

    def hear(self, event: Any) -> None:
        """Note an event, where it is about such an amount."""
        if isinstance(event, PaymentRequested):
            self._known[event.payment] = _amounts(event.principal_fen, 0, None)
        elif isinstance(event, PaymentOrdered):
            interest_fen = 0 if event.interest_fen is UNSET else event.interest_fen
            ordered_fen = event.principal_fen + interest_fen
            self._known[event.payment] = _amounts(event.principal_fen, interest_fen, ordered_fen)
        elif isinstance(event, AdvanceOrdered):
            self._known[event.advance] = _amounts(event.amount_fen, 0, event.amount_fen)
        elif isinstance(event, PaymentSettled):
            self._pay(event.payment, self._known[event.payment]["ordered_fen"] or 0)
        elif isinstance(event, AdvanceSettled):
            self._pay(event.advance, self._known[event.advance]["ordered_fen"] or 0)
        elif isinstance(event, PaymentBounced):
            self._pay(event.payment, 0)
        elif isinstance(event, AdvanceRefunded):
            paid_fen = self._known[event.advance]["paid_fen"] or 0
            self._pay(event.advance, paid_fen - event.amount_fen)

    def _pay(self, name: str, paid_fen: int) -> None:
        self._known[name]["paid_fen"] = paid_fen

    @property
    def names(self) -> frozenset[str]:
        """The payments and advances that there are."""
        return frozenset(self._known)

    def about(self, name: str) -> dict[str, Any]:
        """Return the columns of a payment or advance that tell of amounts."""
        return self._known[name]


def _amounts(principal_fen: int, interest_fen: int, ordered_fen: int | None) -> dict[str, Any]:
    return {
        "principal_fen": principal_fen,
        "interest_fen": interest_fen,
        "ordered_fen": ordered_fen,
        "paid_fen": 0,
    }


def payment_sheets(moment: Moment) -> Iterator[PaymentSheet]:
    """Yield advances and payments, contract by contract; memory is that of a contract's."""
    for contract in native_contracts(moment):
        words, amounts, advances = BankWords(), Amounts(), _Advances(moment, contract)
        for row in moment.events_of(contract.contract):
            if row.type in _MONEY:
                event = decode_event(row.body)
                words.hear(event)
                amounts.hear(event)
                advances.see(row, event)
        for name, values in advances.found.items():
            yield PaymentSheet(**{**values, **amounts.about(name), **words.about(name)})
        for each in _payments(moment, contract.contract):
            yield _sheet(each, words)


def _payments(moment: Moment, contract: str) -> Iterator[Payment]:
    after: str | None = None
    while True:
        page = list_payments(moment, contract=contract, after=after, limit=MAX_LIMIT)
        yield from page.items
        if page.next is None:
            return
        after = page.next


def _sheet(each: Payment, words: BankWords) -> PaymentSheet:
    return PaymentSheet(
        payment=each.payment,
        kind="payment",
        contract=each.contract,
        buyer=each.buyer.id or "",
        provider=each.provider.id or "",
        claims=" ".join(each.claims),
        status=each.status,
        due_on=each.due_on,
        principal_fen=each.principal_fen,
        interest_fen=each.interest_fen,
        ordered_fen=each.ordered_fen,
        paid_fen=each.paid_fen,
        payee=each.payee,
        requested_on=each.requested_on,
        approved_on=each.approved_on,
        ordered_on=each.ordered_on,
        ended_on=each.ended_on,
        value_date=each.value_date,
        reason=each.reason,
        first_position=each.first_position,
        last_position=each.last_position,
        **words.about(each.payment),
    )


class _Advances:
    """The advances of a contract, as the events about them come."""

    def __init__(self, moment: Moment, contract: Contract) -> None:
        self.found: dict[str, dict[str, Any]] = {}
        self._moment = moment
        self._contract = contract

    def see(self, row: EventRow, event: Any) -> None:
        if isinstance(event, AdvanceOrdered):
            self.found[event.advance] = self._ordered(event, row)
        elif (change := _STEPS.get(type(event))) is not None:
            ended = {"ended_on": self._day(row), "last_position": row.position}
            self.found[event.advance] |= change(event) | ended

    def _day(self, row: EventRow) -> str | None:
        recorded = self._moment.store.statement(row.statement_index)
        if recorded is None:
            return None
        return local_date(recorded.recorded_ms, self._moment.offset_minutes)

    def _ordered(self, event: AdvanceOrdered, row: EventRow) -> dict[str, Any]:
        buyer, providers = self._contract.buyer, self._contract.providers
        return {
            "payment": event.advance,
            "kind": "advance",
            "contract": event.contract,
            "buyer": (buyer and buyer.id) or "",
            "provider": " ".join(each.id or "" for each in providers),
            "claims": "",
            "status": "ordered",
            "due_on": None,
            "payee": event.payee,
            "requested_on": None,
            "approved_on": None,
            "ordered_on": self._day(row),
            "ended_on": None,
            "value_date": None,
            "reason": None,
            "first_position": row.position,
            "last_position": row.position,
        }


def _settled(event: AdvanceSettled) -> dict[str, Any]:
    return {"status": "settled", "value_date": event.value_date}


def _rejected(event: AdvanceRejected) -> dict[str, Any]:
    return {"status": "rejected", "reason": event.reason}


def _refunded(_event: AdvanceRefunded) -> dict[str, Any]:
    return {"status": "refunded"}


_STEPS: dict[type[Any], Callable[[Any], dict[str, Any]]] = {
    AdvanceSettled: _settled,
    AdvanceRejected: _rejected,
    AdvanceRefunded: _refunded,
}

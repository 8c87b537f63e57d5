"""Payments and the sums they pay: "where is my money", and how each fen comes about."""

from typing import Annotated

from msgspec import Struct

from api.http.parameters import After, missing
from api.http.questions import Asked, Question
from api.http.routes.bank_orders import reads_orders
from api.portal.asking import EMPTY_IS_NONE, Word
from api.portal.views import Pages, View
from ledger.events import decode_event
from ledger.state.payment import PaymentStatus
from ledger.store.rows import EventRow
from projections.bank_orders import OrderedFile, list_order_files
from projections.paging import MAX_LIMIT
from projections.payments import PaymentFile, claim_shown, list_payments, payment
from projections.timeline import Occurrence, timeline

pages = Pages()

ROWS = 50
"""Payments a page."""

ORDER_FILES = 20
"""Order files beside the payments, the oldest; the API lists them all."""

_OF_PAYMENTS = "payment."

Status = Annotated[PaymentStatus | None, EMPTY_IS_NONE]


class PaymentPage(Struct, frozen=True):
    """A payment with all that is known of it.

    Attributes:
        position: how many events of the ledger all of this reflects.
        file: the payment, its sums and what changed each of them.
        happened: the payment's own events, in order.

    """

    position: int
    file: PaymentFile
    happened: tuple[Occurrence, ...]


@pages.page("/payments")
def payments(
    question: Asked,
    contract: Word = None,
    provider: Word = None,
    status: Status = None,
    overdue: bool = False,
    after: After = None,
) -> View:
    """List payments."""
    page = list_payments(
        question.projections,
        contract=contract,
        provider=provider,
        status=status,
        overdue=overdue,
        after=after,
        limit=ROWS,
    )
    asked = {"contract": contract, "provider": provider, "status": status, "overdue": overdue}
    shown = {"asked": asked, "orders": _order_files(question)}
    return View("payments.html", page, page.position, shown)


@pages.page("/payments/{name}")
def payment_file(question: Asked, name: str) -> View:
    """Show one payment."""
    found = payment(question.projections, name)
    if found is None:
        raise missing("payment", name)
    document = PaymentPage(found.position, found, _happened(question, found))
    orders = found.payment.ordered_fen is not None and reads_orders(question)
    return View("payment.html", document, found.position, {"has_order_file": orders})


@pages.page("/claims/{name}")
def claim_file(question: Asked, name: str) -> View:
    """Show one claim, or another sum owed."""
    found = claim_shown(question.projections, name)
    if found is None:
        raise missing("claim", name)
    return View("claim.html", found, found.position)


def _order_files(question: Question) -> tuple[OrderedFile, ...] | None:
    """Return the first order files that wait for the bank; None for whoever may not read them."""
    if not reads_orders(question):
        return None
    return list_order_files(question.projections, limit=ORDER_FILES).items


def _happened(question: Question, found: PaymentFile) -> tuple[Occurrence, ...]:
    """Return the events about a payment, from its contract's history."""
    each = found.payment

    def is_of_it(row: EventRow) -> bool:
        if row.position > each.last_position or not row.type.startswith(_OF_PAYMENTS):
            return False
        return getattr(decode_event(row.body), "payment", None) == each.payment

    page = timeline(
        question.projections,
        f"contract/{each.contract}",
        after=each.first_position - 1 if each.first_position else None,
        limit=MAX_LIMIT,
        without_visits=True,
        readable=is_of_it,
    )
    return () if page is None else page.items

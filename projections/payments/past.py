"""Payments as they were, with the sums that they pay."""

from projections.engine import Projections
from projections.past import as_of
from projections.payments.model import PAYMENTS
from projections.payments.queries import payment
from projections.payments.records import PaymentFile
from projections.points import Point


def payment_as_of(projections: Projections, name: str, point: Point) -> PaymentFile | None:
    """Return all that was known of a payment at a point, or None where it was not there yet.

    Raises:
        LedgerError: the read model does not reflect as much yet.

    """
    now = payment(projections, name)
    if now is None:
        return None
    with as_of(projections, PAYMENTS, f"contract/{now.payment.contract}", point) as past:
        return payment(past, name)

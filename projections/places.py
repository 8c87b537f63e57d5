"""In whose history a thing is found that has none of its own."""

from sqlalchemy import select

from ledger.intake.reading import storable
from projections.engine import Projections, Reading
from projections.payments import PAYMENTS
from projections.payments.tables import PAYMENT


def contract_of_payment(projections: Projections, payment: str) -> str | None:
    """Return the contract that a payment is under, or None."""

    def query(reading: Reading) -> str | None:
        table = reading.tables[PAYMENT]
        found = select(table.c.contract).where(table.c.payment == storable(payment))
        contract: str | None = reading.connection.scalar(found)
        return contract

    return projections.read(PAYMENTS, query)

"""Interest on late payment, as the law remembers it."""

from typing import NamedTuple


class Interest(NamedTuple):
    """The interest on one claim.

    Attributes:
        accrued_fen: booked so far, whatever became of it.
        owed_fen: of that, neither waived nor ordered.
        payment: the live payment that is of interest only, or None; interest that is paid together
            with its principal is in the claim's payment.

    """

    accrued_fen: int = 0
    owed_fen: int = 0
    payment: str | None = None

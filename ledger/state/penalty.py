"""What is demanded back, as the law remembers it."""

from typing import Literal, NamedTuple


class Refund(NamedTuple):
    """A refund that was demanded.

    Attributes:
        refund: its id.
        contract: under which contract it was paid.
        amount_fen: how much of it is still to come back.
        status: demanded, or received in full since.

    """

    refund: str
    contract: str
    amount_fen: int
    status: Literal["demanded", "received"]

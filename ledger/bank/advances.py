"""Advances that finance wants to pay, as it gives them to be put into an order file.

No event says that an advance is to be paid before `advance.ordered` says that it was ordered, and
that one names the file. So what it is to say besides is given as JSON lines, which become the file
and the orders:

    {"advance": "v-1", "contract": "c-1", "amount_fen": 24000000, "payee": "account-3f9a51c2"}
"""

from typing import Annotated

import msgspec

from ledger.errors import Malformed
from ledger.events.base import Id, PositiveFen


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An advance that is to be ordered; its fields are those of `advance.ordered`.

    Attributes:
        advance: its id, not used before.
        contract: under which contract.
        amount_fen: how much.
        payee: token of the provider's account.

    """

    advance: Id
    contract: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    amount_fen: PositiveFen
    payee: Id


def read_advances(data: bytes) -> list[Wanted]:
    """Return the advances that are to be ordered, in the order of their lines.

    Raises:
        Malformed: a line is none, with its number; or two have one id.

    """
    decoder = msgspec.json.Decoder(Wanted)
    found: dict[str, Wanted] = {}
    for place, text in enumerate(data.split(b"\n"), 1):
        if not text.strip():
            continue
        try:
            wanted = decoder.decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Malformed(
                f"line {place} of the advances is none: {error}; it is to hold `advance`, "
                "`contract`, `amount_fen` and `payee`"
            ) from None
        if wanted.advance in found:
            raise Malformed(f"line {place} of the advances repeats {wanted.advance}: leave one out")
        found[wanted.advance] = wanted
    return list(found.values())

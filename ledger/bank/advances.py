"""Advances: those that finance wants to pay, and those of which not all can come back.

No event says that an advance is to be paid before `advance.ordered` says that it was ordered, and
that one names the file. So what it is to say besides is given as JSON lines, which become the file
and the orders:

    {"advance": "v-1", "contract": "c-1", "amount_fen": 24000000, "payee": "account-3f9a51c2"}
"""

from collections import Counter
from typing import Annotated

import msgspec

from ledger.bank.references import advance_name
from ledger.errors import Malformed
from ledger.events.base import Id, PositiveFen
from ledger.state import State


class WantedAdvance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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


def read_advances(data: bytes) -> list[WantedAdvance]:
    """Return the advances that are to be ordered, in the order of their lines.

    Raises:
        Malformed: a line is none, with its number; or two have one id.

    """
    decoder = msgspec.json.Decoder(WantedAdvance)
    found: dict[str, WantedAdvance] = {}
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


def used_advances(state: State) -> set[str]:
    """Return the names of advances of which the law would not take the whole back.

    Those of which part was paid back; and all of a contract that has less prepaid than its advances
    came to, since what is recovered is taken of all of them. In fen, at the moment of `state`.
    """
    unspent_fen = Counter[str]()
    for each in state.advances.values():
        if each.status == "settled":
            unspent_fen[each.contract] += each.amount_fen - each.refunded_fen
    recovered = {
        contract
        for contract, fen in unspent_fen.items()
        if sum(state.holdings("prepaid", state.contracts[contract])) != fen
    }
    return {
        advance_name(each.advance)
        for each in state.advances.values()
        if each.contract in recovered or each.refunded_fen not in (0, each.amount_fen)
    }

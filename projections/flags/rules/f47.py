"""F47: a bank paid another account than it was ordered to pay.

A case is any payment that the treasury reports as diverted (`payment.diverted`): the account that
was credited is not the one in the order, by the commitments to their numbers.

Money that reached somebody else is the end of a forged account, a forged bank file, or an error
of the bank. The order binds the bank to the account in it (ISO 20022 pain.001, `CdtrAcct`), and
treasury payment goes from the single account to the final payee directly.

Innocent where a bank replaced the account's number after a merger. Look at who had access to the
bank file whose hash the order names, at the account's declaration, and whether the money is back.
"""

from collections.abc import Iterator

from projections.flags.acts import CREDITS, Credit
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(credit: Credit, _thresholds: Thresholds) -> Iterator[Flagged]:
    if credit.kind == "diverted":
        yield Flagged(
            f"payment/{credit.payment}",
            (credit.position,),
            {"payment": credit.payment},
            contract=credit.contract,
            party=credit.provider,
        )


F47 = Rule(
    "f47",
    "payment diverted",
    "The bank paid another account than payment {payment} was ordered to.",
    "treasury single account; ISO 20022 pain.001",
    CREDITS,
    _judge,
)

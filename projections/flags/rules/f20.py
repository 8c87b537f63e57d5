"""F20: a sum was not paid when it was due.

A case is an accepted claim, or another sum owed, of which anything was still owed on the day
after its last day to be paid (C13: the contract's days, 30 unless it says more, at most 60, from
the acceptance), whether it was paid since or not. The days count to the value date, or to the
ledger's last day.

The law bounds how long a small provider lends to the state: 30 days, 60 where agreed, and interest
from then on (SME Payment Regulation 9, 10, 17). A buyer that pays late as a rule has either no
money or no order in its house; of several providers the one paid late may be the one that gives
nothing.

Innocent for a few days around a bank's rejection or a year's closing. Look at what the payment
waited for (`sunledger explain payment`), and at the other providers of the same buyer.
"""

from collections.abc import Iterator

from ledger.times import parse_date
from projections.flags.claims import CLAIMS, Sum
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(owed: Sum, _thresholds: Thresholds) -> Iterator[Flagged]:
    if owed.late_from is None or owed.due_on is None:
        return
    until = owed.cleared_on or owed.today
    if until >= owed.late_from:
        accepted = owed.accepted_position
        yield Flagged(
            f"contract/{owed.contract}",
            (owed.owed_position, *(() if accepted is None else (accepted,))),
            {
                "claim": owed.key,
                "due": owed.due_on,
                "days": parse_date(until) - parse_date(owed.due_on),
                "amount_fen": owed.payable_fen,
                "state_word": "not paid yet" if owed.cleared_on is None else "paid since",
            },
            contract=owed.contract,
            party=owed.buyer,
        )


F20 = Rule(
    "f20",
    "late payment",
    "{amount_fen} of {claim}, due on {due}, are {days} days late: {state_word}.",
    "SME Payment Regulation (2025) 9, 10 and 17",
    CLAIMS,
    _judge,
    ("not paid yet", "paid since"),
)

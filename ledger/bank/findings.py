"""What becomes of a word: an event, nothing, or a line for a person."""

from typing import Literal, NamedTuple

from ledger.bank.accounts import Opening
from ledger.bank.words import Word

Outcome = Literal[
    "settled", "diverted", "rejected", "bounced", "known", "provisional", "pending", "unmatched"
]
"""What becomes of a word:

- `settled`, `diverted`, `rejected`, `bounced`: the event of that name is signed; of an advance that
  bounced `advance.refunded`;
- `known`: the ledger has it already;
- `provisional`, `pending`: it says nothing final about a payment of ours;
- `unmatched`: a person has to look.
"""

BOOKED: tuple[Outcome, ...] = ("settled", "diverted", "rejected", "bounced")

WHYS = {
    "payment_unknown": "It names no payment that was ordered here.",
    "references_contradict": "Its references name different payments: {payments}.",
    "message_differs": "It answers the message {stated}; the payment was ordered by {expected}.",
    "money_came_in": "Money came in for {payment}; nothing says that it is a return.",
    "credit_reversed": "The bank took back what had come in for {payment}: is it paid after all?",
    "amount_missing": "It does not say how much of {payment} was moved, or in which currency.",
    "amount_differs": "It moves {found}; {payment} was ordered over {expected}.",
    "batch_differs": (
        "The batch has {found_count} payments of {found}; {count} of {expected} were ordered."
    ),
    "value_date_missing": "The entry about {payment} has no value date.",
    "value_date_outside": "Its value date {date} is not between {from_date} and {to_date}.",
    "account_not_compared": (
        "It names the account that was credited for {payment}; import it again with `--accounts`."
    ),
    "settled_already": "{payment} is settled already by another entry: was it paid twice?",
    "twice_in_statement": (
        "Its statement has two entries about {payment}: was it paid, or sent back, twice?"
    ),
    "ended_already": "{payment} is {status} already; this says otherwise.",
    "return_unclear": (
        "{payment} was paid to another account before the right one: which of the two came back?"
    ),
    "advance_elsewhere": (
        "{payment} was paid to another account than was ordered: once that comes back, sign "
        "`advance.rejected`."
    ),
    "advance_used": (
        "{payment} came back, but some of what its contract was advanced is recovered or paid back "
        "already; sign `advance.refunded` over what is left."
    ),
    "not_settled_yet": (
        "{payment} came back, but is {status}: import the file in which it was paid first."
    ),
}
"""Why a person has to look, by code."""


class Why(NamedTuple):
    """Why a person has to look: a code of `WHYS` and its facts."""

    code: str
    facts: tuple[tuple[str, object], ...]

    @property
    def sentence(self) -> str:
        """The sentence."""
        return WHYS[self.code].format(**dict(self.facts))


class Finding(NamedTuple):
    """What becomes of a word.

    Attributes:
        outcome: see `Outcome`.
        file: number of the file it stands in, from 0.
        word: the word.
        payment: which payment it is about, or None.
        event_id: of the event to sign, or empty.
        creditor: commitment to the account that was credited, of what is settled or diverted.
        opening: the number and salt behind `creditor`, where it is no declared account.
        salt: of that opening.
        why: why a person has to look, or None.
        amount_fen: how much the payment is over, of what is booked.

    """

    outcome: Outcome
    file: int
    word: Word
    payment: str | None = None
    event_id: str = ""
    creditor: str = ""
    opening: Opening | None = None
    salt: str = ""
    why: Why | None = None
    amount_fen: int = 0

"""Closings: the operator's daily word on where everything stands, for anyone to recompute."""

from typing import Annotated, Literal, get_args

from msgspec import Meta

from ledger.events.base import Count, DeltaFen, Event, Record, Sha256

AccountName = Literal[
    "source_original",
    "source_adjusted",
    "source_carried",
    "appropriated",
    "allotted",
    "reserved",
    "committed",
    "prepaid",
    "accrued",
    "retained",
    "ordered",
    "advance_ordered",
    "interest_ordered",
    "paid",
    "interest_paid",
    "lapsed",
    "carried",
    "cash",
    "in_transit",
    "advances",
    "payable",
    "retention_payable",
    "interest_payable",
    "equity",
    "penalty_revenue",
    "service_expense",
    "bonus_expense",
    "interest_expense",
]
"""The accounts of the chart (`ledger.postings`)."""

ACCOUNTS = len(get_args(AccountName))


class Counts(Record, frozen=True, kw_only=True):
    """How much there is.

    Attributes:
        contracts: contracts signed.
        keys: keys ever enrolled.
        lines: fund lines.
        parties: parties registered.
        tenders: tenders published.

    """

    contracts: Count
    keys: Count
    lines: Count
    parties: Count
    tenders: Count


class LedgerClosed(Event, frozen=True, kw_only=True, tag="ledger.closed"):
    """The ledger was closed for the day: the state of everything before it. Signed by the operator.

    It stands alone in its statement. Whoever replays recomputes every figure.

    Attributes:
        log_size: statements before it, which is its own index.
        state_root: RFC 6962 root over the leaves of the state, hex (docs/formats: closing).
        state_size: number of leaves.
        trial_balance: a total per account over all lines, fen on the account's normal side.
        counts: how much there is.

    """

    log_size: Count
    state_root: Sha256
    state_size: Count
    trial_balance: Annotated[
        dict[AccountName, DeltaFen], Meta(min_length=ACCOUNTS, max_length=ACCOUNTS)
    ]
    counts: Counts


EVENTS = (LedgerClosed,)

"""Figures: every number that is shown of a contract, fund line or payment, as a sum over events.

A figure of a subject is the sum of what each event of the subject's history adds to it: an amount
or a count that the event states, or what its postings moved on an account. So a figure is one
entry of a table, and whoever holds the history of a subject, with its postings, can add it up
again (`ledger.sums`), without a state and without a read model:

    figure          adds                                              states
    visits          1 a visit.recorded                                a number
    claimed         claim_fen of a claim.submitted                    fen
    paid            what postings move on the account `paid`          fen
    line-1/ordered  the same on one line, for every account           fen

What an event adds may hang on events before it (a bounce takes back what was settled, an exit is
one of the tier the person came with): such figures are `told` by functions that remember.

Some figures are a family, named by what they are of: visits and units by the day of the visit
(`ledger.delivered`), what scores found of an indicator. A claim's (`ledger.owing`) and a payment's
are in the history of its contract.

How far money came, month by month (`stage/paid`), and what was debited and credited, are sums over
single postings, which `ledger.sums` adds where it is asked for flows. A history proof shows what
postings come to and not each of them, so these are of the ledger alone.

`accrued` of a contract is what was accepted in all, paid since or not (the expense of the books);
the account of that name, which empties again, is `<line>/accrued`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from msgspec import UNSET

from ledger.events import Event
from ledger.events.award import AwardCancelled, AwardChallenged, AwardDecided
from ledger.events.bid import (
    BidDisqualified,
    BidForfeited,
    BidRevealed,
    BidSealed,
    BidWithdrawn,
)
from ledger.events.budget import ProgrammeEstablished
from ledger.events.claim import ClaimAgreed, ClaimAnswered, ClaimSubmitted
from ledger.events.contract import ContractAmended, ContractSigned
from ledger.events.delivery import BeneficiaryEnrolled, BeneficiaryExited, VisitRecorded
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.payment import PaymentOrdered, PaymentRequested
from ledger.events.score import ScoreFinalised
from ledger.events.tender import QuestionAnswered, QuestionAsked, TenderAmended, TenderPublished
from ledger.postings import CHART, SOURCES, STAGES
from ledger.remembering import STATUSES, TIERS

Unit = Literal["fen", "count", "ppm"]
"""Money, pieces, or parts per million."""


class Moved(NamedTuple):
    """A posting, as far as figures use it: `about` is its contract or tender lot, or nothing."""

    debit: str
    credit: str
    line: str
    about: str
    amount_fen: int


class Figure(NamedTuple):
    """A number that is shown of a kind of subject.

    Attributes:
        name: what it is called.
        unit: fen, a count, or parts per million.
        stated: what each event of a type adds, from the event itself.
        accounts: the accounts whose balances it adds up, each with its sign.
        told: whether events add to it that must be read after those before them (`TOLD`).
        is_family: whether it is many figures, named `<name>/…`.

    """

    name: str
    unit: Unit
    stated: Mapping[type[Event], Callable[[Any], int]] = {}
    accounts: Mapping[str, int] = {}
    told: bool = False
    is_family: bool = False

    @property
    def states(self) -> bool:
        """Whether events say what they add, by themselves or after those before them."""
        return self.told or bool(self.stated)


def one(_event: Event) -> int:
    """Count an event; nothing of it need be read."""
    return 1


def _value(event: ContractSigned) -> int:
    return event.value_fen


def _value_change(event: ContractAmended) -> int:
    return event.value_delta_fen


def _claim(event: ClaimSubmitted) -> int:
    return event.claim_fen


def _lines(event: DisputeOpened | DisputeSettled | DisputeRuled) -> int:
    return sum(line.amount_fen for line in event.lines)


def _cut(event: ClaimAnswered) -> int:
    return sum(cut.amount_fen for cut in event.cuts)


def _came_back(event: ClaimAgreed) -> int:
    return -sum(line.amount_fen for line in event.returned)


def _contested(event: DisputeOpened) -> int:
    return -_lines(event)


def _not_awarded(event: DisputeSettled | DisputeRuled) -> int:
    return _lines(event) - event.awarded_fen


def _disputed(event: ClaimAnswered) -> int:
    return sum(each.amount_fen for each in event.disputed)


def _decided(event: DisputeSettled | DisputeRuled) -> int:
    return -_lines(event)


def _awarded(event: DisputeSettled | DisputeRuled) -> int:
    return event.awarded_fen


def _won(event: DisputeSettled | DisputeRuled) -> int:
    return int(not _not_awarded(event))


def _lost(event: DisputeSettled | DisputeRuled) -> int:
    return int(bool(_not_awarded(event)) and not event.awarded_fen)


def _split(event: DisputeSettled | DisputeRuled) -> int:
    return int(bool(_not_awarded(event)) and bool(event.awarded_fen))


def _gone(_event: Event) -> int:
    return -1


def _total(event: ScoreFinalised) -> int:
    return event.total_ppm


def _factor(event: ScoreFinalised) -> int:
    return event.factor_ppm


def _principal(event: PaymentRequested) -> int:
    return event.principal_fen


def _interest(event: PaymentOrdered) -> int:
    return 0 if event.interest_fen is UNSET else event.interest_fen


def _ordered(event: PaymentOrdered) -> int:
    return event.principal_fen + _interest(event)


VISITED = ("delivered", "person")
"""Families of figures by the day of the visit (`ledger.delivered`)."""

OWED = (
    "gross",
    "self_pay",
    "claimed",
    "accepted",
    "cut",
    "disputed",
    "recovered",
    "retained",
    "deducted",
    "set_off",
    "payable",
    "ordered",
    "paid",
    "interest_booked",
    "interest_waived",
    "interest_owed",
    "interest_paid",
)
"""Amounts of a claim, or of a sum owed beyond claims (`ledger.owing`).

What is payable of one that was accepted is `claimed` less `cut` and `disputed` as it was answered,
and less `recovered`, `retained`, `deducted` and `set_off`.
"""

FIGURES: Mapping[str, tuple[Figure, ...]] = {
    "contract": (
        Figure("value", "fen", {ContractSigned: _value, ContractAmended: _value_change}),
        Figure("accrued", "fen", accounts={"service_expense": 1, "bonus_expense": 1}),
        Figure("paid", "fen", accounts={"paid": 1}),
        Figure("visits", "count", {VisitRecorded: one}),
        Figure("claims", "count", {ClaimSubmitted: one}),
        Figure("claimed", "fen", {ClaimSubmitted: _claim}),
        Figure(
            "cut",
            "fen",
            {
                ClaimAnswered: _cut,
                ClaimAgreed: _came_back,
                DisputeOpened: _contested,
                DisputeSettled: _not_awarded,
                DisputeRuled: _not_awarded,
            },
        ),
        Figure(
            "disputed",
            "fen",
            {
                ClaimAnswered: _disputed,
                DisputeOpened: _lines,
                DisputeSettled: _decided,
                DisputeRuled: _decided,
            },
        ),
        Figure("contested", "count", {DisputeOpened: one}),
        Figure("won", "count", {DisputeSettled: _won, DisputeRuled: _won}),
        Figure("lost", "count", {DisputeSettled: _lost, DisputeRuled: _lost}),
        Figure("split", "count", {DisputeSettled: _split, DisputeRuled: _split}),
        Figure("awarded", "fen", {DisputeSettled: _awarded, DisputeRuled: _awarded}),
        Figure("refused", "fen", {DisputeSettled: _not_awarded, DisputeRuled: _not_awarded}),
        Figure("scores", "count", {ScoreFinalised: one}),
        Figure("score_sum", "ppm", {ScoreFinalised: _total}),
        Figure("factor_sum", "ppm", {ScoreFinalised: _factor}),
        Figure("indicator", "count", told=True, is_family=True),
        *(Figure(status, "count", told=True) for status in STATUSES),
        Figure("settled", "count", told=True),
        Figure("assignments", "count", told=True),
        Figure("assigned", "fen", told=True),
        *(
            Figure(account, "fen", accounts={account: 1})
            for account in (
                "payable",
                "retention_payable",
                "interest_payable",
                "interest_paid",
                "advances",
            )
        ),
        *(Figure(name, "count", told=True, is_family=True) for name in VISITED),
    ),
    "line": (
        Figure("granted", "fen", accounts=dict.fromkeys(SOURCES, -1)),
        *(Figure(account, "fen", accounts={account: 1}) for account in CHART),
    ),
    "tender": (
        Figure("reserved", "fen", accounts={"reserved": 1}),
        Figure("published", "count", {TenderPublished: one}),
        Figure("open", "count", told=True),
        Figure("value", "fen", told=True),
        Figure("lots", "count", told=True),
        Figure("amendments", "count", {TenderAmended: one}),
        Figure("questions", "count", {QuestionAsked: one}),
        Figure("answered", "count", {QuestionAnswered: one}),
        Figure("bids", "count", {BidSealed: one}),
        Figure("valid", "count", {BidRevealed: one, BidDisqualified: _gone}),
        Figure("withdrawn", "count", {BidWithdrawn: one}),
        Figure("forfeited", "count", {BidForfeited: one}),
        Figure("disqualified", "count", {BidDisqualified: one}),
        Figure("awards", "count", {AwardDecided: one}),
        Figure("cancelled_awards", "count", {AwardCancelled: one}),
        Figure("challenges", "count", {AwardChallenged: one}),
        Figure("lot", "count", told=True, is_family=True),
    ),
    "programme": (
        Figure("established", "count", {ProgrammeEstablished: one}),
        Figure("enrolled", "count", {BeneficiaryEnrolled: one}),
        Figure("exited", "count", {BeneficiaryExited: one}),
        Figure("entitled", "count", {BeneficiaryEnrolled: one, BeneficiaryExited: _gone}),
        *(
            Figure(f"{what}/{tier}", "count", told=True)
            for what in ("enrolled", "exited")
            for tier in TIERS
        ),
        Figure("reports", "count", told=True, is_family=True),
    ),
    "payment": (
        Figure("principal", "fen", {PaymentRequested: _principal}),
        Figure("interest", "fen", {PaymentOrdered: _interest}),
        Figure("ordered", "fen", {PaymentOrdered: _ordered}),
        Figure("paid", "fen", told=True),
    ),
    "claim": (
        Figure("visits", "count", told=True),
        *(Figure(name, "fen", told=True) for name in OWED),
    ),
}
"""Every figure, by the kind of its subject; `contract` has every account by line besides."""


def figure_of(kind: str, name: str) -> Figure | None:
    """Return the figure of a name, or the family that it is of; None of an account by line."""
    family = name.partition("/")[0] if name.count("/") > 1 and not is_flow(name) else ""
    for each in FIGURES[kind]:
        if each.name == name or (each.is_family and each.name == family):
            return each
    return None


def unit_of(kind: str, name: str) -> Unit:
    """Return the unit of a figure; one of a family has that of the figure it ends in."""
    last = name.rpartition("/")[2]
    figure = figure_of(kind, name)
    if figure is not None and figure.is_family:
        figure = next((each for each in FIGURES[kind] if each.name == last), figure)
    return "fen" if figure is None else figure.unit


def is_flow(name: str) -> bool:
    """Return whether a figure is a sum over single postings, which no history proof shows."""
    *_, side, last = ("", *name.split("/"))
    return (side == "stage" and last in STAGES) or (side in {"debit", "credit"} and last in CHART)

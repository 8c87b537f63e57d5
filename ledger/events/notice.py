"""Notices: whoever means to act against another tells them first, and hears them.

    notice.given  ──────────── silence to reply_by ───────────▶ stands
                  ── notice.answered: accepts ────────────────▶ stands
                  ── notice.answered: contests ─ notice.decided ▶ upheld: stands; or falls

A notice that stands backs one act of the type it names, about what it names, up to its amount
or the amount decided. This is how no act by one side lowers the other's money or standing.
"""

from typing import Literal

from msgspec import UNSET, UnsetType

from ledger.events.base import Date, Event, Id, PositiveFen, Ref

AdverseAct = Literal[
    "contract.closed",
    "penalty.imposed",
    "refund.demanded",
    "qualification.suspended",
    "sanction.imposed",
]
"""Event types that one side may sign alone, after notice."""

Ground = Literal[
    "LATE_DELIVERY",
    "NOT_DELIVERED",
    "QUALITY",
    "UNQUALIFIED_WORKER",
    "FALSE_RECORD",
    "OVERPAYMENT",
    "BREACH",
    "SAFETY",
    "QUALIFICATION_LOST",
    "MISCONDUCT",
    "COMPLETED",
    "OTHER",
]
"""Why one side means to act: a closed list, so that grounds can be counted and compared."""


class NoticeGiven(Event, frozen=True, kw_only=True, tag="notice.given"):
    """One side told another what it means to do. Signed by the side that means to act.

    Attributes:
        notice: its id.
        to: the party told: the side that the act would touch.
        act: the adverse act, by its event type.
        about: the contract, qualification or party that the act would be about.
        ground: why.
        amount_fen: the most the act may take, where it takes money.
        reply_by: last local day to answer; at least 5 working days ahead, at most 90 days.

    """

    notice: Id
    to: Ref
    act: AdverseAct
    about: Ref
    ground: Ground
    reply_by: Date
    amount_fen: PositiveFen | UnsetType = UNSET


class NoticeAnswered(Event, frozen=True, kw_only=True, tag="notice.answered"):
    """A notice was answered, once and in time. Signed by the party told, in whatever role.

    Attributes:
        notice: which.
        answer: whether the party told accepts what is meant to be done, or contests it.

    """

    notice: Ref
    answer: Literal["accepts", "contests"]


class NoticeDecided(Event, frozen=True, kw_only=True, tag="notice.decided"):
    """A contested notice was decided. Signed by a reviewer that belongs to neither side.

    Attributes:
        notice: which.
        upheld: whether the act may be done.
        amount_fen: the most it may take, where that is less than the notice said.

    """

    notice: Ref
    upheld: bool
    amount_fen: PositiveFen | UnsetType = UNSET


EVENTS = (NoticeGiven, NoticeAnswered, NoticeDecided)

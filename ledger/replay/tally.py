"""What a reckoning keeps of one contract: its own figures, beside the state and never out of it.

The state is asked only for what a formula needs at its position: what accounts hold, the terms of
the contract, which claims may be set off. What is payable on each sum, the interest on it and what
is held back is kept here, event by event, so that it can differ from what the history says.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ledger.events import Event
from ledger.money import set_off
from ledger.replay.explanation import Share
from ledger.replay.steps import Part, Step, Where
from ledger.state import State
from ledger.state.payment import PaymentStatus

Flow = tuple[str, str, str]
"""A debited and a credited account, and the fund line, or "" for all lines together."""


@dataclass
class Sum:
    """A claim as far as it is to be paid, or a sum owed beyond claims. Days are since 1970-01-01.

    Attributes:
        name: the claim, or the event that made it so.
        origin: the claim that it comes of, or "" where it comes of none.
        until: last day billed, of a claim.
        claim_fen: asked for.
        accepted_fen: accepted in all.
        payable_fen: to be paid.
        disputed_fen: waiting.
        answer_by: last day on which a claim can be answered.
        since: day from which it is to be paid within the contract's pay days, or None.
        accrued_fen: interest booked so far.
        owed_fen: of that, neither waived nor ordered.

    """

    name: str
    origin: str
    until: str = ""
    claim_fen: int = 0
    accepted_fen: int = 0
    payable_fen: int = 0
    disputed_fen: int = 0
    answer_by: int = 0
    since: int | None = None
    accrued_fen: int = 0
    owed_fen: int = 0


@dataclass
class Request:
    """A payment as it was asked for, and how far it got.

    Attributes:
        payment: its id.
        sums: what it pays.
        only_interest: whether no principal was asked for.
        status: how far it got.
        shares: what each sum brings to the order; empty before it.
        principal_fen: ordered.
        interest_fen: ordered.
        ordered_fen: what the order itself states; None before it.
        last_day: day of the value that settled it, while it is.

    """

    payment: str
    sums: tuple[str, ...]
    only_interest: bool
    status: PaymentStatus = "requested"
    shares: tuple[Share, ...] = ()
    principal_fen: int = 0
    interest_fen: int = 0
    ordered_fen: int | None = None
    last_day: int | None = None


@dataclass
class Note:
    """What was found of one event.

    Attributes:
        step: the step.
        topics: what it is about: `sum/…`, `claim/…`, `score/…`, `payment/…`, or `advance`.
        flows: what its postings must come to, fen.
        figures: what its fields must state: name, recomputed, stated.

    """

    step: Step
    topics: set[str]
    flows: dict[Flow, int] = field(default_factory=dict)
    figures: list[tuple[str, int, int]] = field(default_factory=list)


class Tally:
    """The figures of one contract, up to a position."""

    def __init__(self, contract: str) -> None:
        """Begin before the contract's first event."""
        self.contract = contract
        self.sums: dict[str, Sum] = {}
        self.requests: dict[str, Request] = {}
        self.scores: set[str] = set()
        self.advances: dict[str, int] = {}
        self.held: list[Part] = []  # by acceptance: what it held back
        self.taken: list[Part] = []  # by deduction or release: what it took of that
        self.memos: dict[str, int] = {}  # by deduction: what is left for later acceptances
        self.notes: dict[str, Note] = {}  # by event

    def concerns(self, event: Event) -> bool:
        """Return whether an event is of this contract, as far as it can bear on a payment."""
        for name, known in (
            ("contract", {self.contract}),
            ("claim", self.sums),
            ("payment", self.requests),
            ("score", self.scores),
            ("advance", self.advances),
        ):
            ref = getattr(event, name, None)
            if ref is not None:
                return ref in known
        return False

    def held_fen(self) -> int:
        """Return what is held back."""
        return sum(part.fen for part in self.held) - sum(part.fen for part in self.taken)

    def use_memos(self, amount_fen: int, sum_name: str) -> None:
        """Take from what deductions left open, the oldest first; they bear on that sum."""
        for event, memo_fen in self.memos.items():
            part_fen = min(memo_fen, amount_fen)
            if part_fen:
                self.memos[event] -= part_fen
                self.notes[event].topics.add(f"sum/{sum_name}")
                amount_fen -= part_fen

    def set_off(self, amount_fen: int, names: list[str]) -> tuple[Part, ...]:
        """Lower sums by an amount, in their order, each as far as it goes."""
        payables = [(name, self.sums[name].payable_fen) for name in names]
        taken = tuple(Part(name, fen) for name, fen in set_off(amount_fen, payables))
        for part in taken:
            self.sums[part.of].payable_fen -= part.fen
        return taken


Noting = Callable[[Tally, State, Any, Where], Note | None]
"""Notes what an event means, from the state before it; None where nothing is to be shown of it."""

"""Notices, as the law remembers them."""

from typing import Literal, NamedTuple

from ledger.events.notice import AdverseAct, Ground


class Notice(NamedTuple):
    """A notice and what became of it.

    Attributes:
        notice: its id.
        giver: the party that means to act.
        to: the party told.
        act: the adverse act, by its event type.
        about: what the act would be about.
        ground: why.
        amount_fen: the most the act may take, as given or as decided; 0 where it takes none.
        reply_by: last local day to answer.
        reply_end_ms: the instant at which that day ends.
        status: given, accepted, contested, upheld, or dismissed by a reviewer.
        reviewer: the party that decided, or None.
        contract: the contract concerned, or None.
        spent: whether it has backed its act.
        given_ms: when it was given, milliseconds since the epoch.

    """

    notice: str
    giver: str
    to: str
    act: AdverseAct
    about: str
    ground: Ground
    amount_fen: int
    reply_by: str
    reply_end_ms: int
    status: Literal["given", "accepted", "contested", "upheld", "dismissed"]
    reviewer: str | None
    contract: str | None
    spent: bool
    given_ms: int

    @property
    def home(self) -> str:
        """Key of the subject concerned: the contract, else the party told."""
        return f"party/{self.to}" if self.contract is None else f"contract/{self.contract}"

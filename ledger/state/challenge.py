"""Challenges and complaints, as the law remembers them."""

from typing import Literal, NamedTuple


class Challenge(NamedTuple):
    """A challenge to a tender or to one of its awards.

    Attributes:
        challenge: its id.
        tender: about which tender.
        award: which of its awards, or None for the tender itself.
        challenger: whose.
        status: filed; accepted or rejected by the purchaser's reply or by a ruling.
        answer_end_ms: until when the purchaser should reply (C07).
        complaint_end_ms: until when a complaint can take it further (C07): counted from the reply,
            before there is one from the last day for it.
        complaint: the complaint that took it further, or None.

    """

    challenge: str
    tender: str
    award: str | None
    challenger: str
    status: Literal["filed", "accepted", "rejected"]
    answer_end_ms: int
    complaint_end_ms: int
    complaint: str | None


class Complaint(NamedTuple):
    """A complaint to the supervisor.

    Attributes:
        complaint: its id.
        challenge: which challenge it takes further.
        complainant: whose.
        decided: whether the supervisor has ruled.
        suspended_until_ms: until when no contract may be signed, or 0.

    """

    complaint: str
    challenge: str
    complainant: str
    decided: bool
    suspended_until_ms: int

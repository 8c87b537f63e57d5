"""Recoveries of keys, recent acts and doubts, as the law remembers them."""

from typing import NamedTuple


class Recovery(NamedTuple):
    """A recovery of a party's keys by a registrar.

    Attributes:
        party: whose.
        key: name of the new key.
        lost: names of the keys that it replaces.
        from_ms: when it takes force.
        ended: whether it was contested, or its key revoked, before that.

    """

    party: str
    key: str
    lost: tuple[str, ...]
    from_ms: int
    ended: bool


class RecentAct(NamedTuple):
    """An act that may come into doubt, kept for as long as a `since` may lie back.

    Attributes:
        event: its event's id.
        type: its event's type.
        about: what it did, `<kind>/<id>`: key, account, claim (made it payable), confirmation and
            assignment (of a claim's receivable), request, approval, order.
        keys: names of the keys that signed it, without the key that it enrols.
        recorded_ms: when it was recorded.

    """

    event: str
    type: str
    about: str
    keys: tuple[str, ...]
    recorded_ms: int


class DoubtedAct(NamedTuple):
    """An act that is held.

    Attributes:
        event: its event's id.
        type: its event's type.
        key: name of the key in doubt that signed it.
        party: whose key that is: who may reaffirm the act.

    """

    event: str
    type: str
    key: str
    party: str

"""A purchase as the procurement rules see it, whether this ledger ran it or others published it.

The words are those of OCDS, so that the rules are the published indicators of the Open
Contracting Partnership's Cardinal on compiled releases too:

    here                 a lot of this ledger                     a published process
    method               open; invited is selective; single       as published
                         source is direct; the rest is limited
    a bid's status       revealed is valid; sealed is pending;    as published
                         forfeited is withdrawn
    an award's status    standing is active                       as published

A lot is a purchase of its own, because its bids compete with each other and with no others. What
is published of a process rarely says which bid is for which lot: there the process is one.
"""

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

NATIVE = "native"
"""Origin of a purchase of this ledger."""

REPORTED = "reported"
"""Origin of a purchase that others published."""

COMPETITIVE = frozenset(["open", "selective"])
"""Methods by which everybody, or everybody invited, may bid."""

SUBMITTED = frozenset(["pending", "valid", "disqualified"])
"""Statuses of bids that were handed in and not taken back."""

_SETTLED = frozenset(["active", "cancelled", "unsuccessful"])


class Bid(NamedTuple):
    """A bid.

    Attributes:
        status: invited, pending, valid, disqualified or withdrawn.
        tenderers: who bids, together.
        amount_minor: the price in minor units of `currency`, or None.
        currency: of the price.
        received_ms: when it was received, milliseconds since the epoch, or None.
        evidence: positions of the events about it.

    """

    status: str
    tenderers: tuple[str, ...]
    amount_minor: int | None
    currency: str
    received_ms: int | None
    evidence: tuple[int, ...]


class Award(NamedTuple):
    """An award.

    Attributes:
        status: pending, active, cancelled or unsuccessful.
        suppliers: who wins, together.
        categories: what is awarded: categories of services, else classification codes.
        evidence: positions of the events about it.

    """

    status: str
    suppliers: tuple[str, ...]
    categories: tuple[str, ...]
    evidence: tuple[int, ...]


class Purchase(NamedTuple):
    """A purchase.

    Attributes:
        key: what it is known by among all purchases.
        subject: what a flag names, `tender/t-1` or `process/ocds-213czf-1`.
        origin: native or reported.
        method: OCDS `procurementMethod`; may be empty.
        details: OCDS `procurementMethodDetails`; may be empty.
        cancelled: whether it was called off.
        failed: whether it failed, and nothing was bought.
        judged: whether it is settled which bids are valid.
        buyer: who buys; may be empty.
        tenderers: how many bid, where that is published; else None.
        opens_ms: from when bids are received, or None.
        closes_ms: until when, or None.
        bids: the bids.
        awards: the awards.
        evidence: positions of the events that made it, its publication first.

    """

    key: str
    subject: str
    origin: str
    method: str
    details: str
    cancelled: bool
    failed: bool
    judged: bool
    buyer: str
    tenderers: int | None
    opens_ms: int | None
    closes_ms: int | None
    bids: tuple[Bid, ...]
    awards: tuple[Award, ...]
    evidence: tuple[int, ...]


class Contest(NamedTuple):
    """The winning bid and the lowest of the others (Cardinal R024, R058).

    Attributes:
        winner: who won.
        second: who bid the lowest of the others.
        winning: the winner's bid.
        lowest: that other bid.
        difference: by how much the other bid is higher, as a share of the winning one.

    """

    winner: str
    second: str
    winning: Bid
    lowest: Bid
    difference: Fraction


def submitted(purchase: Purchase) -> list[Bid]:
    """Return the bids that were handed in and not taken back."""
    return [bid for bid in purchase.bids if bid.status in SUBMITTED]


def active(purchase: Purchase) -> list[Award]:
    """Return the awards in force."""
    return [award for award in purchase.awards if award.status == "active"]


def final_awards(purchase: Purchase) -> list[Award]:
    """Return the awards in force, or none while one is pending or of no known status."""
    if any(award.status not in _SETTLED for award in purchase.awards):
        return []
    return active(purchase)


def only_winner(purchase: Purchase) -> str | None:
    """Return who won, where one award to one supplier decided all; else None."""
    awards = final_awards(purchase)
    if purchase.cancelled or len(awards) != 1 or len(awards[0].suppliers) != 1:
        return None
    return awards[0].suppliers[0]


def contest_of(purchase: Purchase, excluded: Collection[str] = ()) -> Contest | None:
    """Return the winning bid beside the lowest other one.

    None where there are no two valid bids of one bidder each in one currency, or where the lowest
    bid did not win: then more than the price decided. `excluded` are methods (by their details)
    under which prices are not compared.
    """
    winner = only_winner(purchase)
    if winner is None or purchase.details in excluded:
        return None
    valid = [
        bid
        for bid in purchase.bids
        if bid.status == "valid" and len(bid.tenderers) == 1 and bid.amount_minor is not None
    ]
    own = _lowest(bid for bid in valid if bid.tenderers[0] == winner)
    if own is None:
        return None
    others = (bid for bid in valid if bid.tenderers[0] != winner and bid.currency == own.currency)
    lowest = _lowest(others)
    own_minor, lowest_minor = own.amount_minor, lowest.amount_minor if lowest else None
    if lowest is None or not own_minor or lowest_minor is None or lowest_minor < own_minor:
        return None
    difference = Fraction(lowest_minor - own_minor, own_minor)
    return Contest(winner, lowest.tenderers[0], own, lowest, difference)


def evidence_of(*parts: Iterable[int]) -> tuple[int, ...]:
    """Return positions once each, in order."""
    return tuple(sorted({position for part in parts for position in part}))


def evidence_of_bids(bids: Iterable[Bid]) -> tuple[int, ...]:
    """Return the positions of events about bids, in order."""
    return evidence_of(*(bid.evidence for bid in bids))


def percent(share: Fraction) -> str:
    """Return a share as per cent with two decimals, cut off: 2/3 is `66.66`."""
    hundredths = int(share * 10_000)
    sign = "-" if hundredths < 0 else ""
    whole, rest = divmod(abs(hundredths), 100)
    return f"{sign}{whole}.{rest:02}"


def named(names: Iterable[str]) -> str:
    """Return names as a sentence lists them."""
    return ", ".join(names)


def party_of(purchase: Purchase, name: str) -> str | None:
    """Return a bidder as a party of this ledger; None for one that others published."""
    return name if purchase.origin == NATIVE else None


def subject_of(origin: str, name: str) -> str:
    """Return a bidder or buyer as the subject of a flag."""
    return f"{'party' if origin == NATIVE else 'organisation'}/{name}"


def _lowest(bids: Iterable[Bid]) -> Bid | None:
    found: Sequence[Bid] = list(bids)
    return min(found, key=lambda bid: bid.amount_minor or 0, default=None)

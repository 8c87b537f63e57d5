"""Contracts, as the law remembers them."""

from typing import Literal, NamedTuple

from ledger.parties import Case, Seat


class Contract(NamedTuple):
    """A contract, with what every visit under it must be judged by.

    Attributes:
        contract: its id.
        award: the award it carries out.
        programme: the programme it serves.
        buyer: purchasing party.
        provider: serving party.
        lines: (fund line, share in parts per million), in the contract's order; a line that
            was carried over stays, with a share of zero: what was paid from it stands there. So
            is one that funds a later year, until both sides give it a share.
        items: by service code its rate in fen, and the most units.
        value_fen: its value, amendments included.
        original_fen: its value when signed.
        later_fen: by later year, what of its value no budget covers yet.
        released_fen: what its termination gave back of its value.
        supplements_fen: what amendments added to it, those that took away not counted.
        from_date: first day of service.
        to_date: last day of service.
        acceptance_days: days its buyer has to answer a claim.
        pay_days: days until an accepted claim is to be paid.
        bonus_max_fen: part of the value that only bonuses may use.
        advance_ppm: the most that may be paid in advance.
        recovery_ppm: share of every acceptance by which an advance is recovered.
        retention_ppm: share of every acceptance that is held back.
        retention_release: local date on which what is held back falls due.
        pay: rule version that scales its pay, or None.
        score: rule version that scores it, or None.
        incentive: rule version by which good work counts, or None.
        late_rate_ppm: interest a year on late payment.
        status: active, suspended, terminated or closed.
        stops: when nothing is served under it, from and to the instants at which that was
            recorded; None where it goes on. Empty means that it is active and always was.
        published: whether its text was published.
        promised_fen: sum of its open claims and disputes.
        deduction_memo_fen: deducted, and not yet taken from anything: the next acceptance pays it.
        bonus_granted_fen: bonuses granted so far.
        advanced_fen: advances ordered or paid, less those rejected and what was refunded.
        case: what scopes and separation of duties ask about it.
        provider_seats: the seats of an act of its provider alone.

    """

    contract: str
    award: str
    programme: str
    buyer: str
    provider: str
    lines: tuple[tuple[str, int], ...]
    items: dict[str, tuple[int, int]]
    value_fen: int
    original_fen: int
    later_fen: dict[int, int]
    released_fen: int
    supplements_fen: int
    from_date: str
    to_date: str
    acceptance_days: int
    pay_days: int
    bonus_max_fen: int
    advance_ppm: int
    recovery_ppm: int
    retention_ppm: int
    retention_release: str
    pay: str | None
    score: str | None
    incentive: str | None
    late_rate_ppm: int
    status: Literal["active", "suspended", "terminated", "closed"]
    stops: tuple[tuple[str, str | None], ...]
    published: bool
    promised_fen: int
    deduction_memo_fen: int
    bonus_granted_fen: int
    advanced_fen: int
    case: Case
    provider_seats: tuple[Seat, ...]


def carried_lines(
    lines: tuple[tuple[str, int], ...], from_line: str, to_line: str
) -> tuple[tuple[str, int], ...]:
    """Return a contract's lines after what it had on `from_line` was carried to `to_line`.

    The new line takes the old one's place and share, or adds that share to its own where the
    contract has it already. The old line stays with a share of zero.
    """
    shares = dict(lines)
    share_ppm = shares[from_line]
    if to_line in shares:
        shares[to_line] += share_ppm
        return tuple((line, 0 if line == from_line else held) for line, held in shares.items())
    renamed = [(to_line if line == from_line else line, held) for line, held in lines]
    return (*renamed, (from_line, 0))

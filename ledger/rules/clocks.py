"""Clocks: what the law gives when a time has run out, whether or not anybody books it.

Four clocks end in an event of their own, which anybody of the case may submit and the operator
must (docs: rules, Legal clocks):

    C12  claim.deemed_accepted    the purchaser did not answer within the contract's days
    C13  interest.accrued         a month ended, or the bank paid, and a sum was late
    C20  bid.forfeited            a sealed bid was not shown within its hours
    C21  retention.released       the day of release came, and no notice from before it is open

`first_due` gives those that are due in one state at one instant, as far as they do not change each
other: a silence first, since what it accepts may be held back; then what is held back; then
interest. Booking them and asking again, until nothing is due, is a *tick*; a second tick books
nothing. The books are not closed while anything is due.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ledger.events import Event, name_of_type, version_of
from ledger.events.bid import BidForfeited
from ledger.events.claim import ClaimDeemedAccepted
from ledger.events.interest import InterestAccrued
from ledger.events.retention import RetentionReleased
from ledger.rules.deadline import end_of_day
from ledger.rules.interest import accrual_of, counted_to
from ledger.rules.notice import open_notice
from ledger.rules.retention import release_due_ms
from ledger.state import State
from ledger.times import format_instant, local_date, parse_date

MAX_DUE = 1_000
"""Events a statement of a tick, so that it is never too large for one."""


class Due(NamedTuple):
    """An event that a clock gives.

    Attributes:
        event_class: its type.
        about: id of the claim, contract or bid it is about.
        due_ms: when the clock ran out, milliseconds since the epoch; what started it may have
            come later than that, as with a sum awarded long after its time to pay.
        fields: its fields but for the heading.

    """

    event_class: type[Event]
    about: str
    due_ms: int
    fields: dict[str, str | int]

    @property
    def type_name(self) -> str:
        """The event's stored type name."""
        return name_of_type(self.event_class)

    def event(self, event_id: str, salt: str, at_ms: int) -> Event:
        """Return the event, made at `at_ms` (milliseconds since the epoch)."""
        heading = {"v": version_of(self.type_name), "id": event_id, "salt": salt}
        make: Callable[..., Event] = self.event_class
        return make(**heading, at=format_instant(at_ms), **self.fields)


def first_due(state: State, now_ms: int) -> list[Due]:
    """Return what is due at an instant and to be booked first, in the order of what it is about.

    Empty when nothing is due. Cost: one look at every claim, bid and contract.
    """
    for clock in _CLOCKS:
        due = sorted(clock(state, now_ms), key=lambda each: each.about)
        if due:
            return due
    return []


def all_due(state: State, now_ms: int) -> Iterator[Due]:
    """Yield all that is due at an instant, as far as it shows before any of it is booked."""
    for clock in _CLOCKS:
        yield from clock(state, now_ms)


# -- one clock each ----------------------------------------------------------------------------


def _forfeited_bids(state: State, now_ms: int) -> Iterator[Due]:
    """C20: a bid that stayed sealed is forfeited; one whose lot failed is of no interest."""
    for bid in state.bids.values():
        if bid.status != "sealed":
            continue
        tender = state.tenders[bid.tender]
        due_ms = tender.reveal_end_ms
        if tender.status == "published" and not tender.lots[bid.lot].failed and now_ms >= due_ms:
            yield Due(BidForfeited, bid.bid, due_ms, {"bid": bid.bid})


def _unanswered_claims(state: State, now_ms: int) -> Iterator[Due]:
    """C12: silence accepts (SME Payment Regulation 9, 10)."""
    for name in state.claimed:
        due_ms = end_of_day(state, state.claims[name].answer_by)
        if now_ms >= due_ms:
            yield Due(ClaimDeemedAccepted, name, due_ms, {"claim": name})


def _held_back(state: State, now_ms: int) -> Iterator[Due]:
    """C21: what is held back is owed from its day on (SME Payment Regulation 13)."""
    for name, contract in state.contracts.items():
        due_ms = release_due_ms(state, contract)
        if now_ms < due_ms:
            continue
        retained_fen = sum(state.holdings("retained", contract))
        if retained_fen and open_notice(state, name, now_ms, due_ms) is None:
            fields: dict[str, str | int] = {
                "contract": name,
                "amount_fen": retained_fen,
                "basis": "due",
            }
            yield Due(RetentionReleased, name, due_ms, fields)


def _late_interest(state: State, now_ms: int) -> Iterator[Due]:
    """C13: at each month's end and at settlement (SME Payment Regulation 17)."""
    today = local_date(now_ms, state.ledger["offset_minutes"])
    for name, claim in state.claims.items():
        if not claim.payable_fen:
            continue
        accrual = accrual_of(state, name, today)
        if accrual.amount_fen:
            fields: dict[str, str | int] = {
                "claim": name,
                "days": accrual.days,
                "rate_ppm_per_year": accrual.rate_ppm,
                "amount_fen": accrual.amount_fen,
            }
            # Of what was paid, that day counts from its beginning: the bank has told of it.
            day = min(counted_to(state, claim, today), parse_date(today) - 1)
            yield Due(InterestAccrued, name, end_of_day(state, day), fields)


_CLOCKS: tuple[Callable[[State, int], Iterator[Due]], ...] = (
    _forfeited_bids,
    _unanswered_claims,
    _held_back,
    _late_interest,
)

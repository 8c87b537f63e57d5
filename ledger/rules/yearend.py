"""Law of the year's end: what a line has left is given back, what is contracted may move on once.

The budget year is the calendar year (Budget Law 18). *Lapse* closes what nobody took up: from
then on the line grants nothing, and whatever returns to its allotment lapses in the same event
(`ledger.rules.money.lapse_returns`). *Carry-over* moves what one contract, or one lot, has not
used to a line of the next year, together with what is owed and what was advanced:

    committed, prepaid, accrued, retained (or reserved)    f: → carried    g: source_carried →
    allotted, as much as its interest needs and f has      f: → carried    g: source_carried →
    payables and advances                                  f → g, through equity
    cash, for what is still to be paid                     f: equity → cash    g: cash → equity

What was paid from f stays there, and f stays a line of the contract with a share of zero. If the
bank sends a payment back later, what is owed again on f can be carried over again: it never was.
What was carried cannot be carried a second time (Budget Law 42), and what was carried is used
first: the contract's own authority on g can move on once all that came from f is paid.
"""

from itertools import product
from typing import Any, NamedTuple

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.budget import BudgetCarriedOver, BudgetLapsed
from ledger.parties import Case, Seat
from ledger.postings import Posting
from ledger.rules.act import Act, Rule, authorise, check_past, check_role, look_up
from ledger.rules.budget import check_open, check_owner, check_year
from ledger.rules.cashplan import ORDERED
from ledger.rules.lot import lot_key
from ledger.state import State
from ledger.state.budget import Line
from ledger.state.contract import carried_lines

CONTRACT_STAGES_CARRIED = ("committed", "prepaid", "accrued", "retained")
"""Where a contract's unused authority stands; `paid` stays, and nothing may be with the bank."""

LOT_STAGES_CARRIED = ("reserved",)
"""Where a lot's authority stands before its contract is signed."""

OWED = ("payable", "retention_payable", "interest_payable")
"""What the line owes the provider."""

LAST_DAY = "12-31"
"""The budget year's last local day (Budget Law 18)."""


# -- budget.lapsed -----------------------------------------------------------------------------


def _authorise_lapse(state: State, event: BudgetLapsed, act: Act) -> None:
    look_up(state.lines, "line", event.line)
    amount_fen = sum(_left(state, event.line).values())
    case = Case(line=event.line, amount_fen=amount_fen)
    authorise(state, event, act, case, (Seat("finance"),))


def _admit_lapse(state: State, event: BudgetLapsed, act: Act) -> None:
    check_owner(state, event.line, act.signers[0].party)
    check_open(state, event.line)
    _check_year_over(state.lines[event.line], act)
    for line, lot, reserved_fen in state.reservations():
        if line == event.line:
            raise Refused("line_has_reservation", line=line, lot=lot, reserved_fen=reserved_fen)


def _post_lapse(state: State, event: BudgetLapsed) -> list[Posting]:
    left = _left(state, event.line)
    postings = [Posting(stage, "lapsed", event.line, fen) for stage, fen in left.items() if fen]
    if postings:
        postings.append(Posting("equity", "cash", event.line, sum(left.values())))
    return postings


def _apply_lapse(state: State, event: BudgetLapsed, _act: Act) -> None:
    state.put(state.lines, event.line, state.lines[event.line]._replace(lapsed=True))


def _left(state: State, line: str) -> dict[str, int]:
    return {stage: state.balance(stage, line) for stage in ("appropriated", "allotted")}


def _check_year_over(line: Line, act: Act) -> None:
    check_past(f"The budget year of line {line.line}", f"{line.year:04}-{LAST_DAY}", act)


# -- budget.carried_over -----------------------------------------------------------------------


class Carried(NamedTuple):
    """What is carried over: a contract's authority, or a lot's reservation.

    Attributes:
        key: the contract's id, or `<tender>/<lot>`.
        contract: the contract, or None.
        case: what scopes and separation of duties ask about it.
        stages: where its authority can stand.
        shares: its lines, with their shares; a lot's have none beyond what is reserved.

    """

    key: str
    contract: str | None
    case: Case
    stages: tuple[str, ...]
    shares: dict[str, int]

    def standing(self, state: State, line: str) -> dict[str, int]:
        """Return what stands on a line for it, fen by stage."""
        return {stage: state.balance(stage, line, self.key) for stage in self.stages}


def _carried(state: State, event: BudgetCarriedOver) -> Carried:
    if event.contract is not UNSET and event.tender is UNSET and event.lot is UNSET:
        contract = look_up(state.contracts, "contract", event.contract)
        key = contract.contract
        return Carried(key, key, contract.case, CONTRACT_STAGES_CARRIED, dict(contract.lines))
    if event.contract is UNSET and event.tender is not UNSET and event.lot is not UNSET:
        tender = look_up(state.tenders, "tender", event.tender)
        lot = look_up(tender.lots, "lot", event.lot)
        case = Case(programme=tender.programme, purchaser=tender.purchaser)
        key = lot_key(event.tender, event.lot)
        return Carried(key, None, case, LOT_STAGES_CARRIED, dict.fromkeys(lot.lines, 0))
    named = [name for name in ("contract", "tender", "lot") if getattr(event, name) is not UNSET]
    raise Refused("carry_over_unclear", named=", ".join(named) or "none of them")


def _authorise_carry(state: State, event: BudgetCarriedOver, act: Act) -> None:
    carried = _carried(state, event)
    look_up(state.lines, "line", event.from_line)
    amount_fen = sum(carried.standing(state, event.from_line).values())
    case = carried.case._replace(line=event.from_line, amount_fen=amount_fen)
    authorise(state, event, act, case, (Seat("finance"),))


def _admit_carry(state: State, event: BudgetCarriedOver, act: Act) -> None:
    carried, signer = _carried(state, event), act.signers[0]
    old, new = event.from_line, event.to_line
    check_owner(state, old, signer.party)
    check_owner(state, new, signer.party)
    check_role(state, act, carried.case._replace(line=new), signer, "finance")
    check_open(state, new)
    check_year(state, new, state.lines[old].year + 1)
    _check_year_over(state.lines[old], act)
    if old not in carried.shares:
        raise Refused("line_not_of", line=old, what=carried.key)
    _check_nothing_in_flight(state, carried)
    moved_fen = sum(carried.standing(state, old).values())
    owed_fen = sum(state.balance(account, old, carried.key) for account in OWED)
    if not (moved_fen or owed_fen or carried.shares[old]):
        raise Refused("nothing_to_carry", what=carried.key, line=old)
    again_fen = _unused(state, carried, old)
    if again_fen:
        raise Refused("carried_over_before", what=carried.key, line=old, amount_fen=again_fen)
    act.found = _limit(state, carried, event)


def _limit(state: State, carried: Carried, event: BudgetCarriedOver) -> int | None:
    """Return what must be paid from the new line until all that came to it is used.

    Carried authority goes first. None where the line takes the old one's place and no more.
    """
    new = event.to_line
    came_fen = sum(carried.standing(state, event.from_line).values())
    came_fen += _unused(state, carried, new)
    if came_fen:
        return came_fen + state.balance("paid", new, carried.contract)
    # Allotment for interest is not used by what is paid, but it does not move twice either.
    return 0 if _allotted(state, carried, event.from_line) else None


def _check_nothing_in_flight(state: State, carried: Carried) -> None:
    for account, line in product(sorted(ORDERED), carried.shares):
        held_fen = state.balance(account, line, carried.contract)
        if held_fen:
            raise Refused("order_in_flight", what=carried.key, account=account, amount_fen=held_fen)


def _unused(state: State, carried: Carried, line: str) -> int:
    """Return how much of what stands on a line was carried to it before."""
    limit_fen = _carried_to(state, carried, line)
    if limit_fen is None:
        return 0
    unpaid_fen = sum(carried.standing(state, line).values())
    return max(0, min(unpaid_fen, limit_fen - state.balance("paid", line, carried.contract)))


def _carried_to(state: State, carried: Carried, line: str) -> int | None:
    """Return what must be paid from a line until all that came to it is used, if anything did.

    A contract stands for its lot: what was carried as a reservation was carried.
    """
    found = state.carried.get((carried.key, line))
    if found is None and carried.contract is not None:
        award = state.awards[state.contracts[carried.contract].award]
        return state.carried.get((lot_key(award.tender, award.lot), line))
    return found


def _allotted(state: State, carried: Carried, line: str) -> int:
    """Return the allotment that moves for interest: what there is, and what never moved before."""
    if carried.contract is None or _carried_to(state, carried, line) is not None:
        return 0
    owed_fen = state.balance("interest_payable", line, carried.contract)
    return min(state.balance("allotted", line), owed_fen)


def _post_carry(state: State, event: BudgetCarriedOver) -> list[Posting]:
    carried, old, new = _carried(state, event), event.from_line, event.to_line
    lot = carried.key if carried.contract is None else None
    postings: list[Posting] = []

    def post(line: str, debit: str, credit: str, fen: int) -> None:
        if fen:
            postings.append(Posting(debit, credit, line, fen, carried.contract, lot))

    standing = carried.standing(state, old)
    standing["allotted"] = _allotted(state, carried, old)
    for stage, fen in standing.items():
        post(old, stage, "carried", fen)
        post(new, "source_carried", stage, fen)
    if carried.contract is not None:
        for account in OWED:
            fen = state.balance(account, old, carried.contract)
            post(old, account, "equity", fen)
            post(new, "equity", account, fen)
        fen = state.balance("advances", old, carried.contract)
        post(old, "equity", "advances", fen)
        post(new, "advances", "equity", fen)
    # An advance is paid already: its authority moves, and the cash for it is gone.
    unpaid_fen = sum(standing.values()) - standing.get("prepaid", 0)
    post(old, "equity", "cash", unpaid_fen)
    post(new, "cash", "equity", unpaid_fen)
    return postings


def _apply_carry(state: State, event: BudgetCarriedOver, act: Act) -> None:
    old, new = event.from_line, event.to_line
    if act.found is not None:
        state.put(state.carried, (_carried(state, event).key, new), act.found)
    if event.contract is not UNSET:
        contract = state.contracts[event.contract]
        lines = carried_lines(contract.lines, old, new)
        state.put(state.contracts, event.contract, contract._replace(lines=lines))
    elif event.tender is not UNSET and event.lot is not UNSET:
        tender = state.tenders[event.tender]
        lot = tender.lots[event.lot]
        names = tuple(dict.fromkeys(new if line == old else line for line in lot.lines))
        lots = {**tender.lots, event.lot: lot._replace(lines=names)}
        state.put(state.tenders, event.tender, tender._replace(lots=lots))


def _line(_state: State, event: BudgetLapsed) -> tuple[str, ...]:
    return (f"line/{event.line}",)


def _lines_and_matter(_state: State, event: BudgetCarriedOver) -> tuple[str, ...]:
    matter = f"tender/{event.tender}" if event.contract is UNSET else f"contract/{event.contract}"
    return (f"line/{event.from_line}", matter, f"line/{event.to_line}")


RULES: dict[type[Event], Rule[Any]] = {
    BudgetLapsed: Rule(_authorise_lapse, _admit_lapse, _apply_lapse, _line, _post_lapse),
    BudgetCarriedOver: Rule(
        _authorise_carry,
        _admit_carry,
        _apply_carry,
        _lines_and_matter,
        _post_carry,
        commits=True,
    ),
}

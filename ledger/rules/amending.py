"""Law of changing a contract: both sides agree, finance funds what was left to later years.

    value  =  what stands in the contract's accounts  +  memos of later years not yet funded

An amendment up commits what it adds, or leaves it to a later year; one down takes from either.
Only `contract.funded` turns a memo into a commitment, so an amendment never does.
"""

from typing import Any

from msgspec import UNSET

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.contract import (
    ContractAmended,
    ContractFunded,
    ContractLine,
    ContractPublished,
    Item,
    LaterYear,
)
from ledger.money import PPM, split
from ledger.parties import Seat
from ledger.postings import Posting
from ledger.rulebook import clock_limit
from ledger.rules.act import Act, Rule, authorise, look_up
from ledger.rules.contract import both_sides, changeable, check_promises, draw, moves
from ledger.rules.lists import check_distinct, check_whole
from ledger.rules.rulebook import check_catalogued
from ledger.rules.signing import (
    check_bonus,
    check_items,
    check_later_years,
    check_release,
    check_term,
    later_fen_of,
    terms_of,
)
from ledger.state import State
from ledger.state.contract import Contract

# -- contract.amended --------------------------------------------------------------------------


def _authorise_amendment(state: State, event: ContractAmended, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    case = contract.case._replace(amount_fen=abs(event.value_delta_fen))
    authorise(state, event, act, case, both_sides(contract))


def _admit_amendment(state: State, event: ContractAmended, act: Act) -> None:
    contract = changeable(state, event.contract)
    amended = _amended(contract, event)
    check_term(state, contract.programme, contract.from_date, amended.to_date)
    _check_supplements(state, amended)
    _check_later_years(contract, amended)
    committed_fen = _committed(contract, event)
    _check_bonus(contract, amended)
    if committed_fen < 0 or amended.bonus_max_fen > contract.bonus_max_fen:
        check_promises(state, amended, contract.promised_fen, committed_fen)
    if event.retention_release is not UNSET:
        check_release(event.retention_release, contract.from_date)
    if event.items is not UNSET:
        _check_items(state, contract, event.items, act.today)
    if event.lines is not UNSET:
        _check_lines(contract, event.lines)


def _check_bonus(before: Contract, after: Contract) -> None:
    """Check that what only bonuses may use is part of the value, and covers what was granted."""
    check_bonus(after.bonus_max_fen, max(after.value_fen, 0))
    if after.bonus_max_fen < before.bonus_granted_fen:
        raise Refused(
            "value_exceeds",
            what=f"What was granted as bonuses under contract {before.contract}",
            value_fen=before.bonus_granted_fen,
            limit_fen=after.bonus_max_fen,
        )


def _check_supplements(state: State, amended: Contract) -> None:
    # Law 49 limits supplements in sum, as a share of the original value (clock C11).
    limit_fen = amended.original_fen * clock_limit(state, "c11-supplements") // PPM
    if amended.supplements_fen > limit_fen:
        raise Refused(
            "value_exceeds",
            what=f"The sum of all supplements to contract {amended.contract}",
            value_fen=amended.supplements_fen,
            limit_fen=limit_fen,
        )


def _check_later_years(before: Contract, after: Contract) -> None:
    """Check what is left to later years, and that no memo became a commitment, or the reverse."""
    if not after.later_fen:
        later: list[LaterYear] = []
    else:
        later = [LaterYear(year=year, amount_fen=fen) for year, fen in after.later_fen.items()]
    if after.later_fen != before.later_fen or after.to_date < before.to_date:
        check_later_years(later, before.from_date, after.to_date, after.value_fen)
    memo_delta_fen = sum(after.later_fen.values()) - sum(before.later_fen.values())
    value_delta_fen = after.value_fen - before.value_fen
    committed_fen = value_delta_fen - memo_delta_fen
    if memo_delta_fen * committed_fen < 0:
        raise Refused(
            "later_years_differ",
            contract=before.contract,
            memo_delta_fen=memo_delta_fen,
            value_delta_fen=value_delta_fen,
        )


def _check_items(state: State, contract: Contract, items: list[Item], today: str) -> None:
    award = state.awards[contract.award]
    lot = state.tenders[award.tender].lots[award.lot]
    check_items(lot, items)
    rates = {service: rate_fen for service, (rate_fen, _) in contract.items.items()}
    # What both sides signed before binds them; what they agree anew meets today's catalogue.
    fresh = [item for item in items if rates.get(item.service) != item.rate_fen]
    check_catalogued(state, fresh, lot, today)
    delivered = state.delivered[contract.contract]
    names = {service.lower(): service for service in contract.items}
    for item in items:
        if names.get(item.service.lower(), item.service) != item.service:
            raise Refused("id_taken", kind="service", id=item.service)
        units = delivered.get(item.service, 0)
        if item.units_max < units:
            raise Refused(
                "units_exceed",
                contract=contract.contract,
                service=item.service,
                units=units,
                units_max=item.units_max,
            )


def _check_lines(contract: Contract, lines: list[ContractLine]) -> None:
    check_distinct("lines", [line.line for line in lines])
    check_whole("lines", [line.share_ppm for line in lines])
    known = {line for line, _ in contract.lines}
    for line in lines:
        if line.line not in known:
            raise Refused("line_not_of_contract", line=line.line, contract=contract.contract)


def _post_amendment(state: State, event: ContractAmended) -> list[Posting]:
    contract = state.contracts[event.contract]
    committed_fen = _committed(contract, event)
    if committed_fen >= 0:
        shares = _amended(contract, event).lines
        parts = split(committed_fen, [share_ppm for _, share_ppm in shares])
        accounts = ("allotted", "committed")
    else:
        parts = draw(state, contract, "committed", -committed_fen)
        accounts = ("committed", "allotted")
    return moves(contract, *accounts, parts)


def _apply_amendment(state: State, event: ContractAmended, _act: Act) -> None:
    contract = state.contracts[event.contract]
    state.put(state.contracts, event.contract, _amended(contract, event))
    if event.items is not UNSET:
        none_yet = dict.fromkeys(terms_of(event.items), 0)
        state.put(state.delivered, event.contract, {**none_yet, **state.delivered[event.contract]})


def _committed(contract: Contract, event: ContractAmended) -> int:
    """Return what an amendment commits, or frees where it is below zero: no memo is committed."""
    if event.later_years is UNSET:
        return event.value_delta_fen
    before_fen = sum(contract.later_fen.values())
    return event.value_delta_fen - (sum(later_fen_of(event.later_years).values()) - before_fen)


def _amended(contract: Contract, event: ContractAmended) -> Contract:
    """Return a contract as an amendment makes it."""
    changes: dict[str, Any] = {
        "value_fen": contract.value_fen + event.value_delta_fen,
        "supplements_fen": contract.supplements_fen + max(event.value_delta_fen, 0),
    }
    if event.items is not UNSET:
        changes["items"] = {**contract.items, **terms_of(event.items)}
    if event.lines is not UNSET:
        shares = {line.line: line.share_ppm for line in event.lines}
        changes["lines"] = tuple((line, shares.get(line, 0)) for line, _ in contract.lines)
    if event.later_years is not UNSET:
        changes["later_fen"] = later_fen_of(event.later_years)
    stated = {
        "to_date": event.term_to,
        "bonus_max_fen": event.bonus_max_fen,
        "retention_release": event.retention_release,
    }
    changes |= {field: value for field, value in stated.items() if value is not UNSET}
    return contract._replace(**changes)


# -- contract.funded ---------------------------------------------------------------------------


def _authorise_funding(state: State, event: ContractFunded, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    line = look_up(state.lines, "line", event.line)
    case = contract.case._replace(line=line.line, amount_fen=event.amount_fen)
    authorise(state, event, act, case, (Seat("finance", line.owner),))


def _admit_funding(state: State, event: ContractFunded, _act: Act) -> None:
    contract = changeable(state, event.contract)
    year = state.lines[event.line].year
    memo_fen = contract.later_fen.get(year, 0)
    if event.amount_fen > memo_fen:
        raise Refused(
            "value_exceeds",
            what=f"What contract {event.contract} is given for {year}",
            value_fen=event.amount_fen,
            limit_fen=memo_fen,
        )


def _post_funding(_state: State, event: ContractFunded) -> list[Posting]:
    return [Posting("allotted", "committed", event.line, event.amount_fen, event.contract)]


def _apply_funding(state: State, event: ContractFunded, _act: Act) -> None:
    contract = state.contracts[event.contract]
    year = state.lines[event.line].year
    left_fen = contract.later_fen[year] - event.amount_fen
    later_fen = {**contract.later_fen, year: left_fen}
    if not left_fen:
        del later_fen[year]
    lines = contract.lines
    if event.line not in {line for line, _ in lines}:
        # A share of zero: what enters it from now on goes where both sides say (amended: lines).
        lines = (*lines, (event.line, 0))
    state.put(state.contracts, event.contract, contract._replace(lines=lines, later_fen=later_fen))


# -- contract.published ------------------------------------------------------------------------


def _authorise_disclosure(state: State, event: ContractPublished, act: Act) -> None:
    contract = look_up(state.contracts, "contract", event.contract)
    authorise(state, event, act, contract.case, (Seat("purchaser", contract.buyer),))


def _admit_disclosure(state: State, event: ContractPublished, _act: Act) -> None:
    if state.contracts[event.contract].published:
        raise Refused("contract_already_published", contract=event.contract)


def _apply_disclosure(state: State, event: ContractPublished, _act: Act) -> None:
    contract = state.contracts[event.contract]
    state.put(state.contracts, event.contract, contract._replace(published=True))


def _home(
    _state: State, event: ContractAmended | ContractFunded | ContractPublished
) -> tuple[str, ...]:
    return (f"contract/{event.contract}",)


RULES: dict[type[Event], Rule[Any]] = {
    ContractAmended: Rule(
        _authorise_amendment,
        _admit_amendment,
        _apply_amendment,
        _home,
        _post_amendment,
        commits=True,
    ),
    ContractFunded: Rule(
        _authorise_funding, _admit_funding, _apply_funding, _home, _post_funding, commits=True
    ),
    ContractPublished: Rule(_authorise_disclosure, _admit_disclosure, _apply_disclosure, _home),
}

"""Law of closings: the operator may say where everything stands, and only the truth.

Nothing may be left that a clock gives and nobody has booked: the balances would be those of
yesterday (rules: clocks).
"""

from typing import Any

import msgspec

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.closing import LedgerClosed
from ledger.leaves import standing_of
from ledger.parties import Case, Seat
from ledger.rules.act import Act, Rule, authorise
from ledger.rules.clocks import first_due
from ledger.state import State
from ledger.times import format_instant


def draft_closing(state: State, size: int, event_id: str, salt: str, now_ms: int) -> LedgerClosed:
    """Return the closing of a ledger of `size` statements, whose state is `state`."""
    heading = {"v": 1, "id": event_id, "salt": salt, "at": format_instant(now_ms)}
    fields = {"type": "ledger.closed", **heading, **_figures(state, size, now_ms)}
    return msgspec.convert(fields, LedgerClosed)


def _figures(state: State, size: int, at_ms: int) -> dict[str, Any]:
    """Return every field of a closing that follows from the state and the time it is recorded."""
    standing = standing_of(state, size, at_ms)
    return {
        "log_size": size,
        "state_root": standing.root.hex(),
        "state_size": len(standing.leaves),
        "trial_balance": standing.trial_balance,
        "counts": standing.counts,
    }


def _authorise(state: State, event: LedgerClosed, act: Act) -> None:
    authorise(state, event, act, Case(), (Seat("operator"),))


def _admit(state: State, event: LedgerClosed, act: Act) -> None:
    if event.log_size != act.index:
        raise Refused("closing_out_of_turn", log_size=event.log_size, index=act.index)
    for due in first_due(state, act.recorded_ms):
        raise Refused(
            "clock_overdue", type=due.type_name, about=due.about, due=format_instant(due.due_ms)
        )
    for field, computed in _figures(state, act.index, act.recorded_ms).items():
        stated = msgspec.to_builtins(getattr(event, field))
        if stated != computed:
            raise Refused("closing_differs", field=field, stated=stated, computed=computed)


def _apply(state: State, _event: LedgerClosed, act: Act) -> None:
    state.put(state.ledger, "closed_at", act.index)


def _home(_state: State, _event: LedgerClosed) -> tuple[str, ...]:
    return ("ledger/main",)


RULES: dict[type[Event], Rule[Any]] = {LedgerClosed: Rule(_authorise, _admit, _apply, _home)}

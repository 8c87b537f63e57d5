"""Scenario tables: a history and its outcome, one row a step, in a test's docstring.

    outcome        | by              | event              | fields
    ok             | FIN/one FIN/two | budget.transferred | amount_fen=5
    same_line      |                 | budget.transferred | from=line-1; to=line-1
    not_line_owner | FI2/one         | budget.allotted    |

`ok` means that the statement is admitted; any other outcome is the code of its refusal, and then
the state must be exactly as before and the refusal must read as a whole sentence in which every
fact is filled. Without `by` the keys sign that an event of this type usually calls for. `fields`
lists what differs from the world's lawful event of that type, values as JSON or plain text; for
claims, answers, closings, spot checks and interest the lawful event has the figures that the
ledger's own state gives, the bank's word is of that day, and a sealed bid has the commitment that
its signer's usual `bid.revealed` opens. In a value `vkey:PRO/x` stands for that key,
`holder:PRO/x` for who holds it, `visit:2` for the second visit of the open claims, `unclaimed:2`
for the second that no claim covers, `line:2` for the second visit that is cut or, after those, in
dispute, `owed:2` for the second sum owed beyond claims, `event:key.recovered` for the last event of
that type, and `ago:30` for the instant 30 days ago; the value `absent` leaves a field out. A row
whose outcome is `later` moves the clock on by the days in its last column.
"""

import contextlib
import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import pytest
from snapshots import snapshot
from world import World, holder, signer
from world_signers import SIGNERS

from ledger.errors import Refused
from ledger.events import TYPES, Event
from ledger.events.delivery import SpotcheckDrawn
from ledger.events.interest import InterestAccrued
from ledger.refusals import REFUSALS, sentence
from ledger.rules.confirming import draw, open_visits
from ledger.rules.interest import accrual_of
from ledger.times import MS_PER_DAY, format_instant

HEADER = ["outcome", "by", "event", "fields"]


class Row(NamedTuple):
    """One step of a scenario."""

    outcome: str
    by: str
    event: str
    fields: str


def rows(doc: str | None) -> Iterator[Row]:
    """Yield the rows of the table in a docstring, its header checked and left out."""
    cells = [
        [cell.strip() for cell in line.split("|")]
        for line in (doc or "").splitlines()
        if line.count("|") == len(HEADER) - 1
    ]
    if not cells or cells[0] != HEADER:
        raise ValueError(f"a scenario table begins with the header {' | '.join(HEADER)}")
    yield from (Row(*each) for each in cells[1:])


def play(world: World, doc: str | None) -> None:
    """Play a scenario and check the outcome of every step."""
    for row in rows(doc):
        play_row(world, row)


def play_row(world: World, row: Row) -> None:
    """Play one step of a scenario and check its outcome."""
    if row.outcome == "later":
        wait(world, row)
    elif row.outcome == "ok":
        world.do(event_of(world, row), by=row.by or None)
    else:
        event = event_of(world, row)
        reason = refusal(world, event, by=row.by or None)
        assert reason.code == row.outcome, f"{row}: {sentence(reason)}"


def wait(world: World, row: Row) -> None:
    """Move the clock on by the days of a row."""
    world.now_ms += int(row.fields) * MS_PER_DAY


def refusal(world: World, *events: Event, by: str | None = None) -> Refused:
    """Return the refusal of a statement, after checking that it left no trace and reads well."""
    with refused(world) as caught:
        world.do(*events, by=by)
    return caught.value


@contextlib.contextmanager
def refused(world: World) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """Expect a refusal that leaves no trace in the state and reads as a whole sentence."""
    before = snapshot(world.state)
    with pytest.raises(Refused) as caught:
        yield caught
    assert snapshot(world.state) == before
    assert world.state.mark() == 0
    told = sentence(caught.value)
    assert told.endswith(REFUSALS[caught.value.code].cure.format(**caught.value.facts))
    assert "None" not in told


def event_of(world: World, row: Row) -> Event:
    """Return the event that a row describes."""
    changed = dict(_field(world, part) for part in row.fields.split(";") if part.strip())
    event_type = TYPES[row.event]
    event: Event = world.make(event_type)
    build = _FIGURES.get(row.event)
    if build is not None:
        given = {"by": row.by or SIGNERS[row.event], **msgspec.to_builtins(event), **changed}
        event = build(world, given) or event
    fields = {**msgspec.to_builtins(event), **changed}
    stated = {name: value for name, value in fields.items() if value != "absent"}
    return msgspec.convert(stated, event_type)


def _field(world: World, text: str) -> tuple[str, Any]:
    name, _, value = text.strip().partition("=")
    visits = list(itertools.chain.from_iterable(world.state.claimed.values()))
    answered = [*world.state.cuts.values(), *world.state.disputes.values()]
    lines = list(itertools.chain.from_iterable(answered))
    value = re.sub(r"vkey:([\w/.-]+)", lambda found: str(signer(found[1]).verifier), value)
    value = re.sub(r"holder:([\w/.-]+)", lambda found: holder(found[1]), value)
    unclaimed = list(itertools.chain.from_iterable(world.state.visits.values()))
    value = re.sub(r"unclaimed:(\d+)", lambda found: unclaimed[int(found[1]) - 1], value)
    value = re.sub(r"line:(\d+)", lambda found: lines[int(found[1]) - 1], value)
    value = re.sub(r"owed:(\d+)", lambda found: _owed(world)[int(found[1]) - 1], value)
    value = re.sub(r"visit:(\d+)", lambda found: visits[int(found[1]) - 1], value)
    value = re.sub(r"event:([a-z.]+)", lambda found: world.last[found[1]], value)
    value = re.sub(
        r"ago:(\d+)", lambda found: format_instant(world.now_ms - int(found[1]) * MS_PER_DAY), value
    )
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _owed(world: World) -> list[str]:
    """Return the sums owed beyond claims, oldest first."""
    beyond = {"awarded", "released"}
    return [name for name, claim in world.state.claims.items() if claim.status in beyond]


def _bill(world: World, fields: dict[str, Any]) -> Event | None:
    if fields["contract"] not in world.state.contracts:
        return None
    bill = world.bill(fields["claim"], fields["contract"], fields["period"]["to"])
    return bill if bill.units else None


def _answer(world: World, fields: dict[str, Any]) -> Event | None:
    return world.answering(fields["claim"]) if fields["claim"] in world.state.claimed else None


def _closing(world: World, fields: dict[str, Any]) -> Event | None:
    known = fields["contract"] in world.state.contracts
    return world.closing(fields["contract"]) if known else None


def _bank(world: World, fields: dict[str, Any]) -> Event | None:
    """Return the bank's word of today."""
    own = {name: value for name, value in fields.items() if name != "by"}
    return msgspec.convert({**own, "value_date": world.today()}, TYPES[fields["type"]])


def _interest(world: World, fields: dict[str, Any]) -> Event | None:
    if fields["claim"] not in world.state.claims:
        return None
    accrual = accrual_of(world.state, fields["claim"], world.today())
    if not accrual.amount_fen:
        return None
    return world.make(
        InterestAccrued,
        claim=fields["claim"],
        days=accrual.days,
        amount_fen=accrual.amount_fen,
        rate_ppm_per_year=accrual.rate_ppm,
    )


def _closed(world: World, _fields: dict[str, Any]) -> Event | None:
    return world.closed()


def _sealing(world: World, fields: dict[str, Any]) -> Event:
    bidder = fields["by"].partition("/")[0]
    return world.sealing(fields["bid"], fields["tender"], fields["lot"], bidder)


def _draw(world: World, fields: dict[str, Any]) -> Event | None:
    if fields["contract"] not in world.state.contracts:
        return None
    drawn = draw(open_visits(world.state, fields["contract"]), fields["seed"], 1)
    return world.make(SpotcheckDrawn, visits=drawn) if drawn else None


_FIGURES: dict[str, Callable[[World, dict[str, Any]], Event | None]] = {
    "bid.sealed": _sealing,
    "claim.submitted": _bill,
    "claim.answered": _answer,
    "contract.closed": _closing,
    "spotcheck.drawn": _draw,
    "payment.settled": _bank,
    "payment.bounced": _bank,
    "payment.diverted": _bank,
    "refund.received": _bank,
    "interest.accrued": _interest,
    "ledger.closed": _closed,
}

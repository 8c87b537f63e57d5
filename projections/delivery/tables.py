"""The tables of the read model `delivery`.

A row that is one event has the event's position for its key, so rows are appended in order, and
what is new since a position is a range of keys. Ids of events are not kept: the ledger gives
them by position. A visit that was corrected keeps its row, which states it as corrected, and
`correction` says which rows changed since a position.

Tokens of people and devices are those of the events; who they are stands in the vault.
"""

from typing import Any, NamedTuple

from projections.context import CONTEXT_SHAPES
from projections.shape import Shape


class ContractRow(NamedTuple):
    """Whose visits a contract's visits are, and the days on which there may be any."""

    contract: str
    buyer: str
    provider: str
    from_date: str
    to_date: str
    """The term's last day, as amended."""
    ended_on: str | None
    """Local date on which a termination was recorded."""


class PersonRow(NamedTuple):
    """A person entitled to a programme's services, by token."""

    beneficiary: str
    first_position: int
    """Position of `beneficiary.enrolled`."""
    programme: str
    tier: str
    monthly_cap_fen: int
    from_date: str
    exit_reason: str | None
    exited_on: str | None
    """First day without entitlement."""
    exit_position: int | None
    enrolled_by: str
    """The purchaser that signed the enrolment."""


class AbsenceRow(NamedTuple):
    """Days on which a person was away from home, first and last."""

    position: int
    beneficiary: str
    kind: str
    from_date: str
    to_date: str


class PlanRow(NamedTuple):
    """A care plan; it counts from its first day until a later one of person and contract does."""

    position: int
    beneficiary: str
    contract: str
    services: str
    """JSON object: units planned for a calendar month, by service."""
    workers_at_once: int
    from_date: str


class WorkerRow(NamedTuple):
    """A person's work for a provider; who comes back has another row."""

    worker: str
    position: int
    """Position of `worker.enrolled`."""
    provider: str
    credentials: str
    """JSON list of pairs: kind, and last day or null where it has none."""
    until: str | None
    """Last day of work."""


class VisitRow(NamedTuple):
    """A visit, as corrected."""

    position: int
    """Position of `visit.recorded`."""
    last_position: int
    """Position of its last correction, or its own."""
    contract: str
    service: str
    beneficiary: str
    worker: str
    device: str | None
    day: str
    """Local date on which it began."""
    starts_ms: int
    """Milliseconds since the epoch, as all instants of this read model."""
    ends_ms: int
    units: int
    capture: str
    place: str | None
    """`home` or `community`."""
    cell: str | None
    """Geohash of 5 characters."""
    distance_m: int | None
    at_ms: int
    """When its signer says it was recorded."""
    recorded_ms: int
    """When the ledger admitted it."""


class CorrectionRow(NamedTuple):
    """A correction: which visit's row it changed, why, and whose and when the visit was before."""

    position: int
    visit: int
    reason: str
    day: str
    beneficiary: str
    worker: str


class WordRow(NamedTuple):
    """What a person said of a visit; the last word counts."""

    visit: int
    """Position of the visit."""
    position: int
    """Position of the word; one event may speak of several visits."""
    kind: str
    """`confirmed` or `denied`."""
    channel: str
    device: str | None
    key: str
    """Name of the key that signed for it, `<party>/<label>`; of several, a space between."""
    at_ms: int
    recorded_ms: int


class CheckRow(NamedTuple):
    """What a spot check found of a visit."""

    visit: int
    position: int
    spotcheck: str
    result: str


class SpotcheckRow(NamedTuple):
    """A spot check: drawn, and done or not."""

    spotcheck: str
    first_position: int
    """Position of `spotcheck.drawn`."""
    contract: str
    drawn: int
    """Visits drawn."""
    drawn_on: str
    """Local date on which that was recorded."""
    done_position: int | None
    done_on: str | None


class OutputRow(NamedTuple):
    """What was delivered of a service under a contract in a local month, by the visits' days."""

    contract: str
    month: str
    service: str
    visits: int
    units: int
    """Of all visits, denied ones included."""
    manual: int
    """Visits recorded by hand."""
    confirmed: int
    """Visits of which the last word is a confirmation."""
    denied: int
    """Visits of which the last word is a denial."""
    denied_units: int
    as_recorded: int
    """Spot checks of its visits, by result; a visit may be checked twice."""
    differing: int
    not_found: int
    unknown: int


CONTRACT = Shape("contract", ContractRow)
PERSON = Shape(
    "person", PersonRow, late_indexes=[("first_position", "beneficiary"), ("exit_position",)]
)
ABSENCE = Shape("absence", AbsenceRow, late_indexes=[("beneficiary",)])
PLAN = Shape("plan", PlanRow, late_indexes=[("beneficiary",), ("contract", "beneficiary")])
WORKER = Shape("worker", WorkerRow, key=2)
VISIT = Shape(
    "visit",
    VisitRow,
    late_indexes=[("beneficiary", "starts_ms"), ("worker", "starts_ms"), ("day",)],
)
CORRECTION = Shape("correction", CorrectionRow, late_indexes=[("visit",)])
WORD = Shape(
    "word", WordRow, key=2, late_indexes=[("position",), ("device", "at_ms"), ("key", "at_ms")]
)
CHECK = Shape("check", CheckRow, key=2, late_indexes=[("position",)])
SPOTCHECK = Shape("spotcheck", SpotcheckRow, late_indexes=[("contract",)])
OUTPUT = Shape("output", OutputRow, key=3)

SHAPES: tuple[Shape[Any], ...] = (
    *CONTEXT_SHAPES,
    CONTRACT,
    PERSON,
    ABSENCE,
    PLAN,
    WORKER,
    VISIT,
    CORRECTION,
    WORD,
    CHECK,
    SPOTCHECK,
    OUTPUT,
)

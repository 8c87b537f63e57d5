"""Service delivery. People appear only as random tokens, mapped only in the vault."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from ledger.events.base import (
    MAX_LIST,
    Count,
    Date,
    Event,
    Fen,
    Id,
    Record,
    Ref,
    Sha256,
    Text,
    Units,
)

Capture = Literal["app", "qr", "phone", "manual"]
"""How a visit was recorded."""

Channel = Literal["app", "sms", "call", "paper"]
"""How a person's word about a visit came in."""


class BeneficiaryEnrolled(Event, frozen=True, kw_only=True, tag="beneficiary.enrolled"):
    """A person became entitled to a programme's services. Signed by the purchaser.

    Attributes:
        beneficiary: the person's token.
        programme: which programme.
        tier: degree of need.
        monthly_cap_fen: the most the programme pays for the person in a calendar month.
        from_date: first day of entitlement.

    """

    beneficiary: Id
    programme: Ref
    tier: Literal["mild", "moderate", "severe"]
    monthly_cap_fen: Fen
    from_date: Date = field(name="from")


class BeneficiaryExited(Event, frozen=True, kw_only=True, tag="beneficiary.exited"):
    """A person's entitlement ended, for good. Signed by the purchaser.

    It binds visits that begin after it is recorded; earlier ones stay as they are.

    Attributes:
        beneficiary: the person's token.
        reason: why.
        effective: first day without entitlement.

    """

    beneficiary: Ref
    reason: Literal["DECEASED", "MOVED", "INSTITUTION", "NO_NEED", "WITHDREW", "OTHER"]
    effective: Date


class BeneficiaryAbsent(
    Event,
    frozen=True,
    kw_only=True,
    tag="beneficiary.absent",
    rename={"from_date": "from", "to_date": "to"},
):
    """A person was, or will be, away from home for some days. Signed by the purchaser.

    A visit at home on such a day is for supervision to ask about; none is refused for it.

    Attributes:
        beneficiary: the person's token.
        kind: where the person is.
        from_date: first day away.
        to_date: last day away.

    """

    beneficiary: Ref
    kind: Literal["HOSPITAL", "INSTITUTION", "TRAVEL", "OTHER"]
    from_date: Date
    to_date: Date


class PlannedService(Record, frozen=True, kw_only=True):
    """A service of a care plan.

    Attributes:
        service: its code, one of the contract's items.
        units_a_month: units planned for a calendar month.

    """

    service: Ref
    units_a_month: Units


class CareplanAgreed(Event, frozen=True, kw_only=True, tag="careplan.agreed"):
    """Both sides agreed what a person is to be given. Signed by purchaser and provider.

    It replaces an earlier plan of the person under the contract from its first day on.

    Attributes:
        beneficiary: the person's token.
        contract: under which contract.
        services: what is planned.
        workers_at_once: workers who may serve the person at one time.
        from_date: first day of the plan.

    """

    beneficiary: Ref
    contract: Ref
    services: Annotated[list[PlannedService], Meta(min_length=1, max_length=100)]
    workers_at_once: Annotated[int, Meta(ge=1, le=10)]
    from_date: Date = field(name="from")


class Credential(Record, frozen=True, kw_only=True):
    """A qualification a worker holds.

    Attributes:
        kind: which.
        expires: its last day.

    """

    kind: Text
    expires: Date | UnsetType = UNSET


class WorkerEnrolled(Event, frozen=True, kw_only=True, tag="worker.enrolled"):
    """A person became a provider's worker. Signed by the provider.

    Whoever left a provider may be enrolled again, by any, under the same token.

    Attributes:
        worker: the person's token.
        provider: whose worker.
        credentials: what the person is qualified for.

    """

    worker: Id
    provider: Ref
    credentials: Annotated[list[Credential], Meta(max_length=100)]


class WorkerLeft(Event, frozen=True, kw_only=True, tag="worker.left"):
    """A person stopped being a provider's worker. Signed by that provider.

    Attributes:
        worker: the person's token.
        until: last day of work.

    """

    worker: Ref
    until: Date


class Place(Record, frozen=True, kw_only=True):
    """Where a visit was recorded, as coarsely as supervision allows.

    Attributes:
        kind: at home, or elsewhere in the community.
        cell: geohash of 5 characters, about 5 km.
        distance_m: metres from the registered place.

    """

    kind: Literal["home", "community"]
    cell: Annotated[str, Meta(pattern=r"\A[0-9b-hjkmnp-z]{5}\Z")]
    distance_m: Count


class VisitRecorded(Event, frozen=True, kw_only=True, tag="visit.recorded"):
    """A visit took place. Signed by the provider.

    Its fields are the six data points of electronic visit verification (21st Century Cures
    Act 12006). The event's id is the visit's id; it is worth `units` × the contract's rate.

    Attributes:
        contract: under which contract.
        service: code of the service given.
        beneficiary: token of the person served.
        worker: token of the person who served.
        started_at: when it began, UTC.
        ended_at: when it ended, UTC.
        units: units of service given.
        capture: how it was recorded.
        place: where it was recorded.
        device: token of the recording device.
        evidence: hash of what the device captured.

    """

    contract: Ref
    service: Ref
    beneficiary: Ref
    worker: Ref
    started_at: str
    ended_at: str
    units: Units
    capture: Capture
    place: Place | UnsetType = UNSET
    device: Ref | UnsetType = UNSET
    evidence: Sha256 | UnsetType = UNSET


class VisitCorrected(Event, frozen=True, kw_only=True, tag="visit.corrected"):
    """A visit not yet claimed was recorded wrongly. Signed by the provider.

    It states the whole visit as it should have been, and is judged as a recording is; the
    visit keeps its id and its place among the contract's visits.

    Attributes:
        visit: its event id.
        reason: what was wrong.
        contract: under which contract; as recorded.
        service: code of the service given.
        beneficiary: token of the person served.
        worker: token of the person who served.
        started_at: when it began, UTC.
        ended_at: when it ended, UTC.
        units: units of service given.
        place: where it took place, where that was recorded wrongly.

    """

    visit: Ref
    reason: Literal["TIME", "UNITS", "SERVICE", "PERSON", "WORKER", "PLACE", "OTHER"]
    contract: Ref
    service: Ref
    beneficiary: Ref
    worker: Ref
    started_at: str
    ended_at: str
    units: Units
    place: Place | UnsetType = UNSET


class VisitConfirmed(Event, frozen=True, kw_only=True, tag="visit.confirmed"):
    """People confirmed visits. Signed by the purchaser's side, on their word.

    Its street office or call centre signs one statement a day. A confirmation takes back an
    earlier denial.

    Attributes:
        contract: under which contract.
        visits: their event ids.
        channel: how the word came in.
        device: token of the device it came from.
        evidence: commitment to what was said.

    """

    contract: Ref
    visits: Annotated[list[Ref], Meta(min_length=1, max_length=MAX_LIST)]
    channel: Channel
    device: Ref | UnsetType = UNSET
    evidence: Sha256 | UnsetType = UNSET


class VisitDenied(Event, frozen=True, kw_only=True, tag="visit.denied"):
    """People denied visits. Signed by the purchaser's side, on their word.

    A denied visit is not billed. One that is claimed already is the answer's matter.

    Attributes:
        contract: under which contract.
        visits: their event ids.
        channel: how the word came in.
        device: token of the device it came from.
        evidence: commitment to what was said.

    """

    contract: Ref
    visits: Annotated[list[Ref], Meta(min_length=1, max_length=MAX_LIST)]
    channel: Channel
    device: Ref | UnsetType = UNSET
    evidence: Sha256 | UnsetType = UNSET


class SpotcheckDrawn(Event, frozen=True, kw_only=True, tag="spotcheck.drawn"):
    """Visits were drawn by lot to be checked on the spot. Signed by the purchaser or an evaluator.

    Drawn are, of the contract's visits that are not settled, those whose SHA-256 over seed and
    visit id, both as text, is lowest. So anybody can draw again.

    Attributes:
        spotcheck: its id.
        contract: under which contract.
        seed: 32 bytes in hex, thrown after the visits were recorded.
        visits: those drawn, the lowest hash first.

    """

    spotcheck: Id
    contract: Ref
    seed: Sha256
    visits: Annotated[list[Ref], Meta(min_length=1, max_length=MAX_LIST)]


class CheckedVisit(Record, frozen=True, kw_only=True):
    """What a spot check found of a visit.

    Attributes:
        visit: its event id.
        result: as recorded, not as recorded, did not take place, or nobody could tell.

    """

    visit: Ref
    result: Literal["AS_RECORDED", "DIFFERS", "NOT_FOUND", "UNKNOWN"]


class SpotcheckDone(Event, frozen=True, kw_only=True, tag="spotcheck.done"):
    """A spot check was carried out. Signed by the purchaser or an evaluator.

    It finds; what follows from it takes a cut, a notice or a flag.

    Attributes:
        spotcheck: which.
        results: what was found of each visit drawn.
        evidence: commitment to the report.

    """

    spotcheck: Ref
    results: Annotated[list[CheckedVisit], Meta(min_length=1, max_length=MAX_LIST)]
    evidence: Sha256 | UnsetType = UNSET


EVENTS = (
    BeneficiaryEnrolled,
    BeneficiaryExited,
    BeneficiaryAbsent,
    CareplanAgreed,
    WorkerEnrolled,
    WorkerLeft,
    VisitRecorded,
    VisitCorrected,
    VisitConfirmed,
    VisitDenied,
    SpotcheckDrawn,
    SpotcheckDone,
)

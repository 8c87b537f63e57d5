"""Service delivery. People appear only as random tokens, mapped only in the vault."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from ledger.events.base import Count, Date, Event, Fen, Id, Record, Ref, Sha256, Text, Units


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

    Attributes:
        worker: the person's token.
        provider: whose worker.
        credentials: what the person is qualified for.

    """

    worker: Id
    provider: Ref
    credentials: Annotated[list[Credential], Meta(max_length=100)]


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
    capture: Literal["app", "qr", "phone", "manual"]
    place: Place | UnsetType = UNSET
    device: Ref | UnsetType = UNSET
    evidence: Sha256 | UnsetType = UNSET


EVENTS = (BeneficiaryEnrolled, WorkerEnrolled, VisitRecorded)

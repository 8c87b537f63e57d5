"""Standing: what a party is qualified for, and what it is barred from for a time."""

from msgspec import UNSET, UnsetType, field

from ledger.events.base import Date, Event, Id, Ref, Texts
from ledger.events.notice import Ground
from ledger.events.parties import Scope


class QualificationGranted(Event, frozen=True, kw_only=True, tag="qualification.granted"):
    """A party was found qualified for a kind of work. Signed by a registrar.

    Attributes:
        qualification: its id.
        party: who is qualified.
        kind: for what, the code that a service asks for.
        scope: where it counts.
        expires: its last local day.

    """

    qualification: Id
    party: Ref
    kind: Id
    scope: Scope
    expires: Date | UnsetType = UNSET


class QualificationSuspended(Event, frozen=True, kw_only=True, tag="qualification.suspended"):
    """A qualification counts no longer. Signed by a registrar, after notice.

    A party that is found qualified again is granted another one.

    Attributes:
        qualification: which.
        notice: the notice that stands.
        ground: why, as the notice says.

    """

    qualification: Ref
    notice: Ref
    ground: Ground


class SanctionImposed(Event, frozen=True, kw_only=True, tag="sanction.imposed"):
    """A party was barred from bidding for a time. Signed by finance or a reviewer, after notice.

    Government Procurement Law 77: who is sanctioned may not take part in procurement.

    Attributes:
        sanction: its id.
        party: who is barred.
        notice: the notice that stands.
        ground: why, as the notice says.
        scope: where; the signer holds its role there.
        from_date: first local day.
        until: last local day.

    """

    sanction: Id
    party: Ref
    notice: Ref
    ground: Ground
    scope: Scope
    from_date: Date = field(name="from")
    until: Date


class SanctionLifted(Event, frozen=True, kw_only=True, tag="sanction.lifted"):
    """A sanction ended before its time. Signed by whoever imposed it, or by a reviewer.

    Attributes:
        sanction: which.
        reason: why, in public.

    """

    sanction: Ref
    reason: Texts


EVENTS = (QualificationGranted, QualificationSuspended, SanctionImposed, SanctionLifted)

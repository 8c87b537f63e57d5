"""The tables of the read model `parties`: the register, and what each party may do and sign with.

Times in milliseconds since the epoch are when the ledger recorded an event, or until when a
waiting time runs; dates are local. `keys` are JSON lists of the names of the keys that signed.
"""

from typing import Any, NamedTuple

from projections.context import CONTEXT_SHAPES
from projections.shape import Shape


class EntryRow(NamedTuple):
    """A party's entry in the register.

    Attributes:
        first_position: position of its registration.
        last_position: position of the last event at home with the party that is read here.
        kind: what it is in law.
        scheme: register of its identifier.
        parent: the party it belongs to.
        sme: 1 for a micro, small or medium enterprise, 0 for none, or None: nobody said.

    """

    party: str
    first_position: int
    last_position: int
    names: str
    kind: str
    scheme: str
    identifier: str
    parent: str | None
    sme: int | None
    registered_on: str
    updated_on: str | None
    search: str


class RoleRow(NamedTuple):
    """A role as it was given; `scope` is JSON, `amount_fen_max` the most of a single act."""

    party: str
    role: str
    position: int
    scope: str
    amount_fen_max: int | None
    expires: str | None
    granted_on: str
    revoked_position: int | None
    revoked_on: str | None
    reason: str | None


class KeyRow(NamedTuple):
    """A key.

    Attributes:
        first_position: position of its enrolment.
        last_position: position of the last event that changed it.
        status: live, revoked, or contested: a recovery that its party ended.
        vkey: its C2SP verifier key.
        use: admin, sign or session.
        holder: token of the person who holds it.
        from_ms: when it took force, or will.
        until_ms: when a recovery under way revokes it, or did.
        enrolled_by: the other keys that signed its enrolment, JSON list.
        recovery: id of the `key.recovered` that brought it.
        lost: the keys it replaces, JSON list.
        since_ms: from when on its acts are in doubt.

    """

    key: str
    first_position: int
    last_position: int
    party: str
    status: str
    vkey: str
    use: str
    holder: str
    from_ms: int
    until_ms: int | None
    enrolled_on: str
    enrolled_by: str
    recovery: str | None
    lost: str | None
    revoked_position: int | None
    revoked_on: str | None
    reason: str | None
    since_ms: int | None


class AccountRow(NamedTuple):
    """An account to be paid on, and from when payments may name it."""

    account: str
    first_position: int
    party: str
    bank: str
    declared_ms: int
    declared_on: str
    from_ms: int
    keys: str


class SanctionRow(NamedTuple):
    """A bar from bidding."""

    sanction: str
    first_position: int
    last_position: int
    party: str
    imposed_by: str
    ground: str
    scope: str
    from_date: str
    until: str
    imposed_on: str
    lifted_position: int | None
    lifted_on: str | None
    reasons: str | None
    """Why it was lifted, JSON text by language."""


class QualificationRow(NamedTuple):
    """What a party was found qualified for."""

    qualification: str
    first_position: int
    last_position: int
    party: str
    kind: str
    scope: str
    expires: str | None
    granted_on: str
    suspended_position: int | None
    suspended_on: str | None
    ground: str | None


class InterestRow(NamedTuple):
    """A person's declared relation to a party."""

    position: int
    party: str
    person: str
    relation: str
    from_date: str
    to_date: str
    declared_on: str
    keys: str


class ReaffirmedRow(NamedTuple):
    """An act in doubt that stands: its event's id, and where and by which keys that was said."""

    event: str
    position: int
    keys: str


class CalendarRow(NamedTuple):
    """The calendar in force, by which waiting times are counted; lists are JSON."""

    rule: str
    first: str
    last: str
    off: str
    worked: str


ENTRY = Shape("entry", EntryRow, indexes=[("first_position", "party"), ("last_position",)])
ROLE = Shape("role", RoleRow, key=3, indexes=[("role",)])
KEY = Shape("key", KeyRow, indexes=[("first_position", "key"), ("party",), ("holder",)])
ACCOUNT = Shape("account", AccountRow, indexes=[("party",)])
SANCTION = Shape("sanction", SanctionRow, indexes=[("party",)])
QUALIFICATION = Shape("qualification", QualificationRow, indexes=[("party",)])
INTEREST = Shape("interest", InterestRow, indexes=[("party",), ("person",)])
REAFFIRMED = Shape("reaffirmed", ReaffirmedRow)
CALENDAR = Shape("calendar", CalendarRow)

SHAPES: tuple[Shape[Any], ...] = (
    *CONTEXT_SHAPES,
    ENTRY,
    ROLE,
    KEY,
    ACCOUNT,
    SANCTION,
    QUALIFICATION,
    INTEREST,
    REAFFIRMED,
    CALENDAR,
)

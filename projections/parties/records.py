"""The records that answer questions about parties."""

from typing import Literal

from msgspec import Struct

PartyStatus = Literal["active", "sanctioned", "keyless"]
"""Barred from bidding somewhere, without any key that lives, or neither."""

KeyStatus = Literal["live", "waiting", "contested", "revoked"]
"""A recovery's key waits until it takes force; a contested one never does."""

RoleStatus = Literal["held", "expired", "withdrawn"]


class PartyListed(Struct, frozen=True):
    """A party's entry in the register.

    Attributes:
        party: its id.
        names: its official name by language.
        kind: what it is in law.
        scheme: register of its identifier, by its org-id.guide code.
        identifier: its number there.
        parent: the party it belongs to.
        sme: whether it is a micro, small or medium enterprise; None where nobody said.
        status: active, sanctioned (barred from bidding somewhere) or keyless.
        roles: what it holds now, each once, in whatever scope.
        registered_on: local date of its registration.
        updated_on: local date of the last change of its entry.
        first_position: position of its registration.
        last_position: position of the last event at home with it that the register reads.

    """

    party: str
    names: dict[str, str]
    kind: str
    scheme: str
    identifier: str
    parent: str | None
    sme: bool | None
    status: PartyStatus
    roles: tuple[str, ...]
    registered_on: str
    updated_on: str | None
    first_position: int
    last_position: int


class Role(Struct, frozen=True):
    """A role as it was given.

    Attributes:
        role: which.
        status: held, expired, or withdrawn.
        scope: what it covers: `all`, or ids of programmes, purchasers and lines.
        amount_fen_max: the most of a single act, in fen.
        expires: its last local day.
        granted_on: local date it was given.
        position: position of the event that gave it.
        revoked_on: local date it was taken back.
        revoked_position: position of that event.
        reason: why.

    """

    role: str
    status: RoleStatus
    scope: dict[str, bool | list[str]]
    amount_fen_max: int | None
    expires: str | None
    granted_on: str
    position: int
    revoked_on: str | None
    revoked_position: int | None
    reason: str | None


class Key(Struct, frozen=True):
    """A key of a party.

    Attributes:
        key: its name, `<party>/<label>`.
        status: live, waiting to take force, contested or revoked.
        vkey: its C2SP verifier key.
        use: admin, sign or session.
        holder: token of the person who holds it.
        from_ms: when it took force, or will, milliseconds since the epoch.
        until_ms: when a recovery revokes it, likewise.
        enrolled_on: local date of its enrolment.
        enrolled_by: the other keys that signed it.
        recovery: id of the `key.recovered` that brought it, if one did.
        lost: the keys it replaces.
        revoked_on: local date it was revoked.
        revoked_position: position of that event.
        reason: why.
        since_ms: from when on its acts are in doubt, milliseconds since the epoch.
        first_position: position of its enrolment.
        last_position: position of the last event that changed it.

    """

    key: str
    status: KeyStatus
    vkey: str
    use: str
    holder: str
    from_ms: int
    until_ms: int | None
    enrolled_on: str
    enrolled_by: tuple[str, ...]
    recovery: str | None
    lost: tuple[str, ...]
    revoked_on: str | None
    revoked_position: int | None
    reason: str | None
    since_ms: int | None
    first_position: int
    last_position: int


class Account(Struct, frozen=True):
    """An account to be paid on.

    Attributes:
        account: its token.
        bank: the bank's code, CNAPS or BIC.
        declared_on: local date it was declared.
        declared_ms: the instant, milliseconds since the epoch.
        from_ms: from when payments may name it, likewise.
        keys: the keys that signed the declaration.
        first_position: position of the declaration.

    """

    account: str
    bank: str
    declared_on: str
    declared_ms: int
    from_ms: int
    keys: tuple[str, ...]
    first_position: int


class Sanction(Struct, frozen=True):
    """A bar from bidding.

    Attributes:
        sanction: its id.
        imposed_by: who imposed it.
        ground: why.
        scope: where it bars, as a role's.
        in_force: whether it bars now.
        from_date: first local day.
        until: last local day.
        imposed_on: local date it was imposed.
        lifted_on: local date it ended before its time.
        reasons: why it did, by language.
        first_position: position at which it was imposed.
        last_position: position of the last event about it.

    """

    sanction: str
    imposed_by: str
    ground: str
    scope: dict[str, bool | list[str]]
    in_force: bool
    from_date: str
    until: str
    imposed_on: str
    lifted_on: str | None
    reasons: dict[str, str]
    first_position: int
    last_position: int


class Qualification(Struct, frozen=True):
    """What a party was found qualified for.

    Attributes:
        qualification: its id.
        kind: for what.
        scope: where it counts, as a role's.
        expires: its last local day.
        granted_on: local date it was granted.
        suspended_on: local date from which it counts no longer.
        ground: why.
        first_position: position at which it was granted.
        last_position: position of the last event about it.

    """

    qualification: str
    kind: str
    scope: dict[str, bool | list[str]]
    expires: str | None
    granted_on: str
    suspended_on: str | None
    ground: str | None
    first_position: int
    last_position: int


class Interest(Struct, frozen=True):
    """A person's declared relation to the party (回避).

    Attributes:
        position: position of the declaration.
        person: token of the person.
        relation: employed, on the board, in control, kin of who leads it, or other.
        from_date: first day of the relation.
        to_date: last day.
        declared_on: local date it was declared.
        keys: the keys that signed the declaration.

    """

    position: int
    person: str
    relation: str
    from_date: str
    to_date: str
    declared_on: str
    keys: tuple[str, ...]


class PartyFile(Struct, frozen=True):
    """All that is known of a party.

    Attributes:
        position: how many events of the ledger it reflects.
        party: its entry.
        members: the parties that belong to it.
        roles: roles given, in that order.
        keys: keys enrolled, in that order.
        accounts: accounts declared.
        sanctions: sanctions imposed.
        qualifications: qualifications granted.
        interests: relations declared to it.

    """

    position: int
    party: PartyListed
    members: tuple[str, ...]
    roles: tuple[Role, ...]
    keys: tuple[Key, ...]
    accounts: tuple[Account, ...]
    sanctions: tuple[Sanction, ...]
    qualifications: tuple[Qualification, ...]
    interests: tuple[Interest, ...]

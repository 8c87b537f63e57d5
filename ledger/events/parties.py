"""The ledger itself, its parties, their keys and their roles."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from ledger.events.base import (
    Count,
    Date,
    Event,
    Id,
    Identifier,
    Instant,
    PositiveFen,
    Record,
    Ref,
    Sha256,
    Texts,
)

PartyKind = Literal["government", "social_organisation", "company", "institution", "person_agent"]
RoleName = Literal[
    "authority",
    "registrar",
    "finance",
    "purchaser",
    "provider",
    "evaluator",
    "reviewer",
    "auditor",
    "treasury",
    "lender",
    "operator",
    "reporter",
]
KeyUse = Literal["admin", "sign", "session"]
VerifierKeyText = Annotated[str, Meta(max_length=300)]
OffsetText = Annotated[
    str, Meta(pattern=r"\A(?!-00:00)[+-](?:(?:0[0-9]|1[0-7]):[0-5][0-9]|18:00)\Z")
]
"""Hours and minutes east of UTC, at most 18 hours: no civil time lies further (`ledger.times`)."""


class FoundingParty(Record, frozen=True, kw_only=True):
    """A party that the genesis registers.

    Attributes:
        party: its id.
        names: its official name by language.
        identifier: its number in a public register.
        kind: what it is in law.

    """

    party: Id
    names: Texts
    identifier: Identifier
    kind: PartyKind


class FoundingKey(Record, frozen=True, kw_only=True):
    """A key that the genesis enrols, with the role its party gets.

    Attributes:
        vkey: C2SP verifier key named `<party>/<label>`.
        role: `authority` (also `registrar`) or `operator`.
        holder: random token of the person who holds it.

    """

    vkey: VerifierKeyText
    role: Literal["authority", "operator"]
    holder: Id


class Predecessor(Record, frozen=True, kw_only=True):
    """The last checkpoint of the ledger this one succeeds.

    Attributes:
        origin: its origin.
        size: its last size, in statements.
        root: its root at that size, hex.

    """

    origin: Annotated[str, Meta(max_length=255)]
    size: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    root: Sha256


class LedgerOpened(Event, frozen=True, kw_only=True, tag="ledger.opened"):
    """The ledger was opened under these parties, keys and law. Signed by every key it names.

    Attributes:
        origin: the ledger's name in the log (C2SP tlog-checkpoint origin).
        title: what it is called, by language.
        currency: ISO 4217 code of every `_fen` amount.
        utc_offset: local time's fixed offset, by which dates are judged.
        law: version of the admission law.
        ledger_key: verifier key that signs checkpoints and nothing else.
        simulated: present and true where nothing in it happened.
        parties: the authority and the operator.
        keys: their keys.
        predecessor: the ledger this one succeeds.

    """

    origin: Annotated[str, Meta(max_length=255)]
    title: Texts
    currency: Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
    utc_offset: OffsetText
    law: Count
    ledger_key: VerifierKeyText
    parties: Annotated[list[FoundingParty], Meta(min_length=1, max_length=16)]
    keys: Annotated[list[FoundingKey], Meta(min_length=2, max_length=16)]
    simulated: bool | UnsetType = UNSET
    predecessor: Predecessor | UnsetType = UNSET


class PartyRegistered(Event, frozen=True, kw_only=True, tag="party.registered"):
    """A party was registered. Signed by a registrar.

    Attributes:
        party: its id, for ever.
        names: its official name by language (OCDS `parties.name`).
        identifier: its number in a public register (OCDS `parties.identifier`); one party each.
        kind: what it is in law.
        parent: the party it belongs to.
        sme: true for a micro, small or medium enterprise (SME Payment Regulation 3).

    """

    party: Id
    names: Texts
    identifier: Identifier
    kind: PartyKind
    parent: Ref | UnsetType = UNSET
    sme: bool | UnsetType = UNSET


class PartyUpdated(Event, frozen=True, kw_only=True, tag="party.updated"):
    """A party's register entry changed. Signed by a registrar, or the party for contact data.

    Contact data are personal: they stand in the vault, and here as commitments under `private`. An
    update that holds nothing else may be signed by a key of the party alone.

    Attributes:
        party: whose.
        names: the new official names.
        parent: the party it now belongs to.
        sme: whether it is a micro, small or medium enterprise from now on.

    """

    party: Ref
    names: Texts | UnsetType = UNSET
    parent: Ref | UnsetType = UNSET
    sme: bool | UnsetType = UNSET


class KeyEnrolled(Event, frozen=True, kw_only=True, tag="key.enrolled"):
    """A key was enrolled. Signed by the new key and an `admin` key of its party.

    For a party's first key: by a registrar and the new key. The party stands twice among the
    signers in the first case, once in the second.

    Attributes:
        party: whose.
        vkey: C2SP verifier key named `<party>/<label>`; label and key are used once, ever.
        use: `admin` (may also enrol and revoke), `sign`, or `session` (logs in, signs nothing).
        holder: random token of the person who holds it.

    """

    party: Ref
    vkey: VerifierKeyText
    use: KeyUse
    holder: Id


class KeyRecovered(Event, frozen=True, kw_only=True, tag="key.recovered"):
    """A party that lost its keys got a new one. Signed by a registrar and the new key.

    The new key takes force when 10 working days have ended, and the lost ones are revoked then.
    Until then they live, and any live key of the party may contest (`key.contested`).

    Attributes:
        party: whose.
        vkey: C2SP verifier key of the new key, named `<party>/<label>`; both used once, ever.
        use: `admin`: it can enrol whatever others are needed.
        holder: random token of the person who holds it.
        lost: verifier keys of the party that it replaces.

    """

    party: Ref
    vkey: VerifierKeyText
    use: Literal["admin"]
    holder: Id
    lost: Annotated[list[VerifierKeyText], Meta(min_length=1, max_length=100)]


class KeyContested(Event, frozen=True, kw_only=True, tag="key.contested"):
    """A recovery was contested, and is ended by it. Signed by a live key of the party.

    Attributes:
        recovery: id of the `key.recovered` event.

    """

    recovery: Ref


class KeyRevoked(Event, frozen=True, kw_only=True, tag="key.revoked"):
    """A key was revoked; later signatures by it are refused.

    Signed by an `admin` key of the party that is older than 10 working days, or by a registrar.

    Attributes:
        vkey: which.
        reason: why.
        since: from when on its acts are in doubt, at most 30 days back; today's time where none is.

    """

    vkey: VerifierKeyText
    reason: Literal["LOST", "STOLEN", "HOLDER_LEFT", "REPLACED", "OTHER"]
    since: Instant


class ActReaffirmed(Event, frozen=True, kw_only=True, tag="act.reaffirmed"):
    """An act in doubt stands. Signed by the party of the doubted key, or by a reviewer.

    The party signs with a key that is not in doubt itself.

    Attributes:
        event: id of the event that is held.

    """

    event: Ref


class Scope(Record, frozen=True, kw_only=True):
    """What a role covers: all of the ledger, or what is listed.

    Attributes:
        all: true for everything.
        programmes: these programmes.
        purchasers: contracts of these buyers.
        lines: these fund lines.

    """

    all: Literal[True] | UnsetType = UNSET
    programmes: Annotated[list[Ref], Meta(min_length=1, max_length=1000)] | UnsetType = UNSET
    purchasers: Annotated[list[Ref], Meta(min_length=1, max_length=1000)] | UnsetType = UNSET
    lines: Annotated[list[Ref], Meta(min_length=1, max_length=1000)] | UnsetType = UNSET


class Limits(Record, frozen=True, kw_only=True):
    """How far a role reaches.

    Attributes:
        amount_fen_max: the largest amount of a single act.
        expires: last local day of the role.

    """

    amount_fen_max: PositiveFen | UnsetType = UNSET
    expires: Date | UnsetType = UNSET


class RoleGranted(Event, frozen=True, kw_only=True, tag="role.granted"):
    """A party was given a role. Signed by the authority; `provider` by a registrar.

    Attributes:
        party: who gets it.
        role: which.
        scope: what it covers.
        limits: how far it reaches.

    """

    party: Ref
    role: RoleName
    scope: Scope
    limits: Limits | UnsetType = UNSET


class RoleRevoked(Event, frozen=True, kw_only=True, tag="role.revoked"):
    """A role was taken back, whole. Signed by the authority; `provider` by a registrar.

    Attributes:
        party: who loses it.
        role: which, with every scope it was granted in.
        reason: why.

    """

    party: Ref
    role: RoleName
    reason: Literal["ENDED", "REPLACED", "MISCONDUCT", "OTHER"]


EVENTS = (
    LedgerOpened,
    PartyRegistered,
    PartyUpdated,
    KeyEnrolled,
    KeyRecovered,
    KeyContested,
    KeyRevoked,
    ActReaffirmed,
    RoleGranted,
    RoleRevoked,
)

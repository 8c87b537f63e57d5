"""Persons, by token: what interests they have, and what was erased about them."""

from typing import Annotated, Literal

from msgspec import Meta

from ledger.events.base import Event, Id, Period, Ref

Relation = Literal["EMPLOYMENT", "BOARD", "CONTROL", "KINSHIP", "OTHER"]
"""Relations that bar from a purchase (Regulation on the Government Procurement Law 9)."""

ErasureBasis = Literal[
    "PURPOSE_ACHIEVED", "RETENTION_ENDED", "CONSENT_WITHDRAWN", "UNLAWFUL", "OTHER_LAW"
]
"""Grounds for erasure, in the order of Personal Information Protection Law 47."""


class InterestDeclared(Event, frozen=True, kw_only=True, tag="interest.declared"):
    """A person's relation to a party was declared. Signed by a purchaser or an evaluator.

    Attributes:
        person: token of the person: the holder of a key, or an expert.
        relation: employed there, on its board, in control of it, kin of who leads it, or other.
        counterparty: the party to which the person is related.
        period: first and last day of the relation.

    """

    person: Id
    relation: Relation
    counterparty: Ref
    period: Period


class SubjectErased(Event, frozen=True, kw_only=True, tag="subject.erased"):
    """Openings of commitments about a person were destroyed in the vault.

    Signed by a purchaser and a registrar. Tokens, hashes and sums stay; nothing in the ledger
    tells any more whom they are about. A person may be erased again when more was written since.

    Attributes:
        token: token of the person: a beneficiary, a worker or a holder of keys.
        basis: legal basis (Personal Information Protection Law 47).
        commitments: how many commitments can no longer be opened.

    """

    token: Ref
    basis: ErasureBasis
    commitments: Annotated[int, Meta(ge=1, le=1_000_000_000)]


EVENTS = (InterestDeclared, SubjectErased)

"""What every event has, and the field types the vocabulary is written in.

An event's bytes are canonical JSON (RFC 8785, stricter; docs/formats.md 1). They are decoded
into a frozen record of their type and encoded again; only bytes that come out as they went in
are an event, so one meaning has one byte string. Unknown fields, nulls, floats and duplicate
keys do not survive that.

    {"amount_fen":120000000,"at":"2026-01-05T01:00:00.000Z","id":"019b…","line":"2026-…",
     "salt":"00112233445566778899aabbccddeeff","type":"budget.allotted","v":1}
"""

import re
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ledger.money import MAX_AMOUNT_FEN, PPM

MAX_LIST = 10_000
"""Items in any list of an event: as many as a statement may hold events."""

MAX_DAYS = 365
"""The longest acceptance period a contract may name; longer is no term but a refusal to pay."""

Id = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")]
"""An id that an event introduces; unique within its kind regardless of case."""

Ref = Annotated[str, Meta(max_length=64)]
"""An id that an earlier event introduced; admission looks it up."""

Fen = Annotated[int, Meta(ge=0, le=MAX_AMOUNT_FEN)]
"""An amount in minor units of the ledger's currency, zero allowed."""

PositiveFen = Annotated[int, Meta(gt=0, le=MAX_AMOUNT_FEN)]
"""An amount in minor units of the ledger's currency, above zero."""

DeltaFen = Annotated[int, Meta(ge=-MAX_AMOUNT_FEN, le=MAX_AMOUNT_FEN)]
"""A change of an amount in minor units, of either sign."""

Ppm = Annotated[int, Meta(ge=0, le=PPM)]
"""A share in parts per million, 0 to 1."""

Units = Annotated[int, Meta(gt=0, le=1_000_000_000)]
"""A number of service units; the bound keeps units × rate inside an amount's range check."""

Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
"""A number of things."""

Instant = Annotated[
    str,
    Meta(
        pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\Z",
    ),
]
"""RFC 3339, UTC, milliseconds, fixed width; `ledger.times.parse_instant` checks the calendar."""

Date = Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
"""A local calendar date; `ledger.times.parse_date` checks that it exists."""

Month = Annotated[str, Meta(pattern=r"\A[0-9]{4}-(?:0[1-9]|1[0-2])\Z")]
"""A local calendar month, `2026-03`."""

Sha256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
"""SHA-256 in lower-case hex: of a file, or a salted commitment (docs/formats.md 2)."""

RuleVersion = Annotated[str, Meta(pattern=r"\A[a-z]+/[a-z][a-z0-9-]{0,62}@[1-9][0-9]{0,5}\Z")]
"""A version of a published rule, `pay/standard@1`: what it says never changes."""

Text = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1000,
        pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*\Z",
    ),
]
"""Public text of one line: titles, numbers, codes. Never about a natural person.

Without control characters: they would steer the terminal, or turn the direction, of whoever
reads it.
"""

Language = Annotated[str, Meta(pattern=r"\A[a-z]{2,3}\Z")]
"""An ISO 639 language code."""

Texts = Annotated[dict[Language, Text], Meta(min_length=1, max_length=20)]
"""One public text in several languages."""

FieldName = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_]{0,63}\Z")]
"""The name of a private value whose commitment an event carries."""

Private = Annotated[dict[FieldName, Sha256], Meta(min_length=1, max_length=50)]
"""Commitments to personal data that lives in the vault."""

ReasonCode = Literal[
    "NOT_ELIGIBLE",
    "EXITED",
    "NOT_IN_PLAN",
    "OVER_UNITS",
    "OVER_CAP_PRICE",
    "UNQUALIFIED",
    "WORKER_OVERLAP",
    "ELDER_OVERLAP",
    "PLACE_UNVERIFIED",
    "TOO_SHORT",
    "OVERTIME",
    "MANUAL_NO_REASON",
    "DENIED_BY_ELDER",
    "DUPLICATE",
    "OUTSIDE_TERM",
    "OTHER_FUND",
    "LATE_SUBMISSION",
    "NO_CONFIRMATION",
    "MISSING_ELEMENT",
    "OTHER",
]
"""Why a line of a claim is cut: a closed list, so that cuts can be counted and contested."""


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of an event: typed, closed, immutable."""


class Event(Record, frozen=True, kw_only=True, tag_field="type"):
    """A fact, in the past tense.

    Attributes:
        v: schema version of this type.
        id: UUIDv7 (RFC 9562), lower case, unique in the ledger; what others refer to.
        salt: 16 random bytes in hex, used nowhere else; blinds the leaf hash.
        at: when it happened, claimed by the signer; never used to judge a deadline.
        private: commitments to personal data, by name.

    """

    v: Literal[1]
    id: str
    salt: str
    at: str
    private: Private | UnsetType = UNSET


class Identifier(Record, frozen=True, kw_only=True):
    """A party's number in a public register, as OCDS `Identifier`.

    Attributes:
        scheme: the register, by its org-id.guide code, for instance `CN-USCC`.
        id: the number in that register.

    """

    scheme: Text
    id: Text


class Document(Record, frozen=True, kw_only=True):
    """A document an act rests on.

    Attributes:
        number: the issuing body's own number.
        sha256: the file's hash.

    """

    number: Text
    sha256: Sha256


class Period(Record, frozen=True, kw_only=True, rename={"from_date": "from", "to_date": "to"}):
    """Calendar days, both included.

    Attributes:
        from_date: first day.
        to_date: last day.

    """

    from_date: Date
    to_date: Date


HEADING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\n"  # id: UUIDv7
    r"[0-9a-f]{32}\n"  # salt
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"  # at
)
"""`id`, `salt` and `at` of an event, one a line: one match is three checks."""

"""Contracts: what both sides agreed, and what became of it."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from ledger.events.base import (
    MAX_DAYS,
    Date,
    DeltaFen,
    Event,
    Fen,
    Id,
    Period,
    PositiveFen,
    Ppm,
    Record,
    Ref,
    RuleVersion,
    Sha256,
    Text,
    Units,
)

MAX_PAY_DAYS = 60
"""The most days to pay in that a contract may name, however few are published (C13)."""

Basis = Literal["agreed", "ruling"]
"""By whose will service stops or goes on: both sides', or a reviewer's (Law 50)."""

StopGround = Literal[
    "FORCE_MAJEURE",
    "PUBLIC_INTEREST",
    "BREACH",
    "FUNDING",
    "NO_NEED",
    "REMEDIED",
    "OTHER",
]
"""Why service stops or goes on: a closed list, so that grounds can be counted."""

Year = Annotated[int, Meta(ge=2000, le=9999)]
"""A budget year."""


class ContractLine(Record, frozen=True, kw_only=True):
    """A fund line's share of a contract.

    Attributes:
        line: which.
        share_ppm: its share; all shares together are one million.

    """

    line: Ref
    share_ppm: Annotated[int, Meta(gt=0, le=1_000_000)]


class Item(Record, frozen=True, kw_only=True):
    """A service the contract buys, at a rate (OCDS `contracts.items`).

    Attributes:
        service: its code.
        unit: what is counted: visit, hour, day.
        rate_fen: price of one unit.
        units_max: the most units.

    """

    service: Id
    unit: Literal["visit", "hour", "day"]
    rate_fen: PositiveFen
    units_max: Units


class LaterYear(Record, frozen=True, kw_only=True):
    """A part of a contract's value that no budget covers yet.

    Attributes:
        year: the later budget year that is to pay it.
        amount_fen: how much.

    """

    year: Year
    amount_fen: PositiveFen


class ContractSigned(Event, frozen=True, kw_only=True, tag="contract.signed"):
    """A contract was signed; its value is committed. Signed by purchaser and provider.

    What belongs to later years is a memo until finance funds it (`contract.funded`), and is not
    committed before.

    Attributes:
        contract: its id (OCDS `contracts.id`).
        number: the parties' own number.
        award: the award it carries out (OCDS `contracts.awardID`).
        buyer: the purchasing party.
        provider: the party that serves.
        lines: where the money comes from.
        items: what is bought, and at what rate.
        value_fen: the most it may cost (OCDS `contracts.value`).
        later_years: parts of the value that later years are to pay, without a budget yet.
        term: first and last day of service (OCDS `contracts.period`); at most one year, or three
            where the programme is stable (Measures for Government Purchase of Services 24).
        acceptance_days: days the buyer has to answer a claim (SME Payment Regulation 10).
        pay_days: days until an accepted claim is to be paid, at most 60 (the same, 9).
        bonus_max_fen: part of the value that only bonuses may use.
        advance_ppm: the most that may be paid in advance, as a share of the value.
        recovery_ppm: share of every acceptance by which an advance is recovered; where it is
            absent, `advance_ppm`.
        retention_ppm: share of every acceptance that is held back, within clock C17 (Regulation
            48).
        retention_release: day on which what is held back falls due (SME Payment Regulation 13);
            where it is absent, the last day of the term.
        pay: rule by which a score scales the pay, for the contract's whole life.
        score: rule by which performance is scored, likewise.
        incentive: rule by which good work counts, likewise.
        late_rate_ppm_per_year: interest on late payment, at least the published `rate/lpr`; where
            it is absent, the published `rate/late` (SME Payment Regulation 17).
        document: hash of the signed contract.

    """

    contract: Id
    number: Text
    award: Ref
    buyer: Ref
    provider: Ref
    lines: Annotated[list[ContractLine], Meta(min_length=1, max_length=100)]
    items: Annotated[list[Item], Meta(min_length=1, max_length=100)]
    value_fen: PositiveFen
    later_years: Annotated[list[LaterYear], Meta(min_length=1, max_length=3)] | UnsetType = UNSET
    term: Period
    acceptance_days: Annotated[int, Meta(ge=1, le=MAX_DAYS)]
    pay_days: Annotated[int, Meta(ge=1, le=MAX_PAY_DAYS)]
    bonus_max_fen: Fen | UnsetType = UNSET
    advance_ppm: Ppm | UnsetType = UNSET
    recovery_ppm: Ppm | UnsetType = UNSET
    retention_ppm: Ppm | UnsetType = UNSET
    retention_release: Date | UnsetType = UNSET
    pay: RuleVersion | UnsetType = UNSET
    score: RuleVersion | UnsetType = UNSET
    incentive: RuleVersion | UnsetType = UNSET
    late_rate_ppm_per_year: Ppm | UnsetType = UNSET
    document: Sha256 | UnsetType = UNSET


class ContractAmended(Event, frozen=True, kw_only=True, tag="contract.amended"):
    """Both sides changed a contract. Signed by purchaser and provider.

    It changes what it lists, and leaves all else as it was. What is added to the value is at
    most 10 % in all (Government Procurement Law 49).

    Attributes:
        contract: which.
        reason: why (OCDS `amendments.rationale`).
        value_delta_fen: what is added to its value, or taken from it.
        term_to: its new last day.
        items: services bought in addition, or on new terms; rates count for visits recorded
            from now on.
        lines: the shares by which the contract's lines bear what enters it from now on.
        later_years: what later years are to pay and no budget covers, in place of what was said.
        bonus_max_fen: the new part of the value that only bonuses may use.
        retention_release: the new day on which what is held back falls due.
        document: hash of the signed amendment.

    """

    contract: Ref
    reason: Literal["CLERICAL", "SCOPE", "PRICE", "TERM", "BUDGET", "OTHER"]
    value_delta_fen: DeltaFen
    term_to: Date | UnsetType = UNSET
    items: Annotated[list[Item], Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    lines: Annotated[list[ContractLine], Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    later_years: Annotated[list[LaterYear], Meta(max_length=3)] | UnsetType = UNSET
    bonus_max_fen: Fen | UnsetType = UNSET
    retention_release: Date | UnsetType = UNSET
    document: Sha256 | UnsetType = UNSET


class ContractFunded(Event, frozen=True, kw_only=True, tag="contract.funded"):
    """A later year's part of a contract got its budget and is committed. Signed by finance.

    Attributes:
        contract: which.
        line: a fund line of that year, of the bureau that signs.
        amount_fen: how much; at most what was left to that year.

    """

    contract: Ref
    line: Ref
    amount_fen: PositiveFen


class Redaction(Record, frozen=True, kw_only=True):
    """Something blacked out of a published text.

    Attributes:
        what: which part.
        ground: why it may be withheld (Government Information Regulation 14 and 15); `UNSTATED`
            only where version 1 did not ask.

    """

    what: Text
    ground: Literal["STATE_SECRET", "TRADE_SECRET", "PRIVACY", "UNSTATED"]


class ContractPublished(Event, frozen=True, kw_only=True, tag="contract.published"):
    """The contract's text was published. Signed by the purchaser.

    Attributes:
        v: 2; in version 1 a redaction was a text alone.
        contract: which.
        sha256: hash of the published file (Regulation 50: within 2 working days).
        redactions: what was blacked out, and why.

    """

    v: Literal[2]  # type: ignore[assignment]  # each version is a type of its own
    contract: Ref
    sha256: Sha256
    redactions: Annotated[list[Redaction], Meta(max_length=100)] | UnsetType = UNSET


class ContractSuspended(Event, frozen=True, kw_only=True, tag="contract.suspended"):
    """Service under a contract stopped for a time.

    Signed by purchaser and provider, or by a reviewer (Government Procurement Law 50: no side
    alone). It binds visits that begin after it is recorded; what was done before is billed and
    paid as ever.

    Attributes:
        contract: which.
        basis: whether both sides agreed or a reviewer ruled.
        ground: why.

    """

    contract: Ref
    basis: Basis
    ground: StopGround


class ContractResumed(Event, frozen=True, kw_only=True, tag="contract.resumed"):
    """Service under a suspended contract goes on. Signed as its suspension, by either way.

    Attributes:
        contract: which.
        basis: whether both sides agreed or a reviewer ruled.
        ground: why.

    """

    contract: Ref
    basis: Basis
    ground: StopGround


class ContractTerminated(Event, frozen=True, kw_only=True, tag="contract.terminated"):
    """Service under a contract ended before its term.

    Signed by purchaser and provider, or by a reviewer (Government Procurement Law 50: no side
    alone). No visit is recorded after it; what was recorded is billed, answered and paid. What
    is committed beyond that is free again.

    Attributes:
        contract: which.
        basis: whether both sides agreed or a reviewer ruled.
        ground: why.

    """

    contract: Ref
    basis: Basis
    ground: StopGround


class FinalLine(Record, frozen=True, kw_only=True):
    """What a fund line paid for a contract in all.

    Attributes:
        line: which.
        paid_fen: paid.

    """

    line: Ref
    paid_fen: Fen


class ContractClosed(Event, frozen=True, kw_only=True, tag="contract.closed"):
    """A contract was closed; what it did not need is free again.

    Signed by purchaser and provider; or, after notice, by the side that gave it, or by the
    reviewer that upheld it.

    Attributes:
        contract: which.
        notice: the notice on which it is closed, where not both sides sign.
        final: what each of its lines paid, in the contract's order of lines.

    """

    contract: Ref
    notice: Ref | UnsetType = UNSET
    final: Annotated[list[FinalLine], Meta(min_length=1, max_length=100)]


EVENTS = (
    ContractSigned,
    ContractAmended,
    ContractFunded,
    ContractPublished,
    ContractSuspended,
    ContractResumed,
    ContractTerminated,
    ContractClosed,
)

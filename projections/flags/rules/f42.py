"""F42: what is reported contradicts itself.

In the releases of a process that others published, one of seven:

- `paid`: more was paid on a contract than it is worth, in the same currency, or more was paid back
  than paid;
- `value`: the contracts under an award, without those cancelled, are together worth more than the
  award, in one currency;
- `currency`: a contract's value changed its currency from release to release, or a payment or the
  award is in another than the contract, so that no sums can be compared;
- `status`: money was paid on a contract that is pending or cancelled, or a contract is in force
  under an award that is pending, cancelled or unsuccessful;
- `dates`: the tender closes before it opens, an award was decided before the day on which the
  tender closes, a contract was signed before the day of its award, was paid on before it was
  signed, or ends before it begins;
- `open`: a contract is still active in a release dated after the contract's last day;
- `release`: a publisher says something else under a release id that it had used before. Compared is
  what is said of dates, statuses and sums; another spelling, or a copy in another version of OCDS,
  is no change.

Any case counts. One case for each contradiction.

Why look: a published record is evidence only if it stays as it was; OCDS asks for a new release
with a new id for each change. Payments beyond a contract, and a contract beyond its award, are
findings of any audit of published data (Open Contracting Partnership, Red Flags in Public
Procurement, 2024).

Innocent: an amendment that was not published, value added tax in the payments and not in the
value, an advance, a payment in local currency, a status or an end that nobody keeps up to date,
dates typed by hand, a framework under which several bodies buy. Look at the publisher's own site,
and ask.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from ledger.intake.amounts import NO_CURRENCY, format_amount
from projections.flags.processes import REPORTED_PROCESSES, ReportedProcess
from projections.flags.procurement import evidence_of
from projections.flags.rule import Flagged, Rule, Thresholds
from projections.processes import ReportedContract
from projections.reported_facts import Money
from projections.reported_purchase import PurchaseFacts, ReportedAward

_CANCELLED = "cancelled"
_NOT_IN_FORCE = frozenset(["pending", _CANCELLED])  # contracts on which nothing can be due
_NOT_AWARDED = frozenset(["pending", _CANCELLED, "unsuccessful"])


class Contradiction(NamedTuple):
    """Two statements that cannot both hold.

    Attributes:
        kind: paid, value, currency, status, dates, open or release.
        what: where: a contract, an award, the tender or a release, by its id.
        said: the one, as a reader reads it.
        against: the other.
        evidence: positions of the reports.

    """

    kind: str
    what: str
    said: str
    against: str
    evidence: tuple[int, ...]


def contradictions(process: ReportedProcess) -> Iterator[Contradiction]:
    """Yield the contradictions in what is reported of a process."""
    last, purchase = process.evidence[-1:], process.file.purchase
    awards = {award.award_id: award for award in purchase.awards if award.award_id}
    for contract in process.file.contracts:
        award = awards.get(contract.award_id or "")
        yield from _paid(contract, last)
        yield from _currencies(contract, award, last)
        yield from _statuses(contract, award, last)
        yield from _dates(contract, award, last)
        yield from _open(contract, last)
    yield from _values(process, awards, last)
    yield from _tender(purchase, last)
    for change in process.file.rewritten:
        evidence = (change.earlier, change.later)
        yield Contradiction("release", change.release_id, "release", "release", evidence)


def _paid(contract: ReportedContract, evidence: tuple[int, ...]) -> Iterator[Contradiction]:
    value = contract.value
    for paid in contract.paid:
        if paid.amount_minor < 0:
            nothing = Money(paid.currency, 0)
            yield Contradiction("paid", contract.key, _shown(paid), _shown(nothing), evidence)
        if value is None or paid.currency != value.currency:
            continue
        if paid.amount_minor > max(value.amount_minor, 0):
            yield Contradiction("paid", contract.key, _shown(paid), _shown(value), evidence)


def _currencies(
    contract: ReportedContract, award: ReportedAward | None, evidence: tuple[int, ...]
) -> Iterator[Contradiction]:
    for earlier, later in pairwise(contract.course.currencies):
        yield Contradiction("currency", contract.key, later, earlier, evidence)
    if contract.value is None or contract.value.currency == NO_CURRENCY:
        return
    others = [paid.currency for paid in contract.paid if paid.amount_minor]
    if award is not None and award.amount_minor is not None:
        others.append(award.currency)
    for other in dict.fromkeys(others):
        if other not in (contract.value.currency, NO_CURRENCY):
            currency = contract.value.currency
            yield Contradiction("currency", contract.key, other, currency, evidence)


def _statuses(
    contract: ReportedContract, award: ReportedAward | None, evidence: tuple[int, ...]
) -> Iterator[Contradiction]:
    if contract.status in _NOT_IN_FORCE:
        for paid in contract.paid:
            if paid.amount_minor > 0:
                said = _shown(paid)
                yield Contradiction("status", contract.key, said, contract.status, evidence)
    elif contract.status and award is not None and award.status in _NOT_AWARDED:
        said, against = f"contract {contract.status}", f"award {award.status}"
        yield Contradiction("status", contract.key, said, against, evidence)


def _values(
    process: ReportedProcess, awards: dict[str, ReportedAward], evidence: tuple[int, ...]
) -> Iterator[Contradiction]:
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for contract in process.file.contracts:
        if contract.status == _CANCELLED or contract.value is None:
            continue
        if contract.award_id in awards:
            sums[contract.award_id or "", contract.value.currency] += contract.value.amount_minor
    for (award_id, currency), amount_minor in sorted(sums.items()):
        award = awards[award_id]
        if award.amount_minor is None or award.currency != currency:
            continue
        if amount_minor > award.amount_minor:
            said, against = Money(currency, amount_minor), Money(currency, award.amount_minor)
            yield Contradiction("value", award_id, _shown(said), _shown(against), evidence)


def _dates(
    contract: ReportedContract, award: ReportedAward | None, evidence: tuple[int, ...]
) -> Iterator[Contradiction]:
    pairs = [
        (contract.ends_on, contract.starts_on),
        (contract.first_paid_on, contract.signed_on),
    ]
    if award is not None:
        pairs.append((contract.signed_on, award.decided_on))
    for later, earlier in pairs:
        if later is not None and earlier is not None and later < earlier:
            yield Contradiction("dates", contract.key, later, earlier, evidence)


def _open(contract: ReportedContract, evidence: tuple[int, ...]) -> Iterator[Contradiction]:
    ends_on, told_on = contract.ends_on, contract.course.told_on
    if contract.status != "active" or ends_on is None or told_on is None:
        return
    if told_on > ends_on:
        yield Contradiction("open", contract.key, f"active, {told_on}", ends_on, evidence)


def _tender(purchase: PurchaseFacts, evidence: tuple[int, ...]) -> Iterator[Contradiction]:
    opens_ms, closes_ms, closes_on = purchase.opens_ms, purchase.closes_ms, purchase.closes_on
    if opens_ms is not None and closes_ms is not None and closes_ms < opens_ms:
        yield Contradiction("dates", "tender", "tenderPeriod.endDate", "startDate", evidence)
    for award in purchase.awards:
        decided_on = award.decided_on
        if decided_on is not None and closes_on is not None and decided_on < closes_on:
            what = award.award_id or "award"
            yield Contradiction("dates", what, decided_on, closes_on, evidence)


def _shown(money: Money) -> str:
    return f"{format_amount(money.amount_minor, money.currency)} {money.currency}"


def _judge(process: ReportedProcess, _thresholds: Thresholds) -> Iterator[Flagged]:
    for found in contradictions(process):
        yield Flagged(
            f"process/{process.key}",
            evidence_of(found.evidence),
            {
                "process": process.key,
                "kind": found.kind,
                "what": found.what,
                "said": found.said,
                "against": found.against,
            },
        )


F42 = Rule(
    "f42",
    "Reported contradiction",
    "What is reported of {process} contradicts itself ({kind}, {what}): {said} against {against}.",
    "OCDS; Open Contracting Partnership, Red Flags in Public Procurement",
    REPORTED_PROCESSES,
    _judge,
)

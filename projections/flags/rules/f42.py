"""F42: what is reported contradicts itself.

In the releases of a process that others published, one of four:

- `paid`: more was paid on a contract than it is worth, in the same currency;
- `value`: the contracts under an award are together worth more than the award, in one currency;
- `dates`: the tender closes before it opens, a contract was signed before the day of its award, or
  ends before it begins;
- `release`: a publisher says something else under a release id that it had used before. Compared is
  what is said of dates, statuses and sums; another spelling, or a copy in another version of OCDS,
  is no change.

Any case counts. One case for each contradiction.

Why look: a published record is evidence only if it stays as it was; OCDS asks for a new release
with a new id for each change. Payments beyond a contract, and a contract beyond its award, are
findings of any audit of published data (Open Contracting Partnership, Red Flags in Public
Procurement, 2024).

Innocent: an amendment that was not published, value added tax in the payments and not in the
value, dates typed by hand, a framework under which several bodies buy. Look at the publisher's own
site, and ask.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from ledger.intake.amounts import format_amount
from projections.flags.processes import REPORTED_PROCESSES, ReportedProcess
from projections.flags.procurement import evidence_of
from projections.flags.rule import Flagged, Rule, Thresholds
from projections.processes import ReportedContract
from projections.reported_facts import Money
from projections.reported_purchase import ReportedAward


class Contradiction(NamedTuple):
    """Two statements that cannot both hold.

    Attributes:
        kind: paid, value, dates or release.
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
        yield from _paid(contract, last)
        yield from _dates(contract, awards.get(contract.award_id or ""), last)
    yield from _values(process, awards, last)
    opens_ms, closes_ms = purchase.opens_ms, purchase.closes_ms
    if opens_ms is not None and closes_ms is not None and closes_ms < opens_ms:
        yield Contradiction("dates", "tender", "tenderPeriod.endDate", "startDate", last)
    for change in process.file.rewritten:
        evidence = (change.earlier, change.later)
        yield Contradiction("release", change.release_id, "release", "release", evidence)


def _paid(contract: ReportedContract, evidence: tuple[int, ...]) -> Iterator[Contradiction]:
    value = contract.value
    for paid in contract.paid:
        if value is None or paid.currency != value.currency:
            continue
        if paid.amount_minor > value.amount_minor:
            yield Contradiction("paid", contract.key, _shown(paid), _shown(value), evidence)


def _values(
    process: ReportedProcess, awards: dict[str, ReportedAward], evidence: tuple[int, ...]
) -> Iterator[Contradiction]:
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for contract in process.file.contracts:
        if contract.award_id in awards and contract.value is not None:
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
    pairs = [(contract.ends_on, contract.starts_on)]
    if award is not None:
        pairs.append((contract.signed_on, award.decided_on))
    for later, earlier in pairs:
        if later is not None and earlier is not None and later < earlier:
            yield Contradiction("dates", contract.key, later, earlier, evidence)


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

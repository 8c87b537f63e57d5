"""What the reports of one process say together: contracts, statuses, money planned and paid.

A report says "this publisher said this". The facts here are what the publishers' own words add up
to, as published; nothing is enforced on them, and contradictions are told as defects.

Which reports count, and in what order, `projections.reported_standing` says. So a raw and an
upgraded copy of one file, a record beside its releases, or a second import of everything leaves
every figure as it was. One contract, award or payment is the same one in all releases that give
it the same id, or, without an id, the same place (`projections.reported_essence`).

Worked example (Mexico City, OCDS-87SD3T-AD-SF-DRM-066-2015): releases 01 and 02 both list the
same three payments of 255,821.76 MXN by their ids. The facts are one contract of 767,465.28 MXN,
paid 767,465.28 MXN, not the double of it.

Money is an integer of minor units per currency; sums never mix currencies. Planned is the
budget's amount (else the sum of its breakdown); committed the sum of the contracts that are not
cancelled, and where no contract names a value, of the awards in force; paid the sum of all
payments, refunds (negative ones) included.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from msgspec import Struct

from ledger.errors import Malformed
from ledger.intake.amounts import NO_CURRENCY, currency_of, format_amount, parse_amount
from ledger.intake.dates import calendar_day
from ledger.intake.defects import Defect, defect
from ledger.intake.shape import object_in, objects_in, text_in
from ledger.money import MAX_AMOUNT_FEN
from projections.compiling import compile_releases
from projections.merge_rules import RULES_1_1
from projections.reported_course import Course, courses_of, first_paid_on
from projections.reported_essence import PUBLISHED_ID, contract_keys, essence
from projections.reported_purchase import PurchaseFacts, purchase_facts
from projections.reported_rewriting import Rewritten, rewritten_of
from projections.reported_standing import Heard, Report, Standing, hear
from projections.reported_tender import TenderFacts, tender_facts

Json = dict[str, Any]
Stage = Literal["planning", "tender", "award", "contract", "implementation"]

_CONTRACT_PATH = re.compile(r"/contracts/(\d+)(?:/.*)?")
_NOT_IN_FORCE = frozenset(["pending", "cancelled", "unsuccessful"])  # awards that bind nobody


class Money(Struct, frozen=True, order=True):
    """An amount: `amount_minor` minor units of `currency` (ISO 4217; XXX if none was named)."""

    currency: str
    amount_minor: int


class ContractFacts(Struct, frozen=True):
    """A contract as published.

    Attributes:
        key: what tells it apart within the process: its id, or its place (`#1`).
        contract_id: the publisher's id of it, or None.
        award_id: the award it rests on, or None.
        title: its title, else its award's or its tender's; may be empty.
        status: as published (pending, active, cancelled, terminated, or anything); may be empty.
        buyer: who buys; may be empty.
        suppliers: who supplies.
        value: what it is worth, or None.
        paid: what was paid on it, by currency; empty when no payment is published.
        payments: how many payments are published.
        signed_on: the day it was signed (YYYY-MM-DD), or None.
        starts_on: the first day of its period, or None.
        ends_on: the last day of its period, or None.
        first_paid_on: the first day on which something was paid on it, or None.
        course: what its releases say one after the other.
        publishers: who reports it.
        defects: what is wrong with it in the latest report of it, and between its figures.

    """

    key: str
    contract_id: str | None
    award_id: str | None
    title: str
    status: str
    buyer: str
    suppliers: tuple[str, ...]
    value: Money | None
    paid: tuple[Money, ...]
    payments: int
    signed_on: str | None
    starts_on: str | None
    ends_on: str | None
    first_paid_on: str | None
    course: Course
    publishers: tuple[str, ...]
    defects: tuple[Defect, ...]


class ReportFacts(Struct, frozen=True):
    """How one report stands among the others.

    Attributes:
        position: the event's position.
        publisher: who published it.
        release_id: the publisher's id of the release, or None.
        date: the release's date as published; may be empty.
        tags: its tags.
        standing: counted, or why not (see the module); `unreadable` is no JSON object.
        defects: what is wrong with the release.

    """

    position: int
    publisher: str
    release_id: str | None
    date: str
    tags: tuple[str, ...]
    standing: Standing
    defects: tuple[Defect, ...]


class ProcessFacts(Struct, frozen=True):
    """An open contracting process as published.

    Attributes:
        position: the latest position reflected.
        title: the tender's title, else a contract's, an award's, the budget's; may be empty.
        buyer: who buys; may be empty.
        stage: how far it has come, by what is published of it.
        tags: the tags of the latest counted release, as published.
        tender_status: as published; may be empty.
        tender: what is published of the tender, or None.
        purchase: its window, bids and awards.
        rewritten: releases that say something else under an id that was used before.
        planned: the budget.
        committed: what contracts, else awards, are worth.
        paid: what was paid.
        contracts: its contracts, in the order in which they were first published.
        reports: every report, by position.
        defects: what is wrong with the process as a whole.

    """

    position: int
    title: str
    buyer: str
    stage: Stage
    tags: tuple[str, ...]
    tender_status: str
    tender: TenderFacts | None
    purchase: PurchaseFacts
    rewritten: tuple[Rewritten, ...]
    planned: tuple[Money, ...]
    committed: tuple[Money, ...]
    paid: tuple[Money, ...]
    contracts: tuple[ContractFacts, ...]
    reports: tuple[ReportFacts, ...]
    defects: tuple[Defect, ...]


def facts_of(reports: Sequence[Report]) -> ProcessFacts:
    """Return the facts of one process from all reports of it, in any order.

    Nothing a publisher wrote makes this fail.

    Raises:
        ValueError: there is no report.

    """
    if not reports:
        raise ValueError("A process without reports has no facts.")
    heard = hear(reports)
    counted = sorted((one for one in heard if one.standing == "counted"), key=lambda one: one.order)
    return _Process(heard, counted).facts()


class _Process:
    """The merged releases of a process on their way to its facts."""

    def __init__(self, heard: Sequence[Heard], counted: Sequence[Heard]) -> None:
        self.heard = heard
        self.counted = counted
        self.defects: list[Defect] = []
        # Every essence has one shape, so merging them cannot fail, whatever was published.
        essences = [essence(one.release) for one in counted]
        self.merged = compile_releases(essences, RULES_1_1)
        self.courses = courses_of(essences)
        self.awards = objects_in(self.merged, "awards")
        self.names = {
            text_in(party, "id"): text_in(party, "name")
            for party in objects_in(self.merged, "parties")
        }
        self.buyer = self._buyer()

    def facts(self) -> ProcessFacts:
        contracts = tuple(self._contracts())
        publishers = sorted({one.report.publisher for one in self.counted})
        if len(publishers) > 1:
            names = ", ".join(publishers)
            self.defects.append(defect("several_publishers", count=len(publishers), names=names))
        tender = object_in(self.merged, "tender")
        budget = object_in(object_in(self.merged, "planning"), "budget")
        titles = [text_in(tender, "title"), *(contract.title for contract in contracts)]
        titles += [text_in(award, "title") for award in self.awards]
        titles.append(text_in(budget, "description"))
        return ProcessFacts(
            position=self.heard[-1].report.position,
            title=next(filter(None, titles), ""),
            buyer=self.buyer,
            stage=self._stage(contracts),
            tags=self.counted[-1].tags if self.counted else (),
            tender_status=text_in(tender, "status"),
            tender=tender_facts(self.merged),
            purchase=purchase_facts(self.merged),
            rewritten=rewritten_of(self.heard),
            planned=self._sum(_planned(budget)),
            committed=self._sum(self._committed(contracts)),
            paid=self._sum(money for contract in contracts for money in contract.paid),
            contracts=contracts,
            reports=tuple(_report_facts(one) for one in self.heard),
            defects=tuple(self.defects),
        )

    def _contracts(self) -> Iterator[ContractFacts]:
        told: dict[str, tuple[Defect, ...]] = {}
        publishers: dict[str, set[str]] = {}
        for one in self.counted:
            keys = contract_keys(one.release)
            for key in keys.values():
                told[key] = ()  # the latest report of a contract says what is wrong with it now
                publishers.setdefault(key, set()).add(one.report.publisher)
            for found in one.defects:
                match = _CONTRACT_PATH.fullmatch(found.path)
                at = int(match[1]) if match else None
                if at in keys:
                    told[keys[at]] += (found,)
        for contract in objects_in(self.merged, "contracts"):
            key = text_in(contract, "id")
            yield self._contract(
                key, contract, tuple(sorted(publishers.get(key, ()))), list(told.get(key, ()))
            )

    def _contract(
        self, key: str, contract: Json, publishers: tuple[str, ...], defects: list[Defect]
    ) -> ContractFacts:
        value = _money(object_in(contract, "value"), NO_CURRENCY)
        currency = value.currency if value else NO_CURRENCY
        payments = objects_in(object_in(contract, "implementation"), "transactions")
        paid = self._paid(payments, currency, defects)
        for money in paid:
            if value is None or not money.amount_minor:
                continue
            if money.currency != value.currency:
                defects.append(
                    defect("currencies_differ", value=value.currency, paid=money.currency)
                )
            elif money.amount_minor > value.amount_minor:
                defects.append(
                    defect(
                        "paid_exceeds_value",
                        paid=format_amount(money.amount_minor, money.currency),
                        currency=money.currency,
                        value=format_amount(value.amount_minor, value.currency),
                    )
                )
        award_id = text_in(contract, "awardID")
        awards = [one for one in self.awards if award_id and text_in(one, PUBLISHED_ID) == award_id]
        awards = awards or (self.awards if len(self.awards) == 1 else [])
        tender_title = text_in(object_in(self.merged, "tender"), "title")
        titles = [text_in(one, "title") for one in (contract, *awards)]
        period = object_in(contract, "period")
        return ContractFacts(
            key=key,
            contract_id=text_in(contract, PUBLISHED_ID) or None,
            award_id=award_id or None,
            title=next(filter(None, titles), tender_title),
            status=text_in(contract, "status"),
            buyer=self.buyer,
            suppliers=self._suppliers([contract]) or self._suppliers(awards),
            value=value,
            paid=paid,
            payments=len(payments),
            signed_on=calendar_day(text_in(contract, "dateSigned")),
            starts_on=calendar_day(text_in(period, "startDate")),
            ends_on=calendar_day(text_in(period, "endDate")),
            first_paid_on=first_paid_on(payments),
            course=self.courses.get(key, Course()),
            publishers=publishers,
            defects=tuple(defects),
        )

    def _paid(
        self, payments: Sequence[Json], currency: str, defects: list[Defect]
    ) -> tuple[Money, ...]:
        found = [_money(object_in(payment, "value"), currency) for payment in payments]
        assumed = sum(
            money is not None and not text_in(object_in(payment, "value"), "currency")
            for money, payment in zip(found, payments, strict=True)
        )
        if assumed and currency != NO_CURRENCY:
            defects.append(defect("currency_assumed", count=assumed, currency=currency))
        return self._sum(money for money in found if money)

    def _committed(self, contracts: Iterable[ContractFacts]) -> list[Money]:
        valued = [contract for contract in contracts if contract.value is not None]
        if valued:
            return [one.value for one in valued if one.value and one.status != "cancelled"]
        values = (
            _money(object_in(award, "value"), NO_CURRENCY)
            for award in self.awards
            if text_in(award, "status") not in _NOT_IN_FORCE
        )
        return [value for value in values if value]

    def _sum(self, amounts: Iterable[Money]) -> tuple[Money, ...]:
        """Add up by currency; a sum that no reader keeps exact is left out and told."""
        totals: Counter[str] = Counter()
        for money in amounts:
            totals[money.currency] += money.amount_minor
        for currency, total in totals.items():
            if abs(total) > MAX_AMOUNT_FEN:
                self.defects.append(defect("total_too_large", currency=currency))
        return tuple(
            Money(currency, total)
            for currency, total in sorted(totals.items())
            if abs(total) <= MAX_AMOUNT_FEN
        )

    def _buyer(self) -> str:
        buyer = object_in(self.merged, "buyer")
        entity = object_in(object_in(self.merged, "tender"), "procuringEntity")
        names = [self._name(buyer)]
        names += [
            text_in(party, "name")
            for party in objects_in(self.merged, "parties")
            if "buyer" in (party.get("roles") or ())
        ]
        names.append(self._name(entity))
        return next(filter(None, names), "")

    def _suppliers(self, parents: Iterable[Json]) -> tuple[str, ...]:
        found = (
            self._name(supplier)
            for parent in parents
            for supplier in objects_in(parent, "suppliers")
        )
        return tuple(dict.fromkeys(filter(None, found)))

    def _name(self, organisation: Json) -> str:
        return text_in(organisation, "name") or self.names.get(text_in(organisation, "id"), "")

    def _stage(self, contracts: Sequence[ContractFacts]) -> Stage:
        if any(contract.payments for contract in contracts):
            return "implementation"
        if contracts:
            return "contract"
        if self.awards:
            return "award"
        return "tender" if "tender" in self.merged else "planning"


def _planned(budget: Json) -> list[Money]:
    whole = _money(object_in(budget, "amount"), NO_CURRENCY)
    if whole:
        return [whole]
    parts = (
        _money(object_in(part, "amount"), NO_CURRENCY)
        for part in objects_in(budget, "budgetBreakdown")
    )
    return [part for part in parts if part]


def _money(value: Json, currency: str) -> Money | None:
    """Return a published `Value`, in `currency` if it names none; None if it is no amount."""
    named = text_in(value, "currency")
    code = currency_of(named) if named else currency
    try:
        return Money(code, parse_amount(value.get("amount"), code).minor)
    except Malformed:
        return None


def _report_facts(one: Heard) -> ReportFacts:
    return ReportFacts(
        one.report.position,
        one.report.publisher,
        one.report.release_id,
        one.date,
        one.tags,
        one.standing,
        one.defects,
    )

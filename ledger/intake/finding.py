"""Finding the defects of one release: what an importer tells the publisher.

`find_defects` looks where money, status and identity are said, and at every text once. It is no
validator: a field this ledger never reads may hold what it likes. The release is not changed.
"""

import re
from collections import Counter
from typing import Any

from ledger.errors import Malformed
from ledger.intake import codelists
from ledger.intake.amounts import currency_of, parse_amount
from ledger.intake.dates import is_date_time
from ledger.intake.defects import Defect, defect
from ledger.intake.parsing import MAX_VALUE_CHARS, Doubled, Numeral, Oversized
from ledger.intake.shape import object_in, objects_in, placed_objects_in, text_in

_OCID = re.compile(r"ocds-[a-z0-9]{6}.+", re.IGNORECASE | re.DOTALL)
_LOST_LETTER = re.compile(r"[^\W\d_]\?[^\W\d_]")
_ENCODED_TWICE = re.compile("[\u00c2\u00c3][\u0080-\u00bf]")
_URL = "://"

_EMBEDDED = ("identifier", "additionalIdentifiers", "address", "contactPoint")


def find_defects(release: dict[str, Any]) -> tuple[Defect, ...]:
    """Return the defects of a release (numbers as `Numeral`), in the order of its stages."""
    finder = _Finder()
    finder.release(release)
    finder.planning(object_in(release, "planning"))
    finder.tender(object_in(release, "tender"))
    known = {text_in(award, "id") for award in objects_in(release, "awards")}
    for place, award in placed_objects_in(release, "awards"):
        finder.award(award, f"/awards/{place}")
    for place, contract in placed_objects_in(release, "contracts"):
        finder.contract(contract, f"/contracts/{place}", known)
    finder.organisations(object_in(release, "buyer"), "buyer", "/buyer")
    finder.texts(release)
    finder.tell_deprecated()
    return tuple(finder.found)


class _Finder:
    """Collects defects; one method for each part of a release."""

    def __init__(self) -> None:
        self.found: list[Defect] = []
        self.deprecated: dict[str, tuple[int, str]] = {}

    def add(self, code: str, path: str = "", **facts: object) -> None:
        self.found.append(defect(code, path, **facts))

    def release(self, release: dict[str, Any]) -> None:
        ocid = release.get("ocid")
        if isinstance(ocid, Numeral):
            self.add("ocid_not_text", "/ocid")
        elif isinstance(ocid, str) and ocid != ocid.strip():
            self.add("ocid_spaced", "/ocid")
        if not _OCID.fullmatch(text_in(release, "ocid")):
            self.add("ocid_unregistered", "/ocid", value=ocid)
        if not text_in(release, "id"):
            self.add("release_id_missing")
        self.date(release, "date", "", needed=True)
        tags = release.get("tag")
        if not tags:
            self.add("tag_missing")
        for tag in tags if isinstance(tags, list) else [tags] if tags else []:
            self.code(tag, codelists.RELEASE_TAG, "releaseTag", "/tag")
        self.code_in(release, "initiationType", codelists.INITIATION_TYPE, "")
        for name in ("planning", "tender", "buyer"):
            self.expect_object(release, name, "")
        for name in ("parties", "awards", "contracts"):
            self.expect_list(release, name, "")
            if name != "parties":
                self.ids(release, name, "")

    def planning(self, planning: dict[str, Any]) -> None:
        self.expect_object(planning, "budget", "/planning")
        budget = object_in(planning, "budget")
        if object_in(budget, "value") and "amount" not in budget:
            self.add("amount_misplaced", "/planning/budget/value")
            self.money(object_in(budget, "value"), "/planning/budget/value")
        self.value_in(budget, "amount", "/planning/budget")
        self.mark(budget, "source", "planning.budget.source", "/planning/budget")

    def tender(self, tender: dict[str, Any]) -> None:
        self.code_in(tender, "status", codelists.TENDER_STATUS, "/tender")
        self.code_in(tender, "procurementMethod", codelists.METHOD, "/tender")
        category = codelists.PROCUREMENT_CATEGORY
        self.code_in(tender, "mainProcurementCategory", category, "/tender")
        self.value_in(tender, "value", "/tender")
        self.mark(tender, "amendment", "tender.amendment", "/tender")
        entity = object_in(tender, "procuringEntity")
        self.organisations(entity, "tender.procuringEntity", "/tender/procuringEntity")

    def award(self, award: dict[str, Any], path: str) -> None:
        self.code_in(award, "status", codelists.AWARD_STATUS, path)
        self.date(award, "date", path)
        self.value_in(award, "value", path)
        self.mark(award, "amendment", "awards.amendment", path)
        for place, supplier in placed_objects_in(award, "suppliers"):
            self.organisations(supplier, "awards.suppliers", f"{path}/suppliers/{place}")

    def contract(self, contract: dict[str, Any], path: str, awards: set[str]) -> None:
        award_id = text_in(contract, "awardID")
        if not award_id:
            self.add("award_id_missing", path)
        elif awards and award_id not in awards:  # a release without awards adds to an earlier one
            self.add("award_unknown", f"{path}/awardID", value=award_id)
        self.code_in(contract, "status", codelists.CONTRACT_STATUS, path)
        self.date(contract, "dateSigned", path)
        for name in ("startDate", "endDate"):
            self.date(object_in(contract, "period"), name, f"{path}/period")
        self.value_in(contract, "value", path)
        self.mark(contract, "amendment", "contracts.amendment", path)
        done = object_in(contract, "implementation")
        path += "/implementation"
        self.expect_list(done, "transactions", path)
        self.ids(done, "transactions", path)
        self.alike(done, path)
        for place, payment in placed_objects_in(done, "transactions"):
            self.transaction(payment, f"{path}/transactions/{place}")
        for place, milestone in placed_objects_in(done, "milestones"):
            where = f"{path}/milestones/{place}"
            self.code_in(milestone, "status", codelists.MILESTONE_STATUS, where)
            self.mark(milestone, "documents", "milestones.documents", where)

    def transaction(self, payment: dict[str, Any], path: str) -> None:
        self.date(payment, "date", path, needed=True)
        for name in ("amount", "providerOrganization", "receiverOrganization"):
            self.mark(payment, name, f"transactions.{name}", path)
        name = "value" if object_in(payment, "value") else "amount"
        money = object_in(payment, name)
        if money:
            self.money(money, f"{path}/{name}", is_payment=True)
        else:
            self.add("amount_missing", path)

    def value_in(self, parent: dict[str, Any], name: str, path: str) -> None:
        self.expect_object(parent, name, path)
        money = object_in(parent, name)
        if money:
            self.money(money, f"{path}/{name}")

    def money(self, money: dict[str, Any], path: str, *, is_payment: bool = False) -> None:
        """Judge a `Value`; only a payment of nothing is odd, estimates may well be zero."""
        raw = money.get("amount")
        currency = text_in(money, "currency")
        code = currency_of(currency)
        if currency:
            self.code(currency, codelists.CURRENCY, "currency", f"{path}/currency")
        if raw is None or raw == "":
            self.add("amount_missing", path)
            return
        try:
            amount = parse_amount(raw, code)
        except Malformed:
            self.add("amount_invalid", path, value=raw if isinstance(raw, str) else kind_of(raw))
            return
        if not currency:
            self.add("currency_missing", path, value=raw)
        if amount.text:
            self.add("amount_text", path, value=raw)
        if amount.rounded:
            self.add("amount_rounded", path, value=raw, currency=code)
        if amount.minor < 0:
            self.add("amount_negative", path, value=raw)
        if amount.minor == 0 and is_payment:
            self.add("amount_zero", path)

    def date(self, parent: dict[str, Any], name: str, path: str, *, needed: bool = False) -> None:
        raw = parent.get(name)
        if raw is None or raw == "":
            if needed:
                self.add("date_missing", path, field=name)
        elif not (isinstance(raw, str) and is_date_time(raw)):
            self.add("date_invalid", f"{path}/{name}", value=raw)

    def code_in(self, parent: dict[str, Any], name: str, codes: frozenset[str], path: str) -> None:
        raw = parent.get(name)
        if raw is not None and raw != "":
            self.code(raw, codes, name, f"{path}/{name}")

    def code(self, raw: object, codes: frozenset[str], codelist: str, path: str) -> None:
        if not isinstance(raw, str) or raw not in codes:
            self.add("code_unknown", path, value=raw, codelist=codelist)

    def ids(self, parent: dict[str, Any], name: str, path: str) -> None:
        counts: Counter[str] = Counter()
        for place, item in placed_objects_in(parent, name):
            key = text_in(item, "id")
            if key:
                counts[key] += 1
            else:
                self.add("id_missing", f"{path}/{name}/{place}", list=name)
        for key, count in counts.items():
            if count > 1:
                self.add("id_repeated", f"{path}/{name}", value=key, count=count)

    def alike(self, done: dict[str, Any], path: str) -> None:
        """Tell of payments that nothing but their place tells apart."""
        seen = [repr(one) for one in objects_in(done, "transactions") if not text_in(one, "id")]
        for count in Counter(seen).values():
            if count > 1:
                self.add("payments_alike", f"{path}/transactions", count=count)

    def expect_object(self, parent: dict[str, Any], name: str, path: str) -> None:
        value = parent.get(name)
        if value is not None and not isinstance(value, dict):
            self.add("type_wrong", f"{path}/{name}", found=kind_of(value), expected="an object")

    def expect_list(self, parent: dict[str, Any], name: str, path: str) -> None:
        value = parent.get(name)
        if value is None:
            return
        if not isinstance(value, list):
            self.add("type_wrong", f"{path}/{name}", found=kind_of(value), expected="a list")
            return
        for place, item in enumerate(value):
            if not isinstance(item, dict):
                where = f"{path}/{name}/{place}"
                self.add("type_wrong", where, found=kind_of(item), expected="an object")

    def organisations(self, organisation: dict[str, Any], field: str, path: str) -> None:
        for name in _EMBEDDED:
            self.mark(organisation, name, f"{field}.{name}", path)

    def mark(self, parent: dict[str, Any], name: str, field: str, path: str) -> None:
        """Count a deprecated field; each is told once, where it stands first."""
        if parent.get(name):
            count, first = self.deprecated.get(field, (0, f"{path}/{name}"))
            self.deprecated[field] = count + 1, first

    def tell_deprecated(self) -> None:
        for field, (count, first) in self.deprecated.items():
            self.add("field_deprecated", first, field=field, count=count)

    def texts(self, release: dict[str, Any]) -> None:
        """Look at every text of the release, however deep (the parser bounds the depth)."""
        lost = marks = twice = 0
        repeated = False
        waiting: list[Any] = [release]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                repeated = repeated or isinstance(value, Doubled)
                waiting.extend(value.values())
            elif isinstance(value, list):
                waiting.extend(value)
            elif isinstance(value, str):
                lost += value.count("\ufffd")
                if "?" in value and _URL not in value and _LOST_LETTER.search(value):
                    marks += 1
                if not value.isascii() and _ENCODED_TWICE.search(value):
                    twice += 1
        if repeated:
            self.add("key_repeated")
        counts = {"replacement_characters": lost, "question_marks": marks, "doubly_encoded": twice}
        for code, count in counts.items():
            if count:
                self.add(code, count=count)


def kind_of(value: object) -> str:
    """Return in words what JSON type a value has."""
    if isinstance(value, Numeral):
        return "a number"
    if isinstance(value, Oversized):
        return f"a value of more than {MAX_VALUE_CHARS} characters"
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), "nothing")

"""What of a published release counts for status and money, in one shape.

`essence` keeps the fields that `projections.reported_facts` reads and brings them into the shape
of OCDS 1.1: a transaction's `amount` becomes its `value`, embedded organisations keep their name.
Every list item gets an id, so that merging adds nothing twice:

    published                          id in the essence
    {"id": "CLC-9", …}                 CLC-9
    {…} as the second of its list      #2
    {"id": "1360250", awardID OA/A087} 1360250
    {"id": "1360250", awardID OA/A088} 1360250#2    another contract under the same id
    {"id": "1360250", awardID OA/A087} 1360250      the first one repeated

So a transaction without id is known by its place in its contract: a later release of the process
that repeats the list repeats the payments, and does not add to them. Two items under one id are
one when what identifies them besides is equal (contract: award and value; award: value; bid:
bidders, date and value; transaction: date and value), as publishers that print a contract once for
each of its items do.
"""

from collections.abc import Callable, Iterator
from typing import Any

from ledger.intake.reading import storable
from ledger.intake.shape import (
    MAX_TEXT_CHARS,
    money_of,
    named,
    object_in,
    placed_objects_in,
    text_in,
)

Json = dict[str, Any]

_METHOD = ("procurementMethod", "procurementMethodDetails", "numberOfTenderers")
_PERIOD = ("startDate", "endDate")

PUBLISHED_ID = "publishedID"
"""Where the essence of an item keeps the id that its publisher gave it, if any."""


def essence(release: Json) -> Json:
    """Return what counts of a release, ready to be merged with the essences of others."""
    made = _plain(release, "ocid", "id", "date")
    made["tag"] = tags_of(release)
    buyer = object_in(release, "buyer")
    if buyer:
        made["buyer"] = _organisation(buyer)
    made["parties"] = [
        {**_organisation(party), "id": key, "roles": _texts(party, "roles")}
        for key, party in keyed(release, "parties", _nothing)
        if not key.startswith("#")
    ]
    tender = object_in(release, "tender")
    if tender:
        entity = _organisation(object_in(tender, "procuringEntity"))
        made["tender"] = _plain(tender, "status", *_METHOD) | _titled(tender)
        made["tender"] |= {"procuringEntity": entity}
        made["tender"] |= {"tenderPeriod": _plain(object_in(tender, "tenderPeriod"), *_PERIOD)}
    made["planning"] = {"budget": _budget(object_in(object_in(release, "planning"), "budget"))}
    made["bids"] = {
        "details": [
            _plain(bid, "status", "date")
            | _valued(bid, "value")
            | {"id": key, "tenderers": _organisations(bid, "tenderers")}
            for key, bid in keyed(object_in(release, "bids"), "details", _bid_signature)
        ]
    }
    made["awards"] = [
        _award(key, award) for key, award in keyed(release, "awards", _value_signature)
    ]
    made["contracts"] = [
        _contract(key, contract)
        for key, contract in keyed(release, "contracts", _contract_signature)
    ]
    return made


def keyed(
    parent: Json, name: str, signature: Callable[[Json], object]
) -> Iterator[tuple[str, Json]]:
    """Give the objects of a list with the ids they have in the essence (see the module)."""
    seen: dict[str, list[object]] = {}
    for place, item in placed_objects_in(parent, name):
        published = text_in(item, "id")
        if not published:
            yield f"#{place + 1}", item
            continue
        others = seen.setdefault(published, [])
        mark = signature(item)
        if mark not in others:
            others.append(mark)
        nth = others.index(mark) + 1
        yield published if nth == 1 else f"{published}#{nth}", item


def contract_keys(release: Json) -> dict[int, str]:
    """Return the ids in the essence of a release's contracts, by their index in its list."""
    keys = (key for key, _ in keyed(release, "contracts", _contract_signature))
    places = (place for place, _ in placed_objects_in(release, "contracts"))
    return dict(zip(places, keys, strict=True))


def tags_of(release: Json) -> list[str]:
    """Return a release's tags; one that is text instead of a list is a tag as well."""
    tag = text_in(release, "tag")
    return [tag] if tag else _texts(release, "tag")


def _award(key: str, award: Json) -> Json:
    made = _plain(award, "status", "date") | _titled(award) | _valued(award, "value")
    made["id"] = key
    made[PUBLISHED_ID] = text_in(award, "id")
    made["suppliers"] = _organisations(award, "suppliers")
    made["items"] = [
        {"id": place, "classification": text_in(object_in(item, "classification"), "id")}
        for place, item in keyed(award, "items", _classification_signature)
    ]
    return made


def _contract(key: str, contract: Json) -> Json:
    done = object_in(contract, "implementation")
    payments = [
        _plain(payment, "date") | _valued({"value": money_of(payment)}, "value") | {"id": place}
        for place, payment in keyed(done, "transactions", _payment_signature)
    ]
    made = _plain(contract, "awardID", "status", "dateSigned") | _titled(contract)
    made |= _valued(contract, "value")
    made["id"] = key
    made[PUBLISHED_ID] = text_in(contract, "id")
    made["period"] = _plain(object_in(contract, "period"), *_PERIOD)
    made["suppliers"] = _organisations(contract, "suppliers")
    made["implementation"] = {"transactions": payments}
    return made


def _budget(budget: Json) -> Json:
    made = _valued(budget, "amount")
    misplaced = _money(object_in(budget, "value"))
    if misplaced and not made:
        made["amount"] = misplaced
    description = named(budget, "description")
    if description:
        made["description"] = description
    made["budgetBreakdown"] = [
        _valued(part, "amount") | {"id": key}
        for key, part in keyed(budget, "budgetBreakdown", _nothing)
    ]
    return made


def _organisations(parent: Json, name: str) -> list[Json]:
    return [
        {**_organisation(organisation), "id": key}
        for key, organisation in keyed(parent, name, _nothing)
    ]


def _organisation(organisation: Json) -> Json:
    name = named(organisation, "name")
    name = name or text_in(object_in(organisation, "identifier"), "legalName")
    made = _plain(organisation, "id")
    if name:
        made["name"] = name
    return made


def _titled(parent: Json) -> Json:
    title = named(parent, "title") or named(parent, "description")
    return {"title": title} if title else {}


def _valued(parent: Json, name: str) -> Json:
    money = _money(object_in(parent, name))
    return {name: money} if money else {}


def _money(value: Json) -> Json:
    return _plain(value, "amount", "currency")


def _plain(parent: Json, *names: str) -> Json:
    """Return the texts and numbers under `names`; a null is kept, because it takes back."""
    made: Json = {}
    for name in names:
        value = parent.get(name)
        if isinstance(value, str):
            # The subclass (a number or a text) tells what the publisher wrote: it is kept.
            made[name] = type(value)(storable(value.strip()[:MAX_TEXT_CHARS]))
        elif value is None and name in parent:
            made[name] = None
    return made


def _texts(parent: Json, name: str) -> list[str]:
    value = parent.get(name)
    items = value if isinstance(value, list) else ()
    return [storable(item[:MAX_TEXT_CHARS]) for item in items if isinstance(item, str)]


def _nothing(_item: Json) -> object:
    return None


def _value_signature(item: Json) -> object:
    return _money(object_in(item, "value"))


def _bid_signature(bid: Json) -> object:
    bidders = [key for key, _ in keyed(bid, "tenderers", _nothing)]
    return bidders, text_in(bid, "date"), _value_signature(bid)


def _classification_signature(item: Json) -> object:
    return text_in(object_in(item, "classification"), "id")


def _contract_signature(contract: Json) -> object:
    return text_in(contract, "awardID"), _value_signature(contract)


def _payment_signature(payment: Json) -> object:
    return text_in(payment, "date"), _money(money_of(payment))

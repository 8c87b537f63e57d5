"""Published files for the tests of OCDS: read, and added up per process."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import needs

from ledger.intake.ocds import Quarantined, Reported, read_file, read_paths
from projections.reported_facts import Money, ProcessFacts, facts_of
from projections.reported_standing import Report


def items_of(*folders: str) -> list[Reported | Quarantined]:
    """Return what files and folders under the test data's `ocds` hold."""
    return list(read_paths(needs.data(f"ocds/{folder}") for folder in folders))


def reports_of(items: Iterable[Reported | Quarantined]) -> dict[str, list[Report]]:
    """Return the reports by process, as a ledger that took them in this order would have them."""
    reports: dict[str, list[Report]] = defaultdict(list)
    for position, item in enumerate(items):
        if isinstance(item, Reported):
            source = item.source
            report = Report(
                position, source.publisher, item.release_id, item.release, source.sha256
            )
            reports[item.ocid].append(report)
    return reports


def facts(*folders: str) -> dict[str, ProcessFacts]:
    """Return the facts of every process that files and folders report."""
    return {ocid: facts_of(reports) for ocid, reports in reports_of(items_of(*folders)).items()}


def read(data: bytes | str) -> list[Reported | Quarantined]:
    """Return what one file of these bytes holds."""
    return list(read_file("file.json", data.encode() if isinstance(data, str) else data))


def one(data: bytes | str) -> Reported:
    """Return the only report in a file of these bytes."""
    (item,) = read(data)
    assert isinstance(item, Reported), item
    return item


def refused(data: bytes | str) -> Quarantined:
    """Return the only thing in a file of these bytes, which is set aside."""
    (item,) = read(data)
    assert isinstance(item, Quarantined), item
    return item


def package(*releases: object, **members: object) -> str:
    """Return the text of a release package by the publisher P."""
    return json.dumps({"publisher": {"name": "P"}, **members, "releases": list(releases)})


def release(**members: object) -> dict[str, Any]:
    """Return a release without defects, with `members` on top."""
    return {
        "ocid": "ocds-abcdef-1",
        "id": "r1",
        "date": "2024-01-01T00:00:00Z",
        "tag": ["contract"],
        "initiationType": "tender",
        **members,
    }


def mxn(text: str) -> Money:
    """Return an amount of Mexican pesos written with its two decimals."""
    return money(text, "MXN")


def money(text: str, currency: str) -> Money:
    """Return an amount of a currency with two decimals, written with both."""
    pesos, centavos = text.replace(",", "").split(".")
    assert len(centavos) == 2
    return Money(currency, int(pesos + centavos))

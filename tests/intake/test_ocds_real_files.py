"""Every published file is accounted for, word for word, the same on every reading."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import needs
import published
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.canonical import MAX_BYTES
from ledger.events.reported import ReleaseReported
from ledger.intake.ocds import Quarantined, Reported
from projections.flags.processes import ReportedProcess
from projections.flags.rules.f42 import contradictions
from projections.processes import decode_file, file_of
from projections.reported_facts import facts_of

COUNTS = {  # file: releases and compiled releases reported, and objects set aside
    "real/armenia-armeps-1.json": (100, 0),
    "real/canada-buyandsell.raw.json": (6, 0),
    "real/colombia-2021-03-03.json": (50, 0),
    "real/colombia-secop.raw.json": (5, 0),
    "real/mexico-cdmx-2016.raw.json": (6, 0),
    "real/mexico-cdmx.raw.json": (4, 0),
    "real/mexico-cdmx.upgraded-1.1.json": (4, 0),
    "real/mexico-gacm-airport.raw.json": (152, 0),
    "real/mexico-gacm-airport.upgraded-1.1.json": (152, 0),
    "real/mexico-inai.raw.json": (44, 0),
    "real/moldova.raw.json": (26, 0),
    "real/nigeria-bpp.raw.json": (6, 0),
    "real/paraguay-155220.record-package.json": (1, 0),
    "real/paraguay-dncp.raw.json": (28, 0),
    "real/portugal-base.json": (50, 0),
    "real/uk-contracts-finder.raw.json": (6, 0),
    "real/ukraine-prozorro.raw.json": (6, 0),
    "real/ukraine-prozorro.upgraded-1.1.json": (6, 0),
    "real/jalisco-records/ocds-xs1qbl-02-0070-00-2017.json": (1, 0),
    "real/jalisco-records/ocds-xs1qbl-SFIN-03-0001-00-2017.json": (1, 0),
    "real/jalisco-records/ocds-xs1qbl-SFIN-03-0011-00-2017.json": (1, 0),
    "real/jalisco-records/ocds-xs1qbl-SFIN-03-0013-00-2017.json": (1, 0),
    "real/jalisco-records/ocds-xs1qbl-SSEG-16-0252-00-2017.json": (1, 0),
    "real/ocdskit-realdata/record-package_versioned.json": (6, 0),
    "real/ocdskit-realdata/release-package-1.json": (2, 0),
    "real/ocdskit-realdata/release-package_encoding-iso-8859-1.json": (3, 0),
    "real/paraguay-records/273637.json": (1, 0),
    "real/paraguay-records/274744.json": (1, 0),
    "real/paraguay-records/277004.json": (1, 0),
    "real/paraguay-records/284182.json": (1, 0),
    "real/paraguay-records/284462.json": (1, 0),
    "fictional/1.0_ocds-213czf-000-00001-06-implementation.json": (1, 0),
    "fictional/1.1_ocds-213czf-000-00001.json": (6, 0),
    "fictional/1.1_record_ocds-213czf-000-00001.json": (1, 0),
    "fictional/blank-template_release-template-1__1__5.json": (0, 1),
    "standard-examples/amendments_contract.json": (3, 0),
    "standard-examples/amendments_easy_releases.json": (4, 0),
    "standard-examples/amendments_tender.json": (4, 0),
    "standard-examples/change_history_award.json": (1, 0),
    "standard-examples/change_history_contract.json": (1, 0),
    "standard-examples/change_history_contractAmendment.json": (1, 0),
    "standard-examples/change_history_implementation.json": (1, 0),
    "standard-examples/change_history_records_award.json": (4, 0),
    "standard-examples/change_history_records_contract.json": (5, 0),
    "standard-examples/change_history_records_contractAmendment.json": (7, 0),
    "standard-examples/change_history_records_implementation.json": (6, 0),
    "standard-examples/change_history_records_tender.json": (2, 0),
    "standard-examples/change_history_records_tenderUpdate.json": (3, 0),
    "standard-examples/change_history_tender.json": (1, 0),
    "standard-examples/change_history_tenderAmendment.json": (1, 0),
    "standard-examples/change_history_tenderUpdate.json": (1, 0),
    "standard-examples/milestones_implementation_financial_milestones_not_met.json": (1, 0),
    "standard-examples/milestones_implementation_financial_milestones_partially_met.json": (1, 0),
    "standard-examples/milestones_implementation_financial_milestones_transaction.json": (1, 0),
    "standard-examples/milestones_implementation_milestones_met.json": (1, 0),
    "standard-examples/milestones_implementation_milestones_partially_met.json": (1, 0),
    "standard-examples/milestones_implementation_milestones_scheduled.json": (1, 0),
    "standard-examples/milestones_planning_milestone.json": (1, 0),
    "extensions/budget-spend/1-contract-planning.json": (1, 0),
    "extensions/budget-spend/10-finance-update.json": (1, 0),
    "extensions/budget-spend/2-finance-budget.json": (1, 0),
    "extensions/budget-spend/3-contract-tender.json": (1, 0),
    "extensions/budget-spend/4-contract-award.json": (1, 0),
    "extensions/budget-spend/5-finance-commitment.json": (1, 0),
    "extensions/budget-spend/6-finance-update.json": (1, 0),
    "extensions/budget-spend/7-finance-commitment-2.json": (1, 0),
    "extensions/budget-spend/8-finance-commitment-3.json": (1, 0),
    "extensions/budget-spend/9-contract-close.json": (1, 0),
    "extensions/budget-spend/fdp_coordination_datapackage.json": (0, 1),
}
ODD: tuple[object, ...] = (  # what stands somewhere in a real release instead of what stood there
    *(None, "", 0, -1, "-5", "1e99", 1e300, 10**20, True, "x" * 3000, "ocds-abcdef-2"),
    *([], {}, [[]], [{}], [None], ["a"], {"id": {}}, "\ud800", "\x00", "2020-13-01"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
)
FOLDERS = ("real", "fictional", "standard-examples", "extensions")


@pytest.fixture(scope="module")
def items() -> list[Reported | Quarantined]:
    """Everything under the four folders."""
    return published.items_of(*FOLDERS)


def test_every_object_of_every_file_is_reported_or_set_aside(
    items: list[Reported | Quarantined],
) -> None:
    """The counts are those of the data's README: releases plus compiled releases of each file."""
    root = needs.data("ocds")
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for item in items:
        counts[str(Path(item.file).relative_to(root))][isinstance(item, Quarantined)] += 1
    assert {file: tuple(count) for file, count in counts.items()} == COUNTS


def test_what_is_set_aside_says_why(items: list[Reported | Quarantined]) -> None:
    """A template without ocid and a fiscal data package are no releases, and the reason says so."""
    aside = {Path(item.file).name: item for item in items if isinstance(item, Quarantined)}
    template = aside["blank-template_release-template-1__1__5.json"]
    assert (template.reason, template.sentence) == ("ocid_missing", "The release has no ocid.")
    other = aside["fdp_coordination_datapackage.json"]
    assert other.reason == "not_ocds"
    assert "profile, keywords" in other.sentence
    assert other.place == "line 1"


def test_a_release_is_kept_as_its_publisher_wrote_it(
    items: list[Reported | Quarantined],
) -> None:
    """Each release's text stands in its file, character for character, but in one odd encoding."""
    texts: dict[str, str] = {}
    mended = Counter[str]()
    for item in items:
        if not isinstance(item, Reported):
            continue
        if any(found.code == "not_utf8" for found in item.defects):
            mended[Path(item.file).name] += 1
            encoding = "iso-8859-1"
        else:
            encoding = "utf-8"
        text = texts.setdefault(item.file, Path(item.file).read_bytes().decode(encoding))
        assert item.release in text
    assert mended == {"release-package_encoding-iso-8859-1.json": 3}


def test_every_report_fits_the_event_that_carries_it(
    items: list[Reported | Quarantined],
) -> None:
    """No text is too long for `release.reported`, and no event is larger than an event may be."""
    heading = {"type": "release.reported", "v": 1, "id": "i", "salt": "s", "at": "a"}
    for item in items:
        if isinstance(item, Reported):
            source = {
                "publisher": item.source.publisher,
                "sha256": item.source.sha256,
                "url": item.source.url or "",
                "package_date": item.source.package_date or "",
            }
            fields = {
                "ocid": item.ocid,
                "release": item.release,
                "release_id": item.release_id or "",
                "source": source,
            }
            event = msgspec.convert(heading | fields, ReleaseReported)
            assert len(msgspec.json.encode(event)) < MAX_BYTES


def test_a_second_reading_gives_the_same_keys(items: list[Reported | Quarantined]) -> None:
    """An importer that leaves out the keys it has imports nothing twice."""
    keys = [item.key for item in items if isinstance(item, Reported)]
    again = published.items_of(*FOLDERS)
    assert keys == [item.key for item in again if isinstance(item, Reported)]


def test_folders_are_read_in_the_order_of_their_names(
    items: list[Reported | Quarantined],
) -> None:
    """The order of import, and so of positions, does not depend on the file system."""
    names = list(dict.fromkeys(item.file for item in items if "/real/" in item.file))
    top = [name for name in names if Path(name).parent.name == "real"]
    assert top == sorted(top)
    assert len(names) == 31


def test_publishers_are_named_as_their_packages_name_them(
    items: list[Reported | Quarantined],
) -> None:
    """The publisher, the address and the date of a report are those of its package."""
    sources = {Path(item.file).name: item.source for item in items if isinstance(item, Reported)}
    gacm = sources["mexico-gacm-airport.raw.json"]
    assert (gacm.publisher, gacm.package_date) == ("GACM", "2017-03-06T21:30:25.373Z")
    assert gacm.url == "https://datos.gob.mx/busca/dataset?organization=gacm"
    assert sources["paraguay-dncp.raw.json"].publisher == "unknown"
    assert sources["amendments_easy_releases.json"].package_date is None
    assert len({source.sha256 for source in sources.values()}) == len(sources)


def test_linked_releases_of_a_record_are_told(items: list[Reported | Quarantined]) -> None:
    """Jalisco's records link to five releases; the compiled release stands for them and says so."""
    (record,) = (item for item in items if item.file.endswith("SFIN-03-0011-00-2017.json"))
    assert isinstance(record, Reported)
    assert record.place == "line 4 /records/0/compiledRelease"
    facts = {found.code: dict(found.facts) for found in record.defects}
    assert facts["releases_linked"] == {"count": "5"}


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a JSON value: what holds it, and its name or index there."""
    names = value if isinstance(value, dict) else range(len(value))
    for name in names:
        yield value, name
        if isinstance(value[name], dict | list):
            yield from places_in(value[name])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_to_a_real_release_stops_an_import(
    items: list[Reported | Quarantined], data: st.DataObject
) -> None:
    """Whatever stands where, or is gone or twice: it is reported or set aside, and adds up."""
    reported = [item for item in items if isinstance(item, Reported)]
    release = json.loads(data.draw(st.sampled_from(reported)).release)
    versions = []
    for _ in range(data.draw(st.integers(1, 3))):
        holder, name = data.draw(st.sampled_from(list(places_in(release))))
        change = data.draw(st.sampled_from(["put", "drop", "double"]))
        if change == "put":
            # A copy: what is put here may be changed itself, and the next example has it again.
            holder[name] = deepcopy(data.draw(st.sampled_from(ODD)))
        elif change == "double" and isinstance(holder, list):
            holder.append(holder[name])
        elif len(release) > 1:
            del holder[name]
        versions.append(json.loads(json.dumps(release)))
    found = published.read(json.dumps({"releases": versions}))
    assert len(found) == len(versions)
    for reports in published.reports_of(found).values():
        facts = facts_of(reports)
        process = ReportedProcess("p", (), (0,), file_of(facts))
        assert decode_file(msgspec.json.encode(process.file)) == process.file
        assert all(each.kind for each in contradictions(process))

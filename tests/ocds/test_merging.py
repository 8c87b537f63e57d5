"""Compiled and versioned releases: ours are what ocdsmerge makes, of exports and of all files."""

import io
import json
import zipfile
from collections import defaultdict
from typing import Any

import needs
import pytest
from exported import processes_of
from ocdsmerge import Merger
from ocdsmerge.rules import get_merge_rules
from official import EXTENSIONS, OWN_EXTENSION, STANDARD
from published import items_of

from ledger.intake.ocds import Reported
from projections.compiling import (
    compile_releases,
    in_order,
    merge_instant,
    rules_for,
    version_releases,
)
from projections.engine import Projections
from projections.ocds import packages
from projections.ocds.releases import EXPORT_RULES
from projections.ocds.values import encode

FOLDERS = ("real", "fictional", "standard-examples", "extensions")
USED = (
    "ocds_bid_extension",
    "ocds_lots_extension",
    "ocds_metrics_extension",
    "ocds_transactions_relatedMilestone_extension",
    "ocds_performance_failures_extension",
    "ocds_budget_breakdown_extension",
    "ocds_contract_completion_extension",
    "ocds_finance_extension",
)


def patched(schema: Any, patch: Any) -> Any:
    """Return a schema with a merge patch (RFC 7396) applied."""
    if not isinstance(patch, dict) or not isinstance(schema, dict):
        return patch
    return schema | {name: patched(schema.get(name), part) for name, part in patch.items()}


def rules_of_the_schema() -> dict[tuple[str, ...], str]:
    """Return the merge rules of OCDS 1.1.5 with every extension that we use applied to it."""
    with zipfile.ZipFile(io.BytesIO(needs.data(STANDARD).read_bytes())) as zipped:
        schema = json.loads(zipped.read("standard-1__1__5/schema/release-schema.json"))
    folders = [needs.data(f"{EXTENSIONS}/{name}") for name in USED]
    for folder in (*folders, OWN_EXTENSION):
        schema = patched(schema, json.loads((folder / "release-schema.json").read_bytes()))
    rules: dict[tuple[str, ...], str] = get_merge_rules(schema)
    return rules


def test_our_rules_are_those_of_the_schema_with_every_extension() -> None:
    """But for lists that are replaced whole anyway, of plain values, and ones we never write."""
    rules = rules_of_the_schema()
    assert rules.items() >= EXPORT_RULES.items()
    needless = {"relatedLots", "assetClass", "additionalIdentifiers"}
    assert {path[-1] for path in rules.keys() - EXPORT_RULES.keys()} == needless


def test_every_export_is_merged_as_the_library_merges_what_was_written(city: Projections) -> None:
    """It reads our releases as any reader does, by the schema's rules, and comes out equal."""
    library = Merger(merge_rules=rules_of_the_schema())
    found = processes_of(city)
    assert found
    for process in found:
        releases = [json.loads(text) for text in process.texts]
        record = json.loads(encode(packages.record(process)))
        assert record["releases"] == releases
        assert record["compiledRelease"] == library.create_compiled_release(releases)
        assert record["versionedRelease"] == library.create_versioned_release(releases)


@pytest.mark.filterwarnings("ignore::ocdsmerge.exceptions.DuplicateIdValueWarning")
def test_every_published_file_is_merged_as_the_library_merges_it() -> None:
    """Of each process of each file, dirty ones too; numbers as any JSON parser reads them."""
    by_process: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for item in items_of(*FOLDERS):
        if isinstance(item, Reported):
            by_process[item.file, item.ocid].append(json.loads(item.release))
    assert len(by_process) > 300
    for (file, _ocid), found in by_process.items():
        rules = rules_for(found)
        dated = [release for release in found if merge_instant(release) > 0]
        assert len(dated) == len(found), file
        # The library sorts by dates as text, which here is the order of the instants.
        assert in_order(dated) == sorted(dated, key=lambda release: str(release["date"])), file
        library = Merger(merge_rules=dict(rules))
        assert compile_releases(dated) == library.create_compiled_release(dated), file
        assert version_releases(dated) == library.create_versioned_release(dated), file

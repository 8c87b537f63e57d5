"""Compiled and versioned releases: ours are what ocdsmerge makes, of our exports and of all files."""

import io
import json
import zipfile
from collections import defaultdict
from typing import Any

import needs
from exported import processes_of
from ocdsmerge import Merger
from ocdsmerge.rules import get_merge_rules
from official import EXTENSIONS, OWN_EXTENSION, STANDARD
from published import items_of

from ledger.intake.ocds import Reported
from ledger.intake.reading import parse
from projections.compiling import (
    compile_releases,
    in_order,
    merge_instant,
    rules_for,
    version_releases,
)
from projections.engine import Projections
from projections.ocds import packages
from projections.ocds.reported import exact
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


def test_our_rules_are_those_of_the_schema_with_every_extension() -> None:
    """Nothing that the extensions say of merging is missing from our table, or one too many."""
    with zipfile.ZipFile(io.BytesIO(needs.data(STANDARD).read_bytes())) as zipped:
        schema = json.loads(zipped.read("standard-1__1__5/schema/release-schema.json"))
    folders = [needs.data(f"{EXTENSIONS}/{name}") for name in USED]
    for folder in (*folders, OWN_EXTENSION):
        schema = patched(schema, json.loads((folder / "release-schema.json").read_bytes()))
    assert get_merge_rules(schema) == EXPORT_RULES


def test_every_export_is_merged_as_the_library_merges_what_was_written(city: Projections) -> None:
    """It reads our releases as any reader does, sorts them by their dates, and comes out equal."""
    library = Merger(merge_rules=dict(EXPORT_RULES))
    found = processes_of(city)
    assert found
    for process in found:
        releases = [json.loads(text) for text in process.texts]
        record = json.loads(encode(packages.record(process)))
        assert record["releases"] == releases
        assert record["compiledRelease"] == library.create_compiled_release(releases)
        assert record["versionedRelease"] == library.create_versioned_release(releases)


def test_every_published_file_is_merged_as_the_library_merges_it() -> None:
    """Of each process of each file: also where dates have offsets, or there is none."""
    by_process: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for item in items_of(*FOLDERS):
        if isinstance(item, Reported):
            by_process[item.file, item.ocid].append(parse(item.release))
    assert len(by_process) > 300
    compared = 0
    for (file, ocid), found in by_process.items():
        rules = rules_for(found)
        library = Merger(merge_rules=dict(rules))
        releases = [json.loads(encode(exact(release))) for release in found]
        for position, release in enumerate(releases):
            # The library sorts by dates as text: dates that tell the same order so are given.
            release["date"] = f"{position:09}" if merge_instant(release) < 0 else release["date"]
        texts = [release["date"] for release in in_order(releases)]
        assert texts == sorted(texts), (file, ocid)
        compared += 1
        assert compile_releases(releases) == library.create_compiled_release(releases), file
        assert version_releases(releases) == library.create_versioned_release(releases), file
    assert compared == len(by_process)

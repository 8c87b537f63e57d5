"""Compiling: the published merge vectors, the rules of both schemas, and the order."""

import io
import json
import zipfile
from typing import Any

import needs
import pytest
from ocdsmerge import Merger
from ocdsmerge.rules import get_merge_rules
from published import items_of

from ledger.errors import Malformed
from ledger.intake.ocds import Reported
from ledger.intake.parsing import Numeral, parse
from projections.compiling import compile_releases, rules_for, version_releases
from projections.merge_rules import RULES_1_0, RULES_1_1, Rules

VECTORS = 17
SCHEMAS = {
    "1__1__5-gitarchive.zip": ("standard-1__1__5/schema/release-schema.json", RULES_1_1),
    "1__0__3-gitarchive.zip": ("standard-1__0__3/standard/schema/release-schema.json", RULES_1_0),
}


def load(path: str) -> Any:
    """Return the value of a JSON file of the test data."""
    return json.loads(needs.data(path).read_bytes())


def test_compiled_and_versioned_releases_equal_the_published_ones() -> None:
    """Each vector's releases give its compiled and its versioned release, and the library's own."""
    folder = needs.data("ocds/merge-vectors/1.1")
    names = [
        path.stem
        for path in sorted(folder.glob("*.json"))
        if not path.stem.endswith(("-compiled", "-versioned"))
    ]
    assert len(names) == VECTORS
    library = Merger(merge_rules=dict(RULES_1_1))
    for name in names:
        releases = load(f"ocds/merge-vectors/1.1/{name}.json")
        compiled = compile_releases(releases, RULES_1_1)
        versioned = version_releases(releases, RULES_1_1)
        assert compiled == load(f"ocds/merge-vectors/1.1/{name}-compiled.json"), name
        assert versioned == load(f"ocds/merge-vectors/1.1/{name}-versioned.json"), name
        assert compiled == library.create_compiled_release(releases)
        assert versioned == library.create_versioned_release(releases)


@pytest.mark.parametrize("archive", SCHEMAS)
def test_the_rules_are_those_of_the_schema(archive: str) -> None:
    """What the library reads from the schema is what our table says, no more and no less."""
    member, rules = SCHEMAS[archive]
    data = needs.data(f"ocds-schema/{archive}").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        schema = json.loads(zipped.read(member))
    assert get_merge_rules(schema) == rules


@pytest.mark.parametrize(
    ("file", "rules"),
    [("real/mexico-cdmx.raw.json", RULES_1_0), ("real/mexico-cdmx-2016.raw.json", RULES_1_1)],
)
def test_real_releases_compile_as_the_library_compiles_them(file: str, rules: Rules) -> None:
    """With numbers as spelled; the rules are chosen by what the releases hold."""
    by_ocid: dict[str, list[dict[str, Any]]] = {}
    for item in items_of(file):
        assert isinstance(item, Reported)
        by_ocid.setdefault(item.ocid, []).append(parse(item.release))
    for releases in by_ocid.values():
        assert rules_for(releases) == rules
        library = Merger(merge_rules=dict(rules))
        assert compile_releases(releases) == library.create_compiled_release(releases)
        assert version_releases(releases) == library.create_versioned_release(releases)


def test_releases_are_merged_in_the_order_of_time_not_of_text() -> None:
    """09:00 in Lisbon is after 10:00 in Berlin is not; and no date is before every date."""
    releases = [
        {"ocid": "a", "date": "2024-01-01T09:30:00+00:00", "tender": {"status": "complete"}},
        {"ocid": "a", "date": "2024-01-01T10:00:00+01:00", "tender": {"status": "active"}},
        {"ocid": "a", "tender": {"status": "planned", "title": "T"}},
    ]
    assert compile_releases(releases)["tender"] == {"status": "complete", "title": "T"}


def test_a_repeated_id_is_merged_without_a_warning() -> None:
    """Colombia prints a contract once for each item; the last one counts, as in the library."""
    contracts = [{"id": "c", "status": "active"}, {"id": "c", "status": "terminated"}]
    releases = [{"ocid": "a", "date": "2024-01-01T00:00:00Z", "contracts": contracts}]
    assert compile_releases(releases)["contracts"] == [{"id": "c", "status": "terminated"}]
    assert len(version_releases(releases)["contracts"]) == 1


def test_numbers_pass_through_as_spelled() -> None:
    """A compiled amount is the publisher's spelling, not a binary fraction."""
    text = '{"ocid":"a","date":"2024-01-01T00:00:00Z","tender":{"value":{"amount":0.10}}}'
    amount = compile_releases([parse(text)])["tender"]["value"]["amount"]
    assert (amount, type(amount)) == ("0.10", Numeral)


@pytest.mark.parametrize(
    "tender", [[{"id": "x"}], {"status": [{"id": "x"}]}, {"items": [{"id": ["x"]}]}]
)
def test_releases_that_contradict_each_other_in_type_are_malformed(tender: object) -> None:
    """An object here and a list there, or an id that is a list, is told and not a crash."""
    date = "2024-01-01T00:00:00Z"
    first = {"ocid": "a", "date": date, "tender": {"status": "active"}}
    with pytest.raises(Malformed, match="cannot be merged"):
        compile_releases([first, {"ocid": "a", "date": date, "tender": tender}])

"""What others published is published again, word for word, as clean as it was."""

import json
import shutil
from pathlib import Path
from typing import Any

import needs
import pytest
import shell
from official import Verdict, judge
from shell import sunledger

PACKAGES = 66
"""Published packages in UTF-8 under the test data's `ocds`; one more is in another encoding."""

VALID = 45
"""Those that the schema finds nothing wrong with."""

CLEAN = 42
"""Those without any finding. The other three have ocids without a prefix, deprecated fields or a
wrong tag, which stay what they are: nothing is mended that others published."""


def packages() -> list[Path]:
    """Return the published packages that are JSON in UTF-8, as the checker asks."""
    root = needs.data("ocds")
    folders = ("real", "fictional", "standard-examples", "extensions")
    found = []
    for path in sorted(each for name in folders for each in (root / name).rglob("*.json")):
        try:
            package = json.loads(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue
        if {"releases", "records"} & package.keys():
            found.append(path)
    return found


def export(form: str, name: str) -> Path:
    """Export the ledger in the current folder; return the file."""
    ended = sunledger("export", "ocds", "--form", form, "--out", name, "--json")
    assert ended.code == 0, ended.err
    return Path(name)


def published_texts(value: Any) -> list[str]:
    """Return the releases of a package, of whatever kind, as comparable texts."""
    found = list(value.get("releases", ()))
    for record in value.get("records", ()):
        found += [*record.get("releases", ()), record.get("compiledRelease")]
    return [json.dumps(each, sort_keys=True) for each in found]


@pytest.fixture
def ledger_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with an empty ledger that watches."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUNLEDGER_KEY_PASSWORD", shell.PASSWORD)
    shell.found()
    return tmp_path


def publish_again(originals: list[Path]) -> list[Verdict]:
    """Import packages into the ledger here, export them, and return what the checker finds.

    The releases are those of the originals, word for word.
    """
    for number, path in enumerate(originals):
        shutil.copy(path, _made(Path("downloads")) / f"{number:02}.json")
    ended = sunledger("import", "ocds", "downloads", "--key", "watch/office", "--json")
    assert ended.code == 0, ended.err
    releases, records = export("releases", "releases.json"), export("records", "records.json")
    written = json.loads(releases.read_bytes())["releases"]
    known = {text for path in originals for text in published_texts(json.loads(path.read_bytes()))}
    assert {json.dumps(each, sort_keys=True) for each in written} <= known
    return judge([releases, records])


@pytest.mark.usefixtures("ledger_folder")
def test_what_was_clean_is_published_again_without_a_finding() -> None:
    """All clean packages together in one ledger, as releases and as records."""
    found = packages()
    before = judge(found)
    valid = [verdict for verdict in before if "validation_errors" not in verdict.errors]
    clean = [path for path, verdict in zip(found, before, strict=True) if not verdict.errors]
    assert (len(found), len(valid), len(clean)) == (PACKAGES, VALID, CLEAN)
    known = {name(field) for verdict in before for field in verdict.additional}
    for verdict in publish_again(clean):
        assert (verdict.errors, verdict.unread) == ({}, {})
        assert {name(field) for field in verdict.additional} <= known


@pytest.mark.usefixtures("ledger_folder")
def test_what_was_valid_stays_valid_with_its_own_findings_and_no_others() -> None:
    """Ocids without prefix, deprecated fields and a wrong tag: as published."""
    found = packages()
    before = dict(zip(found, judge(found), strict=True))
    blemished = {
        path: verdict
        for path, verdict in before.items()
        if verdict.errors and "validation_errors" not in verdict.errors
    }
    assert len(blemished) == VALID - CLEAN
    kinds = {kind for verdict in blemished.values() for kind in verdict.errors}
    for verdict in publish_again(list(blemished)):
        assert set(verdict.errors) <= kinds


def name(field: str) -> str:
    """Return the name at the end of a path."""
    return field.rpartition("/")[2]


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder

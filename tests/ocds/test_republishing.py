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

CLEAN = 45
"""Of the 67 packages under the test data's `ocds`, those without a finding."""

PACKAGES = 67


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
        found += [each for each in record.get("releases", ()) if "ocid" in each]
        if not record.get("releases") or all("ocid" not in one for one in record["releases"]):
            found.append(record["compiledRelease"])
    return [json.dumps(each, sort_keys=True) for each in found]


def test_every_import_that_was_clean_is_published_again_without_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All 45 of the 67 packages, together in one ledger, as releases and as records."""
    found = packages()
    before = judge(found)
    clean = [path for path, verdict in zip(found, before, strict=True) if not verdict.errors]
    assert (len(found), len(clean)) == (PACKAGES - 1, CLEAN)  # one is in another encoding
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(shell_password()[0], shell_password()[1])
    shell.found()
    for number, path in enumerate(clean):
        shutil.copy(path, _made(tmp_path / "downloads") / f"{number:02}.json")
    ended = sunledger("import", "ocds", "downloads", "--key", "watch/office", "--json")
    assert ended.code == 0, ended.err
    releases, records = export("releases", "releases.json"), export("records", "records.json")
    written = json.loads(releases.read_bytes())["releases"]
    originals = {text for path in clean for text in published_texts(json.loads(path.read_bytes()))}
    assert {json.dumps(each, sort_keys=True) for each in written} <= originals
    known = {field for verdict in before for field in verdict.additional}
    for verdict in judge([releases, records]):
        assert verdict.errors == {}
        assert _bare(verdict) <= {field.rpartition("/")[2] for field in known}


def _bare(verdict: Verdict) -> set[str]:
    return {field.rpartition("/")[2] for field in verdict.additional}


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def shell_password() -> tuple[str, str]:
    """Return the variable of the password of key files, and what tests set it to."""
    return "SUNLEDGER_KEY_PASSWORD", shell.PASSWORD

"""`export parquet` and `audit` as people use them."""

from pathlib import Path

import pytest
import shell
from shell import sunledger

pytestmark = pytest.mark.usefixtures("ledger_folder")


def test_columns_and_archives_are_audited_alike() -> None:
    """A ledger by its columns, or by its archive: anchored by its policy, and nothing wrong."""
    written = sunledger("export", "parquet", "columns", "--json").document
    assert (written["events"], written["size"]) == (shell.size(), shell.size())
    assert sunledger("export", "archive", "archive").code == 0
    found = []
    for folder in ("columns", "archive"):
        done = sunledger("audit", folder, "--policy", shell.POLICY, "--json")
        assert done.code == 0, done.err
        (ledger,) = done.document
        assert (ledger["folder"], ledger["anchored"], ledger["where"]) == (folder, True, "")
        assert ledger["root"] == written["root"]
        found.append({**ledger, "folder": ""})
    assert found[0] == found[1]
    assert "consistent" in sunledger("audit", "columns").out
    again = sunledger("export", "parquet", "columns")
    assert (again.code, again.err.count("\n")) == (1, 1)


def test_an_audit_names_the_ledger_that_is_wrong() -> None:
    """Exit code 1, the ledger, its folder, and where; misuse is a sentence."""
    assert sunledger("export", "parquet", "columns").code == 0
    checkpoint = Path("columns/checkpoint")
    checkpoint.write_bytes(checkpoint.read_bytes()[:-8] + b"AAAAAA=\n")
    wrong = sunledger("audit", "columns")
    assert wrong.code == 1
    assert " in columns: checkpoint: " in wrong.out
    for folders, reason in ((("keys",), "is not an archive"), (("columns", "columns"), "twice")):
        refused = sunledger("audit", *folders)
        assert (refused.code, bool(refused.err)) == (1, True), reason

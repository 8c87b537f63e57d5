"""A missing need skips on a bare machine and fails where nothing may be missing."""

from pathlib import Path

import needs
import pytest
from _pytest.outcomes import Failed, Skipped


def test_missing_data_skips_and_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare checkout still tests what it can."""
    monkeypatch.delenv("SUNLEDGER_CI", raising=False)
    monkeypatch.setenv("SUNLEDGER_SHARED_DATA", str(tmp_path))
    with pytest.raises(Skipped, match=r"tlog is missing: set SUNLEDGER_SHARED_DATA"):
        needs.data("tlog")


def test_missing_data_fails_in_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under `SUNLEDGER_CI=1` no check can silently stop running."""
    monkeypatch.setenv("SUNLEDGER_CI", "1")
    monkeypatch.setenv("SUNLEDGER_SHARED_DATA", str(tmp_path))
    with pytest.raises(Failed, match="tlog is missing"):
        needs.data("tlog")


@pytest.mark.parametrize("name", needs.NEEDS)
def test_a_missing_program_fails_in_ci(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does a program, and the message names the packages that bring it."""
    monkeypatch.setenv("SUNLEDGER_CI", "1")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Failed, match="apt-get install"):
        getattr(needs, name)()

"""What a person hears of a snapshot: from the doctor, and where one could not be used."""

from pathlib import Path

import pytest
import shell
from shell import sunledger

from ledger.store.rows import SnapshotRow
from ledger.store.store import open_store


@pytest.fixture(autouse=True)
def _founded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUNLEDGER_KEY_PASSWORD", shell.PASSWORD)
    shell.found()


def finding(*options: str) -> tuple[str, str]:
    """Return how the doctor finds the snapshot, and what it says of it."""
    ended = sunledger("doctor", "--json", *options)
    assert ended.code == 0, ended.err
    (found,) = [each for each in ended.document if each["subject"] in {"snapshot", "快照"}]
    return found["level"], found["sentence"]


def test_the_doctor_tells_of_the_snapshot_what_a_start_would_find() -> None:
    """None; one that is no good, and why; then one that a closing has made."""
    assert finding() == ("ok", "There is none yet; a start replays all 4 events.")
    with open_store(shell.URL) as store:
        store.put_snapshot(SnapshotRow(b"no note", b"no data"))
    why = "it is not signed by this ledger's key"
    told = f"It is not usable: {why}. A start replays everything; `sunledger close` mends it."
    assert finding() == ("warning", told)
    assert sunledger("close", "--key", "operator/office").code == 0
    told = "It holds up to closing 4; of 5 events a start replays 1."
    assert finding() == ("ok", told)


def test_a_start_that_could_not_use_the_snapshot_says_so_in_both_languages() -> None:
    """Beside the result, which is right; and no more once a closing has mended it."""
    for language, said in (
        ("en", "The snapshot was not used: it is not signed by this ledger's key."),
        ("zh", "未使用快照：其签名并非出自本账本的密钥。"),
    ):
        with open_store(shell.URL) as store:
            store.put_snapshot(SnapshotRow(b"no note", b"no data"))
        closed = sunledger("--lang", language, "close", "--key", "operator/office")
        assert (closed.code, said in closed.err) == (0, True), closed.err
        again = sunledger("--lang", language, "close", "--key", "operator/office")
        assert (again.code, again.err) == (0, "")

"""`sunledger simulate city`, end to end: a fiftieth of a city, as our checks run it every time."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from owed import assert_all_explained, overdue_whole
from shell import Ended, sunledger

from ledger.replay.database import DatabaseSource
from ledger.store.store import open_store
from projections.catalogue import open_projections
from projections.payments import PAYMENTS

CITY = ("simulate", "city", "--scale", "0.02", "--seed", "7", "--out", "city")
PATIENCE_S = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that the tests of this file work in."""
    return tmp_path_factory.mktemp("simulate")


@pytest.fixture(scope="module")
def played(folder: Path) -> Ended:
    """Kill a first try in the middle of its year; then play the year over what it left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        _kill_in_the_year()
        refused = sunledger(*CITY)
        assert (refused.code, refused.out) == (1, "")
        assert "--force" in refused.err
        Path("city/notes.txt").write_text("mine")
        return sunledger(*CITY, "--force", "--json")


def _kill_in_the_year() -> None:
    program = "import sys; from api.cli.main import run; sys.exit(run(sys.argv[1:]))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen([sys.executable, "-c", program, *CITY], env=environment)
    deadline = time.monotonic() + PATIENCE_S
    truth = Path("city/truth.ndjson")
    while not (truth.exists() and truth.stat().st_size):
        assert child.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()


@pytest.fixture(autouse=True)
def _here(played: Ended, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert played.code == 0, played.err
    monkeypatch.chdir(folder)


def test_a_city_ends_with_its_figures(played: Ended) -> None:
    """Tens of thousands of events, every day closed, all of it judged again."""
    document = played.document
    assert document["verdict"] == "OK"
    assert document["events"] > 35_000
    assert document["closings"] == 409
    assert (document["scale"], document["seed"]) == ("0.02", "7")
    assert document["labels"]["overlap"] > document["labels"]["two_workers"] > 0


def test_the_folder_holds_the_ledger_its_policy_and_the_truth(played: Ended) -> None:
    """Labels are in a file beside the ledger; what was not ours is still there; no keys unasked."""
    written = {path.name for path in Path("city").iterdir()} - {"ledger.db-shm", "ledger.db-wal"}
    assert written == {"ledger.db", "policy", "truth.ndjson", "persons.ndjson", "notes.txt"}
    labels = [json.loads(line) for line in Path("city/truth.ndjson").read_text().splitlines()]
    assert len(labels) == sum(played.document["labels"].values())


def test_anybody_can_verify_it(played: Ended) -> None:
    """By the policy alone, to the root that was told."""
    ended = sunledger("verify", "city/ledger.db", "--policy", "city/policy", "--json")
    assert ended.code == 0, ended.err
    assert ended.document["root"] == played.document["root"]
    assert ended.document["unjudged"] == []


def test_every_payment_of_the_city_is_explained_to_the_fen() -> None:
    """What the log alone gives is what was paid, late or not, and what the read model shows."""
    with (
        open_store("sqlite:///city/ledger.db") as store,
        open_projections(store, "sqlite:///payments.db") as projections,
    ):
        projections.follow(PAYMENTS.name)
        settled = assert_all_explained(DatabaseSource(store), projections)
        assert settled.payments > 50
        assert settled.late > 10
        for month in range(1, 13):
            overdue_whole(projections, day=f"2025-{month:02}-28")


def test_it_says_so_in_words() -> None:
    """In the language that was asked for, figures first, the verdict last."""
    ended = sunledger("--lang", "zh", "simulate", "city", "--scale", "demo", "--out", "small")
    assert ended.code == 0, ended.err
    figures, labels, verdict = ended.out.splitlines()
    assert "结账 14 次" in figures
    assert "small/truth.ndjson" in labels
    assert verdict.endswith(": OK")


@pytest.mark.parametrize("scale", ["village", "0", "1e9"])
def test_what_is_no_scale_is_told(scale: str) -> None:
    """Misuse, and nothing is written."""
    ended = sunledger("simulate", "city", "--scale", scale, "--out", "nowhere")
    assert ended.code == 2
    assert f"{scale} is no size of a city" in ended.err.replace("\n", " ")
    assert not Path("nowhere").exists()


def test_a_file_in_the_way_is_no_folder() -> None:
    """It is told, and left alone."""
    Path("plain").write_text("mine")
    ended = sunledger("simulate", "city", "--out", "plain", "--force")
    assert ended.code == 1
    assert "no folder" in ended.err
    assert Path("plain").read_text() == "mine"

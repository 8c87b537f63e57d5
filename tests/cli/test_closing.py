"""The operator's day: `tick` books what the clocks give, `close` commits to what stands then."""

import hashlib
from pathlib import Path

import pytest
from histories import keep
from shell import PASSWORD, sunledger
from world import ORIGIN, World, holder

from ledger.keys import create_key_file

URL = "sqlite:///ledger.db"


@pytest.fixture(autouse=True)
def _a_claim_that_nobody_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a ledger whose claim `k-1` was made long ago, and the keys of its operator."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUNLEDGER_KEY_PASSWORD", PASSWORD)
    monkeypatch.setenv("SUNLEDGER_DB", URL)
    world = World.contracted(retention_ppm=100_000, retention_release="2026-02-01")
    world.visits("c-1")
    world.claim("k-1", "c-1")
    keep(URL, world).ledger.close()
    for name, use in ((ORIGIN, "ledger"), ("OPR/one", "admin"), ("AUT/one", "admin")):
        seed = hashlib.sha256(f"seed of {name}".encode()).digest()
        create_key_file(Path("keys"), name, seed, use=use, holder=holder(name), password=PASSWORD)


def test_a_tick_says_what_it_books_and_a_second_books_nothing() -> None:
    """Silence has accepted, what it held back is owed, and interest ran to the last month's end."""
    ticked = sunledger("tick", "--key", "OPR/one", "--json")
    assert ticked.code == 0, ticked.err
    booked = [(each["type"], each["about"]) for each in ticked.document]
    assert booked[:2] == [("claim.deemed_accepted", "k-1"), ("retention.released", "c-1")]
    assert booked[2:] == [("interest.accrued", "k-1")]
    again = sunledger("tick", "--key", "OPR/one")
    assert (again.code, again.out) == (0, "Nothing is due.\n")
    assert sunledger("--lang", "zh", "tick", "--key", "OPR/one").out == "没有到期事项。\n"


def test_only_the_operator_ticks() -> None:
    """Another's key is told so, and nothing is booked."""
    refused = sunledger("tick", "--key", "AUT/one")
    assert refused.code == 1
    assert "operator" in refused.err
    assert len(sunledger("tick", "--key", "OPR/one", "--json").document) == 3


def test_a_closing_books_what_is_due_first() -> None:
    """The balances that it commits to are those of this day; `verify` tells how late they came."""
    closed = sunledger("close", "--key", "OPR/one")
    assert closed.code == 0, closed.err
    assert sunledger("tick", "--key", "OPR/one").out == "Nothing is due.\n"
    verified = sunledger("verify", "ledger.db")
    assert verified.code == 3  # consistent; no policy anchors it
    assert "Not booked in time: claim.deemed_accepted about k-1" in verified.out

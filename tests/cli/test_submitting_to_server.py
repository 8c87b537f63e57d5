"""`sunledger submit --url`: the same receipts from a server as from the ledger at hand."""

import json
from pathlib import Path

import pytest
import shell
from serving import serving_ledger
from shell import sunledger

from ledger.drafting import read_events, sign_statement
from ledger.identity import Ids
from ledger.times import MS_PER_DAY

pytestmark = pytest.mark.usefixtures("ledger_folder")

PARTY = {
    "type": "party.registered",
    "party": "finance",
    "names": {"en": "Finance bureau"},
    "identifier": {"scheme": "local", "id": "finance"},
    "kind": "government",
}


@pytest.fixture
def statement() -> Path:
    """Write a statement that the ledger admits."""
    Path("party.ndjson").write_text(json.dumps(PARTY))
    sign = ("sign", "party.ndjson", "--key", "city/office", "--out", "party.stmt")
    assert sunledger(*sign).code == 0
    return Path("party.stmt")


def test_a_server_gives_the_receipt_that_the_ledger_would_give(statement: Path) -> None:
    """Submitted over HTTP and then at the ledger itself, a statement has one receipt."""
    with serving_ledger(shell.URL, shell.signer(shell.ORIGIN), None) as url:
        sent = sunledger("submit", statement, "--url", url, "--json")
        assert sent.code == 0, sent.err
        assert sunledger("submit", statement, "--url", url, "--json").document == sent.document
    assert sunledger("submit", statement, "--json").document == sent.document


def test_a_refusal_is_kept_as_the_operator_signed_it(statement: Path) -> None:
    """Whoever was refused has a file that shows it, and `check` says what it shows."""
    now_ms = 0
    stale = sign_statement(
        read_events(json.dumps(PARTY).encode(), Ids(), now_ms),
        shell.ORIGIN,
        now_ms + MS_PER_DAY,
        [shell.signer("city/office")],
    )
    Path("stale.stmt").write_bytes(stale)
    operator = shell.signer("operator/office")
    with serving_ledger(shell.URL, shell.signer(shell.ORIGIN), operator) as url:
        sent = sunledger("--lang", "zh", "submit", "stale.stmt", "--url", url)
    assert sent.code == 1
    assert "声明" in sent.err
    vkey = str(operator.verifier)
    check = ("check", "stale.stmt.refusal", "--statement", "stale.stmt")
    checked = sunledger(*check, "--operator", vkey, "--json")
    assert checked.code == 0, checked.err
    assert checked.document["code"] == "statement_expired"
    assert checked.document["signed_by"] == ["operator/office"]
    assert sunledger(*check).code == 3  # nobody's key was given
    other = sunledger("check", "stale.stmt.refusal", "--statement", statement, "--operator", vkey)
    assert (other.code, "not of the statement" in other.err) == (1, True)
    city = str(shell.signer("city/office").verifier)
    assert sunledger(*check, "--operator", city).code == 1


@pytest.mark.parametrize("url", ["ledger.example", "ftp://ledger.example", "http://127.0.0.1:1"])
def test_a_server_that_is_not_there_is_told_in_a_sentence(statement: Path, url: str) -> None:
    """A wrong address, and one where nobody answers."""
    ended = sunledger("submit", statement, "--url", url)
    assert ended.code == 1
    assert url in ended.err

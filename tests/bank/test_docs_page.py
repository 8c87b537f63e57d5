"""docs/banks.md is executed: its commands are run on a ledger, with a bank that answers."""

import hashlib
import json
import re
import shlex
from pathlib import Path

import pytest
import shell
from bank_cases import EXTRACT, approved
from histories import keep
from shell import sunledger
from world import ORIGIN, signer

from bench.simulated_bank import SimulatedBank
from ledger.bank import faults, findings, grammar, orders, reading, stream
from ledger.keys import KeyFile, create_key_file, load_key_file
from ledger.note import VerifierKey
from ledger.store.store import open_store
from ledger.times import local_date

PAGE = (Path(__file__).parents[2] / "docs" / "banks.md").read_text(encoding="utf-8")
OFFICES = ("FIN/one", "TRE/one", "OPR/one")
URL = "sqlite:///ledger.db"


def commands() -> list[list[str]]:
    """Return the commands of the page."""
    return [shlex.split(line) for line in re.findall(r"^\$ sunledger (.*)$", PAGE, re.MULTILINE)]


def expanded(words: list[str]) -> list[str]:
    """Return words with file patterns expanded, as a shell does it."""
    return [name for word in words for name in (sorted(map(str, Path().glob(word))) or [word])]


def create_key(name: str, seed: bytes, use: str) -> KeyFile:
    """Write a key file to the folder of keys."""
    return create_key_file(Path("keys"), name, seed, use=use, holder="h-1", password=shell.PASSWORD)


def load(key: KeyFile) -> VerifierKey:
    """Return the verifier key of a key file as it is read again."""
    return load_key_file(key.path).verifier


@pytest.fixture
def treasury(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a folder with a ledger that has two approved payments, keys, and account numbers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUNLEDGER_DB", URL)
    monkeypatch.setenv("SUNLEDGER_KEY_PASSWORD", shell.PASSWORD)
    kept = keep(URL, approved(2, advance_ppm=200_000))
    kept.ledger.close()
    for name, use in ((ORIGIN, "ledger"), *((each, "sign") for each in OFFICES)):
        seed = hashlib.sha256(f"seed of {name}".encode()).digest()  # as `world.signer` has it
        assert load(create_key(name, seed, use)) == signer(name).verifier
    Path("accounts.ndjson").write_bytes(EXTRACT)
    assert sunledger("tick", "--key", "OPR/one").code == 0  # the world's clock is months behind


def today() -> str:
    """Return the local date of the last statement."""
    with open_store(URL) as store:
        last = store.statement(store.head().size - 1)
    assert last is not None
    return local_date(last.recorded_ms, 8 * 60)


def answer_orders() -> None:
    """Let the bank reject one payment and pay the other today."""
    (orders,) = Path("bank").glob("*.xml")
    bank = SimulatedBank(orders.read_bytes())
    Path("answer.xml").write_bytes(bank.report({"p-1": ("RJCT", "AC04")}))
    Path("notified.xml").write_bytes(bank.notify([bank.paid("p-2", today())]))


@pytest.mark.usefixtures("treasury")
def test_the_commands_of_the_page_do_what_it_says() -> None:
    """From approved to settled and rejected; the file again is the same; importing again is not."""
    export, sign, submit, again, *_advancing, take = commands()
    for each in (export, sign, submit):
        ended = sunledger(*expanded(each))
        assert ended.code == 0, ended.err
    ended = sunledger(*again, "--json")
    (file,) = ended.document["files"]
    assert (file["as_ordered"], file["payments"]) == (True, 2)
    (first,) = Path("bank").glob("*.xml")
    assert Path(file["file"]).read_bytes() == first.read_bytes()
    answer_orders()
    before = {"settled": 1, "rejected": 1, "known": 0, "unmatched": 0}
    ended = sunledger(*take, "--json")
    assert ended.code == 0, ended.err
    assert {name: ended.document[name] for name in before} == before
    ended = sunledger(*take, "--json")
    assert {name: ended.document[name] for name in before} == {
        "settled": 0, "rejected": 0, "known": 2, "unmatched": 0
    }  # fmt: skip
    shown = sunledger("show", "payment", "--json").document["items"]
    assert [each["status"] for each in shown] == ["rejected", "settled"]


@pytest.mark.usefixtures("treasury")
def test_commands_choose_and_refuse_with_sentences() -> None:
    """By line and contract; a wrong day, an unknown payment; files that are refused or unknown."""
    export = ("export", "pain001", "--approved", "--on", "2026-12-31", "--json")
    chosen = sunledger(*export, "--line", "line-1", "--payments", "p-1", "--out", "a").document
    assert [each["payments"] for each in chosen["files"]] == [1]
    assert chosen["files"][0]["message_id"].startswith("20261231-")
    assert chosen["files"][0]["by_token"] == 1
    assert sunledger(*export, "--day", "2026-02-09", "--out", "b").document == {"files": []}
    for options, told in (
        (("--day", "yesterday"), "is no date"),
        (("--line", "line-9"), "there is no fund line line-9; `sunledger show fund` lists all"),
        (("--contract", "c-9"), "there is no contract c-9; `sunledger show contract` lists all"),
        (("--contract", "c-9", "--line", "line-1"), "there is no contract c-9;"),
        (("--payments", "p-9"), "p-9 is unknown"),
    ):
        ended = sunledger(*export, *options, "--out", "c")
        assert (ended.code, told in ended.err) == (1, True), ended.err
    ended = sunledger("export", "pain001", "--payments", "p-1", "--out", "c")
    assert (ended.code, "p-1 was not ordered" in ended.err) == (1, True)
    (orders,) = Path("a").glob("*.xml")
    bank = SimulatedBank(orders.read_bytes())
    Path("unknown.xml").write_bytes(bank.notify([bank.paid("p-1", "2026-03-01")]))
    Path("junk.xml").write_text("junk")
    take = ("import", "bank", "unknown.xml", "junk.xml", "none.xml", "--key", "TRE/one")
    ended = sunledger("--lang", "en", *take)
    assert ended.code == 1
    assert "It names no payment that was ordered here." in " ".join(ended.out.split())
    assert ended.err.count("is refused:") == 2
    document = sunledger(*take, "--json").document
    assert [each["code"] for each in document["for_a_person"]] == ["payment_unknown"]
    refused = [each["refused"] and each["refused"]["code"] for each in document["files"]]
    assert refused == [None, "not_xml", "file_unreadable"]


@pytest.mark.usefixtures("treasury")
def test_a_contract_or_line_that_is_not_there_is_refused_for_what_is_ordered_too() -> None:
    """Not as if nothing waited for the bank; a contract that the line does not pay is none."""
    export = ("export", "pain001", "--out", "a", "--json")
    for option in (("--contract", "c-9"), ("--line", "line-9")):
        ended = sunledger(*export, *option)
        assert (ended.code, ended.out) == (1, "")
        assert f"{option[1]}; `sunledger show" in ended.err
    assert sunledger(*export, "--contract", "c-1", "--line", "line-1").document == {"files": []}


@pytest.mark.usefixtures("treasury")
def test_the_commands_for_advances_do_what_the_page_says() -> None:
    """From a line of finance to the file, the order and the bank's word; and the file again."""
    *_before, export, sign, submit, take = commands()
    (line,) = re.findall(r'^\{"advance".*$', PAGE, re.MULTILINE)
    Path("advances.ndjson").write_text(line)
    for each in (export, sign, submit):
        ended = sunledger(*expanded(each))
        assert ended.code == 0, ended.err
    (orders,) = Path("advanced").glob("*.xml")
    again = ("export", "pain001", "--payments", "advance/v-1", "--accounts", "accounts.ndjson")
    (file,) = sunledger(*again, "--out", "again", "--json").document["files"]
    assert (file["as_ordered"], file["amount_fen"]) == (True, 24_000)
    assert Path(file["file"]).read_bytes() == orders.read_bytes()
    bank = SimulatedBank(orders.read_bytes())
    Path("answer.xml").write_bytes(bank.report({"advance/v-1": ("ACSC", "")}))
    Path("notified.xml").write_bytes(bank.notify([bank.paid("advance/v-1", today())]))
    for settled, known in ((1, 0), (0, 1)):
        ended = sunledger(*take, "--json")
        assert (ended.document["settled"], ended.document["known"]) == (settled, known), ended.err
    shown = sunledger("show", "contract", "c-1", "--json").document
    assert '"prepaid"' in json.dumps(shown)


@pytest.mark.usefixtures("treasury")
def test_advances_share_a_file_with_what_is_approved() -> None:
    """One file for the bank and one of orders; what chooses payments is not for advances alone."""
    line = {"advance": "v-1", "contract": "c-1", "amount_fen": 24_000, "payee": "account-2"}
    Path("advances.ndjson").write_text(json.dumps(line))
    export = ("export", "pain001", "--advances", "advances.ndjson", "--out", "both")
    ended = sunledger(*export, "--approved", "--payments", "p-1", "--json")
    (file,) = ended.document["files"]
    orders = [json.loads(each) for each in Path(file["orders"]).read_text().splitlines()]
    assert [each["type"] for each in orders] == ["advance.ordered", "payment.ordered"]
    advance, payment = orders
    amount_fen = payment["principal_fen"] + payment.get("interest_fen", 0)
    assert (file["payments"], file["amount_fen"]) == (2, advance["amount_fen"] + amount_fen)
    assert {(each["message_id"], each["sha256"]) for each in orders} == {
        (file["message_id"], file["sha256"])
    }
    ended = sunledger(*export, "--contract", "c-1")
    assert (ended.code, "goes with --approved" in " ".join(ended.err.split())) == (2, True)
    Path("advances.ndjson").write_text("{}")
    ended = sunledger(*export)
    assert (ended.code, "line 1 of the advances" in ended.err) == (1, True)


def test_the_page_names_every_version_and_the_limits() -> None:
    """As the code has them."""
    for versions in grammar.VERSIONS.values():
        assert ", ".join(versions) in PAGE
    assert f"{reading.MAX_WORDS:,} entries" in PAGE
    assert f"{stream.MAX_FIELDS:,} fields" in PAGE
    assert f"{stream.MAX_ELEMENTS // 1_000_000} million elements" in PAGE
    assert f"{orders.MAX_TRANSFERS:,} payments" in PAGE
    assert all(told.endswith((".", "…).")) for told in faults.SENTENCES.values())
    assert all(told.endswith((".", "?")) for told in findings.WHYS.values())

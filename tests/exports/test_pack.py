"""The audit pack: what is in it is the ledger's, and whatever is changed in it is found."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from forged import Change, forge, in_column, replacing, table, twice, without_line
from histories import Kept, busy_city, keep
from shell import sunledger

from api.exports.pack import writing
from api.exports.pack.checking import check_pack
from api.exports.pack.contents import TABLES
from api.exports.pack.manifest import read_manifest
from api.exports.pack.standards import STANDARDS
from api.exports.pack.writing import write_pack
from api.exports.parquet import parquet_file, parquet_rows
from ledger.archive import Archive
from ledger.errors import Conflict, LedgerError, Malformed, Unverified
from ledger.events import decode_event
from ledger.events.closing import LedgerClosed
from ledger.events.payment import PaymentOrdered, PaymentSettled
from ledger.note import COSIGNATURE_V1, Ed25519Signer
from ledger.policy import Policy
from ledger.store.histories import last_of
from ledger.store.rows import CheckpointRow
from ledger.store.store import Store
from projections.audit import moment as moments
from projections.catalogue import open_projections
from projections.contracts import list_contracts
from projections.engine import Projections
from projections.funds import list_funds
from projections.journal import JournalRow
from projections.payments import list_payments

# -- what is in it -----------------------------------------------------------------------------


def test_a_pack_is_complete_and_holds(pack: Path, policy: Policy, store: Store) -> None:
    """It goes from the first event to the last, and every part follows from the same events."""
    checked = check_pack(pack, policy)
    manifest, head = checked.manifest, store.head()
    assert checked.report.verdict == "OK"
    assert (manifest.events.first, manifest.events.last) == (0, head.positions - 1)
    assert manifest.checkpoint.size == head.size
    rows = table(pack, "journal.csv")
    assert manifest.journal.rows == len(rows) == 2 * store.row_counts()["posting"]
    assert manifest.journal.debit_fen == sum(int(row["debit_fen"]) for row in rows)
    assert manifest.journal.debit_fen == manifest.journal.credit_fen
    assert manifest.journal.first == int(rows[0]["position"])
    assert checked.proofs == len(list((pack / "proofs").rglob("*.stateproof.json"))) > 5
    assert check_pack(pack, None).report.verdict == "consistent, not anchored"


def test_the_trial_balance_is_that_of_the_closing_and_of_the_read_model(
    pack: Path, projections: Projections, store: Store
) -> None:
    """Each account of each line, and together what the last ledger.closed committed to."""
    rows = table(pack, "trial-balance.csv")
    held = {(row["line"], row["account"]): int(row["balance_fen"]) for row in rows}
    for fund in list_funds(projections).items:
        for account, fen in fund.balances.items():
            assert held.pop((fund.line, account)) == fen
    assert not held
    found = last_of(store, "ledger/main", "ledger.closed")
    assert found is not None
    closed = decode_event(found.body)
    assert isinstance(closed, LedgerClosed)
    totals: dict[str, int] = {}
    for row in rows:
        fen = int(row["closing_balance_fen"])
        totals[row["account"]] = totals.get(row["account"], 0) + fen
    stated = msgspec.to_builtins(closed.trial_balance)
    assert {name: fen for name, fen in totals.items() if fen} == {
        name: fen for name, fen in stated.items() if fen
    }


def test_the_life_of_a_contract_ends_where_its_sheet_and_the_read_model_stand(
    pack: Path, projections: Projections
) -> None:
    """Step by step, none left out; paid in all is what the read model says."""
    sheets = {row["contract"]: row for row in table(pack, "contracts.csv")}
    life: dict[str, list[dict[str, str]]] = {}
    for row in table(pack, "contract-life.csv"):
        life.setdefault(row["contract"], []).append(row)
    contracts = list_contracts(projections, origin="native").items
    assert list(sheets) == [each.contract for each in contracts]
    for each in contracts:
        steps, sheet = life[each.contract], sheets[each.contract]
        assert [int(row["step"]) for row in steps] == list(range(1, len(steps) + 1))
        assert "contract.signed" in {row["type"] for row in steps}
        assert not any(row["type"].startswith("visit.") for row in steps)
        assert int(steps[-1]["paid_fen"]) == int(sheet["paid_fen"]) == each.paid_minor
        assert int(sheet["accepted_fen"]) == each.accrued_minor


def test_every_payment_has_the_references_of_the_bank(
    pack: Path, projections: Projections, store: Store
) -> None:
    """The file that ordered it, and the bank's last word on it, by hash and event."""
    rows = {row["payment"]: row for row in table(pack, "payments.csv")}
    listed = list_payments(projections, limit=1_000).items
    assert {each.payment for each in listed} == {
        name for name, row in rows.items() if row["kind"] == "payment"
    }
    seen = 0
    for event in store.events():
        if event.type in {"payment.ordered", "payment.settled"}:
            told = decode_event(event.body)
            assert isinstance(told, PaymentOrdered | PaymentSettled)
            row = rows[told.payment]
            if isinstance(told, PaymentOrdered):
                found = (row["order_event"], row["order_sha256"], row["message_id"])
                assert found == (told.id, told.sha256, told.message_id)
                seen += 1
            elif row["status"] == "settled":
                assert (row["bank_event"], row["bank_sha256"]) == (told.id, told.sha256)
                assert row["value_date"] == told.value_date
    assert seen
    advances = [row for row in rows.values() if row["kind"] == "advance"]
    assert all(row["status"] == "settled" for row in advances)
    assert all(row["paid_fen"] == row["ordered_fen"] == row["principal_fen"] for row in advances)


def test_keys_and_roles_are_all_there_ever_were(pack: Path, store: Store) -> None:
    """An enrolment and a grant for each row, with who signed it."""
    enrolled = [each for each in store.events() if each.type == "key.enrolled"]
    keys = table(pack, "keys.csv")
    founding = [row for row in keys if row["enrolled_position"] == "0"]
    assert len(keys) == len(enrolled) + len(founding)
    assert {int(row["enrolled_position"]) for row in keys} - {0} == {
        each.position for each in enrolled
    }
    granted = {each.position for each in store.events() if each.type == "role.granted"}
    roles = {int(row["granted_position"]) for row in table(pack, "roles.csv")}
    assert roles - {0} == granted


def test_the_dictionary_explains_every_column(pack: Path) -> None:
    """Type, meaning and source of each column of each table, as it stands in the file."""
    dictionary = json.loads((pack / "data-dictionary.json").read_bytes())
    by_file = {each["file"]: each["columns"] for each in dictionary["tables"]}
    tables = {path.name for path in (*pack.glob("*.csv"), *pack.glob("*.parquet"))}
    assert set(by_file) == {each.path for each in TABLES} == tables
    for name, columns in by_file.items():
        names = [column["name"] for column in columns]
        if name.endswith(".csv"):
            header, _, _ = (pack / name).read_text(encoding="utf-8-sig").partition("\n")
            assert header.split(",") == names
        else:
            read = duckdb.sql(f"SELECT * FROM '{pack / name}'")
            assert read is not None
            assert read.columns == names
        for column in columns:
            assert column["type"] in {"integer", "text"}, column
            assert column["meaning"], column
            assert column["source"], column
            if column["name"].endswith(("_fen", "_on", "_sha256")):
                assert column["unit"], column


def test_the_mapping_names_columns_that_there_are(pack: Path) -> None:
    """Each is in the dictionary too, and on the page."""
    dictionary = json.loads((pack / "data-dictionary.json").read_bytes())
    found = {
        (each["file"].partition(".")[0], column["name"])
        for each in dictionary["tables"]
        for column in each["columns"]
        if column["standards"]
    }
    assert found == {(each.file, each.column) for each in STANDARDS}
    page = (pack / "mapping.md").read_text()
    assert all(f"| {each.file} | `{each.column}` |" in page for each in STANDARDS)


# -- whoever changes it ------------------------------------------------------------------------


def files_by_kind(folder: Path) -> dict[str, str]:
    """Return one file of each kind that a pack holds."""
    found: dict[str, str] = {}
    for each in read_manifest(folder).files:
        parts = each.path.split("/")
        kind = "/".join(parts[:2]) if len(parts) > 1 else each.path
        found.setdefault(kind, each.path)
    return found


def test_a_changed_byte_is_found_in_every_file(copy: Path, policy: Policy) -> None:
    """The first, a middle or the last byte of any file: the manifest states another hash."""
    kinds = files_by_kind(copy)
    assert len(kinds) > 15
    for number, path in enumerate(kinds.values()):
        file = copy / path
        data = bytearray(before := file.read_bytes())
        if data:
            data[(0, len(data) // 2, -1)[number % 3]] ^= 1
        else:
            data += b"x"
        file.write_bytes(bytes(data))
        with pytest.raises(Unverified, match="hash") as found:
            check_pack(copy, policy)
        assert path in str(found.value)
        file.write_bytes(before)
    assert check_pack(copy, policy).report.verdict == "OK"


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda folder: (folder / "keys.csv").unlink(), "keys.csv: it is missing"),
        (lambda folder: (folder / "x.csv").write_text("x"), "x.csv: it does not belong"),
        (lambda folder: (folder / "x.csv").symlink_to("keys.csv"), "x.csv: it does not belong"),
        (lambda folder: (folder / "MANIFEST.json").unlink(), "cannot be read"),
        (lambda folder: (folder / "MANIFEST.json").write_text("{}"), "not an audit pack"),
    ],
)
def test_a_file_too_few_or_too_many_is_found(
    copy: Path, policy: Policy, change: Callable[[Path], object], match: str
) -> None:
    """Nothing can be slipped in or taken out."""
    change(copy)
    with pytest.raises((Unverified, Malformed), match=match):
        check_pack(copy, policy)


def swapped_columns(data: bytes) -> bytes:
    """Return a Parquet file in which one row says another account."""
    rows = list(parquet_rows(JournalRow, io.BytesIO(data)))
    rows[5] = msgspec.structs.replace(rows[5], account="cash")
    return b"".join(parquet_file(JournalRow, rows))


FORGED: dict[str, tuple[str, Change, str]] = {
    "an amount of the journal": ("journal.csv", in_column("debit_fen"), "is not what the events"),
    "a signer": ("journal.csv", in_column("signers", "nobody"), "is not what the events give"),
    "a role": ("journal.csv", in_column("roles", "auditor"), "is not what the events give"),
    "an evidence": ("journal.csv", in_column("evidence"), "is not what the events give"),
    "a row left out": ("journal.csv", without_line(7), "row 7 is not what the events give"),
    "the last row left out": ("journal.csv", without_line(-1), "is not what the events give"),
    "a row added": ("journal.csv", lambda data: data + data.splitlines(True)[-1], "goes on after"),
    "another journal by columns": ("journal.parquet", swapped_columns, "not those of journal.csv"),
    "no journal by columns": ("journal.parquet", lambda _: b"PAR1", "journal.parquet: "),
    "a balance": ("trial-balance.csv", in_column("balance_fen"), "not what the journal adds up"),
    "a turnover": ("trial-balance.csv", in_column("credit_fen"), "not what the journal adds up"),
    "a closing": ("trial-balance.csv", in_column("closing_balance_fen"), "not what the journal"),
    "a side": ("trial-balance.csv", in_column("normal_side", "x"), "stands in another book"),
    "an account left out": ("trial-balance.csv", without_line(3), "is missing"),
    "what was paid": ("contracts.csv", in_column("paid_fen"), "is not what the journal gives"),
    "what was agreed": ("contracts.csv", in_column("value_fen"), "is not what was agreed"),
    "what was accepted": ("contracts.csv", in_column("accepted_fen"), "accepted of"),
    "a contract left out": ("contracts.csv", without_line(1), "is missing"),
    "the end of a life": ("contract-life.csv", in_column("paid_fen"), "does not end as"),
    "a step left out": ("contract-life.csv", without_line(4), "a step of"),
    "a bank's entry": ("payments.csv", in_column("bank_sha256"), "is another"),
    "an order": ("payments.csv", in_column("message_id", "MSG-0"), "is another"),
    "what a payment came to": ("payments.csv", in_column("paid_fen"), "paid_fen of"),
    "what was ordered": ("payments.csv", in_column("ordered_fen"), "ordered_fen of"),
    "a payment twice": ("payments.csv", twice, "stands there twice"),
    "a payment that there is not": ("payments.csv", in_column("payment", "p-x"), "no payment p-x"),
    "a contract twice": ("contracts.csv", twice, "stands there twice"),
    "a contract that there is not": ("contracts.csv", in_column("contract", "x"), "no contract x"),
    "another column": ("payments.csv", replacing("payment,kind", "payment,sort"), "columns are"),
    "a cell too few": ("roles.csv", lambda data: data + b"x\r\n", "another number of cells"),
    "a step that is none": ("contract-life.csv", in_column("step", "one"), "not a table of a pack"),
    "a payment left out": ("payments.csv", without_line(2), "is missing"),
    "a key": ("keys.csv", in_column("vkey"), "not those that were enrolled"),
    "a key left out": ("keys.csv", without_line(3), "not those that were enrolled"),
    "a role given": ("roles.csv", in_column("role", "treasury"), "not those that were given"),
    "a role left out": ("roles.csv", without_line(3), "not those that were given"),
    "a file that is no text": ("keys.csv", lambda _: b"\xff\xfe", "not a table|not those"),
    "the checkpoint": ("archive/checkpoint", replacing("\n\n", "\nx\n\n"), "checkpoint"),
}
"""What an attacker changes who writes the manifest anew, and how it is found."""


@pytest.mark.parametrize("name", FORGED)
def test_a_change_is_found_that_the_manifest_hides(copy: Path, policy: Policy, name: str) -> None:
    """The manifest states the new file's hash; the events still say what was there."""
    path, change, match = FORGED[name]
    forge(copy, path, change)
    with pytest.raises(LedgerError, match=match):
        check_pack(copy, policy)


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"currency": "EUR"}, "its currency is EUR"),
        ({"origin": "other.example"}, "its origin is other.example"),
        ({"closing": None}, "its closing is None"),
        ({"journal": {"rows": 2}}, "its journal is"),
        ({"journal": {"debit_fen": 1}}, "its journal is"),
        ({"events": {"last": 5}}, "its events is"),
        ({"checkpoint": {"root": "0" * 64}}, "its checkpoint is"),
    ],
)
def test_a_manifest_that_states_something_else_is_found(
    copy: Path, policy: Policy, fields: dict[str, Any], match: str
) -> None:
    """First and last position, count, totals and checkpoint are recomputed."""
    manifest = read_manifest(copy)
    changed = {
        name: msgspec.structs.replace(getattr(manifest, name), **value)
        if isinstance(value, dict)
        else value
        for name, value in fields.items()
    }
    written = msgspec.structs.replace(manifest, **changed)
    (copy / "MANIFEST.json").write_bytes(written.encode())
    with pytest.raises(Unverified, match=match):
        check_pack(copy, policy)


def test_proofs_are_exchanged_in_vain(copy: Path, policy: Policy) -> None:
    """A contract's proof under another contract's name holds, but not there."""
    one, other = sorted((copy / "proofs/contract").iterdir())[:2]
    forge(copy, one.relative_to(copy).as_posix(), lambda _: other.read_bytes())
    with pytest.raises(Unverified, match="at another closing"):
        check_pack(copy, policy)


def test_a_proof_that_is_left_out_is_missed(copy: Path, policy: Policy) -> None:
    """Of a contract or a fund line, though the manifest does not name it either."""
    for each in ("contract", "line"):
        gone = min((copy / "proofs" / each).iterdir())
        kept, path = gone.read_bytes(), gone.relative_to(copy).as_posix()
        before = (copy / "MANIFEST.json").read_bytes()
        manifest = read_manifest(copy)
        files = tuple(file for file in manifest.files if file.path != path)
        written = msgspec.structs.replace(manifest, files=files)
        (copy / "MANIFEST.json").write_bytes(written.encode())
        gone.unlink()
        with pytest.raises(Unverified, match=f"{path}: it is missing"):
            check_pack(copy, policy)
        gone.write_bytes(kept)
        (copy / "MANIFEST.json").write_bytes(before)


def test_another_ledgers_policy_is_not_satisfied(pack: Path, policy: Policy) -> None:
    """Whose pack it is, the policy says; not the pack."""
    other = msgspec.structs.replace(policy, genesis=bytes(32))
    with pytest.raises(Unverified, match="genesis hash"):
        check_pack(pack, other)


# -- by the command line -----------------------------------------------------------------------


def test_a_pack_is_written_and_checked_by_commands(
    store: Store, policy: Policy, tmp_path: Path
) -> None:
    """It ends as `verify` does; what is wrong is one sentence."""
    folder, keys = tmp_path / "pack", tmp_path / "policy"
    keys.write_text(policy.encode())
    models = f"sqlite:///{tmp_path / 'models.db'}"
    command = ("export", "auditpack", folder, "--db", store.url, "--policy", keys, "--json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUNLEDGER_PROJECTIONS", models)
        ended = sunledger(*command)
        assert ended.code == 0, ended.err
        again = sunledger(*command)
    assert again.code == 1
    assert "exists already" in again.err
    checked = sunledger("check", folder, "--policy", keys, "--json")
    assert checked.code == 0, checked.err
    assert checked.document["verdict"] == "OK"
    assert checked.document["manifest_sha256"] == ended.document["manifest_sha256"]
    assert checked.document["journal_rows"] == ended.document["journal_rows"]
    assert sunledger("check", folder).code == 3
    archive = sunledger("check", folder / "archive", "--policy", keys)
    assert archive.code == 1
    assert "sunledger verify" in archive.err
    (folder / "keys.csv").write_bytes(b"")
    wrong = sunledger("check", folder, "--policy", keys)
    assert wrong.code == 1
    assert "keys.csv: it is not the file" in wrong.err


# -- ledgers of other kinds --------------------------------------------------------------------


def test_a_busy_ledger_is_packed_on_both_databases(database_url: str, tmp_path: Path) -> None:
    """With roles taken back, bounced payments and carried-over lines; and after it has grown."""
    world = busy_city(closings=True)
    kept: Kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        manifest = write_pack(projections, tmp_path / "one", None)
        keys = Archive(tmp_path / "one/archive").keys()
        assert check_pack(tmp_path / "one", keys).report.events == manifest.events.count
        world.visits("c-1", days=3, month="2026-02")
        kept.catch_up()
        later = write_pack(projections, tmp_path / "two", None)
        assert later.events.count > manifest.events.count
        assert check_pack(tmp_path / "two", keys).report.verdict == "OK"


def test_a_ledger_that_was_never_closed_has_no_proofs(tmp_path: Path) -> None:
    """Nor a balance at a closing; all else is there and holds."""
    kept = keep(f"sqlite:///{tmp_path / 'ledger.db'}", busy_city())
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        manifest = write_pack(projections, tmp_path / "pack", None)
    assert manifest.closing is None
    assert not (tmp_path / "pack/proofs").exists()
    rows = table(tmp_path / "pack", "trial-balance.csv")
    assert {row["closing_balance_fen"] for row in rows} == {""}
    assert check_pack(tmp_path / "pack", None).proofs == 0


def test_a_pack_that_fails_leaves_nothing_under_its_name(
    projections: Projections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next try begins anew and succeeds."""
    folder = tmp_path / "pack"

    def failing() -> bytes:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(writing, "dictionary", failing)
        with pytest.raises(OSError, match="the disk is full"):
            write_pack(projections, folder, None)
    assert not folder.exists()
    write_pack(projections, folder, None)
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]


def test_a_moment_is_one_that_a_checkpoint_covers(
    projections: Projections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While statements come in groups, one in the midst of a group is none; it is looked again."""
    looked = []
    covering = Store.checkpoint_over

    def within_a_group(store: Store, index: int) -> CheckpointRow | None:
        looked.append(index)
        found = covering(store, index)
        if found is None or len(looked) > 3:
            return found
        return found._replace(size=found.size + 1)

    monkeypatch.setattr(Store, "checkpoint_over", within_a_group)
    manifest = write_pack(projections, tmp_path / "pack", None)
    assert len(looked) > 3
    assert manifest.checkpoint.size == projections.feed.store.head().size
    monkeypatch.setattr(moments, "TRIES", 2)
    looked.clear()
    with pytest.raises(Conflict, match="grows too fast"):
        write_pack(projections, tmp_path / "again", None)


def test_no_pack_is_made_that_would_not_satisfy_its_policy(
    projections: Projections, policy: Policy, tmp_path: Path
) -> None:
    """A quorum that has not cosigned the ledger as it stands is to be asked first."""
    witness = Ed25519Signer("audit.example", b"w" * 32, COSIGNATURE_V1).verifier
    text = policy.encode().replace("quorum none", f"witness audit {witness}\nquorum audit")
    with pytest.raises(LedgerError, match="witness ask"):
        write_pack(projections, tmp_path / "pack", Policy.parse(text))
    assert not (tmp_path / "pack").exists()

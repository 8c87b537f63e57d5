"""The commands as people use them: sign, cosign, submit, prove, import, verify."""

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import shell
from shell import sunledger

from ledger.keys import load_key_file
from ledger.store.store import create_store, open_store

pytestmark = pytest.mark.usefixtures("ledger_folder")

PARTY = {
    "type": "party.registered",
    "party": "finance",
    "names": {"en": "Finance bureau"},
    "identifier": {"scheme": "local", "id": "finance"},
    "kind": "government",
}
RELEASE = {
    "ocid": "ocds-213czf-1",
    "id": "1",
    "date": "2026-01-01T00:00:00Z",
    "tag": ["contract"],
    "contracts": [
        {
            "id": "c1",
            "awardID": "a1",
            "status": "active",
            "value": {"amount": 10, "currency": "EUR"},
        }
    ],
    "awards": [{"id": "a1"}],
}


def register() -> None:
    """Have the party `finance` registered, and its statement file kept as `party.stmt`."""
    Path("party.ndjson").write_text(json.dumps(PARTY))
    sign = ("sign", "party.ndjson", "--key", "city/office", "--out", "party.stmt")
    assert sunledger(*sign).code == 0
    assert sunledger("submit", "party.stmt").code == 0


def package(**changes: object) -> None:
    """Write a release package to the folder `downloads`."""
    Path("downloads").mkdir(exist_ok=True)
    body = {"publisher": {"name": "A city"}, "releases": [{**RELEASE, **changes}]}
    Path("downloads/package.json").write_text(json.dumps(body))


def test_submitting_again_returns_the_first_receipt() -> None:
    """Harmless, however often: the same receipt, and no second entry."""
    register()
    first = sunledger("submit", "party.stmt", "--json").document
    size = shell.size()
    assert sunledger("submit", "party.stmt", "party.stmt", "--json").document == [*first, *first]
    assert shell.size() == size


def test_a_statement_is_cosigned_before_it_is_admitted() -> None:
    """What two must sign waits for the second, who is shown in words what it says."""
    register()
    assert sunledger("key", "new", "finance/budget", "--use", "admin").code == 0
    enroll = ("key", "enroll", "finance/budget", "--by", "city", "--out", "key.stmt")
    drafted = sunledger(*enroll, "--json")
    assert drafted.document["missing"] == ["city"]
    early = sunledger("submit", "key.stmt")
    assert (early.code, early.out) == (1, "")
    nobody = sunledger("cosign", "key.stmt", "--key", "city/office")
    assert (nobody.code, "--yes" in nobody.err) == (1, True)
    cosigned = sunledger("cosign", "key.stmt", "--key", "city/office", "--yes")
    assert cosigned.code == 0, cosigned.err
    assert "A key of finance is enrolled for admin." in cosigned.out
    assert sunledger("submit", "key.stmt").code == 0
    again = sunledger("cosign", "key.stmt", "--key", "city/office", "--yes")
    assert "has signed this statement already" in again.err
    other = sunledger("cosign", "key.stmt", "--key", "watch/office", "--yes")
    assert "watch has nothing to sign here" in other.err


def test_an_altered_draft_is_not_cosigned() -> None:
    """Whoever swaps an event after the first signature gets no second one."""
    Path("e.ndjson").write_text(json.dumps(PARTY))
    sign = ("sign", "e.ndjson", "--key", "city/office", "--with", "watch", "--out", "e.stmt")
    assert sunledger(*sign).code == 0
    draft = Path("e.stmt")
    draft.write_bytes(draft.read_bytes().replace(b"Finance bureau", b"Finance burea2"))
    altered = draft.read_bytes()
    ended = sunledger("cosign", "e.stmt", "--key", "watch/office", "--yes")
    assert (ended.code, "root differs" in ended.err) == (1, True)
    assert draft.read_bytes() == altered


def test_a_proof_is_checked_offline() -> None:
    """An event proof and a receipt hold by the policy, and for nobody who changed a byte."""
    register()
    shutil.move("keys", "no-keys")
    with open_store(shell.URL) as store:
        event = store.event_at(store.head().positions - 1)
    assert event is not None
    text = event.id.hex()
    event_id = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    assert sunledger("proof", event_id, "--out", "p.json").code == 0
    assert sunledger("proof", "4", "--out", "r.receipt").code == 0
    Path(shell.DATABASE).rename("gone.db")
    policy = ("--policy", shell.POLICY)
    good = sunledger("check", "p.json", *policy)
    assert (good.code, "Finance bureau" in good.out) == (0, True), good.err
    assert sunledger("check", "p.json").code == 3
    receipt = ("check", "r.receipt", "--statement", "party.stmt", *policy)
    assert sunledger(*receipt).code == 0
    Path("p.json").write_bytes(Path("p.json").read_bytes().replace(b"Finance", b"Finanse"))
    assert sunledger("check", "p.json", *policy).code == 1
    Path("party.stmt").write_bytes(Path("party.stmt").read_bytes().replace(b"Finance", b"Finanse"))
    assert sunledger(*receipt).code == 1


def test_a_closing_proves_how_a_subject_stood() -> None:
    """The operator closes the day; a state proof of that hour is checked offline, or refused."""
    register()
    assert sunledger("proof", "state", "party/finance").code == 1
    assert sunledger("close", "--key", "city/office").code == 1
    closed = sunledger("close", "--key", "operator/office")
    assert closed.code == 0, closed.err
    assert sunledger("proof", "state").code == 2
    assert sunledger("proof", "state", "party/nobody").code == 1
    assert sunledger("proof", "state", "party/finance").code == 0
    Path(shell.DATABASE).rename("gone.db")
    proof = Path("party-finance.stateproof.json")
    good = sunledger("check", str(proof), "--policy", shell.POLICY)
    assert (good.code, "party/finance" in good.out) == (0, True), good.err
    proof.write_bytes(proof.read_bytes().replace(b"party/finance", b"party/finanse"))
    assert sunledger("check", str(proof), "--policy", shell.POLICY).code == 1


def test_a_second_import_reports_nothing_new() -> None:
    """What is in the ledger is left out; a changed release under the same id is reported."""
    package()
    ocds = ("import", "ocds", "downloads", "--key", "watch/office", "--json")
    first, second = (sunledger(*ocds).document for _ in range(2))
    assert (first["reported"], first["known"]) == (1, 0)
    assert (second["reported"], second["known"], second["statements"]) == (0, 1, 0)
    package(title="changed")
    assert sunledger(*ocds).document["reported"] == 1
    found = sunledger("show", "contract", RELEASE["ocid"], "--json").document
    assert [contract["contract"]["value_minor"] for contract in found] == [1000]
    assert len(found[0]["reports"]) == 2


def test_what_cannot_be_read_is_set_aside_with_the_reason() -> None:
    """Nothing is dropped silently: defects and quarantine are two files of JSON lines."""
    package(date="yesterday")
    Path("downloads/broken.json").write_text('{"releases": [')
    ended = sunledger("import", "ocds", "downloads", "--key", "watch/office", "--json")
    assert (ended.document["reported"], ended.document["quarantined"]) == (1, 1)
    (defective,) = Path("import-report/defects.ndjson").read_text().splitlines()
    assert "date_invalid" in {defect["code"] for defect in json.loads(defective)["defects"]}
    (quarantined,) = Path("import-report/quarantine.ndjson").read_text().splitlines()
    assert json.loads(quarantined)["file"].endswith("broken.json")


def test_rubbish_is_told_and_nothing_of_it_is_booked() -> None:
    """Two gigabytes and a truncated release: a sentence each, and no new entry in the ledger."""
    Path("downloads").mkdir()
    with Path("downloads/a.json").open("wb") as sparse:
        sparse.truncate(2 << 30)
    Path("downloads/b.json").write_text(json.dumps(RELEASE)[:-1])
    before = shell.size()
    ended = sunledger("import", "ocds", "downloads", "--key", "watch/office", "--json")
    counts = ended.document
    assert (ended.code, counts["found"], counts["reported"], counts["quarantined"]) == (0, 2, 0, 2)
    told = Path("import-report/quarantine.ndjson").read_text().splitlines()
    assert [json.loads(line)["reason"] for line in told] == ["file_too_large", "not_json"]
    assert shell.size() == before


def test_of_several_files_the_refused_one_is_named() -> None:
    """Who submits a folder of statements hears which of them was refused."""
    Path("junk.stmt").write_text("junk")
    Path("more.stmt").write_text("junk")
    ended = sunledger("submit", "junk.stmt", "more.stmt")
    assert (ended.code, ended.err.startswith("sunledger: junk.stmt: ")) == (1, True)


def test_the_only_key_that_may_report_needs_no_naming() -> None:
    """With one reporter's key in the folder, an import signs by it."""
    package()
    ended = sunledger("import", "ocds", "downloads", "--json")
    assert (ended.code, ended.document["reported"]) == (0, 1)


def test_an_import_without_the_role_reports_nothing() -> None:
    """A party that is no reporter cannot report."""
    package()
    ended = sunledger("import", "ocds", "downloads", "--key", "city/office")
    assert (ended.code, "role reporter" in ended.err) == (1, True)
    assert shell.size() == 4


def test_verify_remembers_what_it_accepted() -> None:
    """A shorter history of the same ledger, however consistent, is refused the next time."""
    shutil.copy(shell.DATABASE, "before.db")
    for suffix in ("-wal", "-shm"):
        if Path(shell.DATABASE + suffix).exists():
            shutil.copy(shell.DATABASE + suffix, "before.db" + suffix)
    register()
    policy = ("--policy", shell.POLICY)
    assert sunledger("verify", "before.db", *policy).code == 0
    assert sunledger("verify", shell.DATABASE, *policy).code == 0
    rolled_back = sunledger("verify", "before.db", *policy)
    assert (rolled_back.code, rolled_back.out) == (1, "")
    assert sunledger("verify", "before.db").code == 1


def test_without_a_policy_nothing_is_anchored() -> None:
    """Consistent is not the same as true: exit code 3, and never OK."""
    ended = sunledger("verify", shell.DATABASE)
    assert ended.code == 3
    assert ended.out.rstrip().endswith("consistent, not anchored")


def test_a_policy_that_is_none_is_told() -> None:
    """A wrong policy file is one sentence."""
    Path("policy").write_bytes(b"\xff\xfe")
    assert sunledger("verify", shell.DATABASE, "--policy", "policy").code == 1
    Path("policy").write_text("log nonsense\n")
    ended = sunledger("verify", shell.DATABASE, "--policy", "policy")
    assert (ended.code, ended.err.count("\n")) == (1, 1)


def test_a_ledger_that_was_never_opened_is_told() -> None:
    """What a killed `init` leaves behind is named by the doctor, with the cure."""
    create_store("sqlite:///half.db", shell.ORIGIN).close()
    told = sunledger("doctor", "--db", "sqlite:///half.db")
    assert (told.code, "sunledger init" in told.out) == (1, True)


def test_init_refuses_what_is_there() -> None:
    """A ledger is opened once: neither its database nor its policy is replaced."""
    policy = Path(shell.POLICY).read_bytes()
    init = ("init", "--origin", shell.ORIGIN, "--title", "T", "--authority", "city")
    assert sunledger(*init).code == 1
    Path(shell.POLICY).unlink()
    assert sunledger(*init).code == 1
    assert not Path(shell.POLICY).exists()
    Path(shell.POLICY).write_bytes(policy)
    assert shell.size() == 4


def test_init_refuses_a_reserved_or_shared_name() -> None:
    """An origin that could be taken for a signed text, or one party in two offices, is refused."""
    for origin, authority, operator in (
        ("sunledger/x", "city", "operator"),
        ("../../etc", "city", "operator"),
        ("other.example", "city", "city"),
    ):
        ended = sunledger(
            *("init", "--origin", origin, "--title", "T", "--authority", authority),
            *("--operator", operator, "--db", "sqlite:///new.db", "--keys", "new-keys"),
        )
        assert (ended.code, ended.out) == (1, "")
    assert not Path("new.db").exists()


def test_settings_come_from_options_then_variables_then_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What stands in front wins."""
    Path("keys").rename("from-file")
    shutil.copytree("from-file/city", "from-variable/city")
    shutil.copytree("from-file/watch", "from-option/watch")
    Path("sunledger.toml").write_text('keys = "from-file"\n')
    assert len(sunledger("key", "list", "--json").document) == 4
    monkeypatch.setenv("SUNLEDGER_KEYS", "from-variable")
    assert [key["name"] for key in sunledger("key", "list", "--json").document] == ["city/office"]
    listed = sunledger("key", "list", "--json", "--keys", "from-option").document
    assert [key["name"] for key in listed] == ["watch/office"]


def test_export_makes_an_archive_that_verifies() -> None:
    """The bundle an auditor carries away, and brings up to date; other folders are not touched."""
    assert sunledger("export", "archive", "bundle").code == 0
    check = ("verify", "bundle", "--policy", shell.POLICY, "--jobs", "2")
    assert sunledger(*check).code == 0
    before = sunledger("export", "archive", "bundle", "--json").document
    register()
    after = sunledger("export", "archive", "bundle", "--json").document
    assert (before["events"] + 1, before["reader"]) == (after["events"], "")
    assert sunledger(*check).code == 0
    for folder, reason in (("downloads", "is not an archive"), ("bundle", "was made for")):
        Path(folder).mkdir(exist_ok=True)
        Path(folder, "mine.txt").write_text("mine")
        refused = sunledger("export", "archive", folder, "--for", "public")
        assert (refused.code, refused.err.count("\n"), reason in refused.err) == (1, 1, True)


def test_an_archive_for_a_reader_says_what_it_withholds() -> None:
    """Nothing here is secret, so the public's archive is whole; nobody unknown has one."""
    assert sunledger("export", "archive", "public", "--for", "public").code == 0
    assert sunledger("verify", "public", "--policy", shell.POLICY).code == 0
    whole = sunledger("export", "archive", "audit", "--for", "auditor", "--json").document
    assert (whole["reader"], whole["withheld"]) == ("", [])
    for nobody in ("stranger", "party stranger"):
        refused = sunledger("export", "archive", "other", "--for", nobody)
        assert (refused.code, "nobody reads as" in refused.err) == (1, True)


def test_the_commands_work_on_postgresql(postgres_database: str) -> None:
    """The same ledger in the other database: opened, imported into, shown, exported, verified."""
    db = ("--db", postgres_database)
    init = ("init", "--origin", "pg.example", "--title", "T", "--authority", "city")
    asked = sunledger(*init, *db)
    assert (asked.code, "--out" in asked.err) == (1, True)
    founded = sunledger(*init, "--reporter", "watch", "--out", "pg.policy", *db)
    assert founded.code == 0, founded.err
    package()
    ocds = ("import", "ocds", "downloads", "--key", "watch/office", "--json", *db)
    assert [sunledger(*ocds).document["reported"] for _ in range(2)] == [1, 0]
    assert sunledger("show", "contract", RELEASE["ocid"], *db).code == 0
    assert sunledger("verify", postgres_database, "--policy", "pg.policy").code == 0
    assert sunledger("export", "archive", "bundle", *db).code == 0
    assert sunledger("verify", "bundle", "--policy", "pg.policy").code == 0
    assert sunledger("rebuild", *db).code == 0
    assert sunledger("doctor", "--deep", *db).code == 0


def test_a_password_is_asked_for_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never echoed, never an argument; a new one is asked for twice."""
    monkeypatch.delenv("SUNLEDGER_KEY_PASSWORD")
    main, terminal = pty.openpty()
    program = "import sys; from api.cli.main import run; sys.exit(run(sys.argv[1:]))"
    environment = {"PYTHONPATH": ":".join(sys.path), "TERM": "dumb", "LANG": "C.UTF-8"}
    with subprocess.Popen(
        [sys.executable, "-c", program, "key", "new", "city/third"],
        env=environment,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        shown = b""
        for prompt in (b"Password of city/third: ", b"Again, to be sure: "):
            while not shown.endswith(prompt):
                shown += os.read(main, 1000)
            os.write(main, b"correct horse\n")
        assert process.wait(60) == 0
    os.close(main)
    assert b"horse" not in shown
    key = load_key_file(Path("keys/city/third.pem"))
    assert key.unlock("correct horse").verifier == key.verifier

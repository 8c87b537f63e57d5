"""Bad input: each ends in one sentence on stderr and exit code 1, and nothing is half-admitted."""

import re
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import shell
from shell import forge, signer, sunledger

from api.cli.session import now_ms
from ledger.drafting import complete_event, sign_statement
from ledger.events import encode_event
from ledger.identity import Ids
from ledger.note import Ed25519Signer
from ledger.statement import (
    MAX_EVENTS,
    MAX_STATEMENT_BYTES,
    decode_statement_file,
    encode_statement_file,
)
from ledger.times import MS_PER_DAY, MS_PER_MINUTE

pytestmark = pytest.mark.usefixtures("ledger_folder")

PARTY = (
    b'{"type":"party.registered","party":"P%d","names":{"en":"P"},'
    b'"identifier":{"scheme":"X","id":"%d"},"kind":"company"}'
)


def body(number: int = 1) -> bytes:
    """Return a sound event, as bytes."""
    return encode_event(complete_event(PARTY % (number, number), Ids(), now_ms()))


def refused(data: bytes | None, *arguments: object) -> str:
    """Submit a file, or run a command; check that it failed as it must, and return the sentence."""
    before = shell.size()
    if data is not None:
        Path("bad.stmt").write_bytes(data)
        arguments = ("submit", "bad.stmt")
    ended = sunledger(*arguments)
    assert (ended.code, ended.out) == (1, ""), ended
    assert re.fullmatch(r"sunledger: [^\n]+[.?!]\n", ended.err), ended.err
    assert shell.size() == before
    return ended.err


def test_a_sound_statement_is_admitted() -> None:
    """The statements below differ from this one in what is wrong with them."""
    Path("good.stmt").write_bytes(forge([body()], signer("city/office"), made_at_ms=now_ms()))
    assert sunledger("submit", "good.stmt").code == 0
    assert shell.size() == 5


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (lambda good: good[:-1], "truncated"),
        (lambda good: good.replace(b'","', b'", "', 1), "not canonical"),
        (lambda good: good.replace(b'"v":1', b'"v":1,"v":1'), "not canonical"),
        (lambda good: good.replace(b'"v":1', b'"v":1.0'), "(not canonical|Expected|invalid)"),
        (lambda good: good.replace(b'"v":1', b'"v":1,"w":1'), "unknown field `w`"),
        (lambda good: good.replace(b'"kind":"company",', b'"kind":null,'), "null"),
        (lambda good: good.replace(b"party.registered", b"party.invented"), "party.invented"),
    ],
    ids=["malformed", "white-space", "key-twice", "float", "unknown-field", "null", "type"],
)
def test_bytes_that_are_no_event_are_refused(bad: Callable[[bytes], bytes], said: str) -> None:
    """One meaning, one byte string: whatever else is signed is still no event."""
    data = forge([bad(body())], signer("city/office"), made_at_ms=now_ms())
    assert re.search(said, refused(data))


def test_a_statement_for_another_ledger_is_refused() -> None:
    """The origin is signed, so a statement cannot be replayed into another ledger."""
    data = forge([body()], signer("city/office"), made_at_ms=now_ms(), origin="other.example")
    assert "other.example" in refused(data)


def test_other_events_than_those_signed_are_refused() -> None:
    """A root or a count that does not fit the events is not admitted."""
    key, at_ms = signer("city/office"), now_ms()
    other = forge([body(2)], key, made_at_ms=at_ms, signed_bodies=[body(1)])
    assert "root differs" in refused(other)
    more = forge([body(1), body(2)], key, made_at_ms=at_ms, signed_bodies=[body(1)])
    assert "covers 1 events; 2 came" in refused(more)


def test_a_key_that_is_not_enrolled_is_refused() -> None:
    """Neither a new name nor a new key under an enrolled name may sign."""
    for name in ("city/unknown", "city/office"):
        data = forge([body()], Ed25519Signer(name, bytes(32)), made_at_ms=now_ms())
        assert "not enrolled" in refused(data)


def test_a_revoked_key_is_refused() -> None:
    """After its revocation, here by the registrar, a key signs nothing more."""
    for arguments in (
        ("key", "new", "watch/second"),
        ("key", "enroll", "watch/second", "--key", "watch/office", "--out", "a.stmt"),
        ("submit", "a.stmt"),
        (
            "key",
            "revoke",
            "watch/second",
            "--reason",
            "LOST",
            "--key",
            "city/office",
            "--out",
            "b.stmt",
        ),
        ("submit", "b.stmt"),
    ):
        assert sunledger(*arguments).code == 0
    data = forge([body()], signer("watch/second"), made_at_ms=now_ms())
    assert "watch/second was revoked" in refused(data)


def test_signatures_must_be_exactly_those_that_are_named() -> None:
    """A missing, a superfluous and a doubled signature are each refused."""
    city, watch, at_ms = signer("city/office"), signer("watch/office"), now_ms()
    missing = forge([body()], city, made_at_ms=at_ms, parties=["city", "watch"])
    assert "city watch" in refused(missing)
    superfluous = forge([body()], city, watch, made_at_ms=at_ms, parties=["city"])
    assert "city watch" in refused(superfluous)
    uncalled = forge([body()], city, watch, made_at_ms=at_ms)
    assert "registrar" in refused(uncalled)
    doubled = forge([body()], city, city, made_at_ms=at_ms)
    assert "signed the statement twice" in refused(doubled)


def test_a_signature_that_does_not_hold_is_refused() -> None:
    """A line over another text is no signature."""
    note, bodies = decode_statement_file(
        forge([body()], signer("city/office"), made_at_ms=now_ms())
    )
    later = forge([*bodies], signer("city/office"), made_at_ms=now_ms() + 1)
    text, _, _ = decode_statement_file(later)[0].partition(b"\n\n")
    lines = note.partition(b"\n\n")[2]
    forged = encode_statement_file(text + b"\n\n" + lines, bodies)
    assert "signature of city/office does not hold" in refused(forged)


def test_a_statement_out_of_its_time_is_refused() -> None:
    """A draft cannot be completed a month later, nor one from the future be stored up."""
    key = signer("city/office")
    old = forge([body()], key, made_at_ms=now_ms() - 31 * MS_PER_DAY)
    assert "30 days" in refused(old)
    early = forge([body()], key, made_at_ms=now_ms() + 10 * MS_PER_MINUTE)
    assert "5 minutes" in refused(early)


def test_a_signer_without_the_role_is_refused() -> None:
    """A reporter registers nobody."""
    data = forge([body()], signer("watch/office"), made_at_ms=now_ms())
    assert "role registrar" in refused(data)


def test_over_limit_sizes_are_refused() -> None:
    """Too many events, too large an event, too large a statement."""
    key, one = signer("city/office"), body()
    assert f"at most {MAX_EVENTS}" in refused(
        forge([one] * (MAX_EVENTS + 1), key, made_at_ms=now_ms())
    )
    large = one.replace(b'"P"', b'"' + b"P" * (1 << 20) + b'"')
    assert "at most 1048576" in refused(forge([large], key, made_at_ms=now_ms()))
    assert f"at most {MAX_STATEMENT_BYTES}" in refused(b"x" * (MAX_STATEMENT_BYTES + 1))


def test_all_or_none_of_a_statement_is_admitted() -> None:
    """One event that the law refuses takes its neighbours with it."""
    taken = forge([body(1), body(1)], signer("city/office"), made_at_ms=now_ms())
    assert refused(taken).startswith("sunledger: Event 1: ")


def test_a_full_disk_is_told_and_nothing_is_written() -> None:
    """A database that cannot grow admits nothing, and is whole afterwards."""
    bodies = [body(number) for number in range(2_000)]
    Path("big.stmt").write_bytes(forge(bodies, signer("city/office"), made_at_ms=now_ms()))
    limit = Path(shell.DATABASE).stat().st_size + 200_000
    program = "import sys; from api.cli.main import run; sys.exit(run(sys.argv[1:]))"
    ended = subprocess.run(
        [sys.executable, "-c", program, "submit", "big.stmt"],
        env={
            "SUNLEDGER_KEY_PASSWORD": shell.PASSWORD,
            "PYTHONPATH": ":".join(sys.path),
            "PYTHONDONTWRITEBYTECODE": "1",  # the limit would cut the modules' files too
        },
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert re.fullmatch(r"sunledger: [^\n]+disk[^\n]+\.\n", ended.stderr), ended.stderr
    assert shell.size() == 4
    assert sunledger("verify", shell.DATABASE, "--policy", shell.POLICY).code == 0


def test_a_locked_database_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program holds the lock, a statement is not admitted."""
    monkeypatch.setattr("ledger.store.sqlite.PATIENCE_MS", 100, raising=False)
    other = sqlite3.connect(shell.DATABASE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        data = forge([body()], signer("city/office"), made_at_ms=now_ms())
        Path("bad.stmt").write_bytes(data)
        ended = sunledger("submit", "bad.stmt")
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert (ended.code, ended.out) == (1, "")
    assert "is locked by another program" in ended.err
    assert shell.size() == 4


def test_a_missing_or_foreign_database_is_told() -> None:
    """No command makes a ledger by accident, or takes another program's file for one."""
    foreign = sqlite3.connect("foreign.db")
    foreign.execute("CREATE TABLE notes (text)")
    foreign.commit()
    foreign.close()
    Path("text.db").write_text("not a database, and long enough to be looked at by SQLite" * 20)
    for name in ("missing.db", "foreign.db", "text.db"):
        said = refused(
            None, "import", "ocds", ".", "--key", "watch/office", "--db", f"sqlite:///{name}"
        )
        assert name in said
    assert not Path("missing.db").exists()


def test_key_files_that_cannot_be_used_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing key file, another file, a wrong password, none at all: each its own sentence."""
    Path("e.ndjson").write_bytes(PARTY % (1, 1))
    sign = ("sign", "e.ndjson", "--out", "e.stmt", "--key")
    assert "no key file keys/city/other.pem" in refused(None, *sign, "city/other")
    assert "is not a key file" in refused(None, *sign, "e.ndjson")
    assert "no key was named" in refused(None, *sign[:-1])
    monkeypatch.setenv("SUNLEDGER_KEY_PASSWORD", "a wrong one")
    assert "does not open the key file" in refused(None, *sign, "city/office")
    monkeypatch.delenv("SUNLEDGER_KEY_PASSWORD")
    assert "set SUNLEDGER_KEY_PASSWORD" in refused(None, *sign, "city/office")
    assert not Path("e.stmt").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "line 1: not JSON"),
        (b"[]", "an object with a `type`"),
        (b'{"type":"budget.allotted","line":"L","line":"M","amount_fen":1}', "'line' stands twice"),
        (b'{"type":"budget.allotted","line":"L","amount_fen":1.5}', "1.5 is not an integer"),
        (b'{"type":"budget.allotted","line":"L","amount_fen":1,"note":"x"}', "unknown field"),
        (b'{"type":"budget.allotted","line":"L"}', "amount_fen"),
        (b"[" * 100_000, "not JSON"),
        (b"\n\n", "there is no event"),
    ],
    ids=["cut", "array", "key-twice", "float", "unknown-field", "missing", "deep", "empty"],
)
def test_what_cannot_be_signed_is_told(line: bytes, said: str) -> None:
    """A draft is as strict as admission: nothing is signed that would be refused for its form."""
    Path("e.ndjson").write_bytes(line)
    assert said in refused(None, "sign", "e.ndjson", "--key", "city/office", "--out", "e.stmt")


def test_an_unknown_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip of the pen is not taken for the default."""
    Path("sunledger.toml").write_text('dbb = "sqlite:///other.db"\n')
    assert "perhaps db is meant" in refused(None, "key", "list")
    Path("sunledger.toml").unlink()
    monkeypatch.setenv("SUNLEDGER_KYE", "x")
    assert "SUNLEDGER_KYE is not a setting" in refused(None, "key", "list")


def test_misuse_ends_with_exit_code_2() -> None:
    """An unknown option or a missing argument is misuse, told from failure."""
    for arguments in (("verify", "--nonsense"), ("submit",), ("--lang", "fr", "key", "list")):
        assert sunledger(*arguments).code == 2


@pytest.mark.parametrize("number", ["9" * 23, "9" * 5_000])
def test_a_number_that_no_database_holds_is_refused(number: str) -> None:
    """It is told as what it is, not as an error of the driver's."""
    assert "no position" in refused(None, "flags", "--since", number)
    assert "no threshold" in refused(None, "flags", "--set", f"f02.minutes={number}")
    for misused in (
        ("trace", "0" * 36, "--after"),
        ("show", "fund", "--year"),
        ("show", "contract", "--year"),
        ("show", "tender", "--year"),
        ("show", "overview", "--year"),
    ):
        ended = sunledger(*misused, number)
        assert (ended.code, ended.out) == (2, ""), ended


def test_a_statement_signed_here_is_never_written_over_another_file() -> None:
    """A signature is not lost to a slip of the pen."""
    Path("e.ndjson").write_bytes(PARTY % (1, 1))
    sign = ("sign", "e.ndjson", "--key", "city/office", "--out", "e.stmt")
    assert sunledger(*sign).code == 0
    first = Path("e.stmt").read_bytes()
    assert "already" in refused(None, *sign)
    assert Path("e.stmt").read_bytes() == first


def test_more_signatures_than_a_statement_may_carry_are_refused() -> None:
    """The limit holds for whoever drafts as for whoever reads."""
    Path("e.ndjson").write_bytes(PARTY % (1, 1))
    others = [part for number in range(16) for part in ("--with", f"P{number}")]
    said = refused(None, "sign", "e.ndjson", "--key", "city/office", "--out", "e.stmt", *others)
    assert "at most 16" in said


def test_an_expired_draft_cannot_be_hidden_by_resigning() -> None:
    """The time is in the signed text: a cosigner cannot move it."""
    event = complete_event(PARTY % (1, 1), Ids(), now_ms())
    made_at_ms = now_ms() - 40 * MS_PER_DAY
    data = sign_statement([event], shell.ORIGIN, made_at_ms, [signer("city/office")])
    assert "30 days" in refused(data)

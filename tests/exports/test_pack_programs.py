"""The programs that go with an audit pack: what they find with nothing of ours installed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from forged import Change, forge, in_column, replacing, table, told, without_line

from api.exports.pack.manifest import read_manifest
from api.exports.pack.verifier import verifier
from ledger.policy import Policy


def stand_alone(
    folder: Path, *arguments: str, bare: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run a program of the pack where nothing of ours can be imported."""
    flags = ["-I", "-S"] if bare else ["-I"]
    command = [sys.executable, *flags, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_pack_is_checked_by_pythons_own_library(pack: Path, policy: Policy) -> None:
    """The program in it needs no package; with key and genesis it says whose it is."""
    (log,) = policy.logs
    assert policy.genesis is not None
    given = (str(log.key), policy.genesis.hex())
    ended = stand_alone(pack, "verifier/check_pack.py", ".", *given)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith(": OK\n")
    assert "not anchored" in stand_alone(pack, "verifier/check_pack.py", ".").stdout
    for wrong, match in (
        ((given[0], "00" * 32), "another genesis"),
        ((given[0][:-4] + "AAA=", given[1]), "not signed by"),
    ):
        ended = stand_alone(pack, "verifier/check_pack.py", ".", *wrong)
        assert ended.returncode == 1
        assert match in ended.stderr


@pytest.mark.parametrize(
    ("path", "change", "match"),
    [
        ("journal.csv", in_column("debit_fen"), "balance"),
        ("journal.csv", in_column("signers", "nobody"), "recorded or signed"),
        ("journal.csv", in_column("leaf"), "no such event"),
        ("journal.csv", without_line(-1), "does not add up to what was signed"),
        ("trial-balance.csv", in_column("balance_fen"), "adds up to|does not follow"),
        ("trial-balance.csv", without_line(4), "the trial balance has no"),
    ],
)
def test_the_program_in_the_pack_finds_changes_too(
    copy: Path, path: str, change: Change, match: str
) -> None:
    """By hash, and where the manifest was written anew, by what the signed events say."""
    before = (copy / path).read_bytes()
    (copy / path).write_bytes(before + b"\n")
    ended = stand_alone(copy, "verifier/check_pack.py", ".")
    assert f"{path} is not what the manifest states" in ended.stderr
    (copy / path).write_bytes(before)
    forge(copy, path, change)
    ended = stand_alone(copy, "verifier/check_pack.py", ".")
    assert ended.returncode == 1
    assert re.search(match, ended.stderr), ended.stderr


def test_the_program_in_the_pack_finds_a_posting_left_out_before_a_closing(copy: Path) -> None:
    """Though balances, trial balance and totals were all made to fit what is left."""
    rows = table(copy, "journal.csv")
    first = rows[0]
    amount_fen = int(first["debit_fen"]) + int(first["credit_fen"])
    gone = [row for row in rows if (row["position"], row["posting"]) == (first["position"], "0")]
    keys = {(row["line"], row["account"]) for row in gone}
    assert len(keys) == len(gone) == 2
    kept = [row for row in rows if row not in gone]
    trial = table(copy, "trial-balance.csv")
    changed = [
        *((row, ("balance_fen",)) for row in kept),
        *((row, ("balance_fen", "debit_fen", "credit_fen")) for row in trial),
    ]
    for row, columns in changed:
        for column in columns if (row["line"], row["account"]) in keys else ():
            side = next(each for each in gone if each["account"] == row["account"])
            if column == "balance_fen" or side[column] != "0":
                row[column] = str(int(row[column]) - amount_fen)
    forge(copy, "journal.csv", lambda _: told(kept))
    forge(copy, "trial-balance.csv", lambda _: told(trial))
    manifest = json.loads((copy / "MANIFEST.json").read_bytes())
    manifest["journal"]["rows"] -= 2
    manifest["journal"]["debit_fen"] -= amount_fen
    manifest["journal"]["credit_fen"] -= amount_fen
    (copy / "MANIFEST.json").write_text(json.dumps(manifest))
    ended = stand_alone(copy, "verifier/check_pack.py", ".")
    assert "does not add up to what was signed at position" in ended.stderr


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("journal.csv", replacing("debit_fen", "debit")),
        ("journal.csv", in_column("debit_fen", "ten")),
        ("journal.csv", lambda _: b"\xff"),
        ("archive/checkpoint", lambda _: b"x"),
        ("MANIFEST.json", lambda _: b"{}"),
        ("MANIFEST.json", lambda _: b"PAR1"),
    ],
)
def test_the_program_in_the_pack_tells_in_a_sentence_what_it_cannot_read(
    copy: Path, path: str, change: Change
) -> None:
    """Nothing that is in a pack ends it with a traceback; nor does a pack that is not there."""
    if path == "MANIFEST.json":
        (copy / path).write_bytes(change(b""))
    else:
        forge(copy, path, change)
    for ended in (
        stand_alone(copy, "verifier/check_pack.py", "."),
        stand_alone(copy, "verifier/check_pack.py", "nowhere"),
    ):
        assert ended.returncode == 1
        assert ended.stderr.startswith("WRONG: ")
        assert ended.stderr.count("\n") == 1


def test_the_program_in_the_pack_reads_the_log_itself(copy: Path) -> None:
    """An event changed in the archive does not give the root that its statement signs."""
    path = next(each.path for each in read_manifest(copy).files if "archive/events" in each.path)
    forge(copy, path, replacing('"salt":"', '"salt":"f'))
    assert "not those that were signed" in stand_alone(copy, "verifier/check_pack.py", ".").stderr


def test_the_verifier_in_the_pack_judges_its_archive(
    pack: Path, policy: Policy, tmp_path: Path
) -> None:
    """As one file, with the libraries that it names and nothing of ours installed."""
    (tmp_path / "policy").write_text(policy.encode())
    program = str(pack / "verifier/verify.pyz")
    archive = str(pack / "archive")
    ended = stand_alone(tmp_path, program, archive, "policy", bare=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith(": OK\n")
    assert stand_alone(tmp_path, program, archive, bare=False).returncode == 3
    for arguments, code in (((), 2), ((str(tmp_path),), 1), ((archive, "none"), 1)):
        assert stand_alone(tmp_path, program, *arguments, bare=False).returncode == code
    assert verifier() == (pack / "verifier/verify.pyz").read_bytes()

"""Witnesses as people use them: the commands, from a key to a proof that says who checked it."""

import json
import subprocess
from pathlib import Path

import pytest
import shell
from shell import sunledger
from witness_process import PROGRAM, WitnessProcess, environment

pytestmark = pytest.mark.usefixtures("ledger_folder")

CITY = ("--key", "city/office")
PARTY = {
    "type": "party.registered",
    "names": {"en": "A bureau"},
    "kind": "government",
}


def register(party: str) -> None:
    """Have a party registered."""
    Path("e.ndjson").write_text(
        json.dumps({**PARTY, "party": party, "identifier": {"scheme": "local", "id": party}})
    )
    out = f"{party}.stmt"
    assert sunledger("sign", "e.ndjson", *CITY, "--out", out).code == 0
    assert sunledger("submit", out).code == 0


def close() -> None:
    """Close the ledger for the day."""
    assert sunledger("close", "--key", "operator/office").code == 0


def trusted(witness: WitnessProcess, *lines: str, quorum: str = "audit") -> Path:
    """Write the policy that trusts a witness; return its path."""
    path = Path("witnessed.policy")
    text = Path(shell.POLICY).read_text().replace("quorum none\n", "")
    more = "".join(f"{line}\n" for line in lines)
    path.write_text(f"{text}witness audit {witness.key} {witness.url}\n{more}quorum {quorum}\n")
    return path


def test_a_balance_is_checked_by_a_replaying_witness(ledger_folder: Path) -> None:
    """The operator states it, the audit office's witness replayed it, and a bank reads who did."""
    register("finance")
    close()
    plain = Path(shell.POLICY).read_text()
    database = f"sqlite:///{ledger_folder / shell.DATABASE}"
    with WitnessProcess(ledger_folder / "w", plain, database, "--replay") as witness:
        policy = trusted(witness, "replays audit")
        assert (
            sunledger("proof", "state", "party/finance", "--out", "before.stateproof.json").code
            == 0
        )
        asked = sunledger("witness", "ask", "--policy", policy)
        assert (asked.code, "cosigned" in asked.out) == (0, True), asked.err
    prove = ("proof", "state", "party/finance", "--policy", policy)
    assert sunledger(*prove, "--out", "after.stateproof.json").code == 0
    Path(shell.DATABASE).rename("gone.db")
    good = sunledger("check", "after.stateproof.json", "--policy", policy)
    assert good.code == 0, good.err
    assert "Cosigned by audit.\nChecked by audit.\n" in good.out
    assert (
        "经 audit 核验。"
        in sunledger("--lang", "zh", "check", "after.stateproof.json", "--policy", policy).out
    )
    assert "not the quorum" in sunledger("check", "before.stateproof.json", "--policy", policy).err
    # Without the mark, a witness that cosigned says nothing about the law.
    for unmarked in (trusted(witness), trusted(witness, quorum="none")):
        said = sunledger("check", "after.stateproof.json", "--policy", unmarked)
        assert said.code == 0
        assert "Stated by the operator, not checked by a replaying witness." in said.out
    said = sunledger("--lang", "zh", "check", "before.stateproof.json", "--policy", shell.POLICY)
    assert (said.code, "仅为运营方陈述，未经重放见证方核验。" in said.out) == (0, True)


def test_an_older_proof_goes_to_the_witness_that_replayed(ledger_folder: Path) -> None:
    """Where the newest cosignature is of a witness that does not replay, the one before serves."""
    register("finance")
    close()
    plain = Path(shell.POLICY).read_text()
    database = f"sqlite:///{ledger_folder / shell.DATABASE}"
    with (
        WitnessProcess(ledger_folder / "w", plain, database, "--replay") as audit,
        WitnessProcess(ledger_folder / "p", plain, name="press.example/witness") as press,
    ):
        assert sunledger("witness", "ask", "--policy", trusted(audit)).code == 0
        register("health")
        assert sunledger("witness", "ask", "--policy", trusted(press)).code == 0
    policy = trusted(
        audit,
        f"witness press {press.key}",
        "replays audit",
        "group one any audit press",
        quorum="one",
    )
    proof = ("proof", "state", "party/finance", "--policy", policy, "--out", "p.stateproof.json")
    assert sunledger(*proof).code == 0
    assert "Checked by audit." in sunledger("check", "p.stateproof.json", "--policy", policy).out


def test_an_archive_under_a_quorum_ends_where_it_was_cosigned(ledger_folder: Path) -> None:
    """What the witness has not seen yet is left for the next archive, and is told in `verify`."""
    register("finance")
    plain = Path(shell.POLICY).read_text()
    with WitnessProcess(ledger_folder / "w", plain) as witness:
        policy = trusted(witness)
        early = sunledger("export", "archive", "early", "--policy", policy)
        assert (early.code, "witness ask" in early.err) == (1, True)
        asked = sunledger("witness", "ask", "--policy", policy, "--json").document
        assert (asked["met"], asked["late"], asked["size"]) == (True, False, shell.size())
    register("health")
    down = sunledger("witness", "ask", "--policy", policy)
    assert (down.code, "cannot be reached" in down.out) == (1, True)
    assert "is not cosigned as the policy asks (quorum audit)" in down.err
    exported = sunledger("export", "archive", "quorate", "--policy", policy, "--json").document
    assert exported["statements"] == shell.size() - 1
    verified = sunledger("verify", "quorate", "--policy", policy, "--json")
    assert (verified.code, verified.document["gaps"]) == (0, [])
    assert "not the quorum" in sunledger("verify", shell.DATABASE, "--policy", policy).err
    # Under a policy without a quorum it ends at the head, and still carries what was cosigned.
    assert sunledger("export", "archive", "whole").code == 0
    assert sunledger("verify", "whole", "--policy", shell.POLICY).code == 0
    assert (ledger_folder / "whole" / "checkpoints").read_bytes().count(
        b"audit.example/witness"
    ) == 1
    receipt = sunledger("proof", "4", "--policy", policy, "--out", "r.receipt")
    assert receipt.code == 0
    check = ("check", "r.receipt", "--statement", "finance.stmt", "--policy", policy)
    assert sunledger(*check).code == 0


def test_a_witnesss_key_cosigns_and_nothing_else() -> None:
    """It is made, shown, and neither signs statements nor is enrolled."""
    made = sunledger("key", "new", "audit.example/witness", "--use", "witness", "--json")
    assert made.document["vkey"].startswith("audit.example/witness+")
    shown = sunledger("key", "show", "audit.example/witness")
    assert shown.out.strip() == made.document["vkey"]
    event = {**PARTY, "party": "x", "identifier": {"scheme": "local", "id": "x"}}
    Path("e.ndjson").write_text(json.dumps(event))
    sign = ("sign", "e.ndjson", "--key", "audit.example/witness", "--out", "e.stmt")
    assert "signs nothing else" in sunledger(*sign).err
    enroll = ("key", "enroll", "audit.example/witness", *CITY, "--out", "k.stmt")
    assert "never enrolled" in sunledger(*enroll).err


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("ask",), 1, "--policy"),
        (("ask", "--policy", shell.POLICY), 1, "names no witness"),
        (("ask", "--policy", shell.POLICY, "--every", "11"), 2, "--every"),
        (("serve", "--policy", shell.POLICY), 1, "no key was named"),
        (("serve", "--policy", shell.POLICY, *CITY), 1, "is not a witness's"),
        (("serve", "ledger.db", "--policy", shell.POLICY), 2, "--replay"),
        (("serve", "--listen", "8650", "--policy", shell.POLICY), 2, "HOST:PORT"),
        (("serve", "--listen", "localhost:99999", "--policy", shell.POLICY), 2, "HOST:PORT"),
    ],
)
def test_what_is_missing_is_told(arguments: tuple[str, ...], code: int, word: str) -> None:
    """Each command says what it needs, in one sentence."""
    ended = sunledger("witness", *arguments)
    assert (ended.code, word in ended.err) == (code, True), ended.err


def test_asking_goes_on_until_it_is_stopped(ledger_folder: Path) -> None:
    """With --every it asks at once, and again and again; the first answer is on disk by then."""
    with WitnessProcess(ledger_folder / "w", Path(shell.POLICY).read_text()) as witness:
        policy = trusted(witness)
        with subprocess.Popen(
            (*PROGRAM, "witness", "ask", "--every", "10", "--policy", str(policy)),
            env=environment(),
            stdout=subprocess.PIPE,
        ) as asking:
            assert asking.stdout is not None
            while b"cosigned" not in asking.stdout.readline():
                assert asking.poll() is None
            asking.kill()
    prove = ("proof", "0", "--policy", policy, "--out", "r.receipt")
    assert sunledger(*prove).code == 0
    assert b"audit.example/witness" in Path("r.receipt").read_bytes()

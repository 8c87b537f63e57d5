"""The modules that browsers load judge as Python does: the same files, the same verdicts."""

import base64
import json
import random
import re
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import needs
import pytest
from histories import keep
from replay.histories import policy_of
from world import World

from ledger import canonical
from ledger.errors import LedgerError, Malformed, Refused, Unverified
from ledger.events.receivable import ReceivableAssigned, ReceivableConfirmed, ReceivableRequested
from ledger.evidence.proving import prove_history, prove_receivable, prove_state
from ledger.evidence.standing import last_closing
from ledger.evidence.stored import StoreEvidence
from ledger.historyproof import check_history_proof
from ledger.keys import create_key_file
from ledger.merkle import leaf_hash
from ledger.note import Ed25519Signer, VerifierKey, parse_note, sign_line
from ledger.policy import Policy
from ledger.postings import CHART
from ledger.proof import MAX_PROOF_BYTES, check_event_proof, check_receipt, make_event_proof
from ledger.receipts import receipt_proof
from ledger.receivableproof import check_receivable_proof
from ledger.signature import check_signature
from ledger.statement import decode_statement_file, parse_statement
from ledger.stateproof import check_state_proof

MODULES = Path(__file__).parents[2] / "api" / "portal" / "static" / "js"
HARNESS = Path(__file__).parent / "check.mjs"
SUBJECTS = ("contract/c-1", "line/line-1", "party/PRO", "tender/t-c-1", "ledger/main")


def in_node(cases: Sequence[dict[str, Any]]) -> list[str]:
    """Return what the modules say of cases: bytes are files, text is a policy."""
    encoded = [
        {
            name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for name, value in case.items()
        }
        for case in cases
    ]
    run = subprocess.run(
        [needs.node(), HARNESS, MODULES],
        input=json.dumps(encoded),
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[str] = json.loads(run.stdout)
    return answers


def in_python(check: Callable[[], object]) -> str:
    """Return a verdict, or the name of the error, as the modules name them."""
    try:
        return str(check())
    except LedgerError as error:
        for kind in (Malformed, Unverified, Refused):
            if isinstance(error, kind):
                return kind.__name__
        raise


def agreed(check: Callable[..., object], *given: object) -> str:
    """Return `OK` if a check raises nothing."""
    check(*given)
    return "OK"


class Evidence(NamedTuple):
    """A ledger's proofs by kind, the statement file of the receipt, and a policy."""

    files: dict[str, list[bytes]]
    statement: bytes
    policy: str

    def judged(self, kind: str, data: bytes, policy: str | None) -> str:
        """Return what Python says of a file."""
        read = None if policy is None else Policy.parse(policy)

        def receivable() -> str:
            found = check_receivable_proof(data, read)
            assigned = "null" if found.assigned_to is None else found.assigned_to
            confirmed = "null" if found.confirmed_fen is None else found.confirmed_fen
            return f"{found.state.closing.verdict} {found.unpaid_fen} {confirmed} {assigned}"

        checks: dict[str, Callable[[], object]] = {
            "event": lambda: check_event_proof(data, read).verdict,
            "receipt": lambda: check_receipt(self.statement, data, read).verdict,
            "state": lambda: check_state_proof(data, read).closing.verdict,
            "history": lambda: (
                check_history_proof(data.splitlines(keepends=True), read).state.closing.verdict
            ),
            "receivable": receivable,
        }
        return in_python(checks[kind])

    def case(self, kind: str, data: bytes, policy: str | None) -> dict[str, Any]:
        """Return a file as a case for the modules."""
        case: dict[str, Any] = {"kind": kind, "file": data}
        if policy is not None:
            case["policy"] = policy
        return {**case, "statement": self.statement} if kind == "receipt" else case


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Prove of each kind what a small closed ledger holds."""
    world = World.contracted()
    world.visits("c-1", days=2)
    world.claim("k-1", "c-1")
    world.answer("k-1")
    amount_fen = world.state.claims["k-1"].payable_fen
    for step in (ReceivableRequested, ReceivableConfirmed, ReceivableAssigned):
        world.do(world.make(step, claim="k-1", amount_fen=amount_fen))
    world.do(world.closed())
    url = f"sqlite:///{tmp_path_factory.mktemp('ledger')}/ledger.db"
    with keep(url, world).ledger as ledger:
        store = ledger.store
        closing = last_closing(store)
        states = {key: prove_state(store, closing, key, None) for key in SUBJECTS}
        index = store.head().size - 3
        files = {
            "event": [make_event_proof(StoreEvidence(store), closing.event_id)],
            "receipt": [receipt_proof(store, index)],
            "state": list(states.values()),
            "history": [b"".join(prove_history(store, closing, key, None)) for key in states],
            "receivable": [prove_receivable(store, closing, "k-1", None).proof],
        }
    return Evidence(files, world.statements[index].data, policy_of(world).encode())


def test_every_proof_of_ours_is_accepted(evidence: Evidence) -> None:
    """With a policy `OK`, without one not anchored; of which kind it is, the file tells."""
    cases, expected = [], []
    for kind, files in evidence.files.items():
        for data in files:
            for policy in (evidence.policy, None):
                cases.append(evidence.case(kind, data, policy))
                expected.append(evidence.judged(kind, data, policy))
            cases.append({"kind": "kind", "file": data})
            expected.append(kind)
    assert in_node(cases) == expected
    assert {"OK", "consistent, not anchored"} < set(expected)


def test_a_policy_of_another_ledger_is_told_apart(evidence: Evidence) -> None:
    """Another genesis or another key: the same refusal as in Python."""
    genesis = f"genesis {leaf_hash(b'another').hex()}\n"
    other = "".join(
        genesis if line.startswith("genesis") else line
        for line in evidence.policy.splitlines(keepends=True)
    )
    (data,) = evidence.files["event"]
    assert evidence.judged("event", data, other) == "Unverified"
    assert in_node([evidence.case("event", data, other)]) == ["Unverified"]


def tampered(data: bytes, chance: random.Random) -> bytes:
    """Return a file with a byte changed, dropped or doubled, a line dropped, or cut off."""
    at = chance.randrange(len(data))
    kind = chance.randrange(6)
    if kind == 0:
        return data[:at] + bytes([data[at] ^ 1 << chance.randrange(7)]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + data[at + 1 :]
    if kind == 2:
        return data[:at] + data[at : at + 1] + data[at:]
    if kind == 3:
        return data[:at]
    lines = data.splitlines(keepends=True)
    line = chance.randrange(len(lines))
    if kind == 4:
        return b"".join(lines[:line] + lines[line + 1 :])
    return b"".join([*lines[:line], lines[line], *lines[line:]])


def values(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every number and text within a JSON value."""
    if isinstance(value, dict):
        return [way for key, each in value.items() for way in values(each, (*path, key))]
    if isinstance(value, list):
        return [way for number, each in enumerate(value) for way in values(each, (*path, number))]
    return [path]


def altered(data: bytes, chance: random.Random) -> bytes:
    """Return a proof, canonical again, with one number or text in it changed."""
    first, newline, rest = data.partition(b"\n")
    proof = canonical.decode(first, MAX_PROOF_BYTES)
    way = chance.choice(values(proof))
    within = proof
    for step in way[:-1]:
        within = within[step]
    old = within[way[-1]]
    if isinstance(old, str) and old:
        at = chance.randrange(len(old))
        within[way[-1]] = old[:at] + chance.choice("aA0/=\n ") + old[at + 1 :]
    else:
        within[way[-1]] = (old or 0) + chance.choice((-1, 1))
    return canonical.encode(proof, MAX_PROOF_BYTES) + newline + rest


@pytest.mark.parametrize("kind", ["event", "receipt", "state", "history", "receivable"])
def test_what_was_tampered_with_is_refused_as_in_python(evidence: Evidence, kind: str) -> None:
    """Bytes and values changed at random: both accept the same, and both refuse the same."""
    chance = random.Random(kind)
    changed = []
    for data in evidence.files[kind]:
        changed += [tampered(data, chance) for _ in range(60)]
        if kind != "receipt":
            changed += [altered(data, chance) for _ in range(60)]
    expected = [evidence.judged(kind, data, evidence.policy) for data in changed]
    told = in_node([evidence.case(kind, data, evidence.policy) for data in changed])
    refusals = {"Malformed", "Unverified", "Refused"}
    for data, python, node in zip(changed, expected, told, strict=True):
        assert (python in refusals) == (node in refusals), (python, node, data[:2000])
        if python not in refusals:
            assert python == node
    assert refusals & set(expected)


def test_the_modules_know_the_chart_of_accounts() -> None:
    """Which accounts there are, whose they are and which way they count: as in the ledger."""
    module = (MODULES / "closingproof.js").read_text()
    names = [set(found.split()) for found in re.findall(r'"([a-z_ ]{40,})"\.split', module)]
    assert names == [
        set(CHART),
        {name for name, account in CHART.items() if account.about != "contract"},
        {name for name, account in CHART.items() if account.debit_normal},
    ]


def test_signatures_count_as_in_the_ledger() -> None:
    """The edge vectors of C2SP: low order and odd encodings are refused in browsers too."""
    vectors = json.loads(needs.data("tlog/cctv/ed25519/ed25519vectors.json").read_text("ascii"))
    cases, expected = [], []
    for vector in vectors:
        key, signature = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sig"])
        message = vector["msg"].encode()
        cases.append({"kind": "signature", "file": signature, "key": key, "message": message})
        expected.append(in_python(partial(agreed, check_signature, key, message, signature)))
    assert in_node(cases) == expected
    assert expected.count("OK") == 43


CANONICAL = (
    b"{}", b'{"a":1}', b'{"a":1,"a":2}', b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1.0}', b'{"a":1.5}',
    b'{"a":-0}', b'{"a":9007199254740991}', b'{"a":9007199254740992}', b'{"a":null}', b"[]", b"",
    b'{"\\u00e4":1}', '{"ä":1}'.encode(), '{"a":"ä"}'.encode(), b'{"a":"\\u00e4"}', b'"\\ud800"',
    '"\U0001f600"'.encode(), b'"\\ud83d\\ude00"', b'"\\u001f"', b'"\\u001F"', b'"\\n"', b'"\x7f"',
    b"[" * 16 + b"]" * 16, b"[" * 17 + b"]" * 17, b"\xef\xbb\xbf{}", b'"\xff"', b"01",
    b"1e3", b"true",
    b'{"__proto__":1}', b'"\xe2\x80\xa8"',
)  # fmt: skip


def test_canonical_json_is_read_as_strictly() -> None:
    """Numbers, escapes, keys, depth: what is not the one spelling of a value is malformed."""
    cases = [{"kind": "canonical", "file": data} for data in CANONICAL]
    expected = [in_python(partial(agreed, canonical.decode, data)) for data in CANONICAL]
    assert in_node(cases) == expected
    assert {"OK", "Malformed"} == set(expected)


def read_statement(data: bytes) -> object:
    """Read a statement file's text."""
    return parse_statement(decode_statement_file(data)[0])


def read_key(data: bytes) -> object:
    """Read a verifier key."""
    return VerifierKey.parse(data.decode())


def read_policy(data: bytes) -> object:
    """Read a policy."""
    return Policy.parse(data.decode())


def test_notes_keys_policies_and_statements_are_read_as_strictly(evidence: Evidence) -> None:
    """Files changed at random are malformed in browsers exactly where they are in Python."""
    chance = random.Random(5)
    note, _ = decode_statement_file(evidence.statement)
    key = evidence.policy.split(" ")[1].split("\n")[0].encode()
    policy = evidence.policy.encode()
    readers: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
        "note": (note, partial(agreed, parse_note)),
        "statement": (evidence.statement, partial(agreed, read_statement)),
        "key": (key, read_key),
        "policy": (policy, partial(agreed, read_policy)),
    }
    for kind, (data, read) in readers.items():
        changed = [data, *(tampered(data, chance) for _ in range(150))]
        changed = [each for each in changed if each.isascii() or kind in {"note", "statement"}]
        expected = [in_python(partial(read, each)) for each in changed]
        assert in_node([{"kind": kind, "file": each} for each in changed]) == expected, kind


def test_a_statement_is_built_as_in_python(evidence: Evidence) -> None:
    """The text to sign, and its id, from the same events."""
    statement = parse_statement(decode_statement_file(evidence.statement)[0])
    (told,) = in_node([{"kind": "text", "file": evidence.statement}])
    assert told == statement.note.text + statement.id.hex()


def test_a_key_file_of_the_command_line_opens_in_a_browser(tmp_path: Path) -> None:
    """With its password it signs as in Python; with another, and changed, it does not open."""
    seed = bytes(range(32))
    key = create_key_file(
        tmp_path, "P1/office", seed, use="admin", holder="h-1", password="correct horse"
    )
    written = key.path.read_bytes()
    signed = sign_line("a text\n", Ed25519Signer("P1/office", seed)).encode()
    case = {"kind": "keyfile", "file": written, "message": b"a text\n"}
    told = in_node(
        [
            {**case, "password": b"correct horse"},
            {**case, "password": b"correct house"},
            {**case, "file": written.replace(b"P1/office+", b"P1/other+"), "password": b"x"},
            {**case, "file": b"-----BEGIN PRIVATE KEY-----\n", "password": b"x"},
        ]
    )
    assert told == [signed, "Malformed", "Malformed", "Malformed"]

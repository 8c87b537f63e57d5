"""The policy file: whom it trusts, and that it trusts nobody by a slip of the pen."""

import inspect

import needs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import policy as policy_module
from ledger.errors import Malformed, Unverified
from ledger.merkle import leaf_hash
from ledger.note import (
    COSIGNATURE_V1,
    Ed25519Signer,
    SignatureLine,
    VerifierKey,
    cosign,
    format_note,
    sign_line,
    sign_note,
)
from ledger.policy import (
    MAX_POLICY_CHARACTERS,
    Group,
    Log,
    Policy,
    Witness,
    open_checkpoint,
    open_cosigned,
)
from ledger.tlog import Checkpoint

LOG = Ed25519Signer("ledger.example.gov.cn", bytes([3]) * 32)
OTHER = Ed25519Signer("other.example", bytes([20]) * 32)
W = [Ed25519Signer(f"w{n}.example", bytes([10 + n]) * 32, COSIGNATURE_V1) for n in range(5)]
CHECKPOINT = Checkpoint("ledger.example.gov.cn", 7, bytes(range(32)))
TEXT = CHECKPOINT.encode()
GENESIS = bytes(range(32))

# The policy of the C2SP page: two of the Xs and one of the Ys.
TWO_LEVELS = Policy.parse(
    f"log {LOG.verifier}\n"
    f"witness X1 {W[0].verifier}\nwitness X2 {W[1].verifier}\nwitness X3 {W[2].verifier}\n"
    "group X-witnesses 2 X1 X2 X3\n"
    f"witness Y1 {W[3].verifier}\nwitness Y2 {W[4].verifier}\n"
    "group Y-witnesses any Y1 Y2\n"
    "group X-and-Y all X-witnesses Y-witnesses\n"
    "quorum X-and-Y\n"
)


def signed(*witnesses: int, at_s: int = 1767139200) -> bytes:
    """Return the checkpoint, signed by the log and cosigned by some witnesses."""
    lines = [sign_line(TEXT, LOG), *[cosign(TEXT, W[n], at_s + n) for n in witnesses]]
    return format_note(TEXT, lines)


def manual_example() -> str:
    """Return the indented example of the module's docstring."""
    lines = (inspect.getdoc(policy_module) or "").splitlines()
    return "".join([line.strip() + "\n" for line in lines if line.startswith("    ")])


def test_the_manuals_example_is_a_policy() -> None:
    """It reads, is anchored, and is written back as it stands there, `all` as its number."""
    text = manual_example()
    policy = Policy.parse(text)
    assert policy.anchored
    assert policy.replays == {"audit"}
    assert policy.encode() == text.replace(" all ", " 2 ")
    assert policy.logs == (Log(LOG.verifier),)


def test_the_worked_checkpoint_opens_under_the_manuals_log_and_genesis() -> None:
    """The design's example, whose one entry is the genesis of the manual's policy."""
    policy = Policy.of(LOG.verifier, Policy.parse(manual_example()).genesis)
    checkpoint = open_checkpoint(needs.design("example/checkpoint").read_bytes(), policy)
    assert checkpoint.size == 1
    assert checkpoint.root == policy.genesis
    assert policy.genesis == leaf_hash(needs.design("example/contract.entry").read_bytes())


def test_sunlights_cosigned_checkpoint_meets_a_quorum_of_its_witness() -> None:
    """A published cosignature counts; its log, which signs in another way, is not verified."""
    folder = needs.data("tlog/sunlight-cosig")
    key = VerifierKey.parse((folder / "witness.vkey").read_text("ascii").strip())
    policy = Policy(witnesses=(Witness("sunlight", key),), quorum="sunlight")
    assert Policy.parse(policy.encode()) == policy
    with pytest.raises(Unverified, match=r"not signed by the log rome2026h1\.example\.org"):
        open_checkpoint((folder / "checkpoint.witness").read_bytes(), policy)


@pytest.mark.parametrize(
    ("witnesses", "met"),
    [
        ((), False),
        ((0,), False),
        ((0, 1), False),
        ((0, 1, 2), False),
        ((3, 4), False),
        ((0, 3, 4), False),
        ((0, 1, 3), True),
        ((1, 2, 4), True),
        ((0, 1, 2, 3, 4), True),
    ],
)
def test_the_quorum_counts_groups_of_groups(witnesses: tuple[int, ...], met: bool) -> None:
    """The example of C2SP tlog-policy: two Xs and one Y, or not."""
    if met:
        opened = open_cosigned(signed(*witnesses), TWO_LEVELS)
        names = ["X1", "X2", "X3", "Y1", "Y2"]
        assert opened.checkpoint == CHECKPOINT
        assert opened.cosigned_s == {names[n]: 1767139200 + n for n in witnesses}
    else:
        with pytest.raises(Unverified, match="not the quorum X-and-Y"):
            open_checkpoint(signed(*witnesses), TWO_LEVELS)


def test_one_witness_cannot_count_twice() -> None:
    """Two lines of one witness, or one key under a second name, stay one witness."""
    policy = Policy.parse(
        f"log {LOG.verifier}\nwitness a {W[0].verifier}\nwitness b {W[1].verifier}\n"
        "group g 2 a b\nquorum g\n"
    )
    with pytest.raises(Unverified, match="quorum"):
        open_checkpoint(signed(0, 0), policy)
    alias = Ed25519Signer("w1.example", bytes([10]) * 32, COSIGNATURE_V1)
    note = format_note(TEXT, [sign_line(TEXT, LOG), cosign(TEXT, W[0], 1), cosign(TEXT, alias, 1)])
    with pytest.raises(Unverified, match="quorum"):
        open_checkpoint(note, policy)


def test_a_checkpoint_without_its_own_logs_signature_is_refused() -> None:
    """Witnesses alone do not do, another log's key does not either, nor a foreign origin."""
    policy = Policy(logs=(Log(LOG.verifier), Log(OTHER.verifier)))
    assert open_checkpoint(sign_note(TEXT, LOG), policy) == CHECKPOINT
    assert open_checkpoint(sign_note(TEXT, OTHER, LOG), policy) == CHECKPOINT
    with pytest.raises(Unverified, match=r"not signed by the log ledger\.example\.gov\.cn"):
        open_checkpoint(sign_note(TEXT, OTHER), policy)
    foreign = Checkpoint("elsewhere.example", 7, CHECKPOINT.root).encode()
    with pytest.raises(Unverified, match=r"not signed by the log elsewhere\.example"):
        open_checkpoint(sign_note(foreign, LOG), policy)
    with pytest.raises(Unverified, match="none of the keys"):
        open_checkpoint(signed(), Policy())
    with pytest.raises(Unverified, match="not signed by the log"):
        open_checkpoint(format_note(TEXT, [cosign(TEXT, W[n], 1) for n in (0, 1, 3)]), TWO_LEVELS)


def test_a_bad_cosignature_spoils_a_checkpoint_even_beyond_the_quorum() -> None:
    """A known key with a bad signature beside good ones is refused, not passed over."""
    good = cosign(TEXT, W[0], 1)
    bad = SignatureLine(good.name, good.key_id, good.signature[:-1] + b"\0")
    note = format_note(TEXT, [sign_line(TEXT, LOG), bad])
    policy = Policy(logs=(Log(LOG.verifier),), witnesses=(Witness("w", W[0].verifier),))
    with pytest.raises(Unverified, match=r"signature of w0\.example does not hold"):
        open_checkpoint(note, policy)
    assert open_checkpoint(note, Policy.of(LOG.verifier)) == CHECKPOINT


def test_a_signed_text_that_is_no_checkpoint_is_malformed() -> None:
    """The log's key signs nothing else; if it did, nobody would read it as a checkpoint."""
    with pytest.raises(Malformed):
        open_checkpoint(sign_note("ledger.example.gov.cn\n+7\nx\n", LOG), Policy.of(LOG.verifier))


def test_only_a_log_and_a_genesis_together_anchor() -> None:
    """One of the two out-of-band values is not enough."""
    assert Policy.of(LOG.verifier, GENESIS).anchored
    assert not Policy.of(LOG.verifier).anchored
    assert not Policy(genesis=GENESIS).anchored


def test_a_policy_is_read_as_people_write_it() -> None:
    """Comments, tabs, empty lines, addresses, names that are not ASCII."""
    policy = Policy.parse(
        "# 政策\n\n \t\n"
        f"\tlog  {LOG.verifier}\thttps://ledger.example.gov.cn/log/ \n"
        f"  # witness nobody {W[1].verifier}\n"
        f"genesis {GENESIS.hex()}\n"
        f"witness 审计 {W[0].verifier} https://audit.example/\n"
        "replays 审计\n"
        "quorum 审计\n"
    )
    assert policy == Policy(
        logs=(Log(LOG.verifier, "https://ledger.example.gov.cn/log/"),),
        witnesses=(Witness("审计", W[0].verifier, "https://audit.example/"),),
        quorum="审计",
        genesis=GENESIS,
        replays=frozenset({"审计"}),
    )
    assert Policy.parse(policy.encode()) == policy


@given(st.data())
def test_every_policy_survives_its_text(data: st.DataObject) -> None:
    """Reading and writing are inverse over witnesses, nested groups and quorums."""
    count = data.draw(st.integers(0, len(W)))
    free = [f"w{n}" for n in range(count)]
    names = ["none", *free]
    groups = []
    for number in range(data.draw(st.integers(0, 3)) if free else 0):
        if not free:
            break
        members = free[: data.draw(st.integers(1, len(free)))]
        free = [*free[len(members) :], f"g{number}"]
        names.append(f"g{number}")
        threshold = data.draw(st.integers(1, len(members)))
        groups.append(Group(f"g{number}", threshold, tuple(members)))
    policy = Policy(
        logs=(Log(LOG.verifier),)[: data.draw(st.integers(0, 1))],
        witnesses=tuple(Witness(f"w{n}", W[n].verifier) for n in range(count)),
        groups=tuple(groups),
        quorum=data.draw(st.sampled_from(names)),
        genesis=data.draw(st.none() | st.just(GENESIS)),
        replays=frozenset(f"w{n}" for n in range(count) if data.draw(st.booleans())),
    )
    assert Policy.parse(policy.encode()) == policy
    everyone = [witness.name for witness in policy.witnesses]
    assert policy.is_met_by(everyone)
    assert policy.is_met_by([]) == (policy.quorum == "none")


A, B = str(W[0].verifier), str(W[1].verifier)
L = str(LOG.verifier)
A_ALIAS = str(VerifierKey.of("alias.example", W[0].verifier.public_key, COSIGNATURE_V1))
L_ALIAS = str(VerifierKey.of("alias.example", LOG.verifier.public_key))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no line `quorum`"),
        ("quorum none", "does not end with a newline"),
        ("quorum none\r\n", "control character"),
        ("quorum none\0\n", "control character"),
        (f"log {L}\n", "no line `quorum`"),
        ("quorum none\nquorum none\n", "line 2 of the policy: a second quorum"),
        ("quorum\n", "means nothing"),
        ("quorum none none\n", "means nothing"),
        ("Quorum none\n", "means nothing"),
        ("quorum\u00a0none\n", "means nothing"),
        (f"quorum a\nwitness a {A}\n", "line 1 of the policy: the name 'a' is not defined"),
        (f"witness a {A}\ngroup g any b\nquorum g\n", "'b' is not defined above"),
        (f"group g any a\nwitness a {A}\nquorum g\n", "'a' is not defined above"),
        (f"witness a {A}\ngroup g any g\nquorum g\n", "'g' is not defined above"),
        (f"witness a {A}\ngroup g any none\nquorum g\n", "'none' is not defined above"),
        (f"witness a {A}\ngroup g any a a\nquorum g\n", "already a member"),
        (f"witness a {A}\ngroup g any a\ngroup h any a\nquorum h\n", "already a member"),
        (f"witness a {A}\ngroup g 0 a\nquorum g\n", "cannot be asked for"),
        (f"witness a {A}\ngroup g 2 a\nquorum g\n", "cannot be asked for"),
        (f"witness a {A}\ngroup g +1 a\nquorum g\n", "cannot be asked for"),
        (f"witness a {A}\ngroup g 01 a\nquorum g\n", "cannot be asked for"),
        (f"witness a {A}\ngroup g 1.0 a\nquorum g\n", "cannot be asked for"),
        (f"witness a {A}\ngroup g ١ a\nquorum g\n", "cannot be asked for"),
        (f"witness a {A}\ngroup g any\nquorum g\n", "means nothing"),
        (f"witness a {A}\nwitness a {B}\nquorum a\n", "already taken"),
        (f"witness none {A}\nquorum none\n", "already taken"),
        (f"witness a {A}\ngroup a any a\nquorum a\n", "already taken"),
        (f"witness a {A}\nwitness b {A}\nquorum a\n", "stands twice"),
        (f"witness a {A}\nwitness b {A_ALIAS}\nquorum a\n", "stands twice"),
        (f"log {L}\nlog {L}\nquorum none\n", "stands twice"),
        (f"log {L}\nlog {L_ALIAS}\nquorum none\n", "stands twice"),
        (f"log {A}\nquorum none\n", "algorithm 4, not 1"),
        (f"witness a {L}\nquorum a\n", "algorithm 1, not 4"),
        (f"log {L[:-1]}\nquorum none\n", "canonical|base64|verifier key"),
        ("log\nquorum none\n", "means nothing"),
        (f"log {L} url more\nquorum none\n", "means nothing"),
        (f"witness {A}\nquorum none\n", "means nothing"),
        ("genesis 00\nquorum none\n", "64 lower-case hex"),
        (f"genesis {GENESIS.hex().upper()}\nquorum none\n", "64 lower-case hex"),
        (f"genesis {GENESIS.hex()}\n" * 2 + "quorum none\n", "second genesis"),
        (f"witness a {A}\nreplays b\nquorum a\n", "'b' is not a witness"),
        (f"witness a {A}\nreplays a a\nquorum a\n", "already named"),
        (f"witness a {A}\ngroup g any a\nreplays g\nquorum a\n", "'g' is not a witness"),
        ("replays\nquorum none\n", "means nothing"),
        ("#" * MAX_POLICY_CHARACTERS + "\nquorum none\n", "at most"),
    ],
    ids=lambda text: text[:40].replace("\n", " "),
)
def test_a_policy_that_could_mean_two_things_is_malformed(text: str, reason: str) -> None:
    """Undefined, doubled or circular names, absurd thresholds, keys of the wrong kind."""
    with pytest.raises(Malformed, match=reason):
        Policy.parse(text)


def test_two_keys_whose_lines_nobody_could_tell_apart_are_malformed() -> None:
    """A second key under a witness's name whose four bytes of id collide: found by search."""
    seen: dict[bytes, int] = {}
    name, number = "w.example", 0
    while True:
        key = VerifierKey.of(name, number.to_bytes(32, "big"), COSIGNATURE_V1)
        if key.key_id in seen:
            break
        seen[key.key_id] = number
        number += 1
    twin = VerifierKey.of(name, seen[key.key_id].to_bytes(32, "big"), COSIGNATURE_V1)
    assert twin != key
    with pytest.raises(Malformed, match="stands twice"):
        Policy.parse(f"witness a {key}\nwitness b {twin}\nquorum none\n")


def test_a_policy_no_text_could_write_is_misuse() -> None:
    """What is built in code is checked before it is written."""
    witness = Witness("a", W[0].verifier)
    for policy in (
        Policy(quorum="a"),
        Policy(quorum=""),
        Policy(witnesses=(witness, witness)),
        Policy(witnesses=(Witness("a b", W[0].verifier),)),
        Policy(witnesses=(Witness("a", W[0].verifier, "two items"),)),
        Policy(logs=(Log(W[0].verifier),)),
        Policy(logs=(Log(LOG.verifier, ""),)),
        Policy(genesis=b"short"),
        Policy(witnesses=(witness,), groups=(Group("g", 2, ("a",)),)),
        Policy(witnesses=(witness,), groups=(Group("g", 1, ()),)),
        Policy(replays=frozenset({"a"})),
    ):
        with pytest.raises(ValueError, match=r"policy|name"):
            policy.encode()

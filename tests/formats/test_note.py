"""Signed notes: published ones open, and everything that was ever wrongly accepted does not."""

from binascii import a2b_base64

import needs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Malformed, Unverified
from ledger.note import (
    COSIGNATURE_V1,
    ED25519,
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    Ed25519Signer,
    Note,
    SignatureLine,
    VerifierKey,
    cosign,
    cosigned_at,
    decode_base64,
    encode_base64,
    format_note,
    open_note,
    parse_note,
    sign_line,
    sign_note,
)

TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know …\n"
ALICE = Ed25519Signer("alice.example/1", bytes([7]) * 32)
BOB = Ed25519Signer("bob.example", bytes([8]) * 32)
WITNESS = Ed25519Signer("witness.example", bytes([9]) * 32, COSIGNATURE_V1)
NOTE = sign_note(TEXT, ALICE, BOB)

# The example of Go's golang.org/x/mod/sumdb/note, in its documentation and its tests.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZ"
    "b6KE6RyyBwJnAM=\n"
).encode()


def flipped(data: bytes, bit: int) -> bytes:
    """Return `data` with one bit changed."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_the_note_of_go_opens() -> None:
    """The best known note of all, with its key."""
    opened = open_note(GO_NOTE, [VerifierKey.parse(GO_KEY)])
    assert [line.name for line in opened.verified] == ["PeterNeumann"]
    assert opened.note.text.endswith("what your problem is.\n")
    assert format_note(opened.note.text, opened.note.signatures) == GO_NOTE


def test_the_worked_statement_opens_with_both_keys() -> None:
    """The design's example, made by code that is not ours, is verified and written back."""
    seeds = {
        "CN-USCC-11430100006127328B/purchase-2026": 1,
        "CN-USCC-52430100MJJ5500001/office-1": 2,
    }
    signers = [Ed25519Signer(name, bytes([byte]) * 32) for name, byte in seeds.items()]
    assert [str(signer.verifier).partition("+")[2] for signer in signers] == [
        "fad9e09a+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
        "33694316+AYE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU",
    ]
    data = needs.design("example/contract.entry").read_bytes().partition(b"\n")[2]
    opened = open_note(data, [signer.verifier for signer in signers])
    assert [line.name for line in opened.verified] == list(seeds)
    assert sign_note(opened.note.text, *signers) == data


@pytest.mark.parametrize(
    ("name", "file"),
    [("witness", "checkpoint.witness"), ("mirror", "checkpoint.cosigned-by-mirror")],
)
def test_published_cosignatures_hold(name: str, file: str) -> None:
    """Sunlight's cosigned checkpoints open with the witness's key alone and carry their time."""
    folder = needs.data("tlog/sunlight-cosig")
    key = VerifierKey.parse((folder / f"{name}.vkey").read_text("ascii").strip())
    assert key.algorithm == COSIGNATURE_V1
    data = (folder / file).read_bytes()
    opened = open_note(data, [key])
    (line,) = opened.verified
    assert line.name == f"{name}.example.org"
    assert cosigned_at(line) == 1767139200
    assert opened.note.text.startswith("rome2026h1.example.org\n300\n")
    assert format_note(opened.note.text, opened.note.signatures) == data
    with pytest.raises(Unverified):
        open_note(data.replace(b"\n300\n", b"\n301\n"), [key])


def test_a_note_survives_its_bytes() -> None:
    """Reading and writing are inverse, the order of the lines included."""
    note = parse_note(NOTE)
    assert note.text == TEXT
    assert [line.name for line in note.signatures] == ["alice.example/1", "bob.example"]
    assert format_note(note.text, note.signatures) == NOTE


@given(
    st.lists(st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]))),
    st.lists(
        st.builds(
            SignatureLine,
            st.text(st.sampled_from("abcé阳/.-_"), min_size=1),
            st.binary(min_size=4, max_size=4),
            st.binary(min_size=1, max_size=100),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_every_text_and_line_survive_their_bytes(
    lines: list[str], signatures: list[SignatureLine]
) -> None:
    """Empty lines in the text, too, whatever stands around them."""
    text = "".join([f"{line}\n" for line in lines]) or "\n"
    assert parse_note(format_note(text, signatures)) == Note(text, tuple(signatures))


ONE = sign_note(TEXT, ALICE)
LINE = sign_line(TEXT, ALICE).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        TEXT.encode(),
        TEXT.encode() + b"\n",
        ONE[:-1],
        ONE + b"\n",
        ONE + b" ",
        ONE + b"junk",
        ONE + b"junk\n",
        ONE + b"- alice.example/1 AAAAAAA=\n",
        b"\xef\xbb\xbf" + ONE[:-1],
        ONE.replace(b"\n", b"\r\n"),
        ONE.replace(b"If", b"I\0"),
        ONE.replace(b"If", b"I\t"),
        ONE.replace(b"If", b"I\x1f"),
        ONE.replace(b"If", b"I\xff"),
        ONE.replace(b"If", b"I\xed\xa0\x80"),
        (TEXT + "\n" + LINE.replace("— ", "— ", 1).replace("— ", "—  ", 1)).encode(),
        (TEXT + "\n" + LINE.replace("— ", "- ", 1)).encode(),
        (TEXT + "\n" + LINE.replace("— ", "—", 1)).encode(),
        (TEXT + "\n " + LINE).encode(),
        (TEXT + "\n" + LINE.replace("alice", "ali+ce")).encode(),
        (TEXT + "\n" + LINE.replace("alice", "ali\u00a0ce")).encode(),
        (TEXT + "\n" + LINE.replace("alice", "ali\u2028ce")).encode(),
        (TEXT + "\n" + LINE.replace("alice.example/1", "")).encode(),
        (TEXT + "\n" + LINE.replace("\n", " \n")).encode(),
        (TEXT + "\n" + LINE.replace("\n", "=\n")).encode(),
        (TEXT + "\n— a AAAA\n").encode(),
        (TEXT + "\n— a AAAAAA==\n").encode(),
        (TEXT + "\n— a AAAAAAB=\n").encode(),
        (TEXT + "\n— a AAAAAAA\n").encode(),
        (TEXT + "\n— a AAA AAAA=\n").encode(),
        (TEXT + "\n— a AAAA-_A=\n").encode(),
        (TEXT + "\n— a\n").encode(),
        (TEXT + "\n— a \n").encode(),
        (TEXT + "\n" + "— a AAAAAAA=\n" * (MAX_SIGNATURES + 1)).encode(),
        TEXT.encode() + b"a" * MAX_NOTE_BYTES + b"\n\n" + LINE.encode(),
    ],
    ids=lambda data: f"{len(data)} bytes",
)
def test_what_is_not_exactly_a_note_is_malformed(data: bytes) -> None:
    """Missing newline, junk behind the signatures, NUL, TAB, spaces in base64: all refused."""
    with pytest.raises(Malformed):
        parse_note(data)
    with pytest.raises(Malformed):
        open_note(data, [ALICE.verifier])


def test_the_most_signatures_allowed_are_read() -> None:
    """The limit itself is inside."""
    data = (TEXT + "\n" + "— a AAAAAAA=\n" * MAX_SIGNATURES).encode()
    assert len(parse_note(data).signatures) == MAX_SIGNATURES


def test_unknown_keys_are_ignored_even_when_they_share_a_name_or_an_id() -> None:
    """C2SP: only name and id together make a key known."""
    line = sign_line(TEXT, ALICE)
    strangers = [
        SignatureLine("alice.example/1", b"none", b"x" * 64),
        SignatureLine("mallory.example", line.key_id, b"x" * 64),
    ]
    data = format_note(TEXT, [*strangers, line, *strangers])
    opened = open_note(data, [ALICE.verifier, BOB.verifier])
    assert opened.verified == (line,)
    assert len(opened.note.signatures) == 5
    with pytest.raises(Unverified, match="none of the keys"):
        open_note(format_note(TEXT, strangers), [ALICE.verifier])
    with pytest.raises(Unverified, match="none of the keys"):
        open_note(NOTE, [])


def test_a_bad_signature_of_a_known_key_beside_a_good_one_is_refused() -> None:
    """A note is not half true; the order of the lines does not matter, nor a good double."""
    good, bad = sign_line(TEXT, ALICE), sign_line(TEXT + "x\n", BOB)
    keys = [ALICE.verifier, BOB.verifier]
    for lines in ([good, bad], [bad, good], [good, sign_line(TEXT, BOB), bad]):
        with pytest.raises(Unverified, match=r"signature of bob\.example does not hold"):
            open_note(format_note(TEXT, lines), keys)


def test_a_doubled_signature_counts_once() -> None:
    """Whoever counts verified lines counts keys."""
    line = sign_line(TEXT, ALICE)
    assert open_note(format_note(TEXT, [line, line]), [ALICE.verifier]).verified == (line,)
    earlier, later = cosign(TEXT, WITNESS, 1000), cosign(TEXT, WITNESS, 2000)
    opened = open_note(format_note(TEXT, [earlier, later]), [WITNESS.verifier])
    assert opened.verified == (earlier,)


@given(st.integers(0, 8 * len(NOTE) - 1))
def test_any_flipped_bit_of_a_note_is_noticed(bit: int) -> None:
    """With both keys required, no changed byte anywhere leaves both lines verified."""
    try:
        opened = open_note(flipped(NOTE, bit), [ALICE.verifier, BOB.verifier])
    except (Malformed, Unverified):
        return
    # A flip in a name or an id makes a key unknown: the note opens with one line fewer.
    assert len(opened.verified) == 1


def test_two_keys_of_one_name_and_id_are_misuse() -> None:
    """Four bytes of id can collide; then nobody could tell whose line it is."""
    key = ALICE.verifier
    twin = VerifierKey(key.name, key.key_id, key.algorithm, BOB.verifier.public_key)
    with pytest.raises(ValueError, match="share the name and id"):
        open_note(ONE, [key, twin])
    assert open_note(ONE, [key, key]).verified


def test_the_time_of_a_cosignature_is_signed() -> None:
    """Another time in front of the same signature is refused."""
    line = cosign(TEXT, WITNESS, 1767139200)
    assert cosigned_at(line) == 1767139200
    assert open_note(format_note(TEXT, [line]), [WITNESS.verifier]).verified == (line,)
    for timestamp_s in (0, 1767139199, 2**63 - 1, 2**63, 2**64 - 1):
        stamped = timestamp_s.to_bytes(8, "big") + line.signature[8:]
        forged = SignatureLine(line.name, line.key_id, stamped)
        with pytest.raises(Unverified):
            open_note(format_note(TEXT, [forged]), [WITNESS.verifier])
    beyond = SignatureLine(line.name, line.key_id, (2**63).to_bytes(8, "big") + bytes(64))
    with pytest.raises(Malformed):
        cosigned_at(beyond)


def test_a_cosignature_is_no_note_signature_and_the_other_way_round() -> None:
    """One private key under both algorithms: neither kind of line passes for the other."""
    plain = Ed25519Signer(WITNESS.verifier.name, bytes([9]) * 32)
    assert plain.verifier.public_key == WITNESS.verifier.public_key
    assert plain.verifier.key_id != WITNESS.verifier.key_id
    signed = sign_line(TEXT, plain).signature
    for key, signature in (
        (WITNESS.verifier, signed),
        (WITNESS.verifier, bytes(8) + signed),
        (plain.verifier, cosign(TEXT, WITNESS, 0).signature),
        (plain.verifier, cosign(TEXT, WITNESS, 0).signature[8:]),
    ):
        line = SignatureLine(key.name, key.key_id, signature)
        with pytest.raises(Unverified):
            open_note(format_note(TEXT, [line]), [key])
    with pytest.raises(Malformed):
        cosigned_at(sign_line(TEXT, plain))


def test_verifier_keys_survive_their_text() -> None:
    """Both algorithms, and names that are not ASCII."""
    for signer in (ALICE, BOB, WITNESS, Ed25519Signer("阳光/账本", bytes(32))):
        assert VerifierKey.parse(str(signer.verifier)) == signer.verifier
    assert str(VerifierKey.parse(GO_KEY)) == GO_KEY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        GO_KEY + "\n",
        " " + GO_KEY,
        GO_KEY.replace("c74f20a3", "C74F20A3"),
        GO_KEY.replace("c74f20a3", "c74f20a"),
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("c74f20a3", "0c74f20a3"),
        GO_KEY.replace("Peter", "Paul"),
        GO_KEY.replace("Peter", "Peter "),
        GO_KEY.replace("Peter", "Peter\x01"),
        GO_KEY.replace("+AR", "+AQ"),
        GO_KEY.replace("+AR", "+BR"),
        GO_KEY[:-4],
        GO_KEY + "AAAA",
        GO_KEY + "+",
        GO_KEY.replace("/", "_"),
        "\ud800" + GO_KEY,
        "a+00000000+",
    ],
)
def test_what_is_not_exactly_a_verifier_key_is_malformed(text: str) -> None:
    """Another id, another case, another algorithm, another length: refused."""
    with pytest.raises(Malformed):
        VerifierKey.parse(text)


def test_meaningless_keys_and_notes_are_misuse() -> None:
    """What could not be read back is not written."""
    key = ALICE.verifier.public_key
    for name, public_key, algorithm in (
        ("", key, ED25519),
        ("a b", key, ED25519),
        ("a+b", key, ED25519),
        ("a\n", key, ED25519),
        ("a\0", key, ED25519),
        ("a", key[:31], ED25519),
        ("a", key, 2),
    ):
        with pytest.raises(ValueError, match=r"key name|verifier key"):
            VerifierKey.of(name, public_key, algorithm)
    for text in ("", "no newline", "tab\t\n", "nul\0\n"):
        with pytest.raises(ValueError, match="text ends with a newline"):
            sign_note(text, ALICE)
    with pytest.raises(ValueError, match="signatures"):
        sign_note(TEXT)
    with pytest.raises(ValueError, match="does not sign notes"):
        sign_line(TEXT, WITNESS)
    with pytest.raises(ValueError, match="does not cosign"):
        cosign(TEXT, ALICE, 0)
    for timestamp_s in (-1, 2**63):
        with pytest.raises(ValueError, match="cannot be dated"):
            cosign(TEXT, WITNESS, timestamp_s)


@given(st.binary())
def test_base64_has_one_spelling(data: bytes) -> None:
    """What is encoded decodes, and no text but the encoded one decodes to it."""
    text = encode_base64(data)
    assert decode_base64(text) == data
    for other in (text + "=", text + "\n", " " + text, text[:-1], text.rstrip("="), text + "AA"):
        if other != text:
            with pytest.raises(Malformed):
                decode_base64(other)


@pytest.mark.parametrize(
    "text", ["AB==", "AAB=", "A===", "=", "AA A=", "AA-_", "ＡＡＡＡ", "AA==AA=="]
)
def test_loose_base64_is_malformed(text: str) -> None:
    """Unused bits that are set, spaces, other alphabets: several of these pass most decoders."""
    with pytest.raises(Malformed):
        decode_base64(text)
    if text in {"AB==", "AAB=", "AA A="}:
        assert a2b_base64(text)  # so this test would notice if the strictness were dropped

"""Signed notes: text that one or more named keys have signed (C2SP signed-note).

A note is a text, an empty line, and signature lines, each an em dash, the key's name, and base64
of the key's id and its signature:

    ledger.example.gov.cn
    1
    7c1AWCKqmh1Nwie61FUmSUgPx97fPTaKRzJmM7qzCmU=

    — ledger.example.gov.cn vFPejswLUdDNnf3E+kCQUxacxebEBx/Twog069NJUQYgxn7LeYrijj0wfPNxmPraRLPHEq9…

The text ends with a newline and may hold empty lines: the last one in the note divides. A note is
UTF-8 without control characters other than the newline; a name has no white space and no plus.

A verifier key is written `<name>+<key id in hex>+<base64 of algorithm byte and public key>`, the
id being the first four bytes of SHA-256(name ‖ newline ‖ algorithm byte ‖ public key):

    ledger.example.gov.cn+bc53de8e+Ae1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR

Two algorithms are understood. 1 is Ed25519 over the text. 4 is a witness's cosignature/v1 of a
checkpoint (C2SP tlog-cosignature): its signature begins with the time, in seconds, as eight bytes,
and what is signed is

    cosignature/v1
    time 1767139200
    <the text>

`parse_note` only reads. `open_note` verifies: lines of keys it was not given are ignored, a line
of a known key must hold, and at least one must be there.

*Stricter* than C2SP: base64 is canonical (padded, unused bits zero) and hex is lower case, so a
note and a key have one spelling; at most 100 signatures and 1 MiB, as in Go.
"""

from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Protocol, Self

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import Malformed, Unverified
from ledger.signature import PUBLIC_KEY_SIZE, SIGNATURE_SIZE, check_signature

ED25519 = 1
COSIGNATURE_V1 = 4

KEY_ID_SIZE = 4
MAX_NOTE_BYTES = 1 << 20  # the limit of Go's sumdb/note, so that it reads every note of ours
MAX_SIGNATURES = 100  # the same; C2SP asks for at least 16

_TIMESTAMP_SIZE = 8
_MAX_TIMESTAMP = 2**63 - 1  # C2SP tlog-cosignature
_LINE_START = "— "
_NOTE_BYTES = bytes([0x0A, *range(0x20, 0x100)])  # all but control characters
_NAMES_ALGORITHM = {ED25519: "Ed25519", COSIGNATURE_V1: "cosignature/v1"}
_SHOWN = 80  # characters of a refused text that an error message repeats


class SignatureLine(msgspec.Struct, frozen=True, gc=False):
    """One signature line of a note.

    Attributes:
        name: the key's name.
        key_id: the key's id, 4 bytes.
        signature: what follows the id: 64 bytes of Ed25519, or time and signature of a witness.

    """

    name: str
    key_id: bytes
    signature: bytes

    def encode(self) -> str:
        """Return the line, with its newline."""
        return f"{_LINE_START}{self.name} {encode_base64(self.key_id + self.signature)}\n"


class Note(msgspec.Struct, frozen=True, gc=False):
    """A note as read, nothing verified: its text, with the last newline, and its lines."""

    text: str
    signatures: tuple[SignatureLine, ...]


class OpenedNote(msgspec.Struct, frozen=True, gc=False):
    """A note of which at least one signature was verified.

    Attributes:
        note: text and all lines, also those of unknown keys.
        verified: the lines that hold, in their order, at most one a key (its first).

    """

    note: Note
    verified: tuple[SignatureLine, ...]


class VerifierKey(msgspec.Struct, frozen=True, gc=False):
    """A public key with its name: what a verifier must be given.

    Whether the key itself is sound (`ledger.signature.check_public_key`) is asked at enrolment.

    Attributes:
        name: not empty, without white space and plus.
        key_id: 4 bytes.
        algorithm: `ED25519` or `COSIGNATURE_V1`.
        public_key: 32 bytes.

    """

    name: str
    key_id: bytes
    algorithm: int
    public_key: bytes

    @classmethod
    def of(cls, name: str, public_key: bytes, algorithm: int = ED25519) -> Self:
        """Name a public key.

        Raises:
            ValueError: not a key name, not 32 bytes, or an algorithm that is not understood.

        """
        if not _is_key_name(name) or name.encode().translate(None, _NOTE_BYTES):
            raise ValueError(f"{name[:_SHOWN]!r} is not a key name")
        if len(public_key) != PUBLIC_KEY_SIZE or algorithm not in _NAMES_ALGORITHM:
            raise ValueError(
                f"{len(public_key)} bytes of algorithm {algorithm} are no verifier key; "
                f"it has {PUBLIC_KEY_SIZE} of algorithm {ED25519} or {COSIGNATURE_V1}"
            )
        hashed = sha256(name.encode() + b"\n" + bytes([algorithm]) + public_key).digest()
        return cls(name, hashed[:KEY_ID_SIZE], algorithm, public_key)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the key that `text` writes.

        Raises:
            Malformed: not `<name>+<id>+<base64>`, not an algorithm that is understood, or the id
                is not the one of this name and key.

        """
        name, _, rest = text.partition("+")
        _, _, encoded = rest.partition("+")
        try:
            material = decode_base64(encoded)
            key = cls.of(name, material[1:], material[0] if material else 0)
        except ValueError as error:
            raise Malformed(f"not a verifier key: {error}") from error
        if str(key) != text:
            raise Malformed(f"the verifier key of {name} does not have the id of its name and key")
        return key

    def __str__(self) -> str:
        """Return the key's text."""
        encoded = encode_base64(bytes([self.algorithm]) + self.public_key)
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


class Signer(Protocol):
    """Holds a private key; may be a file, a token or a machine elsewhere."""

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the Ed25519 signature of `message`."""
        ...


class Ed25519Signer:
    """A signer in memory, made from a seed (RFC 8032, 5.1.5)."""

    __slots__ = ("_private_key", "_verifier")

    def __init__(self, name: str, seed: bytes, algorithm: int = ED25519) -> None:
        """Name the key whose private seed is the 32 bytes of `seed`.

        Raises:
            ValueError: not a key name, a seed of another length, an unknown algorithm.

        """
        self._private_key = Ed25519PrivateKey.from_private_bytes(seed)
        public_key = self._private_key.public_key().public_bytes_raw()
        self._verifier = VerifierKey.of(name, public_key, algorithm)

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return self._verifier

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the Ed25519 signature of `message`."""
        return self._private_key.sign(message)


def parse_note(data: bytes) -> Note:
    """Read a note; nothing is verified.

    Costs about 3 µs with one signature.

    Raises:
        Malformed: not UTF-8, a control character, no empty line, no signature line, anything
            else after the empty line, no last newline, or beyond a limit.

    """
    if len(data) > MAX_NOTE_BYTES:
        raise Malformed(f"the note has {len(data)} bytes; at most {MAX_NOTE_BYTES}")
    if data.translate(None, _NOTE_BYTES):
        raise Malformed("the note holds a control character")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"the note is not UTF-8: {error}") from error
    divide = whole.rfind("\n\n")
    if divide < 0:
        raise Malformed("the note has no empty line before its signatures")
    lines = whole[divide + 2 :].split("\n")
    if lines.pop():
        raise Malformed("the note does not end with a newline")
    if not 0 < len(lines) <= MAX_SIGNATURES:
        raise Malformed(f"the note has {len(lines)} signatures; 1 to {MAX_SIGNATURES} are allowed")
    return Note(whole[: divide + 1], tuple([_parse_line(line) for line in lines]))


def format_note(text: str, signatures: Sequence[SignatureLine]) -> bytes:
    """Return the note of a text and its signature lines, in the order given.

    Raises:
        ValueError: the text does not end with a newline or holds a control character, or there
            are no lines or too many.

    """
    encoded = text.encode()
    if not encoded.endswith(b"\n") or encoded.translate(None, _NOTE_BYTES):
        raise ValueError("a note's text ends with a newline and holds no other control character")
    if not 0 < len(signatures) <= MAX_SIGNATURES:
        raise ValueError(f"a note has 1 to {MAX_SIGNATURES} signatures, not {len(signatures)}")
    return encoded + b"\n" + "".join([line.encode() for line in signatures]).encode()


def sign_line(text: str, signer: Signer) -> SignatureLine:
    """Return the line by which `signer` signs `text`.

    Raises:
        ValueError: the key is a witness's, which signs by `cosign`.

    """
    verifier = signer.verifier
    if verifier.algorithm != ED25519:
        raise ValueError(f"the key of {verifier.name} does not sign notes")
    return SignatureLine(verifier.name, verifier.key_id, signer.sign(text.encode()))


def sign_note(text: str, *signers: Signer) -> bytes:
    """Return the note of `text` with a line of each signer, in the order given.

    Raises:
        ValueError: as `format_note` and `sign_line`.

    """
    return format_note(text, [sign_line(text, signer) for signer in signers])


def cosign(checkpoint_text: str, signer: Signer, timestamp_s: int) -> SignatureLine:
    """Return a witness's cosignature/v1 of a checkpoint, made at `timestamp_s` (POSIX seconds).

    Raises:
        ValueError: the key is not a witness's, or the time does not fit.

    """
    verifier = signer.verifier
    if verifier.algorithm != COSIGNATURE_V1:
        raise ValueError(f"the key of {verifier.name} does not cosign")
    if not 0 <= timestamp_s <= _MAX_TIMESTAMP:
        raise ValueError(f"a cosignature cannot be dated {timestamp_s}")
    signature = signer.sign(_cosigned(checkpoint_text, timestamp_s))
    timestamp = timestamp_s.to_bytes(_TIMESTAMP_SIZE, "big")
    return SignatureLine(verifier.name, verifier.key_id, timestamp + signature)


def cosigned_at(line: SignatureLine) -> int:
    """Return the time of a cosignature/v1 line, POSIX seconds.

    Raises:
        Malformed: the line has not the form of a cosignature.

    """
    timestamp_s = int.from_bytes(line.signature[:_TIMESTAMP_SIZE], "big")
    if len(line.signature) != _TIMESTAMP_SIZE + SIGNATURE_SIZE or timestamp_s > _MAX_TIMESTAMP:
        raise Malformed(f"the signature of {line.name} is not a cosignature")
    return timestamp_s


def open_note(data: bytes, verifiers: Iterable[VerifierKey]) -> OpenedNote:
    """Read a note and verify it with the keys given.

    Raises:
        Malformed: not a note.
        Unverified: the signature of one of these keys does not hold, or none of them signed.
        ValueError: two of the keys share name and id.

    """
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for verifier in verifiers:
        if known.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
            raise ValueError(f"two keys share the name and id {verifier.name}")
    note = parse_note(data)
    verified: dict[VerifierKey, SignatureLine] = {}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is not None:
            _check_line(note.text, line, key)
            verified.setdefault(key, line)
    if not verified:
        raise Unverified("the note is signed by none of the keys it should be signed by")
    return OpenedNote(note, tuple(verified.values()))


def encode_base64(data: bytes) -> str:
    """Return the standard base64 of `data` (RFC 4648, 4)."""
    return b2a_base64(data, newline=False).decode()


def decode_base64(text: str) -> bytes:
    """Return the bytes whose base64 is `text`, in its one canonical spelling.

    Raises:
        Malformed: a foreign character, a missing pad, or unused bits that are not zero.

    """
    try:
        data = a2b_base64(text)
    except ValueError as error:  # `binascii.Error`, or a character outside ASCII
        raise Malformed(f"{text[:_SHOWN]!r} is not base64: {error}") from error
    # The decoder skips what it does not know and ignores unused bits; the encoder does not.
    if b2a_base64(data, newline=False).decode() != text:
        raise Malformed(f"{text[:_SHOWN]!r} is not canonical base64")
    return data


def _parse_line(line: str) -> SignatureLine:
    """Return a signature line given without its newline."""
    name, _, encoded = line[2:].partition(" ")
    if not line.startswith(_LINE_START) or not _is_key_name(name):
        raise Malformed(f"{line[:_SHOWN]!r} is not a signature line")
    material = decode_base64(encoded)
    if len(material) <= KEY_ID_SIZE:
        raise Malformed(f"the signature of {name[:_SHOWN]} is too short")
    return SignatureLine(name, material[:KEY_ID_SIZE], material[KEY_ID_SIZE:])


def _is_key_name(name: str) -> bool:
    """Tell whether `name` has neither white space nor a plus, and is not empty."""
    return name.split() == [name] and "+" not in name


def _check_line(text: str, line: SignatureLine, key: VerifierKey) -> None:
    """Raise Unverified unless `line` is the signature of `text` by `key`."""
    if key.algorithm == ED25519:
        message, signature = text.encode(), line.signature
    else:
        try:
            message = _cosigned(text, cosigned_at(line))
        except Malformed as error:
            raise Unverified(str(error)) from error
        signature = line.signature[_TIMESTAMP_SIZE:]
    try:
        check_signature(key.public_key, message, signature)
    except Unverified:
        raise Unverified(f"the signature of {line.name} does not hold") from None


def _cosigned(text: str, timestamp_s: int) -> bytes:
    """Return what a witness signs."""
    return f"cosignature/v1\ntime {timestamp_s}\n{text}".encode()

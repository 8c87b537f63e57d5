"""Key files: Ed25519 keys at rest, encrypted by a password.

A key file is PKCS#8 in PEM (RFC 5958, RFC 7468), encrypted by PBES2 with scrypt and AES-256-CBC
(RFC 8018, RFC 7914), so `openssl pkey -in FILE` reads it too. What the key is called, what it is
for and who holds it stand above it in the clear, as RFC 7468 allows:

    Name: finance/budget-2026
    Use: admin
    Holder: holder-5f0c9a1be2d37c44
    Verifier: finance/budget-2026+7dc2f8a1+AXkb0…

    -----BEGIN ENCRYPTED PRIVATE KEY-----
    MIGkMGAGCSqGSIb3DQEFDTBTMDIGCSsGAQQB2kcECzAlBAhJ8Zr0…
    -----END ENCRYPTED PRIVATE KEY-----

The file of `finance/budget-2026` in the folder `keys` is `keys/finance/budget-2026.pem`. A key
file is written once, whole, readable by its owner alone, and never overwritten: whoever loses a
key revokes it and enrols another.

The library's own encryption of PKCS#8 derives the key from the password with 2,048 rounds of
PBKDF2, which a graphics card undoes for most passwords; hence scrypt, and these few lines of DER.
"""

import base64
import os
import re
import textwrap
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7

from ledger.errors import Conflict, LedgerError, Malformed
from ledger.identity import Draw
from ledger.note import COSIGNATURE_V1, ED25519, Ed25519Signer, VerifierKey

WITNESS = "witness"
"""Use of a key that cosigns."""

MAX_KEY_FILE_BYTES = 16_384
"""A key file has under a thousand; more is another file."""
MIN_PASSWORD_CHARS = 4
"""Stops an empty password and a slipped finger; how good a password is, nobody can count."""

SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 5
"""Cost: 16 MiB, the most that OpenSSL reads without being told, five times over (OWASP's row)."""

_SUFFIX = ".pem"
_HEADER = re.compile(
    r"Name: (?P<name>[^\n]+)\nUse: (?P<use>[a-z]+)\nHolder: (?P<holder>[^\n]+)\n"
    r"Verifier: (?P<verifier>[^\n]+)\n\n(?P<pem>-----BEGIN [^\0]+)"
)
# DER of the object identifiers pbes2, scrypt and aes256-CBC.
_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_SCRYPT = bytes.fromhex("06092b06010401da47040b")
_AES_256_CBC = bytes.fromhex("060960864801650304012a")
_SEQUENCE, _OCTETS, _INTEGER = 0x30, 0x04, 0x02


class KeyUnavailable(LedgerError):
    """A key file is missing, is not one, may not be read, or the password is wrong."""


class KeyFile(NamedTuple):
    """A key file's clear part.

    Attributes:
        path: where it is.
        use: `admin`, `sign` or `session`; `ledger` for a ledger's own key, `witness` for one that
            cosigns checkpoints and signs nothing else.
        holder: random token of the person who holds it.
        verifier: the public key under its name.

    """

    path: Path
    use: str
    holder: str
    verifier: VerifierKey

    @property
    def name(self) -> str:
        """Return the key's name, `<party>/<label>`, or the ledger's origin."""
        return self.verifier.name

    def unlock(self, password: str) -> Ed25519Signer:
        """Return the signer that the file keeps.

        Raises:
            KeyUnavailable: the password is wrong, or the file holds another key than it says.

        """
        _, pem = _read(self.path)
        try:
            private = serialization.load_pem_private_key(pem, password.encode())
        except (ValueError, TypeError):
            raise KeyUnavailable(
                f"the password does not open the key file {self.path}; check it, or take the "
                "right file"
            ) from None
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyUnavailable(f"the key in {self.path} is not an Ed25519 key")
        seed, algorithm = private.private_bytes_raw(), self.verifier.algorithm
        signer = Ed25519Signer(self.name, seed, algorithm)
        if signer.verifier != self.verifier:
            raise KeyUnavailable(f"the key in {self.path} is not the one named above it")
        return signer


def key_path(folder: Path, name: str) -> Path:
    """Return where the key `name` is kept in `folder`.

    Raises:
        Malformed: the name would leave the folder.

    """
    parts = name.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        raise Malformed(f"{name!r} cannot name a key file")
    return folder.joinpath(*parts[:-1], parts[-1] + _SUFFIX)


def create_key_file(
    folder: Path,
    name: str,
    seed: bytes,
    *,
    use: str,
    holder: str,
    password: str,
    draw: Draw = os.urandom,
) -> KeyFile:
    """Write the key of `seed` (32 bytes) to a new file; `draw` gives salt and initial vector.

    Raises:
        Conflict: there is one of this name.
        KeyUnavailable: the password is too short, or the file cannot be written.
        Malformed: the name cannot name a file.

    """
    if len(password) < MIN_PASSWORD_CHARS:
        raise KeyUnavailable(
            f"the password of {name} is too short; it needs at least "
            f"{MIN_PASSWORD_CHARS} characters"
        )
    algorithm = COSIGNATURE_V1 if use == WITNESS else ED25519
    signer = Ed25519Signer(name, seed, algorithm)
    path = key_path(folder, name)
    header = f"Name: {name}\nUse: {use}\nHolder: {holder}\nVerifier: {signer.verifier}\n\n"
    text = header + _encrypt(seed, password, draw)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(path, text.encode())
    except FileExistsError:
        raise Conflict(f"there is a key file {path} already; it is never overwritten") from None
    except OSError as error:
        raise KeyUnavailable(f"the key file {path} cannot be written: {error.strerror}") from None
    return KeyFile(path, use, holder, signer.verifier)


def load_key_file(path: Path) -> KeyFile:
    """Read a key file's clear part; `unlock` gives the key.

    Raises:
        KeyUnavailable: it is missing, may not be read, or is no key file.

    """
    header, _ = _read(path)
    try:
        verifier = VerifierKey.parse(header["verifier"])
    except Malformed as error:
        raise KeyUnavailable(f"the file {path} is not a key file: {error}") from None
    if verifier.name != header["name"]:
        raise KeyUnavailable(f"the file {path} is not a key file: it gives two names")
    return KeyFile(path, header["use"], header["holder"], verifier)


def find_key_files(folder: Path) -> list[KeyFile]:
    """Return every key file below `folder`, by name; other files are passed over.

    Raises:
        KeyUnavailable: there is no such folder.

    """
    if not folder.is_dir():
        raise KeyUnavailable(f"there is no folder {folder} of key files; make a key first")
    found = []
    for path in sorted(folder.rglob(f"*{_SUFFIX}")):
        try:
            found.append(load_key_file(path))
        except KeyUnavailable:
            continue  # a certificate, say: only files with our header are listed
    return found


def _read(path: Path) -> tuple[dict[str, str], bytes]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_KEY_FILE_BYTES + 1)
    except FileNotFoundError:
        raise KeyUnavailable(f"there is no key file {path}") from None
    except OSError as error:
        raise KeyUnavailable(f"the key file {path} cannot be read: {error.strerror}") from None
    try:
        match = _HEADER.fullmatch(data.decode()) if len(data) <= MAX_KEY_FILE_BYTES else None
    except UnicodeDecodeError:
        match = None
    if match is None:
        raise KeyUnavailable(f"the file {path} is not a key file; `sunledger key new` makes one")
    return match.groupdict(), match["pem"].encode()


def _write_new(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, and never over another.

    If we stop before the link, a hidden leftover holds an encrypted key that nobody uses.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)  # fails where the name exists; a rename would replace it
    finally:
        temporary.unlink()


def _encrypt(seed: bytes, password: str, draw: Draw) -> str:
    """Return the PEM of an EncryptedPrivateKeyInfo (RFC 5958, 3) of an Ed25519 seed."""
    plain = Ed25519PrivateKey.from_private_bytes(seed).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    salt, vector = draw(16), draw(16)
    key = Scrypt(salt, length=32, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P).derive(password.encode())
    padder = PKCS7(algorithms.AES256.block_size).padder()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(vector)).encryptor()
    encrypted = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    costs = b"".join(_der(_INTEGER, _integer(cost)) for cost in (SCRYPT_N, SCRYPT_R, SCRYPT_P))
    derivation = _der(_SEQUENCE, _SCRYPT, _der(_SEQUENCE, _der(_OCTETS, salt), costs))
    cipher = _der(_SEQUENCE, _AES_256_CBC, _der(_OCTETS, vector))
    scheme = _der(_SEQUENCE, _PBES2, _der(_SEQUENCE, derivation, cipher))
    body = base64.b64encode(_der(_SEQUENCE, scheme, _der(_OCTETS, encrypted))).decode()
    lines = "\n".join(textwrap.wrap(body, 64))
    label = "ENCRYPTED PRIVATE KEY"
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def _der(tag: int, *contents: bytes) -> bytes:
    """Return a DER value (X.690) of up to 255 bytes, which is more than a key needs."""
    content = b"".join(contents)
    size = len(content)
    length = bytes([size]) if size < 0x80 else bytes([0x81, size])  # noqa: PLR2004 (X.690, 8.1.3)
    return bytes([tag]) + length + content


def _integer(value: int) -> bytes:
    """Return a positive integer's shortest two's complement (X.690, 8.3)."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big")

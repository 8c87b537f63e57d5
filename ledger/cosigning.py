"""How a log asks a witness for a cosignature, and what a witness asks of it (C2SP tlog-witness).

The log posts a request to `<the witness's address>/add-checkpoint`: the size that the witness
cosigned last, as far as the log knows, the RFC 6962 consistency proof from there, and the
checkpoint:

    old 41
    KjWTKVpVr0J3XrgBBCjBDCD2FY8mUwzmXQRzxLDeLZs=
    7c1AWCKqmh1Nwie61FUmSUgPx97fPTaKRzJmM7qzCmU=

    ledger.example.gov.cn
    43
    P5oA2fNwGJOvcE3hqWYdbrz0PV8dPRPw7zLqWqL8mVw=

    — ledger.example.gov.cn vFPejswLUdDNnf3E+kCQUxacxebEBx/Twog069NJUQYgxn7LeYrijj0wfPNxmPraRLPHEq9…

The witness answers with its signature line, or with a status that says what is wrong:

    200  the cosignature/v1 line
    400  not such a request, or the old size is larger than the checkpoint's
    403  none of the keys it trusts for this origin signed the checkpoint
    404  it knows no log of this origin
    409  it cosigned another size last, which it gives; or another root of this very size
    422  the proof does not lead from the one to the other

This module is the judgement alone. Who calls it keeps what was cosigned (`ledger.witness`).
"""

import re
from collections.abc import Iterable
from typing import NamedTuple, NoReturn, Self

import msgspec

from ledger.errors import LedgerError, Malformed, Unverified
from ledger.merkle import EMPTY_ROOT, check_consistency
from ledger.note import (
    SignatureLine,
    VerifierKey,
    encode_base64,
    open_note,
    parse_note,
)
from ledger.tlog import MAX_SIZE, Checkpoint, decode_path, read_back

PATH = "/add-checkpoint"
"""Behind the address of a witness."""
SIZE_TYPE = "text/x.tlog.size"
"""Media type of an answer that is the size cosigned last."""
MAX_REQUEST_BYTES = 1 << 16
"""A proof of 63 hashes and a checkpoint with a hundred signatures have half as many."""

BAD_REQUEST, FORBIDDEN, NOT_FOUND, CONFLICT, UNPROCESSABLE = 400, 403, 404, 409, 422

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


class NotCosigned(LedgerError):
    """A witness does not cosign.

    Attributes:
        status: the HTTP status that tells why.
        size: the size it cosigned last, where the status is `CONFLICT`.

    """

    def __init__(self, status: int, reason: str, size: int | None = None) -> None:
        """Say why."""
        super().__init__(reason)
        self.status = status
        self.size = size


class Seen(NamedTuple):
    """What a witness cosigned last of a log: its size and root."""

    size: int
    root: bytes


NOTHING = Seen(0, EMPTY_ROOT)
"""What a witness that never cosigned has seen."""


class Opened(NamedTuple):
    """A request whose checkpoint is the log's.

    Attributes:
        request: as it came.
        checkpoint: what it states.
        signatures: the log's own lines, which hold; no others.

    """

    request: "Request"
    checkpoint: Checkpoint
    signatures: tuple[SignatureLine, ...]


class Request(msgspec.Struct, frozen=True, gc=False):
    """What a log asks; nothing is verified by reading it.

    Attributes:
        old_size: what the witness cosigned last, as far as the log knows; 0 for nothing.
        path: the consistency proof from there, 32 bytes each; empty from nothing.
        checkpoint: the signed checkpoint, verbatim.

    """

    old_size: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    def encode(self) -> bytes:
        """Return the body of the request.

        Raises:
            ValueError: a field does not fit the format.

        """
        lines = [f"old {self.old_size}", *map(encode_base64, self.path)]
        data = "\n".join(lines).encode() + b"\n\n" + self.checkpoint
        return read_back(data, type(self).parse, self, "the fields do not fit a request")

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the request in a body.

        Raises:
            Malformed: not these lines, a size with sign or leading zero, a hash that is not 32
                bytes of canonical base64, or beyond a limit.

        """
        if len(data) > MAX_REQUEST_BYTES:
            raise Malformed(f"the request has {len(data)} bytes; at most {MAX_REQUEST_BYTES}")
        head, _, checkpoint = data.partition(b"\n\n")
        try:
            first, *lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise Malformed(f"the request's first lines are not ASCII: {error}") from error
        match = _OLD.fullmatch(first)
        if match is None or int(match[1]) > MAX_SIZE:
            raise Malformed("the request does not begin with the line `old` and a size")
        path = decode_path(lines)
        if not checkpoint:
            raise Malformed("the request has no empty line with a checkpoint after it")
        return cls(int(match[1]), path, checkpoint)


def open_request(data: bytes, logs: Iterable[VerifierKey]) -> Opened:
    """Return a request whose checkpoint a key of its log signed.

    Raises:
        NotCosigned: it is no request, its log is not one of `logs`, or did not sign it.

    """
    try:
        request = Request.parse(data)
        checkpoint = Checkpoint.parse(parse_note(request.checkpoint).text)
    except Malformed as error:
        raise NotCosigned(BAD_REQUEST, str(error)) from error
    if request.old_size > checkpoint.size:
        reason = f"the old size {request.old_size} is beyond the checkpoint's {checkpoint.size}"
        raise NotCosigned(BAD_REQUEST, reason)
    keys = [key for key in logs if key.name == checkpoint.origin]
    if not keys:
        raise NotCosigned(NOT_FOUND, f"no log {checkpoint.origin} is known here")
    try:
        opened = open_note(request.checkpoint, keys)
    except Unverified as error:
        raise NotCosigned(FORBIDDEN, str(error)) from error
    return Opened(request, checkpoint, opened.verified)


def check_extends(opened: Opened, seen: Seen) -> None:
    """Check that a checkpoint continues what the witness cosigned last.

    Raises:
        NotCosigned: the log knows of another size, or the proof does not hold.

    """
    request, checkpoint, _ = opened
    if request.old_size != seen.size:
        _conflict(f"the size cosigned last is {seen.size}, not {request.old_size}", seen)
    if checkpoint.size == seen.size:
        if checkpoint.root != seen.root:
            _conflict(f"another root of size {seen.size} was cosigned", seen)
        if request.path:
            raise NotCosigned(UNPROCESSABLE, "the proof of one size with itself is not empty")
    elif not seen.size:
        # An empty tree commits to nothing: any first checkpoint continues it.
        if request.path:
            raise NotCosigned(UNPROCESSABLE, "the proof from an empty log is not empty")
    else:
        try:
            check_consistency(*seen, checkpoint.size, checkpoint.root, request.path)
        except Unverified as error:
            raise NotCosigned(UNPROCESSABLE, str(error)) from error


def _conflict(reason: str, seen: Seen) -> NoReturn:
    raise NotCosigned(CONFLICT, reason, seen.size)

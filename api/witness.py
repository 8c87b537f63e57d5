"""The HTTP side of a witness: C2SP tlog-witness, one route.

    POST /add-checkpoint    200 and the cosignature line, or a status that says why not

What a log is told besides the status is one sentence in English: a program reads it.
"""

import io
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from ledger.cosigning import (
    BAD_REQUEST,
    MAX_REQUEST_BYTES,
    NOT_FOUND,
    PATH,
    SIZE_TYPE,
    NotCosigned,
)
from ledger.tlog import Checkpoint
from ledger.witness.witness import Witness

if TYPE_CHECKING:
    import socket

    from _typeshed import WriteableBuffer

IDLE_S = 60
"""How long a log may keep a connection open without asking."""
REQUEST_S = 20
"""How long a request may take to arrive, head and body: no log waits longer for its answer."""
MAX_CONNECTIONS = 64
"""Connections at once: a witness has few logs, and each asks over one."""
MAX_CONNECTIONS_EACH = 16
"""Connections at once of one address: some logs behind one proxy, and room left for others."""

TOO_LARGE, LENGTH_REQUIRED, OK = 413, 411, 200
_TEXT = "text/plain; charset=utf-8"

Told = Callable[[Checkpoint | NotCosigned], None]
"""Told what was cosigned, or why something was not."""


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness; each connection has a thread of its own."""

    daemon_threads = True
    request_queue_size = MAX_CONNECTIONS  # the library's five would make a sixth wait seconds

    def __init__(
        self, host: str, port: int, witness: Witness, told: Told, request_s: float = REQUEST_S
    ) -> None:
        """Listen at `host` and `port` (0 for any that is free).

        Raises:
            OSError: nobody can listen there.

        """
        super().__init__((host, port), _Handler)
        self._room = _Room()
        self.witness = witness
        self.told = told
        self.request_s = request_s

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection its thread; hang up where there are too many."""
        if self._room.enter(client_address[0]):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection, then make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.leave(client_address[0])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a log that hung up; tell of everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """The address to give to logs."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"


class _Room:
    """Counts the connections of each address."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._turn = threading.Lock()

    def enter(self, address: str) -> bool:
        """Count one more, or return False where there are too many, of it or of all."""
        with self._turn:
            full = self._open.total() >= MAX_CONNECTIONS
            if full or self._open[address] >= MAX_CONNECTIONS_EACH:
                return False
            self._open[address] += 1
            return True

    def leave(self, address: str) -> None:
        with self._turn:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]


class _Arriving(io.RawIOBase):
    """What arrives on a connection until a time: a socket's own timeout begins anew at each byte.

    Attributes:
        until_s: the time, by the monotonic clock.

    """

    def __init__(self, connection: "socket.socket") -> None:
        self._connection = connection
        self.until_s = 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Raise TimeoutError when the time is over."""
        left_s = self.until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._connection.settimeout(left_s)
        try:
            return self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(IDLE_S)  # for the answer


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    rfile: io.BufferedReader
    protocol_version = "HTTP/1.1"  # a log asks every few minutes, over one connection
    timeout = IDLE_S
    wbufsize = -1  # head and body leave together: apart, the second would wait for the first's ACK
    server_version = "sunledger"
    sys_version = ""

    def setup(self) -> None:
        """Read through `_Arriving`."""
        super().setup()
        self.rfile.close()
        self._arriving = _Arriving(self.connection)
        self.rfile = io.BufferedReader(self._arriving)

    def handle_one_request(self) -> None:
        """Wait for a request; from its first byte on it has its time to arrive."""
        self._arriving.until_s = time.monotonic() + IDLE_S
        try:
            self.rfile.peek(1)
        except TimeoutError:
            self.close_connection = True
            return
        self._arriving.until_s = time.monotonic() + self.server.request_s
        super().handle_one_request()

    def do_POST(self) -> None:
        """Answer a request."""
        try:
            checkpoint, line = self.server.witness.add_checkpoint(self._body())
        except NotCosigned as declined:
            self.server.told(declined)
            if declined.size is not None:
                self._answer(declined.status, SIZE_TYPE, f"{declined.size}\n".encode())
            else:
                self._answer(declined.status, _TEXT, f"{declined}\n".encode())
        else:
            self.server.told(checkpoint)
            self._answer(OK, _TEXT, line)

    def _body(self) -> bytes:
        """Return the body. What is not read of it is in the way: then the connection ends."""
        length = self.headers.get("Content-Length", "")
        self.close_connection = True
        if not (length.isascii() and length.isdecimal()):
            raise NotCosigned(LENGTH_REQUIRED, "the request does not say how long it is")
        if len(length) > len(str(MAX_REQUEST_BYTES)) or int(length) > MAX_REQUEST_BYTES:
            raise NotCosigned(TOO_LARGE, f"a request has at most {MAX_REQUEST_BYTES} bytes")
        data = self.rfile.read(int(length))
        if len(data) != int(length):
            raise NotCosigned(BAD_REQUEST, "the request breaks off")
        self.close_connection = self.headers.get("Connection", "").lower() == "close"
        if self.path != PATH:
            raise NotCosigned(NOT_FOUND, f"there is only {PATH} here")
        return data

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing: `told` has it."""

"""The HTTP side of a witness: C2SP tlog-witness, one route.

    POST /add-checkpoint    200 and the cosignature line, or a status that says why not

What a log is told besides the status is one sentence in English: a program reads it.
"""

import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

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

IDLE_S = 60
"""How long a log may keep a connection open without asking."""
MAX_CONNECTIONS = 64
"""Connections at once: a witness has few logs, and each asks over one."""

TOO_LARGE, LENGTH_REQUIRED, OK = 413, 411, 200
_TEXT = "text/plain; charset=utf-8"

Told = Callable[[Checkpoint | NotCosigned], None]
"""Told what was cosigned, or why something was not."""


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness; each connection has a thread of its own."""

    daemon_threads = True
    request_queue_size = MAX_CONNECTIONS  # the library's five would make a sixth wait seconds

    def __init__(self, host: str, port: int, witness: Witness, told: Told) -> None:
        """Listen at `host` and `port` (0 for any that is free).

        Raises:
            OSError: nobody can listen there.

        """
        super().__init__((host, port), _Handler)
        self._room = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self.witness = witness
        self.told = told

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection its thread; hang up where there are too many."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection, then make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a log that hung up; tell of everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """The address to give to logs."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"  # a log asks every few minutes, over one connection
    timeout = IDLE_S
    wbufsize = -1  # head and body leave together: apart, the second would wait for the first's ACK
    server_version = "sunledger"
    sys_version = ""

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

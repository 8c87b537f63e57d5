"""A server in a process of its own, as its operator runs it.

with ServingProcess(folder, "--role", "reader") as server:
    status, body = server.ask("/v1/contracts")
    answer = server.say(b"GET / HTTP/1.1…")         # bytes as they are
    server.process.send_signal(signal.SIGTERM)
"""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

PROGRAM = "from api.cli.main import main; main()"
CHECKOUT = Path(__file__).resolve().parents[1]
READY_S = 90
"""How long a server may take to open, on a machine that is busy with other tests."""


class ServingProcess:
    """`sunledger serve` in a folder, at a port of its own."""

    def __init__(
        self,
        folder: Path,
        *options: object,
        program: str = PROGRAM,
        command: str = "serve",
        **environment: str,
    ) -> None:
        """Say how it is run; `start` starts it."""
        self.folder = folder
        self.url = ""
        self.process: subprocess.Popen[bytes]
        self._options = [str(each) for each in options]
        self._command = [sys.executable, "-c", program, command]
        self._environment = {
            **os.environ,
            "PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'tests'}",
            **environment,
        }

    def start(self) -> None:
        """Start it, and wait until it can be asked.

        Raises:
            AssertionError: it ended instead; what it said stands in the error.

        """
        self._out = (self.folder / "out").open("wb")
        self._err = (self.folder / "err").open("wb")
        listen = ("--listen", "127.0.0.1:0", "--json")
        self.process = subprocess.Popen(
            [*self._command, *self._options, *listen],
            cwd=self.folder,
            env=self._environment,
            stdout=self._out,
            stderr=self._err,
        )
        until = time.monotonic() + READY_S
        while not self.url:
            ended = self.process.poll()
            late = time.monotonic() > until
            if ended is not None or late:
                self.stop()
                raise AssertionError(f"it did not begin to serve ({ended}): {self.stderr}")
            time.sleep(0.05)
            with contextlib.suppress(ValueError):
                self.url = json.loads((self.folder / "out").read_text())["url"]

    @property
    def stderr(self) -> str:
        """What it has written to its log so far."""
        return (self.folder / "err").read_text()

    @property
    def log(self) -> list[dict[str, Any]]:
        """The lines of its log so far."""
        lines = self.stderr.splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.startswith("{") and line[-1] == "\n"]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)

    def ask(self, path: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
        """Ask one thing over a connection of its own."""
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def connect(self, timeout_s: float = 30) -> socket.socket:
        """Connect, and say nothing yet."""
        return socket.create_connection(self.address, timeout=timeout_s)

    def say(self, *pieces: bytes, pause_s: float = 0) -> bytes:
        """Send pieces of bytes as they are; return what comes until the server hangs up."""
        with self.connect() as connection:
            with contextlib.suppress(ConnectionError):  # it may hang up before it has heard all
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(pause_s)
            return heard(connection)

    def stop(self) -> int:
        """End it, if it has not ended; return its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self._out.close()
        self._err.close()
        return code

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End it."""
        self.stop()


def heard(connection: socket.socket) -> bytes:
    """Return what comes until the other side hangs up."""
    answer = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(1 << 16):
            answer += piece
    return answer

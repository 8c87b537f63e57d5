"""A witness in a process of its own, as its keeper runs it, and a log to ask it.

with WitnessProcess(folder, log, policy) as witness:
    status, answer = witness.post(request)
    witness.kill()              # SIGKILL; the memory stays
    witness.start()
"""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import orjson

from ledger.keys import WITNESS, create_key_file, key_path, load_key_file
from ledger.note import VerifierKey

PASSWORD = "a password of tests"
PROGRAM = (sys.executable, "-c", "from api.cli.main import main; main()")
CHECKOUT = Path(__file__).resolve().parents[1]


def environment() -> dict[str, str]:
    """Return the variables under which the program runs here."""
    return {**os.environ, "PYTHONPATH": str(CHECKOUT), "SUNLEDGER_KEY_PASSWORD": PASSWORD}


class WitnessProcess:
    """`sunledger witness serve` in a folder, with a key of its own."""

    def __init__(
        self, folder: Path, policy: str, *options: str, name: str = "audit.example/witness"
    ) -> None:
        """Make its key and policy file; `start` starts it."""
        self.folder = folder
        self.url = ""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "policy").write_text(policy)
        self._name = name
        self._options = options
        keys = folder / "keys"
        if not key_path(keys, name).exists():
            seed = name.encode().ljust(32, b".")[:32]
            create_key_file(keys, name, seed, use=WITNESS, holder="h-1", password=PASSWORD)
        self.key: VerifierKey = load_key_file(key_path(keys, name)).verifier
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: http.client.HTTPConnection | None = None

    @property
    def memory(self) -> Path:
        """The folder of what it cosigned last."""
        return self.folder / "witness"

    def command(self) -> Sequence[str]:
        """Return the command that serves."""
        return (
            *(*PROGRAM, "witness", "serve", *self._options),
            *("--listen", "127.0.0.1:0", "--key", self._name, "--policy", "policy", "--json"),
        )

    def start(self) -> Self:
        """Start it, and wait until it listens."""
        with (self.folder / "stderr").open("ab") as stderr:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        told = b""
        output = self._process.stdout
        assert output is not None
        while not told.endswith(b"}\n"):
            line = output.readline()
            assert line, self.said()
            told += line
        document = orjson.loads(told)
        assert document["vkey"] == str(self.key)
        self.url = document["url"]
        return self

    def refusal(self) -> str:
        """Start it where it must not start; return what it says."""
        done = subprocess.run(
            self.command(),
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout) == (1, b"")
        return done.stderr.decode()

    def said(self) -> str:
        """Return what it has said on stderr."""
        return (self.folder / "stderr").read_text()

    def post(self, body: bytes, path: str = "/add-checkpoint") -> tuple[int, bytes, str]:
        """Ask over the one connection; return status, answer and media type."""
        if self._connection is None:
            parts = urlsplit(self.url)
            self._connection = http.client.HTTPConnection(
                parts.hostname or "", parts.port, timeout=30
            )
        self._connection.request("POST", path, body)
        response = self._connection.getresponse()
        return response.status, response.read(), response.headers["Content-Type"]

    def kill(self) -> None:
        """End it without warning."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; return its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(how)
        code = process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
        return code

    def __enter__(self) -> Self:
        """Start it."""
        return self.start()

    def __exit__(self, *_error: object) -> None:
        """End it."""
        self.kill()

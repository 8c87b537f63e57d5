"""The command line under test: run a command in this process, and see how it ended.

    ended = sunledger("show", "fund", "--json")
    assert ended.code == 0 and ended.document["items"]

Also a small ledger to run commands on, made once and copied for each test.
"""

import contextlib
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

from api.cli.main import run
from ledger.keys import load_key_file
from ledger.note import Ed25519Signer, format_note, sign_line
from ledger.statement import encode_statement_file, statement_text
from ledger.store.store import open_store

ORIGIN = "ledger.test.example"
PASSWORD = "a password of tests"
DATABASE = "ledger.db"
URL = f"sqlite:///{DATABASE}"
POLICY = "ledger.db.policy"


class Ended(NamedTuple):
    """How a command ended: its exit code, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document that it printed."""
        return json.loads(self.out)


def sunledger(*arguments: object) -> Ended:
    """Run a command where we are."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([str(argument) for argument in arguments])
    return Ended(code, out.getvalue(), err.getvalue())


def found() -> None:
    """Open the small ledger in the current folder: `city`, `operator` and the reporter `watch`."""
    ended = sunledger(
        *("init", "--origin", ORIGIN, "--title", "A test", "--authority", "city"),
        *("--reporter", "watch"),
    )
    assert ended.code == 0, ended.err


def size() -> int:
    """Return how many statements the ledger in the current folder holds."""
    with open_store(URL) as store:
        return store.head().size


def signer(name: str) -> Ed25519Signer:
    """Return the signer of a key file in the current folder."""
    return load_key_file(Path("keys", f"{name}.pem")).unlock(PASSWORD)


def forge(
    bodies: list[bytes],
    *keys: Ed25519Signer,
    made_at_ms: int,
    origin: str = ORIGIN,
    parties: list[str] | None = None,
    signed_bodies: list[bytes] | None = None,
) -> bytes:
    """Return a statement file as an attacker would write it: nothing is checked.

    `signed_bodies` are those that the root and the count cover, if not `bodies`; `parties` those
    that the text names, if not those of the keys.
    """
    names = parties or [key.verifier.name.partition("/")[0] for key in keys]
    text = statement_text(origin, made_at_ms, names, signed_bodies or bodies)
    lines = sorted((sign_line(text, key) for key in keys), key=lambda line: line.name)
    return encode_statement_file(format_note(text, lines), bodies)

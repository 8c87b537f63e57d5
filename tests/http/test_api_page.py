"""docs/api.md tells what is so: its session is run against a real server."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import needs
import pytest
import shell

from api.rights import Audience

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "docs" / "api.md").read_text()
PROGRAM = "from api.cli.main import main; main()"


@pytest.mark.usefixtures("ledger_folder")
def test_the_session_of_the_page_runs_as_written(tmp_path: Path) -> None:
    """A token is printed, opens the server, and is ended."""
    needs.curl()
    program = tmp_path / "bin" / "sunledger"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{PROGRAM}" "$@"\n')
    program.chmod(0o755)
    key = next(Path("keys/city").glob("*.pem")).stem
    path = f"{program.parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PATH": path, "KEY": f"city/{key}"}
    serving = [str(program), "serve", "--listen", "127.0.0.1:0", "--role", "reader"]
    with subprocess.Popen(serving, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://[0-9.:]+", server.stdout.readline())
            assert found is not None
            (script,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
            done = subprocess.run(
                ["sh", "-e", "-c", script],
                env={**environment, "SERVER": found[0]},
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
        finally:
            server.terminate()
    assert done.returncode == 0, done.stderr
    assert "Signed in to" in done.stderr
    mine = json.loads(done.stdout)
    assert (mine["party"], mine["key"]) == ("city", f"city/{key}")


@pytest.mark.usefixtures("ledger_folder")
def test_a_key_far_from_the_network_signs_what_the_page_shows() -> None:
    """The note is printed to be pasted; what is no host or nonce is not signed."""
    key = next(Path("keys/city").glob("*.pem")).stem
    command = ["session", "--key", f"city/{key}", "--host", "portal.example", "--nonce"]
    ended = shell.sunledger(*command, "0" * 32)
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[:4] == ["sunledger/session/v1", shell.ORIGIN, "portal.example", "0" * 32]
    assert lines[6].startswith(f"— city/{key} ")
    assert shell.sunledger(*command, "x").code == 1
    assert shell.sunledger("session", "--key", f"city/{key}").code == 2
    unreachable = shell.sunledger("session", "--key", f"city/{key}", "--url", "http://127.0.0.1:1")
    assert unreachable.code == 1
    assert "does not answer" in unreachable.err


def test_the_page_tells_of_every_audience() -> None:
    """Whoever may read something has a row."""
    table = PAGE.partition("## Who reads what")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (?!for|---)", table, re.MULTILINE)
    assert len(rows) == len(Audience) + 1  # approvers are no events

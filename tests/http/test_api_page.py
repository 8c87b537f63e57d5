"""docs/api.md tells what is so: its session is run against a real server."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import needs
import pytest
import shell

from api.http.webhooks.posting import sign
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


def test_a_receiver_verifies_a_webhook_by_the_lines_of_the_page(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was signed is genuine; another body, secret or time is not; nothing comes twice."""
    (lines,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    given: dict[str, Any] = {}
    exec(lines, given)
    body, now = b'{"items":[]}', int(time.time())
    signature = sign("secret", now, body)
    genuine = given["is_genuine"]
    assert genuine("secret", signature, body)
    assert not genuine("secret", signature, body + b" ")
    assert not genuine("other", signature, body)
    assert not genuine("secret", sign("secret", now - 301, body), body)
    for forged in ("", "t=1", "v1=é", "t=x,v1="):
        assert not genuine("secret", forged, body)
    items = [{"position": each, "type": "payment.settled"} for each in (3, 4, 5)]
    assert given["take"]({"items": items, "reached": 6}, 4) == 6
    assert given["take"]({"items": items, "reached": 6}, 8) == 8
    assert capsys.readouterr().out == "4 payment.settled\n5 payment.settled\n"


def test_the_page_tells_of_every_audience() -> None:
    """Whoever may read something has a row."""
    table = PAGE.partition("## Who reads what")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (?!for|---)", table, re.MULTILINE)
    assert len(rows) == len(Audience) + 2  # approvers and order files are no events

"""The README's session is run as it stands, and says what it says it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text()
ELIDED = "…"
PROGRAM = "from api.cli.main import main; main()"


def test_the_readmes_session_runs_as_written(tmp_path: Path) -> None:
    """Each command of the console block prints the lines under it; `…` stands for any lines."""
    (session,) = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    steps = re.split(r"^\$ sunledger ", session, flags=re.MULTILINE)[1:]
    assert len(steps) > 2
    for step in steps:
        command, *expected = step.rstrip("\n").split("\n")
        printed = _sunledger(command.split(), tmp_path)
        pattern = "\n".join(r"[\s\S]*?" if line == ELIDED else re.escape(line) for line in expected)
        assert re.fullmatch(pattern, printed), f"$ sunledger {command}\n{printed}"


def test_the_readmes_own_ledger_opens_as_written(tmp_path: Path) -> None:
    """The script under "A ledger of your own" runs to its end, step by step."""
    (script,) = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    program = tmp_path / "bin" / "sunledger"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{PROGRAM}" "$@"\n')
    program.chmod(0o755)
    environment = _environment(tmp_path)
    environment["PATH"] = f"{program.parent}:{environment['PATH']}"
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "10,000.00" in done.stdout
    assert done.stdout.endswith(": OK\n")


def test_every_page_the_readme_names_exists() -> None:
    """No link of the README is dead."""
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (CHECKOUT / target).exists(), target


def _sunledger(arguments: list[str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.rstrip("\n").split("\n"))


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        "COLUMNS": "118",
        "SUNLEDGER_LANG": "en",
        "XDG_STATE_HOME": str(folder / "state"),
    }

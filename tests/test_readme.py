"""The README's session is run as it stands, and says what it says it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text()
ELIDED = "…"


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


def test_every_page_the_readme_names_exists() -> None:
    """No link of the README is dead."""
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (CHECKOUT / target).exists(), target


def _sunledger(arguments: list[str], folder: Path) -> str:
    program = "from api.cli.main import main; main()"
    environment = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        "COLUMNS": "118",
        "SUNLEDGER_LANG": "en",
        "XDG_STATE_HOME": str(folder / "state"),
    }
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.rstrip("\n").split("\n"))

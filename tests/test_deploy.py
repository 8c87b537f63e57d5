"""What is beside the program: the unit, the image, and the pages for whoever runs a server."""

import re
import shlex
from pathlib import Path

from api.http.edge.security import OVER_TLS, STRICT
from api.http.edge.serving import GRACE_SECONDS

ROOT = Path(__file__).resolve().parents[1]
MEASURES = ROOT / "api" / "http" / "edge" / "measures.py"


def _text(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def test_every_measure_is_explained_to_whoever_watches_it() -> None:
    """docs/operation.md says of each what it means and when it is an alarm."""
    names = set(re.findall(r'"(sunledger_\w+)"', MEASURES.read_text(encoding="utf-8")))
    told = _text("docs", "operation.md")
    assert len(names) > 8
    assert {name for name in names if f"`{name}" not in told} == set()


def test_every_line_of_the_log_is_explained() -> None:
    """Each event that the server logs stands in docs/operation.md, or is a sentence to itself."""
    told = _text("docs", "operation.md")
    for event in ("serving", "stopping", "stopped", "a request failed", "a connection was refused"):
        assert f"`{event}`" in told


def test_every_header_is_explained() -> None:
    """docs/security.md says what each header is for, and quotes the policy as it is sent."""
    told = _text("docs", "security.md")
    for name in (*STRICT, *OVER_TLS):
        assert f"`{name}" in told
    assert f"`Content-Security-Policy: {STRICT['Content-Security-Policy']}`" in told


def test_every_place_that_a_page_of_operation_names_is_there() -> None:
    """Links and paths of both pages lead to files of this repository."""
    for page in ("operation.md", "security.md"):
        text = _text("docs", page)
        for link in re.findall(r"\]\(([^)#]+)\)", text):
            assert (ROOT / "docs" / link).exists(), link
        for path in re.findall(r"`((?:api|ledger|projections|deploy|tests)/[\w/.]+)`", text):
            assert (ROOT / path).exists(), path


def test_the_image_is_built_of_what_is_here_and_runs_without_rights() -> None:
    """Every file that is copied exists; the last user is not root; it stops as `serve` wants it."""
    lines = _text("deploy", "Containerfile").replace("\\\n", " ").splitlines()
    copied = [shlex.split(line)[1:-1] for line in lines if line.startswith("COPY ")]
    for source in (each for group in copied for each in group if not each.startswith("--")):
        assert source.startswith("/opt/") or (ROOT / source).exists(), source
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["sunledger"]
    assert "STOPSIGNAL SIGTERM" in lines


def test_the_unit_gives_the_server_time_to_stop_and_nothing_else_of_the_machine() -> None:
    """Longer than the grace of `serve`; a user of its own; a system that it cannot write to."""
    unit = dict(re.findall(r"^(\w+)=(.*)$", _text("deploy", "sunledger.service"), re.MULTILINE))
    assert int(unit["TimeoutStopSec"]) > 2 * GRACE_SECONDS
    assert unit["User"] == "sunledger"
    assert unit["ProtectSystem"] == "strict"
    assert unit["NoNewPrivileges"] == "yes"
    assert unit["ExecStart"].endswith("/sunledger serve")

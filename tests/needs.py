"""What the checks need from outside this repository, listed once.

Everything else comes from the locks. A test asks for a need where it uses it:

    path = needs.data("tlog/cctv/ed25519/ed25519vectors.json")
    subprocess.run([needs.go(), "run", program], check=True)

Where a need is missing the test is skipped and says why, so that a bare checkout still tests
what it can. Under `SUNLEDGER_CI=1` (set by `.ci/run`) a missing need fails the test: there
everything is present, and a skip would hide a check that no longer runs. No other module of the
tests may skip.

`python tests/needs.py` prints the list; with `--install` it installs the Debian packages that
are missing (as root). It runs on a bare Python, before any virtual environment exists.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

_ROOT = Path(__file__).resolve().parents[1]
_BESIDE_CHECKOUT = _ROOT.parent / "shared"
_GO_SOURCES = Path("/usr/share/gocode")  # where Debian's golang-*-dev packages put sources
_CI = "SUNLEDGER_CI"
_DATA = "SUNLEDGER_SHARED_DATA"


def data(relative: str = "") -> Path:
    """Return the path of public test data, such as `tlog/cctv`; skip the test if it is absent.

    The folder is `$SUNLEDGER_SHARED_DATA`, else `../shared/data` beside the checkout.
    """
    return _beside(Path(os.environ.get(_DATA) or _BESIDE_CHECKOUT / "data"), relative)


def design(relative: str = "") -> Path:
    """Return the path of a design page or example, such as `example/checkpoint`; skip if absent.

    The folder stands beside the one of `data`.
    """
    return _beside(data().parent / "design", relative)


def go() -> Path:
    """Return the `go` binary of a machine that also has the sources of `golang.org/x/mod`."""
    return _require("go")


def go_sources() -> Path:
    """Return the GOPATH in which Debian's Go libraries lie, `golang.org/x/mod/sumdb` included."""
    _require("go")
    return _GO_SOURCES


def curl() -> Path:
    """Return the `curl` command."""
    return _require("curl")


def openssl() -> Path:
    """Return the `openssl` command (3.0 or newer: it must verify Ed25519 over raw input)."""
    return _require("openssl")


def node() -> Path:
    """Return the `node` command (20 or newer: it must know Ed25519 by WebCrypto)."""
    return _require("node")


def chromium() -> Path:
    """Return the browser that shows our pages as people see them."""
    return _require("chromium")


def java() -> Path:
    """Return the `java` command (17 or newer), in which Spark runs."""
    return _require("java")


def checkers() -> Path:
    """Return the Python that has the checkers of `requirements-checkers.lock`."""
    python = _ROOT / ".venv-checkers/bin/python"
    if not python.exists():
        _missing(f"{python} is missing: run make .venv-checkers/installed")
    return python


class Need(NamedTuple):
    """One thing from outside: how it is found, and the Debian packages that bring it."""

    why: str
    packages: tuple[str, ...]
    find: Callable[[], Path | None]


def _find_go() -> Path | None:
    binary = shutil.which("go")
    library = _GO_SOURCES / "src/golang.org/x/mod/sumdb/tlog/tlog.go"
    return Path(binary) if binary and library.is_file() else None


def _program(name: str) -> Callable[[], Path | None]:
    """Return what finds a program by its name."""

    def find() -> Path | None:
        binary = shutil.which(name)
        return Path(binary) if binary else None

    return find


NEEDS = {
    "curl": Need("docs/api.md asks a server with it", ("curl",), _program("curl")),
    "chromium": Need("pages are shown in a real browser", ("chromium",), _program("chromium")),
    "go": Need(
        "Go's sumdb/note and sumdb/tlog judge our archives",
        ("golang-go", "golang-golang-x-mod-dev"),
        _find_go,
    ),
    "openssl": Need(
        "docs/check-event-proof.sh verifies an event proof with it",
        ("openssl",),
        _program("openssl"),
    ),
    "java": Need("Spark runs in it", ("openjdk-17-jre-headless",), _program("java")),
    "node": Need("it runs the modules that browsers load", ("nodejs",), _program("node")),
}


def _require(name: str) -> Path:
    need = NEEDS[name]
    found = need.find()
    if found is None:
        _missing(f"{name} is missing ({need.why}): apt-get install {' '.join(need.packages)}")
    return found


def _beside(folder: Path, relative: str) -> Path:
    path = folder / relative
    if not path.exists():
        _missing(f"{path} is missing: set {_DATA} to the folder of public test data")
    return path


def _missing(reason: str) -> NoReturn:
    import pytest  # noqa: PLC0415  # --install runs on a Python that has no pytest yet

    if os.environ.get(_CI) == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _install() -> int:
    """Install the Debian packages of every missing need; return the exit code of the program."""
    packages = [name for need in NEEDS.values() if not need.find() for name in need.packages]
    if not packages:
        return 0
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        sys.stderr.write(f"needs.py: as root, run: apt-get install {' '.join(packages)}\n")
        return 1
    quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run([apt, "-qq", *command], env=quietly, check=False)
        if done.returncode:
            sys.stderr.write(f"needs.py: apt-get {' '.join(command)} failed\n")
            return 1
    return 0


def _list() -> int:
    for name, need in NEEDS.items():
        sys.stdout.write(f"{name}: {need.find() or 'missing'} ({need.why})\n")
    return 0


if __name__ == "__main__":
    sys.exit(_install() if sys.argv[1:] == ["--install"] else _list())

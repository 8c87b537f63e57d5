"""Programs in Go, compiled against Debian's copy of golang.org/x/mod, without network."""

import os
import subprocess
from pathlib import Path

import needs


def compiled(source: Path, folder: Path) -> Path:
    """Return the program that `source` gives, built in `folder`."""
    binary = folder / source.stem
    environ = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(needs.go_sources()),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
        "GOPROXY": "off",
    }
    subprocess.run([needs.go(), "build", "-o", binary, source], env=environ, check=True)
    return binary

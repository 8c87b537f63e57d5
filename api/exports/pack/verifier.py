"""The programs that go with a pack: nothing of ours has to be installed to use them.

`verify.pyz` is our verifier of archives as one file: the modules of `ledger` that it needs, to be
run by Python 3.11 or newer that has the libraries it names (`python verify.pyz archive POLICY`).
`check-event-proof.sh` needs a shell and OpenSSL only; `check_pack.py` Python's own library only.
"""

import io
import zipfile
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

_LEFT_OUT = ("bank", "intake", "simulate", "store", "witness")
"""Parts of `ledger` that no verification of an archive needs."""
_THEN = (1980, 1, 1, 0, 0, 0)
"""The date of everything in the file: the same sources give the same bytes."""
_MAIN = b"from ledger.verifier import main\n\nmain()\n"
_SCRIPTS = ("check-event-proof.sh", "check_pack.py")


def programs() -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each program."""
    folder = resources.files("api.exports") / "programs"
    for name in _SCRIPTS:
        yield name, (folder / name).read_bytes()
    yield "verify.pyz", verifier()


def verifier() -> bytes:
    """Return the verifier of archives as a file that Python runs."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo("__main__.py", _THEN), _MAIN)
        for name, source in _modules(resources.files("ledger"), "ledger"):
            info = zipfile.ZipInfo(name, _THEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(info, source)
    return data.getvalue()


def _modules(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir() and each.name not in _LEFT_OUT:
            yield from _modules(each, f"{name}/{each.name}")
        elif each.name.endswith(".py"):
            yield f"{name}/{each.name}", each.read_bytes()

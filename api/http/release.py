"""Which release answers: a hash over the sources, so that an ETag ends with what made it."""

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable


def _files(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            found += _files(each) if each.name != "__pycache__" else []
        elif not each.name.endswith((".pyc", ".so")):
            found.append(each)
    return found


def _hash_of_sources() -> str:
    digest = hashlib.sha256()
    for package in ("api", "projections"):
        for file in _files(resources.files(package)):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:8]


RELEASE = _hash_of_sources()
"""Eight digits that change with every change of what answers and pages are made of."""

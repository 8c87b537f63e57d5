"""What the official OCDS checker says of packages; it runs as a process of its own."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import needs

ROOT = Path(__file__).resolve().parents[1]
STANDARD = "ocds-schema/1__1__5-gitarchive.zip"
EXTENSIONS = "ocds-schema/extensions"
OWN_EXTENSION = ROOT / "projections/ocds/extension"

_VERSIONED = "/records/versionedRelease"


class Verdict(NamedTuple):
    """What the checker found in a package, emptied of what it cannot know.

    Attributes:
        errors: whatever makes it invalid: schema, closed codelists, ocids, references, deprecated
            fields.
        additional: paths of fields that neither OCDS nor a declared extension has.
        unread: declared extensions that could not be had.

    """

    errors: dict[str, Any]
    additional: list[str]
    unread: dict[str, str]


def judge(packages: Iterable[Path]) -> list[Verdict]:
    """Return what the checker finds in each package."""
    program = [needs.checkers(), ROOT / "tests/ocds_checker.py", needs.data(STANDARD)]
    folders = [needs.data(EXTENSIONS), OWN_EXTENSION]
    done = subprocess.run(
        [*program, *folders, *packages], capture_output=True, text=True, check=True
    )
    return [_verdict(json.loads(line)) for line in done.stdout.splitlines()]


def _verdict(found: dict[str, Any]) -> Verdict:
    additional = [f"{each['path']}/{each['field_name']}" for each in found.pop("additional_fields")]
    # The checker extends the schema of releases and of compiled releases, and not that of
    # versioned ones: there every field of an extension is one too many. Theirs are the fields of
    # the compiled release beside them, which it does judge.
    own = [path for path in additional if not path.startswith(_VERSIONED)]
    unread = dict(found.pop("invalid_extensions"))
    return Verdict({name: value for name, value in found.items() if value}, own, unread)

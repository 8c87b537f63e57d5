"""The verifier of archives as a program of its own: `python verify.pyz ARCHIVE [POLICY]`.

It is this package in one file, for who was handed an archive and has nothing of ours installed.
What is checked is told in `ledger.replay.verifying`; the exit code is that of `sunledger verify`.
Python's own library is not enough for signatures: msgspec, orjson, cryptography and PyNaCl are
needed (`pip install msgspec orjson cryptography pynacl`).
"""

import sys
from pathlib import Path
from typing import NoReturn

from ledger.errors import LedgerError
from ledger.policy import Policy
from ledger.replay.report import EXIT_WRONG
from ledger.replay.sources import ArchiveSource
from ledger.replay.verifying import verify

_MISUSE = 2


def main() -> NoReturn:
    """Verify the archive that the arguments name, and end as `sunledger verify` does."""
    arguments = sys.argv[1:]
    if len(arguments) not in {1, 2}:
        sys.stderr.write("python verify.pyz ARCHIVE [POLICY]\n")
        sys.exit(_MISUSE)
    try:
        policy = Policy.parse(Path(arguments[1]).read_text("utf-8")) if arguments[1:] else None
        report = verify(ArchiveSource(Path(arguments[0])), policy)
    except (LedgerError, OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EXIT_WRONG)
    sys.stdout.write(f"{report}\n")
    sys.exit(report.exit_code)

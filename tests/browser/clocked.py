"""The program by a clock that is so much behind the machine's; not a test.

A city's history ends in its own year. Behind this clock it goes on from there, so that nothing
whose time the law limits has run out.
"""

import os
import time

from api.cli.main import main as run
from ledger.clock import SystemClock

BEHIND_MS = "SUNLEDGER_TEST_BEHIND_MS"
"""The environment variable that says by how much, milliseconds."""


def main() -> None:
    """Run it."""
    behind_ms = int(os.environ.pop(BEHIND_MS))

    def now_ms(_clock: SystemClock) -> int:
        return time.time_ns() // 1_000_000 - behind_ms

    SystemClock.now_ms = now_ms  # type: ignore[assignment,method-assign]
    run()

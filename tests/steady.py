"""The program at the time of the bench's ledger, whose statements are of 2025; not a test."""

import random

from api.cli.main import main as run
from bench.workload import READY_MS
from ledger.clock import SystemClock

LEDGER_SEED = random.Random(7).randbytes(32)
"""Of `Workload().ledger_key`."""


def main() -> None:
    """Run it."""
    SystemClock.now_ms = _ready  # type: ignore[method-assign]
    run()


def _ready(self: SystemClock) -> int:  # noqa: ARG001 (a clock's method)
    return READY_MS

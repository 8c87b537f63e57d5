"""The clock that admission asks: an argument, so that a simulation can give it another one."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time of admission."""

    def now_ms(self) -> int:
        """Return the time, milliseconds since the epoch."""


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Return the time, milliseconds since the epoch."""
        return time.time_ns() // 1_000_000

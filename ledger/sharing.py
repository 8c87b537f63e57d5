"""A group of statements, opened here and by a helper meanwhile.

The writer opens the first of a group and judges them while a helper process opens the rest, so
on two cores a group costs little more than its judging. A helper is started when a crowd first
comes, or when one is expected; until it has started, and where none can be had, all is opened here.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from ledger.errors import LedgerError
from ledger.helpers import Found, Helper, Unopened
from ledger.parties import Key

WORTH_SHARING = 4
"""Statements of a group from which on asking the helper costs less than it saves."""
OWN_SHARE = (3, 8)
"""Of eight statements three are opened here: with their judging about what five cost the helper."""


class Helped:
    """Hands the greater part of a group to a helper, and takes back what it found."""

    def __init__(self) -> None:
        """Begin without a helper."""
        self._running = ExitStack()
        self._helper: Helper | None = None
        self._alone = (os.cpu_count() or 1) == 1
        self._asked = 0

    def start(self) -> None:
        """Start the helper now, where one can be had."""
        if self._alone or self._helper is not None:
            return
        try:
            self._helper = Helper(self._running)
        except OSError:
            self._alone = True

    def ask(self, statements: Sequence[Unopened], enrolled: Mapping[str, Key]) -> int:
        """Let the helper open the last of `statements`; return how many the caller must open.

        `take` must be called before the next `ask`.
        """
        count = len(statements)
        self._asked = 0
        if self._alone or count < WORTH_SHARING:
            return count
        self.start()
        if self._helper is None or not self._helper.is_ready():
            return count
        own = count * OWN_SHARE[0] // OWN_SHARE[1]
        self._helper.ask(statements[own:], enrolled)
        self._asked = count - own
        return own

    def take(self) -> list[Found | None]:
        """Wait for what the helper found, None for each statement that it left to the caller."""
        asked, self._asked = self._asked, 0
        if self._helper is None or not asked:
            return []
        try:
            return self._helper.answer()
        except LedgerError:
            self._alone = True  # it was killed; everything goes on without one
            return [None] * asked

    def close(self) -> None:
        """Let the helper end."""
        self._running.close()

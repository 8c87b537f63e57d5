"""Labelled truth: what was planted in a simulated city, beside the ledger and never in it.

One JSON object a line, written as it happens, so that nobody holds a year of them in memory:

    {"label":"overlap","event":"0194…","contract":"c-2025-01"}

`event` is the id of the event in which the case shows; the other fields tell what it is about.
"""

from collections import Counter
from collections.abc import Callable

from ledger.canonical import encode

Write = Callable[[bytes], object]
"""Takes the next lines of the truth."""


class Truth:
    """Writes labels.

    Attributes:
        counts: how many of each label were written.

    """

    def __init__(self, write: Write) -> None:
        """Write to whatever takes bytes."""
        self.counts: Counter[str] = Counter()
        self._write = write

    def label(self, label: str, event: str, **facts: str | int) -> None:
        """Note that an event is a case of `label`, with what else is known of it."""
        self.counts[label] += 1
        self._write(encode({"label": label, "event": event, **facts}) + b"\n")

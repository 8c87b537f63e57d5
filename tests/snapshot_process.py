"""A process that keeps snapshots for the durability tests until it is killed; not a test.

    python snapshot_process.py URL

Says `ready` on standard output, then stores one snapshot after the other: the note is the number
of the snapshot, its data that number over and over.
"""

import itertools
import os
import sys

from ledger.store.rows import SnapshotRow
from ledger.store.store import open_store

REPEATS = 1_000_000


def row_of(number: int) -> SnapshotRow:
    """Return snapshot `number`: some MB, too much for one page or one write."""
    note = b"%03d" % number
    return SnapshotRow(note, note * REPEATS)


def main(url: str) -> None:
    """Store snapshots for ever."""
    with open_store(url) as store:
        for number in itertools.count(1):
            store.put_snapshot(row_of(number))
            if number == 1:
                os.write(sys.stdout.fileno(), b"ready\n")


if __name__ == "__main__":
    main(sys.argv[1])

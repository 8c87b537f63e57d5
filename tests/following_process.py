"""A following process for the tests of the read side; not a test.

    python -m tests.following_process URL

Follows the ledger at URL in batches of one statement, says `begun` on standard output, and rebuilds
for ever when it has caught up, so that it can be killed at any moment of either. A process that is
forked (`forked.fork(follow, url, read_url, batch_events)`) follows in larger batches, into read
models elsewhere.
"""

import sys
from multiprocessing.connection import Connection

from ledger.store.store import open_store
from projections.catalogue import MODELS
from projections.engine import Projections


def main(url: str) -> None:
    """Follow, then rebuild until killed."""
    with open_store(url) as store, Projections(store, MODELS, batch_events=1) as projections:
        projections.follow("payments")
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        projections.follow()
        while True:
            projections.rebuild()


def follow(told: Connection, url: str, read_url: str, batch_events: int) -> None:
    """Do so in a forked process, and tell each stage: `begun`, `rebuilding`, `filling` rows."""
    with (
        open_store(url) as store,
        Projections(store, MODELS, read_url, batch_events=batch_events) as projections,
    ):
        told.send("begun")
        projections.follow()
        while True:
            told.send("rebuilding")
            projections.rebuild(progress=lambda *_: told.send("filling"))


if __name__ == "__main__":
    main(*sys.argv[1:])

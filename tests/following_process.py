"""A following process for the tests of the read side; not a test.

    python -m tests.following_process URL [READ_URL BATCH_EVENTS]

Follows the ledger at URL in batches of one statement, or of about BATCH_EVENTS events into the
read models at READ_URL, says `begun` on standard output, and rebuilds for ever when it has caught
up, so that it can be killed at any moment of either.
"""

import sys

from ledger.store.store import open_store
from projections.catalogue import MODELS
from projections.engine import Projections


def main(url: str, read_url: str | None = None, batch_events: str = "1") -> None:
    """Follow, then rebuild until killed."""
    with (
        open_store(url) as store,
        Projections(store, MODELS, read_url, batch_events=int(batch_events)) as projections,
    ):
        if read_url is None:
            projections.follow("payments")
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        projections.follow()
        while True:
            projections.rebuild()


if __name__ == "__main__":
    main(*sys.argv[1:])

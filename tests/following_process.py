"""A following process for the tests of the read side; not a test.

    python -m tests.following_process URL

Follows the ledger at URL in batches of one statement, says `begun` on standard output, and
rebuilds for ever when it has caught up, so that it can be killed at any moment of either.
"""

import sys

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


if __name__ == "__main__":
    main(sys.argv[1])

"""A process that writes an archive and kills itself on the way; not a test.

    python archiving_process.py URL FOLDER SIZE STEPS

Exports up to the checkpoint of SIZE. At the STEPS-th file or folder that is opened, made, renamed
or removed in the archive it ends by SIGKILL, before that is done; it prints how many there were
if it comes to its end.
"""

import os
import signal
import sys
from pathlib import Path

from ledger.replay.exporting import export_archive
from ledger.store.store import open_store

STEPS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir")


def main() -> None:
    """Write the archive."""
    url, folder, size, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    steps = 0

    def watch(name: str, args: tuple[object, ...]) -> None:
        nonlocal steps
        if name in STEPS and str(args[0]).startswith(folder):
            steps += 1
            if steps == last:
                os.kill(os.getpid(), signal.SIGKILL)

    with open_store(url) as store:
        sys.addaudithook(watch)
        export_archive(store, Path(folder), at=size)
    sys.stdout.write(str(steps))


if __name__ == "__main__":
    main()

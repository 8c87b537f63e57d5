"""A writing process for the durability tests; not a test.

    python writing_process.py URL STATEMENTS ACKNOWLEDGED SHARE OF

Opens the ledger, says `ready` on standard output, waits for a line, and lets 8 clients submit the
statements of the file (each preceded by its length), of which this process takes every OFth from
SHARE on. Each receipt is written to ACKNOWLEDGED in one unbuffered write, as
`<statement id> <index>`. A forked process (`forked.fork(write, url, statements, acknowledged)`)
takes all.
"""

import os
import struct
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from bench.workload import SteadyClock, Workload
from ledger.app import Ledger, open_ledger

CLIENTS = 8


def pack(statements: list[bytes]) -> bytes:
    """Return statements as one file."""
    return b"".join([struct.pack(">I", len(each)) + each for each in statements])


def unpack(data: bytes) -> list[bytes]:
    """Return the statements of a file."""
    statements, start = [], 0
    while start < len(data):
        (length,) = struct.unpack_from(">I", data, start)
        statements.append(data[start + 4 : start + 4 + length])
        start += 4 + length
    return statements


def _client(ledger: Ledger, statements: list[bytes], acknowledged: int) -> None:
    for data in statements:
        receipt = ledger.submit(data)
        os.write(acknowledged, f"{receipt.statement_id.hex()} {receipt.index}\n".encode())


def main(url: str, statements: str, acknowledged: str, share: str, of: str) -> None:
    """Submit this process's share of the statements."""
    mine = unpack(Path(statements).read_bytes())[int(share) :: int(of)]

    def ready() -> None:
        os.write(sys.stdout.fileno(), b"ready\n")
        sys.stdin.readline()

    _submit(url, mine, Path(acknowledged), ready)


def write(told: Connection, url: str, statements: list[bytes], acknowledged: Path) -> None:
    """Submit statements in a forked process."""

    def ready() -> None:
        told.send("ready")
        told.recv()

    _submit(url, statements, acknowledged, ready)


def _submit(url: str, mine: list[bytes], acknowledged: Path, ready: Callable[[], None]) -> None:
    target = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with open_ledger(url, Workload().ledger_key, SteadyClock()) as ledger:
        ready()
        threads = [
            threading.Thread(target=_client, args=(ledger, mine[n::CLIENTS], target))
            for n in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    os.close(target)


if __name__ == "__main__":
    main(*sys.argv[1:])

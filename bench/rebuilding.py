"""`python -m bench rebuild --ledger PATH`: rebuilding every read model of a given ledger.

The ledger is an SQLite file, which is only read; the read models are made in a database of their
own, on SQLite and on PostgreSQL. Told are seconds and events a second of each read model, of all
one after the other, and of all as `sunledger rebuild` does it, shared out to a process for each
processor; and the most memory a process had: the same for a year as for a month, or it would not
be flat. Then what answers take (`bench.answers`).
"""

import os
import resource
import time
from pathlib import Path

from bench import answers
from bench.databases import Databases, postgres_server, sqlite_files
from ledger.store.store import Store, open_store
from projections.catalogue import open_projections
from projections.rebuilding import rebuild_at_once

_KIB_A_MIB = 1024


def main(ledger: str, kinds: list[str]) -> None:
    """Rebuild the read models of the ledger in the file `ledger` on each kind of database."""
    with open_store(f"sqlite:///{Path(ledger).absolute()}") as store:
        for kind, server in (("sqlite", sqlite_files), ("postgres", postgres_server)):
            if kind in kinds:
                with server() as databases:
                    _rebuild_all(store, databases)


def _rebuild_all(store: Store, databases: Databases) -> None:
    events = store.head().positions
    print(f"{databases.kind}: rebuilding every read model of {events:,} events")
    url = databases.new()
    total = 0.0
    with open_projections(store, url) as projections:
        for name in projections.models:
            start = time.perf_counter()
            projections.rebuild(name)
            seconds = time.perf_counter() - start
            total += seconds
            _say(name, seconds, events)
    _say("all", total, events)
    start = time.perf_counter()
    rebuild_at_once(store.url, url, (), os.cpu_count() or 1, lambda _name: None)
    _say("all at once", time.perf_counter() - start, events)
    with open_projections(store, url) as projections:
        answers.main(projections)
    databases.drop(url)


def _say(name: str, seconds: float, events: int) -> None:
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak_mib = max(resource.getrusage(who).ru_maxrss for who in whose) // _KIB_A_MIB
    rate = events / seconds
    print(f"  {name:<12} {seconds:8.1f} s {rate:12,.0f} events/s   peak {peak_mib} MiB", flush=True)

"""The scope `purchase`: each lot of this ledger, and each process that others published."""

from collections.abc import Iterator, Sequence

from projections.flags.lots import SOURCES, changed_tenders, read_lots
from projections.flags.processes import changed_processes, read_processes
from projections.flags.procurement import Purchase
from projections.flags.rule import Facts, Scope
from projections.processes import PROCESSES

_LOT = "/"
"""What stands in the key of a lot and in none of a process: between tender and lot."""


def _changed(facts: Facts, since: int) -> list[str]:
    tenders = changed_tenders(facts, since)
    lots = [lot.key for lot in read_lots(facts, tenders)] if tenders else []
    return lots + changed_processes(facts, since)


def _groups(facts: Facts, keys: Sequence[str] | None) -> Iterator[Purchase]:
    tenders = None if keys is None else {k.partition(_LOT)[0] for k in keys if _LOT in k}
    wanted = None if keys is None else set(keys)
    for lot in read_lots(facts, tenders):
        if wanted is None or lot.key in wanted:
            yield lot.purchase()
    processes = None if keys is None else [key for key in keys if _LOT not in key]
    for process in read_processes(facts, processes):
        yield process.purchase()


PURCHASES = Scope("purchase", (*SOURCES, PROCESSES), _changed, _groups)

"""`python -m bench journal --ledger FILE`: the journal in each of its forms, and an audit pack.

Each form is made in a process of its own, whose highest memory is told: of the ledger's journal as
it is, and of the same rows so often over that they are a nation's, which must take no more memory.
The pack is written and checked likewise.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

from api.exports.forms import FormName, journal_file
from api.exports.pack.checking import check_pack
from api.exports.pack.writing import write_pack
from bench.measure import peak_mib
from ledger.store.histories import opening_of
from ledger.store.store import open_store
from projections.catalogue import open_projections
from projections.journal import JournalRow, journal

TIMES = 20
"""How often the rows go over for the long journal."""


def main(ledger: str, runs: int) -> None:
    """Measure on the ledger in an SQLite file, which is only read."""
    print(f"\nThe journal of {ledger}  (median of {runs} runs)")
    for times in (1, TIMES):
        for form in get_args(FormName):
            if times > 1 and form == "xlsx":
                continue  # minutes, and nothing else to see
            told = sorted(
                (_in_a_process("form", ledger, form, str(times)) for _ in range(runs)),
                key=lambda each: float(each["seconds"]),
            )[runs // 2]
            rate = told["rows"] / told["seconds"]
            print(
                f"  {form:<12}{told['rows']:>12,} rows{told['seconds']:>9.2f} s"
                f"{rate:>12,.0f} rows a second{told['bytes']:>15,} bytes{told['megabytes']:>7} MB"
            )
    with tempfile.TemporaryDirectory(prefix="sunledger-bench-") as folder:
        models = f"{folder}/models.db"
        for what, work, pack in (
            ("written, with its read models", "write", f"{folder}/one"),
            ("written", "write", f"{folder}/two"),
            ("checked", "check", f"{folder}/two"),
        ):
            told = _in_a_process(work, ledger, pack, models)
            print(f"  pack, {what:<32}{told['seconds']:>9.1f} s{told['megabytes']:>7} MB")


def _in_a_process(*arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.journal", *arguments]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=-1).stdout)
    return found


def _form(ledger: str, form: FormName, times: str) -> dict[str, int]:
    size = rows = 0

    def repeated() -> Iterator[JournalRow]:
        nonlocal rows
        for _ in range(int(times)):
            for row in journal(store):
                rows += 1
                yield row

    with open_store(f"sqlite:///{ledger}") as store, tempfile.TemporaryFile() as file:
        for part in journal_file(form, repeated(), opening_of(store)):
            size += file.write(part)
    return {"rows": rows, "bytes": size}


def _write(ledger: str, folder: str, models: str) -> dict[str, int]:
    url = f"sqlite:///{models}"
    with open_store(f"sqlite:///{ledger}") as store, open_projections(store, url) as projections:
        return {"rows": write_pack(projections, Path(folder), None).journal.rows}


def _check(_ledger: str, folder: str, _models: str) -> dict[str, int]:
    return {"rows": check_pack(Path(folder), None).manifest.journal.rows}


_WORK: dict[str, Callable[..., dict[str, int]]] = {"form": _form, "write": _write, "check": _check}


def _work(what: str, *arguments: str) -> None:
    start = time.perf_counter()
    told: dict[str, float] = {**_WORK[what](*arguments)}
    told["seconds"] = time.perf_counter() - start
    told["megabytes"] = peak_mib()
    print(json.dumps(told))


if __name__ == "__main__":
    _work(*sys.argv[1:])

"""`python -m bench verify`: full verification with replay, beside bare signature checks.

Every statement of an archive is opened, judged by the law and booked again; the tree, every
checkpoint and the uniqueness of ids are checked. Nothing is sampled.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.databases import Databases, sqlite_files
from bench.measure import by_clients, peak_mib, show, timed, turn_by_turn
from bench.workload import Workload
from ledger.app import create_ledger
from ledger.archive import Archive
from ledger.events import decode_event
from ledger.events.delivery import VisitRecorded
from ledger.events.parties import KeyEnrolled, KeyRecovered, LedgerOpened
from ledger.merkle import leaf_hash
from ledger.note import VerifierKey
from ledger.policy import Policy
from ledger.replay.exporting import export_archive
from ledger.replay.sources import ArchiveSource
from ledger.replay.verifying import verify
from ledger.signature import check_signature
from ledger.statement import decode_entry, parse_statement

CLAIM_EVERY = 3_000
CLIENTS = 64


class Case(NamedTuple):
    """What is measured: events a statement, and statements."""

    title: str
    events: int
    statements: int


CASES = (
    Case("statements of 64 visits", 64, 3_000),
    Case("statements of one visit", 1, 100_000),
)
SIZES = (100_000, 1_000_000)


def main(runs: int) -> None:
    """Measure the rates, then memory and time at two sizes."""
    with sqlite_files() as databases, tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            archive, policy = _archive(databases, Path(folder), case)
            _measure(case, archive, policy, runs)
    print("\nMemory and time of one verification, in a process of its own (statements of 64)")
    with sqlite_files() as databases, tempfile.TemporaryDirectory() as folder:
        for events in SIZES:
            case = Case(f"{events:,} events", 64, events // 64)
            archive, policy = _archive(databases, Path(folder), case)
            _measure_size(events, archive, policy)


def _archive(databases: Databases, folder: Path, case: Case) -> tuple[Path, Policy]:
    workload = Workload()
    opening = workload.opening()
    genesis = next(opening)
    url = databases.new()
    with create_ledger(url, genesis, workload.ledger_key, workload.clock) as ledger:
        for data in opening:
            ledger.submit(data)
        if case.events == 1:
            # Many clients at once are quicker; claims need the visits in order, so there are none.
            visits = list(workload.visits(case.statements, 1))
            by_clients(CLIENTS, visits, lambda _, data: ledger.submit(data))
        else:
            for data in workload.visits(case.statements, case.events, claim_every=CLAIM_EVERY):
                ledger.submit(data)
        target = folder / f"archive-{case.statements}-{case.events}"
        export_archive(ledger.store, target)
    databases.drop(url)
    first = next(Archive(target).statements())
    return target, Policy.of(workload.ledger_key.verifier, leaf_hash(first.entry))


def _measure(case: Case, archive: Path, policy: Policy, runs: int) -> None:
    events = int(Archive(archive).manifest().events)

    def with_jobs(jobs: int) -> Callable[[int], float]:
        return lambda _run: timed(events, lambda: verify(ArchiveSource(archive), policy, jobs=jobs))

    results = turn_by_turn(
        runs,
        ("verify, one process", with_jobs(1)),
        ("verify --jobs 2", with_jobs(2)),
        ("bare signature checks, one thread", lambda _run: timed(events, _signatures(archive))),
    )
    show(f"Full verification, {case.title}", "events", results)


def _signatures(archive: Path) -> Callable[[], None]:
    keys = _enrolled_keys(archive)
    checks = []
    for _, entry, _ in Archive(archive).statements():
        note = parse_statement(decode_entry(entry)[1]).note
        message = note.text.encode()
        checks += [
            (keys[line.name].public_key, message, line.signature) for line in note.signatures
        ]

    def check() -> None:
        for public_key, message, signature in checks:
            check_signature(public_key, message, signature)

    return check


def _enrolled_keys(archive: Path) -> dict[str, VerifierKey]:
    vkeys: list[str] = []
    for archived in Archive(archive).statements():
        for body in archived.bodies or ():
            event = decode_event(body)
            if isinstance(event, LedgerOpened):
                vkeys += [key.vkey for key in event.keys]
            elif isinstance(event, KeyEnrolled | KeyRecovered):
                vkeys.append(event.vkey)
            elif isinstance(event, VisitRecorded):
                return {key.name: key for key in map(VerifierKey.parse, vkeys)}
    return {}


def _measure_size(events: int, archive: Path, policy: Policy) -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_verify_alone, args=(archive, policy.encode()))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"the verification of {events} events failed")


def _verify_alone(archive: Path, policy: str) -> None:
    start = time.perf_counter()
    report = verify(ArchiveSource(archive), Policy.parse(policy))
    seconds = time.perf_counter() - start
    rate, events = report.events / seconds, report.events
    print(f"  {events:>10,} events {seconds:8.1f} s {rate:10,.0f}/s {peak_mib():8.0f} MB at most")

"""`python -m bench append`: durable submission, beside the library and a bare insert.

Our side includes the signature check, admission, postings, subjects, tree and checkpoint; the
library's is `Application.save` of the same facts by the same number of clients.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from bench.databases import Databases, postgres_server, sqlite_files
from bench.measure import by_clients, show, timed, turn_by_turn
from bench.plain import PlainLedger, PlainVisit, bare_insert
from bench.workload import Workload
from ledger.app import Ledger, create_ledger
from ledger.opening import open_statement
from ledger.signature import check_signature
from ledger.statement import decode_statement_file, parse_statement

PREFILL_EVENTS = 200_000
PREFILL_CLAIM_EVERY = 3_000


class Case(NamedTuple):
    """What is measured: clients, events a statement, statements a run, events there before."""

    title: str
    clients: int
    events: int
    statements: int
    prefill: int
    bars: dict[str, float]


CASES = (
    Case("64 clients, one event a statement", 64, 1, 3_000, 0, {"SQLite": 2.0, "PostgreSQL": 5.0}),
    Case(
        "8 clients, 64 visits a statement, on 200,000 events",
        8,
        64,
        400,
        PREFILL_EVENTS,
        {"SQLite": 1.3, "PostgreSQL": 2.2},
    ),
)


def main(runs: int, databases: Sequence[str]) -> None:
    """Measure every case on every database asked for."""
    for kind, opened in (("sqlite", sqlite_files), ("postgres", postgres_server)):
        if kind in databases:
            with opened() as server:
                for case in CASES:
                    _measure(server, case, runs)


def _measure(databases: Databases, case: Case, runs: int) -> None:
    workload = Workload()
    statements, plain_url, bare_url = databases.new(), databases.new(), databases.new()
    ledger = _ledger(statements, workload, case)
    plain = _plain(plain_url, case, workload)
    batches = [_statements(workload, case, run) for run in range(runs)]

    def ours(run: int) -> float:
        return timed(
            case.statements * case.events,
            lambda: by_clients(case.clients, batches[run], lambda _, data: ledger.submit(data)),
        )

    def library(run: int) -> float:
        shares: list[list[list[PlainVisit]]] = [[] for _ in range(case.clients)]
        for number, data in enumerate(batches[run]):
            client = number % case.clients
            shares[client].append(plain.events(client, decode_statement_file(data)[1]))
        return timed(case.statements * case.events, _saves(plain, shares))

    def bare(run: int) -> float:
        commits = [decode_statement_file(data)[1] for data in batches[run]]
        return timed(case.statements * case.events, lambda: bare_insert(bare_url, commits))

    def signatures(run: int) -> float:
        return timed(case.statements * case.events, _signature_checks(batches[run], ledger))

    results = turn_by_turn(
        runs,
        ("sunledger, submit", ours),
        ("eventsourcing, Application.save", library),
        ("bare executemany, one client", bare),
        ("bare signature checks, one thread", signatures),
    )
    title = f"{databases.kind}: {case.title}"
    show(title, "events", results, bar=case.bars[databases.kind])
    ledger.close()
    plain.close()
    for url in (statements, plain_url, bare_url):
        databases.drop(url)


def _ledger(url: str, workload: Workload, case: Case) -> Ledger:
    opening = workload.opening()
    ledger = create_ledger(url, next(opening), workload.ledger_key, workload.clock)
    for data in opening:
        ledger.submit(data)
    for data in workload.visits(case.prefill // 500, 500, claim_every=PREFILL_CLAIM_EVERY):
        ledger.submit(data)
    return ledger


def _plain(url: str, case: Case, workload: Workload) -> PlainLedger:
    plain = PlainLedger(url, case.clients)
    bodies = decode_statement_file(next(iter(workload.visits(1, 500))))[1]
    for number in range(case.prefill // 500):
        client = number % case.clients
        plain.save(plain.events(client, bodies))
    return plain


def _statements(workload: Workload, case: Case, _run: int) -> list[bytes]:
    return list(workload.visits(case.statements, case.events))


def _saves(plain: PlainLedger, shares: list[list[list[PlainVisit]]]) -> Callable[[], None]:
    work = [b""] * sum(len(share) for share in shares)
    waiting = [iter(share) for share in shares]

    def save(client: int, _item: bytes) -> None:
        plain.save(next(waiting[client]))

    return lambda: by_clients(len(shares), work, save)


def _signature_checks(batch: Sequence[bytes], ledger: Ledger) -> Callable[[], None]:
    checks = []
    for data in batch:
        note, bodies = decode_statement_file(data)
        opened = open_statement(note, bodies, lambda name: ledger.state.keys[name].verifier)
        text = parse_statement(note).note
        checks.append((opened.keys[0].public_key, text.text.encode(), text.signatures[0].signature))

    def check() -> None:
        for public_key, message, signature in checks:
            check_signature(public_key, message, signature)

    return check

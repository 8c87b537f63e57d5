"""`python -m bench rebuild`: refolding a read model, beside the library's `ProjectionRunner`.

Both count, on PostgreSQL, each contract's visits in a table of one row a contract. The library
commits every event with its tracking; ours commits batches with their position, and its table
is the whole read model `contracts`.
"""

from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL

from bench.databases import Databases, postgres_server
from bench.measure import show, timed, turn_by_turn
from bench.plain import PlainApplication, PlainLedger, PlainVisit, environment
from bench.workload import Workload
from ledger.app import create_ledger
from ledger.statement import decode_statement_file
from ledger.store.store import open_store
from projections.catalogue import open_projections

OUR_STATEMENTS = 1_500
EVENTS = 64
PLAIN_COMMITS = 30


class VisitCounts(PostgresTrackingRecorder):
    """The library's materialised view: how many visits each contract has."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: str) -> None:
        """Make the table."""
        super().__init__(datastore, **kwargs)
        self.sql_create_statements.append(
            SQL(
                "CREATE TABLE IF NOT EXISTS visit_counts "
                "(contract text PRIMARY KEY, visits bigint, last_position bigint)"
            ).format()
        )

    def count(self, contract: str, tracking: Tracking) -> None:
        """Count one visit, with its tracking, in one transaction."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO visit_counts VALUES (%s, 1, %s) ON CONFLICT (contract) DO UPDATE "
                "SET visits = visit_counts.visits + 1, last_position = EXCLUDED.last_position",
                (contract, tracking.notification_id),
            )


class CountVisits(Projection[VisitCounts]):
    """The library's projection."""

    name = "visits"

    def process_event(self, domain_event: object, tracking: Tracking) -> None:
        """Count a visit."""
        if isinstance(domain_event, PlainVisit):
            self.view.count(domain_event.contract, tracking)


def main(runs: int) -> None:
    """Measure on PostgreSQL."""
    with postgres_server() as databases:
        workload = Workload()
        url = _ledger(databases, workload)
        plain = list(workload.visits(PLAIN_COMMITS, EVENTS))
        with open_store(url) as store, open_projections(store) as projections:
            events = store.head().positions
            results = turn_by_turn(
                runs,
                (
                    "sunledger, rebuild contracts",
                    lambda _: timed(events, lambda: projections.rebuild("contracts")),
                ),
                ("eventsourcing, ProjectionRunner", lambda _: _library(databases, plain)),
            )
    show("PostgreSQL: rebuilding a read model", "events", results, bar=20)


def _ledger(databases: Databases, workload: Workload) -> str:
    url = databases.new()
    opening = workload.opening()
    with create_ledger(url, next(opening), workload.ledger_key, workload.clock) as ledger:
        for data in opening:
            ledger.submit(data)
        for data in workload.visits(OUR_STATEMENTS, EVENTS):
            ledger.submit(data)
    return url


def _library(databases: Databases, statements: list[bytes]) -> float:
    url = databases.new()
    plain = PlainLedger(url, 1)
    last = 0
    for data in statements:
        visits = plain.events(0, decode_statement_file(data)[1])
        plain.save(visits)
        last += len(visits)
    plain.close()

    def run() -> None:
        with ProjectionRunner(
            application_class=PlainApplication,
            projection_class=CountVisits,
            view_class=VisitCounts,
            env=environment(url, 1),
        ) as runner:
            runner.wait(last, timeout=600)

    rate = timed(last, run)
    databases.drop(url)
    return rate

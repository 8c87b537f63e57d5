"""The measure beside ours: the eventsourcing library by itself, and a bare insert.

The library is taken at its best: domain events are saved directly, without aggregates, with its
own recorders on the same kind of database and the same durability.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from sqlalchemy import make_url

from ledger.events import decode_event
from ledger.events.delivery import VisitRecorded


@dataclass(frozen=True)
class PlainVisit(DomainEvent):
    """The same facts as `visit.recorded`, as the library would hold them."""

    id: str
    salt: str
    at: str
    contract: str
    service: str
    beneficiary: str
    worker: str
    started_at: str
    ended_at: str
    units: int
    capture: str
    device: str


class PlainApplication(Application[UUID]):
    """The library's application, as it comes."""


class PlainLedger:
    """Saves visits with the library; each client extends a stream of its own."""

    def __init__(self, url: str, clients: int) -> None:
        """Open the library's application on a database of its own."""
        self._app = PlainApplication(env=environment(url, clients))
        self._streams = [(uuid4(), [0]) for _ in range(clients)]

    def save(self, events: list[PlainVisit]) -> None:
        """Save events in one commit."""
        self._app.save(*events)

    def events(self, client: int, bodies: tuple[bytes, ...]) -> list[PlainVisit]:
        """Return event bodies as the library's events, next in the client's stream."""
        stream, version = self._streams[client]
        visits = []
        for body in bodies:
            visit = decode_event(body)
            if not isinstance(visit, VisitRecorded):
                continue
            version[0] += 1
            visits.append(
                PlainVisit(
                    originator_id=stream,
                    originator_version=version[0],
                    timestamp=PlainVisit.create_timestamp(),
                    id=visit.id,
                    salt=visit.salt,
                    at=visit.at,
                    contract=visit.contract,
                    service=visit.service,
                    beneficiary=visit.beneficiary,
                    worker=visit.worker,
                    started_at=visit.started_at,
                    ended_at=visit.ended_at,
                    units=visit.units,
                    capture=visit.capture,
                    device=str(visit.device),
                )
            )
        return visits

    def close(self) -> None:
        """Close the library's application."""
        self._app.close()


def bare_insert(url: str, commits: Sequence[Sequence[bytes]]) -> None:
    """Insert bytes by `executemany`, one commit a list: the least a database could do."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with sqlite3.connect(parsed.database or "", isolation_level=None) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("CREATE TABLE IF NOT EXISTS bare (n INTEGER PRIMARY KEY, body BLOB)")
            for bodies in commits:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(
                    "INSERT INTO bare (body) VALUES (?)", [(body,) for body in bodies]
                )
                connection.execute("COMMIT")
        connection.close()
        return
    dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn) as server:
        server.execute("CREATE TABLE IF NOT EXISTS bare (n bigserial PRIMARY KEY, body bytea)")
        server.commit()
        for bodies in commits:
            with server.cursor() as cursor:
                cursor.executemany("INSERT INTO bare (body) VALUES (%s)", [(b,) for b in bodies])
            server.commit()


def environment(url: str, clients: int) -> dict[str, str]:
    """Return the library's settings for a database."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": parsed.database or "",
            "SQLITE_LOCK_TIMEOUT": "60",
        }
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parsed.database or "",
        "POSTGRES_HOST": str(parsed.query.get("host") or parsed.host or ""),
        "POSTGRES_PORT": str(parsed.port or 5432),
        "POSTGRES_USER": parsed.username or "",
        "POSTGRES_PASSWORD": parsed.password or "none",
        "POSTGRES_POOL_SIZE": str(min(clients, 32)),
        "POSTGRES_MAX_OVERFLOW": "16",
        "POSTGRES_POOL_TIMEOUT": "120",
    }

"""How a database answers the questions put to read models: which tables, by which index.

    asked = statements_of(projections, lambda: list_contracts(projections))
    plan_of(projections, asked[0])       ["SEARCH contracts_contract_1 USING INDEX …"]

And how much SQLite works for them, in steps of its virtual machine: a measure without a clock.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Engine, event

from projections.engine import Projections

_STEPS = 100
"""How many steps of SQLite's machine pass between two counts."""

LEDGER_TABLES = re.compile(r"\b(event|posting|subject_event|statement)\b")
"""The tables that grow with the history, as a plan names them."""

LARGE = re.compile(r"\bdelivery_(visit|word)_[0-9]+\b")
"""The tables of read models that have a row a visit."""


class Asked(NamedTuple):
    """A statement that was sent to a database, with its parameters, and that database."""

    engine: Engine
    text: str
    parameters: Any


def engines_of(projections: Projections) -> tuple[Engine, Engine]:
    """Return the engines that read the read models and the ledger."""
    return projections.database._reader, projections.feed.store._engine


def statements_of(projections: Projections, ask: Callable[[], object]) -> list[Asked]:
    """Return the queries that answer a question."""
    asked: list[Asked] = []

    def hear(connection: Any, _c: Any, text: str, parameters: Any, _x: Any, _m: bool) -> None:
        if text.lstrip().upper().startswith(("SELECT", "WITH")):
            asked.append(Asked(connection.engine, text, parameters))

    engines = engines_of(projections)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    try:
        ask()
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", hear)
    return asked


def plan_of(asked: Asked) -> list[str]:
    """Return the steps of a statement's plan, as the database tells them.

    PostgreSQL reads a small table whole though it has an index; here it is told not to where it
    can do otherwise, so that what it still reads whole has no index.
    """
    with asked.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.text}", asked.parameters)
            return [row[3] for row in rows]
        connection.exec_driver_sql("SET enable_seqscan = off")
        try:
            rows = connection.exec_driver_sql(f"EXPLAIN {asked.text}", asked.parameters)
            return [row[0] for row in rows]
        finally:
            connection.exec_driver_sql("RESET enable_seqscan")


def is_scan(step: str) -> bool:
    """Tell whether a step of a plan reads a table whole, in no index's order."""
    return "Seq Scan" in step or (step.startswith("SCAN") and "USING" not in step)


@contextmanager
def counting_steps(projections: Projections) -> Iterator[Callable[[], int]]:
    """Count the steps of SQLite's virtual machine in all reads meanwhile, in hundreds."""
    ticks = 0

    def tick() -> int:
        nonlocal ticks
        ticks += 1
        return 0

    def watch(connection: sqlite3.Connection, *_more: object) -> None:
        connection.set_progress_handler(tick, _STEPS)

    engines = engines_of(projections)
    for engine in engines:
        engine.dispose()  # so that each connection is made, and watched, anew
        event.listen(engine, "connect", watch)
    try:
        yield lambda: ticks * _STEPS
    finally:
        for engine in engines:
            event.remove(engine, "connect", watch)
            engine.dispose()

"""What others published of their processes, published again word for word.

Of the reports of a process those that count are given (`projections.reported_standing`), each as
its publisher wrote it; of several of one publisher with one id the latest. Where none counts, all
are given. An id is its publisher's own: what two publishers say under one id are two releases, but
for what they say word for word alike.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from msgspec import json
from sqlalchemy import select

from ledger.errors import Malformed
from ledger.events import decode_event
from ledger.events.reported import ReleaseReported
from ledger.intake.parsing import Numeral, parse
from ledger.intake.reading import storable
from ledger.store.pages import events_at
from projections.compiling import merge_instant
from projections.engine import Projections, Reading
from projections.ocds.values import Release
from projections.processes import PROCESS, PROCESSES

_PAGE = 500
"""Processes looked up at once."""

_positions = json.Decoder(list[int]).decode


class Reported(NamedTuple):
    """A release as it was published.

    Attributes:
        event: id of the event that reports it.
        text: its JSON text.
        release: what that holds, numbers as they are spelled.

    """

    event: str
    text: str
    release: Release


def list_reported(projections: Projections) -> Iterator[tuple[str, list[Reported]]]:
    """Yield the published processes by ocid, each with its releases in the order of merging."""
    after = ""
    while True:
        rows = projections.read(PROCESSES, partial(_page, after=after))
        for _process, ocid, positions in rows:
            yield ocid, _releases(projections, _positions(positions))
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def reported_process(projections: Projections, ocid: str) -> list[Reported]:
    """Return the releases of a published process; none where nothing was published of it."""

    def query(reading: Reading) -> list[str]:
        table = reading.tables[PROCESS]
        asked = select(table.c.positions).where(table.c.ocid == storable(ocid))
        return list(reading.connection.scalars(asked))

    positions = [at for found in projections.read(PROCESSES, query) for at in _positions(found)]
    return _releases(projections, positions)


def exact(value: Any) -> Any:
    """Return a value with numbers in place of their spellings, digit for digit."""
    if isinstance(value, Numeral):
        number = Decimal(value)
        return number if number.is_finite() else None
    if isinstance(value, dict):
        return {name: exact(member) for name, member in value.items()}
    return [exact(each) for each in value] if isinstance(value, list) else value


def _page(reading: Reading, after: str) -> list[tuple[str, str, str]]:
    table = reading.tables[PROCESS]
    query = (
        select(table.c.process, table.c.ocid, table.c.positions)
        .where(table.c.process > after)
        .order_by(table.c.process)
        .limit(_PAGE)
    )
    return [(row.process, row.ocid, row.positions) for row in reading.connection.execute(query)]


def _releases(projections: Projections, positions: list[int]) -> list[Reported]:
    found: dict[tuple[str, str | int], Reported] = {}
    for row in events_at(projections.feed.store, sorted(positions)):
        event = decode_event(row.body)
        if not isinstance(event, ReleaseReported):
            continue
        try:
            release = parse(event.release)
        except Malformed:
            continue  # no JSON at all: it can be in no package
        if isinstance(release, dict):
            key = (event.source.publisher, event.release_id or row.position)
            found[key] = Reported(event.id, event.release, release)
    # A package names one publisher, so the same words of two under one id would stand there twice.
    alike = {(name, each.text): each for (_publisher, name), each in found.items()}
    return sorted(alike.values(), key=lambda each: merge_instant(each.release))

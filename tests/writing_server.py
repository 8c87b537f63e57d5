"""A ledger that is written to over HTTP, in this process."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from starlette.testclient import TestClient

from api.application import create_app
from api.http.service import Service
from bench.workload import Workload
from ledger.app import create_ledger
from projections.catalogue import open_projections


class Writing(NamedTuple):
    """A server that writes: who asks it, what it works with, and who signs."""

    client: TestClient
    service: Service
    workload: Workload


@contextmanager
def writing(url: str) -> Iterator[Writing]:
    """Open a ledger with contracts under which visits may be recorded, and serve it."""
    workload = Workload()
    opening = workload.opening()
    with ExitStack() as opened:
        genesis = next(opening)
        ledger = opened.enter_context(
            create_ledger(url, genesis, workload.ledger_key, workload.clock)
        )
        for data in opening:
            ledger.submit(data)
        projections = opened.enter_context(open_projections(ledger.store))
        service = Service(
            ledger.store,
            projections,
            ledger,
            clock=workload.clock,
            operator=workload.operator,
        )
        opened.enter_context(service)
        client = TestClient(create_app(service), raise_server_exceptions=False)
        yield Writing(opened.enter_context(client), service, workload)

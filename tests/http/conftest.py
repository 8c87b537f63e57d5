"""A server over a demo city, in this process, for tests that only ask."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.application import create_app
from api.http.service import Service
from ledger.store.store import open_store
from projections.catalogue import open_projections


@pytest.fixture(scope="session")
def city_file(demo_ledger: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the demo city's database that holds its read models too."""
    path = tmp_path_factory.mktemp("served") / "ledger.db"
    shutil.copy(demo_ledger.removeprefix("sqlite:///"), path)
    return path


@pytest.fixture(scope="session")
def service(city_file: Path) -> Iterator[Service]:
    """Give what a server of the demo city works with; it only reads."""
    with ExitStack() as opened:
        store = opened.enter_context(open_store(f"sqlite:///{city_file}"))
        projections = opened.enter_context(open_projections(store))
        yield opened.enter_context(Service(store, projections))


@pytest.fixture(scope="session")
def client(service: Service) -> Iterator[TestClient]:
    """Give a client of that server that nobody knows."""
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        yield client

"""A server over a demo city, in this process, for tests that only ask."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import cities
import pytest
from city_readers import Readers
from starlette.testclient import TestClient

from api.application import create_app
from api.http.access import Access
from api.http.service import Service
from ledger.simulate.city import City
from ledger.simulate.scale import DEMO
from ledger.store.store import open_store
from projections.catalogue import open_projections


@pytest.fixture(scope="session")
def city_file(demo_ledger: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the demo city's database that holds its read models too."""
    path = tmp_path_factory.mktemp("served") / "ledger.db"
    # Another process copies: this one may have the ledger open, and would drop SQLite's locks.
    subprocess.run(["cp", demo_ledger.removeprefix("sqlite:///"), path], check=True)
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
    app = create_app(service, access=Access(url="http://testserver"))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def readers(service: Service) -> Readers:
    """Give the keys of those that ask in the demo city."""
    city = City(DEMO, cities.READ_SIDE, lambda _label: None)
    keys = {name: key.signer for name, key in city._world.cast.keys.items()}
    return Readers(service, keys)

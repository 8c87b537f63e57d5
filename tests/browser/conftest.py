"""People at screens, before a real server of a demo city, on both databases."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest
from browser.town import Town, open_town
from browser.visitor import TAGS, WIDE, Language, Visitor
from browsing import open_chromium
from playwright.sync_api import Browser

from bench.databases import Databases

Visit: TypeAlias = Callable[..., Visitor]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start a browser for the tests of a file: its loop must end before others run theirs."""
    with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def sqlite_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Serve the city from SQLite."""
    folder = tmp_path_factory.mktemp("town")
    with open_town(folder, f"sqlite:///{folder / 'ledger.db'}") as town:
        yield town


@pytest.fixture(scope="session")
def postgres_town(
    tmp_path_factory: pytest.TempPathFactory, postgres_databases: Databases
) -> Iterator[Town]:
    """Serve the city from PostgreSQL."""
    with open_town(tmp_path_factory.mktemp("town"), postgres_databases.new()) as town:
        yield town


@pytest.fixture
def town(request: pytest.FixtureRequest, database: str) -> Town:
    """Give the city on the database that a test's parameter names."""
    found = request.getfixturevalue(f"{database}_town")
    assert isinstance(found, Town)
    return found


@pytest.fixture(scope="session")
def album(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of pictures: what `--screenshots` says, else one of the session's own."""
    given = request.config.getoption("--screenshots")
    return Path(given) if given else tmp_path_factory.mktemp("screenshots")


@pytest.fixture
def visit(request: pytest.FixtureRequest, chromium: Browser, album: Path) -> Iterator[Visit]:
    """Give what brings a person to a town's portal, with a browser of its own.

    At the end of the test nothing may have happened that never must.
    """
    folder = album / re.sub(r"[^\w]+", "-", request.node.name).strip("-")
    visitors = []
    with ExitStack() as opened:

        def come(town: Town, language: Language = "en", width: int = WIDE) -> Visitor:
            context = chromium.new_context(locale=TAGS[language], accept_downloads=True)
            opened.callback(context.close)
            visitor = Visitor(context, town, language, folder)
            visitor.resize(width)
            visitors.append(visitor)
            return visitor

        yield come
        assert [each for visitor in visitors for each in visitor.complaints] == []

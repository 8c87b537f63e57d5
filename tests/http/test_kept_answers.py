"""Answers kept in memory: as long as they hold, and no more than there is room for."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from doors import Door, open_door
from histories import busy_city
from sqlalchemy import update
from starlette.types import Message, Receive, Scope, Send

from api.http import cache
from api.http.questions import PUBLIC_CACHE
from projections import registry
from projections.contracts import CONTRACTS
from projections.contracts.tables import CONTRACT


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """Give a server of a small city."""
    with open_door(f"sqlite:///{tmp_path / 'ledger.db'}", busy_city()) as opened:
        yield opened


def test_a_rebuild_ends_what_was_kept(door: Door) -> None:
    """What a damaged read model told is not told any longer once it is mended."""
    service = door.services[0]
    right = door.client.get("/v1/contracts/c-1").json()["contract"]["number"]
    with service.projections.database.transaction() as connection:
        live = registry.live(connection, "contracts")
        assert live is not None
        table = CONTRACTS.tables(live.generation)[CONTRACT]
        connection.execute(update(table).where(table.c.contract == "c-1").values(number="WRONG"))
    wrong = door.client.get("/v1/contracts/c-1?z=1")
    assert wrong.json()["contract"]["number"] == "WRONG" != right
    service.projections.rebuild("contracts")
    door.follow()
    again = door.client.get(
        "/v1/contracts/c-1?z=1", headers={"If-None-Match": wrong.headers["ETag"]}
    )
    assert again.status_code == 200
    assert again.json()["contract"]["number"] == right


async def tiny(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer everybody with two bytes."""
    headers = [
        (b"cache-control", PUBLIC_CACHE.encode()),
        (b"sunledger-position", b"0"),
        (b"x-long", b"x" * 500),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


def asked(kept: cache.Cache, queries: list[bytes]) -> None:
    """Ask for an address with each of these queries."""

    async def send(_message: Message) -> None:
        pass

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def ask() -> None:
        for query in queries:
            scope: Scope = {
                "type": "http",
                "method": "GET",
                "path": "/v1/flags",
                "query_string": query,
                "headers": [],
            }
            await kept(scope, receive, send)

    asyncio.run(ask())


def test_small_answers_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Address and head count as the body does, so what is kept is bounded however it is asked."""
    monkeypatch.setattr(cache, "MAX_BYTES", 50_000)
    kept = cache.Cache(tiny, SimpleNamespace(position=0, rebuilt=0))  # type: ignore[arg-type]
    asked(kept, [b"%d=%s" % (number, b"y" * 1_000) for number in range(100)])
    assert 10 < len(kept._kept) <= 20
    assert kept._bytes <= 50_000


def test_what_is_asked_at_length_is_not_kept() -> None:
    """Nobody else asks for it."""
    kept = cache.Cache(tiny, SimpleNamespace(position=0, rebuilt=0))  # type: ignore[arg-type]
    asked(kept, [b"y" * cache.MAX_KEY_BYTES, b"short"])
    assert [query for _, query, _ in kept._kept] == [b"short"]

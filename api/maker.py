"""A process that makes pages of the portal for a server: `python -m api.maker DESCRIPTOR`.

It opens the databases for reading, and makes what it is asked for over its socket
(`api.portal.makers`) with the pages of the server. It folds nothing: how far the read models
are it is told with each request. It ends when its server closes the socket, or ends itself.
"""

import asyncio
import gc
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote

import msgspec
import structlog
import uvloop
from fastapi import FastAPI
from starlette.types import Message, Scope

from api.application import pages_alone
from api.http.access import Access
from api.http.edge.templates import route_of
from api.http.languages import LANGUAGES
from api.http.logs import log_as_json
from api.http.service import Service
from api.portal.makers import FAULT, LENGTH, OK, READY, Made, Plan, Wanted, framed
from api.portal.site import LISTS
from ledger.errors import LedgerError
from ledger.policy import Policy
from ledger.programs import leave_signals
from ledger.store.store import open_store
from projections.catalogue import open_projections

_log = structlog.get_logger()
_PLAN = msgspec.msgpack.Decoder(Plan)
_WANTED = msgspec.msgpack.Decoder(Wanted)

COLLECT_EVERY = 50_000
"""Objects made and not let go between two passes of the cycle collector, instead of 700."""


class Told:
    """How far the read models are, as the server says, which follows: `Followed`."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.position = 0
        self.rebuilt = 0
        self.fault: str | None = None

    def hear(self, wanted: Wanted) -> None:
        """Take what the server says of them."""
        self.position = max(self.position, wanted.position)
        self.rebuilt = wanted.rebuilt

    def _leave(self) -> None:
        """Leave it to the server."""

    catch_up = start = stop = hurry = _leave


async def _serve(server: socket.socket) -> None:
    """Make pages until the server ends: the life of a maker."""
    reader, writer = await asyncio.open_unix_connection(sock=server)

    async def message() -> bytes:
        (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
        return await reader.readexactly(length)

    with (
        suppress(asyncio.IncompleteReadError, ConnectionError),
        _opened(_PLAN.decode(await message())) as (app, told),
    ):
        for place in sorted(LISTS):  # so that the first to ask do not wait for queries to be made
            await _make(app, Wanted(READY, 0, 0, f"/{LANGUAGES[0]}/{place}", b"", [], "http", None))
        gc.freeze()  # what is here by now stays; the collector need not walk it for each page
        gc.set_threshold(COLLECT_EVERY)
        writer.write(framed(Made(READY, OK, [], b"", None)))
        while True:
            wanted = _WANTED.decode(await message())
            told.hear(wanted)
            writer.write(framed(await _make(app, wanted)))


@contextmanager
def _opened(plan: Plan) -> Iterator[tuple[FastAPI, Told]]:
    told = Told()
    with open_store(plan.store) as store, open_projections(store, plan.projections) as projections:
        policy = None if plan.policy is None else Policy.parse(plan.policy)
        service = Service(store, projections, policy=policy, following=told, one_at_a_time=True)
        yield pages_alone(service, Access(plan.url)), told


async def _make(app: FastAPI, wanted: Wanted) -> Made:
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": wanted.scheme,
        "path": wanted.path,
        "raw_path": quote(wanted.path).encode(),
        "query_string": wanted.query,
        "root_path": "",
        "headers": wanted.headers,
        "state": {"request_id": wanted.request_id} if wanted.request_id else {},
    }
    status, headers, body = FAULT, list[tuple[bytes, bytes]](), bytearray()

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], message["headers"]
        else:
            body.extend(message.get("body", b""))

    with suppress(Exception):  # it was told in the log, and the server finds it as well
        await app(scope, _nothing, send)
    return Made(wanted.number, status, headers, bytes(body), route_of(scope))


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def main() -> None:
    """Make pages for the server at the other end of the socket that the argument names."""
    leave_signals()
    log_as_json()
    try:
        uvloop.run(_serve(socket.socket(fileno=int(sys.argv[1]))))
    except LedgerError as error:
        _log.error("pages cannot be made", why=str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()

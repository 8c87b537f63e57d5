"""Serving an application until the process is told to stop.

What is promised when it stops (SIGTERM, SIGINT): nothing new is accepted; requests that were
begun are answered, for `GRACE_SECONDS` at most; streams are ended at once. The caller closes the
ledger after that, which commits what waits in it. A statement whose receipt was sent is durable
by then in any case: the receipt was sent after its commit.
"""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp

from api.http.edge.connection import IDLE_SECONDS, MAX_CONNECTIONS, connections
from api.http.edge.streams import OpenStreams
from ledger.errors import LedgerError

GRACE_SECONDS = 15
"""How long requests may go on after the process was told to stop: less than a service manager
waits before it kills."""

_log = structlog.get_logger()


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address, which nobody can connect to yet.

    Raises:
        LedgerError: nobody can listen there.

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise LedgerError(
            f"nobody can listen at {host}:{port}: {error.strerror}; name another address by "
            "`--listen`"
        ) from error
    return bound


def address_of(bound: socket.socket) -> str:
    """Return the address of a socket's server."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def answer(app: ASGIApp, bound: socket.socket, streams: OpenStreams, *, behind_proxy: bool) -> None:
    """Answer requests until the process is told to stop, and those of them that were begun."""
    config = uvicorn.Config(
        app,
        http=connections(behind_proxy=behind_proxy),
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # a layer of ours does that
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, streams)
    with _signals_stop_the_server_alone():
        server.run(sockets=[bound])
    _log.info("stopped")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, streams: OpenStreams) -> None:
        super().__init__(config)
        self._streams = streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        _log.info("serving", url=[address_of(each) for each in sockets or ()])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _log.info("stopping")
        self._streams.end()
        await super().shutdown(sockets)


@contextmanager
def _signals_stop_the_server_alone() -> Iterator[None]:
    """Let the library raise a signal again after it has stopped: the ledger is yet to be closed."""

    def pass_over(_number: int, _frame: FrameType | None) -> None:
        return

    before = {each: signal.signal(each, pass_over) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)

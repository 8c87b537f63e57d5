"""A real server in a thread, for what asks over a socket."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import uvicorn
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from api.application import create_app
from api.http.service import Service
from ledger.app import open_ledger
from ledger.note import Signer
from projections.catalogue import open_projections


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an application; give its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        with capture_logs():  # what it logs is not what a command under test prints
            thread.start()
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            server.should_exit = True
            thread.join()


@contextmanager
def serving_ledger(url: str, ledger_key: Signer, operator: Signer | None) -> Iterator[str]:
    """Serve the ledger at `url` for writing; give the server's address."""
    with ExitStack() as opened:
        ledger = opened.enter_context(open_ledger(url, ledger_key))
        projections = opened.enter_context(open_projections(ledger.store))
        service = Service(ledger.store, projections, ledger, operator=operator)
        opened.enter_context(service)
        yield opened.enter_context(serving(create_app(service)))

"""Servers to measure: ours over a bench ledger, and a plain FastAPI route.

python -m bench.http_serving ledger PORT URL READ_MODELS_URL
python -m bench.http_serving plain PORT
"""

import sys
from contextlib import ExitStack

import uvicorn
from fastapi import FastAPI, Response
from starlette.types import ASGIApp

from api.application import create_app
from api.cli.serving import SWITCH_SECONDS
from api.http.following import Following
from api.http.logs import log_as_json
from api.http.service import Service
from bench.workload import SteadyClock, Workload
from ledger.app import open_ledger
from projections.catalogue import open_projections

LARGEST_BYTES = 1 << 20
MAKERS = 2
"""As `sunledger serve` where nothing is set."""


def plain() -> FastAPI:
    """Return an application whose one route answers with as many bytes as it is asked for."""
    app = FastAPI()
    body = b"x" * LARGEST_BYTES

    @app.get("/plain/{size}")
    async def answer(size: int) -> Response:
        return Response(body[:size], media_type="text/html")

    return app


def _serve(app: ASGIApp, port: int) -> None:
    log_as_json()
    sys.setswitchinterval(SWITCH_SECONDS)  # as `sunledger serve` does
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


def main() -> None:
    """Serve what the arguments name until stopped."""
    kind, port = sys.argv[1], int(sys.argv[2])
    if kind == "plain":
        _serve(plain(), port)
        return
    url, read_models = sys.argv[3:5]
    workload = Workload()
    with ExitStack() as opened:
        ledger = opened.enter_context(open_ledger(url, workload.ledger_key, SteadyClock()))
        projections = opened.enter_context(open_projections(ledger.store, read_models))
        following = Following(ledger.store, projections, apart=True)
        service = Service(ledger.store, projections, ledger, following=following)
        opened.enter_context(service)
        _serve(create_app(service, page_makers=MAKERS), port)


if __name__ == "__main__":
    main()

"""How a server says how it is: alive, ready, counts, traces."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from api.application import create_app
from api.http.edge.surrounding import Edge
from api.http.edge.tracing import PPM, provider_of
from api.http.routes import health
from api.http.service import Service
from bench.workload import Workload
from ledger.app import create_ledger
from ledger.store.errors import StoreUnavailable
from projections.catalogue import open_projections


@pytest.fixture
def fresh(service: Service) -> TestClient:
    """Give a client of a server that has not counted anything yet."""
    return TestClient(create_app(service), raise_server_exceptions=False)


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[Service]:
    """Give a service that writes a small ledger."""
    workload = Workload()
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with (
        create_ledger(url, next(workload.opening()), workload.ledger_key, workload.clock) as ledger,
        open_projections(ledger.store) as projections,
        Service(ledger.store, projections, ledger) as service,
    ):
        yield service


def samples(client: TestClient) -> dict[str, float]:
    """Return what is counted, by name and labels."""
    text = client.get("/metrics").text
    found = re.findall(r"^([^#\s]\S*) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in found}


def checks(answer: Any) -> dict[str, bool]:
    """Return what was found of each thing that was looked at."""
    return {each["name"]: each["ok"] for each in answer.json()["checks"]}


# -- alive, ready --------------------------------------------------------------------------------


def test_a_server_that_runs_is_alive_whatever_its_database_does(
    writing: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To restart it would mend nothing, so nobody should."""
    monkeypatch.setattr(writing.store, "head", _broken)
    answer = TestClient(create_app(writing)).get("/healthz")
    assert (answer.status_code, answer.text) == (200, "alive\n")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_server_is_ready_when_it_can_serve(fresh: TestClient, writing: Service) -> None:
    """One that reads looks at two things; one that writes at its writer, too."""
    answer = fresh.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert checks(answer) == {"database": True, "read_models": True}
    assert checks(TestClient(create_app(writing)).get("/readyz"))["writer"] is True


def test_a_server_without_its_database_is_not_ready(
    writing: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told without the database's own words."""
    monkeypatch.setattr(writing.store, "head", _broken)
    answer = TestClient(create_app(writing)).get("/readyz")
    assert answer.status_code == 503
    assert checks(answer) == {"database": False}
    assert "secret" not in answer.text


def test_a_server_whose_read_models_are_far_behind_is_not_ready(
    service: Service, fresh: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A balancer sends readers to others until they have come near."""
    monkeypatch.setattr(health, "MAX_LAG_EVENTS", 100)
    head = service.store.head().positions
    monkeypatch.setattr(Service, "position", head - 100)
    assert fresh.get("/readyz").status_code == 200
    monkeypatch.setattr(Service, "position", head - 101)
    answer = fresh.get("/readyz")
    assert (answer.status_code, checks(answer)["read_models"]) == (503, False)


def test_a_server_whose_read_models_cannot_be_followed_is_not_ready(
    fresh: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why stands in the log, not in the answer."""
    monkeypatch.setattr(Service, "fault", "a secret of the server")
    answer = fresh.get("/readyz")
    assert (answer.status_code, checks(answer)["read_models"]) == (503, False)
    assert "secret" not in answer.text


def test_a_server_whose_writer_has_ended_is_not_ready(writing: Service) -> None:
    """A writer that stopped admits nothing: readers are served, and the balancer told."""
    assert writing.ledger is not None
    writing.ledger._writer.close()
    answer = TestClient(create_app(writing)).get("/readyz")
    assert (answer.status_code, checks(answer)["writer"]) == (503, False)


def _broken() -> None:
    raise StoreUnavailable("a secret of the database")


# -- counts --------------------------------------------------------------------------------------


def test_requests_are_counted_by_the_template_of_their_route(fresh: TestClient) -> None:
    """Neither ids nor addresses become labels; kept answers and HEAD count like others."""
    for _ in range(3):
        fresh.get("/v1/contracts?limit=1")  # made once, then kept
    fresh.head("/v1/contracts?limit=1")
    for name in ("c-2025-01", "c-2025-02", "nobody-has-this"):
        fresh.get(f"/v1/contracts/{name}")
    fresh.get("/v1/Wang-Xiuying")
    found = samples(fresh)
    requests = "sunledger_http_requests_total"
    listed = requests + '{method="%s",route="/v1/contracts",status="200"}'
    assert found[listed % "GET"] == 3
    assert found[listed % "HEAD"] == 1
    one = (
        'sunledger_http_requests_total{method="GET",route="/v1/contracts/{name:path}",status="%s"}'
    )
    assert (found[one % "200"], found[one % "404"]) == (2, 1)
    assert found[requests + '{method="GET",route="none",status="404"}'] == 1
    assert found['sunledger_http_request_seconds_count{route="/v1/contracts"}'] == 4
    assert not re.search("Wang|2025-01", " ".join(found))


def test_how_log_and_read_models_stand_is_told(fresh: TestClient, service: Service) -> None:
    """Size, lag of each read model, streams, and whether statements are admitted here."""
    found = samples(fresh)
    head = service.store.head()
    assert found["sunledger_log_statements"] == head.size
    assert found["sunledger_log_events"] == head.positions
    assert found['sunledger_read_model_lag_events{model="contracts"}'] == 0
    assert found['sunledger_read_model_stopped{model="contracts"}'] == 0
    assert found["sunledger_open_streams"] == 0
    assert found["sunledger_writer_open"] == 0
    assert found["process_resident_memory_bytes"] > 0


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(201, "admitted"), (200, "known"), (422, "refused"), (413, "too_large"), (503, "failed")],
)
def test_submissions_are_counted_by_what_came_of_them(
    service: Service, status: int, outcome: str
) -> None:
    """The status that told the party is what is counted."""
    app: Any = create_app(service)
    measures = _find(app, "_measures")
    scope = {"method": "POST", "path": "/v1/statements"}
    measures.tell(scope, status, 0.1)
    found = samples(TestClient(app))
    assert found[f'sunledger_submissions_total{{outcome="{outcome}"}}'] == 1


def _find(app: Any, name: str) -> Any:
    """Return an attribute of a layer."""
    while not hasattr(app, name):
        app = app._app
    return getattr(app, name)


# -- traces --------------------------------------------------------------------------------------


def traced(service: Service, sample_ppm: int) -> tuple[TestClient, InMemorySpanExporter]:
    """Return a client of a server that traces, and where its spans go."""
    exporter = InMemorySpanExporter()
    tracer = provider_of(sample_ppm, SimpleSpanProcessor(exporter)).get_tracer("test")
    app = create_app(service, edge=Edge(tracer=tracer))
    return TestClient(app, raise_server_exceptions=False), exporter


def attributes(span: ReadableSpan) -> dict[str, object]:
    """Return what a span tells of its request."""
    return dict(span.attributes or {})


def test_a_request_is_a_span_that_continues_the_clients_trace(service: Service) -> None:
    """Named by method and route, with status and request id; never with what was asked for."""
    client, exporter = traced(service, PPM)
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = client.get(
        "/v1/contracts?text=Wang", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-00"}
    )
    (span,) = exporter.get_finished_spans()
    assert span.name == "GET /v1/contracts"
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == trace
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.route": "/v1/contracts",
        "http.response.status_code": 200,
        "sunledger.request_id": answer.headers["X-Request-Id"],
    }


def test_a_failed_request_is_a_failed_span(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks for failures finds them."""

    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr("api.http.routes.contracts.contract", fail)
    client, exporter = traced(service, PPM)
    client.get("/v1/contracts/c-2025-01")
    (span,) = exporter.get_finished_spans()
    assert not span.status.is_ok
    assert attributes(span)["http.response.status_code"] == 500


def test_only_a_sample_is_traced(service: Service) -> None:
    """None of a million is none, even where the client says its trace is sampled."""
    client, exporter = traced(service, 0)
    client.get("/v1/contracts", headers={"traceparent": f"00-{'1' * 32}-{'2' * 16}-01"})
    assert exporter.get_finished_spans() == ()

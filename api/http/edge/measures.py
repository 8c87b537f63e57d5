"""What is counted, for Prometheus (`GET /metrics`).

    sunledger_http_requests_total{method="GET",route="/v1/contracts",status="200"} 4120
    sunledger_submissions_total{outcome="refused"} 17
    sunledger_read_model_lag_events{model="contracts"} 0

Requests are counted by the template of their route, never by an address or a name: labels are
few, and nobody is told of by them.
"""

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.edge.templates import route_of
from api.http.service import Service
from api.http.webhooks.store import WebhookStore

NO_ROUTE = "none"
"""The route of what no route took, or a layer refused before."""
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""From a kept page to a long poll of the feed."""
SUBMISSIONS = "/v1/statements"
OUTCOMES = {
    200: "known",
    201: "admitted",
    400: "malformed",
    409: "conflict",
    413: "too_large",
    422: "refused",
}
"""What came of a statement, by the status that told it; else it was not judged: `failed`."""


class Measures:
    """The counts of one server.

    Attributes:
        registry: all of them, for Prometheus.

    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.registry = CollectorRegistry(auto_describe=True)
        self._requests = Counter(
            "sunledger_http_requests",
            "Requests, by method, route and status; 0 where the client hung up.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "sunledger_http_request_seconds",
            "Time from a request's head to the end of its answer.",
            ["route"],
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self._submissions = Counter(
            "sunledger_submissions",
            "Statements that were submitted, by what came of them.",
            ["outcome"],
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)

    def tell(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request that has ended."""
        route = route_of(scope) or NO_ROUTE
        self._requests.labels(scope["method"], route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if scope["method"] == "POST" and scope["path"] == SUBMISSIONS:
            self._submissions.labels(OUTCOMES.get(status, "failed")).inc()


class Measuring:
    """Counts the requests to an application."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        """Count the requests to `app`."""
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._measures.tell(scope, status, time.perf_counter() - began)


class Standing(Collector):
    """How ledger and read models stand, looked up whenever it is asked."""

    def __init__(self, service: Service, webhooks: WebhookStore) -> None:
        """Look at `service` and `webhooks`."""
        self._service = service
        self._webhooks = webhooks

    def describe(self) -> Iterator[Metric]:
        """Promise nothing: asking the database when a server is put together is too early."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Look."""
        head = self._service.store.head()
        yield _gauge("sunledger_log_statements", "Statements in the log.", head.size)
        yield _gauge("sunledger_log_events", "Events of those statements.", head.positions)
        yield _gauge("sunledger_open_streams", "Streams open.", len(self._service.streams))
        yield _gauge(
            "sunledger_writer_open",
            "1 where this server admits statements, 0 where it only reads or cannot.",
            self._service.is_writing,
        )
        lag = GaugeMetricFamily(
            "sunledger_read_model_lag_events",
            "Events that a read model has not folded yet.",
            labels=["model"],
        )
        age = GaugeMetricFamily(
            "sunledger_read_model_lag_seconds",
            "Age of the oldest event that a read model has not folded yet.",
            labels=["model"],
        )
        stopped = GaugeMetricFamily(
            "sunledger_read_model_stopped",
            "1 where a read model met an event that it cannot fold.",
            labels=["model"],
        )
        for each in self._service.projections.status():
            lag.add_metric([each.name], each.lag)
            age.add_metric([each.name], each.lag_s)
            stopped.add_metric([each.name], each.stopped_at is not None)
        yield from (lag, age, stopped)
        yield from self._of_webhooks()

    def _of_webhooks(self) -> Iterator[Metric]:
        untold = GaugeMetricFamily(
            "sunledger_webhook_lag_events",
            "Events after the last that a webhook was told of or that was found not to be for it.",
            labels=["webhook"],
        )
        failures = GaugeMetricFamily(
            "sunledger_webhook_failures",
            "How often a webhook failed since it last succeeded.",
            labels=["webhook"],
        )
        stopped = GaugeMetricFamily(
            "sunledger_webhook_stopped",
            "1 where a webhook failed for so long that it was given up.",
            labels=["webhook"],
        )
        for each in self._webhooks.all():
            untold.add_metric([each.id], max(self._service.position - each.looked, 0))
            failures.add_metric([each.id], each.failures)
            stopped.add_metric([each.id], each.stopped_ms is not None)
        yield from (untold, failures, stopped)


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)

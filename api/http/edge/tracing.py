"""Traces for OpenTelemetry, where an installation wants them (extra `otel`).

A span for each request that is sampled: `GET /v1/contracts`, with route, status and request id.
Whoever asks may continue a trace of its own (`traceparent`); whether it is sampled is decided
here. Without the setting `otel_endpoint` nothing of this is imported or put around anything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.edge.templates import route_of
from ledger.errors import LedgerError
from ledger.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Tracer

SERVICE = "sunledger"
PPM = 1_000_000
SERVER_ERROR = 500


class Tracing:
    """Makes a span of each request."""

    def __init__(self, app: ASGIApp, tracer: "Tracer") -> None:
        """Trace the requests to `app`."""
        # Of an extra that is there where a tracer is.
        from opentelemetry.trace import SpanKind, StatusCode  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
            TraceContextTextMapPropagator,
        )

        self._app = app
        self._tracer = tracer
        self._kind = SpanKind.SERVER
        self._error = StatusCode.ERROR
        self._parent = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request within its span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        traceparent = Headers(scope=scope).get("traceparent")
        carrier = {"traceparent": traceparent} if traceparent else {}
        context = self._parent.extract(carrier)
        method = scope["method"]
        with self._tracer.start_as_current_span(method, context, self._kind) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    status = message["status"]
                    span.set_attribute("http.response.status_code", status)
                    if status >= SERVER_ERROR:
                        span.set_status(self._error)
                await send(message)

            await self._app(scope, receive, noted)
            route = route_of(scope)
            span.set_attribute("http.request.method", method)
            span.set_attribute("sunledger.request_id", scope["state"]["request_id"])
            if route is not None:
                span.set_attribute("http.route", route)
                span.update_name(f"{method} {route}")


@contextmanager
def tracer_of(settings: Settings) -> Iterator["Tracer | None"]:
    """Give what makes spans as the settings say, None where they want none; send all at the end.

    Raises:
        LedgerError: they want some, and the extra is not installed.

    """
    if settings.otel_endpoint is None:
        yield None
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 (see above)
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise LedgerError(
            "traces need packages that are not installed: install sunledger with its extra "
            "`otel`, or take `otel_endpoint` out of the settings"
        ) from error
    exporter = OTLPSpanExporter(endpoint=settings.otel_endpoint)
    provider = provider_of(settings.otel_sample_ppm, BatchSpanProcessor(exporter))
    try:
        yield provider.get_tracer(SERVICE)
    finally:
        provider.shutdown()


def provider_of(sample_ppm: int, processor: "SpanProcessor") -> "TracerProvider":
    """Return what makes spans and hands `sample_ppm` of a million traces to `processor`."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 (of an extra)
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased  # noqa: PLC0415

    sampler = TraceIdRatioBased(sample_ppm / PPM)
    provider = TracerProvider(sampler, Resource.create({"service.name": SERVICE}))
    provider.add_span_processor(processor)
    return provider

"""The layers put around an application: `surround`."""

from typing import TYPE_CHECKING, NamedTuple

from starlette.routing import Router
from starlette.types import ASGIApp

from api.http.edge.access_log import AccessLog
from api.http.edge.bodies import Bodies
from api.http.edge.deadline import Deadline
from api.http.edge.hosts import Hosts
from api.http.edge.measures import Measures, Measuring
from api.http.edge.methods import Methods
from api.http.edge.proxies import behind
from api.http.edge.rates import Rates
from api.http.edge.request_ids import RequestIds
from api.http.edge.security import Security
from api.http.edge.sharing import Sharing
from api.http.edge.streams import OpenStreams, Streams
from api.http.edge.tracing import Tracing
from ledger.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


class Edge(NamedTuple):
    """What an installation sets of the layers.

    Attributes:
        hosts: names that are served; none for any.
        trusted_proxies: addresses and networks whose word of their clients is taken.
        requests_a_second: what one address may send on average; 0 for no limit.
        tracer: what makes spans of requests, None where nobody wants any.

    """

    hosts: frozenset[str] = frozenset()
    trusted_proxies: tuple[str, ...] = ()
    requests_a_second: int = 0
    tracer: "Tracer | None" = None

    @classmethod
    def of(cls, settings: Settings, tracer: "Tracer | None" = None) -> "Edge":
        """Return what the settings say."""
        return cls(
            frozenset(host.lower() for host in _listed(settings.hosts)),
            tuple(_listed(settings.trusted_proxies)),
            settings.requests_a_second,
            tracer,
        )


PLAIN = Edge()
"""As it is without settings: any name, no proxies, as many requests as come."""


def _listed(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").split(",") if each.strip()]


def surround(
    app: ASGIApp, router: Router, edge: Edge, measures: Measures, streams: OpenStreams
) -> ASGIApp:
    """Return `app`, whose routes are those of `router`, within all layers."""
    app = Streams(app, streams)
    app = Deadline(app)
    app = Bodies(app)
    app = Methods(app, router)
    app = Sharing(app)
    if edge.requests_a_second:
        app = Rates(app, edge.requests_a_second)
    app = Hosts(app, edge.hosts)
    app = Security(app)
    app = AccessLog(app)
    app = Measuring(app, measures)
    if edge.tracer is not None:
        app = Tracing(app, edge.tracer)
    app = RequestIds(app)
    return behind(app, edge.trusted_proxies)

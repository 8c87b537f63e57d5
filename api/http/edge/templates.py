"""Which route served a request, as its template: `/v1/contracts/{name:path}`.

For counting requests: there are few templates, and as many addresses as there are contracts.
"""

from starlette.types import Scope

ROUTE = "sunledger.route"
"""Where a layer that does not ask the router leaves the template in a request's scope."""


def route_of(scope: Scope) -> str | None:
    """Return the template of a request that was served, None where no route took it."""
    known: str | None = scope.get(ROUTE)
    if known is not None:
        return known
    # A route of an included router knows its prefix only in the router's context.
    context = scope.get("fastapi", {}).get("effective_route_context")
    path: str | None = getattr(context, "path", None) or getattr(scope.get("route"), "path", None)
    return path

"""Whom a trusted proxy speaks for.

Behind a proxy every request comes from the proxy's address, over http. What it says of its client
(`X-Forwarded-For`, `X-Forwarded-Proto`) is believed only of the addresses and networks that the
setting `trusted_proxies` names: of anybody else it would be a way around every limit.
"""

from typing import Any

from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


def behind(app: ASGIApp, trusted: tuple[str, ...]) -> ASGIApp:
    """Return `app` behind proxies at these addresses, or as it is where there are none."""
    if not trusted:
        return app
    layer: Any = ProxyHeadersMiddleware(app, list(trusted))  # type: ignore[arg-type]
    return layer  # type: ignore[no-any-return]

"""So many requests a second of one address.

A bucket of tokens for each address: a request takes one, and so many drip in a second. It is kept
as one number, the time at which it will be full again. IPv6 addresses count by their network of
64 bits, which is what one subscriber has.
"""

import ipaddress
import math
import time
from collections import OrderedDict

from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.edge.refusing import refuse
from api.http.problems import Problem

BURST_SECONDS = 5
"""A bucket holds what drips in so many seconds: a page with all it needs, and some more of them."""
MAX_ADDRESSES = 10_000
"""Buckets in memory, the longest unused forgotten first: two megabytes."""
SUBSCRIBER_BITS = 64


class Rates:
    """Refuses what comes too fast."""

    def __init__(self, app: ASGIApp, a_second: int) -> None:
        """Let each address ask `app` so often a second."""
        self._app = app
        self._each_s = 1 / a_second
        self._full_at: OrderedDict[str, float] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, unless its address has sent too many."""
        if scope["type"] == "http":
            wait_s = self.take(subscriber(scope), time.monotonic())
            if wait_s:
                again = {"Retry-After": str(math.ceil(wait_s))}
                await refuse(scope, send, Problem("too_many_requests", headers=again))
                return
        await self._app(scope, receive, send)

    def take(self, address: str, now_s: float) -> float:
        """Take a token; return 0, or how many seconds to wait until there is one."""
        full_at = max(self._full_at.pop(address, now_s), now_s)
        wait_s = full_at + self._each_s - now_s - BURST_SECONDS
        refused = wait_s > 0
        self._full_at[address] = full_at if refused else full_at + self._each_s
        if len(self._full_at) > MAX_ADDRESSES:
            self._full_at.popitem(last=False)
        return wait_s if refused else 0


def subscriber(scope: Scope) -> str:
    """Return whose request it is, as far as its address tells."""
    client = scope.get("client")
    address = str(client[0]) if client else ""
    if ":" not in address:
        return address
    try:
        whole = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if whole.ipv4_mapped is not None:
        return str(whole.ipv4_mapped)
    return str(ipaddress.IPv6Network((whole, SUBSCRIBER_BITS), strict=False))

"""Clients that ask over HTTP/1.1, cheap enough not to be what is measured.

Each connection sends a request, takes the whole answer, and sends its next. All run in one event
loop of the process that measures.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

import uvloop

SMALL_BYTES = 1_024
"""Answers up to here are kept: receipts."""
BESIDE_SECONDS = 0.05
"""How long a connection that reads beside a load waits between two requests."""

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Tally:
    """What came back.

    Attributes:
        statuses: answers by HTTP status.
        seconds: how long each took.
        largest: bytes of the largest.
        small: the bodies of those that are no larger than `SMALL_BYTES`.

    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.largest = 0
        self.small: list[bytes] = []

    def took(self, body: bytes) -> None:
        """Take an answer's body."""
        self.largest = max(self.largest, len(body))
        if len(body) <= SMALL_BYTES:
            self.small.append(body)

    def percentile(self, hundredths: int) -> float:
        """Return the seconds within which so many hundredths of the answers came."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) * hundredths // 100, len(ordered) - 1)]


class _Client(asyncio.Protocol):
    """One connection and its requests."""

    def __init__(self, requests: Iterator[bytes], tally: Tally, pause_s: float) -> None:
        self._requests = requests
        self._tally = tally
        self._pause_s = pause_s
        self._received = b""
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(_HEAD_END)
        if head_end < 0:
            return
        head = self._received[:head_end].lower()
        at = head.find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].partition(b"\r")[0]) if at >= 0 else 0
        body = self._received[head_end + len(_HEAD_END) :]
        if len(body) < length:
            return
        self._received = b""
        self._tally.statuses[int(head[9:12])] += 1
        self._tally.seconds.append(time.perf_counter() - self._sent)
        self._tally.took(body)
        if self._pause_s:
            asyncio.get_running_loop().call_later(self._pause_s, self._next)
        else:
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            if not self.done.done():
                self.done.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)


def get(path: str) -> bytes:
    """Return a request for what stands at `path`."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """Return a request that sends `body` to `path`."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def shares(requests: Sequence[bytes], connections: int) -> list[Iterator[bytes]]:
    """Divide requests among connections."""
    return [iter(requests[number::connections]) for number in range(connections)]


def run(
    port: int, requests: Sequence[Iterator[bytes]], beside: Sequence[Iterator[bytes]] = ()
) -> tuple[Tally, Tally, float]:
    """Send every connection's requests; return what came back and the seconds it took.

    `beside` are connections that ask every `BESIDE_SECONDS` until the others are done.
    """
    return uvloop.run(_run(port, requests, beside))


async def _run(
    port: int, requests: Sequence[Iterator[bytes]], beside: Sequence[Iterator[bytes]]
) -> tuple[Tally, Tally, float]:
    loop = asyncio.get_running_loop()
    tally, other, stopped = Tally(), Tally(), asyncio.Event()

    def until_stopped(each: Iterator[bytes]) -> Iterator[bytes]:
        while not stopped.is_set():
            yield next(each)

    async def connect(each: Iterator[bytes], told: Tally, pause_s: float) -> _Client:
        _, client = await loop.create_connection(
            lambda: _Client(each, told, pause_s), "127.0.0.1", port
        )
        return client

    aside = [await connect(until_stopped(each), other, BESIDE_SECONDS) for each in beside]
    start = time.perf_counter()
    clients = [await connect(each, tally, 0.0) for each in requests]
    await asyncio.gather(*[client.done for client in clients])
    seconds = time.perf_counter() - start
    stopped.set()
    await asyncio.gather(*[client.done for client in aside])
    return tally, other, seconds

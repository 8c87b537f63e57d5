"""A receiver of webhooks, as a system of another office has one; not a test.

    with Receiver() as receiver:
        receiver.answers = lambda request: 500         # what it says to each
        ...                                            # post to receiver.url
    receiver.requests                                  # what came, in order

Signatures are verified by another implementation than the product's.
"""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

from Crypto.Hash import HMAC, SHA256


class Posted(NamedTuple):
    """A request: its headers, lower case, and its body."""

    headers: dict[str, str]
    body: bytes

    @property
    def batch(self) -> Any:
        """What the body holds."""
        return json.loads(self.body)

    @property
    def positions(self) -> list[int]:
        """The positions of its events."""
        return [each["position"] for each in self.batch["items"]]

    def is_signed_by(self, secret: str) -> bool:
        """Tell whether whoever has the secret signed it."""
        when, _, signature = self.headers["sunledger-signature"].partition(",")
        mac = HMAC.new(secret.encode(), digestmod=SHA256)
        mac.update(when.removeprefix("t=").encode() + b"." + self.body)
        return "v1=" + mac.hexdigest() == signature


class Receiver:
    """A server that keeps what it is sent."""

    def __init__(self) -> None:
        """Take everything, until `answers` is set."""
        self.answers: Callable[[Posted], int] = lambda _request: 200
        self.answer_headers: dict[str, str] = {}
        self.requests: list[Posted] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/ledger"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                posted = Posted({k.lower(): v for k, v in self.headers.items()}, body)
                receiver.requests.append(posted)
                try:
                    self.send_response(receiver.answers(posted))
                    for name, value in receiver.answer_headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(b"x" * 100_000)  # nobody reads that
                except ConnectionError:
                    return  # the sender was killed, or did not wait

            def log_message(self, *_arguments: object) -> None:
                return

        return Handler

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Follower:
    """What a receiver does with batches: takes each position once, in order.

    Attributes:
        positions: what it took.
        repeated: how many batches it had seen before.

    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.positions: list[int] = []
        self.repeated = 0
        self._reached = 0

    def take(self, posted: Posted) -> None:
        """Take a batch.

        Raises:
            AssertionError: something between the last one and this is missing.

        """
        batch = posted.batch
        if posted.headers["idempotency-key"] != f'"{batch["after"]}"':
            raise AssertionError("the key is not the first position")
        if batch["after"] > self._reached:
            raise AssertionError(f"a gap from {self._reached} to {batch['after']}")
        self.repeated += batch["after"] < self._reached
        self.positions += [each for each in posted.positions if each >= self._reached]
        self._reached = max(self._reached, batch["reached"])

"""A batch as it is posted to a webhook, and its signature.

    POST /ledger HTTP/1.1
    Content-Type: application/json
    Sunledger-Webhook: 5f0c2a9b7d31
    Sunledger-Signature: t=1772352001,v1=5257a869e7…
    Idempotency-Key: "3900"

    {"webhook":"5f0c2a9b7d31","origin":"ledger.example.gov.cn","after":3900,"reached":3902,
     "items":[{"position":3900,"event":"…","type":"payment.settled",…},…]}

`v1` is HMAC-SHA256 (RFC 2104), in hex, of the decimal seconds `t`, a full stop and the body, under
the secret as text. The key names the first position of the batch: a batch that is tried again
has the same. Of the answer only the status counts, nothing else of it is read.
"""

import hashlib
import hmac
import ssl
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx2
import msgspec
from msgspec import Struct

from api.http.feeding import FeedChange
from api.http.webhooks.addresses import AddressForbidden, Guarded, check_url
from api.http.webhooks.store import Webhook
from ledger.times import MS_PER_SECOND

POST_SECONDS = 15
"""How long a receiver has, from resolving its name to the status: it stores, and works later."""
MAX_REASON = 200
"""Characters kept of why it failed."""

_SUCCESS = range(200, 300)


class Batch(Struct, frozen=True):
    """What is posted.

    Attributes:
        webhook: the webhook's id.
        origin: the ledger's name.
        after: how many events the receiver was told of before: the `reached` of the last batch.
        reached: how many it is told of with this one.
        items: the events, by position, as `GET /v1/feed` gives them to the public.

    """

    webhook: str
    origin: str
    after: int
    reached: int
    items: tuple[FeedChange, ...]


class Outgoing(NamedTuple):
    """How is posted.

    Attributes:
        private: whether to http and to addresses of private networks, too.
        context: by what certificates of receivers are checked.
        seconds: how long a receiver has.

    """

    private: bool
    context: ssl.SSLContext
    seconds: float = POST_SECONDS

    @classmethod
    def of(cls, *, private: bool) -> "Outgoing":
        """Return how is posted, with the certificates that this machine trusts."""
        return cls(private, httpx2.create_ssl_context())


Post = Callable[[Webhook, Batch, int], str | None]
"""Posts a batch at an instant (ms since the epoch); says why it was not taken, None if it was."""


def sign(secret: str, seconds: int, body: bytes) -> str:
    """Return the signature of a body that is posted at an instant."""
    signed = str(seconds).encode() + b"." + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def post(outgoing: Outgoing, webhook: Webhook, batch: Batch, now_ms: int) -> str | None:
    """Post a batch; return why it was not taken, or None: it was.

    One that reaches nothing is a trial, and has no key by which it could be taken for another.
    """
    body = msgspec.json.encode(batch)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "sunledger",
        "Sunledger-Webhook": webhook.id,
        "Sunledger-Signature": sign(webhook.secret, now_ms // MS_PER_SECOND, body),
    }
    if batch.reached > batch.after:
        headers["Idempotency-Key"] = f'"{batch.after}"'
    options: dict[str, Any] = {"content": body, "headers": headers}
    try:
        url = check_url(webhook.url, private=outgoing.private)
        guarded = Guarded(outgoing.context, private=outgoing.private, seconds=outgoing.seconds)
        with (
            httpx2.Client(
                transport=guarded, trust_env=False, timeout=None
            ) as client,  # Guarded has a deadline
            client.stream("POST", url, **options) as answer,
        ):
            status = answer.status_code
    except httpx2.TimeoutException:
        return f"the receiver did not answer within {outgoing.seconds} seconds"
    except (httpx2.HTTPError, AddressForbidden) as error:
        return " ".join(str(error).split())[:MAX_REASON] or type(error).__name__
    return None if status in _SUCCESS else f"the receiver answered {status}"

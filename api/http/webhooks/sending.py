"""The threads of the writer's server that post to webhooks: one each, so none waits for another.

    with Sender(service, Outgoing.of(private=False)):
        ...                                     batches are posted until the block ends

A batch goes through three steps, and a process that is killed between them goes on by them:

    begin    where it ends is kept          killed here: it is gathered again, the same, and posted
    post     the receiver says 2xx          killed here: it is posted again; same key, same events
    moved    the position is kept           killed here: the next one begins behind it

What fails is tried again after 1, 2, 4, … seconds, an hour at most, however often the server is
restarted meanwhile. A webhook that failed for `give_up_days` is given up, until
`sunledger webhook resume`.
"""

import threading
import time
from typing import Self

import structlog

from api.http.feeding import Feed, FeedPage
from api.http.service import Service
from api.http.webhooks.posting import Batch, Outgoing, Post, post
from api.http.webhooks.store import Webhook, WebhookStore
from api.rights import PUBLIC
from ledger.errors import LedgerError
from ledger.times import MS_PER_DAY, MS_PER_HOUR, MS_PER_SECOND

BATCH_EVENTS = 500
"""Events of a batch at most: a tenth of a megabyte."""
LOOKED_EVENTS = 1_000
"""How many events that are not for a webhook are looked through before that is kept."""
GIVE_UP_DAYS = 7
"""After how many days of failures a webhook is given up if nothing is set: a holiday week."""
MAX_DELAY_MS = MS_PER_HOUR
"""How long after a failure is tried again at the latest."""
LOOK_SECONDS = 0.1
"""How often is looked whether something came."""
LOOK_AT_TABLE_SECONDS = 1.0
"""How long a webhook that an operator added, removed or resumed may stay unnoticed."""
STOP_SECONDS = 5
"""How long a server that stops waits for batches under way; what is cut off is posted again."""

_log = structlog.get_logger()


def delay_ms(failures: int) -> int:
    """Return how long after so many failures in a row is tried again."""
    return min(MS_PER_SECOND << min(failures - 1, 16), MAX_DELAY_MS) if failures else 0


class Sender:
    """Posts the feed to the webhooks of a ledger, while it is entered."""

    def __init__(
        self,
        service: Service,
        outgoing: Outgoing,
        *,
        give_up_days: int = GIVE_UP_DAYS,
        post: Post | None = None,
    ) -> None:
        """Post what `service` tells of, by `post` where it is given.

        Raises:
            StoreUnavailable: the database of the read models cannot be written.

        """
        self.store = WebhookStore(service.projections.database)
        self._service = service
        self._outgoing = outgoing
        self._post = post or self._post_by_http
        self._give_up_ms = give_up_days * MS_PER_DAY
        self._stopping = threading.Event()
        self._lines: dict[str, threading.Thread] = {}
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    # -- one batch -----------------------------------------------------------------------------

    def send(self, webhook: Webhook) -> bool:
        """Post the next batch, if there is one; tell whether it was taken.

        Raises:
            StoreUnavailable: a database cannot serve.

        """
        batch = self._batch(webhook)
        if batch is None:
            return False
        if webhook.sending_to != batch.reached and not self.store.begin(webhook, batch.reached):
            return False  # it was removed, or another process was first
        now_ms = self._now_ms()
        why = self._post(webhook, batch, now_ms)
        if why is None:
            return self.store.moved(webhook, batch.reached, self._now_ms())
        self._failed(webhook, why, self._now_ms())
        return False

    def wait_ms(self, webhook: Webhook) -> int:
        """Return how long to wait before the next batch is tried; at most the longest delay."""
        if not webhook.failures or webhook.tried_ms is None:
            return 0
        delay = delay_ms(webhook.failures)
        return min(max(webhook.tried_ms + delay - self._now_ms(), 0), delay)

    def _batch(self, webhook: Webhook) -> Batch | None:
        """Return the next batch, the same as long as it was not taken; None: there is nothing."""
        page = self._page(webhook)
        if page is None:
            return None
        items, reached = page.items, page.reached
        if webhook.sending_to is not None:
            items = tuple(each for each in items if each.position < webhook.sending_to)
            reached = min(reached, webhook.sending_to)
        return Batch(webhook.id, self._service.origin, webhook.position, reached, items)

    def _page(self, webhook: Webhook) -> FeedPage | None:
        """Return the next part of the feed in which there is something, or None."""
        feed, looked = Feed(self._service, PUBLIC), webhook.looked
        while looked < self._service.position and not self._stopping.is_set():
            page = feed.page(looked, webhook.type_names, BATCH_EVENTS)
            if page.items:
                return page
            looked = page.reached
        if looked - webhook.looked >= LOOKED_EVENTS:
            self.store.passed(webhook, looked)
        return None

    def _post_by_http(self, webhook: Webhook, batch: Batch, now_ms: int) -> str | None:
        return post(self._outgoing, webhook, batch, now_ms)

    def _failed(self, webhook: Webhook, why: str, now_ms: int) -> None:
        since_ms = webhook.failing_since_ms or now_ms
        is_over = now_ms - since_ms >= self._give_up_ms
        self.store.failed(webhook, why, now_ms, now_ms if is_over else None)
        told = "a webhook was stopped" if is_over else "a webhook failed"
        _log.warning(told, webhook=webhook.id, why=why, failures=webhook.failures + 1)

    def _now_ms(self) -> int:
        return self._service.clock.now_ms()

    # -- threads -------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End after the batches at hand, or before where they take too long."""
        self._stopping.set()
        self._thread.join()
        until = time.monotonic() + STOP_SECONDS
        for line in self._lines.values():
            line.join(max(until - time.monotonic(), 0))

    def _run(self) -> None:
        """See that each webhook that goes on has its thread."""
        while not self._stopping.is_set():
            try:
                going = [each.id for each in self.store.all() if each.stopped_ms is None]
            except LedgerError as error:
                _log.warning("webhooks cannot be read", why=str(error))
                going = []
            self._lines = {name: line for name, line in self._lines.items() if line.is_alive()}
            for name in going:
                if name not in self._lines:
                    self._lines[name] = threading.Thread(
                        target=self._line, args=(name,), name=f"webhook {name}", daemon=True
                    )
                    self._lines[name].start()
            self._stopping.wait(LOOK_AT_TABLE_SECONDS)

    def _line(self, name: str) -> None:
        """Post to one webhook until it is removed or stopped."""
        while not self._stopping.is_set():
            try:
                webhook = self.store.find(name)
                if webhook is None or webhook.stopped_ms is not None:
                    return
                told = self._service.position
                wait_s = self.wait_ms(webhook) / MS_PER_SECOND
                if wait_s:
                    self._stopping.wait(min(wait_s, LOOK_AT_TABLE_SECONDS))
                elif not self.send(webhook):
                    self._rest(told)
            except LedgerError as error:
                _log.warning("a webhook waits for the database", webhook=name, why=str(error))
                self._stopping.wait(LOOK_AT_TABLE_SECONDS)

    def _rest(self, told: int) -> None:
        """Wait until something came, or the table is to be looked at again."""
        until = time.monotonic() + LOOK_AT_TABLE_SECONDS
        while time.monotonic() < until and self._service.position == told:
            if self._stopping.wait(LOOK_SECONDS):
                return

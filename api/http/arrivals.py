"""Waiting for what comes: one look at the read models' position serves all who wait."""

import asyncio

from api.http.service import Service

LOOK_SECONDS = 0.05
"""How often is looked, while anybody waits."""


class Arrivals:
    """Wakes coroutines when the read models have moved on."""

    def __init__(self, service: Service) -> None:
        """Watch `service`."""
        self._service = service
        self._waiting: dict[asyncio.Future[None], int] = {}
        self._watching: asyncio.Task[None] | None = None

    def is_beyond(self, position: int) -> bool:
        """Tell whether more than `position` events are reflected now."""
        return self._service.position > position

    async def beyond(self, position: int, timeout_s: float) -> bool:
        """Wait until more than `position` events are reflected; False if the time is over first."""
        if self.is_beyond(position):
            return True
        loop = asyncio.get_running_loop()
        arrived: asyncio.Future[None] = loop.create_future()
        self._waiting[arrived] = position
        if self._watching is None or self._watching.done() or self._watching.get_loop() != loop:
            self._watching = loop.create_task(self._watch())
        try:
            async with asyncio.timeout(timeout_s):
                await arrived
        except TimeoutError:
            return False
        finally:
            self._waiting.pop(arrived, None)
        return True

    async def _watch(self) -> None:
        while self._waiting:
            now = self._service.position
            for arrived, position in list(self._waiting.items()):
                if position < now and not arrived.done():
                    arrived.set_result(None)
            await asyncio.sleep(LOOK_SECONDS)

"""From polled hosts to the store: points are gathered into batches and delivered from a thread, beside the polling."""

import asyncio
from collections.abc import Callable, Sequence

from collector.metrics.model import Point
from collector.store.packed import PackedPoints

BATCH_POINTS = 50_000
"""opening a store and settling its file costs more than most points do: the points of thousands of hosts go at once"""

Deliver = Callable[[Sequence[Point]], None]
"""blocking; keeps its own count of what became of the points, and raises only what nothing can be done about"""


class Writer:
    """`add` points from anywhere in the event loop; `finish` returns when the last one is delivered.

    While a batch is being delivered the next one fills. Where the store is slower than the polling, `add` waits.
    """

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._waiting = PackedPoints()
        self._delivery: asyncio.Task[None] | None = None

    async def add(self, points: Sequence[Point]) -> None:
        """Take points of one host.

        Raises:
            StoreError: an earlier batch could neither be stored nor spooled.
        """
        self._waiting.add(points)
        if len(self._waiting) >= BATCH_POINTS:
            if self._delivery:
                await self._delivery
            if len(self._waiting) >= BATCH_POINTS:  # nobody else sent them while we waited
                self._start()

    async def finish(self) -> None:
        """Deliver what is left.

        Raises:
            StoreError: a batch could neither be stored nor spooled.
        """
        if self._delivery:
            await self._delivery
        if self._waiting:
            self._start()
            if self._delivery:
                await self._delivery

    def _start(self) -> None:
        batch, self._waiting = self._waiting, PackedPoints()
        self._delivery = asyncio.ensure_future(asyncio.to_thread(self._deliver, batch))

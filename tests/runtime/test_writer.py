"""Points reach the store in batches, while polling goes on, and a failed delivery is not lost on the way."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from collector.metrics.model import Point
from collector.runtime import writer as writer_module
from collector.runtime.writer import Writer


def points(count: int, start: int = 0) -> list[Point]:
    return [Point("cpu", {"host": "r1"}, {"usage_percent": 1.0}, number) for number in range(start, start + count)]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "BATCH_POINTS", 10)


def test_every_point_is_delivered_once_in_batches() -> None:
    delivered: list[Sequence[Point]] = []

    async def run() -> None:
        writer = Writer(delivered.append)
        await asyncio.gather(*(writer.add(points(7, start=100 * host)) for host in range(9)))
        await writer.finish()

    asyncio.run(run())
    times = [point.time_ns for batch in delivered for point in batch]
    assert sorted(times) == sorted(100 * host + number for host in range(9) for number in range(7))
    assert len(delivered) > 1


def test_polling_goes_on_while_a_batch_is_delivered() -> None:
    release = threading.Event()
    sizes: list[int] = []

    def slow(batch: Sequence[Point]) -> None:
        release.wait(5)
        sizes.append(len(batch))

    async def run() -> None:
        writer = Writer(slow)
        await writer.add(points(10))
        await asyncio.wait_for(writer.add(points(5)), 1)  # the store is still busy with the first batch
        assert sizes == []
        release.set()
        await writer.finish()

    asyncio.run(run())
    assert sizes == [10, 5]


def test_a_failed_delivery_is_raised() -> None:
    def broken(batch: Sequence[Point]) -> None:
        raise OSError("disk full")

    async def run() -> None:
        writer = Writer(broken)
        await writer.add(points(10))
        await writer.finish()

    with pytest.raises(OSError, match="disk full"):
        asyncio.run(run())

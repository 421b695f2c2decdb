"""A whole cycle, from the inventory to the store: what `collector poll` does once and `collector run` again and again."""

import gc
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from collector.metrics.model import Point
from collector.runtime import schedule
from collector.runtime.cycle import Stats, run_cycle
from collector.runtime.engine import open_poller
from collector.runtime.lease import exclusive
from collector.runtime.poll import Polled, Poller
from collector.runtime.turns import Cycle
from collector.runtime.writer import Writer
from collector.store.delivery import Delivery
from collector.store.open import open_store
from collector.store.spool import Spool
from inventory.model import Host, Inventory, Settings, StdoutStore

log = logging.getLogger(__name__)


class Delivering(Enum):
    """Where a cycle's points go."""

    STORE = "store"
    JSON = "json"
    LINE = "line"
    NOWHERE = "nowhere"


def open_delivery(inventory: Inventory, delivering: Delivering) -> Delivery | None:
    """The way to the store, with the spool before it; None for nowhere.

    Raises:
        StoreError: the store's configuration cannot work.
    """
    if delivering is Delivering.NOWHERE:
        return None
    if delivering is Delivering.STORE:
        return Delivery(open_store(inventory.store), open_spool(inventory.settings))
    return Delivery(open_store(StdoutStore(format=delivering.value)), None)


def open_spool(settings: Settings) -> Spool:
    """Where points wait for an unreachable store."""
    return Spool(
        Path(settings.state_dir) / "spool", max_bytes=settings.spool_max_bytes, max_age_s=settings.spool_max_age_s
    )


@contextmanager
def _little_garbage() -> Iterator[None]:
    """One cycle makes little garbage in circles: looking for it takes a twentieth of its time.

    What is frozen is let go afterwards, else DuckDB's own objects outlive the interpreter, and its library says so.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


async def poll_once(
    inventory: Inventory,
    hosts: Sequence[Host],
    delivering: Delivering,
    *,
    everything: bool = False,
    on_host: Callable[[Polled], None] | None = None,
) -> Stats:
    """One cycle over `hosts`, under the lock that keeps two of them apart.

    Raises:
        HeldError: another poll is running.
        StateError, StoreError: nothing can be remembered, or stored, or spooled.
    """
    dry = delivering is Delivering.NOWHERE
    async with open_poller(inventory, with_oids=delivering is Delivering.JSON, dry=dry) as poller:
        with exclusive(poller.tools.state.path / "poll.lock"):
            delivery = open_delivery(inventory, delivering)
            try:
                return await cycle(poller, hosts, delivery, everything=everything, on_host=on_host)
            finally:
                if delivery:
                    delivery.close()


async def cycle(
    poller: Poller,
    hosts: Sequence[Host],
    delivery: Delivery | None,
    *,
    everything: bool = False,
    on_host: Callable[[Polled], None] | None = None,
    start_after_s: Callable[[Host], float] | None = None,
) -> Stats:
    """Poll `hosts`, deliver what they say, and tell what went wrong.

    Raises:
        StoreError: points could neither be stored nor spooled.
    """
    with _little_garbage():
        return await _cycle(poller, hosts, delivery, everything, on_host, start_after_s)


async def _cycle(
    poller: Poller,
    hosts: Sequence[Host],
    delivery: Delivery | None,
    everything: bool,
    on_host: Callable[[Polled], None] | None,
    start_after_s: Callable[[Host], float] | None,
) -> Stats:
    settings = poller.tools.settings
    stats = Stats()
    if delivery:
        delivery.begin()
    time_s = schedule.aligned(poller.tools.clock(), settings.interval_s)
    writer = Writer(delivery.deliver if delivery else _nowhere)
    troubled: list[str] = []

    async def take(polled: Polled) -> None:
        if polled.health.outcome != "ok":
            troubled.append(f"{polled.host}: {polled.health.error}")
        if on_host:
            on_host(polled)
        await writer.add(polled.points)

    round_ = Cycle(time_s=time_s, ends=time.monotonic() + settings.deadline_s, everything=everything)
    await run_cycle(poller, hosts, round_, take, stats, start_after_s=start_after_s)
    await writer.finish()
    if delivery:
        counts = delivery.counts
        stats.stored, stats.spooled, stats.replayed = counts.written, counts.spooled, counts.replayed
        stats.rejected, stats.dropped = counts.rejected, counts.dropped
    if troubled:
        troubled.sort()
        more = f"; and {len(troubled) - 10} more" if len(troubled) > 10 else ""
        log.warning(
            "%d of %d hosts down, %d partial: %s%s",
            stats.hosts_down,
            stats.hosts,
            stats.hosts_partial,
            "; ".join(troubled[:10]),
            more,
        )
    return stats


def _nowhere(points: Sequence[Point]) -> None:
    """A dry run's delivery."""

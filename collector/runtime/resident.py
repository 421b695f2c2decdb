"""The resident scheduler: a cycle every interval, reload on SIGHUP, a graceful end on SIGTERM and SIGINT."""

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence

from collector.runtime import schedule
from collector.runtime.engine import open_poller
from collector.runtime.lease import exclusive
from collector.runtime.service import Delivering, cycle, open_delivery
from inventory.model import Host, Inventory

log = logging.getLogger(__name__)

SPREAD = 0.5
"""share of the interval over which the hosts' starts are spread: the rest is for the slow ones to finish"""


async def run_resident(
    inventory: Inventory,
    hosts: Sequence[Host],
    reload: Callable[[], tuple[Inventory, Sequence[Host]]],
    reload_errors: tuple[type[Exception], ...],
) -> None:
    """Poll until SIGTERM or SIGINT. `reload` reads the inventory anew and raises one of `reload_errors` where it is faulty.

    Raises:
        HeldError: another poll is running.
        StateError, StoreError: nothing can be remembered, or stored, or spooled.
    """
    loop = asyncio.get_running_loop()
    stop, reload_wanted = asyncio.Event(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload_wanted.set)
    while not stop.is_set():
        reload_wanted.clear()
        await _serve(inventory, hosts, stop, reload_wanted)
        if reload_wanted.is_set():
            try:
                inventory, hosts = reload()
                log.info("inventory read again: %d hosts", len(hosts))
            except reload_errors as error:
                log.error("the inventory stays as it was: %s", error)


async def _serve(
    inventory: Inventory, hosts: Sequence[Host], stop: asyncio.Event, reload_wanted: asyncio.Event
) -> None:
    settings = inventory.settings
    async with open_poller(inventory, resident=True) as poller:
        with exclusive(poller.tools.state.path / "poll.lock"):
            delivery = open_delivery(inventory, Delivering.STORE)
            try:
                while not (stop.is_set() or reload_wanted.is_set()):
                    began = poller.tools.clock()
                    stats = await cycle(
                        poller, hosts, delivery, start_after_s=lambda host: _start_after(host, settings.interval_s)
                    )
                    log.info(
                        "cycle: %d hosts, %d down, %d partial, %d points stored, %d spooled, %.1f s",
                        stats.hosts, stats.hosts_down, stats.hosts_partial, stats.stored, stats.spooled, poller.tools.clock() - began,
                    )  # fmt: skip
                    next_s = schedule.aligned(began, settings.interval_s) + settings.interval_s
                    late_s = poller.tools.clock() - next_s
                    if late_s > 0:
                        slow = ", ".join(f"{name} {duration_s:.1f} s" for name, duration_s in stats.slowest)
                        log.warning("the cycle overran its interval by %.1f s; slowest: %s", late_s, slow)
                        next_s = schedule.aligned(poller.tools.clock(), settings.interval_s) + settings.interval_s
                    await _sleep_until(next_s - poller.tools.clock(), stop, reload_wanted)
            finally:
                if delivery:
                    delivery.close()


def _start_after(host: Host, interval_s: int) -> float:
    return schedule.phase_s(host.name, max(1, int(interval_s * SPREAD * 1000))) / 1000


async def _sleep_until(delay_s: float, *events: asyncio.Event) -> None:
    """Sleep `delay_s`, or less where one of `events` happens."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=max(0.0, delay_s), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()

"""One cycle over many hosts: all at once within the limits, until the deadline, and what it came to."""

import asyncio
import heapq
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec

from collector.runtime.health import Health
from collector.runtime.poll import Polled, Poller
from collector.runtime.turns import Cycle
from collector.transport.contract import Traffic
from inventory.model import Host

OnHost = Callable[[Polled], Awaitable[None]]


class Stats(msgspec.Struct, kw_only=True):
    """What one cycle did; `collector poll --stats FILE` writes it as JSON."""

    hosts: int = 0
    hosts_ok: int = 0
    hosts_partial: int = 0
    hosts_down: int = 0
    points: int = 0
    fields: int = 0
    varbinds: int = 0
    pdus: int = 0
    retries: int = 0
    timeouts: int = 0
    commands: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    stored: int = 0
    spooled: int = 0
    replayed: int = 0
    rejected: int = 0
    dropped: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    max_rss_mb: float = 0.0
    slowest: list[tuple[str, float]] = []

    def count(self, polled: Polled) -> None:
        """Add what one host came to."""
        health: Health = polled.health
        self.hosts += 1
        if health.outcome == "ok":
            self.hosts_ok += 1
        elif health.outcome == "partial":
            self.hosts_partial += 1
        else:
            self.hosts_down += 1
        self.points += len(polled.points)
        self.fields += sum(len(point.fields) for point in polled.points)
        traffic: Traffic = health.traffic
        self.varbinds += traffic.varbinds
        self.pdus += traffic.pdus
        self.retries += traffic.retries
        self.timeouts += traffic.timeouts
        self.commands += traffic.commands
        self.bytes_in += traffic.bytes_in
        self.bytes_out += traffic.bytes_out

    def measure_process(self, began: float) -> None:
        """Fill in time and memory of this process; `began` is its `time.perf_counter()` at the start."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self.wall_s = round(time.perf_counter() - began, 3)
        self.cpu_s = round(usage.ru_utime + usage.ru_stime, 3)
        self.max_rss_mb = round(_peak_kb(usage) / 1024, 1)


def _peak_kb(usage: resource.struct_rusage) -> int:
    """The most memory that this program has had; ru_maxrss counts in what the process was before it became this program
    (the parent's memory, at its fork)."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:  # no Linux
        return usage.ru_maxrss
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), usage.ru_maxrss)


async def run_cycle(
    poller: Poller,
    hosts: Sequence[Host],
    cycle: Cycle,
    on_host: OnHost,
    stats: Stats,
    *,
    start_after_s: Callable[[Host], float] | None = None,
) -> None:
    """Poll `hosts`; each is handed to `on_host` as soon as it is done.

    All start at once, as far as the poller's concurrency lets them, unless `start_after_s` spreads them.
    """
    durations: list[tuple[float, str]] = []

    async def one(host: Host) -> None:
        if start_after_s:
            await asyncio.sleep(start_after_s(host))
        polled = await poller.poll(host, cycle)
        stats.count(polled)
        durations.append((polled.health.duration_s, polled.host))
        await on_host(polled)

    async with asyncio.TaskGroup() as group:  # a failed delivery ends the cycle: the caller is told by its exception
        for host in hosts:
            group.create_task(one(host))
    stats.slowest = [(name, round(duration_s, 3)) for duration_s, name in heapq.nlargest(5, durations)]

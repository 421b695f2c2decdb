"""Poll hosts, many at a time. Whatever goes wrong stays within its host: `Poller.poll` always returns."""

import asyncio
import logging
import time
import traceback

import msgspec

from collector.metrics.model import Point
from collector.plugin.errors import FamilyError
from collector.runtime import health
from collector.runtime.health import Health
from collector.runtime.lease import HeldError, Leases
from collector.runtime.state import StateError
from collector.runtime.tools import Tools
from collector.runtime.turns import Cycle
from collector.runtime.visit import Lane, Visit
from collector.transport.contract import ResolutionError, TransportError
from collector.transport.icmp import Pinger, PingResult
from inventory.model import Host
from inventory.secrets import SecretError

log = logging.getLogger(__name__)

LEASE_WAIT_S = 5.0


class Polled(msgspec.Struct):
    """What one cycle made of a host."""

    host: str
    points: list[Point]
    health: Health


class Poller:
    """Holds what polls share: tools, leases, the pinger, and the lanes."""

    def __init__(self, tools: Tools, leases: Leases, pinger: Pinger | None) -> None:
        self.tools = tools
        self._leases = leases
        self._pinger = pinger
        self._lanes = {lane: asyncio.Semaphore(tools.settings.concurrency) for lane in Lane}
        # as many again connect while the others' threads work; more would only let their deadlines pass in a queue
        self._lanes[Lane.SSH] = asyncio.Semaphore(2 * tools.settings.ssh_sessions)
        self._defects: set[tuple[str, int | None]] = set()

    async def poll(self, host: Host, cycle: Cycle) -> Polled:
        """Poll what is due of `host`. Returns in time for the cycle's end, whatever the host does."""
        try:
            async with self._lanes[Lane.LIVING]:
                visit = Visit(self.tools, host, cycle)
                if visit.lane is Lane.LIVING:
                    return await self._visit(visit, host, cycle)
            lane = visit.lane
            if self._lanes[lane].locked():
                del visit  # what it knows of the host would lie in memory while it waits
                async with self._lanes[lane]:
                    return await self._visit(Visit(self.tools, host, cycle), host, cycle)
            async with self._lanes[lane]:
                return await self._visit(visit, host, cycle)
        except Exception as error:  # noqa: BLE001 - the last resort: a defect costs this host this cycle, and is told
            if isinstance(error, StateError):
                failed = Health(outcome="down", error=str(error))
            else:
                self._report_defect(host, error)
                failed = Health(outcome="down", error=f"unexpected {type(error).__name__}")
            return Polled(host.name, health.points(host, failed, cycle.time_ns), failed)

    async def _visit(self, visit: Visit, host: Host, cycle: Cycle) -> Polled:
        began = time.perf_counter()
        left_s = cycle.ends - time.monotonic()
        if left_s <= 0:
            visit.trouble(f"its turn among the {visit.lane.value} did not come before the deadline")
        else:
            await self._collect(visit, host, left_s)
        visit.health.duration_s = time.perf_counter() - began
        return Polled(host.name, visit.all_points(), visit.health)

    async def _collect(self, visit: Visit, host: Host, left_s: float) -> None:
        pinging = asyncio.create_task(self._ping(host))
        try:
            # the session ends its requests by itself, keeping what came; the timeout is for all else
            async with asyncio.timeout(left_s + 1), self._leases.hold(host.name, LEASE_WAIT_S):
                try:
                    await visit.collect(asyncio.get_running_loop().time() + left_s)
                finally:
                    await visit.close()
        except TimeoutError:
            visit.trouble("not finished before the cycle's deadline")
        except (HeldError, FamilyError, SecretError, StateError, TransportError) as error:
            visit.trouble(str(error.args[0]))
        visit.take_ping(await pinging)

    def _report_defect(self, host: Host, error: Exception) -> None:
        """A defect of ours, with its traceback; once for each place, as it may meet thousands of hosts."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        known = (place.filename, place.lineno) in self._defects
        self._defects.add((place.filename, place.lineno))
        log.error("%s: unexpected %s", host.name, error, exc_info=None if known else error, extra={"host": host.name})

    async def _ping(self, host: Host) -> PingResult | None:
        if self._pinger is None or not host.ping or host.is_local:
            return None
        try:
            return await self._pinger.ping(host.address)
        except (OSError, ResolutionError) as error:
            log.info("%s: not pinged: %s", host.name, error, extra={"host": host.name})
            return None

"""Poll hosts, many at a time. Whatever goes wrong stays within its host: `Poller.poll` always returns."""

import asyncio
import logging
import time

import msgspec

from collector.metrics.model import Point
from collector.plugin.errors import FamilyError
from collector.runtime import health
from collector.runtime.facts import HostState
from collector.runtime.health import Health
from collector.runtime.lease import HeldError, Leases
from collector.runtime.visit import DEAD_AFTER_CYCLES, Cycle, Tools, Visit
from collector.transport.contract import TransportError
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
    """Holds what polls share: tools, leases, the pinger, and two lanes.

    A dead host has a lane of its own, so that it never takes the place of one that is alive.
    """

    def __init__(self, tools: Tools, leases: Leases, pinger: Pinger | None) -> None:
        self.tools = tools
        self._leases = leases
        self._pinger = pinger
        self._living = asyncio.Semaphore(tools.settings.concurrency)
        self._dead = asyncio.Semaphore(tools.settings.concurrency)

    async def poll(self, host: Host, cycle: Cycle) -> Polled:
        """Poll what is due of `host`. Returns in time for the cycle's end, whatever the host does."""
        async with self._living:
            state = self.tools.state.load(HostState, host.name) or HostState()
            if state.silent_cycles < DEAD_AFTER_CYCLES:
                return await self._poll(host, state, cycle)
        async with self._dead:
            return await self._poll(host, state, cycle)

    async def _poll(self, host: Host, state: HostState, cycle: Cycle) -> Polled:
        visit = Visit(self.tools, host, state, cycle)
        began = time.perf_counter()
        left_s = max(0.0, cycle.ends - time.monotonic())
        deadline_s = min(self.tools.settings.host_deadline_s, left_s)
        pinging = asyncio.create_task(self._ping(host)) if left_s else None
        try:
            # the session ends its requests by itself, keeping what came; the timeout is for all else
            async with asyncio.timeout(deadline_s + 1), self._leases.hold(host.name, LEASE_WAIT_S):
                if left_s:
                    await visit.collect(asyncio.get_running_loop().time() + deadline_s)
                else:
                    visit.trouble("its turn did not come before the deadline")
        except TimeoutError:
            visit.trouble(f"not finished within {deadline_s:.0f} s")
        except (HeldError, FamilyError, SecretError, TransportError) as error:
            visit.trouble(str(error.args[0]))
        except Exception as error:
            log.exception("%s: unexpected error", host.name, extra={"host": host.name})
            visit.trouble(f"unexpected {type(error).__name__}")
        finally:
            await visit.close()
        visit.health.ping = await pinging if pinging else None
        visit.health.duration_s = time.perf_counter() - began
        self.tools.state.save(host.name, state)
        return Polled(host.name, visit.points + health.points(host, visit.health, cycle.time_ns), visit.health)

    async def _ping(self, host: Host) -> PingResult | None:
        if self._pinger is None or not host.ping or host.transport == "local":
            return None
        try:
            return await self._pinger.ping(host.address)
        except OSError as error:
            log.info("%s: not pinged: %s", host.name, error, extra={"host": host.name})
            return None

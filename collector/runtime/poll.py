"""One host, one cycle: ask it, learn its rows anew where they have moved, normalise, remember.

Whatever goes wrong stays within the host: `Poller.poll` always returns, with what was collected until then.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

import msgspec

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import Point
from collector.normalise.normalise import Context, normalise
from collector.plugin.errors import FamilyError
from collector.plugin.model import TablePlan
from collector.plugin.profile import Family
from collector.plugin.registry import Registry
from collector.runtime import health, schedule
from collector.runtime.access import Access
from collector.runtime.facts import HostFacts, HostState, host_address
from collector.runtime.health import Health
from collector.runtime.learn import learn_device
from collector.runtime.lease import HeldError, Leases
from collector.runtime.read import Rows, read
from collector.runtime.state import StateDir
from collector.transport.contract import NoAnswerError, SecurityError, SnmpSession, TransportError
from collector.transport.icmp import Pinger, PingResult
from inventory.model import Host, Settings

log = logging.getLogger(__name__)

DEAD_AFTER_CYCLES = 3
"""cycles without an answer after which a host moves to the lane of the dead: one request a cycle, no retries"""
RELEARN_PAUSE_S = 300
"""a device whose tables change all the time is not walked more often than this; only moved rows are never waited for"""
REFUSED_PAUSE_S = 900
"""a refused SNMPv3 user is not tried again before this"""
LEASE_WAIT_S = 5.0


class Cycle(msgspec.Struct, frozen=True, kw_only=True):
    """One round over the hosts.

    Attributes:
        time_s: the timestamp of all its points, seconds since the epoch.
        ends: when it must be over, by `time.monotonic()`.
        everything: poll all tables, due or not.
    """

    time_s: int
    ends: float
    everything: bool = False


class Polled(msgspec.Struct):
    """What one cycle made of a host."""

    host: str
    points: list[Point]
    health: Health


class Poller:
    """Polls hosts one by one, many at a time; holds what they share."""

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        state: StateDir,
        leases: Leases,
        access: Access,
        pinger: Pinger | None,
        *,
        with_oids: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.registry = registry
        self.state = state
        self.leases = leases
        self.access = access
        self.pinger = pinger
        self.with_oids = with_oids
        self.clock = clock
        self._living = asyncio.Semaphore(settings.concurrency)
        self._dead = asyncio.Semaphore(settings.concurrency)

    async def poll(self, host: Host, cycle: Cycle) -> Polled:
        """Poll what is due of `host`. Returns in time for the cycle's end, whatever the host does."""
        async with self._living:
            state = self.state.load(HostState, host.name) or HostState()
            if state.silent_cycles < DEAD_AFTER_CYCLES:
                return await self._poll(host, state, cycle)
        async with self._dead:
            return await self._poll(host, state, cycle)

    async def _poll(self, host: Host, state: HostState, cycle: Cycle) -> Polled:
        one = OneHost(self, host, state, cycle)
        began = time.perf_counter()
        left_s = max(0.0, cycle.ends - time.monotonic())
        deadline_s = min(self.settings.host_deadline_s, left_s)
        pinging = asyncio.create_task(self.pinger.ping(host.address)) if self.pinger and host.ping else None
        try:
            async with self.leases.hold(host.name, LEASE_WAIT_S), asyncio.timeout(deadline_s):
                await one.collect()
        except TimeoutError:
            one.trouble(
                f"not finished within {deadline_s:.0f} s" if left_s else "its turn did not come before the deadline"
            )
        except (HeldError, FamilyError, TransportError) as error:
            one.trouble(str(error.args[0]))
        except Exception as error:  # the last resort: a defect costs this host this cycle, and is told in full
            log.exception("%s: unexpected error", host.name, extra={"host": host.name})
            one.trouble(f"unexpected {type(error).__name__}")
        finally:
            await one.close()
            if pinging:
                one.health.ping = await _ping_result(pinging, host)
        one.health.duration_s = time.perf_counter() - began
        self.state.save(host.name, state)
        time_ns = cycle.time_s * 1_000_000_000
        return Polled(host.name, one.points + health.points(host, one.health, time_ns), one.health)


async def _ping_result(pinging: "asyncio.Task[PingResult | None]", host: Host) -> PingResult | None:
    try:
        return await pinging
    except (OSError, TransportError) as error:
        log.info("%s: not pinged: %s", host.name, error, extra={"host": host.name})
        return None


class OneHost:
    """The work on one host in one cycle."""

    def __init__(self, poller: Poller, host: Host, state: HostState, cycle: Cycle) -> None:
        self.poller = poller
        self.host = host
        self.state = state
        self.cycle = cycle
        self.points: list[Point] = []
        self.health = Health()
        self.session: SnmpSession | None = None

    def trouble(self, message: str) -> None:
        """Something failed: the poll is partial if anything came before, else the host is down."""
        self.health.error = message
        self.health.outcome = "partial" if self.points else "down"
        log.info("%s: %s", self.host.name, message, extra={"host": self.host.name})

    async def close(self) -> None:
        """Give the session back and take over what it counted."""
        if self.session:
            self.health.traffic = self.session.traffic
            await self.session.close()

    async def collect(self) -> None:
        """Ask the host.

        Raises:
            TransportError: it did not answer, or refused.
            FamilyError: its family's file is wrong.
        """
        if self.host.transport == "local":
            self._collect_local()
            return
        now = self.poller.clock()
        if self.state.refused_s and now - self.state.refused_s < REFUSED_PAUSE_S:
            self.health.snmp_up = False
            raise SecurityError("SNMPv3 was refused a short while ago; it is tried again later")
        facts = self._known_facts()
        try:
            if facts is None:
                facts = await self._learn_first()
            else:
                self.session = self.poller.access.open(self.host, facts.credential, facts.session, hurry=self._dead)
            await self._read(facts)
        except NoAnswerError:
            self.health.snmp_up = False
            self.state.silent_cycles += 1
            raise
        except SecurityError:
            self.health.snmp_up = False
            self.state.refused_s = now
            raise
        except TransportError:
            self.health.snmp_up = False
            raise
        self.health.snmp_up = True
        self.state.silent_cycles = 0
        self.state.refused_s = 0.0

    @property
    def _dead(self) -> bool:
        return self.state.silent_cycles >= DEAD_AFTER_CYCLES

    def _known_facts(self) -> HostFacts | None:
        facts = self.poller.state.load(HostFacts, self.host.name)
        if facts is None or facts.address != host_address(self.host):
            return None
        if facts.credential not in {credential.name for credential in self.host.credentials}:
            return None
        if self.host.family and self.host.family != facts.plan.family:
            return None
        if self.poller.registry.family(facts.plan.family).fingerprint != facts.plan.fingerprint:
            return None
        self.health.family = facts.plan.family
        return facts

    async def _learn_first(self) -> HostFacts:
        """Find a credential that works, and learn the device with it."""
        credential, self.session = await self.poller.access.first_working(
            self.host, turn=self.state.silent_cycles if self._dead else None
        )
        return await self._learn(self.session, credential)

    async def _learn(self, session: SnmpSession, credential: str) -> HostFacts:
        learnt = await learn_device(session, self.poller.registry, self.host.family, self.host.limits.sessions)
        facts = HostFacts.of(self.host, credential, learnt, session.learnt, self.poller.clock())
        self.poller.state.save(self.host.name, facts)
        self.health.family = facts.plan.family
        return facts

    async def _read(self, facts: HostFacts) -> None:
        session = self.session
        assert session is not None, "opened before"  # noqa: S101 - a fact of this class, not of its input
        family = self.poller.registry.family(facts.plan.family)
        due = self._due(facts.plan.tables, family)
        rows = await read(session, family, due, list(facts.watch), self.poller.clock(), with_oids=self.poller.with_oids)
        if reason := self._moved(facts, rows):
            log.info("%s: rows learnt anew: %s", self.host.name, reason, extra={"host": self.host.name})
            self.state.uptime_ticks = None
            facts = await self._learn(session, facts.credential)
            family = self.poller.registry.family(facts.plan.family)
            due = self._due(facts.plan.tables, family)
            rows = await read(
                session, family, due, list(facts.watch), self.poller.clock(), with_oids=self.poller.with_oids
            )
        elif session.learnt != facts.session:
            facts.session = session.learnt
            self.poller.state.save(self.host.name, facts)
        for table in due:
            self.state.polled_s[table.table] = self.cycle.time_s
        self.state.uptime_ticks, self.state.uptime_seen_s = rows.uptime_ticks, self.poller.clock()
        self._take(rows)
        self._judge(facts, rows)
        self._tell_identity(facts)

    def _due(self, tables: Sequence[TablePlan], family: Family) -> list[TablePlan]:
        settings = self.poller.settings
        due = []
        for table in tables:
            interval_s = schedule.interval_of(
                family.table(table.table).measurement,
                family.interval_s(table.table),
                settings.intervals,
                settings.interval_s,
            )
            phase = (
                schedule.phase_s(f"{self.host.name} {table.table}", interval_s)
                if interval_s > settings.interval_s
                else 0
            )
            last_s = self.state.polled_s.get(table.table)
            if self.cycle.everything or schedule.is_due(interval_s, last_s, self.cycle.time_s, phase):
                due.append(table)
        return due

    def _moved(self, facts: HostFacts, rows: Rows) -> str:
        """Why the rows must be learnt again now; "" if they need not."""
        if rows.renumbered:
            return f"indices moved in {', '.join(rows.renumbered)}"
        age_s = self.poller.clock() - facts.learnt_s
        if age_s < RELEARN_PAUSE_S:
            return ""
        if age_s >= self.poller.settings.relearn_s:
            return "on schedule"
        if rows.gone:
            return f"{rows.gone} values are gone"
        if changed := [oid for oid, value in rows.watch.items() if value != facts.watch[oid]]:
            return f"{len(changed)} signs of change (ifTableLastChange, ifNumber and the like)"
        last = self.state.uptime_ticks
        if last is not None and rows.uptime_ticks is not None and rows.uptime_ticks < last:
            return "the device restarted"
        return ""

    def _take(self, rows: Rows) -> None:
        """Normalise the rows into points, and keep their counters for the next cycle."""
        context = Context(
            tags=self.host.point_tags(),
            time_ns=self.cycle.time_s * 1_000_000_000,
            links={link.interface: link for link in self.host.links},
            interfaces=self.host.interfaces,
        )
        made = normalise(rows.rows, rows.stamps, context, self.state.samples)
        self.points += made.points
        self.state.samples = made.samples

    def _tell_identity(self, facts: HostFacts) -> None:
        interval_s = schedule.interval_of(
            "device_info",
            MEASUREMENTS["device_info"].interval_s,
            self.poller.settings.intervals,
            self.poller.settings.interval_s,
        )
        last_s = self.state.polled_s.get("device_info")
        phase = schedule.phase_s(f"{self.host.name} device_info", interval_s)
        if self.cycle.everything or schedule.is_due(interval_s, last_s, self.cycle.time_s, phase):
            self.points += health.info_points(self.host, facts.plan, self.cycle.time_s * 1_000_000_000)
            self.state.polled_s["device_info"] = self.cycle.time_s

    def _judge(self, facts: HostFacts, rows: Rows) -> None:
        if rows.uptime_ticks is not None:
            self.health.uptime_s = rows.uptime_ticks / 100
        problems = [f"{rows.lost} values lost"] if rows.lost else []
        problems += [f"{table}: {reason}" for table, reason in facts.plan.problems]
        if problems:
            self.health.outcome = "partial"
            self.health.error = "; ".join(problems)[:500]

    def _collect_local(self) -> None:
        from collector.transport import local

        rows, self.state.local = local.read(self.state.local)
        self.health.family = "local"
        now = self.poller.clock()
        self._take(Rows.at(rows, now))

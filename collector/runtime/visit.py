"""The work on one host in one cycle: ask it by every protocol that it has, normalise what it says, judge how it went."""

import logging
import time
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import Point
from collector.normalise import carried
from collector.normalise.budget import over_budget
from collector.normalise.normalise import Context, Stamp, normalise
from collector.normalise.samples import Samples
from collector.plugin.model import Plan
from collector.runtime import health
from collector.runtime.facts import HostState
from collector.runtime.health import Health
from collector.runtime.read import Rows, apart_from_device
from collector.runtime.snmp_visit import SnmpRead, SnmpVisit
from collector.runtime.tools import Tools
from collector.runtime.turns import Cycle, Turns
from collector.transport.contract import Traffic, TransportError
from collector.transport.icmp import PingResult
from inventory.model import Host
from inventory.secrets import SecretError

if TYPE_CHECKING:
    from collector.runtime.ssh_read import SshRead
    from collector.runtime.ssh_visit import SshVisit

log = logging.getLogger(__name__)

MAX_ERROR = 300
"""characters of a host's error that are kept"""


class Lane(Enum):
    """Where a host waits for its turn, so that no kind of host takes the places of another."""

    LIVING = "living"
    LEARNING = "learning"
    """to be walked first, which takes as much work as dozens of cycles"""
    DEAD = "dead"
    SSH = "SSH"
    """asked by SSH too, which takes a thread and many round trips"""


class Visit:
    """One host, one cycle: `collect` when its lane has a place, then `close`.

    Attributes:
        points: what its tables said.
        health: how it went.
    """

    def __init__(self, tools: Tools, host: Host, cycle: Cycle) -> None:
        self.points: list[Point] = []
        self.health = Health()
        self._tools = tools
        self._host = host
        self._cycle = cycle
        self._state = tools.state.load(HostState, host.name) or HostState()
        self._turns = Turns(host.name, tools.settings, cycle, self._state.polled_s)
        self._snmp = SnmpVisit(tools, host, self._state, self._turns) if host.snmp_credentials else None
        self._ssh = self._ssh_visit() if host.ssh_credentials else None
        self._commands = Traffic()
        self._carried: set[str] = set()
        if self._snmp and self._snmp.plan:
            self.health.family = self._snmp.plan.family

    def _ssh_visit(self) -> "SshVisit":
        from collector.runtime.ssh_visit import SshVisit

        return SshVisit(self._tools, self._host, self._state, self._turns)

    @property
    def lane(self) -> Lane:
        """Where the host has to wait for its turn."""
        if self._ssh:
            return Lane.DEAD if self._ssh.resting and (self._snmp is None or self._snmp.dead) else Lane.SSH
        if self._snmp is None:
            return Lane.LIVING
        if self._snmp.dead:
            return Lane.DEAD
        return Lane.LEARNING if self._snmp.to_be_learnt else Lane.LIVING

    def trouble(self, message: str) -> None:
        """Something failed: the visit is partial if anything came before, else the host is down."""
        self.health.error = in_short(message)
        self.health.outcome = "partial" if self.points else "down"
        log.info("%s: %s", self._host.name, message, extra={"host": self._host.name})

    def take_ping(self, ping: PingResult | None) -> None:
        """What came of the echo requests beside the visit: the only word of a host that has no credentials."""
        self.health.ping = ping
        if self._snmp is None and self._ssh is None and self.health.up is False:
            self.trouble("no answer to echo requests")

    async def close(self) -> None:
        """Give the sessions back, take over what they counted, and remember the host's state."""
        if self._snmp:
            self.health.traffic = self._snmp.traffic
            self.health.snmp_up = self._snmp.up
            await self._snmp.close()
        if self._ssh:
            self.health.ssh_up = self._ssh.up
            self.health.traffic.commands += self._commands.commands
            self.health.traffic.bytes_in += self._commands.bytes_in
        self._carried = self._take_carried()
        self._tools.state.save(self._host.name, self._state)

    def all_points(self) -> list[Point]:
        """What the host's tables said, how the host is, and what it carries; once it is closed."""
        host, time_ns, up = self._host, self._cycle.time_ns, self.health.up
        made = self.points + health.points(host, self.health, time_ns)
        if up is not None and "link" in self._carried:
            made += carried.link_points(host, time_ns)
        if up is not None and "station" in self._carried:
            made += carried.station_points(self._tools.carried[host.name], host, up, self.points, time_ns)
        return made

    def _take_carried(self) -> set[str]:
        """Which of the measurements of what it carries have their turn now."""
        there = {"link": bool(self._host.links), "station": self._host.name in self._tools.carried}
        due = {name for name in there if there[name] and self._turns.is_due(name, name, MEASUREMENTS[name].interval_s)}
        for name in due:
            self._turns.done(name)
        return due

    async def collect(self, ends: float) -> None:
        """Ask the host, until `ends` (on the clock of the event loop) at the latest, and for no longer than it may take.

        Raises:
            TransportError: it answered by no protocol, or refused.
            SecretError: a credential's secret cannot be had.
            FamilyError: its family's file is wrong.
        """
        if self._host.is_local:
            await self._collect_local()
            return
        failures: list[TransportError | SecretError] = []
        given: set[str] = set()
        taken: set[str] = set()
        if self._snmp:
            wins = self._ssh.wins() if self._ssh else frozenset()
            try:
                read = await self._snmp.collect(ends, wins)
            except (TransportError, SecretError) as error:
                failures.append(error)
                if not self._snmp.dead:  # its tables are only late: taken from elsewhere, they would be other counters
                    given = self._snmp.measurements
            else:
                given = self._snmp.measurements
                taken = given - wins
                self._take_snmp(read)
        if self._ssh and not self._ssh.has_nothing_to_ask(given):
            try:
                self._take_ssh(await self._ssh.collect(self._until(ends), self.health.family, given, taken))
            except (TransportError, SecretError) as error:
                failures.append(error)
        if failures and not self.points:
            raise failures[0]
        if failures:
            self._problems([str(failure.args[0]) for failure in failures])

    def _until(self, ends: float) -> float:
        """When work on the host that begins now must end, by `time.monotonic()`: its own deadline, within the cycle's."""
        return min(ends, time.monotonic() + self._tools.settings.host_deadline_s)

    def _take_snmp(self, read: SnmpRead) -> None:
        self.health.family = read.plan.family
        self._state.samples = self._take(read.rows, self._state.samples, _interface_types(read.plan))
        if self._is_info_due():
            self.points += health.info_points(self._host, read.plan, self._cycle.time_ns)
            self._turns.done("device_info")
        self._problems(read.problems)

    def _take_ssh(self, read: "SshRead") -> None:
        self.health.family = self.health.family or read.facts.family
        self._commands = read.traffic
        self._state.ssh.samples = self._take(read.rows, self._state.ssh.samples, {})
        self._problems(read.problems)

    def _problems(self, problems: Sequence[str]) -> None:
        if problems:
            self.health.outcome = "partial"
            told = [self.health.error] if self.health.error else []
            self.health.error = in_short("\n".join([*told, *problems]))

    def _take(self, rows: Rows, previous: Samples, types: Mapping[str, str]) -> Samples:
        """Normalise the rows into points; returns their counters for the next cycle."""
        others, stamps, uptime_s = apart_from_device(rows)
        if uptime_s is not None:
            self.health.uptime_s = uptime_s
        context = Context.of(self._host, self._cycle.time_ns, types)
        made = normalise(others, stamps, context, previous)
        self.points += made.points
        if warning := over_budget(self.points, self._tools.settings.max_series):
            log.warning("%s: %s", self._host.name, warning, extra={"host": self._host.name})
        return made.samples

    def _is_info_due(self) -> bool:
        return self._turns.is_due("device_info", "device_info", MEASUREMENTS["device_info"].interval_s)

    async def _collect_local(self) -> None:
        from collector.transport import local
        from collector.transport.linux.batch import Wanted

        info = self._is_info_due()
        neighbours = self._turns.is_due("neighbour", "neighbour", MEASUREMENTS["neighbour"].interval_s)
        wanted = Wanted(info=info, neighbours=neighbours, tools=self._host.ssh_tools)
        state = self._state.ssh
        try:
            snapshot = await local.read(state.cpu_ticks, wanted, timeout_s=self._tools.settings.host_deadline_s)
        except (OSError, ValueError) as error:
            raise TransportError(f"this machine cannot be read: {error}", host=self._host.name) from error
        state.cpu_ticks = snapshot.cpu_ticks
        for what, told in (("device_info", info), ("neighbour", neighbours)):
            if told:
                self._turns.done(what)
        self.health.family = "local"
        self.health.local_up = True
        stamps = [Stamp(self._tools.clock(), snapshot.uptime_ticks)] * len(snapshot.rows)
        rows = Rows(rows=snapshot.rows, stamps=stamps, uptime_ticks=snapshot.uptime_ticks)
        self._state.samples = self._take(rows, self._state.samples, {})
        self._problems(snapshot.problems)


def in_short(message: str) -> str:
    """The first line of a message, and how many more there are: it goes into a point and a log line of every cycle."""
    first, *more = message.splitlines() or [""]
    return first[:MAX_ERROR] + (f" (and {len(more)} more)" if more else "")


def _interface_types(plan: Plan) -> Mapping[str, str]:
    """ifType by interface name, as learnt: the filter wants it in every cycle, the table is read once an hour."""
    return {
        row.tags["name"]: str(row.fixed["type"])
        for table in plan.tables
        for row in table.rows
        if "type" in row.fixed and "name" in row.tags
    }

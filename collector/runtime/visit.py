"""The work on one host in one cycle: open, learn where that is needed, read, normalise, judge."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum

import msgspec

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import Point
from collector.normalise.budget import over_budget
from collector.normalise.normalise import Context, Stamp, normalise
from collector.plugin.errors import FamilyError
from collector.plugin.model import Plan, Row, TablePlan
from collector.plugin.profile import Family
from collector.plugin.registry import Registry
from collector.runtime import health, schedule
from collector.runtime.access import SYS_UPTIME, Access, credential_of_turn
from collector.runtime.facts import HostFacts, HostState, host_address
from collector.runtime.health import Health
from collector.runtime.learn import learn_device
from collector.runtime.read import Rows, read
from collector.runtime.state import StateDir
from collector.transport.contract import BoundsError, NoAnswerError, SecurityError, TransportError
from collector.transport.snmp.learnt import Learnt
from collector.transport.snmp.session import Session
from inventory.model import Host, Settings

log = logging.getLogger(__name__)

DEAD_AFTER_CYCLES = 3
"""cycles without an answer after which a host counts as dead: one request a cycle, no repeats"""
RELEARN_PAUSE_S = 300
"""a device whose tables change all the time is not walked more often than this; only moved rows are never waited for"""
LEARNING_AT_ONCE = 32
LEARNING_SHARE = 0.1
"""of a cycle: with less than that left a device's rows are not begun to be learnt, as they would only be learnt in part"""
MAX_ERROR = 300
"""characters of a host's error that are kept"""
RELEARN_BROKEN_S = 600
"""rows that could not all be learnt are learnt again after this"""
REFUSED_PAUSE_S = 900
"""a refused SNMPv3 user is not tried again before this"""
_OUT_OF_TIME = (BoundsError, asyncio.CancelledError)
"""how a visit ends at its deadline"""


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

    @property
    def time_ns(self) -> int:
        """The timestamp as points have it."""
        return self.time_s * 1_000_000_000


class Tools(msgspec.Struct, frozen=True):
    """What all visits share.

    Attributes:
        learning: how many hosts are walked at once: `learning_places()`.
        with_oids: whether sensors and states say where they were read.
    """

    settings: Settings
    registry: Registry
    state: StateDir
    access: Access
    learning: asyncio.Semaphore
    clock: Callable[[], float] = time.time
    with_oids: bool = False


def learning_places() -> asyncio.Semaphore:
    """Few enough that the walks which began also end in time, on a machine whose processor is the limit."""
    return asyncio.Semaphore(LEARNING_AT_ONCE)


class Lane(Enum):
    """Where a host waits for its turn, so that no kind of host takes the places of another."""

    LIVING = "living"
    LEARNING = "learning"
    """to be walked first, which takes as much work as dozens of cycles"""
    DEAD = "dead"


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
        self._session: Session | None = None
        self._facts = None if host.transport == "local" else self._known_facts()
        self._types: Mapping[str, str] = {}
        self._ends = 0.0

    @property
    def lane(self) -> Lane:
        """Where the host has to wait for its turn."""
        if self._host.transport == "local":
            return Lane.LIVING
        if self._state.silent_cycles >= DEAD_AFTER_CYCLES:
            return Lane.DEAD
        return Lane.LEARNING if self._facts is None or self._is_old(self._facts) else Lane.LIVING

    def trouble(self, message: str) -> None:
        """Something failed: the visit is partial if anything came before, else the host is down."""
        self.health.error = in_short(message)
        self.health.outcome = "partial" if self.points else "down"
        log.info("%s: %s", self._host.name, message, extra={"host": self._host.name})

    async def close(self) -> None:
        """Give the session back, take over what it counted, and remember the host's state."""
        if self._session:
            self.health.traffic = self._session.traffic
            await self._session.close()
        self._tools.state.save(self._host.name, self._state)

    async def collect(self, ends: float) -> None:
        """Ask the host, until `ends` (on the clock of the event loop) at the latest, and for no longer than it may take.

        Raises:
            TransportError: it did not answer, or refused.
            SecretError: a credential's secret cannot be had.
            FamilyError: its family's file is wrong.
        """
        if self._host.transport == "local":
            self._collect_local()
            return
        now = self._tools.clock()
        if self._state.refused_s and now - self._state.refused_s < REFUSED_PAUSE_S:
            self.health.snmp_up = False
            raise SecurityError("SNMPv3 was refused a short while ago; it is tried again later")
        try:
            self._ends = ends
            await self._collect_snmp()
        except (TransportError, asyncio.CancelledError) as error:
            self.health.snmp_up = isinstance(error, _OUT_OF_TIME) and self._heard
            if isinstance(error, NoAnswerError) or (isinstance(error, _OUT_OF_TIME) and not self._heard):
                self._state.silent_cycles += 1
            elif isinstance(error, SecurityError):
                self._state.refused_s = now
            raise
        self.health.snmp_up = True
        self._state.silent_cycles = 0
        self._state.refused_s = 0.0

    async def _collect_snmp(self) -> None:
        turn = self._state.silent_cycles if self.lane is Lane.DEAD else None
        facts = self._facts
        access = self._tools.access
        if facts is None or not self._trusts(facts.credential, turn):
            credential, self._session = await access.first_working(self._host, turn=turn, ends=self._host_ends())
            facts = await self._learn(self._session, credential)
        else:
            dead = turn is not None
            self._session = await access.open(self._host, facts.credential, facts.session, hurry=dead)
            self._session.deadline = self._host_ends()
            if dead:
                await self._session.get([SYS_UPTIME])  # one small request shows whether it is back
        await self._read(self._session, facts)

    def _host_ends(self) -> float:
        """When work on the host that begins now must end: its own deadline, within the cycle's."""
        return min(self._ends, asyncio.get_running_loop().time() + self._tools.settings.host_deadline_s)

    def _trusts(self, credential: str, turn: int | None) -> bool:
        """Whether to go on with the credential that worked: a device that refused it, or has long been silent, may want
        another one of the host's by now."""
        if turn is not None:
            return credential == credential_of_turn(self._host, turn)
        return not self._state.refused_s

    @property
    def _heard(self) -> bool:
        """Whether the device answered anything in this visit."""
        return self._session is not None and self._session.traffic.bytes_in > 0

    def _known_facts(self) -> HostFacts | None:
        """What was learnt of this host, as long as it is the same host, credential and family."""
        facts = self._tools.state.load(HostFacts, self._host.name)
        if facts is None or facts.address != host_address(self._host):
            return None
        if facts.credential not in {credential.name for credential in self._host.credentials}:
            return None
        plan = facts.plan
        if self._host.family not in (None, plan.family):
            return None
        try:
            if self._family_of(plan).fingerprint != plan.fingerprint:
                return None
        except FamilyError:  # its file has gone, or is wrong: learning tells which
            return None
        self.health.family = plan.family
        return facts

    async def _learn(self, session: Session, credential: str) -> HostFacts:
        settings = self._tools.settings
        async with self._tools.learning:
            if self._ends - asyncio.get_running_loop().time() < LEARNING_SHARE * settings.deadline_s:
                raise BoundsError("its turn to be learnt did not come before the deadline")
            session.deadline = self._host_ends()
            learnt = await learn_device(session, self._tools.registry, self._host.family, self._host.limits.sessions)
        facts = HostFacts.of(self._host, credential, learnt, session.learnt, self._tools.clock())
        self._tools.state.save(self._host.name, facts)
        self.health.family = facts.plan.family
        return facts

    async def _read(self, session: Session, facts: HostFacts) -> None:
        due, rows = await self._read_due(session, facts)
        if reason := self._moved(facts, rows):
            log.info("%s: rows learnt anew: %s", self._host.name, reason, extra={"host": self._host.name})
            session.forget_habits()
            try:
                facts = await self._learn(session, facts.credential)
            except BoundsError as error:  # no time is left: what was read is good all the same
                rows.broken.append(str(error.args[0]))
            else:
                due, rows = await self._read_due(session, facts)
        elif _worth_remembering(facts.session, session.learnt):
            facts.session = session.learnt
            self._tools.state.save(self._host.name, facts)
        for table in due:
            self._state.polled_s[table.table] = self._cycle.time_s
        self._state.uptime_ticks = rows.uptime_ticks
        self._types = _interface_types(facts.plan)
        self._take(rows)
        self._tell_identity(facts.plan)
        self._judge(facts.plan, rows, session)

    async def _read_due(self, session: Session, facts: HostFacts) -> tuple[list[TablePlan], Rows]:
        family = self._family_of(facts.plan)
        due = [table for table in facts.plan.tables if self._is_due(table.table, family)]
        now = self._tools.clock()
        return due, await read(session, family, due, list(facts.watch), now, with_oids=self._tools.with_oids)

    def _family_of(self, plan: Plan) -> Family:
        return self._tools.registry.family(plan.family, plan.facts.get("sys_object_id", ""))

    def _is_due(self, table: str, family: Family) -> bool:
        return self._interval_is_over(table, family.table(table).measurement, family.interval_s(table))

    def _interval_is_over(self, what: str, measurement: str, declared_s: int) -> bool:
        if self._cycle.everything:
            return True
        settings = self._tools.settings
        interval_s = schedule.interval_of(measurement, declared_s, settings.intervals, settings.interval_s)
        seldom = interval_s > settings.interval_s
        phase = schedule.phase_s(f"{self._host.name} {what}", interval_s) if seldom else 0
        return schedule.is_due(interval_s, self._state.polled_s.get(what), self._cycle.time_s, phase)

    def _is_old(self, facts: HostFacts) -> bool:
        """Whether the rows are to be learnt again on schedule; where a walk broke off, that is sooner."""
        relearn_s = self._tools.settings.relearn_s
        age_s = self._tools.clock() - facts.learnt_s
        return age_s >= (min(relearn_s, RELEARN_BROKEN_S) if facts.plan.problems else relearn_s)

    def _moved(self, facts: HostFacts, rows: Rows) -> str:
        """Why the rows must be learnt again now; "" if they need not."""
        if rows.renumbered:
            return f"indices moved in {', '.join(rows.renumbered)}"
        age_s = self._tools.clock() - facts.learnt_s
        if age_s < RELEARN_PAUSE_S:
            return ""
        if self._is_old(facts):
            return "on schedule"
        if rows.gone:
            return f"{rows.gone} values are gone"
        if any(value != facts.watch[oid] for oid, value in rows.watch.items()):
            return "the device says that its tables changed"
        last = self._state.uptime_ticks
        if last is not None and rows.uptime_ticks is not None and rows.uptime_ticks < last:
            return "the device restarted"
        return ""

    def _take(self, rows: Rows) -> None:
        """Normalise the rows into points, and keep their counters for the next cycle."""
        others, stamps = _without_device(rows, self.health)
        context = Context(
            tags=self._host.point_tags(),
            time_ns=self._cycle.time_ns,
            links={link.interface: link for link in self._host.links},
            interfaces=self._host.interfaces,
            types=self._types,
        )
        made = normalise(others, stamps, context, self._state.samples)
        if warning := over_budget(made.points, self._tools.settings.max_series):
            log.warning("%s: %s", self._host.name, warning, extra={"host": self._host.name})
        self.points += made.points
        self._state.samples = made.samples

    def _tell_identity(self, plan: Plan) -> None:
        if self._interval_is_over("device_info", "device_info", MEASUREMENTS["device_info"].interval_s):
            self.points += health.info_points(self._host, plan, self._cycle.time_ns)
            self._state.polled_s["device_info"] = self._cycle.time_s

    def _judge(self, plan: Plan, rows: Rows, session: Session) -> None:
        problems = [f"{rows.lost} values lost: {session.trouble or 'no reason known'}"] if rows.lost else []
        problems += rows.broken
        problems += [f"{table}: {reason}" for table, reason in plan.problems]
        if problems:
            self.health.outcome = "partial"
            self.health.error = in_short("\n".join(problems))

    def _collect_local(self) -> None:
        from collector.transport import local

        info_s = MEASUREMENTS["device_info"].interval_s
        with_info = self._interval_is_over("device_info", "device_info", info_s)
        rows, self._state.local = local.read(self._state.local, with_info=with_info)
        if with_info:
            self._state.polled_s["device_info"] = self._cycle.time_s
        self.health.family = "local"
        stamp = Stamp(self._tools.clock(), local.uptime_ticks())
        self._take(Rows(rows=rows, stamps=[stamp] * len(rows)))


def in_short(message: str) -> str:
    """The first line of a message, and how many more there are: it goes into a point and a log line of every cycle."""
    first, *more = message.splitlines() or [""]
    return first[:MAX_ERROR] + (f" (and {len(more)} more)" if more else "")


def _without_device(rows: Rows, health_: Health) -> tuple[Sequence[Row], Sequence[Stamp]]:
    """All rows but those of `device`: what they say of the uptime goes into the host's own `device` point."""
    if rows.uptime_ticks is not None:
        health_.uptime_s = rows.uptime_ticks / 100
    kept: list[Row] = []
    stamps: list[Stamp] = []
    for row, stamp in zip(rows.rows, rows.stamps, strict=True):
        if row.measurement == "device":
            uptime_s = row.fields.get("uptime_s")
            if isinstance(uptime_s, (int, float)):
                health_.uptime_s = float(uptime_s)
        else:
            kept.append(row)
            stamps.append(stamp)
    return kept, stamps


def _interface_types(plan: Plan) -> Mapping[str, str]:
    """ifType by interface name, as learnt: the filter wants it in every cycle, the table is read once an hour."""
    return {
        row.tags["name"]: str(row.fixed["type"])
        for table in plan.tables
        for row in table.rows
        if "type" in row.fixed and "name" in row.tags
    }


def _worth_remembering(before: Learnt, now: Learnt) -> bool:
    """Whether anything but the engine's clock has changed: that runs on by itself."""
    old, new = before.engine, now.engine
    if (old and (old.engine_id, old.boots)) != (new and (new.engine_id, new.boots)):
        return True
    return msgspec.structs.replace(before, engine=None) != msgspec.structs.replace(now, engine=None)

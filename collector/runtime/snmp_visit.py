"""The SNMP side of a visit: open a session, learn the device's rows where that is needed, read those that are due."""

import asyncio
import logging
from collections.abc import Collection

import msgspec

from collector.plugin.errors import FamilyError
from collector.plugin.model import Plan, TablePlan
from collector.plugin.profile import Family
from collector.runtime.access import SYS_UPTIME, credential_of_turn
from collector.runtime.facts import HostFacts, HostState, host_address
from collector.runtime.learn import learn_device
from collector.runtime.read import Rows, read
from collector.runtime.tools import Tools
from collector.runtime.turns import Turns
from collector.transport.contract import BoundsError, NoAnswerError, SecurityError, Traffic, TransportError
from collector.transport.snmp.learnt import Learnt
from collector.transport.snmp.session import Session
from inventory.model import Host

log = logging.getLogger(__name__)

DEAD_AFTER_CYCLES = 3
"""cycles without an answer after which a host counts as dead: one request a cycle, no repeats"""
RELEARN_PAUSE_S = 300
"""a device whose tables change all the time is not walked more often than this; only moved rows are never waited for"""
LEARNING_SHARE = 0.1
"""of a cycle: with less than that left a device's rows are not begun to be learnt, as they would only be learnt in part"""
RELEARN_BROKEN_S = 600
"""rows that could not all be learnt are learnt again after this"""
REFUSED_PAUSE_S = 900
"""a refused SNMPv3 user is not tried again before this"""
_OUT_OF_TIME = (BoundsError, asyncio.CancelledError)
"""how a visit ends at its deadline"""


class SnmpRead(msgspec.Struct):
    """What SNMP gave: the plan it was read by, its rows, and what went wrong on the way (nothing where all is well)."""

    plan: Plan
    rows: Rows
    problems: list[str]


class SnmpVisit:
    """One host by SNMP, one cycle: `collect`, then `close`.

    Attributes:
        up: whether it answered; None where it was not asked.
    """

    def __init__(self, tools: Tools, host: Host, state: HostState, turns: Turns) -> None:
        self.up: bool | None = None
        self._tools = tools
        self._host = host
        self._state = state
        self._turns = turns
        self._session: Session | None = None
        self._facts = self._known_facts()
        self._ends = 0.0

    @property
    def dead(self) -> bool:
        """Whether it has long been silent."""
        return self._state.silent_cycles >= DEAD_AFTER_CYCLES

    @property
    def to_be_learnt(self) -> bool:
        """Whether its rows have to be walked first."""
        return self._facts is None or self._is_old(self._facts)

    @property
    def plan(self) -> Plan | None:
        """What is known of the device, from now or earlier."""
        return self._facts.plan if self._facts else None

    @property
    def measurements(self) -> set[str]:
        """What comes by SNMP: those of the family's tables that the device has."""
        if self._facts is None:
            return set()
        family = self._family_of(self._facts.plan)
        return {family.table(table.table).measurement for table in self._facts.plan.tables}

    @property
    def traffic(self) -> Traffic:
        """What was sent and received."""
        return self._session.traffic if self._session else Traffic()

    async def close(self) -> None:
        """Give the session back."""
        if self._session:
            await self._session.close()

    async def collect(self, ends: float, without: Collection[str] = ()) -> SnmpRead:
        """Ask the host, until `ends` (on the clock of the event loop) at the latest; measurements in `without` come from
        elsewhere.

        Raises:
            TransportError: it did not answer, or refused.
            SecretError: a credential's secret cannot be had.
            FamilyError: its family's file is wrong.
        """
        now = self._tools.clock()
        if self._state.refused_s and now - self._state.refused_s < REFUSED_PAUSE_S:
            self.up = False
            raise SecurityError("SNMPv3 was refused a short while ago; it is tried again later")
        try:
            self._ends = ends
            result = await self._collect(without)
        except (TransportError, asyncio.CancelledError) as error:
            self.up = isinstance(error, _OUT_OF_TIME) and self._heard
            if isinstance(error, NoAnswerError) or (isinstance(error, _OUT_OF_TIME) and not self._heard):
                self._state.silent_cycles += 1
            elif isinstance(error, SecurityError):
                self._state.refused_s = now
            raise
        self.up = True
        self._state.silent_cycles = 0
        self._state.refused_s = 0.0
        return result

    async def _collect(self, without: Collection[str]) -> SnmpRead:
        turn = self._state.silent_cycles if self.dead else None
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
        return await self._read(self._session, facts, without)

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

    @property
    def _wanted_family(self) -> str | None:
        """The family that the operator fixed, where it has an SNMP side."""
        family = self._host.family
        return None if family and self._tools.registry.is_only_cli(family) else family

    def _known_facts(self) -> HostFacts | None:
        """What was learnt of this host, as long as it is the same host, credential and family."""
        facts = self._tools.state.load(HostFacts, self._host.name)
        if facts is None or facts.address != host_address(self._host):
            return None
        if facts.credential not in {credential.name for credential in self._host.snmp_credentials}:
            return None
        plan = facts.plan
        if self._wanted_family not in (None, plan.family):
            return None
        try:
            if self._family_of(plan).fingerprint != plan.fingerprint:
                return None
        except FamilyError:  # its file has gone, or is wrong: learning tells which
            return None
        return facts

    async def _learn(self, session: Session, credential: str) -> HostFacts:
        settings = self._tools.settings
        async with self._tools.learning:
            if self._ends - asyncio.get_running_loop().time() < LEARNING_SHARE * settings.deadline_s:
                raise BoundsError("its turn to be learnt did not come before the deadline")
            session.deadline = self._host_ends()
            learnt = await learn_device(session, self._tools.registry, self._wanted_family, self._host.limits.sessions)
        facts = HostFacts.of(self._host, credential, learnt, session.learnt, self._tools.clock())
        self._tools.state.save(self._host.name, facts)
        self._facts = facts
        return facts

    async def _read(self, session: Session, facts: HostFacts, without: Collection[str]) -> SnmpRead:
        due, rows = await self._read_due(session, facts, without)
        if reason := self._moved(facts, rows):
            log.info("%s: rows learnt anew: %s", self._host.name, reason, extra={"host": self._host.name})
            session.forget_habits()
            try:
                facts = await self._learn(session, facts.credential)
            except BoundsError as error:  # no time is left: what was read is good all the same
                rows.broken.append(str(error.args[0]))
            else:
                due, rows = await self._read_due(session, facts, without)
        elif _worth_remembering(facts.session, session.learnt):
            facts.session = session.learnt
            self._tools.state.save(self._host.name, facts)
        for table in due:
            self._turns.done(table.table)
        self._state.uptime_ticks = rows.uptime_ticks
        return SnmpRead(facts.plan, rows, _problems(facts.plan, rows, session))

    async def _read_due(
        self, session: Session, facts: HostFacts, without: Collection[str]
    ) -> tuple[list[TablePlan], Rows]:
        family = self._family_of(facts.plan)
        due = [table for table in facts.plan.tables if self._is_due(table.table, family, without)]
        now = self._tools.clock()
        return due, await read(session, family, due, list(facts.watch), now, with_oids=self._tools.with_oids)

    def _family_of(self, plan: Plan) -> Family:
        return self._tools.registry.family(plan.family, plan.facts.get("sys_object_id", ""))

    def _is_due(self, table: str, family: Family, without: Collection[str]) -> bool:
        measurement = family.table(table).measurement
        return measurement not in without and self._turns.is_due(table, measurement, family.interval_s(table))

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


def _problems(plan: Plan, rows: Rows, session: Session) -> list[str]:
    problems = [f"{rows.lost} values lost: {session.trouble or 'no reason known'}"] if rows.lost else []
    return problems + rows.broken + [f"{table}: {reason}" for table, reason in plan.problems]


def _worth_remembering(before: Learnt, now: Learnt) -> bool:
    """Whether anything but the engine's clock has changed: that runs on by itself."""
    old, new = before.engine, now.engine
    if (old and (old.engine_id, old.boots)) != (new and (new.engine_id, new.boots)):
        return True
    return msgspec.structs.replace(before, engine=None) != msgspec.structs.replace(now, engine=None)

"""Gather the evidence of one device, part by part; every part that fails leaves the earlier ones standing."""

import asyncio
import time
from collections.abc import Callable

import msgspec

from collector.metrics.model import Point
from collector.normalise.normalise import Context, Normalised, Samples, normalise
from collector.plugin.errors import FamilyError
from collector.plugin.learn import learn
from collector.plugin.match import GENERIC
from collector.plugin.model import Plan
from collector.plugin.profile import Family
from collector.plugin.registry import Registry
from collector.runtime import health
from collector.runtime.access import Access, Verdict
from collector.runtime.engine import SshPools
from collector.runtime.facts import HostFacts
from collector.runtime.learn import identify, present_roots
from collector.runtime.probe.diagnose import diagnose_failure, diagnose_ssh, diagnose_success, explain
from collector.runtime.probe.evidence import (
    Cause,
    Cost,
    CredentialVerdict,
    Evidence,
    Ladder,
    PointEvidence,
)
from collector.runtime.probe.findings import (
    family_choice,
    interface_evidence,
    rate_evidence,
    table_evidence,
    traffic_between,
    walk_command,
)
from collector.runtime.probe.modules import answered_modules
from collector.runtime.probe.reach import find_reach
from collector.runtime.read import Rows, read
from collector.runtime.state import StateDir
from collector.runtime.walks import Walks
from collector.transport.contract import SnmpSession, Traffic, TransportError
from collector.transport.icmp import Pinger
from collector.transport.snmp.session import Session
from inventory.model import Community, Host, Secret, Settings

Progress = Callable[[str], None]


class Prober:
    """Probes one host. `progress` is told what is being done."""

    def __init__(
        self,
        host: Host,
        settings: Settings,
        registry: Registry,
        access: Access,
        state: StateDir | None,
        pinger: Pinger | None,
        progress: Progress,
        pools: SshPools | None = None,
    ) -> None:
        self.host = host
        self.settings = settings
        self.registry = registry
        self.access = access
        self.state = state
        self.pinger = pinger
        self.progress = progress
        self.pools = pools
        self.evidence = Evidence(host=host.name, address=host.address, walk_command=walk_command(host))
        self.points: list[Point] = []
        self.credential = ""

    async def probe(self, pause_s: float) -> Evidence:
        """All of it; the second reading comes `pause_s` after the first."""
        self.progress("looking for the way")
        self.evidence.reach = await find_reach(self.host, self.pinger)
        by_jump = bool(self.host.jump and self.host.ssh_credentials)  # which may know names that we do not
        if not self.evidence.reach.addresses and (self.host.snmp_credentials or not by_jump):
            diagnose_failure(self.evidence, [])
            if not by_jump:
                return self.evidence
        elif self.host.snmp_credentials:
            await self._probe_snmp(pause_s)
        if self.host.ssh_credentials and self.pools:
            await self._probe_ssh(self.pools, pause_s)
        return self.evidence

    async def _probe_snmp(self, pause_s: float) -> None:
        self.progress("trying credentials")
        verdicts = await self.access.verdicts(self.host)
        self.evidence.credentials = [self._credential(verdict) for verdict in verdicts]
        working = next((verdict for verdict in verdicts if verdict.error is None), None)
        if working is None:
            diagnose_failure(self.evidence, [verdict.error for verdict in verdicts if verdict.error])
            return
        self.credential = working.credential
        session = await self.access.open(self.host, working.credential, working.learnt)
        try:
            await self._examine(session, pause_s)
        except TransportError as error:
            verdict, remedy = explain(error)
            self.evidence.cause = Cause.PARTIAL
            self.evidence.verdict = f"the device answered, then no more: {verdict}"
            self.evidence.remedy = remedy
        except FamilyError as error:
            self.evidence.cause, self.evidence.verdict = Cause.FAMILY_FILE, str(error)
            self.evidence.remedy = "correct the family file: collector families check FILE"
        finally:
            await session.close()

    async def _probe_ssh(self, pools: SshPools, pause_s: float) -> None:
        from collector.runtime.probe.ssh import SshProber  # the libraries of SSH take a quarter of a second to load

        self.progress("logging in over SSH")
        family = self.evidence.family.chosen if self.evidence.family else ""
        given = {table.measurement for table in self.evidence.tables if table.rows}
        prober = SshProber(self.host, pools, self.registry, self.settings.host_deadline_s)
        await prober.probe(family, given | ({"device_info"} if given else set()), pause_s)
        evidence = self.evidence
        evidence.ssh = prober.evidence
        self._give_way(prober.wins)
        self.points += prober.points
        if prober.normalised:
            evidence.interfaces += interface_evidence(self.host, prober.rows, prober.normalised)
            evidence.rates += rate_evidence(prober.normalised)
            evidence.problems += [f"not in the vocabulary: {note}" for note in prober.normalised.notes]
        evidence.problems += [
            f"{asked.command}: {problem.removeprefix(f'{asked.command}: ')}"
            for asked in prober.evidence.commands
            for problem in asked.problems
        ]
        evidence.problems += prober.problems
        evidence.points += map(_evident, prober.points)
        diagnose_ssh(evidence, prober.error)

    def _give_way(self, wins: frozenset[str]) -> None:
        """Take back what SNMP said of measurements that polls take from the command line."""
        if not wins:
            return
        evidence = self.evidence
        self.points = [point for point in self.points if point.measurement not in wins]
        evidence.points = [point for point in evidence.points if point.measurement not in wins]
        evidence.rates = [rate for rate in evidence.rates if rate.series.partition(" ")[0] not in wins]
        if "interface" in wins:
            evidence.interfaces = []

    async def _examine(self, session: Session, pause_s: float) -> None:
        self.progress("asking what it is")
        identity = await identify(session, self.registry)
        family = self.registry.family(self.host.family or identity.matches[0].family, identity.sys_object_id)
        plan = await self._learn(session, family)
        self.evidence.family = family_choice(self.host, identity, plan)
        if family.name == GENERIC and not self.host.family:
            self.evidence.family.modules = await answered_modules(session, identity.sys_object_id)
        self.progress("measuring how large an answer may be")
        self.evidence.ladder = await self._ladder(session, plan)
        await self._read_twice(session, family, plan, pause_s)
        diagnose_success(self.evidence)

    def secrets(self) -> list[Secret]:
        """Those that the host's credentials name."""
        found: list[Secret | None] = []
        for credential in self.host.credentials:
            snmp, ssh = credential.snmp, credential.ssh
            found += [ssh.password, ssh.passphrase, ssh.enable] if ssh else []
            found += [snmp.community] if isinstance(snmp, Community) else [snmp.auth_key, snmp.priv_key] if snmp else []
        return [secret for secret in found if secret]

    def _credential(self, verdict: Verdict) -> CredentialVerdict:
        snmp = next(each.snmp for each in self.host.credentials if each.name == verdict.credential)
        said, remedy = ("works", "") if verdict.error is None else explain(verdict.error)
        kind = (
            f"v{snmp.version}"
            if isinstance(snmp, Community)
            else "v3 " + "/".join(filter(None, (snmp.auth, snmp.priv)))
            if snmp
            else ""
        )
        result = CredentialVerdict(
            name=verdict.credential, kind=kind.strip(), works=verdict.error is None, verdict=said, remedy=remedy
        )
        engine = verdict.learnt.engine
        if engine:
            result.engine_id = engine.engine_id.hex()
            result.engine_boots, result.engine_time_s = engine.boots, engine.time_s
            result.same_engine = self._hosts_with(engine.engine_id)
        return result

    def _hosts_with(self, engine_id: bytes) -> list[str]:
        """Other hosts whose remembered engine id is this one: a cloned configuration breaks SNMPv3 for both."""
        if not self.state:
            return []
        return [
            name
            for name, facts in self.state.all(HostFacts)
            if name != self.host.name and facts.session.engine and facts.session.engine.engine_id == engine_id
        ]

    async def _ladder(self, session: Session, plan: Plan) -> Ladder | None:
        cells = [oid for table in plan.tables for oid in table.oids]
        if not cells:
            return None
        steps = await session.climb(cells)
        good = [step for step in steps if not step.problem]
        largest = max((step.answer_bytes for step in good), default=0)
        limit = self.host.limits.max_pdu_bytes
        advice = (
            f"polls ask for up to {limit} bytes an answer (limits.max_pdu_bytes)"
            if largest >= limit or len(good) == len(steps)
            else f"limits.max_pdu_bytes = {largest} spares polls the attempts with more"
        )
        return Ladder(steps=steps, largest_bytes=largest, advice=advice)

    async def _learn(self, session: SnmpSession, family: Family) -> Plan:
        """Walk table by table, to see what each costs; a column that several tables use is counted with the first."""
        scalars = family.scalars()
        values = dict(zip(scalars, (await session.get(scalars)).values, strict=True))
        walks = Walks(session)
        walked = walks.walked
        costs: dict[str, tuple[Traffic, float]] = {}
        todo = set(await present_roots(session, family))
        for name in family.tables:
            self.progress(f"walking {name}")
            before, began = msgspec.structs.replace(session.traffic), time.perf_counter()
            for root in family.roots([name]):
                if root in todo:
                    todo.discard(root)
                    await walks.walk(root)
            costs[name] = (traffic_between(session.traffic, before), (time.perf_counter() - began) * 1000)
        for root in todo:  # columns of facts only
            await walks.walk(root)
        plan = learn(family, walked, values)
        self.evidence.tables = [
            table_evidence(family, name, plan, walked, values, *costs[name]) for name in family.tables
        ]
        self.evidence.problems = [f"{table}: {reason}" for table, reason in plan.problems]
        return plan

    async def _read_twice(self, session: SnmpSession, family: Family, plan: Plan, pause_s: float) -> None:
        self.progress("reading once")
        before, began = msgspec.structs.replace(session.traffic), time.perf_counter()
        first = await read(session, family, plan.tables, [], time.time(), with_oids=True)
        duration_s = time.perf_counter() - began
        if self.evidence.family and first.uptime_ticks is not None:
            self.evidence.family.uptime_s = first.uptime_ticks / 100
        self.evidence.cost = self._cost(traffic_between(session.traffic, before), duration_s)
        once = self._normalise(first, plan, {})
        twice = once
        if pause_s > 0 and once.samples:
            self.progress(f"waiting {pause_s:g} s for the second reading")
            await asyncio.sleep(pause_s)
            second = await read(session, family, plan.tables, [], time.time(), with_oids=True)
            twice = self._normalise(second, plan, once.samples)
        self.points = twice.points + health.info_points(self.host, plan, int(time.time()) * 1_000_000_000)
        self.evidence.interfaces = interface_evidence(self.host, first, twice)
        self.evidence.rates = rate_evidence(twice)
        self.evidence.problems += first.broken
        self.evidence.problems += [f"not in the vocabulary: {note}" for note in twice.notes]
        self.evidence.points = list(map(_evident, self.points))

    def _normalise(self, rows: Rows, plan: Plan, previous: Samples) -> Normalised:
        context = Context.of(self.host, int(time.time()) * 1_000_000_000)
        return normalise(rows.rows, rows.stamps, context, previous)

    def _cost(self, traffic: Traffic, duration_s: float) -> Cost:
        lines = [speed for link in self.host.links for speed in (link.contract_in_bps, link.contract_out_bps) if speed]
        line_bps = min(lines, default=None)
        bits = 8 * (traffic.bytes_in + traffic.bytes_out + 28 * 2 * traffic.pdus)  # 28: headers of IPv4 and UDP
        share = 100 * bits / self.settings.interval_s / line_bps if line_bps else None
        deadline_s = min(self.settings.host_deadline_s, self.settings.deadline_s)
        return Cost(
            traffic=traffic,
            duration_s=duration_s,
            interval_s=self.settings.interval_s,
            line_bps=line_bps,
            line_share_percent=share,
            deadline_s=deadline_s,
            fits=duration_s <= deadline_s,
        )


def _evident(point: Point) -> PointEvidence:
    return PointEvidence(measurement=point.measurement, tags=point.tags, fields=point.fields, time_ns=point.time_ns)

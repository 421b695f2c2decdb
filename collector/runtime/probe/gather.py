"""Gather the evidence of one device, part by part; every part that fails leaves the earlier ones standing."""

import asyncio
import time
from collections.abc import Callable

import msgspec

from collector.metrics.model import FieldValue, Point
from collector.normalise.normalise import Context, Normalised, Samples, normalise
from collector.plugin.errors import FamilyError
from collector.plugin.learn import learn
from collector.plugin.model import Plan, Walked
from collector.plugin.profile import Family
from collector.plugin.registry import Registry
from collector.runtime import health
from collector.runtime.access import Access, Verdict
from collector.runtime.facts import HostFacts
from collector.runtime.learn import Identity, identify, present_roots
from collector.runtime.probe.diagnose import diagnose_failure, diagnose_success, explain
from collector.runtime.probe.evidence import (
    AbsentColumn,
    Cause,
    Cost,
    CredentialVerdict,
    Evidence,
    FamilyChoice,
    InterfaceEvidence,
    Ladder,
    PointEvidence,
    RateEvidence,
    TableEvidence,
)
from collector.runtime.probe.reach import find_reach
from collector.runtime.read import Rows, read
from collector.runtime.state import StateDir
from collector.runtime.walks import Walks
from collector.smi import oid as oids
from collector.smi.oid import Oid
from collector.smi.value import Missing, Value
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
    ) -> None:
        self.host = host
        self.settings = settings
        self.registry = registry
        self.access = access
        self.state = state
        self.pinger = pinger
        self.progress = progress
        self.evidence = Evidence(host=host.name, address=host.address, walk_command=walk_command(host))
        self.points: list[Point] = []
        self.credential = ""

    async def probe(self, pause_s: float) -> Evidence:
        """All of it; the second reading comes `pause_s` after the first."""
        self.progress("looking for the way")
        self.evidence.reach = await find_reach(self.host, self.pinger)
        if not self.evidence.reach.addresses:
            diagnose_failure(self.evidence, [])
            return self.evidence
        self.progress("trying credentials")
        verdicts = await self.access.verdicts(self.host)
        self.evidence.credentials = [self._credential(verdict) for verdict in verdicts]
        working = next((verdict for verdict in verdicts if verdict.error is None), None)
        if working is None:
            diagnose_failure(self.evidence, [verdict.error for verdict in verdicts if verdict.error])
            return self.evidence
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
        return self.evidence

    async def _examine(self, session: Session, pause_s: float) -> None:
        self.progress("asking what it is")
        identity = await identify(session, self.registry)
        family = self.registry.family(self.host.family or identity.matches[0].family)
        plan = await self._learn(session, family)
        self.evidence.family = _choice(self.host, identity, plan)
        self.progress("measuring how large an answer may be")
        self.evidence.ladder = await self._ladder(session, plan)
        await self._read_twice(session, family, plan, pause_s)
        diagnose_success(self.evidence)

    def secrets(self) -> list[Secret]:
        """Those that the host's credentials name."""
        found: list[Secret | None] = []
        for credential in self.host.credentials:
            snmp = credential.snmp
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
            costs[name] = (_difference(session.traffic, before), (time.perf_counter() - began) * 1000)
        for root in todo:  # columns of facts only
            await walks.walk(root)
        plan = learn(family, walked, values)
        self.evidence.tables = [_table(family, name, plan, walked, values, *costs[name]) for name in family.tables]
        self.evidence.problems = [f"{table}: {reason}" for table, reason in plan.problems]
        return plan

    async def _read_twice(self, session: SnmpSession, family: Family, plan: Plan, pause_s: float) -> None:
        self.progress("reading once")
        before, began = msgspec.structs.replace(session.traffic), time.perf_counter()
        first = await read(session, family, plan.tables, [], time.time(), with_oids=True)
        duration_s = time.perf_counter() - began
        self.evidence.cost = self._cost(_difference(session.traffic, before), duration_s)
        once = self._normalise(first, plan, {})
        twice = once
        if pause_s > 0 and once.samples:
            self.progress(f"waiting {pause_s:g} s for the second reading")
            await asyncio.sleep(pause_s)
            second = await read(session, family, plan.tables, [], time.time(), with_oids=True)
            twice = self._normalise(second, plan, once.samples)
        self.points = twice.points + health.info_points(self.host, plan, int(time.time()) * 1_000_000_000)
        self.evidence.interfaces = _interfaces(self.host, first, twice)
        self.evidence.rates = _rates(twice)
        self.evidence.problems += first.broken
        self.evidence.problems += [f"not in the vocabulary: {note}" for note in twice.notes]
        self.evidence.points = [
            PointEvidence(measurement=p.measurement, tags=p.tags, fields=p.fields, time_ns=p.time_ns)
            for p in self.points
        ]

    def _normalise(self, rows: Rows, plan: Plan, previous: Samples) -> Normalised:
        context = Context(
            tags=self.host.point_tags(),
            time_ns=int(time.time()) * 1_000_000_000,
            links={link.interface: link for link in self.host.links},
            interfaces=self.host.interfaces,
        )
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


def _difference(now: Traffic, before: Traffic) -> Traffic:
    return Traffic(**{name: getattr(now, name) - getattr(before, name) for name in Traffic.__struct_fields__})


def _choice(host: Host, identity: Identity, plan: Plan) -> FamilyChoice:
    others = [match for match in identity.matches if match.family != plan.family]
    return FamilyChoice(
        sys_object_id=identity.sys_object_id,
        sys_descr=identity.sys_descr,
        sys_name=identity.sys_name,
        uptime_s=None,
        chosen=plan.family,
        reason="set in the inventory" if host.family else identity.matches[0].reason,
        runners_up=[(match.family, match.reason) for match in others[:3]],
        facts=plan.facts,
    )


def _table(
    family: Family,
    name: str,
    plan: Plan,
    walked: Walked,
    scalars: dict[Oid, Value],
    traffic: Traffic,
    duration_ms: float,
) -> TableEvidence:
    table = family.table(name)
    learnt = next((found for found in plan.tables if found.table == name), None)
    absent = []
    for column in table.columns.values():
        reasons = [_why_absent(source.oid, walked, scalars) for source in column.sources]
        if reasons and all(reasons):
            absent.append(AbsentColumn(name=column.name, oid=oids.decode(column.sources[0].oid), reason=reasons[0]))
    stopped = "; ".join(walked.failed[root] for root in family.roots([name]) if root in walked.failed)
    return TableEvidence(
        name=name,
        measurement=table.measurement,
        rows=len(learnt.rows) if learnt else 0,
        values=len(learnt.oids) if learnt else 0,
        absent=absent,
        stopped=stopped,
        traffic=traffic,
        duration_ms=duration_ms,
    )


def _why_absent(oid: Oid, walked: Walked, scalars: dict[Oid, Value]) -> str:
    """Why a column or instance gave nothing; "" if it gave something."""
    if oid in scalars:
        value = scalars[oid]
        return value.value if isinstance(value, Missing) else ""
    for root, varbinds in walked.columns.items():
        if oid.startswith(root) and any(name.startswith(oid) for name, _, _ in varbinds):
            return ""
    failure = next((reason for root, reason in walked.failed.items() if oid.startswith(root)), "")
    return failure or "not there, or not in the view"


def _interfaces(host: Host, rows: Rows, normalised: Normalised) -> list[InterfaceEvidence]:
    links = {link.interface: link for link in host.links}
    aliases = {
        row.tags["name"]: str(row.fields.get("alias", "")) for row in rows.rows if row.measurement == "interface_info"
    }
    result = []
    for row in rows.rows:
        if row.measurement != "interface":
            continue
        name = row.tags["name"]
        link = links.get(name)
        index, speed = row.fields.get("index"), row.fields.get("speed_bps")
        octets = [row.bits.get(counter, 64) for counter in ("in_octets", "out_octets") if counter in row.fields]
        result.append(
            InterfaceEvidence(
                name=name,
                index=index if isinstance(index, int) else None,
                alias=aliases.get(name, ""),
                oper_status=str(row.fields.get("oper_status", "")),
                speed_bps=speed if isinstance(speed, int) else None,
                contract_bps=(link.contract_in_bps, link.contract_out_bps) if link else (None, None),
                counter_bits=min(octets, default=None),
                kept=name not in normalised.filtered,
                rule=normalised.filtered.get(name, ""),
            )
        )
    return result


def _rates(normalised: Normalised) -> list[RateEvidence]:
    """One line a row that counts, and one for each counter of it whose verdict is another."""
    points = {(point.measurement, point.tags.get("name", "")): point.fields for point in normalised.points}
    result = []
    for row in normalised.verdicts:
        name = row.tags.get("name", "")
        series = f"{row.measurement} {name}"
        fields = points.get((row.measurement, name), {})
        result.append(
            RateEvidence(
                series=series,
                counter="all",
                verdict=row.verdict.value,
                in_bps=_number(fields.get("in_bps")) or _bits(fields.get("read_bytes_per_s")),
                out_bps=_number(fields.get("out_bps")) or _bits(fields.get("written_bytes_per_s")),
            )
        )
        result += [
            RateEvidence(series=series, counter=counter, verdict=verdict.value)
            for counter, verdict in row.exceptions.items()
        ]
    return result


def _number(value: FieldValue | None) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _bits(value: FieldValue | None) -> float | None:
    octets = _number(value)
    return None if octets is None else octets * 8


def walk_command(host: Host) -> str:
    """A walk of the whole device to copy, with the secrets left out."""
    target = host.address if host.snmp_port == 161 else f"{host.address}:{host.snmp_port}"
    target = f"udp6:[{host.address}]:{host.snmp_port}" if ":" in host.address else target
    snmp = next((credential.snmp for credential in host.credentials if credential.snmp), None)
    if snmp is None or isinstance(snmp, Community):
        version = snmp.version if snmp else "2c"
        tool = "snmpwalk" if version == "1" else "snmpbulkwalk -Cr25"
        return f"{tool} -v{version} -c COMMUNITY -On -t 5 {target} .1.3.6.1"
    level = "authPriv" if snmp.priv else "authNoPriv" if snmp.auth else "noAuthNoPriv"
    names = {"md5": "MD5", "sha1": "SHA", "des": "DES", "aes128": "AES"}
    parts = [f"snmpbulkwalk -v3 -l {level} -u {snmp.user}"]
    if snmp.auth:
        parts.append(f"-a {names.get(snmp.auth) or 'SHA-' + snmp.auth.removeprefix('sha')} -A AUTH_KEY")
    if snmp.priv:
        parts.append(f"-x {names.get(snmp.priv) or snmp.priv.upper().replace('AES', 'AES-')} -X PRIV_KEY")
    if snmp.context:
        parts.append(f"-n {snmp.context}")
    return " ".join([*parts, f"-On -t 5 {target} .1.3.6.1"])

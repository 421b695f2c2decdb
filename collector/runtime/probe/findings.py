"""Evidence made of what a probe learnt and read. Pure."""

from collector.metrics.model import FieldValue
from collector.normalise.normalise import Normalised
from collector.plugin.model import Plan, Walked
from collector.plugin.profile import Family
from collector.runtime.learn import Identity
from collector.runtime.probe.evidence import (
    AbsentColumn,
    FamilyChoice,
    InterfaceEvidence,
    RateEvidence,
    TableEvidence,
)
from collector.runtime.read import Rows
from collector.smi import oid as oids
from collector.smi.oid import Oid
from collector.smi.value import Missing, Value
from collector.transport.contract import Traffic
from inventory.model import Community, Host


def traffic_between(now: Traffic, before: Traffic) -> Traffic:
    """What was sent and received since `before`."""
    return Traffic(**{name: getattr(now, name) - getattr(before, name) for name in Traffic.__struct_fields__})


def family_choice(host: Host, identity: Identity, plan: Plan) -> FamilyChoice:
    """Who the device says it is, and why it is read as that family."""
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


def table_evidence(
    family: Family,
    name: str,
    plan: Plan,
    walked: Walked,
    scalars: dict[Oid, Value],
    traffic: Traffic,
    duration_ms: float,
) -> TableEvidence:
    """What one table of the family came to; `scalars` are the instances that were fetched."""
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


def interface_evidence(host: Host, rows: Rows, normalised: Normalised) -> list[InterfaceEvidence]:
    """Every interface that was read, those that the filter leaves out with its rule."""
    links = {link.interface: link for link in host.links}
    aliases = {
        row.tags["name"]: str(row.fields.get("alias", "")) for row in rows.rows if row.measurement == "interface_info"
    }
    fields: dict[str, dict[str, FieldValue]] = {}  # several commands may tell of one interface
    bits: dict[str, dict[str, int]] = {}
    for row in rows.rows:
        if row.measurement == "interface":
            fields.setdefault(row.tags["name"], {}).update(row.fields)
            bits.setdefault(row.tags["name"], {}).update(row.bits)
    result = []
    for name, told in fields.items():
        link = links.get(name)
        index, speed = told.get("index"), told.get("speed_bps")
        octets = [bits[name].get(counter, 64) for counter in ("in_octets", "out_octets") if counter in told]
        result.append(
            InterfaceEvidence(
                name=name,
                index=index if isinstance(index, int) else None,
                alias=aliases.get(name, ""),
                oper_status=str(told.get("oper_status", "")),
                speed_bps=speed if isinstance(speed, int) else None,
                contract_bps=(link.contract_in_bps, link.contract_out_bps) if link else (None, None),
                counter_bits=min(octets, default=None),
                kept=name not in normalised.filtered,
                rule=normalised.filtered.get(name, ""),
            )
        )
    return result


def rate_evidence(normalised: Normalised) -> list[RateEvidence]:
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
    if not host.snmp_credentials and host.ssh_credentials:
        return ssh_command(host)
    target = host.address if host.snmp_port == 161 else f"{host.address}:{host.snmp_port}"
    target = f"udp6:[{host.address}]:{host.snmp_port}" if ":" in host.address else target
    snmp = next((credential.snmp for credential in host.snmp_credentials if credential.snmp), None)
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


def ssh_command(host: Host) -> str:
    """A login to copy."""
    login = next((credential.ssh for credential in host.ssh_credentials if credential.ssh), None)
    port = "" if host.ssh_port == 22 else f" -p {host.ssh_port}"
    jump = f" -J {host.jump}" if host.jump else ""
    return f"ssh{port}{jump} {login.user if login else 'USER'}@{host.address}"

"""`inventory`: what stands where, of which make, with which software, and what came, went or changed."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from collector.report.context import DAY_NS, HOUR_NS, Context
from collector.report.identity_changes import (
    IDENTITY,
    VERDICTS,
    Change,
    Kind,
    Texts,
    by_series,
    device_changes,
    part_changes,
)
from collector.report.model import Cell, Column, Figure, Finding, Level, Report, Table
from collector.report.say import Quantity, Text, say, say_many
from collector.report.unit import Unit
from collector.report.urgency import WORTH_KNOWING
from collector.report.words import ROLES

LOOK_BACK_NS = 400 * DAY_NS
"""how long before the period a device may have been seen last for it not to be new"""
PATIENCE_NS = 2 * DAY_NS
"""identities are collected hourly: what was not seen for two days does not answer any more"""
SETTLING_NS = DAY_NS
"""what is first seen within the store's first day was there before the store was"""

Identity = dict[str, str]


def device_inventory(context: Context) -> Report:
    """The report. Devices are the selected hosts; changes are told from the period's begin, or from when the store has data."""
    sightings = context.store.sightings(
        "device_info", IDENTITY, since_ns=context.since_ns - LOOK_BACK_NS, until_ns=context.until_ns
    )
    seen = {
        key: fields
        for key, fields in by_series(sightings).items()
        if key[0] in context.hosts or (context.is_whole and key[0] not in context.inventory.hosts)
    }
    oldest_ns = min((each.first_ns for each in sightings), default=context.until_ns)
    begin_ns = max(context.since_ns, oldest_ns + SETTLING_NS)
    changed = device_changes(seen, begin_ns, context.until_ns, PATIENCE_NS, context.hosts)
    parts = part_changes(_components(context), begin_ns)
    identities = {
        host: {field: texts.now.text for field, texts in fields.items()}
        for (host, _), fields in seen.items()
        if host in context.hosts
    }
    return context.report(
        name="inventory",
        title=say("Inventory of devices"),
        figures=_figures(context, identities, changed),
        sections=(
            _models(identities),
            _versions(identities),
            _change_table(context, changed, parts, begin_ns),
            _devices(context, identities),
        ),
        findings=_findings(changed),
    )


def _components(context: Context) -> dict[tuple[str, str], dict[str, Texts]]:
    sightings = context.store.sightings(
        "component", ["serial"], since_ns=context.since_ns - LOOK_BACK_NS, until_ns=context.until_ns
    )
    return by_series((each for each in sightings if each.tags.get("host") in context.hosts), "name")


def _figures(context: Context, identities: dict[str, Identity], changed: Sequence[Change]) -> tuple[Figure, ...]:
    count = Counter(each.kind for each in changed)
    unknown = len(context.hosts) - len(identities)
    return (
        Figure("hosts", say("Hosts"), len(context.hosts), Unit.COUNT),
        Figure("known", say("Identified"), len(identities), Unit.COUNT),
        Figure("unknown", say("Not identified"), unknown, Unit.COUNT, Level.UNKNOWN if unknown else Level.OK),
        Figure("new", say("New"), count[Kind.NEW], Unit.COUNT),
        Figure("gone", say("Gone"), count[Kind.GONE], Unit.COUNT, Level.WARNING if count[Kind.GONE] else Level.OK),
        Figure("replaced", say("Replaced"), count[Kind.REPLACED], Unit.COUNT),
        Figure("upgraded", say("Other software"), count[Kind.UPGRADED], Unit.COUNT),
    )


def _models(identities: dict[str, Identity]) -> Table:
    hosts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for host, identity in identities.items():
        hosts[identity.get("vendor", ""), identity.get("model", "")].append(host)
    ranked = sorted(hosts.items(), key=lambda item: (-len(item[1]), item[0]))
    return Table(
        key="models",
        title=say("By model"),
        columns=(
            Column("vendor", say("Maker"), filterable=True),
            Column("model", say("Model")),
            Column("hosts", say("Devices"), Unit.COUNT),
            Column("os_versions", say("Versions of software"), Unit.COUNT),
            Column("without_serial", say("Without a serial number"), Unit.COUNT, wide_only=True),
        ),
        rows=tuple(
            (
                vendor or say("not said"),
                model or say("not said"),
                len(names),
                len({identities[name].get("os_version", "") for name in names} - {""}),
                sum("serial" not in identities[name] for name in names),
            )
            for (vendor, model), names in ranked
        ),
        empty=say("No device has said what it is."),
    )


def _versions(identities: dict[str, Identity]) -> Table:
    hosts: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for host, identity in identities.items():
        if "os_version" in identity:
            hosts[identity.get("vendor", ""), identity.get("os", ""), identity["os_version"]].append(host)
    return Table(
        key="versions",
        title=say("By version of software"),
        columns=(
            Column("vendor", say("Maker"), filterable=True),
            Column("os", say("Operating system"), filterable=True),
            Column("os_version", say("Version")),
            Column("hosts", say("Devices"), Unit.COUNT),
            Column("models", say("Models"), Unit.COUNT),
            Column("example", say("For example"), wide_only=True),
        ),
        rows=tuple(
            (
                *key,
                len(names),
                len({identities[name].get("model", "") for name in names} - {""}),
                min(names),
            )
            for key, names in sorted(hosts.items())
        ),
        empty=say("No device has said which version it runs."),
    )


def _change_table(context: Context, changed: Sequence[Change], parts: Sequence[Change], begin_ns: int) -> Table:
    notes: tuple[Text, ...] = ()
    if begin_ns - context.since_ns > HOUR_NS:
        notes = (
            say(
                "The store has no older data: changes are told from {day} on.",
                day=Quantity(begin_ns, Unit.DATE),
            ),
        )
    return Table(
        key="changes",
        title=say("What changed"),
        columns=(
            Column("host", say("Host")),
            Column("change", say("Change"), filterable=True),
            Column("part", say("Part")),
            Column("before", say("Before")),
            Column("after", say("After")),
            Column("time", say("When"), Unit.TIME, say("When the new one was first seen, or the old one last")),
            Column("district", say("District"), filterable=True, wide_only=True),
        ),
        rows=tuple(
            (
                each.host,
                VERDICTS[each.kind],
                each.part or say("device"),
                each.before or None,
                each.after or None,
                each.time_ns,
                _district(context, each.host),
            )
            for each in (*changed, *parts)
        ),
        empty=say("No device came, went, was replaced, or got other software."),
        notes=notes,
    )


def _devices(context: Context, identities: dict[str, Identity]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, host in sorted(context.hosts.items()):
        identity = identities.get(name, {})
        site = host.site
        rows.append(
            (
                name,
                ROLES[host.role],
                site.label if site else "",
                site.district if site else "",
                host.address,
                *(identity.get(field) for field in IDENTITY),
            )
        )
    return Table(
        key="devices",
        title=say("Devices"),
        columns=(
            Column("host", say("Host")),
            Column("role", say("Role"), filterable=True),
            Column("site", say("Site")),
            Column("district", say("District"), filterable=True),
            Column("address", say("Address"), wide_only=True),
            Column("vendor", say("Maker"), filterable=True),
            Column("model", say("Model")),
            Column("os", say("Operating system"), wide_only=True),
            Column("os_version", say("Version")),
            Column("serial", say("Serial number")),
        ),
        rows=tuple(rows),
        empty=say("The inventory has no hosts."),
    )


def _district(context: Context, host: str) -> str:
    known = context.hosts.get(host)
    return known.site.district if known and known.site else ""


def _findings(changed: Sequence[Change]) -> tuple[Finding, ...]:
    gone = [each.host for each in changed if each.kind is Kind.GONE]
    if not gone:
        return ()
    sentence = say_many(
        "{count} device no longer says what it is: {hosts}.",
        "{count} devices no longer say what they are: {hosts}.",
        len(gone),
        hosts=", ".join(gone[:3]) + (" ..." if len(gone) > 3 else ""),
    )
    return (Finding(key="device-gone", level=Level.INFO, urgency=WORTH_KNOWING, sentence=sentence, where=gone[0]),)

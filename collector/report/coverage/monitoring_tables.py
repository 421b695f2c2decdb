"""The tables of `coverage monitoring`."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from collector.report.coverage.monitoring_facts import TABLES, Trouble, Watch
from collector.report.coverage.monitoring_security import ip_version
from collector.report.model import BarChart, BarPart, Cell, Column, Level, Table, Verdict
from collector.report.say import Text, say
from collector.report.unit import Unit
from collector.report.words import ROLES
from inventory.model import Host, Site, Station

SLOWEST = 20
"""hosts in the table of slow polls"""

TROUBLES: Mapping[Trouble, Verdict] = {
    Trouble.NOTHING_TO_ASK: Verdict(Level.CRITICAL, say("nothing to ask")),
    Trouble.NEVER: Verdict(Level.CRITICAL, say("never asked")),
    Trouble.SILENT: Verdict(Level.CRITICAL, say("not asked any more")),
    Trouble.NO_SNMP: Verdict(Level.WARNING, say("up, but no SNMP")),
    Trouble.NO_SSH: Verdict(Level.WARNING, say("up, but no SSH")),
    Trouble.PARTIAL: Verdict(Level.WARNING, say("partial")),
    Trouble.NO_CREDENTIALS: Verdict(Level.INFO, say("only pinged")),
    Trouble.GAPPY: Verdict(Level.WARNING, say("polls missing")),
    Trouble.NO_SITE: Verdict(Level.INFO, say("no site")),
}

_TO_DO: Mapping[Trouble, Text] = {
    Trouble.NOTHING_TO_ASK: say("Give it credentials, or let it be pinged."),
    Trouble.NEVER: say("See that `collector poll` or `collector run` covers it; try `collector probe`."),
    Trouble.SILENT: say("See that `collector poll` or `collector run` still covers it."),
    Trouble.NO_SNMP: say("Check credentials, and access lists on the device; try `collector probe`."),
    Trouble.NO_SSH: say("Check the login and the pinned host key; try `collector probe`."),
    Trouble.PARTIAL: say("Read the error; try `collector probe`."),
    Trouble.NO_CREDENTIALS: say("Give it credentials, if it speaks SNMP or SSH."),
    Trouble.GAPPY: say(
        "See whether cycles take longer than their interval: fewer hosts at once, or a longer interval."
    ),
    Trouble.NO_SITE: say("Name its site in the inventory, so that it counts for its district."),
}


def by_role(watches: Sequence[Watch], disabled: Iterable[Host]) -> Table:
    """A row a role: how many are measured, and by what."""
    off = Counter(host.role for host in disabled)
    groups: dict[str, list[Watch]] = defaultdict(list)
    for watch in watches:
        groups[watch.host.role].append(watch)
    rows = tuple(
        (word, *_counted(groups[role]), off[role], *(sum(name in w.tables for w in groups[role]) for name in TABLES))
        for role, word in ROLES.items()
        if groups[role] or off[role]
    )
    return Table(
        key="roles",
        title=say("By role"),
        columns=(
            Column("role", say("Role")),
            *_COUNTED,
            Column("disabled", say("Disabled"), Unit.COUNT, say("in the inventory"), wide_only=True),
            *(Column(f"with_{name}", title, Unit.COUNT, _GIVEN, wide_only=True) for name, title in _TABLE_TITLES.items()),
        ),
        rows=rows,
        empty=say("The inventory has no host."),
        notes=(say("Measured is what was asked within the last day of the period, whether it answered or not."),),
    )  # fmt: skip


_GIVEN = say("hosts that gave it within the last two hours of data")
_TABLE_TITLES: Mapping[str, Text] = {
    "interface": say("Interfaces"),
    "cpu": say("Processors"),
    "memory": say("Memory"),
    "storage": say("Storage"),
    "sensor": say("Sensors"),
    "ping": say("Pings"),
}
_COUNTED = (
    Column("hosts", say("Hosts"), Unit.COUNT, say("enabled")),
    Column("measured", say("Measured"), Unit.COUNT),
    Column("measured_percent", say("Measured, share"), Unit.PERCENT),
    Column("up", say("Up"), Unit.COUNT),
    Column("by_snmp", say("By SNMP"), Unit.COUNT),
    Column("by_ssh", say("By SSH"), Unit.COUNT),
    Column(
        "only_pinged", say("Ping only"), Unit.COUNT, say("they answer echo requests, and tell nothing of themselves")
    ),
    Column("partial", say("Partial"), Unit.COUNT, say("some of what is asked does not come")),
    Column("silent", say("Not measured"), Unit.COUNT),
    Column("no_credentials", say("No credentials"), Unit.COUNT, wide_only=True),
)


def _counted(watches: Sequence[Watch]) -> tuple[Cell, ...]:
    measured = sum(watch.is_measured for watch in watches)
    return (
        len(watches),
        measured,
        100 * measured / len(watches) if watches else None,
        sum(bool(watch.up) for watch in watches),
        sum(bool(watch.snmp_up) for watch in watches),
        sum(bool(watch.ssh_up) for watch in watches),
        sum(watch.is_only_pinged for watch in watches),
        sum(watch.outcome == "partial" for watch in watches if watch.is_measured),
        len(watches) - measured,
        sum(not (w.host.is_local or w.host.snmp_credentials or w.host.ssh_credentials) for w in watches),
    )


def by_district(watches: Sequence[Watch]) -> Table:
    """A row a district, and one for hosts without."""
    groups: dict[tuple[str, str], list[Watch]] = defaultdict(list)
    for watch in watches:
        site = watch.host.site
        groups[(site.province, site.district) if site else ("", "")].append(watch)
    rows = []
    for (province, district), inside in sorted(groups.items()):
        versions = Counter(ip_version(watch.host) for watch in inside)
        v6_up = sum(bool(watch.up) for watch in inside if ip_version(watch.host) == 6)
        rows.append((province or None, district or None, *_counted(inside), versions[6], v6_up, versions[4]))
    return Table(
        key="districts",
        title=say("By district"),
        columns=(
            Column("province", say("Province"), wide_only=True, filterable=True),
            Column("district", say("District")),
            *_COUNTED,
            Column("ipv6", say("IPv6"), Unit.COUNT, say("hosts with an IPv6 address for management")),
            Column("ipv6_up", say("IPv6, up"), Unit.COUNT, say("those of them that answer"), wide_only=True),
            Column("ipv4", say("IPv4"), Unit.COUNT, say("hosts with an IPv4 address for management"), wide_only=True),
        ),
        rows=tuple(rows),
        empty=say("The inventory has no host."),
        notes=(
            say(
                "IPv6 is judged by the addresses at which hosts are asked; names are not looked up, and what an "
                "interface has beside is not measured."
            ),
        ),
    )


def chart(watches: Sequence[Watch], disabled: Sequence[Host]) -> BarChart:
    """Roles by how they are measured."""
    roles = [
        role for role in ROLES if any(w.host.role == role for w in watches) or any(h.role == role for h in disabled)
    ]

    def counts(good: Iterable[Watch]) -> tuple[float, ...]:
        found = Counter(watch.host.role for watch in good)
        return tuple(float(found[role]) for role in roles)

    off = Counter(host.role for host in disabled)
    measured = [watch for watch in watches if watch.is_measured]
    return BarChart(
        key="measured_by_role",
        title=say("Hosts by role"),
        unit=Unit.COUNT,
        categories=tuple(ROLES[role] for role in roles),
        parts=(
            BarPart(say("measured"), Level.OK, counts(w for w in measured if w.outcome != "partial")),
            BarPart(say("partial"), Level.WARNING, counts(w for w in measured if w.outcome == "partial")),
            BarPart(say("not measured"), Level.CRITICAL, counts(w for w in watches if not w.is_measured)),
            BarPart(say("disabled"), Level.INFO, tuple(float(off[role]) for role in roles)),
        ),
    )


def troubles(watches: Sequence[Watch]) -> Table:
    """A row for each host and what is wrong with it."""
    order = list(Trouble)
    found = sorted(
        ((trouble, watch) for watch in watches for trouble in watch.troubles()),
        key=lambda pair: (order.index(pair[0]), pair[1].host.name),
    )
    rows: list[tuple[Cell, ...]] = []
    for trouble, watch in found:
        site = watch.host.site
        missed = 100 * watch.missed_ns / (watch.missed_ns + watch.known_ns) if trouble is Trouble.GAPPY else None
        rows.append(
            (
                watch.host.name,
                ROLES[watch.host.role],
                site.label if site else None,
                (site.district or None) if site else None,
                TROUBLES[trouble],
                say("never") if watch.seen_ns is None else watch.seen_ns,
                missed,
                (watch.error or None) if trouble in (Trouble.NO_SNMP, Trouble.NO_SSH, Trouble.PARTIAL) else None,
                _TO_DO[trouble],
            )
        )
    return Table(
        key="troubles",
        title=say("Hosts that are not wholly measured"),
        columns=(
            Column("host", say("Host")),
            Column("role", say("Role"), wide_only=True, filterable=True),
            Column("site", say("Site"), wide_only=True),
            Column("district", say("District"), wide_only=True, filterable=True),
            Column("trouble", say("What is wrong"), filterable=True),
            Column("last_asked", say("Last asked"), Unit.TIME),
            Column("missed_percent", say("Missed"), Unit.PERCENT, say("time without polls, while the collector ran")),
            Column("error", say("Error"), wide_only=True),
            Column("to_do", say("What to do")),
        ),
        rows=tuple(rows),
        empty=say("All hosts are wholly measured."),
    )


def lines(unseen: Sequence[tuple[Host, str]]) -> Table:
    """Lines of the inventory of whose interfaces nothing comes."""
    return Table(
        key="unseen_lines",
        title=say("Lines whose interface was never seen"),
        columns=(
            Column("host", say("Host")),
            Column("interface", say("Interface"), help=say("as the inventory writes it")),
            Column("site", say("Site")),
        ),
        rows=tuple((host.name, interface, host.site.label if host.site else None) for host, interface in unseen),
        empty=say("Every line's interface is seen."),
        notes=(
            say(
                "Compare the name with those that `collector show` lists for the host; letters and digits have to agree."
            ),
        ),
    )


def slow_polls(watches: Sequence[Watch]) -> Table:
    """The hosts whose polls take longest."""
    timed = sorted((watch for watch in watches if watch.poll_p95_s is not None), key=lambda w: -(w.poll_p95_s or 0.0))
    return Table(
        key="slow_polls",
        title=say("Slowest polls"),
        columns=(
            Column("host", say("Host")),
            Column("role", say("Role"), filterable=True),
            Column("site", say("Site"), wide_only=True),
            Column("poll_p95_s", say("p95"), Unit.SECONDS, say("95% of a day's polls are faster, on the usual day")),
        ),
        rows=tuple(
            (
                watch.host.name,
                ROLES[watch.host.role],
                watch.host.site.label if watch.host.site else None,
                watch.poll_p95_s,
            )
            for watch in timed[:SLOWEST]
        ),
        empty=say("No poll was measured."),
    )  # fmt: skip


def bare_places(sites: Sequence[Site], stations: Sequence[Station], all_sites: Mapping[str, Site]) -> Table:
    """Sites without hosts, and stations without a host that carries them."""
    rows: list[tuple[Cell, ...]] = [
        (site.label, site.district or None, None, say("no enabled host stands there")) for site in sites
    ]
    for station in stations:
        place = all_sites.get(station.site)
        rows.append(
            (
                place.label if place else station.site,
                (place.district or None) if place else None,
                station.id,
                say("no uplink is named, and no single BTS uplink stands at its site"),
            )
        )
    return Table(
        key="bare_places",
        title=say("Sites and stations that nothing is known of"),
        columns=(
            Column("site", say("Site")),
            Column("district", say("District"), filterable=True),
            Column("station", say("Station")),
            Column("reason", say("Reason"), filterable=True),
        ),
        rows=tuple(rows),
        empty=say("Every site has a host and every station an uplink."),
    )

"""From tables as written to the model: defaults filled in, names looked up, one thing checked against another."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import asdict

from inventory.address import parse_address
from inventory.convert import Raw, convert, did_you_mean, found
from inventory.grammar import HostTable, LinkTable, SiteTable, StationTable
from inventory.model import Credential, Host, InterfaceFilter, Limits, Link, Site, Station
from inventory.problem import Problems, Spot
from inventory.reach import check_addresses, check_jumps, check_protocols
from inventory.read import Entry, Sources

_NOT_IN_HOST_NAMES = re.compile(r"[/\\*?\[\]=]|^[-!.]")
_LONGEST_NAME = 200
_HINTED = 50
"""problems that get a near name looked up: among thousands of names that takes milliseconds each"""


def written(table: msgspec.Struct) -> dict[str, Any]:
    """The keys of a table of the grammar that have a value, as arguments for the model's class."""
    return {key: value for key, value in asdict(table).items() if value is not None}


def resolve_sites(sources: Sources, problems: Problems) -> dict[str, Site]:
    """`[sites.ID]` of all files."""
    positions = {named for entry in sources.stations if isinstance(named := entry.raw.get("site"), str)}
    sites = {}
    for id_, entry in sources.sites.items():
        check_name(id_, entry.spot, problems)
        if table := convert(entry.raw, SiteTable, entry.spot, problems, text=entry.text):
            kind = table.kind or ("bts" if id_ in positions else "other")
            sites[id_] = Site(id=id_, **(asdict(table) | {"kind": kind}))
    return sites


def resolve_hosts(
    sources: Sources, sites: Mapping[str, Site], credentials: Mapping[str, Credential], problems: Problems
) -> dict[str, Host]:
    """`[hosts.NAME]` of all files over `[defaults]`, with the links of links' files."""
    defaults = _defaults(sources, problems)
    links = _links_of_files(sources, problems)
    hosts = {}
    for name, entry in sources.hosts.items():
        _check_host_name(name, entry.spot, problems)
        table = convert(_over(defaults, entry.raw), HostTable, entry.spot, problems, text=entry.text)
        if table is not None:
            host = _host(name, table, entry, sources, sites, credentials, problems)
            hosts[name] = _with_links(host, table, links.get(name, {}), entry, problems)
    check_addresses(hosts, sources, problems)
    if credentials.keys() == sources.credentials.keys():  # else the one that is missed may be one that is broken
        check_protocols(hosts, sources, problems)
        check_jumps(hosts, sources, problems)
    return hosts


def resolve_stations(sources: Sources, problems: Problems) -> tuple[Station, ...]:
    """`[[stations]]` of all files."""
    stations: dict[str, Station] = {}
    for entry in sources.stations:
        for key, what, known in (("site", "site", sources.sites), ("uplink", "host", sources.hosts)):
            named = entry.raw.get(key)
            if isinstance(named, str) and named not in known:
                unknown_name(what, named, known, entry.spot / key, problems)
        table = convert(entry.raw, StationTable, entry.spot, problems, text=entry.text)
        if table is None:
            continue
        check_name(table.id, entry.spot / "id", problems)
        if table.id in stations:
            problems.add(entry.spot / "id", f"found {found(table.id)}, which another station has already")
        stations[table.id] = Station(**(asdict(table) | {"uplink": table.uplink or None}))
    return tuple(stations.values())


def _defaults(sources: Sources, problems: Problems) -> Raw:
    """`[defaults]`, or nothing where it is wrong: its mistakes are told once, not once a host."""
    entry = sources.main.get("defaults")
    if entry is None:
        return {}
    before = len(problems)
    if "address" in entry.raw:
        problems.add(entry.spot / "address", "belongs to one host, not to all")
    if table := convert(entry.raw, HostTable, entry.spot, problems):
        _check_values(table, entry.spot, sources, problems)
    return entry.raw if len(problems) == before else {}


def _over(defaults: Raw, raw: Raw) -> Raw:
    """A host's own keys over the defaults; of `limits` and `interfaces` each key on its own."""
    merged = defaults | raw
    for key in ("limits", "interfaces"):
        if isinstance(defaults.get(key), dict) and isinstance(raw.get(key), dict):
            merged[key] = defaults[key] | raw[key]
    return merged


def _host(
    name: str,
    table: HostTable,
    entry: Entry,
    sources: Sources,
    sites: Mapping[str, Site],
    credentials: Mapping[str, Credential],
    problems: Problems,
) -> Host:
    _check_values(table, entry.spot, sources, problems)
    address, port = _address(table, entry, problems)
    limits = written(table.limits)
    if table.limits.timeout_s:
        limits["timeout_s"] = float(table.limits.timeout_s)
    return Host(
        name=name,
        address=address,
        transport=table.transport,
        snmp_port=port,
        ssh_port=table.ssh_port or 22,
        legacy_ssh=table.legacy_ssh,
        jump="" if table.jump == name and "jump" not in entry.raw else table.jump,
        ssh_tools=table.ssh_tools,
        site=sites.get(table.site),
        role=table.role,
        credentials=tuple(credentials[credential] for credential in table.credentials if credential in credentials),
        family=table.family or None,
        tags=table.tags,
        enabled=table.enabled,
        ping=table.ping,
        limits=Limits(**limits),
        interfaces=InterfaceFilter(**asdict(table.interfaces)),
        rated_power_w=table.rated_power_w,
        rated_current_a=table.rated_current_a,
    )


def _check_values(table: HostTable, spot: Spot, sources: Sources, problems: Problems) -> None:
    if table.site and table.site not in sources.sites:
        unknown_name("site", table.site, sources.sites, spot / "site", problems)
    for number, credential in enumerate(table.credentials):
        if credential not in sources.credentials:
            unknown_name("credential", credential, sources.credentials, spot / "credentials" / number, problems)
        elif credential in table.credentials[:number]:
            problems.add(spot / "credentials" / number, f"found {found(credential)} twice")
    if table.jump and table.jump not in sources.hosts:
        unknown_name("host", table.jump, sources.hosts, spot / "jump", problems)
    for number, tag in enumerate(table.tags):
        check_name(tag, spot / "tags" / number, problems)
    if table.limits.timeout_s is not None and table.limits.timeout_s <= 0:
        problems.add(spot / "limits" / "timeout_s", "found 0, allowed: more")


def _address(table: HostTable, entry: Entry, problems: Problems) -> tuple[str, int]:
    if not table.address:
        if table.transport == "local":
            return "localhost", 161
        written_as = entry.raw.get("address")
        if written_as in (None, ""):  # anything else has been told by its type
            message = "is missing" if written_as is None else f"found {found(written_as)}"
            problems.add(entry.spot / "address", f"{message}, allowed: an IPv4 or IPv6 address or a name")
        return "", 161
    try:
        address, port = parse_address(table.address)
    except ValueError as error:
        problems.add(entry.spot / "address", f"found {found(table.address)}, allowed: {error}")
        return "", 161
    if port and "snmp_port" in entry.raw and port != table.snmp_port:
        problems.add(entry.spot / "snmp_port", f"found {table.snmp_port}, but the address says {port}")
    return address, port or table.snmp_port or 161


def _links_of_files(sources: Sources, problems: Problems) -> dict[str, dict[str, Link]]:
    """Links that stand in files of their own, by host and interface."""
    links: dict[str, dict[str, Link]] = {}
    for (host, interface), entry in sources.links.items():
        if host not in sources.hosts:
            unknown_name("host", host, sources.hosts, entry.spot, problems)
        if table := convert(entry.raw, LinkTable, entry.spot, problems, text=entry.text):
            links.setdefault(host, {})[interface] = _link(interface, table)
    return links


def _with_links(host: Host, table: HostTable, more: dict[str, Link], entry: Entry, problems: Problems) -> Host:
    links = {interface: _link(interface, link) for interface, link in table.links.items()}
    for interface in links:
        check_name(interface, entry.spot / "links", problems)
        if interface in more:
            problems.add(entry.spot / "links" / interface, "is there twice: a file of links has it too")
    return msgspec.structs.replace(host, links=tuple((links | more).values())) if links or more else host


def _link(interface: str, table: LinkTable) -> Link:
    speeds = {key: int(value) for key, value in written(table).items() if key.endswith("_bps")}
    return Link(interface=interface, **(asdict(table) | speeds))


def _check_host_name(name: str, spot: Spot, problems: Problems) -> None:
    check_name(name, spot, problems)
    if _NOT_IN_HOST_NAMES.search(name):
        problems.add(spot, r"a host's name must not hold / \ * ? [ ] = nor start with - ! or .")


def check_name(name: str, spot: Spot, problems: Problems) -> None:
    """Adds the problem of a name that is empty, too long or has spaces at an end."""
    if not name or name != name.strip() or len(name) > _LONGEST_NAME:
        problems.add(spot, f"found {found(name)}, allowed: 1 to {_LONGEST_NAME} characters, no space at either end")


def unknown_name(what: str, name: str, known: Iterable[str], spot: Spot, problems: Problems) -> None:
    """Adds the problem that there is no `what` of this name, with one that is near."""
    names = dict.fromkeys(known)
    hint = ""
    if len(problems) < _HINTED:
        hint = did_you_mean(name, names) or (f", allowed: {', '.join(names)}" if 0 < len(names) <= 10 else "")
    problems.add(spot, f"found {found(name)}, but there is no such {what}{hint}")

"""The infrastructure indicators of a province or a district: what is measured, and what the inventory lists."""

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import msgspec

from collector.report.availability.fleet import fleet, mean_percent_up
from collector.report.context import Context
from collector.report.coverage.positions import TECHNOLOGIES, Position, Served, communes, population, positions
from collector.report.say import Text, say
from collector.report.speed_class import CLASSES, speed_class
from inventory.model import Host, Indicator, Site, SiteKind

_LAN = ("switch", "wan-router", "firewall")
"""roles whose devices serve the LAN of an office"""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator of the province or a district.

    Attributes:
        indicator: as it may be declared; None where it cannot be.
        measured, counted: None where there is no way to know.
        how: how the measured or counted number comes about.
    """

    key: str
    title: Text
    indicator: Indicator | None = None
    unit: str = ""
    measured: float | None = None
    counted: float | None = None
    how: Text


class Facts(msgspec.Struct, frozen=True):
    """What the indicators of one district, or of all ("" as `district`), are computed from."""

    district: str
    sites: Sequence[Site]
    hosts: Sequence[Host]
    up: frozenset[str]
    """names of the hosts that answered at the period's end"""
    positions: Sequence[Position]
    communes: Sequence[Served]


def facts_of(context: Context) -> Facts:
    """Of the selection."""
    found = positions(context)
    sites = context.inventory.sites.values()
    if not context.is_whole:
        chosen = {host.site.id for host in context.hosts.values() if host.site}
        sites = [site for site in sites if site.id in chosen]  # type: ignore[assignment]
    up = frozenset(name for name, state in context.states().items() if state.up)
    return Facts("", list(sites), list(context.hosts.values()), up, found, communes(context, found))


def of_district(facts: Facts, district: str) -> Facts:
    """Those of one district."""
    return Facts(
        district,
        [site for site in facts.sites if site.district == district],
        [host for host in facts.hosts if host.site and host.site.district == district],
        facts.up,
        [position for position in facts.positions if position.site.district == district],
        [served for served in facts.communes if served.commune.district == district],
    )


def indicators(context: Context, facts: Facts) -> Iterator[Row]:
    """Every indicator, in the order of the report."""
    yield from _offices(facts)
    yield from _lines(facts)
    yield from _servers(context, facts)
    yield from _mobile(facts)


def _offices(facts: Facts) -> Iterator[Row]:
    offices = {site.id for site in facts.sites if site.kind == "office"}

    def with_host(good: Callable[[Host], bool]) -> int:
        return len({host.site.id for host in facts.hosts if host.site and host.site.id in offices and good(host)})

    yield Row(
        key="offices", title=say("Offices"), indicator="offices", counted=len(offices), how=say("sites of kind office")
    )
    yield Row(
        key="offices_with_lan",
        title=say("Offices with a LAN"),
        indicator="offices_with_lan",
        counted=with_host(lambda host: host.role in _LAN),
        measured=_of(len(offices), with_host(lambda host: host.role in _LAN and host.name in facts.up)),
        how=say("offices with a switch, router or firewall that answers"),
    )
    yield Row(
        key="offices_on_wan",
        title=say("Offices on the WAN"),
        indicator="offices_on_wan",
        counted=with_host(lambda host: host.role == "wan-router"),
        measured=_of(len(offices), with_host(lambda host: host.role == "wan-router" and host.name in facts.up)),
        how=say("offices with a WAN router that answers"),
    )
    yield Row(
        key="offices_with_ipv6",
        title=say("Offices with IPv6"),
        indicator="offices_with_ipv6",
        measured=_of(len(offices), with_host(lambda host: host.name in facts.up and _is_ipv6(host.address))),
        how=say("offices with a device that answers at an IPv6 address"),
    )


def _lines(facts: Facts) -> Iterator[Row]:
    lines = Counter(
        found.key
        for host in facts.hosts
        for link in host.links
        if host.role == "wan-router" and (found := speed_class(link))
    )
    for each in CLASSES:
        yield Row(
            key=f"lines_{each.key}",
            title=say("WAN lines of {speed}", speed=each.title),
            counted=lines[each.key],
            how=say("contracted lines of WAN routers"),
        )


def _servers(context: Context, facts: Facts) -> Iterator[Row]:
    servers = [host for host in facts.hosts if host.role == "server"]
    inside = [host for host in servers if _stands_in(host, "data-centre")]
    yield Row(
        key="servers",
        title=say("Servers"),
        indicator="servers",
        counted=len(servers),
        measured=_of(len(servers), sum(host.name in facts.up for host in servers)),
        how=say("hosts of role server that answer"),
    )
    yield Row(
        key="servers_in_data_centre",
        title=say("Servers in the data centre"),
        indicator="servers_in_data_centre",
        counted=len(inside),
        measured=_of(len(inside), sum(host.name in facts.up for host in inside)),
        how=say("those at sites of kind data-centre"),
    )
    yield Row(
        key="data_centre_availability_percent",
        title=say("Availability of the data centre"),
        indicator="data_centre_availability_percent",
        unit="%",
        measured=_data_centre_availability(context, facts),
        how=say("mean availability of the hosts at sites of kind data-centre"),
    )


def _mobile(facts: Facts) -> Iterator[Row]:
    masts = [mast for position in facts.positions for mast in position.masts]
    yield Row(
        key="bts_positions",
        title=say("BTS positions"),
        indicator="bts_positions",
        counted=len(facts.positions),
        measured=_of(len(masts), sum(any(mast.life.is_live for mast in each.masts) for each in facts.positions)),
        how=say("sites with stations of which one works"),
    )
    yield Row(
        key="bts_stations",
        title=say("BTS stations"),
        indicator="bts_stations",
        counted=len(masts),
        measured=_of(len(masts), sum(mast.life.is_live for mast in masts)),
        how=say("stations whose uplink answers"),
    )
    for technology in TECHNOLOGIES:
        theirs = [mast for mast in masts if mast.station.technology == technology]
        yield Row(
            key=f"stations_{technology.lower()}",
            title=say("{technology} stations", technology=technology),
            counted=len(theirs),
            measured=_of(len(theirs), sum(mast.life.is_live for mast in theirs)),
            how=say("stations whose uplink answers"),
        )
    people = population(facts.communes)
    yield Row(
        key="population", title=say("Population"), indicator="population", counted=people or None,
        how=say("sum of the communes of the inventory"),
    )  # fmt: skip
    for technology in TECHNOLOGIES:
        covered = population(each for each in facts.communes if each.live[technology])
        yield Row(
            key=f"population_covered_{technology.lower()}",
            title=say("Population covered by {technology}", technology=technology),
            indicator=_COVERED[technology],
            measured=covered if people else None,
            how=say("people of communes with a working station"),
        )


_COVERED: dict[str, Indicator] = {
    "2G": "population_covered_2g",
    "3G": "population_covered_3g",
    "4G": "population_covered_4g",
    "5G": "population_covered_5g",
}


def _data_centre_availability(context: Context, facts: Facts) -> float | None:
    """In percent over the period; None where there is no data centre, or nothing is known of it."""
    records = fleet(context).hosts
    return mean_percent_up(records[host.name] for host in facts.hosts if _stands_in(host, "data-centre"))


def _of(known: int, measured: int) -> int | None:
    """A number measured of the things known; None where none is known, as then nothing was measured."""
    return measured if known else None


def _stands_in(host: Host, kind: SiteKind) -> bool:
    return host.site is not None and host.site.kind == kind


def _is_ipv6(address: str) -> bool:
    """Whether it is written as an IPv6 address; a name is not looked up."""
    try:
        return ipaddress.ip_address(address).version == 6
    except ValueError:
        return False

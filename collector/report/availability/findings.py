"""What somebody has to do because something is down, or the collector is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from collector.report.availability.fleet import Fleet
from collector.report.availability.outage_record import Outage, Record, State
from collector.report.context import DAY_NS, HOUR_NS, Context
from collector.report.model import Finding, Level
from collector.report.say import Quantity, Text, Value, say, say_many
from collector.report.unit import Unit
from collector.report.urgency import CUT_OFF, IMPAIRED, WITHIN_MONTHS, WITHIN_WEEKS, by_people
from collector.report.words import place_of
from inventory.model import Host, Role, Site

_FLAPPING_NS = 7 * DAY_NS
_FLAPS = 6
"""short outages within the last week from which on something flaps"""
_SHORT_NS = HOUR_NS
_FORGOTTEN_NS = 14 * DAY_NS
"""what has been down for longer is missed by nobody"""
_FEW = 3
"""hosts down at one site are named one by one up to this many"""
_GAPS_SHARE = 0.01
"""of the period, from which on the collector's own gaps are worth a word"""

_URGENCY: Mapping[Role, float] = {
    "firewall": IMPAIRED - 5,
    "wan-router": IMPAIRED - 10,
    "bts-uplink": IMPAIRED - 10,
    "server": IMPAIRED - 10,
    "switch": IMPAIRED - 15,
    "power": WITHIN_WEEKS,
    "other": WITHIN_WEEKS - 10,
    "camera": WITHIN_WEEKS - 15,
}
"""of a host that is down while its site is up"""


def findings_of(context: Context, fleet: Fleet) -> list[Finding]:
    """All of a context, the most urgent first."""
    found = [
        *sites_down(context, fleet),
        *_hosts_down(context, fleet),
        *_flapping(context, fleet),
        *_collector_gaps(context, fleet),
    ]
    return sorted(found, key=lambda finding: -finding.urgency)


def sites_down(context: Context, fleet: Fleet) -> Iterator[Finding]:
    """The sites that are cut off now: offices, BTS positions and others, each kind with its own key."""
    for site, outage in _down_now(fleet.sites):
        yield _site_down(context, fleet, context.inventory.sites[site], outage)


def since_of(outage: Outage, until_ns: int) -> dict[str, Value]:
    """When it began and how long it has lasted, for a sentence."""
    return {
        "since": Quantity(outage.start_ns, Unit.TIME),
        "length": Quantity((until_ns - outage.start_ns) / 1e9, Unit.SECONDS),
    }


def _down_now(records: Mapping[str, Record]) -> Iterator[tuple[str, Outage]]:
    for name, record in records.items():
        if record.state is State.DOWN and record.open_outage:
            yield name, record.open_outage


def _site_down(context: Context, fleet: Fleet, site: Site, outage: Outage) -> Finding:
    gates = fleet.gates[site.id]
    providers = sorted({link.provider for name in gates for link in context.hosts[name].links if link.provider})
    values: dict[str, Value] = {
        "site": place_of(site),
        "hosts": ", ".join(gates[:_FEW]),
        "provider": ", ".join(providers),
        **since_of(outage, context.until_ns),
    }
    if site.kind == "office":
        key, urgency = "office-down", CUT_OFF - 10
        sentence = (
            say(
                "Office {site} has been cut off since {since} ({length}): {hosts} does not answer. "
                "Ask whether it has power, then call {provider}.",
                **values,
            )
            if providers
            else say(
                "Office {site} has been cut off since {since} ({length}): {hosts} does not answer. "
                "Ask whether it has power, then look for a fault of its line.",
                **values,
            )
        )
    elif site.kind == "bts":
        key, urgency = "bts-down", IMPAIRED - 10
        sentence = say(
            "BTS position {site} has been cut off since {since} ({length}): {hosts} does not answer. "
            "Check its power and its uplink.",
            **values,
        )
    else:
        key, urgency = "site-down", CUT_OFF - 5 if site.kind == "data-centre" else IMPAIRED
        sentence = say(
            "Site {site} has been cut off since {since} ({length}): {hosts} does not answer. "
            "Check its power and its lines.",
            **values,
        )
    if context.until_ns - outage.start_ns >= _FORGOTTEN_NS and urgency < CUT_OFF - 10:
        urgency = WITHIN_MONTHS
    return Finding(
        key=key,
        level=Level.CRITICAL,
        urgency=by_people(urgency, site.population),
        sentence=sentence,
        where=site.label,
    )


def _hosts_down(context: Context, fleet: Fleet) -> Iterator[Finding]:
    """Hosts that are down where their site is not."""
    at_site: dict[str, list[tuple[Host, Outage]]] = defaultdict(list)
    for name, outage in _down_now(fleet.hosts):
        host = context.hosts[name]
        if host.site is None or fleet.sites[host.site.id].state is not State.DOWN:
            at_site[host.site.id if host.site else ""].append((host, outage))
    for site, down in at_site.items():
        if site and len(down) > _FEW:
            yield _several_down(context, down)
        else:
            yield from (_host_down(context, host, outage) for host, outage in down)


def _host_down(context: Context, host: Host, outage: Outage) -> Finding:
    values: dict[str, Value] = {"host": host.name, "site": place_of(host.site), **since_of(outage, context.until_ns)}
    if context.until_ns - outage.start_ns >= _FORGOTTEN_NS:
        urgency = min(WITHIN_MONTHS, _URGENCY[host.role])
        sentence = (
            say("{host} at {site} has been down for {length}. Repair it, or take it out of the inventory.", **values)
            if host.site
            else say("{host} has been down for {length}. Repair it, or take it out of the inventory.", **values)
        )
    else:
        urgency = _URGENCY[host.role]
        sentence = (
            say("{host} at {site} has been down since {since} ({length}), while others there answer.", **values)
            if host.site and len([each for each in context.hosts.values() if each.site == host.site]) > 1
            else say("{host} has been down since {since} ({length}).", **values)
        )
    return Finding(key="host-down", level=Level.WARNING, urgency=urgency, sentence=sentence, where=host.name)


def _several_down(context: Context, down: Sequence[tuple[Host, Outage]]) -> Finding:
    site = down[0][0].site
    first = min((outage for _, outage in down), key=lambda outage: outage.start_ns)
    return Finding(
        key="host-down",
        level=Level.WARNING,
        urgency=max(_URGENCY[host.role] for host, _ in down),
        sentence=say_many(
            "{count} host at {site} is down, since {since} ({length}): {hosts}.",
            "{count} hosts at {site} are down, the first since {since} ({length}): {hosts}.",
            len(down),
            site=place_of(site),
            hosts=_named([host.name for host, _ in down]),
            **since_of(first, context.until_ns),
        ),
        where=site.label if site else "",
    )


def _named(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 2 * _FEW else ", ".join((*names[: 2 * _FEW], "…"))


def _flapping(context: Context, fleet: Fleet) -> Iterator[Finding]:
    """Sites, and hosts of steady sites, that went down again and again within the last week."""
    flapping_sites: set[str] = set()
    for name, record in fleet.sites.items():
        if count := _flaps(context, record):
            flapping_sites.add(name)
            site = context.inventory.sites[name]
            yield _flapper(count, place_of(site), site.label, IMPAIRED - 15)
    for name, record in fleet.hosts.items():
        host = context.hosts[name]
        is_told = host.site is not None and host.site.id in flapping_sites
        if not is_told and (count := _flaps(context, record)):
            yield _flapper(count, name, name, min(_URGENCY[host.role], WITHIN_WEEKS))


def _flaps(context: Context, record: Record) -> int:
    """How many short outages of the last week, if those are too many, else 0."""
    since_ns = context.until_ns - _FLAPPING_NS
    count = sum(outage.start_ns >= since_ns and outage.down_ns < _SHORT_NS for outage in record.outages)
    return count if count >= _FLAPS else 0


def _flapper(count: int, what: str, where: str, urgency: float) -> Finding:
    return Finding(
        key="flapping",
        level=Level.WARNING,
        urgency=urgency,
        sentence=say_many(
            "{what} went down for less than an hour {count} time within the last 7 days: look for a loose cable, "
            "bad power or an unstable line.",
            "{what} went down for less than an hour {count} times within the last 7 days: look for a loose cable, "
            "bad power or an unstable line.",
            count,
            what=what,
        ),
        where=where,
    )


def _collector_gaps(context: Context, fleet: Fleet) -> Iterator[Finding]:
    if not fleet.gaps:
        return
    start_ns, stop_ns = fleet.gaps[-1]
    total_ns = sum(stop - start for start, stop in fleet.gaps)
    if stop_ns >= context.until_ns:
        yield _gap_finding(
            Level.CRITICAL,
            IMPAIRED + 5,
            say(
                "The collector has recorded nothing since {since} ({length}): see that it runs and reaches its store.",
                since=Quantity(start_ns, Unit.TIME),
                length=Quantity((stop_ns - start_ns) / 1e9, Unit.SECONDS),
            ),
        )
    elif total_ns > _GAPS_SHARE * (context.until_ns - context.since_ns):
        yield _gap_finding(
            Level.WARNING,
            WITHIN_MONTHS,
            say_many(
                "The collector recorded nothing {count} time, for {length} in all: see why it did not run.",
                "The collector recorded nothing {count} times, for {length} in all: see why it did not run.",
                len(fleet.gaps),
                length=Quantity(total_ns / 1e9, Unit.SECONDS),
            ),
        )


def _gap_finding(level: Level, urgency: float, sentence: Text) -> Finding:
    return Finding(key="collector-gap", level=level, urgency=urgency, sentence=sentence, where="")


def worst_first(records: Iterable[tuple[str, Record]]) -> list[tuple[str, Record]]:
    """Down now first, the longest on top; then by percent up; unknown ones last."""

    def order(item: tuple[str, Record]) -> tuple[bool, int, bool, float, str]:
        name, record = item
        is_down = record.state is State.DOWN
        start_ns = record.open_outage.start_ns if is_down and record.open_outage else 0
        percent = record.percent_up
        return (not is_down, start_ns, percent is None, 0.0 if percent is None else percent, name)

    return sorted(records, key=order)

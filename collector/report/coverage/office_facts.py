"""Offices: by which lines they hang on the network, and how they are."""

from collections import defaultdict
from collections.abc import Mapping
from enum import Enum

import msgspec

from collector.report.availability.fleet import Fleet
from collector.report.availability.last_seen import last_seen
from collector.report.availability.outage_record import Record, State
from collector.report.context import Context
from collector.report.model import Level, Verdict
from collector.report.say import say
from inventory.model import Host, Link, Site


class Life(Enum):
    """How an office is at the end of the period."""

    CONNECTED = "connected"
    DOWN = "down"
    MAINTENANCE = "maintenance"
    NO_DATA = "no data"
    """its hosts were not asked, or not lately"""
    NO_HOST = "no host"
    """the inventory has no enabled host there"""


VERDICTS: Mapping[Life, Verdict] = {
    Life.CONNECTED: Verdict(Level.OK, say("connected")),
    Life.DOWN: Verdict(Level.CRITICAL, say("down")),
    Life.MAINTENANCE: Verdict(Level.INFO, say("in maintenance")),
    Life.NO_DATA: Verdict(Level.UNKNOWN, say("no data")),
    Life.NO_HOST: Verdict(Level.WARNING, say("not monitored")),
}

_LIVES: Mapping[State, Life] = {
    State.UP: Life.CONNECTED,
    State.DOWN: Life.DOWN,
    State.MAINTENANCE: Life.MAINTENANCE,
    State.UNKNOWN: Life.NO_DATA,
}


class Office(msgspec.Struct, frozen=True):
    """An office.

    Attributes:
        record: how it fared; None where it has no host.
        hosts: the enabled ones there.
        since_ns: where it is down or without data, since when, as far as anybody knows.
    """

    site: Site
    life: Life
    record: Record | None
    hosts: tuple[Host, ...]
    since_ns: int | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.site.label

    @property
    def lines(self) -> tuple[Link, ...]:
        """Its lines as the inventory has them."""
        return tuple(link for host in self.hosts for link in host.links)

    @property
    def has_lan(self) -> bool:
        """Whether the inventory has a switch there."""
        return any(host.role == "switch" for host in self.hosts)


def offices_of(context: Context, fleet: Fleet) -> list[Office]:
    """The offices of the inventory, or those with a selected host."""
    at_site: dict[str, list[Host]] = defaultdict(list)
    for host in context.hosts.values():
        if host.site:
            at_site[host.site.id].append(host)
    chosen = [
        site
        for _, site in sorted(context.inventory.sites.items())
        if site.kind == "office" and (context.is_whole or site.id in at_site)
    ]
    silent = [
        name
        for site in chosen
        if site.id in fleet.sites and fleet.sites[site.id].state is State.UNKNOWN
        for name in fleet.gates[site.id]
    ]
    seen = last_seen(context, fleet.hosts, silent)
    found = []
    for site in chosen:
        record = fleet.sites.get(site.id)
        if record is None:
            found.append(Office(site, Life.NO_HOST, None, ()))
            continue
        life = _LIVES[record.state]
        since_ns = None
        if life is Life.NO_DATA:
            since_ns = max((seen[name] for name in fleet.gates[site.id] if name in seen), default=None)
        elif record.open_outage:
            since_ns = record.open_outage.start_ns
        found.append(Office(site, life, record, tuple(at_site[site.id]), since_ns))
    return found

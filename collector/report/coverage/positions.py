"""BTS positions, their stations and the communes they serve: what stands where, and what of it works.

A position is a site with stations. Its stations work as long as the host that carries their traffic answers. That a commune
has a live station says nothing of how far it reaches: coverage here is presence, which is what can be measured from the
network's side.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import Enum

import msgspec

from collector.metrics.battery import Said, on_battery
from collector.report.context import Context
from collector.report.model import Level, Verdict
from collector.report.say import say
from inventory.model import Commune, Site, Station, Technology
from inventory.uplinks import uplinks

TECHNOLOGIES: tuple[Technology, ...] = ("2G", "3G", "4G", "5G")


class Life(Enum):
    """How a station, or a position by the worst of its stations, is."""

    UP = "up"
    DEGRADED = "degraded"
    """it works, but its uplink has errors or its power comes from a battery"""
    DOWN = "down"
    UNKNOWN = "unknown"
    """nobody asked the host that carries its traffic, or none is named"""

    @property
    def is_live(self) -> bool:
        return self in (Life.UP, Life.DEGRADED)


VERDICTS: Mapping[Life, Verdict] = {
    Life.UP: Verdict(Level.OK, say("up")),
    Life.DEGRADED: Verdict(Level.WARNING, say("degraded")),
    Life.DOWN: Verdict(Level.CRITICAL, say("down")),
    Life.UNKNOWN: Verdict(Level.UNKNOWN, say("no data")),
}

_WORST_FIRST = (Life.DOWN, Life.DEGRADED, Life.UNKNOWN, Life.UP)


class Mast(msgspec.Struct, frozen=True):
    """A station, the host that carries its traffic ("" where none is known), and how it is."""

    station: Station
    uplink: str
    life: Life


class Position(msgspec.Struct, frozen=True):
    """A site and its stations."""

    site: Site
    masts: tuple[Mast, ...]

    @property
    def life(self) -> Life:
        """The worst of its stations'."""
        return next(life for life in _WORST_FIRST if any(mast.life is life for mast in self.masts))

    @property
    def uplinks(self) -> list[str]:
        """The hosts that carry its traffic."""
        return sorted({mast.uplink for mast in self.masts if mast.uplink})


class Served(msgspec.Struct, frozen=True):
    """A commune, and of each technology how many positions it has and how many of them live."""

    commune: Commune
    positions: Mapping[Technology, int]
    live: Mapping[Technology, int]
    sites: int
    """positions of any technology"""
    live_sites: int

    @property
    def is_cut_off(self) -> bool:
        """No position of any technology lives, although there are some."""
        return self.sites > 0 and self.live_sites == 0


def positions(context: Context) -> list[Position]:
    """The positions of the selection, by district and name."""
    states, degraded, battery_sites = context.states(), _degraded(context), _sites_on_battery(context)
    masts: dict[str, list[Mast]] = defaultdict(list)
    carriers = uplinks(context.inventory)
    for station in context.inventory.stations:
        uplink = carriers.get(station.id, "")
        if not context.is_whole and uplink not in context.hosts:
            continue
        up = states[uplink].up if uplink in states else None
        life = {True: Life.UP, False: Life.DOWN, None: Life.UNKNOWN}[up]
        if up and (station.id in degraded or station.site in battery_sites):
            life = Life.DEGRADED
        masts[station.site].append(Mast(station, uplink, life))
    sites = context.inventory.sites
    found = [Position(sites[site], tuple(each)) for site, each in masts.items() if site in sites]
    return sorted(found, key=lambda position: (position.site.district, position.site.name, position.site.id))


def communes(context: Context, found: Iterable[Position]) -> list[Served]:
    """Every commune that the inventory declares, and those that only sites name, with what `found` serves there.

    A selection of hosts has only the communes that its positions stand in: of the others it says nothing.
    """
    by_commune: dict[tuple[str, str], list[Position]] = defaultdict(list)
    for position in found:
        if position.site.commune:
            by_commune[position.site.district, position.site.commune].append(position)
    declared = {(each.district, each.name): each for each in context.inventory.communes}
    keys = (declared | dict.fromkeys(by_commune)) if context.is_whole else by_commune
    return [
        _served(declared.get(key) or Commune(name=key[1], district=key[0]), by_commune[key]) for key in sorted(keys)
    ]


def population(served: Iterable[Served]) -> int:
    """People in these communes, as far as the inventory tells."""
    return sum(each.commune.population or 0 for each in served)


def _served(commune: Commune, found: list[Position]) -> Served:
    having = {technology: [each for each in found if _has(each, technology)] for technology in TECHNOLOGIES}
    return Served(
        commune,
        {technology: len(each) for technology, each in having.items()},
        {
            technology: sum(
                any(m.life.is_live and m.station.technology == technology for m in each.masts) for each in some
            )
            for technology, some in having.items()
        },
        len(found),
        sum(any(mast.life.is_live for mast in position.masts) for position in found),
    )


def _has(position: Position, technology: Technology) -> bool:
    return any(mast.station.technology == technology for mast in position.masts)


def _degraded(context: Context) -> set[str]:
    """Ids of stations that the poller called degraded."""
    return {point.tags["name"] for point in context.latest("station", ["degraded"]) if point.fields.get("degraded")}


def _sites_on_battery(context: Context) -> set[str]:
    """Sites at which some device says that it runs on its battery."""
    said: dict[str, list[Said]] = defaultdict(list)
    for point in context.latest("state", ["text", "ok"]):
        said[point.tags["host"]].append(Said.of(point))
    sites = {name: host.site.id for name, host in context.hosts.items() if host.site}
    return {sites[host] for host, words in said.items() if host in sites and on_battery(words)}

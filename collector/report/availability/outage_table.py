"""The table of outages: those of sites first of all, with the hosts that were cut off by them."""

from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from collector.report.availability.fleet import Fleet
from collector.report.availability.outage_record import Outage, Record
from collector.report.context import Context
from collector.report.model import Cell, Column, Level, Table, Verdict
from collector.report.say import Text, say, say_many
from collector.report.statistics.spans import Span, common, lengths_in
from collector.report.unit import Unit

SHOWN = 2_000
"""outages in the table, at the most"""
_CUT_OFF_BY = 0.5
"""share of a host's outage that falls into one of its site from which on it is the site's"""


class Event(msgspec.Struct, frozen=True):
    """An outage of a site or of single hosts.

    Attributes:
        hosts: those that it is an outage of; of a site, the routers that it is judged by.
        cut_off: how many hosts of the site were down in it, these included.
    """

    outage: Outage
    hosts: tuple[str, ...]
    cut_off: int
    site: str = ""
    is_site: bool = False


def outage_table(context: Context, fleet: Fleet) -> Table:
    """All outages, open ones first, then the latest first."""
    found = sorted(events(context, fleet), key=lambda event: (event.outage.end_ns is not None, -event.outage.start_ns))
    starts = sorted(event.outage.start_ns for event in found if event.is_site)
    ends = sorted(event.outage.end_ns for event in found if event.is_site and event.outage.end_ns is not None)
    settle_ns = max((record.interval_ns for record in fleet.hosts.values()), default=0)
    rows: list[tuple[Cell, ...]] = []
    for event in found[:SHOWN]:
        outage = event.outage
        at_ns = outage.start_ns + settle_ns  # neighbours that failed with it may have been asked a little later
        site = context.inventory.sites.get(event.site)
        rows.append(
            (
                ", ".join(event.hosts[:3]) + (", …" if len(event.hosts) > 3 else ""),
                site.label if site else None,
                (site.district or None) if site else None,
                say("site") if event.is_site else say("host"),
                Verdict(Level.CRITICAL, say("down")) if outage.end_ns is None else Verdict(Level.INFO, say("over")),
                say("before the period") if outage.is_cut else outage.start_ns,
                outage.end_ns,
                outage.down_ns / 1e9,
                event.cut_off,
                bisect_right(starts, at_ns) - bisect_right(ends, outage.start_ns),
            )
        )
    return Table(
        key="outages",
        title=say("Outages"),
        columns=(
            Column("hosts", say("Host")),
            Column("site", say("Site")),
            Column("district", say("District"), wide_only=True, filterable=True),
            Column("of", say("Of"), help=say("a whole site, or a host of a site that was up"), filterable=True),
            Column("state", say("State"), filterable=True),
            Column("start", say("From"), Unit.TIME),
            Column("end", say("Until"), Unit.TIME),
            Column("length_s", say("Length"), Unit.SECONDS, say("without maintenance, and without time that is unknown")),
            Column("hosts_down", say("Hosts"), Unit.COUNT, say("hosts of the site that were down in it")),
            Column("sites_at_once", say("Sites at once"), Unit.COUNT, say("sites that were down when it began, this one too")),
        ),
        rows=tuple(rows),
        empty=say("There was no outage."),
        notes=tuple(_notes(len(found))),
    )  # fmt: skip


def events(context: Context, fleet: Fleet) -> Iterator[Event]:
    """The outages of sites, and those of hosts that no outage of their site explains."""
    by_site: dict[str, list[tuple[str, Record]]] = {}
    for name, record in fleet.hosts.items():
        site = context.hosts[name].site
        if site and record.outages and fleet.sites[site.id].outages:
            by_site.setdefault(site.id, []).append((name, record))
        else:
            for outage in record.outages:
                yield Event(outage, (name,), 1, site.id if site else "")
    for site_id, hosts in by_site.items():
        record = fleet.sites[site_id]
        here = _spans(record, context.until_ns)
        down = [lengths_in(host.down, here) for _, host in hosts]
        for place, outage in enumerate(record.outages):
            yield Event(outage, fleet.gates[site_id], sum(lost[place] > 0 for lost in down), site_id, True)
        for name, host in hosts:
            own = _spans(host, context.until_ns)
            shared = lengths_in(common(host.down, record.down), own)
            for outage, lost, with_site in zip(host.outages, lengths_in(host.down, own), shared, strict=True):
                if with_site < _CUT_OFF_BY * lost:
                    yield Event(outage, (name,), 1, site_id)


def _spans(record: Record, until_ns: int) -> list[Span]:
    return [(each.start_ns, until_ns if each.end_ns is None else each.end_ns) for each in record.outages]


def _notes(count: int) -> Iterator[Text]:
    yield say("Hosts behind a router that was down itself are counted with its outage and have no row of their own.")
    if count > SHOWN:
        yield say_many(
            "{count} older outage is left out; choose a shorter period or fewer hosts.",
            "{count} older outages are left out; choose a shorter period or fewer hosts.",
            count - SHOWN,
        )

"""`capacity ports`: free and used ports of switches and sites, by the speed they are made for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from collector.report.capacity.port_tables import (
    FULL,
    TIGHT,
    class_table,
    free_table,
    judged,
    site_table,
    switch_table,
    trouble_table,
)
from collector.report.capacity.port_use import SWITCH_PORTS, Switch, Tally, Used, switches, tally
from collector.report.context import Context
from collector.report.model import BarChart, BarPart, Figure, Finding, Level, Report
from collector.report.say import Quantity, Text, say, say_many
from collector.report.unit import Unit
from collector.report.urgency import WITHIN_MONTHS, WORTH_KNOWING


def capacity_ports(context: Context) -> Report:
    """The report, of selected hosts that have ports for others."""
    found = switches(context)
    everything = [each for switch in found for each in switch.ports]
    total = tally(everything)
    sites = _by_site(found)
    return context.report(
        name="capacity ports",
        title=say("Ports"),
        figures=(
            Figure("ports", say("Ports"), total.total, Unit.COUNT),
            Figure("used", say("Used"), total.used, Unit.COUNT),
            Figure("idle", say("Idle"), total.idle, Unit.COUNT, note=say("no link now, but one in the period")),
            Figure("free", say("Free"), total.free, Unit.COUNT, note=say("no link in the whole period")),
            Figure("disabled", say("Disabled"), total.disabled, Unit.COUNT),
        ),
        sections=(
            class_table(everything),
            *((_chart(found),) if found else ()),
            site_table(sites),
            switch_table(found),
            trouble_table(everything),
            free_table(everything),
        ),
        findings=tuple(_findings(sites)),
        notes=(
            say(
                "Counted are physical ports. One that is switched off and was never used is known only where the device "
                "says what it is."
            ),
        ),
    )


def _by_site(found: Sequence[Switch]) -> dict[str, list[Switch]]:
    """By what the site is called; a host without a site is a place of its own."""
    sites: dict[str, list[Switch]] = defaultdict(list)
    for switch in found:
        site = switch.host.site
        sites[site.label if site else switch.host.name].append(switch)
    return sites


def _chart(found: Sequence[Switch]) -> BarChart:
    districts: dict[str, list[Used]] = defaultdict(list)
    for switch in found:
        districts[switch.host.site.district if switch.host.site else ""].extend(switch.ports)
    names = sorted(districts)
    counts = [tally(districts[name]) for name in names]
    return BarChart(
        key="districts",
        title=say("Ports by district"),
        unit=Unit.COUNT,
        categories=tuple(name or say("no district") for name in names),
        parts=(
            BarPart(say("used"), Level.INFO, tuple(float(count.used) for count in counts)),
            BarPart(say("idle"), Level.WARNING, tuple(float(count.idle) for count in counts)),
            BarPart(say("free"), Level.OK, tuple(float(count.free) for count in counts)),
            BarPart(say("disabled"), Level.UNKNOWN, tuple(float(count.disabled) for count in counts)),
        ),
    )


def _findings(sites: Mapping[str, Sequence[Switch]]) -> list[Finding]:
    found = []
    for name, members in sites.items():
        ports = [each for switch in members for each in switch.ports]
        verdict, main, class_bps = judged(ports)
        if main.total < SWITCH_PORTS or verdict not in (FULL, TIGHT):
            continue
        found.append(
            Finding(
                key="ports-exhausted",
                level=Level.WARNING,
                urgency=WITHIN_MONTHS if verdict is FULL else WORTH_KNOWING + 10,
                sentence=_sentence(name, main, class_bps),
                where=name,
            )
        )
    return sorted(found, key=lambda finding: (-finding.urgency, finding.where))


def _sentence(place: str, main: Tally, class_bps: int | None) -> Text:
    speed = Quantity(class_bps, Unit.BPS) if class_bps else say("unknown speed")
    if main.idle:
        return say_many(
            "{place} has {reserve} of {total} ports of {speed} left: take back the {count} that is idle, or order a switch.",
            "{place} has {reserve} of {total} ports of {speed} left: take back the {count} that are idle, or order a switch.",
            main.idle,
            place=place,
            reserve=main.reserve,
            total=main.total,
            speed=speed,
        )
    return say(
        "{place} has {reserve} of {total} ports of {speed} left, and none of them is idle: order a switch before more is "
        "connected.",
        place=place,
        reserve=main.reserve,
        total=main.total,
        speed=speed,
    )

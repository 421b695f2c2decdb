"""`capacity power`: load of UPSes, rectifiers and PDUs against their ratings, batteries, phases, outages of the mains."""

import math
from collections.abc import Sequence

from collector.report.capacity.power_supply import Load, Supply, supplies
from collector.report.capacity.power_verdict import (
    FULL_PERCENT,
    HEAVY,
    HEAVY_PERCENT,
    LAST_ON_BATTERY,
    OVERLOADED,
    findings,
    verdict,
    weakness,
)
from collector.report.context import HOUR_NS, Context
from collector.report.model import (
    Cell,
    Column,
    Figure,
    Level,
    Limit,
    Line,
    LineChart,
    Report,
    Section,
    Table,
    Verdict,
)
from collector.report.say import Quantity, say
from collector.report.statistics.samples import window_lengths_s
from collector.report.statistics.spans import length_ns
from collector.report.unit import Unit

_DRAWN = 5
"""so many of the fullest have their load drawn"""

_RATED = {
    "": say("as the device says"),
    "power": say("power against the rating"),
    "current": say("current against the rating"),
}


def capacity_power(context: Context) -> Report:
    """The report, of the selected hosts that supply power."""
    found = supplies(context)
    judged = sorted(
        ((verdict(supply, context.until_ns), supply) for supply in found),
        key=lambda each: (each[0].level, _runtime_order(each[1]), -_load_order(each[1]), each[1].host.name),
    )
    sections: list[Section] = [_supply_table(context, judged), _outage_table(context, found), _phase_table(found)]
    if chart := _chart(found):
        sections.insert(1, chart)
    return context.report(
        name="capacity power",
        title=say("Power"),
        figures=_figures(context, judged),
        sections=tuple(sections),
        findings=tuple(findings(context, found)),
    )


def _runtime_order(supply: Supply) -> float:
    return supply.runtime_s if supply.on_battery and supply.runtime_s is not None else float("inf")


def _load_order(supply: Supply) -> float:
    return supply.load.worst if supply.load else -1.0


def _figures(context: Context, judged: Sequence[tuple[Verdict, Supply]]) -> tuple[Figure, ...]:
    on_battery = [supply for _, supply in judged if supply.on_battery]
    heavy = sum(each in (OVERLOADED, HEAVY) for each, _ in judged)
    weak = sum(weakness(supply, context.until_ns) is not None for _, supply in judged)
    least = min((supply.runtime_s for supply in on_battery if supply.runtime_s is not None), default=None)
    silent = sum(each.level is Level.UNKNOWN or each == LAST_ON_BATTERY for each, _ in judged)
    return (
        Figure("supplies", say("Supplies"), len(judged), Unit.COUNT),
        Figure("on_battery", say("On battery"), len(on_battery), Unit.COUNT, _bad(on_battery, Level.CRITICAL)),
        *((Figure("least_runtime", say("Least runtime left"), least, Unit.SECONDS, Level.CRITICAL),) if least else ()),
        Figure(
            "heavy",
            say("Load over {percent}", percent=Quantity(HEAVY_PERCENT, Unit.PERCENT)),
            heavy,
            Unit.COUNT,
            _bad(heavy),
        ),
        Figure("weak", say("Weak batteries"), weak, Unit.COUNT, _bad(weak)),
        Figure("no_data", say("No data"), silent, Unit.COUNT, _bad(silent, Level.UNKNOWN)),
    )


def _bad(count: object, level: Level = Level.WARNING) -> Level:
    return level if count else Level.OK


def _supply_table(context: Context, judged: Sequence[tuple[Verdict, Supply]]) -> Table:
    return Table(
        key="supplies",
        title=say("Supplies"),
        columns=(
            Column("host", say("Host")),
            Column("site", say("Site"), filterable=True),
            Column("verdict", say("Verdict"), filterable=True),
            Column("since", say("On battery since"), Unit.TIME),
            Column("load_percent", say("Load"), Unit.PERCENT),
            Column("load_p95_percent", say("p95"), Unit.PERCENT, say("95th percentile of the means of hours")),
            Column("load_peak_percent", say("Peak"), Unit.PERCENT),
            Column("measured", say("Measured at"), wide_only=True),
            Column("power_w", say("Power"), Unit.WATT, wide_only=True),
            Column("charge_percent", say("Charge"), Unit.PERCENT),
            Column("least_charge_percent", say("Least charge"), Unit.PERCENT, say("In the period"), wide_only=True),
            Column("runtime_s", say("Runtime"), Unit.SECONDS, say("How long the battery lasts at the present load")),
            Column("least_runtime_s", say("Least runtime"), Unit.SECONDS, say("In the period"), wide_only=True),
            Column("outages", say("Times on battery"), Unit.COUNT, say("In the period")),
            Column("on_battery_s", say("Time on battery"), Unit.SECONDS, say("In the period"), wide_only=True),
            Column(
                "imbalance_percent", say("Imbalance"), Unit.PERCENT, say("Greatest deviation of a phase from the mean")
            ),
        ),
        rows=tuple(_supply_row(context, each, supply) for each, supply in judged),
        empty=say("There is no supply of power."),
        notes=(
            say(
                "The load is what the device says, or its power or current against the rating in the inventory "
                "(rated_power_w, rated_current_a), whichever is the highest."
            ),
            say("Peaks of a supply whose phases are measured apart are the sum of the phases' peaks."),
        ),
    )


def _supply_row(context: Context, judged: Verdict, supply: Supply) -> tuple[Cell, ...]:
    load, battery, uneven = supply.load, supply.battery, supply.imbalance
    says_so = battery is not None and battery.on_now is not None
    return (
        supply.host.name,
        _site(supply),
        judged,
        supply.since_ns(context),
        load.now if load else None,
        load.p95 if load else None,
        load.peak if load else None,
        (load.point or _RATED[load.rated]) if load else None,
        supply.power_w,
        supply.charge_percent,
        supply.least_charge_percent,
        supply.runtime_s,
        supply.least_runtime_s,
        len(supply.spells(context)) if says_so else None,
        length_ns(supply.spells(context)) / 1e9 if says_so else None,
        uneven.imbalance_percent if uneven else None,
    )


def _site(supply: Supply) -> str:
    site = supply.host.site
    return site.label if site else ""


def _outage_table(context: Context, found: Sequence[Supply]) -> Table:
    spells = sorted(
        ((stop, start, supply) for supply in found for start, stop in supply.spells(context)),
        key=lambda spell: (-spell[0], -spell[1], spell[2].host.name),
    )
    return Table(
        key="on_battery",
        title=say("Times on battery"),
        columns=(
            Column("host", say("Host"), filterable=True),
            Column("site", say("Site"), filterable=True),
            Column("start", say("From"), Unit.TIME),
            Column("end", say("Until"), Unit.TIME),
            Column("length_s", say("For"), Unit.SECONDS),
        ),
        rows=tuple(
            (
                supply.host.name,
                _site(supply),
                start,
                say("now") if supply.on_battery and stop >= context.until_ns else stop,
                (stop - start) / 1e9,
            )
            for stop, start, supply in spells
        ),
        empty=say("Nothing ran on battery."),
        notes=(
            say(
                "Times are told to five minutes, to the hour where only hourly figures are left; shorter ones may be missed."
            ),
        ),
    )


def _phase_table(found: Sequence[Supply]) -> Table:
    units = {"load": "%", "current": "A", "power": "W"}
    rows = sorted(
        ((each.imbalance_percent, supply.host.name, each) for supply in found for each in supply.phases),
        key=lambda row: (-(row[0] if row[0] is not None else -1.0), row[1], row[2].place),
    )
    return Table(
        key="phases",
        title=say("Phases"),
        columns=(
            Column("host", say("Host")),
            Column("place", say("Measured at")),
            Column("l1", say("L1"), Unit.NUMBER, say("Mean over the period")),
            Column("l2", say("L2"), Unit.NUMBER),
            Column("l3", say("L3"), Unit.NUMBER),
            Column("unit", say("Unit")),
            Column(
                "imbalance_percent", say("Imbalance"), Unit.PERCENT, say("Greatest deviation of a phase from the mean")
            ),
        ),
        rows=tuple(
            (name, each.place, *(*each.means, None)[:3], units[each.kind], percent) for percent, name, each in rows
        ),
        empty=say("No supply measures its phases apart."),
        notes=(say("Phases that carry next to nothing are not judged."),),
    )


def _chart(found: Sequence[Supply]) -> LineChart | None:
    loads = [(supply, supply.load) for supply in found if supply.load and len(supply.load.hourly)]
    if not loads:
        return None
    loads.sort(key=lambda each: (-each[1].worst, each[0].host.name))
    return LineChart(
        key="loads",
        title=say("Load of the fullest supplies"),
        unit=Unit.PERCENT,
        lines=tuple(_line(supply, load) for supply, load in loads[:_DRAWN]),
        limits=(Limit(say("rating"), FULL_PERCENT),),
    )


def _line(supply: Supply, load: Load) -> Line:
    """Where hours are missing it has a gap."""
    times: list[int] = []
    values: list[float | None] = []
    windows_ns = window_lengths_s(load.times_ns, HOUR_NS // 10**9) * 1e9
    for time_ns, value, window_ns in zip(
        load.times_ns.tolist(), load.hourly.tolist(), windows_ns.tolist(), strict=True
    ):
        if times and time_ns - times[-1] > 1.5 * window_ns:
            times.append(times[-1] + HOUR_NS)
            values.append(None)
        times.append(time_ns)
        values.append(None if math.isnan(value) else value)
    return Line(f"{supply.host.name} {load.point}".rstrip(), tuple(times), tuple(values))

"""What is known of every UPS, rectifier and PDU: load against rating, battery, phases."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from collector.metrics.battery import OUTPUT_SOURCE
from collector.metrics.model import Point
from collector.report.capacity.power_points import TIME_ON_BATTERY, delivered, is_battery, is_left, loads, phases, whole
from collector.report.capacity.power_spells import STATE_FIELDS, Battery, batteries
from collector.report.context import DAY_NS, HOUR_NS, Context
from collector.report.statistics.samples import BILLING_PERCENT, highest, percentile
from collector.report.statistics.spans import Spans, merged
from collector.store.contract import History
from inventory.model import Host

SENSOR_CLASSES = frozenset({"load", "power", "current", "charge", "runtime"})

_DRAWN = ("load", "power", "current")
_LEAST = {"load": 5.0, "power": 200.0, "current": 1.0}
"""means of phases below this, in percent, watts, amperes, are too little to be uneven"""

Windows = tuple[NDArray[np.int64], NDArray[np.float64]]
"""starts, values"""


class Load(msgspec.Struct, frozen=True):
    """A load in percent of what is allowed, with its history by the hour.

    Attributes:
        point: where it is measured; "" where it is the whole against the rating of the inventory.
        rated: what it was computed from: "" (the device says percent), "power", "current".
    """

    point: str
    rated: str
    now: float | None
    p95: float | None
    peak: float | None
    times_ns: NDArray[np.int64]
    hourly: NDArray[np.float64]

    @property
    def worst(self) -> float:
        return max((value for value in (self.p95, self.now) if value is not None), default=-1.0)


class Phases(msgspec.Struct, frozen=True):
    """Means over the period of the phases of one place, in the unit of `kind` (load, current, power)."""

    place: str
    kind: str
    means: tuple[float, ...]

    @property
    def imbalance_percent(self) -> float | None:
        """The greatest deviation from the mean, as a share of it; None where there is next to nothing on them."""
        mean = sum(self.means) / len(self.means)
        if mean < _LEAST[self.kind]:
            return None
        return 100 * max(abs(value - mean) for value in self.means) / mean


class Supply(msgspec.Struct, frozen=True):
    """One supply of power.

    Attributes:
        loads: the worst first.
        charge_percent, runtime_s: now, of the battery with the least; and the least within the period.
        on_battery_s: for how long it has been on battery, as the device counts.
        seen_ns: the newest of its figures, 0 where there is none.
        is_silent: whether the host does not answer now, so that all is as last heard.
    """

    host: Host
    loads: tuple[Load, ...]
    power_w: float | None
    charge_percent: float | None
    least_charge_percent: float | None
    runtime_s: float | None
    least_runtime_s: float | None
    on_battery_s: float | None
    battery: Battery | None
    phases: tuple[Phases, ...]
    seen_ns: int
    is_silent: bool

    @property
    def load(self) -> Load | None:
        return self.loads[0] if self.loads else None

    @property
    def on_battery(self) -> bool | None:
        return self.battery.on_now if self.battery else None

    @property
    def imbalance(self) -> Phases | None:
        """The most uneven of its places."""
        uneven = [each for each in self.phases if each.imbalance_percent is not None]
        return max(uneven, key=lambda each: each.imbalance_percent or 0.0, default=None)

    def since_ns(self, context: Context) -> int | None:
        """Since when it has been on battery: as the device says, else as it was seen; None where that is before the period."""
        if not self.battery or not self.battery.on_now:
            return None
        if self.on_battery_s:
            return self.battery.seen_ns - int(self.on_battery_s * 1e9)
        spells = self.battery.spells
        return spells[-1][0] if spells and spells[-1][0] >= context.since_ns + HOUR_NS else None

    def spells(self, context: Context) -> Spans:
        """When it was on battery within the period, the present time as long as the device says."""
        if not self.battery:
            return ()
        since_ns = self.since_ns(context)
        present = [] if since_ns is None else [(max(since_ns, context.since_ns), self.battery.seen_ns)]
        return merged([*self.battery.spells, *present])


def supplies(context: Context) -> list[Supply]:
    """The selected hosts of role power, those with a rating in the inventory, and those that have or run on a battery."""
    states = context.latest("state", STATE_FIELDS)
    sensors: dict[str, dict[str, dict[str, Point]]] = defaultdict(lambda: defaultdict(dict))
    for point in context.latest("sensor", ("value",)):
        kind = point.tags.get("class", "")
        if kind in SENSOR_CLASSES and isinstance(point.fields.get("value"), int | float):
            sensors[point.tags["host"]][kind][point.tags.get("name", "")] = point
    found = batteries(context, context.hosts, states)
    sourced = {point.tags["host"] for point in states if point.tags.get("class") == OUTPUT_SOURCE}
    chosen = [
        host
        for name, host in sorted(context.hosts.items())
        if host.role == "power"
        or host.rated_power_w
        or host.rated_current_a
        or (name in sourced and name in found)
        or (name in found and found[name].on_now)
        or any(is_left(sensor) for sensor in sensors[name]["runtime"])
    ]
    names = [host.name for host in chosen]
    hourly = _by_host(context, names, _DRAWN, HOUR_NS, "mean")
    peaks = _by_host(context, names, _DRAWN, DAY_NS, "max")
    least = _by_host(context, names, ("charge", "runtime"), DAY_NS, "min")
    return [
        _supply(
            context,
            host,
            sensors[host.name],
            found.get(host.name),
            hourly[host.name],
            peaks[host.name],
            least[host.name],
        )
        for host in chosen
    ]


_ByClass = Mapping[str, Mapping[str, Windows]]
"""windows of sensors by class and name"""


def _by_host(
    context: Context,
    hosts: Collection[str],
    classes: Iterable[str],
    every_ns: int,
    aggregate: Literal["mean", "max", "min"],
) -> dict[str, dict[str, dict[str, Windows]]]:
    found: dict[str, dict[str, dict[str, Windows]]] = defaultdict(lambda: defaultdict(dict))
    if not hosts:
        return found
    for history in context.store.histories(
        "sensor",
        ["value"],
        since_ns=context.since_ns,
        until_ns=context.until_ns,
        every_s=every_ns // 10**9,
        aggregate=aggregate,
        only={"host": hosts, "class": list(classes)},
    ):
        of_class = found[history.tags["host"]][history.tags["class"]]
        name = history.tags.get("name", "")
        of_class[name] = _longer(of_class.get(name), history)
    return found


def _longer(known: Windows | None, history: History) -> Windows:
    """A series that changed its tags goes on under the new ones."""
    times, values = history.times_ns, history.values["value"]
    if known is None:
        return times, values
    times, values = np.concatenate([known[0], times]), np.concatenate([known[1], values])
    order = np.argsort(times, kind="stable")
    return times[order], values[order]


def _supply(
    context: Context,
    host: Host,
    now: Mapping[str, Mapping[str, Point]],
    battery: Battery | None,
    hourly: _ByClass,
    peaks: _ByClass,
    least: _ByClass,
) -> Supply:
    values = {
        kind: {name: float(point.fields["value"]) for name, point in points.items()} for kind, points in now.items()
    }
    is_ups = battery is not None or any(
        is_battery(name) for kind in ("charge", "runtime") for name in values.get(kind, ())
    )
    power = whole(values.get("power", {}))
    runtimes = values.get("runtime", {})
    charges = [min(value, 100.0) for value in values.get("charge", {}).values() if value >= 0]
    counted = [value for name, value in runtimes.items() if TIME_ON_BATTERY.fullmatch(name)]
    found = _loads(host, values, hourly, peaks)
    return Supply(
        host,
        tuple(sorted(found, key=lambda load: (-load.worst, load.point))),
        sum(power) if power else None,
        min(charges, default=None),
        _least(least.get("charge", {})),
        min((value for name, value in runtimes.items() if is_left(name)), default=None),
        _least({name: windows for name, windows in least.get("runtime", {}).items() if is_left(name)}),
        max(counted, default=None),
        battery,
        _phases(values, hourly, is_ups=is_ups),
        max((point.time_ns for points in now.values() for point in points.values()), default=0),
        context.states()[host.name].up is False,
    )


def _loads(host: Host, now: Mapping[str, Mapping[str, float]], hourly: _ByClass, peaks: _ByClass) -> Iterable[Load]:
    """What the device calls its load; its power and currents against the inventory's ratings."""
    of_load = hourly.get("load", {})
    for name in loads({**of_load, **now.get("load", {})}):
        yield _load(name, "", 1.0, now.get("load", {}).get(name), of_load.get(name), peaks.get("load", {}).get(name))
    if host.rated_power_w:
        power = now.get("power", {})
        parts = whole(power)
        yield _load(
            "", "power", 100 / host.rated_power_w, sum(parts) if parts else None,
            _sum(whole(hourly.get("power", {}))), _sum(whole(peaks.get("power", {}))),
        )  # fmt: skip
    if host.rated_current_a:
        of_current = hourly.get("current", {})
        for name in delivered({**of_current, **now.get("current", {})}):
            yield _load(
                name, "current", 100 / host.rated_current_a, now.get("current", {}).get(name),
                of_current.get(name), peaks.get("current", {}).get(name),
            )  # fmt: skip


def _load(
    point: str, rated: str, factor: float, now: float | None, hourly: Windows | None, peaks: Windows | None
) -> Load:
    times, values = hourly or (np.empty(0, dtype=np.int64), np.empty(0))
    p95 = percentile(values, BILLING_PERCENT)
    peak = highest(peaks[1]) if peaks else None
    return Load(
        point,
        rated,
        None if now is None else now * factor,
        None if p95 is None else p95 * factor,
        None if peak is None else peak * factor,
        times,
        values * factor,
    )


def _sum(parts: Collection[Windows]) -> Windows | None:
    """Window by window, where all parts are known: half a sum would look like less load."""
    if not parts:
        return None
    times = np.unique(np.concatenate([times for times, _ in parts]))
    total = np.zeros(len(times))
    for part_times, values in parts:
        row = np.full(len(times), np.nan)
        row[np.searchsorted(times, part_times)] = values
        total += row
    return times, total


def _least(windows: Mapping[str, Windows]) -> float | None:
    known = [values[~np.isnan(values)] for _, values in windows.values()]
    return min((float(values.min()) for values in known if len(values)), default=None)


def _phases(now: Mapping[str, Mapping[str, float]], hourly: _ByClass, *, is_ups: bool) -> tuple[Phases, ...]:
    """Of each place by the first of load, current and power that it has by phases."""
    found: dict[str, Phases] = {}
    for kind in ("load", "current", "power"):
        measured = hourly.get(kind, {})
        for place, names in phases(now.get(kind, {}), is_ups=is_ups).items():
            means = [float(np.nanmean(measured[name][1])) for name in names.values() if name in measured]
            if place not in found and len(means) == len(names):
                found[place] = Phases(place, kind, tuple(means))
    return tuple(found.values())

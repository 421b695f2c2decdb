"""Rows of a device and the samples of its last cycle made into points: pure, without clock or I/O.

rows -> identify -> filter -> clean -> derive -> compare with the previous sample -> points and the next samples
"""

from collections.abc import Mapping, Sequence
from typing import Self

import msgspec

from collector.metrics.model import FieldValue, Point
from collector.normalise import interface
from collector.normalise.clean import clean, in_order, is_clean
from collector.normalise.counters import Verdict
from collector.normalise.derive import DERIVE, sensor
from collector.normalise.filters import NameFilter, name_filter, never_used
from collector.normalise.identity import identify
from collector.normalise.rates import Comparison, Intervals, compare
from collector.normalise.samples import Held, Sample, Samples, Stamp
from collector.normalise.tables import TABLES, Shape, Table, shape_of
from collector.plugin.model import Row
from inventory.model import Host, InterfaceFilter, Link

__all__ = ["Context", "Held", "Normalised", "RowVerdict", "Sample", "Samples", "Stamp", "normalise"]

NEVER_USED = "default filter: never used (admin down, and no octet counted)"
"""why an interface was left out"""
KEEP_SAMPLES_S = 86_400.0
"""a row that has not been seen for this long is no baseline any more"""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What of a host and cycle the points need.

    Attributes:
        tags: of every point (`Host.point_tags`).
        time_ns: of every point: the cycle's aligned time.
        links: contracted lines by interface name; such an interface is never filtered by default.
        interfaces: the host's filter.
        types: IANAifType by interface name, where it is known from elsewhere; `interface_info` rows add theirs.
    """

    tags: Mapping[str, str]
    time_ns: int
    links: Mapping[str, Link] = {}
    interfaces: InterfaceFilter = InterfaceFilter()
    types: Mapping[str, str] = {}

    @classmethod
    def of(cls, host: Host, time_ns: int, types: Mapping[str, str] = {}) -> Self:
        """What `host` gives to its points."""
        links = {link.interface: link for link in host.links}
        return cls(tags=host.point_tags(), time_ns=time_ns, links=links, interfaces=host.interfaces, types=types)


class RowVerdict(msgspec.Struct, gc=False):
    """For `probe`: what the two samples of a row said.

    Attributes:
        series: measurement and the row's own tags.
        verdict, interval_s: on the row.
        exceptions: by counter, where its verdict is another than the row's.
    """

    measurement: str
    tags: Mapping[str, str]
    verdict: Verdict
    interval_s: float
    exceptions: Mapping[str, Verdict]


class Normalised(msgspec.Struct):
    """One device's cycle.

    Attributes:
        points: in the order of the rows.
        samples: to be handed in as `previous` the next time.
        verdicts: of the rows that have counters.
        filtered: interfaces left out, and by which rule.
        notes: what the family sent that the catalogue does not know.
    """

    points: list[Point]
    samples: Samples
    verdicts: list[RowVerdict]
    filtered: dict[str, str]
    notes: list[str]


def normalise(rows: Sequence[Row], stamps: Sequence[Stamp], context: Context, previous: Samples) -> Normalised:
    """Points of `rows`, which were read at the aligned `stamps`; `previous` is not changed.

    Raises:
        ValueError: rows and stamps are not aligned.
    """
    result = Normalised([], {}, [], {}, [])
    unknown: set[tuple[str, str]] = set()
    names = name_filter(context.interfaces)
    intervals = Intervals()
    types = _interface_types(rows, context.types)
    host_tags, time_ns = context.tags, context.time_ns
    for row, stamp, tags, key in identify(rows, stamps):
        table = TABLES[row.measurement]
        if table.name in _INTERFACES and (reason := _unwanted(tags["name"], row.fields, names, types, context)):
            result.filtered[tags["name"]] = reason
            continue
        raw = row.fields
        shape = shape_of(table.name, tuple(raw))
        if is_clean(shape, raw):
            fields, counters = raw.copy(), in_order(table, raw)
        else:
            fields, counters = clean(table, raw, unknown)
        derive = DERIVE.get(table.name)
        if derive and not derive(fields):
            continue
        if counters:
            before = previous.get(key)
            narrow = _narrow(table, row.bits)
            now = Sample(table.layout, stamp.arrived_s, stamp.uptime_ticks, row.discontinuity, None, narrow, counters)
            comparison = _add_rates(table, shape, tags["name"], fields, before, now, stamp, context, intervals)
            result.samples[key] = comparison.baseline
            result.verdicts.append(
                RowVerdict(table.name, tags, comparison.verdict, comparison.interval_s, comparison.exceptions)
            )
        if _says_something(table, tags, fields):
            result.points.append(Point(table.name, {**host_tags, **tags}, fields, time_ns))
    _keep_unseen(previous, result.samples, time_ns / 1e9)
    result.notes += _notes(rows, unknown)
    return result


def _notes(rows: Sequence[Row], unknown: set[tuple[str, str]]) -> list[str]:
    """What the catalogue does not know: mistakes of the family's."""
    measurements = {row.measurement for row in rows} - TABLES.keys()
    return [f"there is no measurement {name!r}" for name in sorted(measurements)] + [
        f"{measurement} has no field {name!r}" for measurement, name in sorted(unknown)
    ]


_INTERFACES = frozenset(("interface", "interface_info"))


def _interface_types(rows: Sequence[Row], known: Mapping[str, str]) -> Mapping[str, str]:
    seen = {
        row.tags.get("name", ""): str(row.fields["type"])
        for row in rows
        if row.measurement == "interface_info" and "type" in row.fields
    }
    return {**known, **seen} if seen else known


def _unwanted(
    name: str,
    fields: Mapping[str, FieldValue],
    names: NameFilter,
    types: Mapping[str, str],
    context: Context,
) -> str:
    """The rule by which an interface is left out; "" if it is kept."""
    kept, reason = names.decide(name, types.get(name, ""))
    if kept:
        unused = not reason and names.default and "admin_status" in fields and never_used(fields)
        return NEVER_USED if unused and name not in context.links else ""
    return "" if name in context.links and reason.startswith("default") else reason


def _narrow(table: Table, bits: Mapping[str, int]) -> int:
    narrow = 0
    bit_of = table.bits
    for name, width in bits.items():
        if width < 64:
            narrow |= bit_of.get(name, 0)
    return narrow


def _add_rates(
    table: Table,
    shape: Shape,
    name: str,
    fields: dict[str, FieldValue],
    before: Sample | None,
    now: Sample,
    stamp: Stamp,
    context: Context,
    intervals: Intervals,
) -> Comparison:
    is_interface = table.name == "interface"
    speed_bps = interface.drop_no_speed(fields) if is_interface else None
    comparison = compare(table, shape, before, now, stamp, speed_bps, intervals)
    fields.update(comparison.rates)
    if comparison.interval_s:
        fields["interval_s"] = comparison.interval_s
    if is_interface:
        interface.add_utilisation(fields, speed_bps, context.links.get(name))
        interface.add_state(fields, now.narrow, comparison)
    return comparison


def _says_something(table: Table, tags: Mapping[str, str], fields: Mapping[str, FieldValue]) -> bool:
    if table.required and not any(name in fields for name in table.required):
        return False
    if table.name == "sensor":
        return sensor(tags.get("class", ""), fields.get("value"))
    return bool(fields)


def _keep_unseen(previous: Samples, samples: Samples, now_s: float) -> None:
    """Rows that were not read this time keep their baselines: their table may be polled less often, or was lost."""
    for key, sample in previous.items():
        if key not in samples and now_s - sample.arrived_s <= KEEP_SAMPLES_S:
            samples[key] = sample

"""What InfluxDB's hourly and daily rollups hold: the fields of a measurement, put together by hour or UTC day.

    in_bps    ->  in_bps_min, in_bps_avg, in_bps_max, by day also in_bps_p95
    up        ->  up_count, and up_true where it was ever true: InfluxQL has no mean of flags
    model     ->  model: the last one
    samples       how many points there were

They bear the measurement's name and tags, in the retention policies `hourly` and `daily` (2.x: buckets BUCKET/hourly and
BUCKET/daily, which InfluxQL finds by those names). Counters are not kept, as their rates are.
"""

from collections.abc import Iterator

import msgspec

from collector.metrics.catalogue import CATALOGUE
from collector.metrics.model import Field, Kind, Measurement
from collector.store.influx_read import quoted
from collector.store.segments import DAILY, HOURLY
from collector.store.storable import NOT_STORED

GRAINS = {HOURLY: "1h", DAILY: "1d"}
"""the rollups and their windows"""

LATE = "2d"
"""how late samples may come (from a spool) and still be rolled up"""

EVERY = "6h"
"""how often rollups are made: reports read a day from them half a day after its end (`influx_kept`)"""

_PERCENTILE = 95


class Rollup(msgspec.Struct, frozen=True):
    """One statement's worth of a rollup.

    Attributes:
        name: unique.
        columns: InfluxQL.
        condition: InfluxQL, "" is none.
    """

    name: str
    measurement: str
    grain: str
    columns: tuple[str, ...]
    condition: str = ""

    def select(self, source: str, target: str, condition: str = "") -> str:
        """InfluxQL that makes it of the samples of `source`, a database and retention policy, into those of `target`."""
        name = quoted(self.measurement)
        where = " AND ".join(filter(None, (self.condition, condition)))
        return (
            f"SELECT {', '.join(self.columns)} INTO {target}.{name} FROM {source}.{name}"  # noqa: S608
            f"{' WHERE ' + where if where else ''} GROUP BY time({GRAINS[self.grain]}), *"
        )


def kept_fields(measurement: Measurement) -> tuple[Field, ...]:
    """The fields that rollups have."""
    return tuple(f for f in measurement.fields if f.kind is not Kind.COUNTER and f.name not in NOT_STORED)


def counted_field(measurement: Measurement) -> Field:
    """The field whose samples are counted: one that all points have, as far as one has."""
    wanted = {"interface": "oper_status", "device": "up"}.get(measurement.name)
    return measurement.field(wanted or (*measurement.required, measurement.fields[0].name)[0])


def rollups() -> Iterator[Rollup]:
    """All of them. Of a measurement those of days come last, of these the one with `samples`: where it is, all are."""
    for measurement in CATALOGUE:
        for grain in GRAINS:
            columns = [f"count({quoted(counted_field(measurement).name)}) AS {quoted('samples')}"]
            flags = []
            for field in kept_fields(measurement):
                name = quoted(field.name)
                if field.type is str:
                    columns.append(f"last({name}) AS {name}")
                elif field.type is bool:
                    columns.append(f"count({name}) AS {quoted(f'{field.name}_count')}")
                    flags.append(field.name)
                else:
                    columns += [
                        f"{how}({name}) AS {quoted(f'{field.name}_{suffix}')}"
                        for how, suffix in (("min", "min"), ("mean", "avg"), ("max", "max"))
                    ]
                    if grain == DAILY and has_percentile(field):
                        columns.append(f"percentile({name}, {_PERCENTILE}) AS {quoted(f'{field.name}_p{_PERCENTILE}')}")
            for flag in flags:
                yield Rollup(
                    f"collector_{measurement.name}_{flag}_{grain}",
                    measurement.name,
                    grain,
                    (f"count({quoted(flag)}) AS {quoted(f'{flag}_true')}",),
                    f"{quoted(flag)} = true",
                )
            yield Rollup(f"collector_{measurement.name}_{grain}", measurement.name, grain, tuple(columns))


def has_percentile(field: Field) -> bool:
    """Whether the daily rollup has its 95th percentile."""
    return field.type is float

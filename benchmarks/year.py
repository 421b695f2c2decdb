"""A year of a province in a DuckDB file: samples of the last weeks, hourly and daily rollups before and beside them.

It is made by SQL, directly in the layout of the store and in the order in which `collector store compact` leaves it.
Every value is an expression of time, of its series and of a noise `u` within 0 and 1 that follows from both. Samples are
that expression; the rollups of the days with samples are their aggregates; those of the days before are the expression in
the middle of each hour, with little, middling and much noise for its least, mean and greatest value.
"""

# Tables, columns and expressions are of this file and the catalogue.
# ruff: noqa: S608, S311 - and nothing here is secret

import math
import random
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import duckdb
import numpy as np

from benchmarks import year_influx, year_reads
from benchmarks.year_inventory import MBPS, Region, region, write
from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import Measurement
from collector.simulator.province.places import PROVINCE
from collector.store import duck_schema
from collector.store.duck_file import QUIET
from collector.store.duck_schema import quoted, rollup_columns, tag_columns

NS = 10**9
DAY_NS, HOUR_NS = 86_400 * NS, 3_600 * NS
_SLOTS = 288
"""in a day: five minutes each"""

_LOCAL_SLOTS = 84
"""Vietnam is seven hours ahead"""

_WEEKDAYS = [1.0, 0.15, 1.0, 1.15, 1.0, 0.8, 1.0, 1.0]
"""by shape, how busy working days and weekends are"""

_P95_NOISE = 0.62
"""with so much noise, the 23rd of 24 hourly values is about the 95th percentile of the samples"""


class Made(NamedTuple):
    """How the points of one measurement are made.

    Attributes:
        every: slots between two points.
        series: for each series its tags but those of the host, which come from `host`, and what the expressions need.
        fields: SQL by field, of a series' columns, t (ns), day, w (how busy this hour is), u (noise), down, reset.
        also_down: whether there are points while the host is down.
    """

    every: int
    series: list[dict[str, object]]
    fields: Mapping[str, str]
    also_down: bool = False


def run(directory: Path, hosts: int, days: int, raw_days: int, until_s: float) -> None:
    """Write the inventory and `year.duckdb` into the directory; the last point is of about `until_s`."""
    found = region(hosts)
    write(directory, found)
    path = directory / "year.duckdb"
    for left in (path, path.with_name(path.name + ".wal")):
        left.unlink(missing_ok=True)
    with duckdb.connect(
        str(path),
        config={
            "memory_limit": "4GB",
            "preserve_insertion_order": "true",
            "checkpoint_threshold": "1GB",
        },
    ) as connection:
        connection.execute(QUIET)
        duck_schema.migrate(connection, str(path))
        _Year(connection, found, int(until_s) // 300 * 300 * NS, days, raw_days).fill()
        connection.execute("CHECKPOINT")


class _Year:
    def __init__(self, connection: Any, found: Region, until_ns: int, days: int, raw_days: int) -> None:
        self.sql = connection
        self.found = found
        self.until_ns = until_ns
        self.today = until_ns // DAY_NS
        self.first = self.today - days
        self.raw_from = self.today - raw_days

    def fill(self) -> None:
        self._surroundings()
        for name, made in _measurements(self.found, self.today).items():
            began = time.monotonic()
            self._fill(MEASUREMENTS[name], made)
            click.echo(f"{name:<16}{len(made.series):>7} series{time.monotonic() - began:>8.0f} s")

    def _surroundings(self) -> None:
        """Tables that all measurements share: the shape of days, outages of hosts, gaps of the collector."""
        hosts, starts, stops = _outages([machine.name for machine in self.found.machines], self.first, self.until_ns)
        self._table("outages", {"host": hosts, "start": starts, "stop": stops})
        self.sql.execute(
            f"CREATE TEMP TABLE down_hours AS SELECT host, hour, sum(least(stop, hour + {HOUR_NS}) - greatest(start, hour)) / {HOUR_NS} AS share "
            f"FROM (SELECT *, unnest(range(start // {HOUR_NS} * {HOUR_NS}, stop, {HOUR_NS})) AS hour FROM outages) GROUP BY host, hour"
        )
        rng = random.Random(7)
        gaps = sorted([*rng.sample(range(self.first, self.raw_from), 5), self.today - 9, self.today - 30])
        self.gaps = [day * DAY_NS + (2 + hour) * HOUR_NS for day in gaps for hour in range(3)]

    def _busy(self, t: str) -> str:
        """SQL: how busy the series is at that time, against its mean of today."""
        slot = f"({t} // {300 * NS} + {_LOCAL_SLOTS}) % {_SLOTS}"
        weekend = f"((({t} + {7 * HOUR_NS}) // {DAY_NS} + 3) % 7 >= 5)::INT"
        shapes = [round(float(busy), 4) for kind in range(4) for busy in _shape(kind)]
        return (
            f"{shapes}[s.shape * {_SLOTS} + {slot} + 1] * {_WEEKDAYS}[s.shape * 2 + {weekend} + 1] "
            f"* exp(ln(s.growth) * ({t} // {DAY_NS} - {self.today}) / 365)"
        )

    def _table(self, name: str, columns: Mapping[str, Any]) -> None:
        arrays = {
            key: np.array(values, dtype=object if isinstance(values[0], str) else None)
            for key, values in columns.items()
        }
        self.sql.register("given", arrays)
        self.sql.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM given")
        self.sql.unregister("given")

    def _fill(self, measurement: Measurement, made: Made) -> None:
        places = {machine.name: (machine.role, machine.site) for machine in self.found.machines}
        tags = tag_columns(measurement)
        rows = []
        for series in made.series:
            role, site = places[str(series["host"])]
            rows.append(
                {
                    "role": role,
                    "site": site.id,
                    "district": site.district,
                    "province": PROVINCE,
                    "shape": 3,
                    "growth": 1.0,
                    "first_day": 10_000,
                    **series,
                }
            )
        rows.sort(key=lambda row: [row[tag] for tag in tags])
        names = list(rows[0])
        self._table("series", {"id": np.arange(len(rows)), **{name: [row[name] for row in rows] for name in names}})
        for start in range(self.first, self.raw_from, 8):
            self._rollups(measurement, made, start, min(start + 8, self.raw_from))
        for day in range(self.raw_from, self.today + 1):
            self._samples(measurement, made, day)
        self.sql.execute(
            "INSERT INTO rolled_up SELECT ?, make_timestamp_ns(day * 86400000000000)::DATE, coalesce(samples, 0) FROM "
            "(SELECT unnest(range(?, ?)) AS day) LEFT JOIN (SELECT epoch_ns(time) // 86400000000000 AS day, "
            f"count(*) AS samples FROM {quoted(measurement.name)} GROUP BY 1) USING (day)",
            [measurement.name, self.first, self.today],
        )

    def _samples(self, measurement: Measurement, made: Made, day: int) -> None:
        """The samples of a day and, if it is over, their rollups."""
        tags = tag_columns(measurement)
        count = _SLOTS // made.every
        start = day * DAY_NS
        fields = ", ".join(f"({sql}) AS {quoted(name)}" for name, sql in made.fields.items())
        self.sql.execute(
            "CREATE OR REPLACE TEMP TABLE series_today AS SELECT s.*, o.start AS down_from, o.stop AS up_from FROM series s "
            f"LEFT JOIN (SELECT * FROM outages WHERE stop >= {start} AND start < {start + DAY_NS}) o USING (host)"
        )
        self.sql.execute(
            f"CREATE OR REPLACE TEMP TABLE today AS SELECT id, t, {fields} FROM ("
            f"SELECT s.*, r.t, {day} AS day, {self._busy('r.t')} AS w, {_noise('r.t')} AS u, "
            f"coalesce(r.t >= down_from AND r.t < up_from, false) AS down, coalesce(r.t = up_from, false) AS reset "
            f"FROM (SELECT range // {count} AS id, {start} + range % {count} * {made.every * 300 * NS} AS t FROM range({count * len(made.series)})) r "
            f"JOIN series_today s USING (id) "
            f"WHERE r.t <= {self.until_ns} AND {self.today} - first_day <= {day} AND NOT list_contains({self.gaps}, r.t // {HOUR_NS} * {HOUR_NS})"
            f") WHERE {'true' if made.also_down else 'NOT down'}"
        )
        self.sql.execute(
            f"INSERT INTO {quoted(measurement.name)} BY NAME SELECT make_timestamp_ns(t) AS time, "
            f"{_listed(tags)}, {', '.join(f'today.{quoted(name)}' for name in made.fields)} FROM today JOIN series s USING (id)"
        )
        if day == self.today:
            return
        for period, length in (("hourly", HOUR_NS), ("daily", DAY_NS)):
            columns = [
                f"{sql.replace('samples.time', 't')} AS {quoted(name)}"
                for field in measurement.fields
                if field.name in made.fields
                for name, _, sql in rollup_columns(field, period)
            ]
            self._roll(
                measurement,
                period,
                f"SELECT id, t // {length} * {length} AS t, count(*) AS samples, {', '.join(columns)} FROM today GROUP BY ALL ORDER BY id, t",
            )

    def _roll(self, measurement: Measurement, period: str, source: str) -> None:
        tags = tag_columns(measurement)
        self.sql.execute(
            f"INSERT INTO {quoted(f'{measurement.name}_{period}')} BY NAME SELECT make_timestamp_ns(t) AS time, {', '.join(f's.{quoted(tag)}' for tag in tags)}, "
            f"rolled.* EXCLUDE (id, t) FROM ({source}) rolled JOIN series s USING (id)"
        )

    def _rollups(self, measurement: Measurement, made: Made, first: int, stop: int) -> None:
        """The rollups of days that have no samples any more."""
        step = max(1, made.every // 12)
        each, count = 24 // step, len(made.series)
        columns, daily = [], []
        for field in measurement.fields:
            if field.name not in made.fields:
                continue
            sql = made.fields[field.name]
            for name, _, _ in rollup_columns(field, "daily"):
                kind = name.removeprefix(field.name)
                if field.type is bool:
                    columns.append(
                        (name, f"{'1 - down_share' if field.name in ('up', 'snmp_up') else f'({sql})::INT'}")
                    )
                elif kind == "":
                    columns.append((name, sql))
                else:
                    noise = {"_min": 0.02, "_avg": 0.5, "_max": 0.98, "_p95": _P95_NOISE}[kind]
                    columns.append((name, f"({_with_noise(sql, noise)})::FLOAT"))
                fold = {
                    "_min": "min({})",
                    "_avg": "(sum({0} * samples) / sum(samples) FILTER ({0} IS NOT NULL))",
                    "_max": "max({})",
                    "_p95": "quantile_disc({}, 0.95)",
                    "": "arg_max({}, t)",
                }[kind]
                daily.append(f"{fold.format(quoted(name))} AS {quoted(name)}")
        samples = f"12 // {made.every}" if made.every < 12 else "1"
        left = samples if made.also_down else f"(({samples}) * (1 - down_share))::INT"
        self.sql.execute(
            f"CREATE OR REPLACE TEMP TABLE hours AS SELECT id, hour AS t, {left} AS samples, {', '.join(f'({sql}) AS {quoted(name)}' for name, sql in columns)} FROM ("
            f"SELECT s.*, r.hour, r.hour + {HOUR_NS // 2} AS t, r.hour // {DAY_NS} AS day, {self._busy(f'(r.hour + {HOUR_NS // 2})')} AS w, {_noise('r.hour')} AS u, "
            f"coalesce(d.share, 0) AS down_share, coalesce(d.share, 0) > 0.5 AS down, false AS reset "
            f"FROM (SELECT range // {each} % {count} AS id, {first * DAY_NS} + range // {each * count} * {DAY_NS} + range % {each} * {step * HOUR_NS} AS hour FROM range({each * count * (stop - first)})) r "
            f"JOIN series s USING (id) LEFT JOIN down_hours d ON d.host = s.host AND d.hour = r.hour "
            f"WHERE {self.today} - first_day <= r.hour // {DAY_NS} AND NOT list_contains({self.gaps}, r.hour)"
            f") WHERE {left} > 0"
        )
        unrolled = [name for name, _ in columns if name.endswith("_p95")]
        self._roll(
            measurement,
            "hourly",
            "FROM hours" if not unrolled else f"SELECT * EXCLUDE ({_listed(unrolled)}) FROM hours",
        )
        self._roll(
            measurement,
            "daily",
            f"SELECT id, t // {DAY_NS} * {DAY_NS} AS t, sum(samples)::INTEGER AS samples, {', '.join(daily)} FROM hours GROUP BY ALL ORDER BY t, id",
        )


def _noise(t: str) -> str:
    return f"(hash(id * 1000003 + {t} // {300 * NS}) % 10000) / 10000.0"


def _with_noise(sql: str, noise: float) -> str:
    return re.sub(r"\bu\b", str(noise), sql)


def _listed(names: Any) -> str:
    return ", ".join(map(quoted, names))


def _shape(kind: int) -> list[float]:
    """How busy each five minutes of a local day are, with a mean of 1: office, homes, servers, idle."""
    hours = np.arange(_SLOTS) / 12

    def hump(at: float, width: float) -> Any:
        away = np.minimum(abs(hours - at), 24 - abs(hours - at))
        return np.exp(-((away / width) ** 2))

    shape = {
        0: 0.08 + hump(9.5, 2) + 0.9 * hump(15, 2),
        1: 0.2 + 0.5 * hump(12, 3) + hump(20.5, 3),
        2: 0.6 + 0.4 * hump(10, 4) + 0.8 * hump(1, 1),
        3: np.ones(_SLOTS),
    }[kind]
    return list(shape / shape.mean())


def _outages(hosts: Sequence[str], first: int, until_ns: int) -> tuple[list[str], list[int], list[int]]:
    """About six a year and host, of minutes to days; one host in 150 is down at the end."""
    rng = random.Random(11)
    found: tuple[list[str], list[int], list[int]] = ([], [], [])
    slot = 300 * NS
    for host in hosts:
        at = first * DAY_NS
        while True:
            at += int(rng.expovariate(1 / 60) * DAY_NS) // slot * slot + slot
            length = max(slot, int(math.exp(rng.gauss(math.log(2_400), 1.5)) * NS) // slot * slot)
            if at + length >= until_ns:
                break
            for column, value in zip(found, (host, at, at + length), strict=True):
                column.append(value)
            at = ((at + length) // DAY_NS + 1) * DAY_NS  # a host has one outage a day at the most
    ends = dict(zip(found[0], found[2], strict=True))
    for host in rng.sample(list(hosts), max(2, len(hosts) // 150)):
        start = max(
            (ends.get(host, 0) // DAY_NS + 1) * DAY_NS,
            until_ns - int(rng.expovariate(1 / 3) * DAY_NS) // slot * slot - slot,
        )
        if start > until_ns:
            continue
        for column, value in zip(found, (host, start, until_ns + slot), strict=True):
            column.append(value)
    return found


def _measurements(found: Region, today: int) -> dict[str, Made]:
    rng = random.Random(13)
    hosts = [machine.name for machine in found.machines]
    roles = {machine.name: machine.role for machine in found.machines}
    servers = [name for name in hosts if roles[name] == "server"]
    routers = [name for name in hosts if roles[name] in ("wan-router", "bts-uplink")]
    power = [name for name in hosts if roles[name] == "power"]
    changed = dict.fromkeys(rng.sample(hosts, len(hosts) // 20), 0)
    traffic = "least(capacity, round(level_{0} * w * (0.8 + 0.4 * u)))"
    rate = "CASE WHEN reset THEN NULL ELSE {0} END"
    inward, outward = (rate.format(traffic.format(way)) for way in ("in", "out"))
    made = {
        "device": Made(
            1,
            [{"host": m.name, "family": m.family, "boot": rng.randint(1, 400)} for m in found.machines],
            {
                "up": "NOT down",
                "snmp_up": "NOT down",
                "uptime_s": f"CASE WHEN down THEN NULL ELSE (t - ({today} - 400 - boot) * {DAY_NS}) / 1e9 END",
                "error": "CASE WHEN down THEN 'no answer' END",
            },
            also_down=True,
        ),
        "device_info": Made(
            12,
            [
                {
                    "host": m.name,
                    "vendor": m.family.partition("/")[0],
                    "model": f"{m.family.partition('/')[0].upper()}-{n % 7 + 1}00",
                    "number": n,
                    "upgraded": today - rng.randint(1, 360) if m.name in changed and n % 3 else 10**6,
                    "replaced": today - rng.randint(1, 360) if m.name in changed and not n % 3 else 10**6,
                }
                for n, m in enumerate(found.machines)
            ],
            {
                "vendor": "vendor",
                "model": "CASE WHEN day >= replaced THEN concat(model, 'X') ELSE model END",
                "os": "vendor",
                "os_version": "CASE WHEN day >= upgraded THEN '15.9(3)' ELSE concat('15.', number % 4) END",
                "serial": "CASE WHEN day >= replaced THEN concat('NEW', number) ELSE concat('SN', number) END",
                "sys_name": "host",
            },
        ),
        "interface": Made(
            1,
            [
                {
                    "host": p.host,
                    "name": p.name,
                    "shape": p.shape,
                    "growth": p.growth,
                    "first_day": p.first_day,
                    "speed": p.speed_bps,
                    "capacity": p.contract_bps or p.speed_bps,
                    "level_in": p.level_in_bps,
                    "level_out": p.level_out_bps,
                    "errors": p.errors_per_s,
                    "oper": p.status,
                    "ifindex": n % 48 + 1,
                }
                for n, p in enumerate(found.ports)
            ],
            {
                "index": "ifindex",
                "admin_status": "'up'",
                "oper_status": "oper",
                "speed_bps": "speed",
                "in_bps": inward,
                "out_bps": outward,
                "in_util_percent": f"({inward}) * 100 / capacity",
                "out_util_percent": f"({outward}) * 100 / capacity",
                "in_errors_per_s": rate.format("CASE WHEN u < 0.3 THEN errors ELSE 0 END"),
                "out_errors_per_s": rate.format("0"),
                "in_discards_per_s": rate.format("CASE WHEN level_in * w > capacity THEN 3 ELSE 0 END"),
                "out_discards_per_s": rate.format("0"),
                "interval_s": rate.format("300"),
                "reset": "reset",
            },
        ),
        "interface_info": Made(
            72,
            [{"host": p.host, "name": p.name, "contract": p.contract_bps, "ifindex": n % 48 + 1} for n, p in enumerate(found.ports)],
            {"index": "ifindex", "if_name": "name", "alias": f"CASE WHEN contract > 0 THEN concat('line of ', contract // {MBPS}, ' Mbps') ELSE '' END", "mtu": "1500", "type": "'ethernetCsmacd'"},
        ),
        "cpu": Made(
            1,
            [{"host": name, "name": str(n), "shape": 2, "level": rng.choice((5, 15, 30, 70))} for name in servers for n in range(4)]
            + [{"host": name, "name": "0", "shape": 1, "level": 12} for name in routers],
            {"usage_percent": "least(100, round(level * w * (0.7 + 0.6 * u), 1))"},
        ),
        "memory": Made(
            1,
            [{"host": name, "name": "RAM", "kind": "physical", "total": 2**36, "level": rng.choice((0.3, 0.6, 0.93)), "growth": 1.1} for name in servers]
            + [{"host": name, "name": "Processor", "kind": "physical", "total": 2**29, "level": 0.4} for name in routers],
            {"total_bytes": "total", "used_bytes": "(total * least(0.99, level * w * (0.98 + 0.04 * u)))::BIGINT", "used_percent": "100 * least(0.99, level * w * (0.98 + 0.04 * u))"},
        ),
        "storage": Made(
            1,
            [
                {"host": name, "name": disk, "kind": "disk", "total": size, "level": rng.uniform(0.2, 0.8), "slope": rng.choice((0, 0, 0.0002, 0.0005, 0.003))}
                for name in servers
                for disk, size in (("/", 10**11), ("/var", 5 * 10**11), ("/data", 4 * 10**12))
            ],
            {
                "total_bytes": "total",
                "used_bytes": f"(total * greatest(0.01, least(0.999, level + slope * (t / {DAY_NS} - {today}) + 0.002 * u)))::BIGINT",
                "used_percent": f"100 * greatest(0.01, least(0.999, level + slope * (t / {DAY_NS} - {today}) + 0.002 * u))",
            },
        ),
        "sensor": Made(
            1,
            [
                {"host": name, "name": sensor, "class": kind, "level": level * (load if kind in ("load", "power", "current") else 1), "shape": shape}
                for name, load in zip(power, (rng.uniform(0.1, 0.95) for _ in power), strict=True)
                for sensor, kind, level, shape in (
                    ("Battery", "charge", 99, 3), ("Battery", "runtime", rng.choice((400, 1800, 5400)), 3), ("Battery", "temperature", 27, 3),
                    ("Output", "load", 90, 2), ("Output", "power", 2700, 2),
                    *((f"Output {phase}", "current", 4.0 + phase, 2) for phase in (1, 2, 3)),
                    *((f"Input {phase}", "voltage", 228, 3) for phase in (1, 2, 3)),
                )
            ],
            {"value": "round(level * w * (0.98 + 0.04 * u), 2)"},
        ),
        "state": Made(
            1,
            [{"host": name, "name": thing, "class": kind, "bad": today - rng.choice((0, 0, 1)) if n % 33 == 5 else 10**6, "worse": worse} for n, name in enumerate(power) for thing, kind, worse in (("Output source", "output-source", "battery"), ("Battery", "battery", "discharging"))],
            {"code": "CASE WHEN day >= bad THEN 5 ELSE 3 END", "text": "CASE WHEN day >= bad THEN worse ELSE 'normal' END", "ok": "day < bad"},
        ),
        "neighbour": Made(
            12,
            [{"host": c.host, "name": c.port, "protocol": "lldp", "remote": c.remote_host, "port": c.remote_port} for c in found.cables],
            {"remote_host": "remote", "remote_port": "port"},
        ),
        "ping": Made(
            12,
            [{"host": name, "rtt": rng.uniform(0.5, 40)} for name in hosts],
            {"rtt_min_ms": "rtt", "rtt_avg_ms": "rtt * (1.05 + u)", "rtt_max_ms": "rtt * (2 + 3 * u)", "loss_percent": "CASE WHEN u > 0.99 THEN 20 ELSE 0 END"},
        ),
        "link": Made(
            12,
            [{"host": p.host, "name": p.name, "bps": p.contract_bps} for p in found.ports if p.contract_bps],
            {"contract_in_bps": "bps", "contract_out_bps": "bps", "kind": "'fibre'"},
            also_down=True,
        ),
        "station": Made(
            3,
            [{"host": a.uplink, "name": a.id, "technology": a.technology, "operator": a.operator, "weak": rng.random() < 0.02} for a in found.antennas],
            {"up": "NOT down", "degraded": "weak AND NOT down"},
            also_down=True,
        ),
        "poll": Made(
            1,
            [{"host": name, "weak": rng.random() < 0.01} for name in hosts],
            {
                "duration_s": "CASE WHEN down THEN 6 ELSE round(0.2 + 0.4 * u, 3) END",
                "pdus": "8",
                "varbinds": "CASE WHEN down THEN 0 ELSE 300 END",
                "retries": "CASE WHEN down THEN 2 ELSE 0 END",
                "timeouts": "CASE WHEN down THEN 3 ELSE 0 END",
                "bytes_in": "CASE WHEN down THEN 0 ELSE 9000 END",
                "bytes_out": "4000",
                "outcome": "CASE WHEN down THEN 'down' WHEN weak THEN 'partial' ELSE 'ok' END",
            },
            also_down=True,
        ),
    }  # fmt: skip
    return {name: made[name] for name in MEASUREMENTS if name in made}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--hosts", type=click.IntRange(100), default=3_700, show_default=True, help="Size of the province.")
@click.option("--days", type=click.IntRange(60), default=365, show_default=True, help="Days in all.")
@click.option("--raw-days", type=click.IntRange(1, 59), default=45, show_default=True, help="Days with samples.")
@click.option("--measure", is_flag=True, help="Make nothing: measure the reads of reports on what is there.")
@click.option(
    "--influx", metavar="URL", help="Make nothing: write DIRECTORY/influx.toml, and copy what is there to URL."
)
@click.option("--hourly-days", type=click.IntRange(1), default=62, show_default=True, help="Days of hours to copy.")
def main(
    directory: Path, hosts: int, days: int, raw_days: int, measure: bool, influx: str | None, hourly_days: int
) -> None:
    """Make a province and a year of its figures in DIRECTORY, up to now, or measure reads on it."""
    if influx:
        config = year_influx.configure(directory, influx, raw_days)
        year_influx.load(directory, config, influx, raw_days, hourly_days)
    elif measure:
        click.echo(year_reads.run(directory))
    else:
        run(directory, hosts, days, raw_days, time.time())

"""A generated year, from its DuckDB file into an InfluxDB 1.x: samples, hourly and daily rollups as the store keeps them.

Lines are put together by SQL, with the types that the catalogue has. InfluxDB takes its time, so some is left out: hours
before those with samples, samples of polls and of ports without a contract or a ring but for the last days, and two fields.
Reports over all ports or polls find less to read for that.
"""

# Tables and columns are the catalogue's.
# ruff: noqa: S608

import http.client
import queue
import threading
import time
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlencode, urlsplit

import click
import duckdb

from collector.metrics.catalogue import CATALOGUE
from collector.metrics.model import Field, Kind, Measurement
from collector.store.duck_file import QUIET
from collector.store.duck_schema import quoted, stored_fields, tag_columns
from collector.store.influx import InfluxdbStore
from collector.store.open import open_store
from inventory.load import load as inventory_of

_DAY_NS = 86_400 * 10**9
_LINES = 5_000
"""in a request"""

_WRITERS = 2

_FEW_DAYS = 3
"""of samples of the measurements in `_LONG`, but for the series named there"""

_UNREAD = ("index", "interval_s")
"""fields that no report asks for"""

_LONG: dict[str, str] = {"poll": "false", "interface": "(host, name) IN (FROM lines) OR name LIKE 'Te%'"}
"""SQL: series whose samples are copied for all days; of other measurements all are"""

Grain = Literal["raw", "hourly", "daily"]

POLICIES: dict[Grain, str] = {"raw": "autogen", "hourly": "hourly", "daily": "daily"}


def configure(directory: Path, url: str, raw_days: int) -> Path:
    """Write `influx.toml` beside `hosts.toml`: the same inventory, with its store on that server."""
    text = (directory / "hosts.toml").read_text(encoding="utf-8")
    before, _, rest = text.partition("[store]")
    after = rest[rest.index("\n[") :]
    store = f'[store]\nkind = "influxdb"\nurl = "{url}"\ndatabase = "year"\nraw_days = {raw_days}\ntimeout_s = 120\n'
    path = directory / "influx.toml"
    path.write_text(before + store + after, encoding="utf-8")
    return path


def load(directory: Path, config: Path, url: str, raw_days: int, hourly_days: int) -> None:
    """Copy the rollups of all days, hours of the last `hourly_days`, and samples of the last `raw_days`."""
    inventory = inventory_of(config)
    store = open_store(inventory.store)
    if isinstance(store, InfluxdbStore):
        store.set_up(lambda _: None)
        store.forget(lambda _: None)
    store.close()
    with duckdb.connect(str(directory / "year.duckdb"), read_only=True) as connection:
        connection.execute(QUIET)
        connection.execute("SET memory_limit = '2GB'")
        connection.execute("SET threads = 1")
        connection.execute("CREATE TEMP TABLE lines (host VARCHAR, name VARCHAR)")
        lines = [(host.name, link.interface) for host in inventory.hosts.values() for link in host.links]
        connection.executemany("INSERT INTO lines VALUES (?, ?)", lines)
        for measurement in CATALOGUE:
            newest = connection.execute(f"SELECT max(epoch_ns(time)) FROM {quoted(measurement.name)}").fetchone()
            if newest is None or newest[0] is None:
                continue
            today = newest[0] // _DAY_NS
            began, points = time.monotonic(), 0
            days: dict[Grain, int] = {"daily": 0, "hourly": today - hourly_days + 1, "raw": today - raw_days + 1}
            for grain, first_day in days.items():
                points += _copy(connection, measurement, grain, first_day, url)
            click.echo(f"{measurement.name:<16}{points:>12,} points{time.monotonic() - began:>8.0f} s")


def _copy(connection: Any, measurement: Measurement, grain: Grain, first_day: int, url: str) -> int:
    cursor = connection.execute(_lines(connection, measurement, grain, first_day))
    count = 0
    with _Writers(url, POLICIES[grain]) as writers:
        while rows := cursor.fetchmany(_LINES):
            count += len(rows)
            writers.put("\n".join(row[0] for row in rows))
    return count


def _lines(connection: Any, measurement: Measurement, grain: Grain, first_day: int) -> str:
    """SQL for the lines of a table, one a row."""
    table = measurement.name if grain == "raw" else f"{measurement.name}_{grain}"
    filled = _filled(connection, table)
    tags = ", ".join(
        f"CASE WHEN {quoted(tag)} <> '' THEN ',{tag}=' || {_tag(tag)} ELSE '' END" for tag in tag_columns(measurement)
    )
    since = f"time >= make_timestamp_ns({max(0, first_day) * _DAY_NS})"
    if grain == "raw" and measurement.name in _LONG:
        few = f"time >= (SELECT max(time) FROM {quoted(table)}) - INTERVAL {_FEW_DAYS} DAY"
        since += f" AND ({few} OR {_LONG[measurement.name]})"
    parts = [] if grain == "raw" else ["'samples=' || samples || 'i'"]
    for field in stored_fields(measurement):
        if field.name in _UNREAD:
            continue
        parts += [_written(field.name, field.name, field.type)] if grain == "raw" else _rolled(field)
    present = [
        part for part in parts if part.split("=")[0].strip("'").removesuffix("_true").removesuffix("_count") in filled
    ]
    return (
        f"SELECT concat('{measurement.name}', {tags}, ' ', fields, ' ', epoch_ns(time)) "
        f"FROM (SELECT *, concat_ws(',', {', '.join(present)}) AS fields FROM {quoted(table)} "
        f"WHERE {since}) WHERE fields <> ''"
    )


def _filled(connection: Any, table: str) -> set[str]:
    """The columns that have values; flags of rollups by the name of the field."""
    columns = [row[0] for row in connection.execute(f"DESCRIBE {quoted(table)}").fetchall()]
    counts = connection.execute(
        f"SELECT {', '.join(f'count({quoted(name)})' for name in columns)} FROM {quoted(table)}"
    )
    found = {name for name, count in zip(columns, counts.fetchone(), strict=True) if count}
    return found | {name.removesuffix("_avg") for name in found}


def _rolled(field: Field) -> list[str]:
    """The fields that a rollup has of one."""
    name = field.name
    if field.kind is Kind.COUNTER:
        return []
    if field.type is str:
        return [_written(name, name, str)]
    if field.type is bool:
        true = f"round({quoted(f'{name}_avg')} * samples)::BIGINT"
        known = f"{quoted(f'{name}_avg')} IS NOT NULL"
        return [
            f"'{name}_count=' || CASE WHEN {known} THEN samples END || 'i'",
            f"'{name}_true=' || CASE WHEN {true} > 0 THEN {true} END || 'i'",
        ]
    written = [
        _written(f"{name}_min", f"{name}_min", field.type),
        _written(f"{name}_avg", f"{name}_avg", float),
        _written(f"{name}_max", f"{name}_max", field.type),
    ]
    return [*written, _written(f"{name}_p95", f"{name}_p95", float)] if field.type is float else written


def _written(name: str, column: str, kind: type) -> str:
    """SQL for `name=value`, null where the column is."""
    value = quoted(column)
    if kind is int:
        return f"'{name}=' || {value}::BIGINT || 'i'"
    if kind is str:
        text = f"replace(replace({value}, '\\', '\\\\'), '\"', '\\\"')"
        return f"'{name}=\"' || {text} || '\"'"
    return f"'{name}=' || {value}"


def _tag(name: str) -> str:
    escaped = quoted(name)
    for special in ", =":
        escaped = f"replace({escaped}, '{special}', '\\{special}')"
    return escaped


class _Writers:
    """Some threads that send bodies to a server; the first error is raised where the block ends."""

    def __init__(self, url: str, policy: str) -> None:
        self._address = urlsplit(url).netloc
        self._path = f"/write?{urlencode({'db': 'year', 'rp': policy, 'precision': 'ns'})}"
        self._bodies: queue.Queue[str | None] = queue.Queue(2 * _WRITERS)
        self._errors: list[str] = []
        self._threads = [threading.Thread(target=self._send) for _ in range(_WRITERS)]

    def put(self, body: str) -> None:
        self._bodies.put(body)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for _thread in self._threads:
            self._bodies.put(None)
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise click.ClickException(self._errors[0])

    def _send(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=300)
        while (body := self._bodies.get()) is not None:
            if self._errors:
                continue
            try:
                for pause_s in (1, 3, 10, 30, 0):  # a server that is busy with its disk says 500
                    connection.request("POST", self._path, body.encode())
                    answer = connection.getresponse()
                    said = answer.read()
                    if answer.status < 500:
                        break
                    time.sleep(pause_s)
                if answer.status != 204:
                    self._errors.append(f"status {answer.status}: {said[:500]!r}")
            except (OSError, http.client.HTTPException) as error:
                self._errors.append(f"{type(error).__name__}: {error}")
        connection.close()

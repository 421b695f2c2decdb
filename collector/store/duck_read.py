"""Reading back from the DuckDB file: raw samples as long as they are kept, before that the rollups."""

# Tables and columns in statements are the catalogue's; values are parameters.
# ruff: noqa: S608

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector.metrics.catalogue import CATALOGUE
from collector.metrics.model import Measurement, Point
from collector.store.contract import Series, StoreInfo
from collector.store.duck_schema import PERIODS, quoted, rollup_columns, tag_columns
from collector.store.reading import DAY_NS, Aggregate, Newest, Query

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def latest(connection: "DuckDBPyConnection", asked: Newest) -> list[Point]:
    """The newest raw point of every series."""
    tags = tag_columns(asked.measurement)
    fields = [field.name for field in asked.fields]
    table, key = quoted(asked.measurement.name), _listed(tags)
    conditions, parameters = _conditions(asked.where, asked.since_ns, asked.until_ns)
    if not asked.all_fields:
        conditions += f" AND ({' OR '.join(f'{quoted(name)} IS NOT NULL' for name in fields) or 'false'})"
    rows = connection.execute(
        f"""
        WITH newest AS (SELECT max(time) AS time, {key} FROM {table} WHERE {conditions} GROUP BY {key})
        SELECT {", ".join(["epoch_ns(time)", key, *map(quoted, fields)])}
        FROM {table} JOIN newest USING (time, {key}) ORDER BY {key}
        """,
        parameters,
    ).fetchall()
    return [
        Point(
            asked.measurement.name,
            _tags(tags, row[1:]),
            {name: value for name, value in zip(fields, row[1 + len(tags) :], strict=True) if value is not None},
            row[0],
        )
        for row in rows
    ]


def series(connection: "DuckDBPyConnection", query: Query, every_s: int | None, aggregate: Aggregate) -> list[Series]:
    """Values over time. Where only rollups are left, each hour or day counts as its mean (greatest, least) value."""
    tags = tag_columns(query.measurement)
    source, parameters = _samples(connection, query)
    if every_s is None:
        statement = f"SELECT epoch_ns(time), {_listed(tags)}, value FROM ({source}) ORDER BY {_listed(tags)}, time"
    else:
        window = every_s * 10**9
        value = {
            "mean": "sum(value * weight) / sum(weight)",
            "max": "max(greatest)",
            "min": "min(least)",
            "last": "arg_max(value, time)",
        }[aggregate]
        statement = f"""
            SELECT epoch_ns(time) // {window} * {window} AS start, {_listed(tags)}, {value} FROM ({source})
            GROUP BY start, {_listed(tags)} ORDER BY {_listed(tags)}, start
        """
    found: list[Series] = []
    last_key: Sequence[str] | None = None
    for time_ns, *key, value in connection.execute(statement, parameters).fetchall():
        if key != last_key:
            found.append(Series(_tags(tags, key), [], []))
            last_key = key
        found[-1].times_ns.append(time_ns)
        found[-1].values.append(value)
    return found


def info(connection: "DuckDBPyConnection", path: Path) -> StoreInfo:
    """Samples by measurement, rollups included in the details."""
    tables = [name for measurement in CATALOGUE for name in (measurement.name, *_rollups(measurement))]
    counts = dict(
        connection.execute(
            " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {quoted(name)}" for name in tables)
        ).fetchall()
    )
    oldest, newest = connection.execute(
        "SELECT strftime(min(oldest), '%Y-%m-%dT%H:%M:%SZ'), strftime(max(newest), '%Y-%m-%dT%H:%M:%SZ') FROM ("
        + " UNION ALL ".join(f"SELECT min(time) AS oldest, max(time) AS newest FROM {quoted(name)}" for name in tables)
        + ")"
    ).fetchone() or (None, None)
    version = connection.execute("SELECT version FROM schema_version ORDER BY rowid DESC LIMIT 1").fetchone()
    details = [
        ("size", f"{path.stat().st_size / 1e6:.1f} MB"),
        ("oldest sample", oldest or "none"),
        ("newest sample", newest or "none"),
        ("hourly rows", str(sum(count for name, count in counts.items() if name.endswith("_hourly")))),
        ("daily rows", str(sum(count for name, count in counts.items() if name.endswith("_daily")))),
        ("layout", str(version[0] if version else 0)),
        ("duckdb", str(connection.execute("SELECT library_version FROM pragma_version()").fetchall()[0][0])),
    ]
    measurements = {m.name: counts[m.name] for m in CATALOGUE if counts[m.name]}
    return StoreInfo("duckdb", str(path), measurements, tuple(details))


def _samples(connection: "DuckDBPyConnection", query: Query) -> tuple[str, list[Any]]:
    """SQL for (time, tags, value, least, greatest, weight) of raw samples and of the rollups before them."""
    measurement, field = query.measurement, query.field
    name, key = quoted(field.name), _listed(tag_columns(measurement))
    conditions, parameters = _conditions(query.where, query.since_ns, query.until_ns)
    raw = f"SELECT time, {key}, {name} AS value, {name} AS least, {name} AS greatest, 1 AS weight"
    parts = [f"{raw} FROM {quoted(measurement.name)} WHERE {conditions} AND {name} IS NOT NULL"]
    kept = [quoted(column) for column, _, _ in rollup_columns(field, "hourly")]
    if field.type is bool:
        kept = []  # a share is no flag
    elif len(kept) > 1:
        kept = [quoted(f"{field.name}_{kind}") for kind in ("avg", "min", "max")]
    newer = measurement.name
    for period in PERIODS if kept else ():
        value, least, greatest = kept if len(kept) == 3 else kept * 3
        table = f"{measurement.name}_{period}"
        parts.append(
            f"SELECT time, {key}, {value}, {least}, {greatest}, samples FROM {quoted(table)} "
            f"WHERE {conditions} AND {value} IS NOT NULL AND time < {_start(connection, newer)}"
        )
        newer = table
    return " UNION ALL ".join(parts), parameters * len(parts)


def _start(connection: "DuckDBPyConnection", table: str) -> str:
    """SQL for the first UTC day of a table; the end of time where it is empty."""
    found = connection.execute(f"SELECT epoch_ns(min(time)) FROM {quoted(table)}").fetchone()
    first_ns = found[0] if found and found[0] is not None else 2**62
    return f"make_timestamp_ns({first_ns // DAY_NS * DAY_NS})"


def _conditions(where: Mapping[str, str], since_ns: int, until_ns: int | None = None) -> tuple[str, list[Any]]:
    parts, parameters = ["time >= make_timestamp_ns(?)"], [max(since_ns, -(2**62))]
    if until_ns is not None:
        parts.append("time < make_timestamp_ns(?)")
        parameters.append(min(until_ns, 2**62))
    values: list[Any] = [*parameters]
    for tag, value in where.items():
        parts.append(f"{quoted(tag)} = ?")
        values.append(value)
    return " AND ".join(parts), values


def _rollups(measurement: Measurement) -> tuple[str, ...]:
    return tuple(f"{measurement.name}_{period}" for period in PERIODS)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def _tags(names: Sequence[str], values: Sequence[Any]) -> dict[str, str]:
    """The tags of a row, without the empty ones."""
    return {name: value for name, value in zip(names, values, strict=False) if value}

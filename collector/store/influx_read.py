"""InfluxQL: the statements for the contract's questions, and what the answers mean.

`PERCENTILE()` is the server's: it rounds the rank to the nearest whole where the contract's rounds up, which is the
same rank or, in less than half of the cases, the one before.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import Field, FieldValue, Point
from collector.store.contract import Series, StoreRefusedError, StoreUnavailableError
from collector.store.reading import Aggregate, Newest, Query

_TYPES = {int: "integer", float: "float", str: "string", bool: "boolean"}


class Table(msgspec.Struct):
    """One series of an answer."""

    name: str = ""
    tags: dict[str, str] = {}
    columns: list[str] = []
    values: list[list[Any]] = []
    partial: bool = False


Ask = Callable[[str, str], list[Table]]
"""the series of the answer to a statement about a measurement; times are seconds since the epoch"""


class _Result(msgspec.Struct):
    series: list[Table] = []
    error: str = ""


class _Answer(msgspec.Struct):
    results: list[_Result] = []
    error: str = ""


_decode = msgspec.json.Decoder(_Answer).decode

_REMEDIES = {
    "retention policy not found": "with raw_days under [store] the server needs rollups, once: collector store setup",
    "database not found": "create the database or bucket, and check that database or bucket under [store] names it",
}


def tables(body: bytes, expected: str, target: str) -> list[Table]:
    """As `answered`; all of the series must bear the name that was asked for."""
    found = answered(body, target)
    if any(table.name != expected for table in found):
        raise _not_influxql(target)  # VictoriaMetrics answers whatever it is asked with a list of databases
    return found


def answered(body: bytes, target: str) -> list[Table]:
    """The series of an answer to one statement.

    Raises:
        StoreUnavailableError: the query took the server too long.
        StoreRefusedError: the server cannot answer, or what it answers is no InfluxQL result.
    """
    try:
        answer = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _not_influxql(target) from None
    error = answer.error or next((result.error for result in answer.results if result.error), "")
    if "timeout" in error:
        raise StoreUnavailableError(error, operation="read", target=target)
    if error:
        hint = next((told for words, told in _REMEDIES.items() if words in error), "")
        raise StoreRefusedError(error, operation="read", target=target, hint=hint)
    found = [table for result in answer.results for table in result.series]
    if any(table.partial for table in found):
        hint = "ask for less at once: a shorter time, fewer hosts"
        raise StoreRefusedError("the server cut the answer off", operation="read", target=target, hint=hint)
    return found


def _not_influxql(target: str) -> StoreRefusedError:
    hint = "reading back needs InfluxQL over /query, which VictoriaMetrics does not have"
    return StoreRefusedError("the answer is no InfluxQL result", operation="read", target=target, hint=hint)


def latest_statement(asked: Newest) -> str:
    columns = "*" if asked.all_fields else ", ".join(quoted(field.name) for field in asked.fields)
    where = where_clause(asked.where, asked.since_ns, asked.until_ns)
    return f"SELECT {columns} FROM {quoted(asked.measurement.name)}{where} GROUP BY * ORDER BY time DESC LIMIT 1"  # noqa: S608


def latest_points(asked: Newest, found: list[Table]) -> list[Point]:
    fields = {field.name: field for field in asked.fields}
    points = []
    for table in found:
        for row in table.values:
            values = dict(zip(table.columns, row, strict=True))
            kept = {
                name: _typed(fields[name], value)
                for name, value in values.items()
                if name in fields and value is not None
            }
            points.append(Point(asked.measurement.name, tags_of(table), kept, values["time"]))
    return points


def series_statement(query: Query, every_s: int | None, aggregate: Aggregate) -> str:
    field, source = quoted(query.field.name), quoted(query.measurement.name)
    where = where_clause(query.where, query.since_ns, query.until_ns)
    if every_s is None:
        return f"SELECT {field} FROM {source}{where} GROUP BY *"  # noqa: S608
    return f"SELECT {aggregate}({field}) FROM {source}{where} GROUP BY time({every_s}s), * fill(none)"  # noqa: S608


def series_of(query: Query, found: list[Table], every_s: int | None, aggregate: Aggregate) -> list[Series]:
    mean = every_s is not None and aggregate == "mean"
    result = []
    for table in found:
        rows = [row for row in table.values if row[1] is not None]
        values = [float(row[1]) if mean else _typed(query.field, row[1]) for row in rows]
        if rows:
            result.append(Series(tags_of(table), [row[0] for row in rows], values))
    return result


def count_statement(measurement: str) -> str:
    return f"SELECT count(*) FROM {quoted(measurement)} WHERE time >= now() - 1d"  # noqa: S608


def largest_count(found: list[Table]) -> int:
    """Points, where each column counts those that have its field."""
    return max((value for table in found for row in table.values for value in row[1:] if value is not None), default=0)


def known_measurements(found: list[Table]) -> list[str]:
    names = {row[0] for table in found for row in table.values}
    return [name for name in MEASUREMENTS if name in names]


def types_statement(measurement: str) -> str:
    return f"SHOW FIELD KEYS FROM {quoted(measurement)}"


def type_conflicts(measurement: str, found: list[Table]) -> list[str]:
    """Fields whose type in the store is another than the catalogue's."""
    ours = {field.name: _TYPES[field.type] for field in MEASUREMENTS[measurement].fields}
    return [
        f"{measurement}.{name} is {stored} in the store, and {ours[name]} here"
        for table in found
        for name, stored in table.values
        if name in ours and stored != ours[name]
    ]


def _typed(field: Field, value: Any) -> FieldValue:
    # JSON has one kind of number: 5.0 comes as 5.
    return field.type(value)


def tags_of(table: Table) -> dict[str, str]:
    return {name: value for name, value in table.tags.items() if value}


def where_clause(where: Mapping[str, str], since_ns: int, until_ns: int | None = None) -> str:
    parts = [f"{quoted(tag)} = {literal(value)}" for tag, value in where.items()]
    if since_ns > 0:
        parts.append(f"time >= {since_ns}")
    if until_ns is not None:
        parts.append(f"time < {min(until_ns, 2**63 - 1)}")
    return " WHERE " + " AND ".join(parts) if parts else ""


def quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"

"""The tables of the DuckDB file, from the catalogue: a table a measurement, a column a tag or field.

    interface         time, host, site, role, province, district, name, index, ..., in_bps, ...     a row a point
    interface_hourly  time (the hour's start), the tags, samples, in_bps_min, in_bps_avg, ...       a row an hour
    interface_daily   the same by UTC day
    rolled_up         which days of which measurement are in the rollups, and of how many samples
    schema_version    the layout's version, and the catalogue it was made from

A new field or measurement becomes a new column or table the next time somebody writes or reads; nothing is ever dropped, so
an older collector can go on writing. Changes that a new column does not cover are numbered steps in `_STEPS`.
"""

import hashlib
from enum import Enum
from typing import TYPE_CHECKING

from collector.metrics.catalogue import CATALOGUE, HOST_TAGS
from collector.metrics.model import Field, Kind, Measurement
from collector.store.contract import StoreRefusedError
from collector.store.storable import NOT_STORED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PERIODS = ("hourly", "daily")
"""the rollups, each a table of its own beside the measurement's"""

TYPES: dict[type, str] = {int: "BIGINT", float: "DOUBLE", str: "VARCHAR", bool: "BOOLEAN"}

_STEPS: tuple[tuple[str, ...], ...] = (("CREATE TABLE rolled_up (measurement VARCHAR, day DATE, samples BIGINT)",),)
"""statements that lead from one version of the layout to the next"""

VERSION = len(_STEPS)


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever it is."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL takes it."""
    return "'" + text.replace("'", "''") + "'"


def tag_columns(measurement: Measurement) -> tuple[str, ...]:
    """The tags of its points; an absent one is stored as an empty string, so that equal tags compare equal."""
    return HOST_TAGS + measurement.tags


def stored_fields(measurement: Measurement) -> tuple[Field, ...]:
    return tuple(field for field in measurement.fields if field.name not in NOT_STORED)


def rollup_columns(field: Field, period: str) -> tuple[tuple[str, str, str], ...]:
    """What a rollup (hourly or daily) keeps of a field: (column, type, aggregate in SQL).

    Rates stand beside the counters, so counters are not kept. A flag becomes the share of samples in which it was true.
    The 95th percentile is what lines are billed and planned by, over days.
    """
    name = quoted(field.name)
    if field.kind is Kind.COUNTER:
        return ()
    if field.type is str:
        return ((field.name, "VARCHAR", f"arg_max({name}, samples.time)"),)
    if field.type is bool:
        return ((f"{field.name}_avg", "FLOAT", f"avg({name}::INT)"),)
    columns = (
        (f"{field.name}_min", "FLOAT", f"min({name})"),
        (f"{field.name}_avg", "FLOAT", f"avg({name})"),
        (f"{field.name}_max", "FLOAT", f"max({name})"),
    )
    if field.type is int or period != "daily":
        return columns
    return (*columns, (f"{field.name}_p95", "FLOAT", f"quantile_disc({name}, 0.95)"))


def tables() -> dict[str, list[tuple[str, str]]]:
    """Every table of measurements and its columns with their types."""
    wanted = {}
    for measurement in CATALOGUE:
        key = [("time", "TIMESTAMP_NS")] + [(tag, "VARCHAR") for tag in tag_columns(measurement)]
        fields = stored_fields(measurement)
        wanted[measurement.name] = key + [(field.name, TYPES[field.type]) for field in fields]
        for period in PERIODS:
            rolled = [(name, kind) for field in fields for name, kind, _ in rollup_columns(field, period)]
            wanted[f"{measurement.name}_{period}"] = [*key, ("samples", "INTEGER"), *rolled]
    return wanted


def fingerprint() -> str:
    """Changes whenever `tables` does."""
    return hashlib.sha256(repr(tables()).encode()).hexdigest()


def migrate(connection: "DuckDBPyConnection", target: str) -> None:
    """Bring the file to this version's layout, all or nothing; quick where it already is.

    Raises:
        StoreRefusedError: a newer collector wrote the file.
    """
    version, made_from = _state(connection)
    if version > VERSION:
        raise StoreRefusedError(
            f"the file has layout {version}, this collector knows up to {VERSION}",
            operation="open",
            target=target,
            hint="upgrade the collector",
        )
    wanted = fingerprint()
    if version == VERSION and made_from == wanted:
        return
    connection.execute("BEGIN")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER, catalogue VARCHAR, since TIMESTAMP)"
    )
    for step in _STEPS[version:]:
        for statement in step:
            connection.execute(statement)
    existing = _existing(connection)
    for table, columns in tables().items():
        if table not in existing:
            listed = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns)
            connection.execute(f"CREATE TABLE {quoted(table)} ({listed})")
            continue
        for name, kind in columns:
            if name not in existing[table]:
                connection.execute(f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted(name)} {kind}")
    connection.execute("INSERT INTO schema_version VALUES (?, ?, current_localtimestamp())", [VERSION, wanted])
    connection.execute("COMMIT")


class Layout(Enum):
    """How a file stands to this version's layout."""

    NONE = "nothing was stored in it yet"
    OLDER = "another version's catalogue: tables or columns are missing"
    READABLE = "this version's, or a newer one's, which has no less"


def layout(connection: "DuckDBPyConnection") -> Layout:
    """What a reader finds."""
    version, made_from = _state(connection)
    if version == 0:
        return Layout.NONE
    if version > VERSION or (version == VERSION and made_from == fingerprint()):
        return Layout.READABLE
    return Layout.OLDER


def check(connection: "DuckDBPyConnection", target: str) -> None:
    """Whether the file is a store's at all.

    Raises:
        StoreRefusedError: it is some other DuckDB file.
    """
    if _state(connection) == (0, ""):
        raise StoreRefusedError("a DuckDB file, but not of the collector", operation="open", target=target)


def _state(connection: "DuckDBPyConnection") -> tuple[int, str]:
    if "schema_version" not in _existing(connection):
        return 0, ""
    found = connection.execute("SELECT version, catalogue FROM schema_version ORDER BY rowid DESC LIMIT 1").fetchone()
    return found or (0, "")


def _existing(connection: "DuckDBPyConnection") -> dict[str, set[str]]:
    columns: dict[str, set[str]] = {}
    rows = connection.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
    for table, column in rows:
        columns.setdefault(table, set()).add(column)
    return columns

"""When the texts of a field were first and last seen, from the DuckDB file."""

# Tables and columns in statements are the catalogue's; values are parameters.
# ruff: noqa: S608

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from collector.metrics.model import Field, Measurement
from collector.store.contract import Sighting
from collector.store.duck_kept import kept, table
from collector.store.duck_keys import tags_of, within
from collector.store.duck_memory import Memory
from collector.store.duck_schema import quoted, tag_columns
from collector.store.reading import DAY_NS
from collector.store.segments import segments

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def sightings(
    connection: "DuckDBPyConnection",
    memory: Memory,
    measurement: Measurement,
    fields: Sequence[Field],
    where: Mapping[str, str],
    since_ns: int,
    until_ns: int,
) -> list[Sighting]:
    """As `Store.sightings`; of a day that is rolled up, the last text counts for the whole day."""
    tags = tag_columns(measurement)
    listed = ", ".join(quoted(tag) for tag in tags)
    conditions = "".join(f" AND {quoted(tag)} = ?" for tag in where)
    parts = segments(kept(connection, memory, measurement), since_ns, until_ns, DAY_NS)
    found: list[Sighting] = []
    for field in fields if parts else ():
        text = quoted(field.name)
        source = " UNION ALL ".join(
            f"SELECT {listed}, {text} AS text, min(time) AS first, max(time) AS last "
            f"FROM {quoted(table(measurement, part.grain))} "
            f"WHERE {within(part)}{conditions} AND {text} IS NOT NULL GROUP BY ALL"
            for part in parts
        )
        rows = connection.execute(
            f"SELECT {listed}, text, epoch_ns(min(first)), epoch_ns(max(last)) FROM ({source}) GROUP BY ALL "
            f"ORDER BY {listed}, min(first)",
            [*where.values()] * len(parts),
        ).fetchall()
        found += [Sighting(tags_of(tags, row), field.name, *row[len(tags) :]) for row in rows]
    return found

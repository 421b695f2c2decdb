"""Which series of a measurement a question is about, numbered.

Joining their few rows of tags to the samples is cheaper than carrying texts along with millions of them.
"""

# Tables and columns in statements are the catalogue's; values are parameters.
# ruff: noqa: S608

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from collector.metrics.model import Measurement
from collector.store.duck_kept import table
from collector.store.duck_memory import Memory
from collector.store.duck_schema import literal, quoted, tag_columns
from collector.store.reading import DAY_NS, Selection, Windows
from collector.store.segments import Kept, Segment, segments

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Keys(msgspec.Struct, frozen=True):
    """Series in the order of their tags, which is the order in which finished days are stored.

    Attributes:
        tags: those of each series.
        columns: the tags that tell them apart.
    """

    tags: Sequence[dict[str, str]]
    columns: tuple[str, ...]

    def part(self, start: int, stop: int) -> "Keys":
        return Keys(self.tags[start:stop], self.columns)

    def register(self, connection: "DuckDBPyConnection") -> None:
        """Make them the table `keys`: `id`, their place, and the columns."""
        import numpy as np

        table: dict[str, np.ndarray[Any, Any]] = {"id": np.arange(len(self.tags), dtype=np.int32)}
        for column in self.columns:
            table[column] = np.array([series.get(column, "") for series in self.tags], dtype=object)
        connection.register("keys", table)

    def joined(self, measurement: Measurement, part: Segment) -> str:
        """SQL for the rows of a part that belong to the series of `keys`, as `samples`.

        Where days are sorted, the bounds let DuckDB skip most of them.
        """
        first, last = (literal(self.tags[place]["host"]) for place in (0, -1))
        same = " AND ".join(f"samples.{quoted(column)} = keys.{quoted(column)}" for column in self.columns)
        return (
            f"FROM {quoted(table(measurement, part.grain))} samples JOIN keys ON {same} "
            f"WHERE {within(part)} AND samples.host BETWEEN {first} AND {last}"
        )


def keys(connection: "DuckDBPyConnection", memory: Memory, kept: Kept, windows: Windows) -> Keys:
    """All series that have anything in these days, those that are asked for; of a known longer span, more."""
    measurement, selection = windows.measurement, windows.selection
    if windows.since_ns >= windows.until_ns or selection.hosts == frozenset():
        return Keys([], ("host",))
    first_ns, stop_ns = windows.since_ns // DAY_NS * DAY_NS, -(-windows.until_ns // DAY_NS) * DAY_NS
    parts = segments(kept, first_ns, stop_ns, DAY_NS)
    known = memory.get(
        ("series", measurement.name, selection.hosts),
        lambda: _known(connection, measurement, parts, selection),
        lambda known: known.first_ns <= first_ns and stop_ns <= known.stop_ns,
    )
    return Keys([series for series in known.keys.tags if selection.takes(series)], known.keys.columns)


class _Known(msgspec.Struct, frozen=True):
    """The series of a span of days."""

    first_ns: int
    stop_ns: int
    keys: Keys


def _known(
    connection: "DuckDBPyConnection", measurement: Measurement, parts: Sequence[Segment], selection: Selection
) -> _Known:
    tags = tag_columns(measurement)
    asked = _asked(connection, selection)
    source = " UNION ALL ".join(
        f"SELECT DISTINCT {_listed(tags)} FROM {quoted(table(measurement, part.grain))} WHERE {within(part)}{asked}"
        for part in parts
    )
    rows = connection.execute(f"SELECT DISTINCT * FROM ({source}) ORDER BY ALL").fetchall()
    # A host that moved has series that differ in its site alone; most have not.
    columns = ("host", *measurement.tags)
    places = [tags.index(column) for column in columns]
    if len({tuple(row[place] for place in places) for row in rows}) < len(rows):
        columns = tags
    return _Known(parts[0].start_ns, parts[-1].stop_ns, Keys([tags_of(tags, row) for row in rows], columns))


def _asked(connection: "DuckDBPyConnection", selection: Selection) -> str:
    """SQL that leaves out other hosts' rows."""
    import numpy as np

    hosts = selection.hosts
    if hosts is None:
        return ""
    connection.register("wanted", {"host": np.array(sorted(hosts), dtype=object)})
    return f" AND host BETWEEN {literal(min(hosts))} AND {literal(max(hosts))} AND host IN (SELECT host FROM wanted)"


def within(part: Segment) -> str:
    """SQL for a span of time."""
    return f"time >= make_timestamp_ns({part.start_ns}) AND time < make_timestamp_ns({part.stop_ns})"


def tags_of(names: Sequence[str], values: Sequence[Any]) -> dict[str, str]:
    """The tags of a row, without the empty ones."""
    return {name: value for name, value in zip(names, values, strict=False) if value}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(quoted(name) for name in names)

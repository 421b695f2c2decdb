"""The embedded store: one DuckDB file, open only for the moment of reading or writing.

A batch is one transaction: after a crash the file holds all of it or nothing. Rows reach DuckDB as JSON lines through
an unlinked temporary file: of all ways without numpy or Arrow this costs the least (about 15 us of CPU a row of 37
columns, where `executemany` takes 2 ms).
"""

# Tables and columns in statements are the catalogue's; values are parameters.
# ruff: noqa: S608

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self, TypeVar

import msgspec

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import Measurement, Point
from collector.store import duck_backup, duck_history, duck_read, duck_rollup, duck_schema, duck_sightings
from collector.store.contract import History, Only, Rejected, Series, Sighting, StoreInfo, WriteResult
from collector.store.duck_file import opened, refused
from collector.store.duck_history import Turn
from collector.store.duck_memory import Memory
from collector.store.duck_reader import DuckReader
from collector.store.duck_rollup import Compacted
from collector.store.duck_schema import Layout, quoted, stored_fields, tag_columns
from collector.store.reading import Aggregate, days_of, newest_of, query_of, texts_of, windows_of
from collector.store.storable import NotStorableError, storable_fields
from inventory.model import DuckdbStore

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_Found = TypeVar("_Found")

_BUFFER_BYTES = 1 << 18


class DuckStore:
    """`collector.store.contract.Store` on a DuckDB file.

    A method waits up to `wait_s` for others to be done with the file. Another collector's program may hold it for the
    length of one write (about a second for 50,000 points).
    """

    def __init__(self, config: DuckdbStore, *, wait_s: float = 30.0) -> None:
        self.config = config
        self.path = Path(config.path)
        self.wait_s = wait_s
        self._is_readable = False
        self._reader = DuckReader(self.path, wait_s)
        self._memory = Memory(self.path)

    def write(self, points: Sequence[Point]) -> WriteResult:
        with _Staging(self.path) as staging:
            rejected = staging.add(points)
            if not staging.batches:
                return WriteResult(0, tuple(rejected))
            with self._writing() as connection:
                duck_schema.migrate(connection, str(self.path))
                connection.execute("BEGIN")
                for batch in staging.batches.values():
                    batch.load(connection)
                connection.execute("COMMIT")
        return WriteResult(len(points) - len(rejected), tuple(rejected))

    def latest(
        self,
        measurement: str,
        where: Mapping[str, str] = {},
        since_ns: int = 0,
        until_ns: int | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Point]:
        newest = newest_of(measurement, where, since_ns, until_ns, fields)
        return self._read(lambda connection: duck_read.latest(connection, newest), [])

    def series(
        self,
        measurement: str,
        field: str,
        where: Mapping[str, str] = {},
        *,
        since_ns: int,
        until_ns: int,
        every_s: int | None = None,
        aggregate: Aggregate = "mean",
    ) -> list[Series]:
        query = query_of(measurement, field, where, since_ns, until_ns, aggregate if every_s else "last")
        return self._read(lambda connection: duck_read.series(connection, query, every_s, aggregate), [])

    def histories(
        self,
        measurement: str,
        fields: Sequence[str],
        *,
        since_ns: int,
        until_ns: int,
        every_s: int,
        aggregate: Aggregate = "mean",
        only: Only | None = None,
    ) -> Iterator[History]:
        windows = windows_of(measurement, fields, since_ns, until_ns, every_s, only)
        return self._found(lambda turn: duck_history.histories(turn, self._memory, windows, aggregate))

    def daily_percentiles(
        self,
        measurement: str,
        fields: Sequence[str],
        percent: float,
        *,
        since_ns: int,
        until_ns: int,
        only: Only | None = None,
    ) -> Iterator[History]:
        days = days_of(measurement, fields, since_ns, until_ns, only)
        return self._found(lambda turn: duck_history.daily_percentiles(turn, self._memory, days, percent))

    def sightings(
        self,
        measurement: str,
        fields: Sequence[str],
        *,
        since_ns: int,
        until_ns: int,
        where: Mapping[str, str] = {},
    ) -> list[Sighting]:
        wanted, texts = texts_of(measurement, fields, where)
        return self._read(
            lambda found: duck_sightings.sightings(found, self._memory, wanted, texts, where, since_ns, until_ns), []
        )

    def conflicts(self) -> list[str]:
        """None: the columns are the catalogue's."""
        return []

    def info(self) -> StoreInfo:
        nothing = StoreInfo("duckdb", str(self.path), {}, (("state", "nothing stored yet"),))
        return self._read(lambda connection: duck_read.info(connection, self.path), nothing)

    def _read(self, read: "Callable[[DuckDBPyConnection], _Found]", nothing: _Found) -> _Found:
        """What `read` finds, or `nothing` where nothing was stored yet."""
        if not self._readable():
            return nothing
        with self._reader.turn() as connection:
            return read(connection)

    def _found(self, read: Callable[[Turn], Iterable[_Found]]) -> Iterator[_Found]:
        """What `read` finds in turns of its own, nothing where nothing was stored yet."""
        if self._readable():
            yield from read(self._reader.turn)

    def _writing(self) -> "AbstractContextManager[DuckDBPyConnection]":
        self._reader.let_go()
        return opened(self.path, wait_s=self.wait_s)

    def _readable(self) -> bool:
        """Whether anything was stored yet. A file of an earlier version gets this one's layout first, as the catalogue may
        have grown since the last write."""
        if not self.path.exists():
            return False
        if self._is_readable:
            return True
        with self._reader.turn() as connection:
            layout = duck_schema.layout(connection)
        if layout is Layout.OLDER:
            with self._writing() as connection:
                duck_schema.migrate(connection, str(self.path))
        self._is_readable = layout is not Layout.NONE
        return self._is_readable

    def compact(self, now_ns: int) -> Compacted:
        """Roll up finished days and drop what is older than `raw_days`, `hourly_days` and `daily_days`.

        Done again, it finds nothing to do; broken off, it goes on where it was. Others can use the file in between.

        Raises:
            StoreUnavailableError, StoreRefusedError: as `write`.
        """
        if not self.path.exists():
            return Compacted()
        with self._writing() as connection:
            duck_schema.migrate(connection, str(self.path))
        return duck_rollup.compact(self._writing, self.config, now_ns)

    def backup(self, copy: Path) -> int:
        """As `duck_backup.backup`."""
        self._reader.let_go()
        return duck_backup.backup(self.path, copy, self.wait_s)

    def restore(self, copy: Path) -> None:
        """As `duck_backup.restore`."""
        self._reader.let_go()
        duck_backup.restore(self.path, copy, self.wait_s)

    def close(self) -> None:
        """Let go of what reads share."""
        self._reader.close()


class _Batch:
    """The rows of one measurement on their way into its table."""

    def __init__(self, measurement: Measurement, folder: Path) -> None:
        self.measurement = measurement
        self.file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by _Staging
        self.buffer = bytearray()
        self.first_ns = 2**63 - 1
        self.last_ns = -(2**63)

    def append(self, line: bytes, time_ns: int) -> None:
        self.buffer += line
        self.buffer += b"\n"
        if time_ns < self.first_ns:
            self.first_ns = time_ns
        if time_ns > self.last_ns:
            self.last_ns = time_ns
        if len(self.buffer) > _BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        self.file.write(self.buffer)
        self.file.flush()
        self.buffer.clear()

    def load(self, connection: "DuckDBPyConnection") -> None:
        self.flush()
        self.file.seek(0)
        tags = tag_columns(self.measurement)
        fields = stored_fields(self.measurement)
        types = {"time": "BIGINT", **dict.fromkeys(tags, "VARCHAR")}
        types |= {field.name: duck_schema.TYPES[field.type] for field in fields}
        columns = [
            "make_timestamp_ns(time) AS time",
            *(f"coalesce({quoted(tag)}, '') AS {quoted(tag)}" for tag in tags),
        ]
        columns += [quoted(field.name) for field in fields]
        # The bounds of time let DuckDB skip all older rows of the table; a field that the later point lacks stays.
        connection.execute(
            f"""
            MERGE INTO {quoted(self.measurement.name)} old
            USING (SELECT {", ".join(columns)} FROM read_json(?, columns = ?, format = 'newline_delimited')) new
            ON old.time BETWEEN make_timestamp_ns({self.first_ns}) AND make_timestamp_ns({self.last_ns})
                AND {" AND ".join(f"old.{quoted(key)} = new.{quoted(key)}" for key in ("time", *tags))}
            WHEN MATCHED THEN UPDATE SET
                {", ".join(f"{name} = coalesce(new.{name}, old.{name})" for name in (quoted(f.name) for f in fields))}
            WHEN NOT MATCHED THEN INSERT BY NAME
            """,
            [f"/dev/fd/{self.file.fileno()}", types],
        )


class _Staging:
    """The rows of a batch of points, sorted by measurement."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.batches: dict[str, _Batch] = {}
        self._staged = 0
        self._seen = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for batch in self.batches.values():
            batch.file.close()

    def add(self, points: Sequence[Point]) -> list[Rejected]:
        """Take the points that can be stored; give back the others.

        Raises:
            StoreRefusedError: the folder of the file does not take a temporary file.
        """
        rejected = self._stage(points)
        if self._seen < self._staged:
            self._start_anew()
            rejected = self._stage(_merged(points))
        return rejected

    def _stage(self, points: Iterable[Point]) -> list[Rejected]:
        """Write the points to the batches, and note how many there are and how many identities they have."""
        encode = msgspec.json.Encoder().encode
        rejected: list[Rejected] = []
        identities: set[int] = set()
        staged = 0
        for point in points:
            try:
                fields = storable_fields(point)
                line = encode({**point.tags, **fields, "time": point.time_ns})
            except (NotStorableError, UnicodeEncodeError) as error:
                rejected.append(Rejected(point, str(error)))
                continue
            try:
                batch = self.batches.get(point.measurement) or self._open(point.measurement)
                batch.append(line, point.time_ns)
            except OSError as error:
                raise refused(self.path, "write", error) from None
            staged += 1
            identities.add(hash(_identity(point)))
        self._staged, self._seen = staged, len(identities)
        return rejected

    def _start_anew(self) -> None:
        self.__exit__()
        self.batches = {}

    def _open(self, measurement: str) -> _Batch:
        batch = self.batches[measurement] = _Batch(MEASUREMENTS[measurement], self.path.parent)
        return batch


def _identity(point: Point) -> tuple[str, int, frozenset[tuple[str, str]]]:
    return (point.measurement, point.time_ns, frozenset(point.tags.items()))


def _merged(points: Iterable[Point]) -> Iterable[Point]:
    """The points, each identity once: the later one's storable fields over the earlier one's."""
    merged: dict[tuple[str, int, frozenset[tuple[str, str]]], Point] = {}
    alone: list[Point] = []
    for point in points:
        try:
            fields = storable_fields(point)
        except NotStorableError:
            alone.append(point)
            continue
        earlier = merged.get(_identity(point))
        if earlier is not None:
            fields = {**earlier.fields, **fields}
        merged[_identity(point)] = Point(point.measurement, point.tags, fields, point.time_ns)
    return [*merged.values(), *alone]

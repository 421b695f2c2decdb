"""The store on InfluxDB 1.x, 2.x and 3.x; VictoriaMetrics takes points the same way but cannot be read back here."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock

from collector.metrics.model import Point
from collector.store import influx_history, influx_read, influx_setup, influx_setup_v2, influx_sightings
from collector.store.contract import History, Only, Rejected, Series, Sighting, StoreInfo, WriteResult
from collector.store.influx_http import HttpClient, failure
from collector.store.influx_kept import SETTLED_NS, kept
from collector.store.influx_setup import Say, Step
from collector.store.influx_write import Line, V1Writer, V2Writer, Writer, deliver
from collector.store.line_protocol import encode
from collector.store.reading import Aggregate, days_of, newest_of, query_of, texts_of, windows_of
from collector.store.segments import Kept
from collector.store.storable import NotStorableError
from inventory.model import InfluxStore


class InfluxdbStore:
    """`collector.store.contract.Store` over HTTP: the v1 API where a database is configured, else the v2 API.

    Nothing is contacted before the first call. Several threads may read at a time, and one write.
    """

    def __init__(self, config: InfluxStore, clock: Callable[[], int] = time.time_ns) -> None:
        self.config = config
        self._clock = clock
        self._client: HttpClient | None = None
        self._opening = Lock()
        self._known: dict[tuple[str, int], Kept] = {}
        self._writer: Writer | None = None

    def write(self, points: Sequence[Point]) -> WriteResult:
        rejected: list[Rejected] = []
        lines: list[Line] = []
        for point in points:
            try:
                text = encode(point)
                text.encode()
            except (NotStorableError, UnicodeEncodeError) as error:
                rejected.append(Rejected(point, str(error)))
            else:
                lines.append(Line(point, text))
        size = max(1, self.config.batch_points)
        for start in range(0, len(lines), size):
            rejected += deliver(lines[start : start + size], self._write_through())
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
        if not newest.fields:
            return []
        return influx_read.latest_points(newest, self._ask(influx_read.latest_statement(newest), measurement))

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
        found = self._ask(influx_read.series_statement(query, every_s, aggregate), measurement)
        return influx_read.series_of(query, found, every_s, aggregate)

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
        return influx_history.histories(self._ask_windows, self._kept(measurement), windows, aggregate)

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
        return influx_history.daily_percentiles(self._ask_windows, self._kept(measurement), days, percent)

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
        return influx_sightings.sightings(
            self._ask_windows, self._kept(measurement), wanted, texts, where, since_ns, until_ns
        )

    def conflicts(self) -> list[str]:
        """See `Store.conflicts`."""
        names = influx_read.known_measurements(self._ask("SHOW MEASUREMENTS", "measurements"))
        return [
            conflict
            for name in names
            for conflict in influx_read.type_conflicts(name, self._ask(influx_read.types_statement(name), name))
        ]

    def info(self) -> StoreInfo:
        """Points of the last day only: counting years would keep the server busy for minutes."""
        client = self._read_through()
        version = self.version()
        names = influx_read.known_measurements(self._ask("SHOW MEASUREMENTS", "measurements"))
        counts = {name: influx_read.largest_count(self._ask(influx_read.count_statement(name), name)) for name in names}
        details = (
            ("version", version),
            ("database", self._database),
            ("counted", "points of the last 24 hours"),
        )
        return StoreInfo("influxdb", client.target, counts, details)

    def version(self) -> str:
        """The server's, as it says."""
        ping = self._read_through().request("GET", "/ping", {}, operation="read")
        return ping.headers.get("x-influxdb-version", "unknown").lstrip("v")

    def setup_steps(self) -> list[Step]:
        """What `set_up` does on a server where nothing is there yet; asks nobody."""
        if self.config.database:
            return [influx_setup.database(self.config), *influx_setup.steps(self.config)]
        return influx_setup_v2.steps(self.config)

    def retention_step(self) -> Step:
        """What `forget` does."""
        return influx_setup.retention(self.config) if self.config.database else influx_setup_v2.retention(self.config)

    def set_up(self, say: Say) -> None:
        """Make the server keep rollups. Done again, it leaves things as they are.

        Raises:
            StoreUnavailableError, StoreRefusedError: the server does not answer, or the user may not do this.
        """
        api = influx_setup if self.config.database else influx_setup_v2
        api.set_up(self.config, self._read_through(), say)

    def roll_up(self, say: Say) -> None:
        """Make the rollups of all samples that are there."""
        self._known.clear()
        if self.config.database:
            influx_setup.roll_up(self.config, self._read_through(), self._clock(), say)
        else:
            influx_setup_v2.roll_up(self.config, self._read_through(), say)

    def forget(self, say: Say) -> None:
        """Let the server drop samples older than `raw_days` from now on."""
        api = influx_setup if self.config.database else influx_setup_v2
        api.forget(self.config, self._read_through(), say)

    def close(self) -> None:
        if self._writer:
            self._writer.close()
            self._writer = None
        if self._client:
            self._client.close()
            self._client = None

    @property
    def _database(self) -> str:
        """InfluxDB 2.x and 3.x answer InfluxQL for a bucket under the bucket's name."""
        return self.config.database or self.config.bucket

    def _kept(self, measurement: str) -> Kept:
        """Asked once in half a day: rollups of finished days stay."""
        now_ns = self._clock()
        key = measurement, now_ns // SETTLED_NS
        if key not in self._known:
            self._known[key] = kept(self._ask_windows, self.config, measurement, now_ns)
        return self._known[key]

    def _read_through(self) -> HttpClient:
        with self._opening:
            if self._client is None:
                self._client = HttpClient(self.config)
            return self._client

    def _write_through(self) -> Writer:
        if self._writer is None:
            config = self.config
            self._writer = V1Writer(config, self._read_through()) if config.database else V2Writer(config)
        return self._writer

    def _ask_windows(self, statement: str, name: str) -> list[influx_read.Table]:
        return self._ask(statement, name, epoch="s", encoding="identity")

    def _ask(self, statement: str, name: str, epoch: str = "ns", encoding: str = "gzip") -> list[influx_read.Table]:
        """The answer's series. Packing what is large takes a server longer than to make it."""
        client = self._read_through()
        parameters = {"db": self._database, "epoch": epoch, "q": statement}
        if self.config.retention_policy:
            parameters["rp"] = self.config.retention_policy
        headers = {"Accept-Encoding": encoding}
        answer = client.request("GET", "/query", parameters, headers=headers, operation="read")
        if not 200 <= answer.status < 300:
            raise failure(answer, "read", client.target)
        return influx_read.tables(answer.body, name, client.target)

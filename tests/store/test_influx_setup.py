"""Retention and rollups on an InfluxDB: what is set up, and that reports read on where samples end."""

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from collector.cli.app import App
from collector.cli.main import cli
from collector.metrics.model import Point
from collector.store import influx_setup, influx_setup_v2
from collector.store.contract import History, StoreUnavailableError
from collector.store.influx import InfluxdbStore
from collector.store.influx_http import HttpClient
from collector.store.influx_rollup import rollups
from collector.store.influx_setup import Step
from inventory.model import InfluxStore, Secret
from tests.store.conftest import influxql
from tests.store.faults import FaultServer, Reply
from tests.store.samples import TAGS

HOUR_NS = 3_600 * 10**9
DAY_NS = 24 * HOUR_NS
NOW_NS = time.time_ns()
"""the server's own clock decides what it keeps"""

START_NS = (NOW_NS // DAY_NS - 5) * DAY_NS


def shown(url: str, statement: str, database: str) -> list[list[object]]:
    """The rows that a SHOW statement answers for a database."""
    (result,) = json.loads(influxql(url, statement))["results"]
    return [row for series in result.get("series", []) if series.get("name", database) == database for row in series["values"]]  # fmt: skip


def no_word(_: Step) -> None:
    pass


def samples() -> list[Point]:
    """Five days of a device and an interface every half hour, with texts that change."""
    found = []
    for number in range(5 * 48):
        time_ns = START_NS + number * HOUR_NS // 2
        up = number % 7 != 0
        found.append(Point("device", {**TAGS, "family": "x"}, {"up": up, "uptime_s": float(number)}, time_ns))
        fields = {"oper_status": "up", "in_bps": float(number % 48 * (number // 48 + 1)), "in_octets": number}
        found.append(Point("interface", {**TAGS, "name": "Gi0/1"}, {**fields, "speed_bps": 10**9}, time_ns))
        found.append(Point("device_info", TAGS, {"model": "a", "os_version": str(number // 96)}, time_ns))
    return found


def plain(found: Iterable[History]) -> list[tuple[object, ...]]:
    """Histories that can be compared."""
    return [
        (
            h.tags,
            h.times_ns.tolist(),
            {name: str(v.round(6).tolist()) for name, v in h.values.items()},
            h.samples.tolist(),
        )
        for h in found
    ]


@pytest.fixture
def opened(influx_url: str, database: str) -> Callable[..., InfluxdbStore]:
    def store(**options: object) -> InfluxdbStore:
        values = {"url": influx_url, "database": database, **options}
        return InfluxdbStore(InfluxStore(**values), clock=lambda: NOW_NS)  # type: ignore[arg-type]

    return store


def test_reports_read_rollups_where_samples_end(
    opened: Callable[..., InfluxdbStore], influx_url: str, database: str
) -> None:
    every, rolled = opened(), opened(raw_days=2, hourly_days=4, daily_days=100)
    every.write(samples())
    rolled.set_up(no_word)
    rolled.set_up(no_word)
    rolled.roll_up(no_word)
    asked = {"since_ns": START_NS, "until_ns": NOW_NS}

    for aggregate in ("mean", "max", "min"):
        for every_s in (3_600, 86_400, 2 * 86_400):
            options = {**asked, "every_s": every_s, "aggregate": aggregate}
            if every_s == 3_600:
                options["since_ns"] = START_NS + 2 * DAY_NS  # of the days before there are no hours
            for measurement, fields in (("device", ["up", "uptime_s"]), ("interface", ["in_bps", "speed_bps"])):
                expected = plain(every.histories(measurement, fields, **options))  # type: ignore[arg-type]
                assert plain(rolled.histories(measurement, fields, **options)) == expected  # type: ignore[arg-type]
    (first_day,) = rolled.histories("device", ["up"], since_ns=START_NS, until_ns=START_NS + DAY_NS, every_s=3_600)
    assert (first_day.times_ns.tolist(), first_day.samples.tolist()) == ([START_NS], [48.0])

    for percent in (95, 100, 0):
        expected = plain(every.daily_percentiles("interface", ["in_bps"], percent, **asked))
        assert plain(rolled.daily_percentiles("interface", ["in_bps"], percent, **asked)) == expected
    (fewer,) = rolled.daily_percentiles("interface", ["in_bps"], 50, **asked)
    assert len(fewer.times_ns) == 5  # rollups have no such percentile, samples do as long as there are any

    texts = {(s.field, s.text): (s.first_ns, s.last_ns) for s in rolled.sightings("device_info", ["model", "os_version"], **asked)}  # fmt: skip
    days = {key: tuple((time - START_NS) // DAY_NS for time in times) for key, times in texts.items()}
    assert days == {("model", "a"): (0, 4), ("os_version", "0"): (0, 1), ("os_version", "1"): (2, 3), ("os_version", "2"): (4, 4)}  # fmt: skip

    counted = list(rolled.histories("interface", ["in_octets"], **asked, every_s=86_400))
    assert [len(history.times_ns) for history in counted] == [5]  # counters have no rollups

    rolled.forget(no_word)
    policies = {str(row[0]): row[1] for row in shown(influx_url, f'SHOW RETENTION POLICIES ON "{database}"', database)}
    assert policies == {"autogen": "48h0m0s", "hourly": "96h0m0s", "daily": "2400h0m0s"}
    queries = [str(row[0]) for row in shown(influx_url, "SHOW CONTINUOUS QUERIES", database)]
    assert sorted(queries) == sorted(rollup.name for rollup in rollups())
    every.close()
    rolled.close()


def test_days_with_samples_are_read_from_rollups_once_these_are_whole(
    opened: Callable[..., InfluxdbStore], influx_url: str, database: str
) -> None:
    every, store = opened(), opened(raw_days=45)
    every.write(samples())
    asked = {"since_ns": START_NS, "until_ns": NOW_NS}

    def daily(store: InfluxdbStore) -> list[float]:
        (found,) = store.daily_percentiles("interface", ["in_bps"], 95, **asked)
        return [float(value) for value in found.values["in_bps"]]

    def hours_of_the_third_day(store: InfluxdbStore) -> int:
        since_ns = START_NS + 2 * DAY_NS
        (found,) = store.histories(
            "interface", ["in_bps"], since_ns=since_ns, until_ns=since_ns + DAY_NS, every_s=3_600
        )
        return len(found.times_ns)

    of_samples = daily(every)
    assert len(of_samples) == 5
    assert daily(store) == of_samples  # nothing is set up yet
    store.set_up(no_word)
    assert daily(store) == of_samples  # days before the set-up have no rollups
    assert hours_of_the_third_day(store) == 24

    def put(policy: str, day: int) -> None:
        tags = ",".join(f"{key}={value}" for key, value in {**TAGS, "name": "Gi0/1"}.items())
        line = f"interface,{tags} samples=48i,in_bps_avg=777,in_bps_p95=777 {START_NS + day * DAY_NS}"
        query = urlencode({"db": database, "rp": policy})
        urlopen(Request(f"{influx_url}/write?{query}", line.encode())).close()  # noqa: S310 - a server of this test

    for day in (1, 2, 5):
        put("daily", day)
    put("hourly", 2)
    later = opened(raw_days=45)
    # the second day may be rolled up from noon on only
    assert daily(later) == [*of_samples[:2], 777, *of_samples[3:]]
    assert hours_of_the_third_day(later) == 1
    (median,) = later.daily_percentiles("interface", ["in_bps"], 50, **asked)
    assert len(median.times_ns) == 5
    for each in (every, store, later):
        each.close()


def test_a_backfill_has_time_but_not_for_ever(faulty: Callable[..., FaultServer]) -> None:
    oldest = Reply(200, json.dumps({"results": [{"series": [{"name": "device", "values": [[START_NS, True]]}]}]}))
    slow = Reply(200, '{"results": [{}]}', slow_s=0.3)

    quick = Reply(200, '{"results": [{}]}')

    def roll_up(*script: Reply, statement_s: float = 5.0, all_s: float = 60.0) -> list[Step]:
        config = InfluxStore(url=faulty(*script).url, database="network", raw_days=45, timeout_s=0.1)
        said: list[Step] = []
        client = HttpClient(config)
        try:
            influx_setup.roll_up(config, client, START_NS + 1, said.append, statement_s=statement_s, all_s=all_s)
        finally:
            client.close()
        return said

    assert len(roll_up(oldest, oldest, slow, *([quick] * 200))) == len(list(rollups()))
    late = r"backfill: device hourly, day 20\d\d-\d\d-\d\d: no answer in time"
    with pytest.raises(StoreUnavailableError, match=late) as caught:
        roll_up(oldest, oldest, slow, statement_s=0.1)
    assert "Run it again" in caught.value.hint
    with pytest.raises(StoreUnavailableError, match=r"day .*: 0 s are over"):
        roll_up(oldest, oldest, all_s=0)


def test_what_is_set_up_on_2x(faulty: Callable[..., FaultServer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(influx_setup_v2, "CATALOGUE", influx_setup_v2.CATALOGUE[:2])
    org = Reply(200, '{"orgs": [{"id": "0123"}]}')
    bucket = Reply(200, '{"buckets": [{"id": "b1"}]}')
    missing = Reply(404, '{"message": "bucket \\"network/hourly\\" not found"}')
    made = Reply(201, "{}")
    task = Reply(200, '{"tasks": [{"id": "t1"}]}')
    none = Reply(200, '{"tasks": []}')
    server = faulty(org, bucket, missing, made, bucket, made, task, made, none, made, *([none, made] * 60))
    config = InfluxStore(url=server.url, bucket="network", org="province", token=Secret("t"), raw_days=45)
    store = InfluxdbStore(config)
    store.set_up(no_word)
    store.forget(no_word)
    store.close()
    asked = [(request.method, request.path) for request in server.requests[:10]]
    assert asked == [
        ("GET", "/api/v2/orgs"), ("GET", "/api/v2/buckets"), ("GET", "/api/v2/buckets"), ("POST", "/api/v2/buckets"),
        ("GET", "/api/v2/buckets"), ("PATCH", "/api/v2/buckets/b1"), ("GET", "/api/v2/tasks"), ("PATCH", "/api/v2/tasks/t1"),
        ("GET", "/api/v2/tasks"), ("POST", "/api/v2/tasks"),
    ]  # fmt: skip


def test_the_command_shows_everything_and_contacts_nobody(tmp_path: Path) -> None:
    def shown_for(store: str) -> str:
        config = tmp_path / "hosts.toml"
        config.write_text(f"[store]\n{store}\n")
        result = CliRunner().invoke(cli, ["--config", str(config), "store", "setup", "--print"], obj=App())
        return result.output + (result.stderr if result.exit_code else "")

    one = shown_for('kind = "influxdb"\nurl = "http://127.0.0.1:9"\ndatabase = "network"\nraw_days = 30')
    assert 'CREATE DATABASE "network"' in one
    assert (
        'CREATE CONTINUOUS QUERY "collector_device_up_daily" ON "network" RESAMPLE EVERY 6h FOR 2d BEGIN SELECT' in one
    )
    assert one.rstrip().endswith('ALTER RETENTION POLICY "autogen" ON "network" DURATION 30d SHARD DURATION 1d DEFAULT')
    two = shown_for(
        'kind = "influxdb"\nurl = "https://127.0.0.1:9"\nbucket = "net"\norg = "o"\ntoken = "env:T"\nraw_days = 30'
    )
    assert 'option task = {name: "collector net device hourly", every: 6h, offset: 20m}' in two
    assert "bucket net, retention 30d" in two
    assert "raw_days is not set" in shown_for('kind = "influxdb"\nurl = "http://127.0.0.1:9"\ndatabase = "network"')
    assert "nothing to set up" in shown_for(f'kind = "duckdb"\npath = "{tmp_path}/x.duckdb"')

"""What every store does alike: DuckDB, InfluxDB over its v1 API and over the v2 API."""

import itertools
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.metrics.model import FieldValue, Point
from collector.store.contract import Percentile, Series, Store
from collector.store.open import open_store
from collector.store.reading import Aggregate
from inventory.model import DuckdbStore, InfluxStore
from tests.store.faults import FaultServer
from tests.store.samples import MINUTE_NS, START_NS, TAGS, cpu, interface, points

DAY_NS = 1440 * MINUTE_NS
END_NS = START_NS + 10 * DAY_NS


@pytest.fixture(params=["duckdb", "influxdb-v1", "influxdb-v2"])
def store(request: pytest.FixtureRequest, duck_path: Path, faulty: Callable[..., FaultServer]) -> Iterator[Store]:
    if request.param == "duckdb":
        opened = open_store(DuckdbStore(path=str(duck_path)))
    else:
        url, database = request.getfixturevalue("influx_url"), request.getfixturevalue("database")
        if request.param == "influxdb-v1":
            opened = open_store(InfluxStore(url=url, database=database, batch_points=100))
        else:
            # InfluxDB 1.6 has no v2 API yet: what is sent to it is handed over as v1.
            opened = open_store(InfluxStore(url=faulty(forward=url).url, bucket=database, org="province"))
    yield opened
    opened.close()


def test_what_is_written_comes_back(store: Store) -> None:
    first, second = interface(name="Gi0/1"), interface(name="Gi0/2", speed_bps=10**9)
    result = store.write([first, second, cpu(5.0)])
    assert (result.written, result.rejected) == (3, ())
    assert by_name(store.latest("interface")) == [first, second]
    assert store.latest("cpu") == [cpu(5.0)]
    assert store.latest("memory") == []
    assert store.conflicts() == []


def test_types_survive(store: Store) -> None:
    fields: dict[str, FieldValue] = {
        "index": 2**31, "in_octets": 2**63 - 1, "out_octets": -1, "in_bps": 5.0, "out_bps": 1e-300, "in_pps": 3,
        "oper_status": 'he said "up"\\\nand left', "admin_status": "", "duplex": "đầy đủ", "reset": True,
    }  # fmt: skip
    store.write([Point("interface", {"host": "r1", "name": "a b,c=d'e\"f\\g"}, fields, START_NS)])
    (found,) = store.latest("interface")
    assert found.tags == {"host": "r1", "name": "a b,c=d'e\"f\\g"}
    assert found.fields == fields
    assert {name: type(value) for name, value in found.fields.items()} == {
        name: float if name == "in_pps" else type(value) for name, value in fields.items()
    }


_moments = itertools.count()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(point=points(st.text("ab ,=\"'\\é台{}%", min_size=1, max_size=6).filter(lambda text: not text.endswith("\\"))))
def test_any_point_survives(store: Store, point: Point) -> None:
    point = Point(point.measurement, point.tags, point.fields, START_NS + next(_moments))
    store.write([point])
    (found,) = [
        p for p in store.latest(point.measurement, point.tags) if p.tags == point.tags and p.time_ns == point.time_ns
    ]
    assert {name: found.fields[name] for name in point.fields} == point.fields


def test_writing_twice_leaves_one(store: Store) -> None:
    batch = [cpu(float(minute), minute) for minute in range(5)]
    store.write(batch)
    store.write(batch)
    store.write([*batch, *batch])
    (series,) = store.series("cpu", "usage_percent", since_ns=START_NS, until_ns=END_NS)
    assert series.values == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_a_later_point_of_the_same_identity_wins_field_by_field(store: Store) -> None:
    old = Point("interface", TAGS, {"in_bps": 1.0, "out_bps": 2.0}, START_NS)
    new = Point("interface", TAGS, {"in_bps": 9.0}, START_NS)
    store.write([old])
    store.write([new])
    assert store.latest("interface")[0].fields == {"in_bps": 9.0, "out_bps": 2.0}
    again = [Point(point.measurement, point.tags, point.fields, START_NS + 1) for point in (old, new)]
    store.write(again)
    assert store.latest("interface")[0].fields == {"in_bps": 9.0, "out_bps": 2.0}


def test_points_of_different_tags_are_different(store: Store) -> None:
    store.write([cpu(1.0), Point("cpu", {"host": "r1", "name": "0"}, {"usage_percent": 2.0}, START_NS)])
    assert sorted(len(point.tags) for point in store.latest("cpu")) == [2, 4]


def test_what_the_catalogue_does_not_know_is_rejected_and_the_rest_written(store: Store) -> None:
    bad = [
        Point("cpu", TAGS, {"load": 1.0}, START_NS),
        Point("cpu", TAGS, {"usage_percent": "high"}, START_NS),
        Point("cpu", TAGS, {"usage_percent": math.nan}, START_NS),
        Point("weather", TAGS, {"load": 1.0}, START_NS),
        Point("cpu", {"host": "\ud800"}, {"usage_percent": 1.0}, START_NS),
    ]
    result = store.write([cpu(1.0), *bad, cpu(2.0, 1)])
    assert result.written == 2
    assert [rejected.point for rejected in result.rejected] == bad
    assert all(rejected.reason for rejected in result.rejected)
    assert store.write(bad).written == 0


def test_nothing_is_written_where_there_is_nothing(store: Store) -> None:
    assert store.write([]).written == 0


def test_latest_is_the_newest_of_each_series(store: Store) -> None:
    store.write([cpu(float(minute), minute, name) for minute in range(3) for name in "01"])
    store.write([cpu(7.0, 1, "2")])
    assert by_name(store.latest("cpu")) == [cpu(2.0, 2, "0"), cpu(2.0, 2, "1"), cpu(7.0, 1, "2")]
    assert by_name(store.latest("cpu", since_ns=START_NS + 2 * MINUTE_NS)) == [cpu(2.0, 2, "0"), cpu(2.0, 2, "1")]
    assert store.latest("cpu", {"host": "r1", "name": "2"}) == [cpu(7.0, 1, "2")]
    assert store.latest("cpu", {"host": "it's"}) == []


def test_raw_series(store: Store) -> None:
    store.write([cpu(float(minute), minute, name) for minute in range(4) for name in "01"])
    found = store.series(
        "cpu", "usage_percent", {"name": "1"}, since_ns=START_NS + MINUTE_NS, until_ns=START_NS + 3 * MINUTE_NS
    )
    times = [START_NS + MINUTE_NS, START_NS + 2 * MINUTE_NS]
    assert found == [Series({**TAGS, "name": "1"}, times, [1.0, 2.0])]
    assert len(store.series("cpu", "usage_percent", since_ns=START_NS, until_ns=END_NS)) == 2


@pytest.mark.parametrize(
    ("aggregate", "values"), [("mean", [2.0, 17.0]), ("max", [4.0, 19.0]), ("min", [0.0, 15.0]), ("last", [4.0, 19.0])]
)
def test_series_in_windows(store: Store, aggregate: Aggregate, values: list[float]) -> None:
    store.write([cpu(float(minute), minute) for minute in (0, 1, 2, 3, 4, 15, 16, 17, 18, 19)])
    (found,) = store.series(
        "cpu", "usage_percent", since_ns=START_NS, until_ns=END_NS, every_s=300, aggregate=aggregate
    )
    assert found.times_ns == [START_NS, START_NS + 15 * MINUTE_NS]
    assert found.values == values


def test_texts_have_a_last_value_only(store: Store) -> None:
    store.write([interface(0), interface(1, oper_status="down")])
    (found,) = store.series(
        "interface", "oper_status", since_ns=START_NS, until_ns=END_NS, every_s=300, aggregate="last"
    )
    assert found.values == ["down"]
    (raw,) = store.series("interface", "oper_status", since_ns=START_NS, until_ns=END_NS)
    assert raw.values == ["up", "down"]
    with pytest.raises(ValueError, match="only its last value"):
        store.series("interface", "oper_status", since_ns=START_NS, until_ns=END_NS, every_s=300)


def test_daily_percentiles_are_by_nearest_rank(store: Store) -> None:
    store.write([cpu(float(rank), rank) for rank in range(1, 101)])
    store.write([cpu(50.0, 1440 + minute) for minute in range(20)])
    found = store.daily_percentile("cpu", "usage_percent", 95, since_ns=START_NS, until_ns=END_NS)
    tags = {**TAGS, "name": "0"}
    assert found == [Percentile(tags, START_NS, 95.0, 100), Percentile(tags, START_NS + DAY_NS, 50.0, 20)]
    (least, _) = store.daily_percentile("cpu", "usage_percent", 0, since_ns=START_NS, until_ns=END_NS)
    assert least.value == 1.0


@pytest.mark.parametrize("name", ["measurement", "field", "tag"])
def test_names_that_the_catalogue_does_not_know(store: Store, name: str) -> None:
    asked = {"measurement": "cpu", "field": "usage_percent", "tag": "host", name: 'x" OR 1=1 --'}
    with pytest.raises(KeyError, match="x"):
        store.series(asked["measurement"], asked["field"], {asked["tag"]: "r1"}, since_ns=START_NS, until_ns=END_NS)


def test_values_are_never_part_of_the_statement(store: Store) -> None:
    store.write([cpu(1.0)])
    assert store.latest("cpu", {"host": "' OR 'a' = 'a"}) == []
    assert store.latest("cpu", {"host": "\\' OR 'a' = 'a"}) == []


def by_name(found: list[Point]) -> list[Point]:
    return sorted(found, key=lambda point: point.tags["name"])

"""What every store does alike: DuckDB, InfluxDB over its v1 API and over the v2 API."""

import itertools
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.metrics.model import FieldValue, Point
from collector.store.contract import Only, Series, Store
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
    asked = {"since_ns": START_NS, "until_ns": END_NS}
    (found,) = store.daily_percentiles("cpu", ["usage_percent"], 95, **asked)
    assert found.tags == {**TAGS, "name": "0"}
    assert found.times_ns.tolist() == [START_NS, START_NS + DAY_NS]
    assert found.values["usage_percent"].tolist() == [95.0, 50.0]
    assert found.samples.tolist() == [100.0, 20.0]
    (least,) = store.daily_percentiles("cpu", ["usage_percent"], 0, **asked)
    assert least.values["usage_percent"].tolist() == [1.0, 50.0]
    with pytest.raises(ValueError, match="flag"):
        list(store.daily_percentiles("device", ["up"], 95, **asked))


def test_the_newest_point_as_of_a_time_and_of_some_fields(store: Store) -> None:
    store.write([interface(0, in_bps=1.0), interface(1, in_bps=2.0), Point("interface", {**TAGS, "name": "Gi0/1"}, {"index": 7}, START_NS + 2 * MINUTE_NS)])  # fmt: skip
    (found,) = store.latest("interface", fields=["in_bps", "oper_status", "out_bps"])
    assert (found.time_ns, found.fields) == (START_NS + MINUTE_NS, {"in_bps": 2.0, "oper_status": "up"})
    (found,) = store.latest("interface", until_ns=START_NS + MINUTE_NS, fields=["in_bps"])
    assert (found.time_ns, found.fields) == (START_NS, {"in_bps": 1.0})
    assert store.latest("interface", fields=["speed_bps"]) == []
    with pytest.raises(KeyError, match="mtu"):
        store.latest("interface", fields=["mtu"])


# --- histories --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("aggregate", "values"), [("mean", [2.0, 17.0]), ("max", [4.0, 19.0]), ("min", [0.0, 15.0]), ("last", [4.0, 19.0])]
)
def test_histories_in_windows(store: Store, aggregate: Aggregate, values: list[float]) -> None:
    store.write([cpu(float(minute), minute) for minute in (0, 1, 2, 3, 4, 15, 16, 17, 18, 19)])
    (found,) = store.histories(
        "cpu", ["usage_percent"], since_ns=START_NS, until_ns=END_NS, every_s=300, aggregate=aggregate
    )
    assert found.tags == {**TAGS, "name": "0"}
    assert found.times_ns.tolist() == [START_NS, START_NS + 15 * MINUTE_NS]
    assert found.values["usage_percent"].tolist() == values
    assert found.samples.tolist() == [5.0, 5.0]
    assert (found.times_ns.dtype, found.samples.dtype) == ("int64", "float64")


def test_the_fields_of_a_history_share_an_axis(store: Store) -> None:
    def point(minute: int, **fields: FieldValue) -> Point:
        return Point("device", {"host": "r1", "family": "x"}, fields, START_NS + minute * MINUTE_NS)

    store.write([point(0, up=True), point(1, up=False), point(2, up=True), point(3, up=True, uptime_s=5.0)])
    store.write([point(70, uptime_s=9.0), point(75, uptime_s=11.0), point(130, error="silent"), point(200, up=False)])
    (found,) = store.histories("device", ["up", "uptime_s"], since_ns=START_NS, until_ns=END_NS, every_s=3600)
    assert [(time - START_NS) // (60 * MINUTE_NS) for time in found.times_ns.tolist()] == [0, 1, 3]
    assert str(found.values["up"].tolist()) == "[0.75, nan, 0.0]"
    assert str(found.values["uptime_s"].tolist()) == "[5.0, 10.0, nan]"
    assert found.samples.tolist() == [4.0, 2.0, 1.0]


def test_histories_of_some_series(store: Store) -> None:
    store.write([cpu(1.0, name=name, host=host) for host in ("r1", "r2", "it's") for name in ("0", "1")])

    def asked(only: Only | None) -> list[tuple[str, str]]:
        found = store.histories("cpu", ["usage_percent"], since_ns=START_NS, until_ns=END_NS, every_s=60, only=only)
        return sorted((history.tags["host"], history.tags["name"]) for history in found)

    everything = sorted((host, name) for host in ("r1", "r2", "it's") for name in ("0", "1"))
    assert asked(None) == everything
    assert asked({"host": {"r1", "it's", "none"}}) == [("it's", "0"), ("it's", "1"), ("r1", "0"), ("r1", "1")]
    assert asked({"host": ["r2"], "name": ["1"]}) == [("r2", "1")]
    assert asked({"role": ["wan-router"], "name": ["0"]}) == [("it's", "0"), ("r1", "0"), ("r2", "0")]
    assert asked({"district": [""]}) == everything
    assert asked([("r1", "1"), ("it's", "0"), ("r2", "x")]) == [("it's", "0"), ("r1", "1")]
    assert asked({"host": [f"h{number}" for number in range(300)] + ["r1"]}) == [("r1", "0"), ("r1", "1")]
    assert asked([]) == asked({"host": []}) == []


def test_histories_of_a_host_that_moved_are_two(store: Store) -> None:
    here, there = ({**TAGS, "site": site, "name": "0"} for site in ("s1", "s2"))
    store.write([Point("cpu", tags, {"usage_percent": 1.0}, START_NS + n) for n, tags in enumerate((here, there))])
    found = store.histories("cpu", ["usage_percent"], since_ns=START_NS, until_ns=END_NS, every_s=60)
    assert sorted(history.tags["site"] for history in found) == ["s1", "s2"]


def test_what_has_no_history(store: Store) -> None:
    asked = {"since_ns": START_NS, "until_ns": END_NS, "every_s": 60}
    assert list(store.histories("cpu", ["usage_percent"], **asked)) == []
    store.write([cpu(1.0)])
    assert list(store.histories("cpu", ["usage_percent"], **{**asked, "since_ns": START_NS + 1})) == []
    assert list(store.histories("cpu", ["usage_percent"], **{**asked, "until_ns": START_NS})) == []
    nothing = {"since_ns": START_NS + 1, "until_ns": START_NS + 1}
    assert list(store.histories("cpu", ["usage_percent"], **{**asked, **nothing})) == []
    assert list(store.daily_percentiles("cpu", ["usage_percent"], 95, **nothing)) == []
    with pytest.raises(ValueError, match="text"):
        store.histories("interface", ["oper_status"], **asked)
    with pytest.raises(KeyError, match="kind"):
        store.histories("cpu", ["usage_percent"], only={"kind": ["x"]}, **asked)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    samples=st.lists(
        st.tuples(st.integers(0, 5000), st.none() | st.integers(-5, 5), st.none() | st.booleans()), max_size=12
    ),
    since=st.integers(0, 3000),
    length=st.integers(0, 5000),
    every=st.sampled_from([1, 7, 60, 90, 1440]),
    aggregate=st.sampled_from(list[Aggregate](["mean", "max", "min", "last"])),
)
def test_any_windows_are_a_models(
    store: Store,
    samples: list[tuple[int, int | None, bool | None]],
    since: int,
    length: int,
    every: int,
    aggregate: Aggregate,
) -> None:
    host = f"h{next(_moments)}"
    points = [
        Point("device", {"host": host, "family": "x"}, fields, START_NS + minute * MINUTE_NS)
        for minute, number, flag in {minute: (minute, *rest) for minute, *rest in samples}.values()
        if (fields := {k: v for k, v in (("uptime_s", number), ("up", flag), ("error", "e")) if v is not None})
    ]
    store.write(points)
    expected: dict[int, tuple[list[float], list[bool]]] = {}
    for point in sorted(points, key=lambda point: point.time_ns):
        minute = (point.time_ns - START_NS) // MINUTE_NS
        if since <= minute < since + length and len(point.fields) > 1:
            start_ns = point.time_ns // (every * MINUTE_NS) * every * MINUTE_NS
            numbers, flags = expected.setdefault(start_ns, ([], []))
            numbers += [float(value) for name, value in point.fields.items() if name == "uptime_s"]
            flags += [bool(value) for name, value in point.fields.items() if name == "up"]
    fold = {"mean": lambda values: sum(values) / len(values), "max": max, "min": min, "last": lambda values: values[-1]}
    found = list(
        store.histories(
            "device",
            ["uptime_s", "up"],
            since_ns=START_NS + since * MINUTE_NS,
            until_ns=START_NS + (since + length) * MINUTE_NS,
            every_s=every * 60,
            aggregate=aggregate,
            only={"host": [host]},
        )
    )
    assert len(found) == bool(expected)
    for history in found:
        assert history.times_ns.tolist() == list(expected)
        assert history.values["uptime_s"].tolist() == pytest.approx(
            [fold[aggregate](numbers) if numbers else math.nan for numbers, _ in expected.values()], nan_ok=True
        )
        assert history.values["up"].tolist() == pytest.approx(
            [sum(flags) / len(flags) if flags else math.nan for _, flags in expected.values()], nan_ok=True
        )
        assert history.samples.tolist() == [max(map(len, both)) for both in expected.values()]


# --- sightings --------------------------------------------------------------------------------------------------------


def test_sightings_are_to_the_day(store: Store) -> None:
    def info(day: int, host: str = "r1", **fields: FieldValue) -> Point:
        return Point("device_info", {**TAGS, "host": host}, fields, START_NS + day * DAY_NS + 5 * MINUTE_NS)

    store.write([info(day, model="a", os_version="1" if day < 2 else "it's 2") for day in range(4)])
    store.write([info(5, model="a"), info(1, "r2", model="a"), info(2, "r2", serial="x")])
    asked = {"since_ns": START_NS, "until_ns": END_NS}
    found = store.sightings("device_info", ["model", "os_version"], **asked)
    assert sorted(
        (s.tags["host"], s.field, s.text, (s.first_ns - START_NS) // DAY_NS, (s.last_ns - START_NS) // DAY_NS)
        for s in found
    ) == [("r1", "model", "a", 0, 5), ("r1", "os_version", "1", 0, 1), ("r1", "os_version", "it's 2", 2, 3), ("r2", "model", "a", 1, 1)]  # fmt: skip
    (only,) = store.sightings("device_info", ["model"], where={"host": "r2"}, **asked)
    assert only.tags == {**TAGS, "host": "r2"}
    (later,) = store.sightings("device_info", ["os_version"], since_ns=START_NS + 2 * DAY_NS, until_ns=END_NS)
    assert later.text == "it's 2"
    assert store.sightings("neighbour", ["remote_host"], **asked) == []
    with pytest.raises(ValueError, match="only texts"):
        store.sightings("cpu", ["usage_percent"], **asked)


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

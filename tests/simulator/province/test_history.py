"""The province's past: the same points as polls store, and the story that they tell."""

import asyncio
import socket
from collections import defaultdict
from dataclasses import replace
from datetime import UTC
from itertools import chain, pairwise
from pathlib import Path

import pytest

from collector.metrics.model import FieldValue, Point
from collector.runtime.poll import Polled
from collector.runtime.service import Delivering, poll_once
from collector.simulator.curves import DAY_S, HOUR_S
from collector.simulator.province.files import load_farm, load_province, write_province
from collector.simulator.province.history import past_points
from collector.simulator.province.places import REPLACED, RESTARTED_WEEKLY, UPGRADED
from collector.store.storable import storable_fields
from inventory.load import load
from inventory.maintenance import windows
from inventory.model import Inventory
from tests.servers import free_port

NOW_S = 1_780_000_000.0
DAYS = 17
SERIES = ("wan-binh-gia", "wan-chi-ma", "dc-core-1", "srv-backup-1", "ups-dc-1", "ups-dc-2", "bts-na-duong-1")
"""one of each kind, and a command line"""
HOSTS = {*SERIES, REPLACED, UPGRADED, RESTARTED_WEEKLY, "ring-trang-dinh", "bts-huu-kien-1"}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo")
    write_province(directory, free_port(socket.SOCK_DGRAM), NOW_S, ssh_port=free_port())
    return directory


@pytest.fixture(scope="module")
def inventory(directory: Path) -> Inventory:
    return load(directory / "hosts.toml")


@pytest.fixture(scope="module")
def past(directory: Path, inventory: Inventory) -> list[Point]:
    province, now_s = load_province(directory)
    some = replace(
        province,
        hosts=[host for host in province.hosts if host.name in HOSTS],
        command_lines=[host for host in province.command_lines if host.name in HOSTS],
    )
    return list(chain.from_iterable(past_points(inventory, some, now_s, days=DAYS, recent_days=0)))


def of(points: list[Point], measurement: str, host: str, name: str | None = None) -> list[Point]:
    return [
        point
        for point in points
        if point.measurement == measurement and point.tags["host"] == host and name in (None, point.tags.get("name"))
    ]


def at_s(point: Point) -> float:
    return point.time_ns / 1e9


def number(point: Point, name: str) -> float:
    value = point.fields[name]
    assert isinstance(value, (int, float))
    return value


@pytest.fixture(scope="module")
def polled(directory: Path, inventory: Inventory) -> list[Point]:
    """What two polls of some hosts make of them."""
    hosts = [inventory.hosts[name] for name in SERIES]
    points: list[Point] = []

    def take(one: Polled) -> None:
        points.extend(one.points)

    async def poll_twice() -> None:
        farm, command_lines = load_farm(directory)
        await farm.start()
        await command_lines.start()
        try:
            for _ in range(2):
                await poll_once(inventory, hosts, Delivering.STORE, everything=True, on_host=take)
                await asyncio.sleep(1.1)  # rates want a second
        finally:
            farm.stop()
            await command_lines.stop()

    asyncio.run(poll_twice())
    return points


def test_its_series_and_fields_are_those_of_polls(past: list[Point], polled: list[Point]) -> None:
    known: dict[tuple[str, frozenset[tuple[str, str]]], dict[str, type[FieldValue]]] = defaultdict(dict)
    for point in polled:
        key = point.measurement, frozenset(point.tags.items())
        known[key] |= {name: type(value) for name, value in point.fields.items()}
    seen = set()
    for point in past:
        if point.tags["host"] in SERIES:
            key = point.measurement, frozenset(point.tags.items())
            assert key in known, point
            told = {name: type(value) for name, value in point.fields.items()}
            assert {name: kind for name, kind in told.items() if known[key].get(name, kind) is not kind} == {}, point
            assert told.keys() - known[key].keys() <= {"reset", "error"}, point
            seen.add((point.measurement, point.tags["host"]))
    assert {measurement for measurement, _ in seen} == {
        "cpu",
        "device",
        "device_info",
        "interface",
        "link",
        "memory",
        "sensor",
        "state",
        "station",
        "storage",
    }
    assert {host for _, host in seen} == set(SERIES)


def test_every_point_can_be_stored_and_stands_there_once(past: list[Point]) -> None:
    keys = [(point.measurement, frozenset(point.tags.items()), point.time_ns) for point in past]
    assert len(set(keys)) == len(keys)
    times = [point.time_ns for point in past]
    assert times == sorted(times)
    assert times[0] / 1e9 >= NOW_S - DAYS * DAY_S - 300
    assert times[-1] / 1e9 < NOW_S
    for point in past:
        storable_fields(point)


def test_all_hosts_are_there_all_the_time(past: list[Point]) -> None:
    counts: dict[str, int] = defaultdict(int)
    for point in past:
        counts[point.tags["host"]] += point.measurement == "device"
    assert counts.keys() == HOSTS
    assert len(set(counts.values())) == 1


def test_the_collector_itself_stood_still_for_an_hour(past: list[Point]) -> None:
    times = sorted({at_s(point) for point in past})
    assert [later - earlier for earlier, later in pairwise(times) if later - earlier > 1_200] == [HOUR_S + 1_200]


def test_a_line_is_full_on_all_days(past: list[Point]) -> None:
    used = [number(point, "out_util_percent") for point in of(past, "interface", "wan-binh-gia")[1:]]
    assert min(used) > 90
    assert len(used) > 20 * DAYS


def test_a_disk_fills_as_it_did_for_weeks(past: list[Point]) -> None:
    shares = [number(point, "used_percent") for point in of(past, "storage", "srv-backup-1", "/srv/backup")]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(97, abs=0.3)
    assert (shares[-1] - shares[0]) / DAYS == pytest.approx(0.75, abs=0.05)


def test_the_ring_was_closed_until_a_day_ago(past: list[Point]) -> None:
    points = of(past, "interface", "ring-trang-dinh", "XGigabitEthernet0/0/2")
    down = [at_s(point) for point in points if point.fields["oper_status"] == "down"]
    up = [at_s(point) for point in points if point.fields["oper_status"] == "up"]
    assert max(up) < NOW_S - 26 * HOUR_S <= min(down)
    assert number(points[0 - len(down) - 2], "in_bps") > 0


def test_a_position_of_the_weak_commune_went_down(past: list[Point]) -> None:
    points = of(past, "device", "bts-huu-kien-1")
    assert [at_s(point) for point in points if point.fields["up"]][-1] < NOW_S - 5 * HOUR_S
    assert points[-1].fields == {"up": False, "snmp_up": False, "error": "no answer within 1 s"}


def test_a_server_restarts_within_its_maintenance(past: list[Point], inventory: Inventory) -> None:
    down = [point.time_ns for point in of(past, "device", RESTARTED_WEEKLY) if not point.fields["up"]]
    planned = windows(inventory.maintenance, RESTARTED_WEEKLY, past[0].time_ns, past[-1].time_ns, UTC)
    assert len(down) == len(planned) == 2
    assert all(start <= time_ns < end for time_ns, (start, end) in zip(down, planned, strict=True))


@pytest.mark.parametrize(
    ("host", "changed", "days_ago"), [(REPLACED, {"serial", "os_version"}, 9), (UPGRADED, {"os_version"}, 16)]
)
def test_what_a_device_is_has_changed(past: list[Point], host: str, changed: set[str], days_ago: int) -> None:
    infos = of(past, "device_info", host)
    before, after = infos[0].fields, infos[-1].fields
    assert {name for name in after if before[name] != after[name]} == changed
    since = next(at_s(point) for point in infos if point.fields == after)
    assert days_ago - 1 <= (NOW_S - since) / DAY_S <= days_ago


def test_a_station_is_new(past: list[Point]) -> None:
    first = {point.tags["name"]: at_s(point) for point in reversed(past) if point.measurement == "station"}
    new = {name for name, when_s in first.items() if when_s > NOW_S - 13 * DAY_S}
    assert new == {"BTS-NA-DUONG-1-5G", "BTS-NA-DUONG-2-5G"}

"""Forecasts as a store takes them."""

import pytest

from collector.report.capacity.forecast import forecast_points
from collector.report.capacity.links import capacity_links
from collector.report.capacity.servers import capacity_servers
from tests.report.memory_store import MemoryStore
from tests.report.world import NOW_NS, ago, context_of, host, inventory_of, link, over_time, site, store_with

PLACE = site("s1")
ROUTER = host("r1", PLACE, links=[link("Gi0/1", 10e6), link("Gi0/2", 10e6)])
SERVER = host("srv-1", PLACE, role="server")


def test_lines_and_file_systems_are_foretold() -> None:
    points = over_time(
        ROUTER,
        "interface",
        {"name": "Gi0/1"},
        since_ns=ago(days=60),
        in_bps=lambda t: 7.5e6 + 5e4 * t,
        out_bps=1e6,
    )
    points += over_time(
        SERVER,
        "storage",
        {"name": "/", "kind": "disk"},
        since_ns=ago(days=60),
        total_bytes=1000,
        used_bytes=lambda t: 900 + 5 * t,
        used_percent=50,
    )
    context = context_of(inventory_of(ROUTER, SERVER), store_with(points))
    line, disk = forecast_points(context)
    assert line.measurement == disk.measurement == "forecast"
    assert line.tags == {**ROUTER.point_tags(), "name": "Gi0/1", "kind": "link"}
    assert line.time_ns == disk.time_ns == NOW_NS
    assert line.fields["limit"] == 10e6
    assert line.fields["growth_per_day"] == pytest.approx(5e4)
    assert line.fields["days_to_tight"] == pytest.approx(10, abs=1)
    assert line.fields["days_to_full"] == pytest.approx(50, abs=1)
    assert disk.tags == {**SERVER.point_tags(), "name": "/", "kind": "storage"}
    assert disk.fields["days_to_tight"] == 0.0
    assert disk.fields["days_to_full"] == pytest.approx(20, abs=1)
    context.store.write([line, disk])
    assert len(context.store.latest("forecast")) == 2


def test_what_does_not_grow_is_never_full() -> None:
    points = over_time(ROUTER, "interface", {"name": "Gi0/2"}, since_ns=ago(days=60), in_bps=2e6, out_bps=1e6)
    (point,) = forecast_points(context_of(inventory_of(ROUTER), store_with(points)))
    assert point.fields["value"] == 2e6
    assert "days_to_full" not in point.fields


def test_nothing_is_foretold_of_young_series() -> None:
    points = over_time(ROUTER, "interface", {"name": "Gi0/2"}, since_ns=ago(days=10), in_bps=2e6)
    assert forecast_points(context_of(inventory_of(ROUTER), store_with(points))) == []


def test_what_a_report_has_measured_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    points = over_time(ROUTER, "interface", {"name": "Gi0/1"}, since_ns=ago(days=60), in_bps=7e6, out_bps=1e6)
    context = context_of(inventory_of(ROUTER, SERVER), store_with(points))
    capacity_links(context)
    capacity_servers(context)
    monkeypatch.delattr(MemoryStore, "histories")
    assert [point.tags["name"] for point in forecast_points(context)] == ["Gi0/1"]

"""Servers with known loads and disks that fill as said."""

from typing import Any

import numpy as np
import pytest
import scipy.stats  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from collector.metrics.model import Point
from collector.report.capacity.servers import capacity_servers
from collector.report.model import Cell, Estimate, HeatMap, LineChart, Report, Table
from tests.report.world import DAY_NS, NOW_NS, ago, context_of, host, inventory_of, over_time, point, site, store_with

GIB = 1 << 30
SERVER = host("srv-1", site("dc", name="Data centre"), role="server")


def disk(
    used: Any, name: str = "/", kind: str = "disk", days: float = 60, every_s: int = 3600, size: float = 100
) -> list[Point]:
    """A file system of `size` GiB; `used` in GiB."""
    values = (lambda t: GIB * used(t)) if callable(used) else GIB * used
    tags = {"name": name, "kind": kind}
    return over_time(
        SERVER,
        "storage",
        tags,
        since_ns=ago(days=days),
        every_s=every_s,
        used_bytes=values,
        total_bytes=int(size * GIB),
        used_percent=0.0,
    )


def report_of(points: list[Point], *hosts: Any) -> Report:
    return capacity_servers(context_of(inventory_of(SERVER, *hosts), store_with(points)))


def rows_of(report: Report, key: str) -> list[dict[str, Cell]]:
    (table,) = (section for section in report.sections if isinstance(section, Table) and section.key == key)
    assert all(len(row) == len(table.columns) for row in table.rows)
    return [dict(zip((column.key for column in table.columns), row, strict=True)) for row in table.rows]


def disk_row(points: list[Point]) -> dict[str, Cell]:
    (row,) = rows_of(report_of(points), "storage")
    return row


def test_a_filling_disk_has_days_a_date_and_an_interval() -> None:
    noise = default_rng(1).standard_normal(60 * 24)
    report = report_of(disk(lambda t: 85 + 0.5 * t + 0.2 * noise))
    (row,) = rows_of(report, "storage")
    days = row["days_to_full"]
    assert isinstance(days, Estimate)
    assert days.value == pytest.approx(30, abs=1.5)
    assert days.low is not None
    assert days.high is not None
    assert days.low <= days.value <= days.high
    date = row["date_full"]
    assert isinstance(date, Estimate)
    assert date.value == pytest.approx(NOW_NS + days.value * DAY_NS)
    (finding,) = report.findings
    assert finding.key == "disk-filling"
    assert finding.where == "srv-1 /"
    assert {"days", "date"} <= finding.sentence.values.keys()
    chart = report.sections[2]
    assert isinstance(chart, LineChart)
    assert chart.key == "disk_1"
    assert chart.cone is not None
    assert chart.limits[0].value == 100 * GIB


@settings(max_examples=15, deadline=None)
@given(st.floats(0.05, 0.6), st.floats(0, 0.5), st.integers(0, 10_000))
def test_days_to_full_are_scipys_slope_over_what_is_free(growth: float, noise: float, seed: int) -> None:
    random = default_rng(seed)
    every_s = 4 * 3600
    used = 60 + growth * (np.arange(60 * 6) / 6 - 60) + noise * random.standard_normal(60 * 6)
    used[random.random(len(used)) < 0.1] = np.nan
    used[random.random(len(used)) < 0.01] = 5.0
    used[-1] = 60
    points = disk(used, days=60, every_s=every_s)
    daily = np.nanmean(used.reshape(60, 6), axis=1)
    known = np.flatnonzero(~np.isnan(daily))
    slope = scipy.stats.theilslopes(daily[known], known).slope
    days = disk_row(points)["days_to_full"]
    if isinstance(days, Estimate):
        assert days.value == pytest.approx(40 / slope)
    else:
        assert noise > growth or 40 / slope > 3 * 365


def test_days_to_full_follow_from_what_is_free_now() -> None:
    days = disk_row(disk(lambda t: 98 + 1.5 * t, days=50))["days_to_full"]
    assert isinstance(days, Estimate)
    assert days.value == pytest.approx(2 / 1.5, abs=0.1)


def test_a_disk_that_is_full_or_nearly_so_and_does_not_grow() -> None:
    report = report_of([*disk(99.5, "/full"), *disk(93, "/tight"), *disk(40, "/fine")])
    rows = rows_of(report, "storage")
    assert [(row["name"], str(row["verdict"].text)) for row in rows] == [  # type: ignore[union-attr]
        ("/full", "full"),
        ("/tight", "tight"),
        ("/fine", "fine"),
    ]
    assert str(rows[0]["days_to_full"]) == "reached"
    assert str(rows[2]["days_to_full"]) == "not foreseen"
    assert [finding.key for finding in report.findings] == ["disk-full"]


def test_a_clean_up_ends_the_old_growth() -> None:
    row = disk_row(disk(lambda t: np.where(t < -25, 90 + 1.0 * (t + 25), 30 + 0.01 * (t + 25)), days=60))
    days = row["days_to_full"]
    assert not isinstance(days, Estimate)
    assert str(days) == "in more than 3 years"


def test_what_comes_and_goes_daily_fills_nothing() -> None:
    report = report_of(disk(lambda t: 50 + 30 * (t % 1), days=60))
    assert report.findings == ()


def test_a_disk_that_began_to_fill_three_days_ago_is_found() -> None:
    report = report_of(disk(lambda t: 40 + 12 * np.maximum(0, t + 3.2), days=60))
    (finding,) = report.findings
    assert finding.key == "disk-filling"
    assert "unusually fast" in str(finding.sentence)
    days = rows_of(report, "storage")[0]["days_to_full"]
    assert isinstance(days, Estimate)
    assert days.value == pytest.approx((60 - 12 * 3.2) / 12, abs=0.3)


def test_young_disks_have_no_forecast() -> None:
    row = disk_row(disk(lambda t: 50 + 1.0 * t, days=2))
    assert str(row["days_to_full"]) == str(row["growth_bytes_per_day"]) == "not enough data"
    assert str(row["verdict"].text) == "fine"  # type: ignore[union-attr]


@pytest.mark.parametrize(("days", "told"), [(2, "how fast it fills is not known yet"), (60, "without certain growth")])
def test_a_disk_that_is_nearly_full_is_told_without_a_forecast_too(days: int, told: str) -> None:
    (finding,) = report_of(disk(97, "/srv", days=days)).findings
    assert (finding.key, finding.where) == ("disk-nearly-full", "srv-1 /srv")
    assert told in str(finding.sentence)


def test_media_that_fill_by_design_are_left_out() -> None:
    points = [
        *disk(100, "/mnt/cd", "removable"),
        *disk(95, "/mnt/share", "network"),
        *disk(100, "/snap/core/1", "disk"),
        *disk(10, "/srv", "pool"),
    ]
    assert [row["name"] for row in rows_of(report_of(points), "storage")] == ["/srv"]


def cpu(load: Any, name: str = "0", days: float = 14) -> list[Point]:
    return over_time(SERVER, "cpu", {"name": name}, since_ns=ago(days=days), every_s=300, usage_percent=load)


def test_processors_are_one_by_their_mean() -> None:
    random = default_rng(2)
    first, second = random.uniform(0, 100, 14 * 288), random.uniform(0, 60, 14 * 288)
    (row,) = rows_of(report_of([*cpu(first), *cpu(second, "1")]), "servers")
    both = (first + second) / 2
    assert row["cpu_mean_percent"] == pytest.approx(both.mean())
    assert row["cpu_p95_percent"] == pytest.approx(np.percentile(both, 95, method="inverted_cdf"))
    assert row["cpu_peak_percent"] == pytest.approx(both.max())
    assert row["hours_over_80"] == pytest.approx((both > 80).sum() / 12)


def test_busy_processors_are_found_with_their_hours() -> None:
    report = report_of(cpu(lambda t: np.where((t % 1 * 24 >= 8) & (t % 1 * 24 < 18), 97.0, 10.0)))
    (finding,) = report.findings
    assert finding.key == "cpu-busy"
    (heat,) = (section for section in report.sections if isinstance(section, HeatMap))
    assert heat.values[2][9] == pytest.approx(97)
    assert heat.values[6][3] == pytest.approx(10)
    assert rows_of(report, "servers")[0]["busy_hour"] is not None


def test_an_hour_of_load_is_not_judged() -> None:
    report = report_of(cpu(100.0, days=1 / 24))
    (row,) = rows_of(report, "servers")
    assert (row["cpu_p95_percent"], str(row["verdict"].text)) == (100.0, "not enough data")  # type: ignore[union-attr]
    assert report.findings == ()


def test_memory_is_physical_and_swap_beside_it() -> None:
    def pool(kind: str, percent: float, total: int, name: str = "m") -> list[Point]:
        tags = {"name": f"{name} {kind}", "kind": kind}
        return over_time(
            SERVER, "memory", tags, since_ns=ago(days=5), total_bytes=total * GIB, used_percent=percent, used_bytes=0
        )

    report = report_of(
        [
            *pool("physical", 96.5, 32),
            *pool("physical", 10.0, 1, "card"),
            *pool("swap", 30.0, 4),
            *pool("cached", 50, 32),
        ]
    )
    (row,) = rows_of(report, "servers")
    assert (row["memory_percent"], row["memory_p95_percent"], row["swap_percent"]) == (96.5, 96.5, 30.0)
    assert row["memory_bytes"] == 32 * GIB
    assert [finding.key for finding in report.findings] == ["memory-full"]


def test_only_servers_are_meant_and_the_silent_ones_too() -> None:
    router = host("r1", role="wan-router")
    flash = point(router, "storage", {"name": "flash", "kind": "flash"}, total_bytes=100, used_bytes=100)
    report = report_of([flash], router, host("srv-2", role="server"))
    assert [(row["host"], str(row["verdict"].text)) for row in rows_of(report, "servers")] == [  # type: ignore[union-attr]
        ("srv-1", "no data"),
        ("srv-2", "no data"),
    ]
    assert rows_of(report, "storage") == []
    assert report.findings == ()

"""Lines with known loads: what is computed, judged, foretold, ordered and found."""

from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng
from numpy.typing import NDArray

from collector.metrics.model import Point
from collector.report.capacity.link_figures import LineFigures, measure_lines
from collector.report.capacity.link_verdict import State, judge, speed_to_order_bps, usual_speed_bps
from collector.report.capacity.links import capacity_links
from collector.report.model import Cell, Estimate, HeatMap, LineChart, Report, Spark, Table, Verdict
from collector.store.duck import DuckStore
from inventory.model import DuckdbStore, Host
from tests.report.world import (
    DAY_NS,
    NOW_NS,
    ago,
    context_of,
    host,
    inventory_of,
    link,
    over_time,
    point,
    site,
    store_with,
)

Floats = NDArray[np.float64]
VIETNAM = timezone(timedelta(hours=7))
PLACE = site("s1", name="People's Committee", population=8000)


def busy(level: float, base: float = 0.0, growth: float = 0.0, noise: float = 0.02) -> Any:
    """Load that is at `level` from 8 to 17 o'clock UTC on workdays, 10 % of it else; grows by `growth` a day."""

    def values(days: Floats) -> Floats:
        hour = np.floor((days % 1) * 24 + 1e-9)
        weekday = np.floor(days).astype(int) % 7  # now is a Monday, so 0 is one
        works = (hour >= 8) & (hour < 17) & (weekday < 5)
        random = default_rng(5)
        shape = np.where(works, 1.0, 0.1) * (1 + noise * random.standard_normal(len(days)))
        return base + (level + growth * days) * shape

    return values


def line(
    name: str = "r1",
    contract: float | None = 10e6,
    out: float | None = None,
    *,
    days: float = 60,
    every_s: int = 3600,
    until_ns: int = NOW_NS,
    **fields: Any,
) -> tuple[Host, list[Point]]:
    """A router with one line and its points."""
    router = host(name, PLACE, links=[link("Gi0/1", contract, out)])
    tags = {"name": "Gi0/1"}
    fields = {"in_bps": 1e6, "out_bps": 1e5, "oper_status": "up", "admin_status": "up", **fields}
    return router, over_time(
        router, "interface", tags, since_ns=ago(days=days), until_ns=until_ns, every_s=every_s, **fields
    )


def report_of(*lines: tuple[Host, list[Point]], days: float = 30) -> Report:
    inventory = inventory_of(*(router for router, _ in lines))
    store = store_with([each for _, points in lines for each in points])
    return capacity_links(context_of(inventory, store, days=days, zone=VIETNAM))


def figures_of(each: tuple[Host, list[Point]], days: float = 30) -> LineFigures:
    (figures,) = measure_lines(context_of(inventory_of(each[0]), store_with(each[1]), days=days, zone=VIETNAM))
    return figures


def rows_of(report: Report) -> list[dict[str, Cell]]:
    table = report.sections[0]
    assert isinstance(table, Table)
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert len(table.links) == len(table.rows)
    return [dict(zip((column.key for column in table.columns), row, strict=True)) for row in table.rows]


def row_of(report: Report) -> dict[str, Cell]:
    (row,) = rows_of(report)
    return row


def test_figures_are_those_of_the_5_minute_means() -> None:
    random = default_rng(3)
    minutes = 10 * 1440
    received, sent = random.gamma(2, 1e6, minutes), random.gamma(2, 5e5, minutes)
    figures = figures_of(line(days=10, every_s=60, in_bps=received, out_bps=sent))
    means = received.reshape(-1, 5).mean(axis=1)
    assert figures.received.p95_bps == pytest.approx(np.percentile(means, 95, method="inverted_cdf"))
    assert figures.received.peak_bps == pytest.approx(means.max())
    assert figures.received.mean_bps == pytest.approx(received.mean())
    assert figures.sent.p95_bps == pytest.approx(
        np.percentile(sent.reshape(-1, 5).mean(axis=1), 95, method="inverted_cdf")
    )
    assert figures.share == pytest.approx((figures.received.p95_bps or 0) / 10e6)
    assert figures.billed_bps == figures.received.p95_bps
    assert figures.hours_tight == pytest.approx((means > 8e6).sum() / 12)
    assert figures.measured_s == 10 * 86_400
    daily = np.percentile(received.reshape(10, -1), 95, axis=1, method="inverted_cdf")
    assert figures.received.daily[-10:] == pytest.approx(daily)


def test_a_saturated_line_is_full_and_more_than_doubled() -> None:
    report = report_of(line(contract=2e6, in_bps=busy(1.97e6, noise=0.003), every_s=300))
    row = row_of(report)
    assert isinstance(row["verdict"], Verdict)
    assert str(row["verdict"].text) == "full"
    assert str(row["date_100_percent"]) == "reached"
    assert row["order_bps"] == 4_000_000
    assert row["busy_hour"] in {
        f"{hour:02}:00–{(hour + 1) % 24:02}:00" for hour in (15, 16, 17, 18, 19, 20, 21, 22, 23)
    }
    assert row["hours_over_80"] == pytest.approx(20 * 9)
    assert isinstance(row["daily"], Spark)
    assert len(row["daily"].values) == 30
    (finding,) = report.findings
    assert finding.key == "line-full"
    assert finding.where == "r1 Gi0/1"
    assert finding.urgency > 80
    assert "People's Committee" in str(finding.sentence)
    assert "Order 4e+06" in str(finding.sentence)


def test_it_is_told_since_when_a_line_is_full() -> None:
    def since(days: float) -> Any:
        return lambda t: np.where(t < -days, busy(3e6)(t), busy(9.9e6)(t))

    def tight_before(t: Floats) -> Any:
        return np.where(t < -21, busy(8.5e6)(t), busy(9.9e6)(t))

    lately, always = (report_of(line(in_bps=since(days))).findings[0].sentence for days in (21, 100))
    assert lately.values["since"].value == ago(days=21)  # type: ignore[union-attr]
    assert "or longer" not in str(lately)
    assert "or longer" in str(always)
    (finding,) = report_of(line(in_bps=tight_before)).findings
    assert finding.sentence.values["since"].value == ago(days=21)  # type: ignore[union-attr]


def test_a_growing_line_is_foretold_with_an_interval() -> None:
    report = report_of(line(contract=10e6, days=120, in_bps=busy(7e6, growth=40e3)))
    row = row_of(report)
    full = row["date_100_percent"]
    assert isinstance(full, Estimate)
    assert (full.value - NOW_NS) / DAY_NS == pytest.approx(75, abs=8)
    assert full.low is not None
    assert full.low <= full.value
    assert full.high is None or full.high >= full.value
    tight = row["date_80_percent"]
    assert isinstance(tight, Estimate)
    assert (tight.value - NOW_NS) / DAY_NS == pytest.approx(25, abs=8)
    growth = row["growth_bps_per_day"]
    assert isinstance(growth, Estimate)
    assert growth.value == pytest.approx(40e3, rel=0.1)
    # in a year 21.6 Mbit/s, of which 70 % of 40 Mbit/s is enough
    assert row["order_bps"] == 40_000_000
    (finding,) = report.findings
    assert finding.key == "line-tight"
    chart, heat = report.sections[1:]
    assert isinstance(chart, LineChart)
    assert chart.cone is not None
    assert [limit.value for limit in chart.limits] == [10e6]
    assert len(chart.lines[0].values) == 120
    assert isinstance(heat, HeatMap)
    assert heat.values[0][16] == pytest.approx(64, abs=8)  # Monday 16 o'clock in Vietnam is 9 o'clock UTC
    assert report.sections[0].links == ("load_1",)  # type: ignore[union-attr]


def test_a_steady_line_is_fine_and_nothing_is_ordered() -> None:
    report = report_of(line(in_bps=busy(5e6)))
    row = row_of(report)
    assert str(row["verdict"].text) == "fine"  # type: ignore[union-attr]
    assert row["order_bps"] is None
    assert not isinstance(row["date_100_percent"], Estimate)
    assert report.findings == ()


def test_an_idle_line_is_oversized_only_after_weeks() -> None:
    assert judge(figures_of(line(contract=100e6, in_bps=busy(3e6)))) is State.OVERSIZED
    row = row_of(report_of(line(contract=100e6, in_bps=busy(3e6))))
    assert row["order_bps"] == 6_000_000
    assert judge(figures_of(line(contract=100e6, days=14, in_bps=busy(3e6)))) is State.FINE
    assert judge(figures_of(line(contract=100e6, in_bps=0, out_bps=0))) is State.FINE


def test_a_line_without_data_or_with_hours_of_it() -> None:
    silent, nothing = line("silent")[0], list[Point]()
    rows = rows_of(report_of((silent, nothing), line("young", days=0.5)))
    assert [str(row["verdict"].text) for row in rows] == ["no data", "not enough data"]  # type: ignore[union-attr]
    assert rows[0]["p95_percent"] is None
    assert rows[0]["daily"] is None
    assert rows[0]["measured_percent"] == 0.0
    assert str(rows[1]["date_100_percent"]) == "not enough data"


def test_young_lines_have_figures_and_no_forecast() -> None:
    row = row_of(report_of(line(days=10, in_bps=busy(5e6, growth=1e5))))
    assert str(row["growth_bps_per_day"]) == str(row["date_100_percent"]) == "not enough data"
    assert str(row["verdict"].text) == "fine"  # type: ignore[union-attr]
    assert row["measured_percent"] == pytest.approx(100 * 10 / 30)


def test_resets_and_gaps_are_left_out() -> None:
    load = busy(5e6)(np.arange(-60, 0, 1 / 24))
    gappy = load.copy()
    gappy[::7] = np.nan
    gappy[-200:-150] = np.nan
    whole, holes = (
        figures_of(line(in_bps=load)),
        figures_of(line(in_bps=gappy, out_bps=np.where(np.isnan(gappy), np.nan, 1e5))),
    )
    assert holes.measured_s < whole.measured_s
    assert holes.received.p95_bps == pytest.approx(whole.received.p95_bps, rel=0.02)
    assert holes.received.mean_bps == pytest.approx(whole.received.mean_bps, rel=0.1)


def test_each_direction_has_its_own_contract() -> None:
    figures = figures_of(line(contract=100e6, out=10e6, in_bps=20e6, out_bps=busy(8.5e6)))
    assert figures.critical is figures.sent
    assert figures.share == pytest.approx(0.85, abs=0.05)
    assert judge(figures) is State.TIGHT
    assert speed_to_order_bps(figures, State.TIGHT) == 20_000_000
    (chart,) = (
        section
        for section in report_of(line(contract=100e6, out=10e6, out_bps=busy(8.5e6))).sections
        if isinstance(section, LineChart)
    )
    assert [limit.value for limit in chart.limits] == [100e6, 10e6]


def test_a_direction_without_contract_is_measured_and_not_judged() -> None:
    router = host("r1", links=[link("Gi0/1", 10e6)])
    inbound = router.links[0]
    one_way = host("r1", links=[type(inbound)(interface="Gi0/1", contract_out_bps=5_000_000)])
    points = line(in_bps=9e9, out_bps=busy(2e6))[1]
    figures = figures_of((one_way, points))
    assert figures.received.p95_bps == 9e9
    assert judge(figures) is State.FINE
    assert figures.critical is figures.sent


def test_bursts_above_the_contract_are_told_as_they_are() -> None:
    row = row_of(report_of(line(contract=10e6, in_bps=busy(15e6))))
    assert isinstance(row["p95_percent"], float)
    assert row["p95_percent"] > 140
    assert row["order_bps"] == 30_000_000


def test_a_line_that_is_down_while_its_host_answers() -> None:
    router, points = line(in_bps=busy(5e6), until_ns=ago(days=2))
    dead = over_time(
        router,
        "interface",
        {"name": "Gi0/1"},
        since_ns=ago(days=2),
        in_bps=0,
        out_bps=0,
        oper_status="down",
        admin_status="up",
    )
    alive = point(router, "device", up=True)
    report = report_of((router, [*points, *dead, alive]))
    (finding,) = report.findings
    assert finding.key == "line-down"
    assert finding.sentence.values["since"].value == ago(days=2, hours=1)  # type: ignore[union-attr]
    silent = point(router, "device", up=False)
    assert report_of((router, [*points, *dead, silent])).findings == ()
    off = point(router, "interface", {"name": "Gi0/1"}, oper_status="down", admin_status="down")
    assert str(row_of(report_of((router, [*points, off])))["verdict"].text) == "switched off"  # type: ignore[union-attr]


def test_errors_are_shares_of_packets() -> None:
    lossy = line(in_bps=busy(5e6), in_errors_per_s=0.5, out_errors_per_s=0.0, in_pps=400.0, out_pps=100.0)
    report = report_of(lossy)
    row = row_of(report)
    assert row["errors_per_s"] == pytest.approx(0.5)
    assert row["error_percent"] == pytest.approx(100 * 0.5 / 500.5)
    assert row["errors"] == 0.5 * 30 * 86_400
    assert row["discards"] is None
    (finding,) = report.findings
    assert finding.key == "line-errors"
    assert report_of(line(in_bps=busy(5e6), in_errors_per_s=0.01, in_pps=4000.0, out_pps=1.0)).findings == ()


def test_losses_weigh_as_long_as_they_were_measured_however_often() -> None:
    router, seldom = line(
        days=30, until_ns=ago(days=10), in_errors_per_s=0.3, out_errors_per_s=0.0, in_pps=400.0, interval_s=3600.0
    )
    often = line(days=10, every_s=300, in_errors_per_s=0.6, out_errors_per_s=0.0, in_pps=100.0, interval_s=300.0)[1]
    row = row_of(report_of((router, [*seldom, *often])))
    assert row["errors_per_s"] == pytest.approx(0.4)
    assert row["errors"] == pytest.approx((20 * 0.3 + 10 * 0.6) * 86_400, rel=0.01)
    assert row["error_percent"] == pytest.approx(100 * 0.4 / 300.4)


def test_the_most_urgent_stand_first() -> None:
    rows = rows_of(
        report_of(
            line("idle", contract=500e6, in_bps=busy(2e6)),
            line("steady", in_bps=busy(5e6)),
            line("full", in_bps=busy(9.9e6)),
            line("tight", in_bps=busy(8.6e6)),
            (line("gone")[0], []),
        )
    )
    assert [row["host"] for row in rows] == ["full", "tight", "gone", "steady", "idle"]


def test_a_day_that_is_not_over_pulls_no_trend() -> None:
    router, points = line(in_bps=busy(5e6))
    until_ns = ago(days=3, hours=20)  # a Thursday at four in the morning
    context = context_of(inventory_of(router), store_with(points), until_ns=until_ns)
    (figures,) = measure_lines(context)
    assert np.isnan(figures.received.daily[-1])
    assert figures.received.daily[-2] > 4e6


def test_a_line_whose_district_was_renamed_is_one_line() -> None:
    router, points = line(in_bps=busy(5e6))
    older = [
        Point(p.measurement, {**p.tags, "district": "Old"} if p.time_ns < ago(days=12) else p.tags, p.fields, p.time_ns)
        for p in points
    ]
    renamed, same = figures_of((router, older)), figures_of((router, points))
    assert renamed.received.p95_bps == same.received.p95_bps
    assert renamed.measured_s == same.measured_s
    assert renamed.received.trend == same.received.trend


def test_long_periods_are_made_of_hours() -> None:
    both = line(days=5, every_s=300, in_bps=busy(5e6))
    short, long = figures_of(both), figures_of(both, days=90)
    assert long.measured_s == short.measured_s
    assert long.received.mean_bps == pytest.approx(short.received.mean_bps)
    assert long.hours_tight == short.hours_tight == 0.0
    notes = [str(note) for note in report_of(both, days=90).notes]
    assert any("hourly means" in note for note in notes)


def test_an_upgraded_contract_is_no_growth() -> None:
    def upgraded(days: Floats) -> Floats:
        values: Floats = np.where(days < -50, busy(2e6)(days), busy(6e6)(days))
        return values

    row = row_of(report_of(line(days=120, in_bps=upgraded)))
    assert not isinstance(row["date_100_percent"], Estimate)
    assert str(row["verdict"].text) == "fine"  # type: ignore[union-attr]


def test_nothing_at_all() -> None:
    report = report_of()
    assert rows_of(report) == []
    assert report.findings == ()
    unknown = report_of((host("r1", links=[link("Gi0/1")]), []))
    assert rows_of(unknown) == []
    assert [note.values["count"] for note in unknown.notes] == [1]


def test_a_name_that_no_interface_bears_is_told() -> None:
    router, points = line()
    renamed = [Point(p.measurement, {**p.tags, "name": "GigabitEthernet0/1"}, p.fields, p.time_ns) for p in points[-5:]]
    report = report_of((router, [*renamed, point(router, "device", up=True)]))
    assert "written as the device names it" in str(report.notes[0])


def test_rollups_change_means_and_times_hardly(tmp_path: Path) -> None:
    """Of a file that has only hourly means but of the last day."""
    router, points = line(days=4, every_s=300, in_bps=busy(9e6), oper_status="up")
    store = DuckStore(DuckdbStore(path=str(tmp_path / "store.duckdb"), raw_days=1))
    store.write(points)
    store.compact(NOW_NS)
    inventory = inventory_of(router)
    (rolled,) = measure_lines(context_of(inventory, store))
    (exact,) = measure_lines(context_of(inventory, store_with(points)))
    store.close()
    assert rolled.measured_s == exact.measured_s == 4 * 86_400
    assert rolled.received.mean_bps == pytest.approx(exact.received.mean_bps, rel=1e-6)
    assert rolled.received.p95_bps == pytest.approx(exact.received.p95_bps, rel=0.03)
    assert rolled.hours_tight == pytest.approx(exact.hours_tight, abs=2)
    assert rolled.received.daily == pytest.approx(exact.received.daily, nan_ok=True, rel=1e-6)


def test_the_speeds_on_offer() -> None:
    assert [usual_speed_bps(needed) for needed in (1.0, 2e6, 2.1e6, 60e6, 9e9, 1e15)] == [
        1_000_000,
        2_000_000,
        4_000_000,
        100_000_000,
        10_000_000_000,
        100_000_000_000,
    ]

"""`coverage offices` against a small province with known answers."""

import pytest

from collector.report.coverage.offices import coverage_offices
from collector.report.model import BarChart, SiteMap
from collector.report.say import Text
from inventory.model import Site
from tests.report.availability.test_availability import figures, findings, rows
from tests.report.availability.test_outages import samples
from tests.report.world import MINUTE_NS, ago, context_of, host, inventory_of, link, point, site, store_with


def place(name: str, district: str = "Mai Chau", kind: str = "office") -> Site:
    return site(name, kind=kind, district=district, lat=20.5, lon=105.1, population=1_000)


UP = host("r-up", place("up"), links=[link("Gi0/1", 10e6, kind="fibre", provider="VNPT")])
SWITCH = host("sw-up", UP.site, role="switch")
DOWN = host("r-down", place("down"), links=[link("Gi0/1", 2e6, kind="copper", provider="Viettel")])
SILENT = host("r-silent", place("silent", "Da Bac"), links=[link("Gi0/1", 300e6, kind="fibre")])
NEVER = host("r-never", place("never", "Da Bac"), links=[link("Gi0/1", kind="")])
BARE = place("bare", "Da Bac")
STATION = host("bts", place("bts", kind="bts"), role="bts-uplink")
INVENTORY = inventory_of(UP, SWITCH, DOWN, SILENT, NEVER, BARE, STATION)
POINTS = [
    *samples(UP, {range(100, 244)}),
    *samples(SWITCH),
    *samples(DOWN, {range(2580, 2880)}),
    *samples(SILENT, lost={range(1440, 2880)}),
    *samples(STATION),
]


def test_offices_are_counted_by_how_they_are() -> None:
    report = coverage_offices(context_of(INVENTORY, store_with(POINTS), days=2))
    assert {key: value for key, value in figures(report).items() if key != "availability"} == {
        "offices": 5,
        "connected": 1,
        "down": 1,
        "unknown": 3,
        "without_line": 1,
    }
    by_district = {row["district"]: row for row in rows(report, "districts") if isinstance(row["district"], str)}
    assert by_district["Mai Chau"]["offices"] == 2
    assert by_district["Mai Chau"]["connected_percent"] == 50
    assert by_district["Mai Chau"]["with_lan_switch"] == 1
    assert by_district["Da Bac"]["no_data"] == 2
    assert by_district["Da Bac"]["not_monitored"] == 1
    total = rows(report, "districts")[-1]
    assert total["district"] == Text("all districts")
    assert (total["offices"], total["connected"]) == (5, 1)


def test_the_offices_table_says_what_hangs_on_what_since_when() -> None:
    report = coverage_offices(context_of(INVENTORY, store_with(POINTS), days=2))
    found = {row["office"]: row for row in rows(report, "offices")}
    assert list(found) == ["Site down", "Site never", "Site silent", "Site bare", "Site up"]
    assert found["Site down"]["since"] == ago(2) + 2580 * MINUTE_NS
    assert found["Site silent"]["since"] == ago(1)
    assert found["Site never"]["since"] is None
    assert found["Site up"]["availability_percent"] == pytest.approx(100 * (1 - 145 / 2880))
    assert str(found["Site up"]["speed_class"]) == "2 to 10 Mbit/s"
    assert found["Site never"]["speed_class"] is None
    assert found["Site bare"]["availability_percent"] is None
    assert str(found["Site up"]["lan_switch"]) == "yes"


def test_lines_are_counted_by_kind_and_speed() -> None:
    report = coverage_offices(context_of(INVENTORY, store_with(POINTS), days=2))
    found = {str(row["kind"]): row for row in rows(report, "lines")}
    assert next(iter(found)) == "fibre"
    assert (found["fibre"]["lines"], found["fibre"]["lines_to_10m"], found["fibre"]["lines_to_1g"]) == (2, 1, 1)
    assert found["copper"]["lines_to_2m"] == 1
    assert found["not said"]["lines_without_speed"] == 1


def test_findings_of_offices() -> None:
    report = coverage_offices(context_of(INVENTORY, store_with(POINTS), days=2))
    found = findings(report)
    assert set(found) == {
        ("office-down", "Site down"),
        ("office-no-data", "Site silent"),
        ("office-no-data", "Site never"),
        ("office-not-monitored", ""),
    }
    assert "was never asked" in str(found["office-no-data", "Site never"].sentence)
    assert found["office-down", "Site down"].urgency == max(each.urgency for each in report.findings)


def test_a_collector_that_is_away_makes_no_office_a_finding() -> None:
    points = samples(UP, lost={range(2700, 2880)}) + samples(DOWN, lost={range(2700, 2880)})
    report = coverage_offices(context_of(inventory_of(UP, DOWN), store_with(points), days=2))
    assert report.findings == ()
    assert figures(report)["unknown"] == 2


def test_offices_are_on_the_map_and_in_the_chart() -> None:
    report = coverage_offices(context_of(INVENTORY, store_with(POINTS), days=2))
    places = next(section for section in report.sections if isinstance(section, SiteMap)).places
    assert {(each.name, str(each.verdict.text)) for each in places} == {
        ("Site up", "connected"),
        ("Site down", "down"),
        ("Site silent", "no data"),
        ("Site never", "no data"),
        ("Site bare", "not monitored"),
    }
    chart = next(section for section in report.sections if isinstance(section, BarChart))
    assert sum(sum(part.values) for part in chart.parts) == 5


def test_an_office_that_was_last_seen_long_before_the_period() -> None:
    points = [point(SILENT, "device", time_ns=ago(100), up=True), *samples(UP)]
    report = coverage_offices(context_of(inventory_of(UP, SILENT), store_with(points), days=2))
    row = next(row for row in rows(report, "offices") if row["office"] == "Site silent")
    assert abs(row["since"] - ago(99)) <= 1440 * MINUTE_NS


def test_a_selection_is_about_its_offices() -> None:
    report = coverage_offices(context_of(INVENTORY, store_with(POINTS), days=2, only=["r-up", "sw-up"]))
    assert figures(report)["offices"] == 1
    assert report.findings == ()


def test_no_offices() -> None:
    report = coverage_offices(context_of(inventory_of(), store_with([])))
    assert figures(report)["offices"] == 0
    assert figures(report)["availability"] is None
    assert rows(report, "offices") == []

"""`availability` against a small province with known outages."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collector.metrics.model import Point
from collector.report.availability.outage_record import record_of
from collector.report.availability.report import availability
from collector.report.availability.words import availability_class, day_edges, percents
from collector.report.context import Context
from collector.report.model import BarChart, Finding, Level, LineChart, Report, Table, Verdict
from collector.report.say import Quantity, Text
from inventory.model import Host, Maintenance
from tests.report.availability.test_outages import samples
from tests.report.world import (
    DAY_NS,
    HOUR_NS,
    MINUTE_NS,
    ago,
    context_of,
    host,
    inventory_of,
    link,
    site,
    store_with,
)


def rows(report: Report, key: str) -> list[dict[str, Any]]:
    table = next(section for section in report.sections if isinstance(section, Table) and section.key == key)
    return [{c.key: cell for c, cell in zip(table.columns, row, strict=True)} for row in table.rows]


def figures(report: Report) -> dict[str, Any]:
    return {figure.key: figure.value for figure in report.figures}


def findings(report: Report) -> dict[tuple[str, str], Finding]:
    return {(finding.key, finding.where): finding for finding in report.findings}


def report_of(*hosts: Host, points: list[Point], parts: tuple[Maintenance, ...] = (), days: float = 2) -> Report:
    return availability(context_of(inventory_of(*hosts, *parts), store_with(points), days=days))


OFFICE = site("o1", kind="office", district="Mai Chau", population=4_000)
ROUTER = host("r1", OFFICE, links=[link("Gi0/1", 2e6, provider="VNPT")])
SWITCH = host("sw1", OFFICE, role="switch")
OTHER = host("r2", site("o2", kind="office", district="Da Bac"))


def test_an_office_that_is_cut_off_is_one_outage_and_one_finding() -> None:
    points = samples(ROUTER, {range(2580, 2880)}) + samples(SWITCH, {range(2580, 2880)}) + samples(OTHER)
    report = report_of(ROUTER, SWITCH, OTHER, points=points)
    assert figures(report) == {
        "availability": pytest.approx(100 * (1 - 300 / (2 * 2880))),
        "sites_down": 1,
        "hosts_down": 2,
        "outages": 1,
        "longest": 300 * 60,
        "mttr": 300 * 60,
        "gaps": 0,
    }
    outages = rows(report, "outages")
    assert [(row["hosts"], row["site"], row["hosts_down"], row["end"], row["length_s"]) for row in outages] == [
        ("r1", "Site o1", 2, None, 300 * 60)
    ]
    assert list(findings(report)) == [("office-down", "Site o1")]
    found = report.findings[0]
    assert found.level is Level.CRITICAL
    assert found.urgency > 90
    assert found.sentence.values["provider"] == "VNPT"
    assert found.sentence.values["since"] == Quantity(ago(hours=5), found.sentence.values["since"].unit)  # type: ignore[union-attr]
    assert "r1 does not answer" in str(found.sentence)


@pytest.mark.parametrize(
    ("kind", "role", "key"),
    [("bts", "bts-uplink", "bts-down"), ("data-centre", "wan-router", "site-down"), ("other", "camera", "site-down")],
)
def test_other_kinds_of_sites_have_findings_of_their_own(kind: str, role: str, key: str) -> None:
    down = host("h1", site("x1", kind=kind), role=role)
    report = report_of(down, OTHER, points=samples(down, {range(2580, 2880)}) + samples(OTHER))
    assert list(findings(report)) == [(key, "Site x1")]
    assert "since" in report.findings[0].sentence.values


def test_an_outage_of_one_of_two_routers_is_the_routers_own() -> None:
    second = host("r1b", OFFICE)
    points = (
        samples(ROUTER, {range(600, 900)}) + samples(second, {range(700, 720)}) + samples(SWITCH, {range(695, 725)})
    )
    report = report_of(ROUTER, second, SWITCH, points=points)
    found = [(row["hosts"], str(row["of"]), row["length_s"] / 60, row["hosts_down"]) for row in rows(report, "outages")]
    assert sorted(found) == [("r1", "host", 300, 1), ("r1, r1b", "site", 20, 3)]


def test_outages_of_several_sites_at_once_are_told_as_such() -> None:
    points = samples(ROUTER, {range(600, 700)}) + samples(OTHER, {range(605, 650)})
    report = report_of(ROUTER, OTHER, points=points)
    assert {row["hosts"]: row["sites_at_once"] for row in rows(report, "outages")} == {"r1": 2, "r2": 2}


def test_a_host_down_at_a_site_that_is_up_is_its_own_finding() -> None:
    points = samples(ROUTER) + samples(SWITCH, {range(2580, 2880)})
    report = report_of(ROUTER, SWITCH, points=points)
    assert list(findings(report)) == [("host-down", "sw1")]
    assert rows(report, "outages")[0]["hosts"] == "sw1"
    assert [row["host"] for row in rows(report, "hosts")] == ["sw1", "r1"]


def test_many_hosts_down_at_one_site_are_one_finding() -> None:
    cameras = [host(f"c{number}", OFFICE, role="camera") for number in range(8)]
    points = samples(ROUTER) + [point for each in cameras for point in samples(each, {range(2580, 2880)})]
    report = report_of(ROUTER, *cameras, points=points)
    assert list(findings(report)) == [("host-down", "Site o1")]
    assert "8 hosts" in str(report.findings[0].sentence)


def test_what_has_been_down_for_weeks_is_less_urgent() -> None:
    points = [
        Point("device", of.point_tags(), {"up": of is ROUTER}, ago(20) + hour * HOUR_NS)
        for of in (ROUTER, SWITCH)
        for hour in range(480)
    ]
    report = report_of(ROUTER, SWITCH, points=points, days=30)
    assert report.findings[0].urgency <= 40
    assert "take it out of the inventory" in str(report.findings[0].sentence)


def test_down_in_maintenance_is_no_finding() -> None:
    work = Maintenance(hosts=frozenset({"r1"}), start_ns=ago(hours=6), end_ns=ago(hours=-2))
    points = samples(ROUTER, {range(2580, 2880)}) + samples(OTHER)
    report = report_of(ROUTER, OTHER, points=points, parts=(work,))
    assert report.findings == ()
    assert rows(report, "outages") == []
    assert figures(report)["availability"] == 100
    assert {row["site"]: str(row["state"].text) for row in rows(report, "sites")}["Site o1"] == "in maintenance"


def test_what_goes_down_again_and_again_flaps_and_its_hosts_are_not_told_beside() -> None:
    down = {range(start, start + 5) for start in range(1500, 2800, 150)}
    points = samples(ROUTER, down) + samples(SWITCH, down) + samples(OTHER)
    report = report_of(ROUTER, SWITCH, OTHER, points=points)
    assert list(findings(report)) == [("flapping", "Site o1")]
    assert "9 times" in str(report.findings[0].sentence)


def test_the_collectors_gaps_are_listed_and_told() -> None:
    off = {range(1000, 1200)}
    report = report_of(ROUTER, OTHER, points=samples(ROUTER, lost=off) + samples(OTHER, lost=off))
    assert rows(report, "collector_gaps") == [
        {"start": ago(2) + 1000 * MINUTE_NS, "end": ago(2) + 1200 * MINUTE_NS, "length_s": 200 * 60}
    ]
    assert list(findings(report)) == [("collector-gap", "")]
    assert report.findings[0].level is Level.WARNING
    report = report_of(ROUTER, points=samples(ROUTER, lost={range(2700, 2880)}))
    assert report.findings[0].level is Level.CRITICAL
    assert report.findings[0].urgency > 80


def test_districts_are_charted_and_the_worst_comes_first() -> None:
    report = report_of(ROUTER, OTHER, points=samples(ROUTER) + samples(OTHER, {range(600, 1200)}))
    assert [row["district"] for row in rows(report, "districts")] == ["Da Bac", "Mai Chau"]
    chart = next(section for section in report.sections if isinstance(section, BarChart))
    assert chart.categories == ("Da Bac", "Mai Chau")
    assert chart.parts[0].values == (10.0, 0.0)
    daily = next(section for section in report.sections if isinstance(section, LineChart))
    assert list(daily.lines[0].values) == pytest.approx([(100 + 100 * (1 - 600 / 1440)) / 2, 100.0])
    assert daily.lines[0].times_ns == (ago(2), ago(1))


@pytest.mark.parametrize("hosts", [(), (host("r1"),), (ROUTER, SWITCH)])
def test_nothing_stored_is_no_data(hosts: tuple[Host, ...]) -> None:
    report = report_of(*hosts, points=[])
    assert figures(report)["availability"] is None
    assert report.findings == ()
    for row in rows(report, "hosts"):
        assert row["availability_percent"] is None
        assert row["class"] == Verdict(Level.UNKNOWN, Text("no data"))
        assert row["outages"] is None


def test_a_class_is_claimed_only_where_it_is_certain() -> None:
    month, five = 30 * DAY_NS, 300 * 10**9
    assert str(availability_class(month, 0, five).text) == "at least 99.95 %"
    assert str(availability_class(month, 0, 10**11).text) == "at least 99.99 %"
    assert str(availability_class(month - DAY_NS, DAY_NS, five).text) == "at least 95 %"
    assert str(availability_class(1, 1, 0).text) == "below 90 %"
    assert availability_class(0, 0, five).level is Level.UNKNOWN


def test_days_are_local() -> None:
    since = datetime(2026, 3, 28, 12, tzinfo=UTC)
    zone = ZoneInfo("Europe/Berlin")
    until = datetime(2026, 3, 31, tzinfo=UTC)
    context = Context(
        inventory_of(),
        store_with([]),
        since_ns=int(since.timestamp()) * 10**9,
        until_ns=int(until.timestamp()) * 10**9,
        zone=zone,
    )
    edges = day_edges(context)
    assert [(stop - start) / HOUR_NS for start, stop in pairwise(edges)] == [11, 23, 24, 2]


def test_percent_by_day_leaves_out_what_is_unknown() -> None:
    edges = [0, 100, 200, 300]
    record = record_of(((10, 20), (190, 195)), ((50, 100), (200, 300)), ((190, 195),), 0, 300)
    assert percents(record, edges) == (80.0, 100.0, None)


def test_the_period_is_said_where_samples_begin_later() -> None:
    report = report_of(ROUTER, points=samples(ROUTER, lost={range(1000)}))
    assert any(
        note.values.get("time") and note.values["time"].value == ago(2) + 1000 * MINUTE_NS  # type: ignore[union-attr]
        for note in report.notes
    )

"""`coverage mobile` against small provinces with known answers."""

from typing import Any

from collector.metrics.model import Point
from collector.report.coverage.mobile import coverage_mobile
from collector.report.coverage.positions import Life, communes, positions
from collector.report.model import Figure, Report, SiteMap, Table
from inventory.model import Commune, Host, Inventory, Station, Technology
from tests.report.world import NOW_NS, ago, context_of, host, inventory_of, over_time, point, site, store_with

LAST = NOW_NS - 300 * 10**9


def _position(name: str, commune: str, technologies: str, **more: Any) -> tuple[Host, list[Station]]:
    place = site(name, commune=commune, kind="bts", lat=21.5, lon=106.1, **more)
    uplink = host(f"up-{name}", place, role="bts-uplink")
    kinds: list[Technology] = technologies.split()  # type: ignore[assignment]
    return uplink, [Station(id=f"{name}-{kind}", site=name, technology=kind, operator="Viettel") for kind in kinds]


def _province(*positions: tuple[Host, list[Station]], declared: tuple[Commune, ...] = ()) -> Inventory:
    return inventory_of(
        *(uplink for uplink, _ in positions), *(each for _, some in positions for each in some), *declared
    )


def _figure(report: Report, key: str) -> Figure:
    return next(each for each in report.figures if each.key == key)


def _table(report: Report, key: str) -> Table:
    return next(each for each in report.sections if isinstance(each, Table) and each.key == key)


def _row(report: Report, table: str, first: str) -> dict[str, Any]:
    found = _table(report, table)
    row = next(row for row in found.rows if row[0] == first)
    return {column.key: cell for column, cell in zip(found.columns, row, strict=True)}


HUU_KIEN = Commune(name="Hữu Kiên", district="Mai Chau", population=2_800)
BAC_XA = Commune(name="Bắc Xá", district="Mai Chau", population=1_600)


def _two_of_which_one_is_down() -> tuple[Inventory, list[Point]]:
    first, second = _position("a", "Hữu Kiên", "2G 4G"), _position("b", "Hữu Kiên", "2G")
    points = [point(first[0], "device", time_ns=LAST, up=True), point(second[0], "device", time_ns=LAST, up=False)]
    return _province(first, second, declared=(HUU_KIEN, BAC_XA)), points


def test_a_commune_with_one_live_position_of_two_is_a_weak_spot_and_a_finding() -> None:
    inventory, points = _two_of_which_one_is_down()
    report = coverage_mobile(context_of(inventory, store_with(points)))
    row = _row(report, "spots", "Hữu Kiên")
    assert (row["positions"], row["live_positions"], row["live_2g"], row["live_4g"], row["live_3g"]) == (
        2,
        1,
        1,
        1,
        None,
    )
    assert str(row["verdict"].text) == "a single one"
    told = {finding.key: str(finding.sentence) for finding in report.findings}
    assert told["commune-single-site"].startswith(
        "Hữu Kiên (Mai Chau, 2800 inhabitants) hangs on a single live BTS position of 2"
    )
    assert told["bts-down"] == "BTS position Site b (Mai Chau) is down with 1 station: up-b does not answer."


def test_a_declared_commune_without_any_position_is_a_white_spot() -> None:
    inventory, points = _two_of_which_one_is_down()
    report = coverage_mobile(context_of(inventory, store_with(points)))
    assert str(_row(report, "spots", "Bắc Xá")["verdict"].text) == "none live"
    assert _figure(report, "communes_without").value == 1
    assert str(_figure(report, "communes_without").note) == "1600 inhabitants"
    assert [each.where for each in report.findings if each.key == "white-spot"] == ["Bắc Xá, Mai Chau"]


def test_technologies_count_stations_positions_communes_and_people() -> None:
    inventory, points = _two_of_which_one_is_down()
    report = coverage_mobile(context_of(inventory, store_with(points)))
    row = _row(report, "technologies", "2G")
    assert [row[key] for key in ("positions", "stations", "up", "degraded", "down", "unknown")] == [2, 2, 1, 0, 1, 0]
    assert [row[key] for key in ("communes_with_more", "communes_with_one", "communes_without")] == [0, 1, 1]
    assert row["population_covered"] == 2_800
    assert round(row["population_percent"], 3) == round(2_800 / 4_400 * 100, 3)
    assert _row(report, "technologies", "5G")["population_percent"] == 0


def test_a_commune_whose_positions_are_all_down_is_cut_off_and_told_once() -> None:
    uplink, stations = _position("a", "Hữu Kiên", "2G")
    report = coverage_mobile(
        context_of(_province((uplink, stations), declared=(HUU_KIEN,)), store_with([point(uplink, "device", up=False)]))
    )
    assert [each.key for each in report.findings] == ["commune-cut-off"]
    assert "the only one is down" in str(report.findings[0].sentence)


def test_errors_on_the_uplink_and_battery_at_the_site_degrade() -> None:
    lossy, dark = _position("a", "X", "4G"), _position("b", "Y", "4G")
    ups = host("ups-b", dark[0].site, role="power")
    inventory = inventory_of(lossy[0], dark[0], ups, *lossy[1], *dark[1])
    tags = {"name": "a-4G", "technology": "4G", "operator": "Viettel"}
    points = [
        *(point(each, "device", up=True) for each in (lossy[0], dark[0], ups)),
        point(lossy[0], "station", tags, up=True, degraded=True),
        point(ups, "state", {"name": "output", "class": "output-source"}, code=5, text="battery", ok=False),
    ]
    assert [each.life for each in positions(context_of(inventory, store_with(points)))] == [
        Life.DEGRADED,
        Life.DEGRADED,
    ]


def test_no_data_is_neither_up_nor_down_and_a_position_without_uplink_says_so() -> None:
    asked = _position("a", "X", "4G")
    lost = Station(id="s", site="z", technology="2G")
    inventory = inventory_of(asked[0], *asked[1], site("z", commune="Z", kind="bts"), lost)
    report = coverage_mobile(context_of(inventory, store_with([])))
    assert _figure(report, "unknown").value == 2
    assert "no uplink" in str(_row(report, "positions", "Site z")["why"])
    assert "bts-without-uplink" in {each.key for each in report.findings}


def test_a_selection_tells_only_of_its_own_positions_and_communes() -> None:
    inventory, points = _two_of_which_one_is_down()
    context = context_of(inventory, store_with(points), only=["up-a"])
    found = positions(context)
    assert [each.site.id for each in found] == ["a"]
    assert [each.commune.name for each in communes(context, found)] == ["Hữu Kiên"]


def test_changes_since_the_period_began() -> None:
    uplinks = {name: _position(name, name, "4G") for name in ("steady", "lost", "back", "new", "silent")}
    start = ago(days=30)
    up_until = {"steady": (start, NOW_NS, lambda t: t < 1), "lost": (start, NOW_NS, lambda t: t < -10.0)}
    points = []
    for name, (since_ns, until_ns, up) in (
        up_until
        | {
            "back": (start, NOW_NS, lambda t: t >= -3.0),
            "new": (ago(days=5), NOW_NS, lambda t: t < 1),
            "silent": (start, ago(days=12), lambda t: t < 1),
        }
    ).items():
        points += over_time(uplinks[name][0], "device", since_ns=since_ns, until_ns=until_ns, up=up)
    report = coverage_mobile(context_of(_province(*uplinks.values()), store_with(points)))
    told = {row[0]: (str(row[1].text), row[6]) for row in _table(report, "changes").rows}  # type: ignore[union-attr]
    assert told == {
        "Site lost": ("went down", ago(days=10)),
        "Site silent": ("no longer measured", ago(days=12)),
        "Site back": ("came back", ago(days=3)),
        "Site new": ("newly measured", ago(days=5)),
    }


def test_a_new_station_at_a_position_that_was_there_before_is_told() -> None:
    uplink, stations = _position("a", "X", "2G 5G")
    points = over_time(uplink, "device", since_ns=ago(days=30), up=True)
    for station, days in zip(stations, (30, 6), strict=True):
        tags = {"name": station.id, "technology": station.technology, "operator": "Viettel"}
        points += over_time(uplink, "station", tags, since_ns=ago(days=days), up=True)
    (row,) = _table(coverage_mobile(context_of(_province((uplink, stations)), store_with(points))), "changes").rows
    assert (str(row[1].text), row[5], row[6]) == ("new station", "a-5G", ago(days=6))  # type: ignore[union-attr]


def test_the_map_shows_each_position_with_its_state() -> None:
    inventory, points = _two_of_which_one_is_down()
    report = coverage_mobile(context_of(inventory, store_with(points)))
    drawn = next(each for each in report.sections if isinstance(each, SiteMap))
    assert {(place.name, str(place.verdict.text)) for place in drawn.places} == {("Site a", "up"), ("Site b", "down")}


def test_nothing_at_all_is_a_report_too() -> None:
    report = coverage_mobile(context_of(inventory_of(), store_with([])))
    assert _figure(report, "positions").value == 0
    assert report.findings == ()

"""One site: its hosts, its lines, its stations, its power and temperatures."""

from collector.grafana import cells, panels
from collector.grafana.boards.overview import LINE_ROLES, complaints
from collector.grafana.cells import linked, unit
from collector.grafana.influxql import Pick, Source, among, chosen, equals, newest, over_time
from collector.grafana.links import SITE, of_label, of_row, to_device, to_interface
from collector.grafana.page import Page
from collector.grafana.panels import asked, explained, lines, now

_WHERE = (chosen("province"), chosen("district"), chosen("site"))


def make(source: Source) -> Page:
    """Of one site, or of some of a district."""
    page = Page(SITE, "Site", "One site, or all of a district: hosts, lines, stations, power and temperatures.")
    page.choose(source, "device", "province").choose(source, "device", "district").choose(source, "device", "site")
    page.row("Hosts")
    page.add(_hosts(source), 24, 8)
    page.add(
        panels.states(
            "Answering",
            source,
            "device",
            asked(
                over_time(source, "device", [Pick("up", "last")], _WHERE, ["host"]),
                alias="$tag_host",
            ),
            cells.UP_OR_DOWN,
            explained("device", "up"),
            url=to_device(of_label("host")),
        ),
        24,
        8,
    )
    page.row("Lines")
    for title, way in (("Received of the contract", "in"), ("Sent of the contract", "out")):
        field = f"{way}_util_percent"
        query = over_time(
            source,
            "interface",
            [Pick(field, "max")],
            (*_WHERE, among("role", LINE_ROLES)),
            ["host", "name"],
        )
        url = to_interface(of_label("host"), of_label("name"))
        target = asked(query, alias="$tag_host $tag_name")
        page.add(lines(title, source, "interface", field, [target], url=url, to="Interface"), 12, 9)
    page.row("Stations, power and temperatures")
    page.add(_stations(source), 12, 8)
    page.add(complaints(source, _WHERE), 12, 8)
    temperature = over_time(
        source, "sensor", [Pick("value", "max")], (*_WHERE, equals("class", "temperature")), ["host", "name"]
    )
    page.add(
        lines(
            "Temperatures",
            source,
            "sensor",
            "value",
            [asked(temperature, alias="$tag_host $tag_name")],
            sensor_class="temperature",
            url=to_device(of_label("host")),
        ),
        24,
        8,
    )
    return page


def _hosts(source: Source) -> panels.Table:
    state = newest(
        source, "device", [Pick("up", "last"), Pick("uptime_s", "last", "uptime")], _WHERE, ["site", "role", "host"]
    )
    what = newest(
        source,
        "device_info",
        [Pick("model", "last"), Pick("os_version", "last", "version")],
        _WHERE,
        ["site", "role", "host"],
    )
    panel = panels.rows(
        "Hosts",
        [state, what],
        explained("device", "up", "uptime_s"),
        order=["site", "host", "role", "up", "uptime", "model", "version"],
        columns={
            "host": linked("Device", to_device(of_row("host"))),
            "up": cells.mapped(cells.UP_OR_DOWN),
            "uptime": unit("device", "uptime_s"),
        },
    )
    return now(panel, source, "device_info")


def _stations(source: Source) -> panels.Table:
    query = newest(
        source,
        "station",
        [Pick("up", "last"), Pick("degraded", "last")],
        _WHERE,
        ["name", "technology", "operator", "host"],
    )
    panel = panels.rows(
        "Radio stations",
        [query],
        explained("station", "up", "degraded"),
        order=["name", "technology", "operator", "host", "up", "degraded"],
        columns={
            "host": linked("Device", to_device(of_row("host"))),
            "up": cells.mapped(cells.UP_OR_DOWN),
            "degraded": cells.mapped(cells.YES_OR_NO),
        },
    )
    return now(panel, source, "station")

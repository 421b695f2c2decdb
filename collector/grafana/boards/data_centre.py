"""The data centre: servers, their disks, the room's climate and power."""

from collector.grafana import cells, panels
from collector.grafana.boards.power import of_class
from collector.grafana.cells import coloured, linked
from collector.grafana.influxql import Pick, Source, among, chosen, day_by_day, equals, newest, over_time
from collector.grafana.links import DATA_CENTRE, of_label, of_row, to_device
from collector.grafana.page import Page
from collector.grafana.panels import asked, explained, lines, now, years

_SERVER = equals("role", "server")
_SITE = (chosen("site"),)
_WHERE = (chosen("site"), chosen("host"), _SERVER)


def make(source: Source) -> Page:
    """Of the sites where servers stand."""
    page = Page(DATA_CENTRE, "Data centre", "Servers, their disks, the room's climate and power.")
    page.choose(source, "device", "site", within=[_SERVER]).choose(source, "device", "host", within=[_SERVER])
    page.row("Servers")
    page.add(_servers(source), 14, 10)
    page.add(_storage(source), 10, 10)
    page.add(_line(source, "Processors, mean of all", "cpu", "usage_percent", ["host"]), 8, 8)
    page.add(_line(source, "Memory", "memory", "used_percent", ["host", "name"]), 8, 8)
    page.add(_line(source, "Run queue, mean of 5 minutes", "system", "load_5m", ["host"]), 8, 8)
    page.row("Disks")
    page.add(_line(source, "Storage in use", "storage", "used_percent", ["host", "name"]), 12, 8)
    page.add(_line(source, "Read", "disk_io", "read_bytes_per_s", ["host", "name"]), 6, 8)
    page.add(_line(source, "Written", "disk_io", "written_bytes_per_s", ["host", "name"]), 6, 8)
    if source.rolled_up:
        page.add(_year(source), 24, 8)
    page.row("Climate and power of the room")
    climate = (*_SITE, among("class", ("temperature", "humidity")))
    query = over_time(source, "sensor", [Pick("value", "max")], climate, ["host", "name", "class"])
    panel = lines(
        "Temperature and humidity",
        source,
        "sensor",
        "value",
        [asked(query, alias="$tag_host $tag_name $tag_class")],
        sensor_class="temperature",
        url=to_device(of_label("host")),
    )
    page.add(panel.override_by_regexp("/ humidity$/", cells.unit("sensor", "value", "humidity")), 12, 8)
    for title, sensor_class in (("Load of the UPS", "load"), ("Runtime left on battery", "runtime")):
        query = over_time(source, "sensor", [Pick("value")], (*_SITE, *of_class(sensor_class)), ["host", "name"])
        target = asked(query, alias="$tag_host $tag_name")
        page.add(lines(title, source, "sensor", "value", [target], sensor_class=sensor_class), 6, 8)
    return page


def _line(source: Source, title: str, measurement: str, field: str, by: list[str]) -> panels.Lines:
    alias = " ".join(f"$tag_{tag}" for tag in by)
    target = asked(over_time(source, measurement, [Pick(field)], _WHERE, by), alias=alias)
    return lines(title, source, measurement, field, [target], url=to_device(of_label("host")))


def _servers(source: Source) -> panels.Table:
    def of(measurement: str, *picks: Pick) -> str:
        return newest(source, measurement, picks, _WHERE, ["host"])

    panel = panels.rows(
        "Servers",
        [
            of("device", Pick("up", "last"), Pick("uptime_s", "last", "uptime")),
            of("cpu", Pick("usage_percent", "mean", "cpu %")),
            of("memory", Pick("used_percent", "max", "memory %")),
            of("storage", Pick("used_percent", "max", "fullest disk %")),
        ],
        "The mean load of the processors, and the fullest memory and file system, of the last moments.",
        order=["host", "up", "uptime", "cpu %", "memory %", "fullest disk %"],
        columns={
            "host": linked("Device", to_device(of_row("host"))),
            "up": cells.mapped(cells.UP_OR_DOWN),
            "uptime": cells.unit("device", "uptime_s"),
            "cpu %": coloured("cpu", "usage_percent"),
            "memory %": coloured("memory", "used_percent"),
            "fullest disk %": coloured("storage", "used_percent"),
        },
        worst="fullest disk %",
    )
    return now(panel, source, "storage")


def _storage(source: Source) -> panels.Table:
    used = newest(
        source,
        "storage",
        [Pick("total_bytes", "last", "size"), Pick("used_percent", "last", "in use")],
        _WHERE,
        ["host", "name"],
    )
    forecast = newest(
        source,
        "forecast",
        [Pick("days_to_full", "last", "days to full")],
        (*_WHERE, equals("kind", "storage")),
        ["host", "name"],
    )
    panel = panels.rows(
        "Storage, and when it is full",
        [used, forecast],
        explained("forecast", "days_to_full", more="As `collector report capacity servers --store` wrote it last."),
        order=["host", "name", "size", "in use", "days to full"],
        columns={
            "host": linked("Device", to_device(of_row("host"))),
            "size": cells.unit("storage", "total_bytes"),
            "in use": coloured("storage", "used_percent"),
            "days to full": coloured("forecast", "days_to_full"),
        },
        worst="in use",
        filters=[panels.only_with("in use")],
    )
    return now(panel, source, "forecast")


def _year(source: Source) -> panels.Lines:
    query = day_by_day("storage", [("used_percent", "max", "in use")], _WHERE, ["host", "name"])
    target = asked(query, alias="$tag_host $tag_name")
    help = "The fullest that each file system was on each UTC day, from the daily rollups."
    return years(lines("Storage in use, over a year", source, "storage", "used_percent", [target], help=help))

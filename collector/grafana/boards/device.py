"""One device: what it is, how it does, its interfaces, sensors and neighbours."""

from collector.grafana import cells, panels
from collector.grafana.cells import coloured, linked, unit
from collector.grafana.influxql import Pick, Source, chosen, equals, newest, over_time
from collector.grafana.links import DEVICE, of_row, to_device, to_interface
from collector.grafana.page import Page
from collector.grafana.panels import asked, explained, lines, now

_WHERE = (chosen("host"),)

_SENSORS = (
    ("Temperature", "temperature"),
    ("Voltage", "voltage"),
    ("Current", "current"),
    ("Power", "power"),
    ("Load", "load"),
    ("Charge of the battery", "charge"),
)


def make(source: Source) -> Page:
    """Of one device, or of some beside each other."""
    page = Page(DEVICE, "Device", "One device: what it is, how it does, its interfaces, sensors and neighbours.")
    page.choose(source, "device", "district").choose(source, "device", "site").choose(source, "device", "role")
    page.choose(source, "device", "host", everything=False)
    page.row("What it is, and how it does")
    page.add(_identity(source), 24, 5)
    page.add(
        panels.states(
            "Answering",
            source,
            "device",
            asked(over_time(source, "device", [Pick("up", "last")], _WHERE, ["host"]), alias="$tag_host"),
            cells.UP_OR_DOWN,
            explained("device", "up"),
        ),
        12,
        6,
    )
    page.add(_of_echo(source), 12, 6)
    page.add(_line(source, "Processors", "cpu", "usage_percent", "name"), 8, 8)
    page.add(_line(source, "Memory", "memory", "used_percent", "name"), 8, 8)
    page.add(
        panels.gauges(
            "Storage",
            "storage",
            "used_percent",
            asked(
                newest(source, "storage", [Pick("used_percent", "last")], _WHERE, ["host", "name"]),
                alias="$tag_host $tag_name",
            ),
        ),
        8,
        8,
    )
    page.row("Interfaces")
    page.add(_interfaces(source), 24, 11)
    page.row("Sensors and states")
    for title, sensor_class in _SENSORS:
        query = over_time(source, "sensor", [Pick("value")], (*_WHERE, equals("class", sensor_class)), ["host", "name"])
        target = asked(query, alias="$tag_host $tag_name")
        page.add(lines(title, source, "sensor", "value", [target], sensor_class=sensor_class), 8, 7)
    page.add(_readings(source), 12, 9)
    page.add(_states(source), 12, 9)
    page.row("Neighbours and parts")
    page.add(_neighbours(source), 12, 9)
    page.add(_parts(source), 12, 9)
    return page


def _line(source: Source, title: str, measurement: str, field: str, tag: str) -> panels.Lines:
    query = over_time(source, measurement, [Pick(field)], _WHERE, ["host", tag])
    return lines(title, source, measurement, field, [asked(query, alias=f"$tag_host $tag_{tag}")])


def _of_echo(source: Source) -> panels.Lines:
    trip = asked(over_time(source, "ping", [Pick("rtt_avg_ms")], _WHERE, ["host"]), alias="$tag_host round trip")
    lost = asked(over_time(source, "ping", [Pick("loss_percent")], _WHERE, ["host"]), "B", alias="$tag_host lost")
    panel = lines(
        "Echo", source, "ping", "rtt_avg_ms", [trip, lost], help=explained("ping", "rtt_avg_ms", "loss_percent")
    )
    return panel.override_by_query("B", [*unit("ping", "loss_percent"), cells.prop("custom.axisPlacement", "right")])


def _identity(source: Source) -> panels.Table:
    fields = ("vendor", "model", "os", "os_version", "serial", "location")
    what = newest(source, "device_info", [Pick(field, "last") for field in fields], _WHERE, ["host"])
    state = newest(source, "device", [Pick("up", "last"), Pick("uptime_s", "last", "uptime")], _WHERE, ["host"])
    panel = panels.rows(
        "Identity",
        [what, state],
        explained("device_info", *fields),
        order=["host", "up", "uptime", *fields],
        columns={"up": cells.mapped(cells.UP_OR_DOWN), "uptime": unit("device", "uptime_s")},
    )
    return now(panel, source, "device_info")


def _interfaces(source: Source) -> panels.Table:
    state = newest(
        source,
        "interface",
        [
            Pick("oper_status", "last", "state"),
            Pick("speed_bps", "last", "speed"),
            Pick("in_bps", "last", "in"),
            Pick("out_bps", "last", "out"),
            Pick("in_util_percent", "last", "in %"),
            Pick("out_util_percent", "last", "out %"),
            Pick("in_errors_per_s", "last", "errors in"),
            Pick("out_discards_per_s", "last", "dropped out"),
        ],
        _WHERE,
        ["host", "name"],
    )
    what = newest(source, "interface_info", [Pick("alias", "last")], _WHERE, ["host", "name"])
    panel = panels.rows(
        "Interfaces",
        [state, what],
        explained("interface", "oper_status", "speed_bps", "in_bps", "in_util_percent", "in_errors_per_s"),
        order=[
            *("host", "name", "alias", "state", "speed", "in", "out", "in %", "out %", "errors in", "dropped out"),
        ],
        columns={
            "name": linked("Interface", to_interface(of_row("host"), of_row("name"))),
            "state": cells.mapped(cells.words({"up": ("up", "green"), "down": ("down", "red")})),
            "speed": unit("interface", "speed_bps"),
            "in": unit("interface", "in_bps"),
            "out": unit("interface", "out_bps"),
            "in %": coloured("interface", "in_util_percent"),
            "out %": coloured("interface", "out_util_percent"),
            "errors in": coloured("interface", "in_errors_per_s"),
            "dropped out": coloured("interface", "out_discards_per_s"),
        },
        worst="out %",
    )
    return now(panel, source, "interface_info")


def _readings(source: Source) -> panels.Table:
    query = newest(source, "sensor", [Pick("value", "last")], _WHERE, ["host", "name", "class"])
    panel = panels.rows(
        "All sensors",
        [query],
        explained("sensor", "value"),
        order=["host", "name", "class", "value"],
        columns={"class": [cells.prop("mappings", [cells.CLASSES])]},
    )
    return now(panel, source, "sensor")


def _states(source: Source) -> panels.Table:
    query = newest(
        source, "state", [Pick("text", "last", "says"), Pick("ok", "last", "good")], _WHERE, ["host", "name", "class"]
    )
    panel = panels.rows(
        "States",
        [query],
        explained("state", "text", "ok"),
        order=["host", "name", "class", "says", "good"],
        columns={"good": cells.mapped(cells.GOOD_OR_BAD)},
    )
    return now(panel, source, "state")


def _neighbours(source: Source) -> panels.Table:
    fields = ("remote_host", "remote_port")
    query = newest(source, "neighbour", [Pick(field, "last") for field in fields], _WHERE, ["host", "name", "protocol"])
    panel = panels.rows(
        "Neighbours",
        [query],
        explained("neighbour", *fields),
        order=["host", "name", "remote_host", "remote_port", "protocol"],
        columns={"remote_host": linked("Device, if it is polled under this name", to_device(of_row("remote_host")))},
    )
    return now(panel, source, "neighbour")


def _parts(source: Source) -> panels.Table:
    fields = ("class", "model", "serial", "descr")
    picks = [Pick(field, "last", "kind" if field == "class" else field) for field in fields]
    query = newest(source, "component", picks, _WHERE, ["host", "name"])
    panel = panels.rows(
        "Parts",
        [query],
        explained("component", *fields),
        order=["host", "name", "kind", "model", "serial", "descr"],
        columns={},
    )
    return now(panel, source, "component")

"""Power: UPSes, rectifiers and PDUs; batteries, load, voltages and what they complain of."""

from collector.grafana import cells, panels
from collector.grafana.boards.overview import complaints
from collector.grafana.influxql import (
    Pick,
    Source,
    chosen,
    count_newest,
    equals,
    is_false,
    newest,
    not_among,
    over_time,
)
from collector.grafana.limits import OTHER_TIMES
from collector.grafana.links import POWER, of_label, to_device
from collector.grafana.page import Page
from collector.grafana.panels import asked, explained, gauges, lines, now
from collector.grafana.query import Target

_POWER = equals("role", "power")
_WHERE = (*map(chosen, ("province", "district", "site", "host")), _POWER)
_BY = ["host", "name"]


def make(source: Source) -> Page:
    """Hosts of the role power."""
    page = Page(POWER, "Power", "Batteries, load, voltages, and what power supplies complain of.")
    for tag in ("province", "district", "site", "host"):
        page.choose(source, "device", tag, within=[_POWER])
    page.row("Now")
    bad = count_newest(source, "state", ["ok"], is_false("ok"), _WHERE, each=["host", "name", "class"])
    help = "States that power supplies report and that are not good: on battery, overload, replace the battery."
    page.add(now(panels.number("Bad states", asked(bad), help), source, "state"), 4, 8)
    for title, sensor_class in (("Charge", "charge"), ("Load", "load")):
        target = _newest(source, sensor_class)
        panel = gauges(title, "sensor", "value", target, sensor_class=sensor_class, url=to_device(of_label("host")))
        page.add(now(panel, source, "sensor"), 7, 8)
    runtime = panels.reading("Runtime left", "sensor", "value", [_newest(source, "runtime")], sensor_class="runtime")
    page.add(now(runtime, source, "sensor"), 6, 8)
    page.add(complaints(source, _WHERE), 12, 8)
    state = over_time(source, "state", [Pick("ok", "last")], _WHERE, [*_BY, "class"])
    page.add(
        panels.states(
            "States",
            source,
            "state",
            asked(state, alias="$tag_host $tag_name $tag_class"),
            cells.GOOD_OR_BAD,
            explained("state", "ok"),
            url=to_device(of_label("host")),
        ),
        12,
        8,
    )
    page.row("Over time")
    for title, sensor_class in (
        ("Charge over time", "charge"),
        ("Load over time", "load"),
        ("Runtime left over time", "runtime"),
        ("Voltage", "voltage"),
        ("Current", "current"),
        ("Power", "power"),
        ("Frequency", "frequency"),
        ("Temperature", "temperature"),
    ):
        query = over_time(source, "sensor", [Pick("value")], (*_WHERE, *of_class(sensor_class)), _BY)
        target = asked(query, alias="$tag_host $tag_name")
        url = to_device(of_label("host"))
        page.add(lines(title, source, "sensor", "value", [target], sensor_class=sensor_class, url=url), 6, 7)
    return page


def _newest(source: Source, sensor_class: str) -> Target:
    query = newest(source, "sensor", [Pick("value", "last")], (*_WHERE, *of_class(sensor_class)), _BY)
    return asked(query, alias="$tag_host $tag_name")


def of_class(sensor_class: str) -> tuple[str, ...]:
    """Sensors of the class; of the times only those that say how long a battery lasts."""
    only = equals("class", sensor_class)
    return (only, not_among("name", OTHER_TIMES)) if sensor_class == "runtime" else (only,)

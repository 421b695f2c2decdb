"""The province at a glance: what is down, full or complaining, and where."""

from collector.grafana import cells, panels
from collector.grafana.boards.site_map import site_map
from collector.grafana.cells import linked, unit
from collector.grafana.influxql import (
    Pick,
    Source,
    among,
    chosen,
    count_newest,
    count_over_time,
    is_false,
    is_true,
    newest,
    newest_where,
)
from collector.grafana.limits import LIMITS
from collector.grafana.links import (
    CAPACITY,
    DEVICE,
    MOBILE,
    OVERVIEW,
    SITE,
    drill_down,
    of_row,
    to_device,
    to_interface,
    to_site,
)
from collector.grafana.page import Page
from collector.grafana.panels import asked, explained, now

LINE_ROLES = ("wan-router", "bts-uplink")
"""whose interfaces are lines that somebody pays for"""

FULL = LIMITS["interface", "in_util_percent"].warning

_WHERE = (chosen("province"), chosen("district"), chosen("role"))
_PLACE = (chosen("province"), chosen("district"))


def make(source: Source) -> Page:
    """Province and district can be narrowed; every row leads to a site, a device or an interface."""
    page = Page(OVERVIEW, "Province", "What is down, full or complaining, and where.")
    page.choose(source, "device", "province").choose(source, "device", "district").choose(source, "device", "role")
    page.row("Now")
    _numbers(page, source)
    page.row("Hosts")
    if source.places:
        page.add(site_map(source, _WHERE), 10, 18)
    page.add(_districts(source), 14 if source.places else 8, 9)
    page.add(_down(source), 14 if source.places else 16, 9)
    page.add(
        panels.bars(
            "Hosts down",
            source,
            "device",
            [
                asked(
                    count_over_time(source, "device", "up", is_false("up"), _WHERE, each=["host"], by=["district"]),
                    alias="$tag_district",
                )
            ],
            "How many hosts did not answer at some time of each window, by district.",
        ),
        24,
        7,
    )
    page.row("Lines")
    page.add(_busy(source), 14, 10)
    page.add(_filling(source), 10, 10)
    page.row("Coverage and power")
    page.add(
        panels.bars(
            "Stations down",
            source,
            "station",
            [
                asked(
                    count_over_time(source, "station", "up", is_false("up"), _PLACE, each=["name"], by=["technology"]),
                    alias="$tag_technology",
                )
            ],
            "How many radio stations were down at some time of each window, by technology.",
        ),
        10,
        9,
    )
    page.add(complaints(source, _WHERE), 14, 9)
    return page


def _numbers(page: Page, source: Source) -> None:
    up = count_newest(source, "device", ["up"], is_true("up"), _WHERE, each=["host"])
    down = count_newest(source, "device", ["up"], is_false("up"), _WHERE, each=["host"])
    stations_up = count_newest(source, "station", ["up"], is_true("up"), _PLACE, each=["name"])
    stations_down = count_newest(source, "station", ["up"], is_false("up"), _PLACE, each=["name"])
    bad = count_newest(source, "state", ["ok"], is_false("ok"), _WHERE, each=["host", "name", "class"])
    full = count_newest(
        source,
        "interface",
        ["out_util_percent", "in_util_percent"],
        f'("in_util_percent" > {FULL:g} OR "out_util_percent" > {FULL:g})',
        (*_WHERE, among("role", LINE_ROLES)),
        each=["host", "name"],
    )
    for title, query, measurement, help, good, uid in (
        ("Hosts up", up, "device", "Hosts that answered the last poll.", True, DEVICE),
        ("Hosts down", down, "device", "Hosts that did not answer the last poll.", False, DEVICE),
        (
            f"Lines above {FULL:g} %",
            full,
            "interface",
            "Of routers and BTS uplinks: in either direction.",
            False,
            CAPACITY,
        ),
        ("Stations up", stations_up, "station", "Radio stations whose uplink answers.", True, MOBILE),
        ("Stations down", stations_down, "station", "Radio stations whose uplink does not answer.", False, MOBILE),
        ("Parts in a bad state", bad, "state", "States that devices report and that are not good.", False, DEVICE),
    ):
        panel = panels.number(title, asked(query), help, good=good, url=drill_down(uid, {}), to="Details")
        page.add(now(panel, source, measurement), 4, 4)


def _districts(source: Source) -> panels.Table:
    every = count_newest(source, "device", ["up"], "", _WHERE, each=["host"], by=["district"], name="hosts")
    down = count_newest(source, "device", ["up"], is_false("up"), _WHERE, each=["host"], by=["district"], name="down")
    panel = panels.rows(
        "Districts",
        [every, down],
        "Hosts in all and hosts down.",
        order=["district", "hosts", "down"],
        columns={"district": linked("Sites", drill_down(SITE, {"district": of_row("district")}))},
        worst="down",
    )
    return now(panel, source, "device")


def _down(source: Source) -> panels.Table:
    by = ["host", "site", "district", "role"]
    panel = panels.rows(
        "Hosts that are down",
        [newest_where(source, "device", ["up", "error"], is_false("up"), _WHERE, by)],
        explained("device", "error"),
        order=[*by, "error", "up"],
        columns={
            "host": linked("Device", to_device(of_row("host"))),
            "site": linked("Site", to_site(of_row("site"))),
            "up": cells.mapped(cells.UP_OR_DOWN),
        },
    )
    return now(panel, source, "device")


def _busy(source: Source) -> panels.Table:
    picks = [
        Pick("in_util_percent", "last", "in"),
        Pick("out_util_percent", "last", "out"),
        Pick("in_bps", "last", "in bit/s"),
        Pick("out_bps", "last", "out bit/s"),
    ]
    busy = '("in_util_percent" > 50 OR "out_util_percent" > 50)'
    query = newest(source, "interface", picks, (*_WHERE, among("role", LINE_ROLES), busy), ["district", "host", "name"])
    util = cells.coloured("interface", "in_util_percent")
    panel = panels.rows(
        "Lines above 50 %",
        [query],
        explained("interface", "in_util_percent", "out_util_percent"),
        order=["district", "host", "name", "in", "out", "in bit/s", "out bit/s"],
        columns={
            "host": linked("Device", to_device(of_row("host"))),
            "name": linked("Interface", to_interface(of_row("host"), of_row("name"))),
            "in": util,
            "out": util,
            "in bit/s": unit("interface", "in_bps"),
            "out bit/s": unit("interface", "out_bps"),
        },
        worst="out",
    )
    return now(panel, source, "interface")


def _filling(source: Source) -> panels.Table:
    picks = [Pick("days_to_full", "last", "days to full")]
    query = newest(source, "forecast", picks, (*_WHERE, '"days_to_full" <= 90'), ["kind", "host", "name"])
    panel = panels.rows(
        "Full within 90 days",
        [query],
        explained("forecast", "days_to_full", more="Lines by their contract, file systems by their size."),
        order=["kind", "host", "name", "days to full"],
        columns={
            "host": linked("Device", to_device(of_row("host"))),
            "days to full": cells.coloured("forecast", "days_to_full"),
        },
        worst="days to full",
        ascending=True,
    )
    return now(panel, source, "forecast")


def complaints(source: Source, where: tuple[str, ...], measurement: str = "state") -> panels.Table:
    """What devices say that is not good."""
    by = ["host", "name", "class"]
    panel = panels.rows(
        "What devices complain of",
        [newest_where(source, measurement, ["text", "ok"], is_false("ok"), where, by)],
        explained("state", "text", "ok"),
        order=[*by, "text", "ok"],
        columns={
            "host": linked("Device", to_device(of_row("host"))),
            "ok": cells.mapped(cells.GOOD_OR_BAD),
        },
    )
    return now(panel, source, measurement)

"""Lines against what is contracted for them: how full, how fast they fill, and when they are full."""

from collector.grafana import panels
from collector.grafana.boards.interface import traffic
from collector.grafana.boards.overview import LINE_ROLES
from collector.grafana.cells import coloured, linked, prop, unit
from collector.grafana.influxql import Kept, Pick, Source, chosen, day_by_day, equals, newest, over_time
from collector.grafana.links import CAPACITY, of_label, of_row, to_device, to_interface
from collector.grafana.page import Page
from collector.grafana.panels import asked, explained, lines, now, years

_ROLE = (chosen("province"), chosen("district"), chosen("role"))
_WHERE = (*_ROLE, chosen("host"))
_LINE = (*_WHERE, chosen("name", "interface"))
_BY = ["host", "name"]


def make(source: Source) -> Page:
    """All lines in tables, chosen ones as graphs."""
    page = Page(
        CAPACITY,
        "Capacity of lines",
        "How full lines are against their contracts, how fast they fill, and when they are full. The forecast is what "
        "`collector report capacity links --store` wrote last.",
        since="now-7d",
        refresh="5m",
    )
    page.choose(source, "interface", "province").choose(source, "interface", "district")
    page.choose(source, "interface", "role", chosen_first=sorted(LINE_ROLES))
    page.choose(source, "link", "host").choose(source, "link", "name", name="interface")
    page.row("All lines")
    page.add(_table(source), 24, 12)
    page.add(_forecasts(source), 24, 9)
    page.row("The lines chosen")
    page.add(traffic(source, _LINE), 24, 10)
    page.add(_daily(source), 12, 9)
    page.add(_trend(source), 12, 9)
    util = over_time(
        source,
        "interface",
        [Pick("in_util_percent", "max", "in"), Pick("out_util_percent", "max", "out")],
        _LINE,
        _BY,
    )
    page.add(
        lines(
            "Highest share of the contract",
            source,
            "interface",
            "out_util_percent",
            [asked(util, alias="$tag_host $tag_name $col")],
            help=explained("interface", "in_util_percent", "out_util_percent"),
            url=to_interface(of_label("host"), of_label("name")),
            to="Interface",
        ),
        24,
        9,
    )
    if source.rolled_up:
        page.row("The lines chosen, over a year")
        kinds: tuple[tuple[str, Kept, str], ...] = (
            ("95th percentile of each day", "p95", "Of the samples of each UTC day, from the daily rollups."),
            ("Peak of each day", "max", "The busiest sample of each UTC day, from the daily rollups."),
        )
        for title, what, help in kinds:
            page.add(_year(source, title, what, help), 12, 9)
    return page


def _table(source: Source) -> panels.Table:
    contract = newest(
        source,
        "link",
        [
            Pick("provider", "last"),
            Pick("kind", "last"),
            Pick("contract_in_bps", "last", "contract in"),
            Pick("contract_out_bps", "last", "contract out"),
        ],
        _WHERE,
        _BY,
    )
    used = newest(
        source,
        "interface",
        [
            Pick("in_bps", "percentile", "p95 in"),
            Pick("out_bps", "percentile", "p95 out"),
            Pick("in_util_percent", "percentile", "p95 in %"),
            Pick("out_util_percent", "percentile", "p95 out %"),
            Pick("in_util_percent", "max", "peak in %"),
            Pick("out_util_percent", "max", "peak out %"),
        ],
        _WHERE,
        _BY,
    )
    bps, util = unit("interface", "in_bps"), coloured("interface", "in_util_percent")
    return panels.rows(
        "Lines against their contracts",
        [contract, used],
        "The 95th percentile of the samples in the time range, and the peak, of lines with a contract in the inventory.",
        order=[
            *("host", "name", "provider", "kind", "contract in", "contract out"),
            *("p95 in", "p95 out", "p95 in %", "p95 out %", "peak in %", "peak out %"),
        ],
        columns={
            "host": linked("Device", to_device(of_row("host"))),
            "name": linked("Interface", to_interface(of_row("host"), of_row("name"))),
            **dict.fromkeys(("contract in", "contract out", "p95 in", "p95 out"), bps),
            **dict.fromkeys(("p95 in %", "p95 out %", "peak in %", "peak out %"), util),
        },
        worst="p95 out %",
        filters=[panels.only_with("contract in")],
    )


def _forecasts(source: Source) -> panels.Table:
    query = newest(
        source,
        "forecast",
        [
            Pick("value", "last", "p95 today"),
            Pick("limit", "last", "contract"),
            Pick("growth_per_day", "last", "growth a day"),
            Pick("growth_low_per_day", "last", "at least"),
            Pick("growth_high_per_day", "last", "at most"),
            Pick("days_to_tight", "last", "days to 80 %"),
            Pick("days_to_full", "last", "days to 100 %"),
        ],
        (*_WHERE, equals("kind", "link")),
        _BY,
    )
    bps, days = [prop("unit", "bps")], coloured("forecast", "days_to_full")
    panel = panels.rows(
        "When they are full",
        [query],
        explained("forecast", "value", "growth_per_day", "days_to_tight", "days_to_full"),
        order=[
            *("host", "name", "contract", "p95 today", "growth a day", "at least", "at most"),
            *("days to 80 %", "days to 100 %"),
        ],
        columns={
            "host": linked("Device", to_device(of_row("host"))),
            "name": linked("Interface", to_interface(of_row("host"), of_row("name"))),
            **dict.fromkeys(("contract", "p95 today", "growth a day", "at least", "at most"), bps),
            **dict.fromkeys(("days to 80 %", "days to 100 %"), days),
        },
        worst="days to 100 %",
        ascending=True,
    )
    return now(panel, source, "forecast")


def _daily(source: Source) -> panels.Lines:
    query = over_time(
        source,
        "interface",
        [Pick("in_bps", "percentile", "in"), Pick("out_bps", "percentile", "out")],
        _LINE,
        _BY,
    )
    panel = lines(
        "95th percentile, day by day",
        source,
        "interface",
        "in_bps",
        [asked(query, alias="$tag_host $tag_name $col")],
        help="Of the samples of each day (UTC) in the time range.",
    )
    return panel.interval("1d")


def _trend(source: Source) -> panels.Lines:
    query = over_time(
        source,
        "forecast",
        [Pick("value", "last", "trend"), Pick("limit", "last", "contract")],
        (*_LINE, equals("kind", "link")),
        _BY,
    )
    return lines(
        "Trend of the 95th percentile",
        source,
        "forecast",
        "value",
        [asked(query, alias="$tag_host $tag_name $col")],
        help=explained("forecast", "value", "limit"),
    ).unit("bps")


def _year(source: Source, title: str, what: Kept, help: str) -> panels.Lines:
    query = day_by_day("interface", [("in_bps", what, "in"), ("out_bps", what, "out")], _LINE, _BY)
    target = asked(query, alias="$tag_host $tag_name $col")
    return years(lines(title, source, "interface", "in_bps", [target], help=help))

"""One interface: traffic against the contract, errors, packets, state."""

from collector.grafana import cells, panels
from collector.grafana.cells import linked, prop, unit
from collector.grafana.influxql import Pick, Source, chosen, newest, over_time
from collector.grafana.links import INTERFACE, of_row, to_device
from collector.grafana.page import Page
from collector.grafana.panels import asked, explained, lines, now

_WHERE = (chosen("host"), chosen("name", "interface"))
_BY = ["host", "name"]


def make(source: Source) -> Page:
    """Of one interface, or of some beside each other."""
    page = Page(INTERFACE, "Interface", "Traffic against the contract, errors, packets and state.", since="now-24h")
    page.choose(source, "interface", "district").choose(source, "interface", "site")
    page.choose(source, "interface", "host", everything=False)
    page.choose(source, "interface", "name", name="interface")
    page.row("What it is")
    page.add(_identity(source), 24, 5)
    page.row("Traffic")
    page.add(traffic(source, _WHERE), 24, 10)
    util = [("in_util_percent", "in"), ("out_util_percent", "out")]
    page.add(_lines(source, "Share of the contract, else of the port's speed", util), 12, 8)
    page.add(_lines(source, "Packets", [("in_pps", "in"), ("out_pps", "out")]), 12, 8)
    page.row("Trouble")
    page.add(_lines(source, "Errors", [("in_errors_per_s", "in"), ("out_errors_per_s", "out")]), 12, 8)
    page.add(
        _lines(source, "Dropped without an error", [("in_discards_per_s", "in"), ("out_discards_per_s", "out")]), 12, 8
    )
    state = over_time(source, "interface", [Pick("oper_status", "last")], _WHERE, _BY)
    page.add(
        panels.states(
            "State",
            source,
            "interface",
            asked(state, alias="$tag_host $tag_name"),
            cells.words({"up": ("up", cells.GOOD), "down": ("down", cells.BAD)}),
            explained("interface", "oper_status"),
        ),
        24,
        6,
    )
    return page


def traffic(source: Source, where: tuple[str, ...]) -> panels.Lines:
    """Both directions, and the contract of the line as dashed steps."""
    alias = "$tag_host $tag_name $col"
    measured = over_time(
        source, "interface", [Pick("in_bps", "mean", "in"), Pick("out_bps", "mean", "out")], where, _BY
    )
    promised = over_time(
        source,
        "link",
        [
            Pick("contract_in_bps", "max", "contract in"),
            Pick("contract_out_bps", "max", "contract out"),
        ],
        where,
        _BY,
    )
    panel = lines(
        "Traffic",
        source,
        "interface",
        "in_bps",
        [asked(measured, alias=alias), asked(promised, "B", alias=alias)],
        help=explained(
            "interface", "in_bps", "out_bps", more="Dashed: what is contracted, where the inventory says it."
        ),
    )
    # the contract is written down once an hour and holds in between
    dashes = {"fill": "dash", "dash": [10, 10]}
    return panel.override_by_query(
        "B",
        [
            prop("custom.lineStyle", dashes),
            prop("custom.lineInterpolation", "stepAfter"),
            prop("custom.spanNulls", True),
            prop("custom.fillOpacity", 0),
        ],
    )


def _lines(source: Source, title: str, fields: list[tuple[str, str]]) -> panels.Lines:
    query = over_time(source, "interface", [Pick(field, "mean", name) for field, name in fields], _WHERE, _BY)
    names = [field for field, _ in fields]
    target = asked(query, alias="$tag_host $tag_name $col")
    return lines(title, source, "interface", names[0], [target], help=explained("interface", *names))


def _identity(source: Source) -> panels.Table:
    fields = ("alias", "descr", "type", "mac", "mtu")
    what = newest(source, "interface_info", [Pick(field, "last") for field in fields], _WHERE, _BY)
    speed = newest(source, "interface", [Pick("speed_bps", "last", "speed"), Pick("duplex", "last")], _WHERE, _BY)
    panel = panels.rows(
        "Identity",
        [what, speed],
        explained("interface_info", *fields),
        order=["host", "name", *fields, "speed", "duplex"],
        columns={"host": linked("Device", to_device(of_row("host"))), "speed": unit("interface", "speed_bps")},
    )
    return now(panel, source, "interface_info")

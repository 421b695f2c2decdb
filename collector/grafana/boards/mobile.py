"""Mobile coverage: radio stations by technology, operator and district."""

from collections.abc import Sequence

from collector.grafana import cells, panels
from collector.grafana.cells import linked
from collector.grafana.influxql import (
    Pick,
    Source,
    chosen,
    count_newest,
    count_over_time,
    is_false,
    is_true,
    newest,
    over_time,
)
from collector.grafana.links import MOBILE, SITE, drill_down, of_label, of_row, to_device, to_site
from collector.grafana.page import Page
from collector.grafana.panels import asked, explained, now

_WHERE = tuple(map(chosen, ("province", "district", "technology", "operator")))


def make(source: Source) -> Page:
    """A station is up where the host that carries its traffic answers."""
    page = Page(MOBILE, "Mobile coverage", "Radio stations by technology, operator and district: up, down, degraded.")
    for tag in ("province", "district", "technology", "operator"):
        page.choose(source, "station", tag)
    page.row("Now")
    for title, field, holds, good, help in (
        ("Up", "up", is_true("up"), True, "Stations whose uplink answers."),
        ("Down", "up", is_false("up"), False, "Stations whose uplink does not answer."),
        ("Degraded", "degraded", is_true("degraded"), False, "Errors on the uplink, or power from a battery."),
    ):
        query = count_newest(source, "station", [field], holds, _WHERE, each=["name"], by=["technology"])
        panel = panels.number(title, asked(query, alias="$tag_technology"), help, good=good)
        page.add(now(panel, source, "station"), 8, 5)
    page.row("Where")
    for tag in ("district", "operator", "technology"):
        page.add(_counts(source, tag), 8, 9)
    page.row("Over time")
    down = count_over_time(source, "station", "up", is_false("up"), _WHERE, each=["name"], by=["technology"])
    page.add(
        panels.bars(
            "Stations down",
            source,
            "station",
            [asked(down, alias="$tag_technology")],
            "How many stations were down at some time of each window, by technology.",
        ),
        12,
        10,
    )
    page.add(
        panels.states(
            "Each station",
            source,
            "station",
            asked(over_time(source, "station", [Pick("up", "last")], _WHERE, ["name", "host"]), alias="$tag_name"),
            cells.UP_OR_DOWN,
            explained("station", "up"),
            url=to_device(of_label("host")),
        ),
        12,
        10,
    )
    page.row("All stations")
    page.add(_table(source), 24, 12)
    return page


def _counts(source: Source, tag: str) -> panels.Table:
    def count(holds: str, name: str) -> str:
        return count_newest(source, "station", ["up"], holds, _WHERE, each=["name"], by=[tag], name=name)

    links = linked("Sites", drill_down(SITE, {"district": of_row("district")})) if tag == "district" else []
    panel = panels.rows(
        f"By {tag}",
        [count("", "stations"), count(is_false("up"), "down")],
        "Stations in all, and those that are down.",
        order=[tag, "stations", "down"],
        columns={tag: links},
        worst="down",
    )
    return now(panel, source, "station")


def _table(source: Source) -> panels.Table:
    by: Sequence[str] = ("name", "technology", "operator", "district", "site", "host")
    query = newest(source, "station", [Pick("up", "last"), Pick("degraded", "last")], _WHERE, by)
    panel = panels.rows(
        "Stations",
        [query],
        explained("station", "up", "degraded"),
        order=[*by, "up", "degraded"],
        columns={
            "site": linked("Site", to_site(of_row("site"))),
            "host": linked("Device", to_device(of_row("host"))),
            "up": cells.mapped(cells.UP_OR_DOWN),
            "degraded": cells.mapped(cells.YES_OR_NO),
        },
    )
    return now(panel, source, "station")

"""The collector's own health: what it polled, how long it took, what it did not get."""

from collector.grafana import cells, panels
from collector.grafana.cells import linked
from collector.grafana.influxql import Aggregate, Pick, Source, chosen, count_newest, newest_where, over_time
from collector.grafana.links import HEALTH, of_label, of_row, to_device
from collector.grafana.page import Page
from collector.grafana.panels import asked, explained, lines, now

_TROUBLED = "\"outcome\" != 'ok'"
_WHERE = tuple(map(chosen, ("district", "role", "host")))


def make(source: Source) -> Page:
    """From the measurement `poll`: one point a host and cycle."""
    page = Page(HEALTH, "The collector", "What the collector polled, how long it took, and what it did not get.")
    for tag in ("district", "role", "host"):
        page.choose(source, "poll", tag)
    page.row("Now")
    for title, outcome, good in (("Hosts read whole", "ok", True), ("Hosts not read", "down", False)):
        query = count_newest(source, "poll", ["outcome"], f"\"outcome\" = '{outcome}'", _WHERE, each=["host"])
        panel = panels.number(title, asked(query), explained("poll", "outcome"), good=good)
        page.add(now(panel, source, "poll"), 4, 8)
    page.add(_trouble(source), 16, 8)
    page.row("Over time")
    page.add(
        panels.states(
            "Polls that were not whole",
            source,
            "poll",
            asked(
                over_time(source, "poll", [Pick("outcome", "last")], (*_WHERE, _TROUBLED), ["host"]), alias="$tag_host"
            ),
            cells.OUTCOMES,
            explained("poll", "outcome", more="Blank is where all went well, or where there was no poll."),
            url=to_device(of_label("host")),
        ),
        24,
        10,
    )
    page.add(_line(source, "Slowest polls, by district", "duration_s", "max", ["district"]), 12, 9)
    page.add(_line(source, "Requests sent again, by district", "retries", "sum", ["district"]), 12, 9)
    page.row("All together")
    for title, field in (
        ("Requests", "pdus"),
        ("Values received", "varbinds"),
        ("Requests given up", "timeouts"),
        ("Received", "bytes_in"),
    ):
        page.add(_line(source, f"{title}, by role", field, "sum", ["role"]), 6, 8)
    return page


def _line(source: Source, title: str, field: str, how: Aggregate, by: list[str]) -> panels.Lines:
    target = asked(
        over_time(source, "poll", [Pick(field, how)], _WHERE, by), alias=" ".join(f"$tag_{tag}" for tag in by)
    )
    return lines(title, source, "poll", field, [target])


def _trouble(source: Source) -> panels.Table:
    query = newest_where(
        source,
        "poll",
        ["outcome", "error", "duration_s", "timeouts"],
        _TROUBLED,
        _WHERE,
        ["host", "role"],
    )
    panel = panels.rows(
        "Hosts not read whole",
        [query],
        explained("poll", "outcome", "error", "duration_s", "timeouts"),
        order=["host", "role", "outcome", "error", "duration_s", "timeouts"],
        columns={
            "host": linked("Device", to_device(of_row("host"))),
            "outcome": cells.mapped(cells.OUTCOMES),
            "duration_s": cells.unit("poll", "duration_s"),
        },
    )
    return now(panel, source, "poll")

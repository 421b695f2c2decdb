"""`collector show`: what the store knows of a host."""

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from collector.cli.app import EXIT_FAILED, App, printable
from collector.cli.units import bits_per_second, duration, octets, plain

if TYPE_CHECKING:
    from collector.metrics.model import FieldValue, Point
    from collector.store.contract import Store

SPARKS = "▁▂▃▄▅▆▇█"
SPARK_WIDTH = 24
HOST_TAGS = frozenset(("host", "site", "role", "province", "district"))


@click.command()
@click.argument("name", metavar="HOST")
@click.option(
    "--hours",
    type=click.FloatRange(0.1, 24 * 366),
    default=6.0,
    show_default=True,
    help="How far back the sparklines reach.",
)
@click.option("--json", "as_json", is_flag=True, help="The latest points as JSON lines.")
@click.pass_obj
def show(app: App, name: str, hours: float, as_json: bool) -> None:
    """Show what the store knows of a host.

    Latest values with sparklines, interfaces, sensors and states, neighbours, routing peers, components.

    \b
    Examples:
      collector show r1
      collector show r1 --hours 48
    """
    inventory = app.inventory()
    if name not in inventory.hosts:
        app.select(inventory, [name])  # says what there is in place of it
    from collector.metrics.catalogue import MEASUREMENTS
    from collector.store.contract import StoreError
    from collector.store.open import open_store

    now_ns = time.time_ns()
    try:
        store = open_store(inventory.store)
        try:
            since_ns = now_ns - int(max(hours, 25) * 3_600e9)
            latest = {each: store.latest(each, {"host": name}, since_ns) for each in MEASUREMENTS}
            if as_json:
                import msgspec

                for points in latest.values():
                    for point in points:
                        click.echo(msgspec.json.encode(point))
            else:
                Page(app, store, name, latest, now_ns, int(hours * 3_600e9)).show()
        finally:
            store.close()
    except StoreError as error:
        app.fail(str(error), EXIT_FAILED)
    if not any(latest.values()):
        click.echo(f"collector: {name}: the store has nothing of the last {max(hours, 25):g} hours", err=True)
        sys.exit(EXIT_FAILED)


def sparkline(values: Sequence[float]) -> str:
    """Values as a row of bars, from the least to the most; empty where there are none.

    >>> sparkline([0, 1, 2, 3])
    '▁▃▅█'
    """
    if not values:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    return "".join(
        SPARKS[min(int((value - low) / span * (len(SPARKS) - 1) + 0.5), len(SPARKS) - 1)] for value in values
    )


class Page:
    """The page of one host."""

    def __init__(
        self, app: App, store: "Store", host: str, latest: "dict[str, list[Point]]", now_ns: int, reach_ns: int
    ) -> None:
        self._app = app
        self._store = store
        self._host = host
        self._latest = latest
        self._now_ns = now_ns
        self._reach_ns = reach_ns

    def show(self) -> None:
        """Print every part that there is."""
        self._device()
        self._interfaces()
        self._table(
            "cpu",
            ("name", "used"),
            lambda p: (p.tags["name"], _percent(p.fields.get("usage_percent"))),
            "usage_percent",
        )
        self._pools("memory")
        self._pools("storage")
        self._table("sensor", ("name", "class", "value"), self._sensor, "value")
        self._table(
            "state",
            ("name", "class", "state"),
            lambda p: (p.tags["name"], p.tags["class"], str(p.fields.get("text", ""))),
        )
        self._table(
            "neighbour",
            ("name", "neighbour", "its port", "by"),
            lambda p: (
                p.tags["name"],
                str(p.fields.get("remote_host", "")),
                str(p.fields.get("remote_port", "")),
                p.tags["protocol"],
            ),
        )
        self._table(
            "routing_peer",
            ("name", "by", "state", "for", "prefixes"),
            lambda p: (
                p.tags["name"],
                p.tags["protocol"],
                str(p.fields.get("state", "")),
                duration(uptime_s) if (uptime_s := _number(p.fields.get("uptime_s"))) is not None else "",
                str(p.fields.get("prefixes_received", "")),
            ),
        )
        self._table(
            "component",
            ("name", "class", "model", "serial"),
            lambda p: (p.tags["name"], *(str(p.fields.get(each, "")) for each in ("class", "model", "serial"))),
        )

    def _print(self, text: str, style: str = "") -> None:
        self._app.console.print(printable(text), style=style)

    def _device(self) -> None:
        # a host whose family was not known yet, or was another, left older series
        for point in sorted(self._latest["device"], key=lambda each: -each.time_ns)[:1]:
            fields = point.fields
            up = bool(fields["up"]) if "up" in fields else None
            state = {True: "up", False: "down", None: "not asked"}[up]
            ago_s = (self._now_ns - point.time_ns) / 1e9
            uptime = fields.get("uptime_s")
            since = f", up {duration(uptime)}" if isinstance(uptime, float) else ""
            self._print(
                f"{self._host}: {state}{since}, seen {duration(ago_s)} ago",
                "bold red" if up is False else "bold green" if up else "yellow",
            )
            if error := fields.get("error"):
                self._print(f"  {error}", "yellow")
        for point in self._latest["device_info"][:1]:
            self._print(
                "  "
                + ", ".join(
                    str(point.fields[each])
                    for each in ("vendor", "model", "os", "os_version", "serial")
                    if each in point.fields
                )
            )
        for point in self._latest["ping"][:1]:
            rtt = point.fields.get("rtt_avg_ms")
            took = f"{rtt:.1f} ms, " if isinstance(rtt, float) else ""
            self._print(f"  echo: {took}{point.fields['loss_percent']:.0f} % lost")

    def _sparks(self, measurement: str, field: str) -> dict[tuple[tuple[str, str], ...], str]:
        every_s = max(60, int(self._reach_ns / 1e9 / SPARK_WIDTH))
        series = self._store.series(
            measurement,
            field,
            {"host": self._host},
            since_ns=self._now_ns - self._reach_ns,
            until_ns=self._now_ns,
            every_s=every_s,
        )
        return {
            _own(each.tags): sparkline([float(value) for value in each.values if not isinstance(value, str)])
            for each in series
        }

    def _table(
        self, measurement: str, heads: Sequence[str], cells: "Callable[[Point], tuple[str, ...]]", spark: str = ""
    ) -> None:
        points = self._latest[measurement]
        if not points:
            return
        from rich.table import Table
        from rich.text import Text

        sparks = self._sparks(measurement, spark) if spark else {}
        table = Table(
            *heads,
            *([""] if spark else []),
            box=None,
            header_style="dim",
            title=measurement,
            title_justify="left",
            title_style="bold cyan",
        )
        for point in sorted(points, key=lambda each: _natural(each.tags.get("name", ""))):
            line = sparks.get(_own(point.tags), "")
            table.add_row(*(Text(printable(cell)) for cell in cells(point)), *([Text(line, "cyan")] if spark else []))
        self._app.console.print()
        self._app.console.print(table)

    def _interfaces(self) -> None:
        aliases = {point.tags["name"]: str(point.fields.get("alias", "")) for point in self._latest["interface_info"]}

        def cells(point: "Point") -> tuple[str, ...]:
            name, fields = point.tags["name"], point.fields
            return (
                name,
                aliases.get(name, ""),
                str(fields.get("oper_status", "")),
                bits_per_second(_number(fields.get("speed_bps"))),
                bits_per_second(_number(fields.get("in_bps"))),
                bits_per_second(_number(fields.get("out_bps"))),
                _percent(fields.get("in_util_percent")),
                _percent(fields.get("out_util_percent")),
            )

        self._table("interface", ("name", "alias", "is", "speed", "in", "out", "in %", "out %"), cells, "in_bps")

    def _pools(self, measurement: str) -> None:
        def cells(point: "Point") -> tuple[str, ...]:
            used, total = _number(point.fields.get("used_bytes")), _number(point.fields.get("total_bytes"))
            size = f"{octets(used)} of {octets(total)}" if used is not None and total is not None else ""
            return (point.tags["name"], point.tags.get("kind", ""), size, _percent(point.fields.get("used_percent")))

        self._table(measurement, ("name", "kind", "used", "%"), cells, "used_percent")

    def _sensor(self, point: "Point") -> tuple[str, ...]:
        from collector.metrics.catalogue import SENSOR_UNITS

        value = _number(point.fields.get("value"))
        unit = SENSOR_UNITS.get(point.tags["class"], "")
        return (point.tags["name"], point.tags["class"], f"{plain(value)} {unit}" if value is not None else "")


def _own(tags: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, text) for name, text in tags.items() if name not in HOST_TAGS))


def _number(value: "FieldValue | None") -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _percent(value: "FieldValue | None") -> str:
    number = _number(value)
    return "" if number is None else f"{number:.1f} %"


def _natural(name: str) -> list[tuple[int, str]]:
    """So that Gi0/2 comes before Gi0/10."""
    import re

    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]

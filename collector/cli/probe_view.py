"""A probe's evidence on a terminal: the verdict first, then why."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from collector.cli.app import printable
from collector.cli.units import bits_per_second, duration, octets, plain
from collector.runtime.probe.evidence import Cause, Evidence

FEW = 12
"""rows of a part that are shown without --all"""


def show(console: Console, evidence: Evidence, *, everything: bool) -> None:
    """Print all parts that there are."""
    _verdict(console, evidence)
    _reach(console, evidence)
    _credentials(console, evidence)
    _family(console, evidence)
    _ladder(console, evidence)
    _tables(console, evidence, everything)
    _interfaces(console, evidence, everything)
    _rates(console, evidence, everything)
    _points(console, evidence, everything)
    _cost(console, evidence)
    if evidence.problems:
        _head(console, "Problems")
        for problem in evidence.problems:
            _line(console, problem)
    _head(console, "To look for yourself")
    _line(console, evidence.walk_command)
    if evidence.captured:
        _line(console, f"recording without secrets: {evidence.captured}")


def _verdict(console: Console, evidence: Evidence) -> None:
    style = (
        "bold green" if evidence.cause is Cause.OK else "bold yellow" if evidence.cause is Cause.PARTIAL else "bold red"
    )
    mark = "OK" if evidence.cause is Cause.OK else evidence.cause.name.replace("_", " ")
    console.print(Text(f"{mark}  ", style) + Text(printable(f"{evidence.host}: {evidence.verdict}"), "bold"))
    if evidence.remedy:
        console.print(Text("  do: ", style) + Text(printable(evidence.remedy)))


def _head(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, "bold cyan"))


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Padding(Text(printable(text), style), (0, 0, 0, 2), expand=False))


def _grid(console: Console, columns: Iterable[str], rows: Iterable[Iterable[str]], right: Iterable[str] = ()) -> None:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(Padding(table, (0, 0, 0, 2), expand=False))


def _more(console: Console, left: int, what: str) -> None:
    if left > 0:
        _line(console, f"... and {left} more {what} (--all shows them)", "dim")


def _reach(console: Console, evidence: Evidence) -> None:
    reach = evidence.reach
    _head(console, "The way there")
    if not reach.addresses:
        _line(console, f"{evidence.address} does not resolve")
        return
    _line(
        console,
        f"{evidence.address} is {', '.join(reach.addresses)}; asked from {reach.source or 'no address of ours: no route'}",
    )
    if reach.ping is None:
        _line(console, "echo: cannot be sent from here (see docs/configuration.md, ping)")
    elif reach.ping["received"]:
        ping = reach.ping
        _line(
            console,
            f"echo: {ping['received']:.0f} of {ping['sent']:.0f} came back, {ping['loss_percent']:.0f} % lost, "
            f"{ping['rtt_min_ms']:.1f} / {ping['rtt_avg_ms']:.1f} / {ping['rtt_max_ms']:.1f} ms (least, mean, most)",
        )
    else:
        _line(console, f"echo: none of {reach.ping['sent']:.0f} came back", "red")
    _line(console, f"SSH (TCP 22): {'open' if reach.tcp_22 else 'closed or filtered'}")


def _credentials(console: Console, evidence: Evidence) -> None:
    if not evidence.credentials:
        return
    _head(console, "Credentials")
    for credential in evidence.credentials:
        _line(
            console,
            f"{credential.name} ({credential.kind}): {credential.verdict}",
            "green" if credential.works else "red",
        )
        if credential.remedy:
            _line(console, f"  do: {credential.remedy}")
        if credential.engine_id:
            _line(
                console,
                f"  engine {credential.engine_id}, {credential.engine_boots} boots, up {duration(credential.engine_time_s or 0)}",
            )
        if credential.same_engine:
            _line(
                console,
                f"  the same engine id: {', '.join(credential.same_engine)} (give each device its own)",
                "yellow",
            )


def _family(console: Console, evidence: Evidence) -> None:
    family = evidence.family
    if not family:
        return
    _head(console, "What it is")
    _grid(
        console,
        ("", ""),
        [
            ("sysName", family.sys_name),
            ("sysDescr", family.sys_descr),
            ("sysObjectID", family.sys_object_id),
            *([("up", duration(family.uptime_s))] if family.uptime_s is not None else []),
            *((name, text) for name, text in family.facts.items() if not name.startswith("sys_")),
            ("family", f"{family.chosen}: {family.reason}"),
            *(("", f"not {name}: {reason}") for name, reason in family.runners_up),
            *([("answers", ", ".join(family.modules))] if family.modules else []),
        ],
    )


def _ladder(console: Console, evidence: Evidence) -> None:
    if not evidence.ladder:
        return
    _head(console, "How large an answer may be")
    _grid(
        console,
        ("values", "bytes", "ms", ""),
        [
            (str(step.varbinds), str(step.answer_bytes), f"{step.seconds * 1000:.1f}", step.problem)
            for step in evidence.ladder.steps
        ],
        right=("values", "bytes", "ms"),
    )
    _line(console, evidence.ladder.advice)


def _tables(console: Console, evidence: Evidence, everything: bool) -> None:
    if not evidence.tables:
        return
    _head(console, "Tables")
    shown = [table for table in evidence.tables if everything or table.rows or table.stopped]
    _grid(
        console,
        ("table", "feeds", "rows", "values", "requests", "bytes", "ms", "retries", ""),
        [
            (
                table.name,
                table.measurement,
                str(table.rows),
                str(table.values),
                str(table.traffic.pdus),
                octets(table.traffic.bytes_in + table.traffic.bytes_out),
                f"{table.duration_ms:.0f}",
                str(table.traffic.retries or ""),
                table.stopped,
            )
            for table in shown
        ],
        right=("rows", "values", "requests", "bytes", "ms", "retries"),
    )
    for table in shown:
        if table.absent and (table.rows or everything):
            reasons = Counter(column.reason for column in table.absent)
            names = ", ".join(f"{column.name} ({column.oid})" if everything else column.name for column in table.absent)
            _line(console, f"{table.name} lacks {names}: {', '.join(reasons)}", "dim")
    _more(console, len(evidence.tables) - len(shown), "tables that the device does not have")


def _interfaces(console: Console, evidence: Evidence, everything: bool) -> None:
    if not evidence.interfaces:
        return
    _head(console, "Interfaces")
    shown = evidence.interfaces if everything else evidence.interfaces[:FEW]
    _grid(
        console,
        ("name", "index", "alias", "is", "speed", "contract in/out", "bits", "kept"),
        [
            (
                interface.name,
                str(interface.index or ""),
                interface.alias,
                interface.oper_status,
                bits_per_second(interface.speed_bps),
                " / ".join(map(bits_per_second, interface.contract_bps)) if any(interface.contract_bps) else "",
                str(interface.counter_bits or ""),
                "yes" if interface.kept else f"no: {interface.rule}",
            )
            for interface in shown
        ],
        right=("index", "speed", "bits"),
    )
    _more(console, len(evidence.interfaces) - len(shown), "interfaces")


def _rates(console: Console, evidence: Evidence, everything: bool) -> None:
    if not evidence.rates:
        return
    _head(console, "Between the two readings")
    verdicts = Counter(rate.verdict for rate in evidence.rates)
    _line(console, ", ".join(f"{verdict}: {count}" for verdict, count in verdicts.most_common()))
    telling = [rate for rate in evidence.rates if everything or rate.verdict != "ok" or rate.in_bps or rate.out_bps]
    shown = telling if everything else telling[:FEW]
    _grid(
        console,
        ("series", "counter", "verdict", "in", "out"),
        [
            (rate.series, rate.counter, rate.verdict, bits_per_second(rate.in_bps), bits_per_second(rate.out_bps))
            for rate in shown
        ],
        right=("in", "out"),
    )
    _more(console, len(evidence.rates) - len(shown), "counters")


def _points(console: Console, evidence: Evidence, everything: bool) -> None:
    if not evidence.points:
        return
    _head(console, "What would be stored")
    counts = Counter(point.measurement for point in evidence.points)
    _line(console, f"{len(evidence.points)} points: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    if evidence.store:
        _line(console, evidence.store)
    seen: Counter[str] = Counter()
    for point in evidence.points:
        seen[point.measurement] += 1
        if everything or seen[point.measurement] == 1:
            tags = ",".join(
                f"{name}={value}"
                for name, value in point.tags.items()
                if name not in ("host", "site", "role", "province", "district")
            )
            fields = " ".join(
                f"{name}={plain(value)}" if isinstance(value, float) else f"{name}={value}"
                for name, value in point.fields.items()
                if name != "oid"
            )
            _line(console, f"{point.measurement} {tags}: {fields}" if tags else f"{point.measurement}: {fields}")


def _cost(console: Console, evidence: Evidence) -> None:
    cost = evidence.cost
    if not cost:
        return
    _head(console, "What a full cycle costs")
    traffic = cost.traffic
    total = octets(traffic.bytes_in + traffic.bytes_out)
    _line(
        console,
        f"{traffic.pdus} requests, {traffic.varbinds} values, {total}, {cost.duration_s:.2f} s of the {cost.deadline_s:g} s it may take"
        + ("" if cost.fits else ": too long"),
        "" if cost.fits else "red",
    )
    if cost.line_share_percent is not None:
        _line(
            console,
            f"{cost.line_share_percent:.2g} % of the line of {bits_per_second(cost.line_bps)}, polled every {cost.interval_s} s",
        )

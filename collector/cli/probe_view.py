"""A probe's evidence on a terminal: the verdict first, then why."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from collector.cli.app import printable
from collector.cli.probe_print import grid, head, line, more
from collector.cli.probe_ssh_view import show_ssh
from collector.cli.units import bits_per_second, duration, octets, plain
from collector.runtime.probe.evidence import Cause, CredentialVerdict, Evidence

FEW = 12
"""rows of a part that are shown without --all"""


def show(console: Console, evidence: Evidence, *, everything: bool) -> None:
    """Print all parts that there are."""
    _verdict(console, evidence)
    _reach(console, evidence)
    _credentials(console, evidence.credentials)
    if evidence.ssh:
        show_ssh(console, evidence.ssh, everything=everything)
    _family(console, evidence)
    _ladder(console, evidence)
    _tables(console, evidence, everything)
    _interfaces(console, evidence, everything)
    _rates(console, evidence, everything)
    _points(console, evidence, everything)
    _cost(console, evidence)
    if evidence.problems:
        head(console, "Problems")
        for problem in evidence.problems:
            line(console, problem)
    head(console, "To look for yourself")
    line(console, evidence.walk_command)
    if evidence.captured:
        line(console, f"recording without secrets: {evidence.captured}")


def _verdict(console: Console, evidence: Evidence) -> None:
    style = (
        "bold green" if evidence.cause is Cause.OK else "bold yellow" if evidence.cause is Cause.PARTIAL else "bold red"
    )
    mark = "OK" if evidence.cause is Cause.OK else evidence.cause.name.replace("_", " ")
    console.print(Text(f"{mark}  ", style) + Text(printable(f"{evidence.host}: {evidence.verdict}"), "bold"))
    if evidence.remedy:
        console.print(Text("  do: ", style) + Text(printable(evidence.remedy)))


def _reach(console: Console, evidence: Evidence) -> None:
    reach = evidence.reach
    head(console, "The way there")
    if not reach.addresses:
        line(console, f"{evidence.address} does not resolve")
        return
    line(
        console,
        f"{evidence.address} is {', '.join(reach.addresses)}; asked from {reach.source or 'no address of ours: no route'}",
    )
    if reach.ping is None:
        line(console, "echo: cannot be sent from here (see docs/configuration.md, ping)")
    elif reach.ping["received"]:
        ping = reach.ping
        line(
            console,
            f"echo: {ping['received']:.0f} of {ping['sent']:.0f} came back, {ping['loss_percent']:.0f} % lost, "
            f"{ping['rtt_min_ms']:.1f} / {ping['rtt_avg_ms']:.1f} / {ping['rtt_max_ms']:.1f} ms (least, mean, most)",
        )
    else:
        line(console, f"echo: none of {reach.ping['sent']:.0f} came back", "red")
    if reach.ssh_port_open is not None:
        line(console, f"SSH's port: {'open' if reach.ssh_port_open else 'closed or filtered'}")


def _credentials(console: Console, credentials: Sequence[CredentialVerdict]) -> None:
    if not credentials:
        return
    head(console, "Credentials")
    for credential in credentials:
        line(
            console,
            f"{credential.name} ({credential.kind}): {credential.verdict}",
            "green" if credential.works else "red",
        )
        if credential.remedy:
            line(console, f"  do: {credential.remedy}")
        if credential.engine_id:
            line(
                console,
                f"  engine {credential.engine_id}, {credential.engine_boots} boots, up {duration(credential.engine_time_s or 0)}",
            )
        if credential.same_engine:
            line(
                console,
                f"  the same engine id: {', '.join(credential.same_engine)} (give each device its own)",
                "yellow",
            )


def _family(console: Console, evidence: Evidence) -> None:
    family = evidence.family
    if not family:
        return
    head(console, "What it is")
    grid(
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
    head(console, "How large an answer may be")
    grid(
        console,
        ("values", "bytes", "ms", ""),
        [
            (str(step.varbinds), str(step.answer_bytes), f"{step.seconds * 1000:.1f}", step.problem)
            for step in evidence.ladder.steps
        ],
        right=("values", "bytes", "ms"),
    )
    line(console, evidence.ladder.advice)


def _tables(console: Console, evidence: Evidence, everything: bool) -> None:
    if not evidence.tables:
        return
    head(console, "Tables")
    shown = [table for table in evidence.tables if everything or table.rows or table.stopped]
    grid(
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
            line(console, f"{table.name} lacks {names}: {', '.join(reasons)}", "dim")
    more(console, len(evidence.tables) - len(shown), "tables that the device does not have")


def _interfaces(console: Console, evidence: Evidence, everything: bool) -> None:
    if not evidence.interfaces:
        return
    head(console, "Interfaces")
    shown = evidence.interfaces if everything else evidence.interfaces[:FEW]
    grid(
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
    more(console, len(evidence.interfaces) - len(shown), "interfaces")


def _rates(console: Console, evidence: Evidence, everything: bool) -> None:
    if not evidence.rates:
        return
    head(console, "Between the two readings")
    verdicts = Counter(rate.verdict for rate in evidence.rates)
    line(console, ", ".join(f"{verdict}: {count}" for verdict, count in verdicts.most_common()))
    telling = [rate for rate in evidence.rates if everything or rate.verdict != "ok" or rate.in_bps or rate.out_bps]
    shown = telling if everything else telling[:FEW]
    grid(
        console,
        ("series", "counter", "verdict", "in", "out"),
        [
            (rate.series, rate.counter, rate.verdict, bits_per_second(rate.in_bps), bits_per_second(rate.out_bps))
            for rate in shown
        ],
        right=("in", "out"),
    )
    more(console, len(evidence.rates) - len(shown), "counters")


def _points(console: Console, evidence: Evidence, everything: bool) -> None:
    if not evidence.points:
        return
    head(console, "What would be stored")
    counts = Counter(point.measurement for point in evidence.points)
    line(console, f"{len(evidence.points)} points: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    if evidence.store:
        line(console, evidence.store)
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
            line(console, f"{point.measurement} {tags}: {fields}" if tags else f"{point.measurement}: {fields}")


def _cost(console: Console, evidence: Evidence) -> None:
    cost = evidence.cost
    if not cost:
        return
    head(console, "What a full cycle costs")
    traffic = cost.traffic
    total = octets(traffic.bytes_in + traffic.bytes_out)
    line(
        console,
        f"{traffic.pdus} requests, {traffic.varbinds} values, {total}, {cost.duration_s:.2f} s of the {cost.deadline_s:g} s it may take"
        + ("" if cost.fits else ": too long"),
        "" if cost.fits else "red",
    )
    if cost.line_share_percent is not None:
        line(
            console,
            f"{cost.line_share_percent:.2g} % of the line of {bits_per_second(cost.line_bps)}, polled every {cost.interval_s} s",
        )

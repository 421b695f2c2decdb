"""The tables of `capacity ports`, and the verdict on a switch or site."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from collector.report.capacity.port_use import SWITCH_PORTS, Switch, Tally, Use, Used, main_class, of_class, tally
from collector.report.model import Cell, Column, Level, Table, Verdict
from collector.report.say import Text, say, say_many
from collector.report.unit import Unit

ERRORS_PER_DAY = 100.0
"""from which on a port is told of"""

LISTED_PORTS = 2_000

_FEW, _FEW_PERCENT = 2, 5.0

FULL = Verdict(Level.WARNING, say("full"))
TIGHT = Verdict(Level.WARNING, say("few left"))
_DISABLED_LEFT = Verdict(Level.INFO, say("only disabled ones left"))
_FINE = Verdict(Level.OK, say("fine"))
_NO_DATA = Verdict(Level.UNKNOWN, say("no data"))


_COUNT_COLUMNS = (
    Column("ports", say("Ports"), Unit.COUNT),
    Column("used", say("Used"), Unit.COUNT, say("A link now, or a line or ring of the inventory")),
    Column("idle", say("Idle"), Unit.COUNT, say("No link now, but one in the period: could be taken back")),
    Column("free", say("Free"), Unit.COUNT, say("No link in the whole period")),
    Column("disabled", say("Disabled"), Unit.COUNT, say("Switched off by configuration")),
    Column("used_percent", say("Used"), Unit.PERCENT, say("Used and idle ones")),
)


_MAIN_COLUMNS = (
    Column("main_speed_bps", say("Mostly"), Unit.BPS, say("The speed that most of its ports are made for")),
    Column("main_free", say("Free of these"), Unit.COUNT),
)


def _counts(count: Tally) -> tuple[Cell, ...]:
    if not count.is_known:
        return (count.total, None, None, None, None, None)
    return (count.total, count.used, count.idle, count.free, count.disabled, count.used_percent)


def judged(ports: Sequence[Used]) -> tuple[Verdict, Tally, int | None]:
    """The verdict, by the ports of the speed that most are made for; their count and speed."""
    class_bps = main_class(ports)
    count = tally(of_class(ports, class_bps))
    few = max(_FEW, _FEW_PERCENT / 100 * count.total) if count.total >= SWITCH_PORTS else 0
    if not count.is_known:
        return _NO_DATA, count, class_bps
    if count.reserve == 0:
        return FULL, count, class_bps
    if count.free == 0 and count.disabled > few:
        return _DISABLED_LEFT, count, class_bps
    return (TIGHT if count.reserve <= few else _FINE), count, class_bps


def class_table(ports: Sequence[Used]) -> Table:
    """All ports by the speed that they are made for."""
    classes: dict[int, list[Used]] = defaultdict(list)
    for each in ports:
        classes[each.port.class_bps or 0].append(each)
    return Table(
        key="classes",
        title=say("By speed"),
        columns=(Column("speed_bps", say("Speed"), Unit.BPS), *_COUNT_COLUMNS),
        rows=tuple(
            (bps or say("not known"), *_counts(tally(members)))
            for bps, members in sorted(classes.items(), reverse=True)
        ),
        empty=say("No host has ports for others."),
        notes=(say("The speed is the one that the port's name says, else the one it runs at."),),
    )


def site_table(sites: Mapping[str, Sequence[Switch]]) -> Table:
    """Sites, the fullest first."""
    rows = []
    for name, members in sites.items():
        ports = [each for switch in members for each in switch.ports]
        verdict, main, class_bps = judged(ports)
        site = members[0].host.site
        rows.append(
            (
                verdict.level,
                main.reserve,
                (
                    name,
                    site.district if site else "",
                    verdict,
                    len(members),
                    *_counts(tally(ports)),
                    class_bps,
                    main.free,
                ),
            )
        )
    return Table(
        key="sites",
        title=say("Sites"),
        columns=(
            Column("site", say("Site")),
            Column("district", say("District"), filterable=True),
            Column("verdict", say("Verdict"), filterable=True),
            Column("switches", say("Switches"), Unit.COUNT),
            *_COUNT_COLUMNS,
            *_MAIN_COLUMNS,
        ),
        rows=tuple(row for _, _, row in sorted(rows, key=lambda row: (row[0], row[1], str(row[2][0])))),
        empty=say("No host has ports for others."),
    )


def switch_table(found: Sequence[Switch]) -> Table:
    """Switches, the fullest first."""
    rows = []
    for switch in found:
        verdict, main, class_bps = judged(switch.ports)
        site = switch.host.site
        cells: tuple[Cell, ...] = (
            switch.host.name,
            site.label if site else "",
            verdict,
            *_counts(tally(switch.ports)),
            class_bps,
            main.free,
        )
        rows.append((verdict.level, main.reserve, cells))
    return Table(
        key="switches",
        title=say("Switches"),
        columns=(
            Column("host", say("Host")),
            Column("site", say("Site"), filterable=True),
            Column("verdict", say("Verdict"), filterable=True),
            *_COUNT_COLUMNS,
            *_MAIN_COLUMNS,
        ),
        rows=tuple(row for _, _, row in sorted(rows, key=lambda row: (row[0], row[1], str(row[2][0])))),
        empty=say("No host has ports for others."),
    )


def trouble_table(ports: Sequence[Used]) -> Table:
    """Used ports that are slow, half duplex or have errors."""
    rows: list[tuple[float, tuple[Cell, ...]]] = []
    for each in ports:
        errors = each.errors_per_day or 0.0
        reasons: list[Text] = []
        if each.is_half:
            reasons.append(say("half duplex"))
        if each.is_slow:
            reasons.append(say("slower than it is made for"))
        if errors >= ERRORS_PER_DAY:
            reasons.append(say("errors"))
        port = each.port
        rows.extend(
            (errors, (port.host, port.name, reason, port.speed_bps, port.class_bps, each.errors_per_day, port.alias))
            for reason in reasons[:1]
        )
    return Table(
        key="trouble",
        title=say("Ports that work badly"),
        columns=(
            Column("host", say("Host")),
            Column("port", say("Port")),
            Column("reason", say("Why"), filterable=True),
            Column("speed_bps", say("Runs at"), Unit.BPS),
            Column("class_bps", say("Made for"), Unit.BPS),
            Column("errors_per_day", say("Errors a day"), Unit.NUMBER, say("Mean of the last week, in and out")),
            Column("alias", say("Description"), wide_only=True),
        ),
        rows=tuple(cells for _, cells in sorted(rows, key=lambda row: (-row[0], str(row[1][0]), str(row[1][1])))),
        empty=say("None."),
        notes=(say("Half duplex and a low speed mostly mean a bad cable, or a speed that is fixed at one end only."),),
    )


def free_table(ports: Sequence[Used]) -> Table:
    """Ports without a link, those that are longest so first."""
    spare = [each for each in ports if each.use in (Use.FREE, Use.IDLE)]
    spare.sort(key=lambda each: (each.last_used_ns or 0, each.port.host, each.port.name))
    notes = (
        (
            say_many(
                "Only the first {count} port is listed; select hosts to see the others.",
                "Only the first {count} ports are listed; select hosts to see the others.",
                LISTED_PORTS,
            ),
        )
        if len(spare) > LISTED_PORTS
        else ()
    )
    return Table(
        key="free_ports",
        title=say("Ports without a link"),
        columns=(
            Column("host", say("Host"), filterable=True),
            Column("port", say("Port")),
            Column("speed_bps", say("Made for"), Unit.BPS),
            Column("since", say("Without a link since"), Unit.TIME),
            Column("alias", say("Description")),
        ),
        rows=tuple(
            (
                each.port.host,
                each.port.name,
                each.port.class_bps,
                each.last_used_ns if each.last_used_ns is not None else say("before the period"),
                each.port.alias,
            )
            for each in spare[:LISTED_PORTS]
        ),
        empty=say("None."),
        notes=notes,
    )

"""`topology`: neighbours as a graph, and what of them does not fit the inventory."""

from collections.abc import Iterable, Mapping, Sequence

from collector.report.context import Context
from collector.report.model import Column, Edge, Figure, Finding, Level, Network, Node, Report, Table, Verdict
from collector.report.network.layout import layout
from collector.report.network.neighbours import Cable
from collector.report.network.topology_lines import DOWN, UNKNOWN, UP, Line, lines_of
from collector.report.say import Quantity, Text, say, say_many
from collector.report.unit import Unit
from collector.report.urgency import WORTH_KNOWING
from collector.report.words import ROLES
from inventory.model import Host

UNMANAGED = "unmanaged"
"""the kind of node that the inventory does not have"""

_FOREIGN = Verdict(Level.INFO, say("not in the inventory"))

_HEARD_BY = (say("nobody"), say("one end"), say("both ends"))


def topology(context: Context) -> Report:
    """The report. What is drawn was heard within a day before the end of the period."""
    lines = lines_of(context)
    found = sorted((line.cable for line in lines), key=lambda cable: (cable.a, cable.b, cable.a_port))
    cabled = {end for cable in found for end in (cable.a, cable.b)}
    alone = [host for name, host in sorted(context.hosts.items()) if name not in cabled]
    strangers = _strangers(found)
    one_sided = [
        cable for cable in found if cable.b_managed and _both_asked(context, cable) and cable.by_a != cable.by_b
    ]
    return context.report(
        name="topology",
        title=say("Topology"),
        figures=(
            Figure("hosts", say("Hosts with neighbours"), len(context.hosts) - len(alone), Unit.COUNT),
            Figure("links", say("Links"), len(found), Unit.COUNT),
            Figure("unmanaged", say("Not in the inventory"), len(strangers), Unit.COUNT),
            Figure("alone", say("Hosts without a neighbour"), len(alone), Unit.COUNT),
        ),
        sections=(
            *((_network(context, lines),) if lines else ()),
            _link_table(lines),
            _stranger_table(strangers),
            _one_sided_table(one_sided),
            _alone_table(context, alone),
        ),
        findings=_findings(strangers),
        notes=(say("Neighbours are heard by LLDP and CDP: a device that speaks neither is not seen."),),
    )


def _both_asked(context: Context, cable: Cable) -> bool:
    """Whether both ends are selected and answer, so that both could have been heard."""
    states = context.states()
    return all(end in states and states[end].up is not False for end in (cable.a, cable.b))


def _strangers(found: Iterable[Cable]) -> dict[str, list[Cable]]:
    strangers: dict[str, list[Cable]] = {}
    for cable in found:
        if not cable.b_managed:
            strangers.setdefault(cable.b, []).append(cable)
    return dict(sorted(strangers.items(), key=lambda item: (-len(item[1]), item[0])))


def _network(context: Context, lines: Sequence[Line]) -> Network:
    states = context.states()
    inventory = context.inventory.hosts
    nodes: dict[str, Node] = {}
    for line in sorted(lines, key=lambda line: (line.cable.a, line.cable.b)):
        for name, is_managed in ((line.cable.a, True), (line.cable.b, line.cable.b_managed)):
            if is_managed and name in states:
                up = states[name].up
                verdict = UNKNOWN if up is None else UP if up else DOWN
                nodes[name] = Node(name, _group(inventory[name]), inventory[name].role, verdict)
            elif is_managed:
                nodes.setdefault(name, Node(name, _group(inventory[name]), inventory[name].role))
            else:
                nodes.setdefault(name, Node(name, _group(inventory[line.cable.a]), UNMANAGED, _FOREIGN))
    edges = tuple(
        Edge(
            line.cable.a, line.cable.b, line.cable.a_port, line.cable.b_port, line.verdict, _detail(line)
        )
        for line in lines
    )  # fmt: skip
    places = layout({node.id: node.group for node in nodes.values()}, [(edge.a, edge.b) for edge in edges])
    return Network(
        key="network",
        title=say("Who is connected to whom"),
        nodes=tuple(nodes[name] for name in sorted(nodes)),
        edges=edges,
        positions=places,
    )


def _group(host: Host) -> str:
    return (host.site.district or host.site.label) if host.site else ""


def _detail(line: Line) -> Text | str:
    speed = Quantity(line.speed_bps, Unit.BPS) if line.speed_bps else None
    if speed is None:
        return ""
    if line.percent is None:
        return say("{speed}", speed=speed)
    return say("{speed}, {load} used", speed=speed, load=Quantity(line.percent, Unit.PERCENT))


def _link_table(lines: Sequence[Line]) -> Table:
    return Table(
        key="links",
        title=say("Links"),
        columns=(
            Column("a_host", say("From")),
            Column("a_port", say("Port")),
            Column("b_host", say("To")),
            Column("b_port", say("Port there")),
            Column("verdict", say("State"), filterable=True),
            Column("speed_bps", say("Speed"), Unit.BPS),
            Column("load_bps", say("Load"), Unit.BPS, say("The highest hour of the last day, of the busier direction")),
            Column("load_percent", say("Load"), Unit.PERCENT),
            Column("heard", say("Heard by"), filterable=True, wide_only=True),
            Column("last", say("Last heard"), Unit.TIME, wide_only=True),
        ),
        rows=tuple(
            (
                line.cable.a,
                line.cable.a_port,
                line.cable.b,
                line.cable.b_port,
                line.verdict,
                line.speed_bps,
                line.load_bps,
                line.percent,
                _HEARD_BY[line.cable.by_a + line.cable.by_b],
                line.cable.last_ns or None,
            )
            for line in lines
        ),
        empty=say("No neighbour was heard."),
    )


def _stranger_table(strangers: Mapping[str, Sequence[Cable]]) -> Table:
    return Table(
        key="not_in_inventory",
        title=say("Neighbours that the inventory does not have"),
        columns=(
            Column("neighbour", say("Neighbour")),
            Column("links", say("Links"), Unit.COUNT),
            Column("heard_by", say("Heard by")),
            Column("port", say("Port")),
            Column("remote_port", say("Port there"), wide_only=True),
            Column("says", say("Says of itself")),
        ),
        rows=tuple(
            (
                name,
                len(heard),
                heard[0].a,
                heard[0].a_port,
                heard[0].b_port,
                " ".join(next((cable.b_descr for cable in heard if cable.b_descr), "").split()),
            )
            for name, heard in strangers.items()
        ),
        empty=say("All neighbours are in the inventory."),
        notes=(say("They are candidates for the inventory: `collector discover` asks what they are."),),
    )


def _one_sided_table(found: Sequence[Cable]) -> Table:
    return Table(
        key="one_sided",
        title=say("Links that only one end hears"),
        columns=(
            Column("heard_by", say("Heard by")),
            Column("port", say("Port")),
            Column("silent", say("Not by")),
            Column("silent_port", say("Port there")),
        ),
        rows=tuple(
            (cable.a, cable.a_port, cable.b, cable.b_port)
            if cable.by_a
            else (cable.b, cable.b_port, cable.a, cable.a_port)
            for cable in found
        ),
        empty=say("Every link between two hosts is heard by both."),
        notes=(say("Neighbour discovery is off at the other end, or something between does not let it through."),),
    )


def _alone_table(context: Context, alone: Sequence[Host]) -> Table:
    states = context.states()
    return Table(
        key="alone",
        title=say("Hosts without a neighbour"),
        columns=(
            Column("host", say("Host")),
            Column("role", say("Role"), filterable=True),
            Column("site", say("Site")),
            Column("up", say("State"), filterable=True),
        ),
        rows=tuple(
            (
                host.name,
                ROLES[host.role],
                host.site.label if host.site else "",
                UNKNOWN if states[host.name].up is None else UP if states[host.name].up else DOWN,
            )
            for host in alone
        ),
        empty=say("Every host has a neighbour."),
    )


def _findings(strangers: Mapping[str, Sequence[Cable]]) -> tuple[Finding, ...]:
    if not strangers:
        return ()
    name, heard = next(iter(strangers.items()))
    return (
        Finding(
            key="neighbour-unmanaged",
            level=Level.INFO,
            urgency=WORTH_KNOWING,
            sentence=say_many(
                "{count} device that is heard as a neighbour is not in the inventory: {name}, at {host}. Add it.",
                "{count} devices that are heard as neighbours are not in the inventory, first of all {name}, at {host}. "
                "Add them.",
                len(strangers),
                name=name,
                host=heard[0].a,
            ),
            where=heard[0].a,
        ),
    )

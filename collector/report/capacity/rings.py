"""`capacity rings`: whether each fibre ring is closed, where it is open, and whether the rest is enough if a span fails."""

from collections.abc import Sequence

from collector.report.capacity.ring_findings import findings
from collector.report.capacity.ring_spans import Cabled
from collector.report.capacity.ring_state import NO_DATA, RingState, ring_states
from collector.report.context import Context
from collector.report.model import (
    Cell,
    Column,
    Edge,
    Figure,
    Level,
    Network,
    Node,
    Report,
    Section,
    Table,
    Verdict,
)
from collector.report.network.layout import circle
from collector.report.say import Quantity, Text, say
from collector.report.unit import Unit

UP = Verdict(Level.OK, say("up"))
DOWN = Verdict(Level.CRITICAL, say("down"))
MISWIRED = Verdict(Level.WARNING, say("another neighbour"))


def capacity_rings(context: Context) -> Report:
    """The report, of rings of which at least one host is selected."""
    rings = [
        ring
        for _, ring in sorted(context.inventory.rings.items())
        if any(span.a_host in context.hosts or span.b_host in context.hosts for span in ring.spans)
    ]
    states = sorted(ring_states(context, rings), key=lambda state: (*_order(state), state.ring.name))
    sections: list[Section] = [_ring_table(states), _span_table(states)]
    sections += [_network(context, state) for state in states]
    return context.report(
        name="capacity rings",
        title=say("Fibre rings"),
        figures=_figures(states),
        sections=tuple(sections),
        findings=tuple(finding for state in states for finding in findings(state)),
    )


def _order(state: RingState) -> tuple[int, int]:
    return (state.verdict.level, -len(state.cut))


def _figures(states: Sequence[RingState]) -> tuple[Figure, ...]:
    is_open = sum(bool(state.down) for state in states)
    closed = sum(not state.down and not state.unknown for state in states)
    weak = sum(bool(state.overloads) for state in states)
    unknown = len(states) - is_open - closed
    return (
        Figure("rings", say("Rings"), len(states), Unit.COUNT),
        Figure("closed", say("Closed"), closed, Unit.COUNT, Level.OK),
        Figure("open", say("Open"), is_open, Unit.COUNT, Level.CRITICAL if is_open else Level.OK),
        Figure("overloaded", say("Without reserve"), weak, Unit.COUNT, Level.WARNING if weak else Level.OK),
        Figure("unknown", say("No data"), unknown, Unit.COUNT, Level.UNKNOWN if unknown else Level.OK),
    )


def _ring_table(states: Sequence[RingState]) -> Table:
    return Table(
        key="rings",
        title=say("Rings"),
        columns=(
            Column("ring", say("Ring")),
            Column("verdict", say("Verdict"), filterable=True),
            Column("hosts", say("Hosts"), Unit.COUNT),
            Column("open_at", say("Open at")),
            Column("since", say("Since"), Unit.TIME),
            Column("cut_off", say("Cut off"), Unit.COUNT, say("Hosts of the ring, and those that hang on them alone")),
            Column(
                "next_cut_off",
                say("Next failure cuts off"),
                Unit.COUNT,
                say("While it is open: hosts that the worst failure of one more span would cut off"),
            ),
            Column(
                "highest_p95_percent", say("Highest load"), Unit.PERCENT, say("95th percentile of the fullest span")
            ),
            Column(
                "after_failure_percent",
                say("Load if a span fails"),
                Unit.PERCENT,
                say(
                    "Upper bound of the fullest span's load at the worst failure of another; of an open ring, what it is"
                ),
            ),
            Column("fullest_then", say("Fullest span then"), wide_only=True),
        ),
        rows=tuple(_ring_row(state) for state in states),
        empty=say("The inventory names no ring."),
        notes=(
            say(
                "If a span fails, all that it carried goes the other way round. What a span carries is measured, where it "
                "comes from and goes to is not: so the other spans' load grows by at most what the failed one carried. "
                "The load given is the 95th percentile of these sums, an upper bound."
            ),
            say(
                "Cut off is what no longer reaches the hosts of the ring in a data centre, or where none is there, the "
                "first host of the ring."
            ),
        ),
    )


def _ring_row(state: RingState) -> tuple[Cell, ...]:
    percents = [percent for percent in map(_percent, state.spans, state.p95) if percent is not None]
    then = _after(state)
    fullest = max(then, key=lambda each: each[1], default=None)
    since = [span.down_since_ns for span in state.spans if span.down_since_ns]
    return (
        state.ring.name,
        state.verdict,
        len(state.hosts),
        ", ".join(state.spans[place].name for place in state.down),
        min(since, default=None),
        len(state.hanging(state.cut)) if state.cut else 0 if not state.unknown else None,
        len(state.hanging(state.next_cut[1])) if state.next_cut else None,
        max(percents, default=None),
        fullest[1] if fullest else None,
        state.spans[fullest[0]].name if fullest else "",
    )


def _after(state: RingState) -> list[tuple[int, float]]:
    """Places of spans and their load in percent when the worst of the others fails."""
    return [
        (place, 100 * worst.bps / span.speed_bps)
        for place, (span, worst) in enumerate(zip(state.spans, state.worst, strict=True))
        if worst and span.speed_bps
    ]


def _percent(span: Cabled, p95: tuple[float | None, float | None]) -> float | None:
    higher = max((bps for bps in p95 if bps is not None), default=None)
    return 100 * higher / span.speed_bps if higher is not None and span.speed_bps else None


def _span_table(states: Sequence[RingState]) -> Table:
    return Table(
        key="spans",
        title=say("Spans"),
        columns=(
            Column("ring", say("Ring"), filterable=True),
            Column("a_host", say("From")),
            Column("a_interface", say("Port"), wide_only=True),
            Column("b_host", say("To")),
            Column("b_interface", say("Port there"), wide_only=True),
            Column("verdict", say("State"), filterable=True),
            Column("since", say("Since"), Unit.TIME),
            Column("neighbour", say("Neighbours heard")),
            Column("speed_bps", say("Speed"), Unit.BPS),
            Column("forward_p95_bps", say("p95 there"), Unit.BPS),
            Column("backward_p95_bps", say("p95 back"), Unit.BPS),
            Column("peak_bps", say("Peak"), Unit.BPS, wide_only=True),
            Column("p95_percent", say("Load"), Unit.PERCENT, say("The higher 95th percentile against the speed")),
            Column(
                "after_failure_percent",
                say("If another fails"),
                Unit.PERCENT,
                say("Upper bound of its load at the worst failure of another span; of an open ring, the load since"),
            ),
            Column("worst_failure", say("Worst failure"), wide_only=True),
        ),
        rows=tuple(_span_row(state, place) for state in states for place in range(len(state.spans))),
        empty=say("The inventory names no ring."),
    )


def _span_row(state: RingState, place: int) -> tuple[Cell, ...]:
    span, p95 = state.spans[place], state.p95[place]
    worst = state.worst[place]
    return (
        state.ring.name,
        span.a.host,
        span.a.interface,
        span.b.host,
        span.b.interface,
        _span_verdict(span),
        span.down_since_ns,
        _heard(span),
        span.speed_bps,
        p95[0],
        p95[1],
        state.peaks[place],
        _percent(span, p95),
        100 * worst.bps / span.speed_bps if worst and span.speed_bps else None,
        state.spans[worst.failed].name if worst else "",
    )


def _span_verdict(span: Cabled) -> Verdict:
    if span.up is False:
        return DOWN
    if span.strangers:
        return MISWIRED
    return UP if span.up else NO_DATA


def _heard(span: Cabled) -> Text | str:
    if span.strangers:
        return ", ".join(f"{each.host}: {each.peer or each.name} {each.peer_port}".rstrip() for each in span.strangers)
    match span.heard_by:
        case 2:
            return say("by both ends")
        case 1:
            return say("by one end")
        case _ if not span.a.interface and not span.b.interface:
            return say("never, so the ports are not known")
        case _:
            return say("not now")


def _network(context: Context, state: RingState) -> Network:
    hosts = context.inventory.hosts
    states = {host: _host_verdict(state, host) for host in state.hosts}
    return Network(
        key=f"ring-{state.ring.name}",
        title=say("Ring {ring}", ring=state.ring.name),
        nodes=tuple(
            Node(
                name,
                host.site.label if (host := hosts.get(name)) and host.site else "",
                hosts[name].role if name in hosts else "other",
                states[name],
            )
            for name in state.hosts
        ),
        edges=tuple(
            Edge(
                span.a.host,
                span.b.host,
                span.a.interface,
                span.b.interface,
                _span_verdict(span),
                _load_text(_percent(span, state.p95[place])),
            )
            for place, span in enumerate(state.spans)
        ),
        positions=circle(state.hosts),
    )


def _host_verdict(state: RingState, host: str) -> Verdict:
    if host in state.cut:
        return Verdict(Level.CRITICAL, say("cut off"))
    ends = [end for span in state.spans for end in (span.a, span.b) if end.host == host]
    return NO_DATA if all(end.up is None for end in ends) else UP


def _load_text(percent: float | None) -> Text | str:
    return "" if percent is None else say("{load}", load=Quantity(percent, Unit.PERCENT))

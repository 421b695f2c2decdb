"""The cables of a network with what their ports tell of them: state, speed, load."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from collector.report.capacity.ring_spans import cabled
from collector.report.context import DAY_NS, HOUR_NS, RECENT_NS, Context
from collector.report.model import Level, Verdict
from collector.report.network.neighbours import Cable, Heard, cables, heard_by
from collector.report.network.ports import Port, ports_of
from collector.report.say import say
from collector.report.statistics.samples import highest

BUSY_PERCENT = 80.0
UP = Verdict(Level.OK, say("up"))
_BUSY = Verdict(Level.WARNING, say("busy"))
DOWN = Verdict(Level.CRITICAL, say("down"))
_GONE = Verdict(Level.WARNING, say("not heard any more"))
UNKNOWN = Verdict(Level.UNKNOWN, say("no data"))


class Line(msgspec.Struct, frozen=True):
    """A cable with what its ports tell of it. Load: the highest hour's mean of the last day, of either direction."""

    cable: Cable
    verdict: Verdict
    speed_bps: int | None
    load_bps: float | None

    @property
    def percent(self) -> float | None:
        return 100 * self.load_bps / self.speed_bps if self.load_bps is not None and self.speed_bps else None


def lines_of(context: Context) -> list[Line]:
    """All that was heard within a day before the end, and the spans of rings; the worst first, then the fullest."""
    ports = ports_of(context)
    heard = heard_by(context, ports, RECENT_NS)
    found = cables(heard)
    found += _silent_spans(context, ports, heard, found)
    loads = _loads(context, {end for cable in found for end in _ends(cable)})
    lines = []
    for cable in found:
        known = [port for host, name in _ends(cable) if (port := ports.get(host, {}).get(name))]
        speeds = [port.speed_bps for port in known if port.speed_bps]
        load = max((loads[end] for end in _ends(cable) if end in loads), default=None)
        line = Line(cable, UNKNOWN, min(speeds, default=None), load)
        lines.append(msgspec.structs.replace(line, verdict=_verdict(context, line, known)))
    return sorted(lines, key=lambda line: (line.verdict.level, -(line.percent or 0), line.cable.a, line.cable.a_port))


def _verdict(context: Context, line: Line, ports: Iterable[Port]) -> Verdict:
    states = context.states()
    # the last known ports of a host that is silent tell nothing of now
    up = [port.oper_up for port in ports if states[port.host].up is not False]
    if False in up:
        return DOWN
    if not line.cable.is_there:
        return _GONE if line.cable.last_ns else UNKNOWN
    if line.percent is not None and line.percent >= BUSY_PERCENT:
        return _BUSY
    return UP


def _silent_spans(
    context: Context, ports: Mapping[str, Mapping[str, Port]], heard: Sequence[Heard], found: Sequence[Cable]
) -> list[Cable]:
    """Spans of rings over which nobody hears the other: a cut one belongs into the picture more than any."""
    pairs = {frozenset((cable.a, cable.b)) for cable in found}
    return [
        Cable(
            span.a.host, span.a.interface, span.b.host, span.b.interface, b_managed=True, by_a=False, by_b=False,
            last_ns=0, is_there=False,
        )
        for ring in context.inventory.rings.values()
        if any(span.a_host in context.hosts or span.b_host in context.hosts for span in ring.spans)
        for span in cabled(context, ring, ports, heard, found)
        if frozenset((span.a.host, span.b.host)) not in pairs
    ]  # fmt: skip


def _loads(context: Context, ends: Collection[tuple[str, str]]) -> dict[tuple[str, str], float]:
    if not ends:
        return {}
    loads: dict[tuple[str, str], float] = {}
    for history in context.store.histories(
        "interface",
        ["in_bps", "out_bps"],
        since_ns=max(context.since_ns, context.until_ns - DAY_NS),
        until_ns=context.until_ns,
        every_s=HOUR_NS // 10**9,
        only=ends,
    ):
        end = (history.tags["host"], history.tags["name"])
        for values in history.values.values():
            peak = highest(values)
            if peak is not None:
                loads[end] = max(loads.get(end, 0.0), peak)
    return loads


def _ends(cable: Cable) -> list[tuple[str, str]]:
    """Those whose ports can be looked up."""
    ends = [(cable.a, cable.a_port), *([(cable.b, cable.b_port)] if cable.b_managed else [])]
    return [end for end in ends if end[1]]

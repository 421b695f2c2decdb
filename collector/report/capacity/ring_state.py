"""What is known of every fibre ring: its spans, their load, what is cut off, what would be."""

from collections.abc import Mapping, Sequence
from itertools import chain

import msgspec

from collector.report.capacity.ring_reserve import Worst, after_failure, cut_off, percentiles, while_open
from collector.report.capacity.ring_spans import Cabled, Load, cabled, histories, load_of
from collector.report.context import Context
from collector.report.model import Level, Verdict
from collector.report.network.behind import behind
from collector.report.network.neighbours import Cable, cables, heard_by
from collector.report.network.ports import ports_of
from collector.report.say import say
from collector.report.statistics.samples import highest
from inventory.model import Ring

NO_DATA = Verdict(Level.UNKNOWN, say("no data"))

_FULL_WHILE_OPEN_PERCENT = 80.0
"""what is measured cannot be more than all"""


class RingState(msgspec.Struct, frozen=True):
    """Everything known of one ring.

    Attributes:
        hosts: in the ring's order; span `i` leads from host `i` to the next.
        p95: of every span, forward and backward, bit/s.
        worst: of every span, the load when the worst of the others fails; of a ring that is open at one place, what it has
            been since.
        cut: hosts of the ring that reach none of its heads.
        behind: by host of the ring, those that hang on it alone.
        next_cut: while open at one place, the span whose failing would cut off the most, and the hosts that it would.
    """

    ring: Ring
    hosts: tuple[str, ...]
    spans: tuple[Cabled, ...]
    p95: tuple[tuple[float | None, float | None], ...]
    peaks: tuple[float | None, ...]
    worst: tuple[Worst | None, ...]
    cut: tuple[str, ...]
    behind: Mapping[str, set[str]]
    next_cut: tuple[int, tuple[str, ...]] | None

    @property
    def down(self) -> list[int]:
        return [place for place, span in enumerate(self.spans) if span.up is False]

    @property
    def unknown(self) -> list[int]:
        return [place for place, span in enumerate(self.spans) if span.up is None]

    @property
    def overloads(self) -> list[tuple[int, Worst, float]]:
        """Spans that would not carry the load, or while it is open hardly do: place, load, percent of the speed."""
        limit = _FULL_WHILE_OPEN_PERCENT if self.down else 100.0
        found = []
        for place, (span, worst) in enumerate(zip(self.spans, self.worst, strict=True)):
            if worst and span.speed_bps and 100 * worst.bps / span.speed_bps > limit:
                found.append((place, worst, 100 * worst.bps / span.speed_bps))
        return sorted(found, key=lambda each: -each[2])

    @property
    def verdict(self) -> Verdict:
        if self.cut:
            return Verdict(Level.CRITICAL, say("hosts cut off"))
        if self.down:
            return Verdict(Level.CRITICAL, say("open"))
        if self.unknown:
            return NO_DATA
        if self.overloads:
            return Verdict(Level.WARNING, say("closed, no reserve"))
        if any(span.strangers for span in self.spans):
            return Verdict(Level.WARNING, say("closed, cabled otherwise"))
        if not any(self.worst):
            return Verdict(Level.OK, say("closed, load unknown"))
        return Verdict(Level.OK, say("closed"))

    def hanging(self, hosts: Sequence[str]) -> list[str]:
        """These hosts of the ring and all that hang on them."""
        return [*hosts, *sorted(set().union(*(self.behind.get(host, set()) for host in hosts)))]


def _widened(context: Context) -> Context:
    if context.is_whole:
        return context
    return Context(
        context.inventory,
        context.store,
        since_ns=context.since_ns,
        until_ns=context.until_ns,
        zone=context.zone,
    )


def ring_states(context: Context, rings: Sequence[Ring]) -> list[RingState]:
    """Of each ring, looked at with all hosts: a ring cannot be judged by a part of it."""
    context = _widened(context)
    if not rings:
        return []
    ports = ports_of(context)
    heard = heard_by(context, ports, context.until_ns - context.since_ns)
    found = cables(heard)
    spans = [cabled(context, ring, ports, heard, found) for ring in rings]
    carried = histories(context, chain.from_iterable(spans))
    return [
        _state(context, ring, of_ring, load_of(context, of_ring, carried), found)
        for ring, of_ring in zip(rings, spans, strict=True)
    ]


def _state(context: Context, ring: Ring, spans: Sequence[Cabled], load: Load, all_cables: Sequence[Cable]) -> RingState:
    hosts = tuple(span.a_host for span in ring.spans)
    down = [place for place, span in enumerate(spans) if span.up is False]
    heads = _heads(context, hosts)
    hanging = behind(hosts, all_cables, context.hosts)
    return RingState(
        ring,
        hosts,
        tuple(spans),
        tuple(percentiles(load)),
        tuple(
            max((peak for peak in (highest(one), highest(other)) if peak is not None), default=None)
            for one, other in zip(load.forward, load.backward, strict=True)
        ),
        tuple(_worst(context, spans, load)),
        tuple(cut_off(hosts, down, heads)),
        hanging,
        _next_cut(hosts, down, heads, hanging) if len(down) == 1 else None,
    )


def _worst(context: Context, spans: Sequence[Cabled], load: Load) -> list[Worst | None]:
    """Computed for a closed ring, measured for one that is open at one place, unknown for any other."""
    down = [place for place, span in enumerate(spans) if span.up is False]
    if all(span.up for span in spans):
        return after_failure(load)
    if len(down) == 1:
        return while_open(load, down[0], spans[down[0]].down_since_ns or context.since_ns)
    return [None] * len(spans)


def _heads(context: Context, hosts: Sequence[str]) -> list[str]:
    """Where the rest of the network is: the hosts of the ring in a data centre, else the first that is written."""
    in_centre = [
        name
        for name in hosts
        if (host := context.inventory.hosts.get(name)) and host.site and host.site.kind == "data-centre"
    ]
    return in_centre or list(hosts[:1])


def _next_cut(
    hosts: Sequence[str], down: Sequence[int], heads: Sequence[str], hanging: Mapping[str, set[str]]
) -> tuple[int, tuple[str, ...]] | None:
    worst: tuple[int, tuple[str, ...]] | None = None
    most = 0
    for place in range(len(hosts)):
        if place not in down:
            gone = cut_off(hosts, [*down, place], heads)
            size = len(gone) + sum(len(hanging.get(host, ())) for host in gone)
            if size > most:
                worst, most = (place, tuple(gone)), size
    return worst

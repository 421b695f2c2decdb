"""The spans of a ring: at which ports they end, whether the cable is whole, what it carries."""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from collector.report.context import Context
from collector.report.network.neighbours import Cable, Heard
from collector.report.network.ports import Port, same_port
from collector.report.statistics.samples import window_lengths_s, window_s
from collector.store.contract import History
from inventory.model import Ring, Span

"""periods beyond this are looked at in hours"""

Ports = Mapping[str, Mapping[str, Port]]


class End(msgspec.Struct, frozen=True):
    """One end of a span.

    Attributes:
        interface: as its series are named; "" where nobody knows it.
        up: whether the port has a link; None where its host is silent or the port not known.
        heard: the neighbour that is heard there now.
    """

    host: str
    interface: str
    up: bool | None = None
    speed_bps: int | None = None
    heard: Heard | None = None


class Cabled(msgspec.Struct, frozen=True):
    """A span as it is found.

    Attributes:
        up: False where either end has no link, True where one has and the other does not deny it, None where nobody knows.
        down_since_ns: when it was first seen down; None where it is up, or was down all the time.
    """

    span: Span
    a: End
    b: End
    up: bool | None
    down_since_ns: int | None = None

    @property
    def speed_bps(self) -> int | None:
        """That of the slower end."""
        return min((end.speed_bps for end in (self.a, self.b) if end.speed_bps), default=None)

    @property
    def name(self) -> str:
        return f"{self.a.host} – {self.b.host}"

    @property
    def strangers(self) -> tuple[Heard, ...]:
        """Neighbours that are heard where the other end of the span should be."""
        return tuple(
            end.heard
            for end, other in ((self.a, self.b), (self.b, self.a))
            if end.heard and end.heard.peer != other.host and (end.heard.peer or end.heard.name)
        )

    @property
    def heard_by(self) -> int:
        """At how many ends the right neighbour is heard."""
        return sum(
            end.heard is not None and end.heard.peer == other.host
            for end, other in ((self.a, self.b), (self.b, self.a))
        )


class Load(msgspec.Struct, frozen=True):
    """What every span of a ring carried, in windows that all of them share: bit/s, one row a span, NaN where unknown.

    Attributes:
        forward: from `a` to `b`, the way the ring is written; `backward` the other way.
        times_ns, lengths_s: of the windows.
    """

    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    times_ns: NDArray[np.int64]
    lengths_s: NDArray[np.float64]


def cabled(context: Context, ring: Ring, ports: Ports, heard: Sequence[Heard], cables: Sequence[Cable]) -> list[Cabled]:
    """The spans of a ring in its order.

    Where the inventory does not name interfaces they are those of the cable that was heard between the two hosts within
    the period, else ports whose description names the other host. Where there is none of all that, though both hosts hear
    others now, the span is down.
    """
    states = context.states()
    hearing = {each.host for each in heard if each.is_there and states[each.host].up}
    there = {(each.host, same_port(each.port)): each for each in heard if each.is_there}
    taken: set[tuple[str, str]] = set()
    found = []
    for span in ring.spans:
        a_name, b_name = _interfaces(span, ports, cables, taken)
        taken |= {(host, same_port(name)) for host, name in ((span.a_host, a_name), (span.b_host, b_name)) if name}
        a = _end(context, span.a_host, a_name, ports, there)
        b = _end(context, span.b_host, b_name, ports, there)
        ends_up = (a.up, b.up)
        up = False if False in ends_up else True if True in ends_up else None
        if not a_name and not b_name and {a.host, b.host} <= hearing:
            up = False
        since_ns = _down_since(context, (a, b)) if up is False else None
        found.append(Cabled(span, a, b, up, since_ns))
    return found


def histories(context: Context, spans: Iterable[Cabled]) -> dict[tuple[str, str], list[History]]:
    """What both ends of spans carried, by host and interface: of all rings at once, as one query costs as much as many."""
    ends = {(end.host, end.interface) for span in spans for end in (span.a, span.b) if end.interface}
    found: dict[tuple[str, str], list[History]] = {}
    if ends:
        for history in context.store.histories(
            "interface",
            ["in_bps", "out_bps"],
            since_ns=context.since_ns,
            until_ns=context.until_ns,
            every_s=window_s(context.since_ns, context.until_ns),
            only=ends,
        ):
            found.setdefault((history.tags["host"], history.tags["name"]), []).append(history)
    return found


def load_of(context: Context, spans: Sequence[Cabled], carried: Mapping[tuple[str, str], Sequence[History]]) -> Load:
    """The load of a ring's spans from either end of each; what `a` sends is taken before what `b` receives."""
    ends = {(end.host, end.interface) for span in spans for end in (span.a, span.b)}
    everything = [history.times_ns for end in ends for history in carried.get(end, ())]
    times = np.unique(np.concatenate(everything)) if everything else np.empty(0, dtype=np.int64)

    def of(end: End, field: str) -> NDArray[np.float64]:
        row = np.full(len(times), np.nan)
        for history in carried.get((end.host, end.interface), ()):
            values = history.values[field]
            known = ~np.isnan(values)
            row[np.searchsorted(times, history.times_ns[known])] = values[known]
        return row

    def first_known(mine: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(np.isnan(mine), other, mine)

    shape = (len(spans), len(times))
    forward = [first_known(of(span.a, "out_bps"), of(span.b, "in_bps")) for span in spans]
    backward = [first_known(of(span.a, "in_bps"), of(span.b, "out_bps")) for span in spans]
    return Load(
        np.array(forward).reshape(shape),
        np.array(backward).reshape(shape),
        times,
        window_lengths_s(times, window_s(context.since_ns, context.until_ns)),
    )


def _interfaces(span: Span, ports: Ports, cables: Sequence[Cable], taken: set[tuple[str, str]]) -> tuple[str, str]:
    a, b = _written(ports, span.a_host, span.a_interface), _written(ports, span.b_host, span.b_interface)
    if a and b:
        return a, b
    for cable in sorted(cables, key=lambda cable: (not cable.is_there, cable.a_port)):
        ends = {(cable.a, cable.b): (cable.a_port, cable.b_port), (cable.b, cable.a): (cable.b_port, cable.a_port)}
        found = ends.get((span.a_host, span.b_host))
        if found is None or any(
            known and same_port(known) != same_port(port) for known, port in zip((a, b), found, strict=True)
        ):
            continue
        if not {(span.a_host, same_port(found[0])), (span.b_host, same_port(found[1]))} & taken:
            return a or found[0], b or found[1]
    return (
        a or _by_description(ports, span.a_host, span.b_host, taken),
        b or _by_description(ports, span.b_host, span.a_host, taken),
    )


def _written(ports: Ports, host: str, interface: str) -> str:
    """The port's own name for what the inventory writes."""
    same = [name for name in ports.get(host, ()) if interface and same_port(name) == same_port(interface)]
    return interface if interface in same or not same else same[0]


def _by_description(ports: Ports, host: str, other: str, taken: set[tuple[str, str]]) -> str:
    """The only port left whose description holds the other host's name as a word."""
    word = re.compile(rf"(?<![\w-]){re.escape(other)}(?![\w-])", re.IGNORECASE)
    named = [
        port.name
        for port in ports.get(host, {}).values()
        if word.search(port.alias) and (host, same_port(port.name)) not in taken
    ]
    return named[0] if len(named) == 1 else ""


def _end(context: Context, host: str, interface: str, ports: Ports, there: Mapping[tuple[str, str], Heard]) -> End:
    port = ports.get(host, {}).get(interface)
    state = context.states().get(host)
    silent = state is not None and state.up is False
    heard = there.get((host, same_port(interface))) if interface and not silent else None
    if port is None or silent:
        return End(host, interface, heard=heard, speed_bps=port.class_bps if port else None)
    up = port.oper_up
    if up is None and heard is not None:
        up = True
    return End(host, interface, up, port.speed_bps or port.class_bps, heard)


def _down_since(context: Context, ends: Sequence[End]) -> int | None:
    """When the first of the ends that are down was first seen so, after it was last up."""
    since: list[int] = []
    for end in ends:
        if end.up is not False:
            continue
        samples = sorted(
            (time_ns, str(text))
            for series in context.store.series(
                "interface",
                "oper_status",
                {"host": end.host, "name": end.interface},
                since_ns=context.since_ns,
                until_ns=context.until_ns,
                every_s=window_s(context.since_ns, context.until_ns),
                aggregate="last",
            )
            for time_ns, text in zip(series.times_ns, series.values, strict=True)
        )
        last_up = next((place for place in reversed(range(len(samples))) if samples[place][1] == "up"), None)
        if last_up is not None and last_up + 1 < len(samples):
            since.append(samples[last_up + 1][0])
    return min(since, default=None)

"""`[rings.NAME]`: the spans of a ring, in the ring's order."""

from inventory.convert import convert, found
from inventory.grammar import RingTable, SpanTable
from inventory.model import Ring, Span
from inventory.problem import Problems, Spot
from inventory.read import Sources
from inventory.resolve import check_name, unknown_name


def resolve_rings(sources: Sources, problems: Problems) -> dict[str, Ring]:
    """`[rings.NAME]` of all files."""
    rings = {}
    for name, entry in sources.rings.items():
        check_name(name, entry.spot, problems)
        before = len(problems)
        table = convert(entry.raw, RingTable, entry.spot, problems)
        if table is None or len(problems) > before:
            continue
        spans = _by_hosts(table, entry.spot, sources, problems)
        if table.spans:
            spans = tuple(
                Span(a_host=span.a, b_host=span.b, a_interface=span.a_interface, b_interface=span.b_interface)
                for span in table.spans
            )
            _check_spans(table.spans, entry.spot / "spans", sources, problems)
        rings[name] = Ring(name=name, spans=spans)
    return rings


def _by_hosts(table: RingTable, spot: Spot, sources: Sources, problems: Problems) -> tuple[Span, ...]:
    """The spans between neighbours of `hosts`, their interfaces to be found by who sees whom."""
    if bool(table.hosts) == bool(table.spans):
        problems.add(
            spot, f"has {'both hosts and' if table.hosts else 'neither hosts nor'} spans, allowed: one of them"
        )
    if not table.hosts:
        return ()
    if len(table.hosts) < 3:
        problems.add(
            spot / "hosts", f"found {len(table.hosts)}, allowed: 3 or more; of a ring of two hosts write the spans"
        )
    for number, host in enumerate(table.hosts):
        _check_host(host, spot / "hosts" / number, sources, problems)
        if host in table.hosts[:number]:
            problems.add(spot / "hosts" / number, f"found {found(host)} twice: a ring passes a host once")
    following = (*table.hosts[1:], table.hosts[0])
    return tuple(Span(a_host=a, b_host=b) for a, b in zip(table.hosts, following, strict=True))


def _check_spans(spans: tuple[SpanTable, ...], spot: Spot, sources: Sources, problems: Problems) -> None:
    if len(spans) < 2:
        problems.add(spot, "found 1, allowed: 2 or more")
        return
    begun: set[str] = set()
    ended: set[tuple[str, str]] = set()
    for number, span in enumerate(spans):
        at, before = spot / number, spans[number - 1]
        _check_host(span.a, at / "a", sources, problems)
        _check_host(span.b, at / "b", sources, problems)
        if span.a != before.b:
            which = "the one before ends" if number else "the last one ends: a ring is closed"
            problems.add(at / "a", f"found {found(span.a)}, allowed: {found(before.b)}, where {which}")
        elif span.a in begun:
            problems.add(at / "a", f"found {found(span.a)} twice: a ring passes a host once")
        begun.add(span.a)
        for key, end in (("a_interface", (span.a, span.a_interface)), ("b_interface", (span.b, span.b_interface))):
            if end[1] and end in ended:
                problems.add(at / key, f"found {found(end[1])} of {end[0]} twice: a port ends one span")
            ended.add(end)


def _check_host(host: str, spot: Spot, sources: Sources, problems: Problems) -> None:
    if host not in sources.hosts:
        unknown_name("host", host, sources.hosts, spot, problems)

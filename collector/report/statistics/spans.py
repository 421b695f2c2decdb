"""Sets of time as spans `[start, stop)` in ns: ascending, apart, none empty. Pure."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
Spans: TypeAlias = tuple[Span, ...]


def merged(spans: Iterable[Span]) -> Spans:
    """All time that is in any of `spans`, which may overlap, touch, be empty and stand in any order."""
    found: list[Span] = []
    for start, stop in sorted(spans):
        if stop <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return tuple(found)


def common(a: Spans, b: Spans) -> Spans:
    """All time that is in both."""
    found: list[Span] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, stop = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if start < stop:
            found.append((start, stop))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def minus(a: Spans, b: Spans) -> Spans:
    """All time of `a` that is not in `b`."""
    if not a or not b:
        return a
    edges = (a[0][0], *(edge for span in b for edge in span), a[-1][1])
    return common(a, merged(zip(edges[::2], edges[1::2], strict=True)))


def length_ns(spans: Spans) -> int:
    """How long they are in all."""
    return sum(stop - start for start, stop in spans)


def lengths_in(spans: Spans, parts: Sequence[Span]) -> list[int]:
    """How much of `spans` is in each of `parts`, which are ascending and apart."""
    return lengths_ns(spans, [edge for part in parts for edge in part])[::2] if parts else []


def lengths_ns(spans: Spans, edges: Sequence[int]) -> list[int]:
    """How much of `spans` is in each stretch between two of the ascending `edges`."""
    found = [0] * (len(edges) - 1)
    at = 0
    for start, stop in spans:
        while at < len(found) and edges[at + 1] <= start:
            at += 1
        bin_ = at
        while bin_ < len(found) and edges[bin_] < stop:
            found[bin_] += min(stop, edges[bin_ + 1]) - max(start, edges[bin_])
            bin_ += 1
    return found

"""What becomes of a ring when a span fails: who is cut off, and whether the rest carries the load. Pure.

The model of the load: what a span carries is known, not where it comes from or goes to. When a span of a closed ring fails,
all that it carried goes the other way round. On every other span the load that way grows by at most what the failed span
carried the opposite way: each demand that crossed the failed span now crosses each of the others at most once, and none that
did not cross it moves. So the sum, window by window, is an upper bound; its 95th percentile is what is compared with the span's
speed. It assumes that demands stay as they are, and that a ring has no other way out than its own spans.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from collector.report.capacity.ring_spans import Load
from collector.report.statistics.samples import BILLING_PERCENT, percentile


class Worst(NamedTuple):
    """The load of one span, at its worst over all others failing, one at a time."""

    bps: float
    failed: int
    """which span's failing brings it"""


def percentiles(load: Load) -> list[tuple[float | None, float | None]]:
    """Of every span, forward and backward, bit/s."""
    weights = _weights(load)
    return [
        (percentile(forward, BILLING_PERCENT, weights), percentile(backward, BILLING_PERCENT, weights))
        for forward, backward in zip(load.forward, load.backward, strict=True)
    ]


def after_failure(load: Load) -> list[Worst | None]:
    """Of every span of a closed ring, the higher direction's load when the worst of the others fails.

    None where loads are not known.
    """
    count = len(load.forward)
    found: list[Worst | None] = []
    weights = _weights(load)
    for span in range(count):
        sums: list[Worst] = []
        for failed in range(count):
            if failed == span:
                continue
            ways = (
                percentile(load.forward[span] + load.backward[failed], BILLING_PERCENT, weights),
                percentile(load.backward[span] + load.forward[failed], BILLING_PERCENT, weights),
            )
            known = [bps for bps in ways if bps is not None]
            if known:
                sums.append(Worst(max(known), failed))
        found.append(max(sums, key=lambda worst: worst.bps, default=None))
    return found


def while_open(load: Load, failed: int, since_ns: int) -> list[Worst | None]:
    """Of every other span of a ring that is open at `failed`, the higher direction's load since then."""
    known = load.times_ns >= since_ns
    weights = load.lengths_s[known]
    found: list[Worst | None] = []
    for span, ways in enumerate(zip(load.forward, load.backward, strict=True)):
        bps = [percentile(way[known], BILLING_PERCENT, weights) for way in ways]
        highest = max((value for value in bps if value is not None), default=None)
        found.append(Worst(highest, failed) if highest is not None and span != failed else None)
    return found


def cut_off(hosts: Sequence[str], broken: Collection[int], heads: Collection[str]) -> list[str]:
    """The hosts of a ring that no head can reach over the spans that are left; span `i` leads from host `i` to the next."""
    count = len(hosts)
    if not broken:
        return []
    starts = [(span + 1) % count for span in sorted(broken)]
    gone: list[str] = []
    for start in starts:
        segment = [start]
        while segment[-1] not in broken and len(segment) < count:
            segment.append((segment[-1] + 1) % count)
        names = [hosts[place] for place in segment]
        if not set(names) & set(heads):
            gone += names
    return gone


def _weights(load: Load) -> "np.ndarray[tuple[int], np.dtype[np.float64]] | None":
    """None where all windows are alike, which is faster."""
    lengths = load.lengths_s
    return None if len(lengths) == 0 or (lengths == lengths[0]).all() else lengths

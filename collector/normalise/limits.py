"""How fast a counter can grow: what tells a wrap from a reset, and a measurement from nonsense."""

from math import inf
from typing import NamedTuple

from collector.normalise.counters import NARROW_WRAP
from collector.normalise.tables import Counted

HEADROOM = 1.1
"""over the stated speed: agents refresh their counters a little before or after they are asked"""
SMALLEST_PACKET_OCTETS = 28
"""an IP header alone behind the shortest PPP header"""
LARGEST_FRAME_OCTETS = 16_384
"""the largest jumbo frames of Ethernet stay below"""
ABSURD_FACTOR = 10
"""a stated speed is often a setting (`bandwidth`, tunnels of 9 kbit/s), so a rate may exceed it, but not by this"""
ABSURD_FLOOR_BPS = 10e9
ABSURD_UNKNOWN_BPS = 10e12


class Limits(NamedTuple):
    """Growth in one interval, each a tuple by `Counted`.

    Attributes:
        absurd: beyond this is no measurement.
        never_absurd: up to this it may be one, whatever is counted.
        line_max: the most that the line can have carried; None where its speed is unknown.
        hides_wraps: a 32-bit counter of octets or packets may have wrapped without being less than before.
    """

    absurd: tuple[float, float, float]
    never_absurd: float
    line_max: tuple[float, float, float] | None
    hides_wraps: bool


NO_LIMITS = Limits((inf, inf, inf), inf, None, True)


def line_limits(speed_bps: int | None, interval_s: float) -> Limits:
    """The limits of an interface's counters; `speed_bps` is None where the device states none."""
    absurd_bps = max(speed_bps * ABSURD_FACTOR, ABSURD_FLOOR_BPS) if speed_bps else ABSURD_UNKNOWN_BPS
    absurd = _by_counted(absurd_bps, interval_s)
    if not speed_bps:
        return Limits(absurd, min(absurd), None, True)
    line_max = _by_counted(speed_bps * HEADROOM, interval_s)
    return Limits(absurd, min(absurd), line_max, line_max[Counted.OCTETS] >= NARROW_WRAP)


def _by_counted(bps: float, interval_s: float) -> tuple[float, float, float]:
    octets = bps / 8 * interval_s
    packets = octets / SMALLEST_PACKET_OCTETS
    return octets, packets, packets


def octets_max(octets: int, packets: int | None, line_max: float | None) -> float | None:
    """The most octets that can have passed, by the line's speed and by the packets counted meanwhile.

    Octets of a fast line wrap within seconds, its packets seldom: n packets carry at most n times the largest frame.
    Packets that could not even carry the `octets` seen so far (mod 2^32) are not counted properly and prove nothing.
    """
    if packets is None or packets * LARGEST_FRAME_OCTETS < octets:
        return line_max
    carried = float(packets * LARGEST_FRAME_OCTETS)
    return carried if line_max is None else min(carried, line_max)


def limit(limits: Limits, counted: Counted) -> float | None:
    """`limits.line_max` for one kind of counter."""
    return limits.line_max[counted] if limits.line_max else None

"""What is kept of a row until the next cycle: the baselines of its counters."""

from typing import TypeAlias

import msgspec


class Stamp(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The moment a row was read.

    Attributes:
        arrived_s: when its response came in, seconds since the epoch by the collector's clock.
        uptime_ticks: sysUpTime.0 in the same response, 1/100 s, modulo 2^32; None where the agent tells none.
    """

    arrived_s: float
    uptime_ticks: int | None = None


class Held(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A counter that the newest reading lacked: its last value, and when that was read."""

    value: int
    narrow: bool
    arrived_s: float
    uptime_ticks: int | None
    discontinuity: int | None
    pace: float | None


class Sample(msgspec.Struct, array_like=True, gc=False):
    """The counters of one row at one moment. It is encoded and written for every row and cycle, so it is short.

    Attributes:
        layout: fingerprint of the counters' order (`tables.Table.layout`): a sample of another version is no baseline.
        arrived_s, uptime_ticks: as in `Stamp`.
        discontinuity: as in `Row`.
        pace: what the device's uptime gained on each second of the collector's clock, when last compared; 1.0 if they
            agreed, None if they were never compared.
        narrow: a bit for each counter of 32 bits, by its position.
        counters: in the catalogue's order, None for what the row lacks.
        held: by position, what the row lacks now and had before.
    """

    layout: int
    arrived_s: float
    uptime_ticks: int | None
    discontinuity: int | None
    pace: float | None
    narrow: int
    counters: list[int | None]
    held: dict[int, Held] = {}


Samples: TypeAlias = dict[str, Sample]
"""by series: the measurement and the row's own tags"""

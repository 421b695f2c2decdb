"""How one host or site fared over a period, from the time it was down and the time nobody knows of. Pure.

The rules are told in `outages`.
"""

from collections.abc import Sequence
from enum import Enum

import msgspec

from collector.report.statistics.spans import Span, Spans, common, length_ns, lengths_in, merged, minus


class Outage(msgspec.Struct, frozen=True):
    """One time of being down.

    Attributes:
        start_ns: of the first sample that is not up. One that began before the period and has not ended begins, to the
            hour, when the host was last up; one that ended begins with the period and `is_cut`.
        end_ns: of the next sample that is up, None where there is none yet.
        down_ns: how long, without maintenance and unknown time.
    """

    start_ns: int
    end_ns: int | None
    down_ns: int
    is_cut: bool = False


class State(Enum):
    """How something is at the end of the period."""

    UP = "up"
    DOWN = "down"
    MAINTENANCE = "maintenance"
    """down, and expected to be"""
    UNKNOWN = "unknown"


class Record(msgspec.Struct, frozen=True):
    """How a host or a site fared over a period.

    Attributes:
        state: how it is at the end.
        down: all time down, in maintenance too.
        unknown: all time of which nobody knows.
        excused: maintenance.
        up_ns, down_ns: outside of maintenance.
        outages: those that count, ascending.
        restarts: how often it restarted without being seen down; for a site, 0.
        interval_ns: the time between two samples, which is how exact all this is; 0 where there is none.
    """

    state: State
    down: Spans
    unknown: Spans
    excused: Spans
    up_ns: int
    down_ns: int
    outages: tuple[Outage, ...]
    restarts: int = 0
    interval_ns: int = 0

    @property
    def known_ns(self) -> int:
        """How long it is known whether it was up, outside of maintenance."""
        return self.up_ns + self.down_ns

    @property
    def percent_up(self) -> float | None:
        """Of the known time; None where there is none."""
        return percent_up(self.up_ns, self.down_ns)

    @property
    def open_outage(self) -> Outage | None:
        """The one that has not ended."""
        return self.outages[-1] if self.outages and self.outages[-1].end_ns is None else None

    @property
    def longest(self) -> Outage | None:
        """The longest outage."""
        return max(self.outages, key=lambda outage: outage.down_ns, default=None)

    @property
    def mttr_s(self) -> float | None:
        """Mean time down of an outage."""
        return self.down_ns / len(self.outages) / 1e9 if self.outages else None

    @property
    def mtbf_s(self) -> float | None:
        """Mean time up between two failures; None where there was no outage, as it is longer than anybody looked."""
        return self.up_ns / len(self.outages) / 1e9 if self.outages else None


def percent_up(up_ns: int, down_ns: int) -> float | None:
    """The share of the known time; None where there is none."""
    return 100.0 * up_ns / (up_ns + down_ns) if up_ns + down_ns else None


def record_of(
    down: Spans,
    unknown: Spans,
    excused: Spans,
    since_ns: int,
    until_ns: int,
    *,
    restarts: int = 0,
    interval_ns: int = 0,
) -> Record:
    """The record of what is down, unknown and excused within `[since_ns, until_ns)`; `down` and `unknown` are apart."""
    counted = minus(down, excused)
    down_ns = length_ns(counted)
    known_ns = until_ns - since_ns - length_ns(merged((*unknown, *excused)))
    outages = outages_of(down, unknown, counted, since_ns, until_ns)
    return Record(
        _state(down, unknown, excused, until_ns),
        down,
        unknown,
        excused,
        known_ns - down_ns,
        down_ns,
        outages,
        restarts,
        interval_ns,
    )


def _state(down: Spans, unknown: Spans, excused: Spans, until_ns: int) -> State:
    # what was down when it was last asked is down
    end_ns = unknown[-1][0] if unknown and unknown[-1][1] == until_ns else until_ns
    if down and down[-1][1] == end_ns:
        return State.MAINTENANCE if excused and excused[-1][1] == until_ns else State.DOWN
    return State.UP if end_ns == until_ns else State.UNKNOWN


def outages_of(down: Spans, unknown: Spans, counted: Spans, since_ns: int, until_ns: int) -> tuple[Outage, ...]:
    """The outages that `counted`, a part of `down`, touches. Unknown time alone does not end one."""
    known_after = minus(((since_ns, until_ns),), merged((*down, *unknown)))
    ends = iter((*(start for start, _ in known_after), None))
    runs: list[tuple[Span, int | None]] = []
    end: int | None = since_ns
    for start, stop in down:
        while end is not None and end <= start:
            end = next(ends)
        if runs and runs[-1][1] == end:
            runs[-1] = ((runs[-1][0][0], stop), end)
        else:
            runs.append(((start, stop), end))
    return tuple(
        Outage(start, end, down_ns, start == since_ns)
        for ((start, _), end), down_ns in zip(runs, lengths_in(counted, [span for span, _ in runs]), strict=True)
        if down_ns
    )


def site_record(gates: Sequence[Record], since_ns: int, until_ns: int) -> Record:
    """A site as the hosts that connect it show it. One of which nothing at all is known tells nothing."""
    period: Spans = ((since_ns, until_ns),)
    told = [gate for gate in gates if gate.unknown != period] or list(gates)
    not_up = unknown = excused = period
    for gate in told:
        not_up = common(not_up, merged((*gate.down, *gate.unknown)))
        unknown = common(unknown, gate.unknown)
        excused = common(excused, gate.excused)
    interval_ns = max((gate.interval_ns for gate in told), default=0)
    record = record_of(minus(not_up, unknown), unknown, excused, since_ns, until_ns, interval_ns=interval_ns)
    firsts = [gate.outages[0] if gate.outages else None for gate in told]
    starts = [first.start_ns for first in firsts if first and first.start_ns < since_ns]
    # it went down with the last of its gates
    return beginning(record, max(starts)) if starts and len(starts) == len(told) else record


def beginning(record: Record, start_ns: int) -> Record:
    """The record, its first outage beginning before the period."""
    if not record.outages or not record.outages[0].is_cut:
        return record
    first = msgspec.structs.replace(record.outages[0], start_ns=start_ns, is_cut=False)
    return msgspec.structs.replace(record, outages=(first, *record.outages[1:]))

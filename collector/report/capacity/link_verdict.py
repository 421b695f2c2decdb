"""What follows from a line's figures: the verdict, and the speed to order. All thresholds of lines, each with its reason."""

from collections.abc import Mapping
from enum import Enum

import numpy as np

from collector.report.capacity.link_figures import TIGHT_SHARE, Direction, LineFigures
from collector.report.model import Level, Verdict
from collector.report.say import say

FULL_SHARE = 0.95
"""from here on a line counts as full: what a shaper counts beside our octets (frames' heads, gaps) is a few percent, so that
a saturated line never shows more"""

SOON_DAYS = 90
"""that long a contract takes to be changed, so a line that will be full by then is tight now"""

ORDER_SHARE = 0.7
"""what is ordered shall be used no more than this in a year: room for the year after, and for a wrong forecast"""

ORDER_DAYS = 365

OVERSIZED_SHARE = 0.5
"""a line is too large where half of its speed or less would do; smaller savings are not worth a new contract"""

OVERSIZED_DAYS = 28
"""days measured before anybody is told to order less"""

LEAST_MEASURED_S = 86_400
"""less than a day's measurements have not seen every hour"""

ERROR_SHARE = 1e-4
"""packets in error: ITU-T Y.1541 allows so many (IPER, classes 0 to 4)"""

DISCARD_SHARE = 1e-3
"""packets dropped: ITU-T Y.1541 allows so many (IPLR, classes 0 to 4)"""

LEAST_LOST = 100
"""packets lost below which a share says nothing"""

SPEEDS_BPS = tuple(
    int(megabits * 10**6)
    for megabits in (
        *(1, 2, 4, 6, 8, 10, 20, 30, 40, 50, 100, 150, 200, 300, 500),
        *(1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 100_000),
    )
)
"""the speeds that are usually on offer"""


class State(Enum):
    """The verdict on a line, the most urgent first."""

    DOWN = "down"
    FULL = "full"
    TIGHT = "tight"
    NO_DATA = "no data"
    YOUNG = "not enough data"
    FINE = "fine"
    OVERSIZED = "oversized"
    OFF = "switched off"


VERDICTS: Mapping[State, Verdict] = {
    State.DOWN: Verdict(Level.CRITICAL, say("down")),
    State.FULL: Verdict(Level.CRITICAL, say("full")),
    State.TIGHT: Verdict(Level.WARNING, say("tight")),
    State.NO_DATA: Verdict(Level.UNKNOWN, say("no data")),
    State.YOUNG: Verdict(Level.UNKNOWN, say("not enough data")),
    State.FINE: Verdict(Level.OK, say("fine")),
    State.OVERSIZED: Verdict(Level.INFO, say("oversized")),
    State.OFF: Verdict(Level.INFO, say("switched off")),
}

_ORDER = {state: place for place, state in enumerate(State)}


def judge(figures: LineFigures) -> State:
    """The state of a line. What is measured counts before what is foretold."""
    share = figures.share
    if figures.is_off:
        return State.OFF
    if figures.is_down:
        return State.DOWN
    if share is None:
        return State.NO_DATA
    if figures.measured_s < LEAST_MEASURED_S:
        return State.YOUNG
    if share >= FULL_SHARE:
        return State.FULL
    days = figures.critical.days_to(1.0)
    if share >= TIGHT_SHARE or (days is not None and days <= SOON_DAYS):
        return State.TIGHT
    return State.OVERSIZED if _is_oversized(figures) else State.FINE


def urgency_order(figures: LineFigures, state: State) -> tuple[float, ...]:
    """The most urgent first: by state, then by when it is full, then by how much is used, and how long."""
    days = figures.critical.days_to(1.0)
    return (_ORDER[state], np.inf if days is None else days, -round(figures.share or 0.0, 2), -figures.hours_tight)


def speed_to_order_bps(figures: LineFigures, state: State) -> int | None:
    """The usual speed at which the line is at `ORDER_SHARE` in a year; None where the contract may stay as it is.

    Of a line with different speeds for both directions it is that of the direction that is used more. What a full line
    would carry if it could is not known, so at least twice its speed is ordered.
    """
    direction = figures.critical
    contract = direction.contract_bps or 0
    needed = _needed_bps(figures, direction)
    if needed is None:
        return None
    if state is State.FULL:
        return usual_speed_bps(max(needed, 2 * contract))
    if state is State.OVERSIZED or (state in (State.TIGHT, State.FINE) and needed > contract):
        ordered = usual_speed_bps(needed)
        return ordered if ordered != contract else None
    if state is State.TIGHT:
        return next((speed for speed in SPEEDS_BPS if speed > contract), None)
    return None


def usual_speed_bps(needed_bps: float) -> int:
    """The smallest speed on offer that is enough, or the largest there is."""
    return next((speed for speed in SPEEDS_BPS if speed >= needed_bps), SPEEDS_BPS[-1])


def loses_packets(figures: LineFigures) -> bool:
    """Whether errors or discards are more than a sound line has."""
    return any(
        losses is not None and losses.count >= LEAST_LOST and losses.share is not None and losses.share > most
        for losses, most in ((figures.errors, ERROR_SHARE), (figures.discards, DISCARD_SHARE))
    )


def is_symmetric(figures: LineFigures) -> bool:
    """Whether one speed is contracted for both directions."""
    return figures.received.contract_bps == figures.sent.contract_bps


def _needed_bps(figures: LineFigures, direction: Direction) -> float | None:
    """For the direction, or for both where they are ordered together."""
    directions = (figures.received, figures.sent) if is_symmetric(figures) else (direction,)
    loads = [load for load in map(_load_in_a_year_bps, directions) if load is not None]
    return max(loads) / ORDER_SHARE if loads else None


def _load_in_a_year_bps(direction: Direction) -> float | None:
    """The percentile in a year. Growth counts where it is certain; nothing is taken to shrink."""
    if direction.p95_bps is None:
        return None
    trend = direction.trend
    if trend is None:
        return direction.p95_bps
    growth = trend.slope.value if trend.slope.low > 0 else 0.0
    return max(direction.p95_bps, trend.level) + growth * ORDER_DAYS


def _is_oversized(figures: LineFigures) -> bool:
    """Whether a much smaller speed would do for both directions, also in a year, and nobody ever needed more."""
    if figures.measured_s < OVERSIZED_DAYS * 86_400 or not any(
        direction.mean_bps for direction in (figures.received, figures.sent)
    ):
        return False
    judged = [direction for direction in (figures.received, figures.sent) if direction.contract_bps]
    for direction in judged:
        load = _load_in_a_year_bps(direction)
        if load is None or usual_speed_bps(load / ORDER_SHARE) > OVERSIZED_SHARE * (direction.contract_bps or 0):
            return False
    return True

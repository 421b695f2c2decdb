"""How urgent findings are, on one scale, so that those of different reports can be ranked in one list.

100  people are cut off now, or will be within hours
 80  a service is impaired now: a line is full, a ring is open
 60  it will be within weeks
 40  it will be within months, or a reserve is gone that is not needed yet
 20  worth knowing
"""

import math

CUT_OFF = 100.0
IMPAIRED = 80.0
WITHIN_WEEKS = 60.0
WITHIN_MONTHS = 40.0
WORTH_KNOWING = 20.0


def within(days: float) -> float:
    """The urgency of something that happens in `days`: falls from 75 (tomorrow) to 20 (a year and later).

    >>> within(0), within(365)
    (75.0, 20.0)
    """
    return max(WORTH_KNOWING, 75.0 - 55.0 * math.sqrt(min(max(days, 0.0) / 365.0, 1.0)))


def by_people(urgency: float, people: int | None) -> float:
    """A little more urgent where many are concerned: up to 5 more for 100,000 and above. Keeps to the scale."""
    return min(100.0, urgency + 5.0 * min((people or 0) / 100_000, 1.0))

"""What of one host is due in one cycle."""

import msgspec

from collector.runtime import schedule
from inventory.model import Settings


class Cycle(msgspec.Struct, frozen=True, kw_only=True):
    """One round over the hosts.

    Attributes:
        time_s: the timestamp of all its points, seconds since the epoch.
        ends: when it must be over, by `time.monotonic()`.
        everything: poll all tables, due or not.
    """

    time_s: int
    ends: float
    everything: bool = False

    @property
    def time_ns(self) -> int:
        """The timestamp as points have it."""
        return self.time_s * 1_000_000_000


class Turns:
    """Keeps count of when each table or command of a host had its turn."""

    def __init__(self, host: str, settings: Settings, cycle: Cycle, polled_s: dict[str, int]) -> None:
        """`polled_s` is what the last cycle left, and is moved on."""
        self._host = host
        self._settings = settings
        self._cycle = cycle
        self._polled_s = polled_s

    @property
    def all_due(self) -> bool:
        """Whether somebody asked for everything."""
        return self._cycle.everything

    def is_due(self, what: str, measurement: str, declared_s: int) -> bool:
        """Whether a table of `measurement`, or a command for it, that its family wants every `declared_s` has its turn."""
        if self._cycle.everything:
            return True
        interval_s = schedule.interval_of(measurement, declared_s, self._settings.intervals, self._settings.interval_s)
        seldom = interval_s > self._settings.interval_s
        phase = schedule.phase_s(f"{self._host} {what}", interval_s) if seldom else 0
        return schedule.is_due(interval_s, self._polled_s.get(what), self._cycle.time_s, phase)

    def done(self, what: str) -> None:
        """It had its turn."""
        self._polled_s[what] = self._cycle.time_s

"""From the poller to the store, with the spool in between when the store is away."""

import logging
import time
from collections.abc import Callable, Sequence

import msgspec

from collector.metrics.model import Point
from collector.store.contract import Rejected, Store, StoreError, StoreRefusedError, StoreUnavailableError
from collector.store.spool import Spool

FIRST_PAUSE_S = 15.0
LONGEST_PAUSE_S = 240.0
REPLAY_S = 15.0
"""how long `deliver` may replay the spool on its way, in one cycle: a long outage is made good over several"""

log = logging.getLogger(__name__)


class Counts(msgspec.Struct):
    """What became of points: `written` counts those of this cycle, `replayed` those that came from the spool."""

    written: int = 0
    spooled: int = 0
    rejected: int = 0
    dropped: int = 0
    replayed: int = 0


class Delivery:
    """Points go to the store; while it is away, to the spool, and from there as soon as it is back.

    A store that fails is left alone for a while (15 s, then twice as long each time up to 4 minutes, or what the server
    asks for; remembered in the spool's folder, so the next process knows), so a cycle waits for it once at the most. A store
    that refuses (a wrong token, no database) is treated alike: nothing is lost until somebody puts it right.

    Without a spool `deliver` raises instead. `sleep` and the clock (seconds since the epoch) are for tests.
    """

    def __init__(
        self,
        store: Store,
        spool: Spool | None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.counts = Counts()
        self.trouble: StoreError | None = None
        """why the store was last left alone"""
        self._store = store
        self._spool = spool
        self._clock = clock
        self._sleep = sleep
        self._pause = _Pause(spool)
        self._replay_ends: float | None = None

    def begin(self) -> None:
        """A new cycle of a resident process: counts start at zero."""
        self.counts = Counts()
        self._replay_ends = None

    def deliver(self, points: Sequence[Point]) -> None:
        """Store the points, or spool them.

        Raises:
            StoreError: they could neither be stored nor spooled.
        """
        if not points:
            return
        if self._spool is None:
            self._write(points)
            return
        if self._pause.over(self._clock()):
            try:
                self._write(points)
            except StoreError as error:
                self._leave_alone(error)
            else:
                self._pause.clear()
                self._replay_on_the_way(self._spool)
                return
        self.counts.dropped += self._spool.append(points)
        self.counts.spooled += len(points)

    def flush(self, patience_s: float = 0.0) -> bool:
        """Replay the spool; whether nothing is left in it.

        While the store is away it is asked again after 1, 2, 4, ... s, for `patience_s` in all.

        Raises:
            StoreError: the store stayed away, or refuses.
        """
        if self._spool is None:
            return True
        ends, pause_s = self._clock() + patience_s, 1.0
        while True:
            try:
                finished = self._spool.replay(self._replay).finished
            except StoreUnavailableError as error:
                pause_s = max(pause_s, error.retry_after_s or 0.0)
                if self._clock() + pause_s > ends:
                    raise
                log.info("%s; next try in %.0f s", error, pause_s)
                self._sleep(pause_s)
                pause_s *= 2
            else:
                self._pause.clear()
                return finished

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def _write(self, points: Sequence[Point]) -> None:
        self.counts.written += self._store_points(points)

    def _replay(self, points: Sequence[Point]) -> None:
        self.counts.replayed += self._store_points(points)

    def _store_points(self, points: Sequence[Point]) -> int:
        result = self._store.write(points)
        if result.rejected:
            self._set_aside(result.rejected)
        return result.written

    def _set_aside(self, rejected: Sequence[Rejected]) -> None:
        self.counts.rejected += len(rejected)
        first = rejected[0]
        log.warning(
            "%d points were rejected, the first a %s of %s: %s",
            len(rejected),
            first.point.measurement,
            first.point.tags.get("host", "?"),
            first.reason,
        )
        if self._spool:
            self._spool.set_aside(rejected)

    def _replay_on_the_way(self, spool: Spool) -> None:
        if spool.empty():
            return
        now = self._clock()
        if self._replay_ends is None:
            self._replay_ends = now + REPLAY_S
        ends = self._replay_ends
        try:
            spool.replay(self._replay, lambda: self._clock() < ends)
        except StoreError as error:
            self._leave_alone(error)

    def _leave_alone(self, error: StoreError) -> None:
        self.trouble = error
        wait_s = self._pause.lengthen(self._clock(), getattr(error, "retry_after_s", None))
        level = logging.ERROR if isinstance(error, StoreRefusedError) else logging.WARNING
        hint = f"; {error.hint}" if error.hint else ""
        log.log(level, "%s%s; points are spooled, next try in %.0f s", error, hint, wait_s)


class _State(msgspec.Struct):
    failures: int = 0
    until_s: float = 0.0


class _Pause:
    """How long the store is left alone; kept in the spool's folder as `pause.json`."""

    def __init__(self, spool: Spool | None) -> None:
        self._path = spool.path / "pause.json" if spool else None
        self._state = _State()
        if self._path:
            try:
                self._state = msgspec.json.decode(self._path.read_bytes(), type=_State)
            except (OSError, msgspec.DecodeError):
                self._state = _State()

    def over(self, now_s: float) -> bool:
        # A clock that was set back must not make the pause last for ever.
        return not now_s < self._state.until_s <= now_s + LONGEST_PAUSE_S

    def lengthen(self, now_s: float, wanted_s: float | None) -> float:
        failures = self._state.failures
        wait_s: float = min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S * 2.0 ** min(failures, 10), wanted_s or 0.0))
        self._keep(_State(failures + 1, now_s + wait_s))
        return wait_s

    def clear(self) -> None:
        if self._state.failures:
            self._keep(_State())

    def _keep(self, state: _State) -> None:
        self._state = state
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.write_bytes(msgspec.json.encode(state))
        except OSError as error:
            log.warning("%s: %s", self._path, error.strerror)

"""Points on disk that wait for the store, oldest first.

    spool/lock             held while segments are added to, counted or removed
    spool/replay.lock      held by the one who replays
    spool/N.segment        see segment.py; the highest N is added to
    spool/counts.json      what was dropped or damaged since the beginning
    spool/dead-letter/DAY.jsonl    points that the store will never take, with its reason

`append` returns when the points are on the disk (fsync). A segment is removed only after the store has all of it, so a
crash at any moment can make points come twice, which the store merges, but never loses one. Beyond the caps the oldest
segment goes, and its points are counted. Several processes may append and replay at once.
"""

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from collector.metrics.model import Point
from collector.store.contract import Rejected, StoreUnavailableError
from collector.store.dead_letter import DeadLetters
from collector.store.segment import Record, points_of, records_of, scan

SEGMENT_BYTES = 4 << 20
REPLAY_POINTS = 5_000
"""about so many points go to the store at once"""

log = logging.getLogger(__name__)


class SpoolStatus(msgspec.Struct, frozen=True, kw_only=True):
    """For `collector spool status`. `oldest_s` and `newest_s` are when points were spooled, since the epoch."""

    points: int
    segments: int
    bytes: int
    oldest_s: float | None
    newest_s: float | None
    dropped: int
    """points that the caps cost since the beginning"""
    damaged: int
    """octets that could not be read back since the beginning"""
    dead_letters: int


class _Counts(msgspec.Struct):
    dropped: int = 0
    damaged: int = 0


class Replayed(msgspec.Struct):
    """What a replay did. `finished` is false where it stopped early, or another process replays already."""

    points: int = 0
    finished: bool = False


class Spool:
    """A folder of segments; made when it is first needed.

    Args:
        max_bytes: of all segments together.
        max_age_s: since points were spooled.
        clock: seconds since the epoch.
    """

    def __init__(self, path: Path, *, max_bytes: int, max_age_s: float, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.dead_letters = DeadLetters(path / "dead-letter", clock)
        self._max_bytes = max_bytes
        self._max_age_s = max_age_s
        self._clock = clock

    def append(self, points: Sequence[Point]) -> int:
        """Keep the points on disk; returns how many points, old or new, the caps cost.

        Raises:
            StoreUnavailableError: the disk does not take them; none is kept.
        """
        with self._guarded("spool"):
            try:
                records = records_of(points)
            except (OverflowError, UnicodeEncodeError):
                records = records_of(self._encodable(points))
            data = b"".join(records)
            with self._locked():
                if len(data) > self._max_bytes:
                    return self._drop(len(points), f"a batch of {len(data)} octets is more than the spool may hold")
                dropped = self._make_room(len(data))
                self._write(data)
            return dropped

    def replay(self, write: Callable[[Sequence[Point]], None], go_on: Callable[[], bool] = lambda: True) -> Replayed:
        """Hand the points to `write`, oldest first, and forget each segment when all of it is written.

        What `write` raises ends the replay; what it had taken of an unfinished segment comes again the next time.

        Args:
            go_on: asked before each segment.

        Raises:
            StoreUnavailableError: the disk fails.
        """
        replayed = Replayed()
        if self.empty():
            replayed.finished = True
            return replayed
        with self._guarded("replay"), self._file("replay.lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return replayed
            while (segments := self._segments()) and go_on():
                self._replay_segment(segments[0], write, replayed)
            replayed.finished = not segments
        return replayed

    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._segments()

    def status(self) -> SpoolStatus:
        """What waits, and what was lost.

        Raises:
            StoreUnavailableError: the folder cannot be read.
        """
        if not self.path.exists():
            return SpoolStatus(
                points=0, segments=0, bytes=0, oldest_s=None, newest_s=None, dropped=0, damaged=0, dead_letters=0
            )
        with self._guarded("read"), self._locked():
            segments = self._segments()
            stats = [segment.stat() for segment in segments]
            counts = self._counts()
            return SpoolStatus(
                points=sum(_points(segment) for segment in segments),
                segments=len(segments),
                bytes=sum(stat.st_size for stat in stats),
                oldest_s=min((stat.st_mtime for stat in stats), default=None),
                newest_s=max((stat.st_mtime for stat in stats), default=None),
                dropped=counts.dropped,
                damaged=counts.damaged,
                dead_letters=self.dead_letters.count(),
            )

    def set_aside(self, rejected: Sequence[Rejected]) -> None:
        """Keep points that the store will never take, for somebody to look at.

        Raises:
            StoreUnavailableError: the disk does not take them.
        """
        if rejected:
            with self._guarded("set aside"):
                self.dead_letters.add(rejected)

    def _encodable(self, points: Sequence[Point]) -> list[Point]:
        kept = []
        rejected = []
        for point in points:
            try:
                records_of([point])
                kept.append(point)
            except (OverflowError, UnicodeEncodeError) as error:
                rejected.append(Rejected(point, f"cannot be spooled: {error}"))
        self.dead_letters.add(rejected)
        return kept

    def _replay_segment(self, segment: Path, write: Callable[[Sequence[Point]], None], replayed: Replayed) -> None:
        at, damaged = 0, 0
        while True:
            try:
                data = segment.read_bytes()
            except FileNotFoundError:  # the caps took it
                return
            waiting: list[Point] = []
            for found in scan(data, at):
                if isinstance(found, int):
                    damaged += found
                elif points := points_of(data, found):
                    waiting += points
                else:
                    damaged += found.stop - found.start
                if len(waiting) >= REPLAY_POINTS:
                    write(waiting)
                    replayed.points += len(waiting)
                    waiting = []
            if waiting:
                write(waiting)
                replayed.points += len(waiting)
            at = len(data)
            with self._locked():
                if segment.exists() and segment.stat().st_size > at:
                    continue  # somebody added to it meanwhile
                segment.unlink(missing_ok=True)
                if damaged:
                    log.warning("%s: %d damaged octets were skipped", segment, damaged)
                    self._count(damaged=damaged)
                return

    def _write(self, data: bytes) -> None:
        segments = self._segments()
        last = segments[-1] if segments else None
        if last is None or last.stat().st_size >= SEGMENT_BYTES:
            last = self.path / f"{int(last.stem) + 1 if last else 1:012d}.segment"
        handle = os.open(last, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            before = os.fstat(handle).st_size
            try:
                _write_all(handle, data)
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, before)
                raise
        finally:
            os.close(handle)
        if before == 0:
            _sync_folder(self.path)

    def _make_room(self, wanted: int) -> int:
        segments = self._segments()
        sizes = {segment: segment.stat() for segment in segments}
        total = sum(stat.st_size for stat in sizes.values())
        oldest_s = self._clock() - self._max_age_s
        lost, reason = 0, ""
        for segment in segments:
            too_old = sizes[segment].st_mtime < oldest_s
            if not too_old and total + wanted <= self._max_bytes:
                break
            reason = "age" if too_old else "size"
            lost += _points(segment)
            total -= sizes[segment].st_size
            segment.unlink()
        return self._drop(lost, f"the spool's cap by {reason}") if lost else 0

    def _drop(self, points: int, reason: str) -> int:
        log.error("%d points were dropped from %s: %s", points, self.path, reason)
        self._count(dropped=points)
        return points

    def _segments(self) -> list[Path]:
        return sorted(self.path.glob("*.segment"))

    def _counts(self) -> _Counts:
        try:
            return msgspec.json.decode((self.path / "counts.json").read_bytes(), type=_Counts)
        except (FileNotFoundError, msgspec.DecodeError):
            return _Counts()

    def _count(self, *, dropped: int = 0, damaged: int = 0) -> None:
        counts = self._counts()
        counts.dropped += dropped
        counts.damaged += damaged
        new = self.path / "counts.json.new"
        new.write_bytes(msgspec.json.encode(counts))
        new.replace(self.path / "counts.json")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._file("lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _file(self, name: str) -> Iterator[int]:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield handle
        finally:
            os.close(handle)

    @contextmanager
    def _guarded(self, operation: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            hint = "free the disk, or give the spool another place: state_dir under [collector]"
            reason = error.strerror or str(error)
            raise StoreUnavailableError(reason, operation=operation, target=str(self.path), hint=hint) from None


def _points(segment: Path) -> int:
    return sum(found.points for found in scan(segment.read_bytes()) if isinstance(found, Record))


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

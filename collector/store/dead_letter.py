"""Points that a store will never take, kept with its reason: a JSON object a line, a file a day.

{"reason": "...", "measurement": "...", "tags": {...}, "fields": {...}, "time_ns": ...}
"""

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from collector.store.contract import Rejected

MAX_BYTES = 64 << 20
"""the oldest days go beyond this: a mistake that rejects everything must not fill the disk"""


class DeadLetters:
    """The folder; made when it is first needed."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self.path = path
        self._clock = clock

    def add(self, rejected: Sequence[Rejected]) -> None:
        """Append to today's file.

        Raises:
            OSError: the disk does not take them.
        """
        if not rejected:
            return
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        today = self.path / f"{datetime.fromtimestamp(self._clock(), UTC):%Y-%m-%d}.jsonl"
        lines = "".join(_line(letter) for letter in rejected)
        with today.open("ab") as file:
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())
        self._make_room(today)

    def count(self) -> int:
        """How many there are."""
        return sum(file.read_bytes().count(b"\n") for file in self._files())

    def _files(self) -> list[Path]:
        return sorted(self.path.glob("*.jsonl"))

    def _make_room(self, keep: Path) -> None:
        sizes = {file: file.stat().st_size for file in self._files()}
        total = sum(sizes.values())
        for file, size in sizes.items():
            if total <= MAX_BYTES or file == keep:
                break
            file.unlink(missing_ok=True)
            total -= size


def _line(letter: Rejected) -> str:
    point = letter.point
    # The standard library's encoder: these may be the very values that a stricter one refuses.
    return (
        json.dumps(
            {
                "reason": letter.reason,
                "measurement": point.measurement,
                "tags": point.tags,
                "fields": point.fields,
                "time_ns": point.time_ns,
            }
        )
        + "\n"
    )

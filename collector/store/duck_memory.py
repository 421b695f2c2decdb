"""What was found out about the DuckDB file, for as long as nobody writes to it."""

import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeVar

_Found = TypeVar("_Found")

_MOST = 64


class Memory:
    """Answers about the file at `path` by question, asked within turns; all are forgotten when the file changes."""

    def __init__(self, path: Path) -> None:
        self._paths = (path, path.with_name(path.name + ".wal"))
        self._lock = threading.Lock()
        self._state: object = None
        self._found: dict[Hashable, object] = {}

    def get(
        self, question: Hashable, find: Callable[[], _Found], suits: Callable[[_Found], bool] = lambda _: True
    ) -> _Found:
        """The answer, from `find` where the file is another than when it was last asked, or the answer then does not suit."""
        state = [_state(path) for path in self._paths]
        with self._lock:
            if state != self._state or len(self._found) >= _MOST:
                self._state, self._found = state, {}
            known: _Found | None = self._found.get(question)  # type: ignore[assignment]
        if known is not None and suits(known):
            return known
        found = find()
        with self._lock:
            if state == self._state:
                self._found[question] = found
        return found


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns

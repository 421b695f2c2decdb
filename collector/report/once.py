"""Things that several reports need, computed once, also where several threads ask at the same time."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeVar

_Made = TypeVar("_Made")


class Once:
    """Remembers what was made for a key. Who asks while it is being made waits for it, and gets its error where it fails."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: dict[Hashable, Future[Any]] = {}

    def get(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """What `make` gave the first time."""
        with self._lock:
            future = self._made.get(key)
            is_mine = future is None
            if future is None:
                future = self._made[key] = Future()
        if is_mine:
            try:
                future.set_result(make())
            except BaseException as error:
                future.set_exception(error)
                raise
        made: _Made = future.result()
        return made

"""Turns at the DuckDB file: pollers, readers and people have it for a moment each instead of failing.

DuckDB locks its file per process and refuses the second comer at once. Two lock files beside it make the others wait:
whoever wants in passes `PATH.gate` and then holds `PATH.lock`, shared to read and alone to write. A writer waits
inside the gate, so no stream of readers can starve it. The kernel drops both locks when a process dies.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

from collector.store.contract import StoreRefusedError, StoreUnavailableError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_T = TypeVar("_T")

_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.25

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "160MB",
    "threads": "1",
    "preserve_insertion_order": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
"""one thread: a poller shares the machine; the limit keeps a whole process below 300 MB (measured)"""

QUIET = "SET enable_progress_bar = false"
"""it would go to standard output"""


@contextmanager
def opened(path: Path, *, wait_s: float) -> Iterator["DuckDBPyConnection"]:
    """A connection to write to the file for as long as the block runs; nobody else reads or writes meanwhile.

    Raises:
        StoreUnavailableError: others kept the file longer than `wait_s`, or the disk is full.
        StoreRefusedError: the file cannot be opened, is no DuckDB file, or DuckDB refuses a statement.
    """
    deadline = time.monotonic() + wait_s
    with store_errors(path, "write", wait_s), turn(path, write=True, deadline=deadline):
        connection = until(deadline, lambda: unlocked(lambda: _connect(path)))
        try:
            yield connection
        finally:
            connection.close()


@contextmanager
def store_errors(path: Path, operation: str, wait_s: float) -> Iterator[None]:
    """Raise the store's errors for those of the system, of DuckDB and of waiting."""
    import duckdb

    try:
        yield
    except TimeoutError:
        raise in_use(path, operation, wait_s) from None
    except OSError as error:
        raise refused(path, operation, error) from None
    except duckdb.Error as error:
        if isinstance(error, duckdb.OutOfMemoryException) or "No space left" in str(error):
            raise StoreUnavailableError(_first_line(error), operation=operation, target=str(path)) from None
        raise refused(path, operation, error) from None


def in_use(path: Path, operation: str, wait_s: float) -> StoreUnavailableError:
    """The error to raise where others kept the file too long."""
    return StoreUnavailableError(
        f"the file was in use by others for {wait_s:g} s",
        operation=operation,
        target=str(path),
        hint="close programs that keep it open (a DuckDB shell, a dashboard)",
    )


def refused(path: Path, operation: str, error: Exception) -> StoreRefusedError:
    """The error to raise where the system or DuckDB says no."""
    hint = "check the path, its owner and its rights"
    if not isinstance(error, OSError):
        hint = "if the file is damaged, set it aside or restore a backup: collector store restore"
    reason = (isinstance(error, OSError) and error.strerror) or _first_line(error)
    return StoreRefusedError(reason, operation=operation, target=str(path), hint=hint)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


@contextmanager
def turn(path: Path, *, write: bool, deadline: float) -> Iterator[None]:
    """The right to the file, shared with other readers or alone to write.

    Raises:
        TimeoutError: `deadline` (of `time.monotonic`) passed.
    """
    with _beside(path, ".gate") as gate, _beside(path, ".lock") as lock:
        until(deadline, lambda: fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB))
        kind = fcntl.LOCK_EX if write else fcntl.LOCK_SH
        until(deadline, lambda: fcntl.flock(lock, kind | fcntl.LOCK_NB))
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield


@contextmanager
def kept_shared(path: Path) -> Iterator[None]:
    """The right to read kept beyond a turn, for who has one."""
    with _beside(path, ".lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def is_awaited(path: Path) -> bool:
    """Whether somebody waits for readers to be done."""
    with _beside(path, ".gate") as gate:
        try:
            fcntl.flock(gate, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _beside(path: Path, suffix: str) -> IO[bytes]:
    beside = path.with_name(path.name + suffix)
    try:
        return beside.open("ab")
    except PermissionError:  # who may only read the store takes turns too
        return beside.open("rb")


def _connect(path: Path) -> "DuckDBPyConnection":
    import duckdb

    connection = duckdb.connect(str(path), config=SETTINGS)
    connection.execute(QUIET)
    return connection


def unlocked(connect: Callable[[], _T]) -> _T:
    """What `connect` gives.

    Raises:
        BlockingIOError: somebody who knows nothing of our locks keeps the file: a DuckDB shell, a dashboard.
    """
    import duckdb

    try:
        return connect()
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise BlockingIOError from None
        raise


def until(deadline: float, attempt: Callable[[], _T]) -> _T:
    """Try until it no longer raises BlockingIOError.

    Raises:
        TimeoutError: the deadline passed.
    """
    pause_s = _PAUSE_S
    while True:
        try:
            return attempt()
        except BlockingIOError:
            if time.monotonic() + pause_s > deadline:
                raise TimeoutError from None
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)

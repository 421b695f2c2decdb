"""Reading the DuckDB file in short turns, from any number of threads.

Opening a database costs more than finding what to read: 70 ms on a year of a province. So a DuckDB of no data lives as long
as the store, and the file is attached to it for as long as anybody reads: 20 ms.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from collector.store.duck_file import QUIET, SETTINGS, store_errors, turn, unlocked, until
from collector.store.duck_schema import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MOST_THREADS = 4
"""of a reader, which a person waits for"""

_MEMORY = "400MB"


class DuckReader:
    """Turns to read the file at `path`; each waits up to `wait_s` for those who write.

    Turns of several threads share the attached file. It is let go as soon as none reads: before a waiting writer, no new
    turn begins.
    """

    def __init__(self, path: Path, wait_s: float) -> None:
        self.path = path
        self.wait_s = wait_s
        self._lock = threading.Lock()
        self._database: DuckDBPyConnection | None = None
        self._readers = 0

    @contextmanager
    def turn(self) -> "Iterator[DuckDBPyConnection]":
        """A connection to read for as long as the block runs; nobody writes meanwhile.

        Raises:
            StoreUnavailableError: others kept the file longer than `wait_s`.
            StoreRefusedError: the file cannot be opened, is no DuckDB file, or DuckDB refuses a statement.
        """
        deadline = time.monotonic() + self.wait_s
        with (
            store_errors(self.path, "read", self.wait_s),
            turn(self.path, write=False, deadline=deadline),
            self._attached(deadline) as database,
            database.cursor() as connection,
        ):
            connection.execute(f"{QUIET}; USE store")
            yield connection

    def close(self) -> None:
        """Let DuckDB go; a later turn starts it again."""
        with self._lock:
            if self._database is not None and not self._readers:
                self._database.close()
                self._database = None

    @contextmanager
    def _attached(self, deadline: float) -> "Iterator[DuckDBPyConnection]":
        with self._lock:
            database = self._database = self._database or _started()
            if not self._readers:
                attach = f"ATTACH {literal(str(self.path))} AS store (TYPE duckdb, READ_ONLY)"
                until(deadline, lambda: unlocked(lambda: database.execute(attach)))
            self._readers += 1
        try:
            yield database
        finally:
            with self._lock:
                self._readers -= 1
                if not self._readers:
                    database.execute("DETACH store")


def _started() -> "DuckDBPyConnection":
    import duckdb

    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    return duckdb.connect(config={**SETTINGS, "memory_limit": _MEMORY, "threads": str(threads)})

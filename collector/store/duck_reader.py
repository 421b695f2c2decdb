"""Reading the DuckDB file in short turns, from any number of threads.

Opening a database costs more than finding what to read: on a year of a province 70 ms, and as much again for each large table.
So a DuckDB of no data lives as long as the store, the file is attached to it to read, and stays so for a moment after each
turn unless somebody waits to write.
"""

import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from collector.store.duck_file import QUIET, SETTINGS, is_awaited, kept_shared, store_errors, turn, unlocked, until
from collector.store.duck_schema import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MOST_THREADS = 4
"""of a reader, which a person waits for"""

_MEMORY = "300MB"
"""what was read stays in it as long as the file is attached"""

_LINGER_S = 0.5
"""how long the file stays attached while nobody reads"""


class DuckReader:
    """Turns to read the file at `path`; each waits up to `wait_s` for those who write.

    Turns of several threads share the attached file. Where somebody waits to write no new turn begins, and the last to end
    lets the file go; so a writer waits for the turns that have begun, or for `_LINGER_S`.
    """

    def __init__(self, path: Path, wait_s: float) -> None:
        self.path = path
        self.wait_s = wait_s
        self._lock = threading.Lock()
        self._database: DuckDBPyConnection | None = None
        self._attached: ExitStack | None = None
        self._readers = 0
        self._lingering: threading.Timer | None = None

    @contextmanager
    def turn(self) -> "Iterator[DuckDBPyConnection]":
        """A connection to read for as long as the block runs; nobody writes meanwhile.

        Raises:
            StoreUnavailableError: others kept the file longer than `wait_s`.
            StoreRefusedError: the file cannot be opened, is no DuckDB file, or DuckDB refuses a statement.
        """
        deadline = time.monotonic() + self.wait_s
        with store_errors(self.path, "read", self.wait_s):
            if is_awaited(self.path):
                self.let_go()
            with (
                turn(self.path, write=False, deadline=deadline),
                self._joined(deadline) as database,
                database.cursor() as connection,
            ):
                connection.execute(f"{QUIET}; USE store")
                yield connection

    def let_go(self) -> None:
        """Let go of the file, unless a thread is reading."""
        with self._lock:
            if not self._readers:
                self._detach()

    def close(self) -> None:
        """Let go of the file and of DuckDB; a later turn starts it again."""
        with self._lock:
            if not self._readers:
                self._detach()
                if self._database is not None:
                    self._database.close()
                    self._database = None

    @contextmanager
    def _joined(self, deadline: float) -> "Iterator[DuckDBPyConnection]":
        with self._lock:
            database = self._database = self._database or _started(self.path)
            if self._attached is None:
                self._attached = self._attach(database, deadline)
            self._readers += 1
        try:
            yield database
        finally:
            with self._lock:
                self._readers -= 1
                if not self._readers:
                    self._linger()

    def _attach(self, database: "DuckDBPyConnection", deadline: float) -> ExitStack:
        """Attach the file; what is given back lets it go."""
        attach = f"ATTACH {literal(str(self.path))} AS store (TYPE duckdb, READ_ONLY)"
        with ExitStack() as undo:
            undo.enter_context(kept_shared(self.path))
            until(deadline, lambda: unlocked(lambda: database.execute(attach)))
            undo.callback(database.execute, "DETACH store")
            return undo.pop_all()

    def _linger(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
        if is_awaited(self.path):
            self._detach()
            return
        self._lingering = threading.Timer(_LINGER_S, _let_go, [weakref.ref(self)])
        self._lingering.daemon = True
        self._lingering.start()

    def _detach(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        if self._attached is not None:
            self._attached.close()
            self._attached = None


def _let_go(reader: "weakref.ref[DuckReader]") -> None:
    """As `let_go`, of a reader that is not kept alive for it."""
    if found := reader():
        found.let_go()


def _started(path: Path) -> "DuckDBPyConnection":
    import duckdb

    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    settings = {"memory_limit": _MEMORY, "threads": str(threads), "temp_directory": f"{path}.tmp"}
    return duckdb.connect(config={**SETTINGS, **settings})

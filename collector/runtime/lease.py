"""Locks between processes: one poll at a time, and one process at a time that talks to a device.

All hosts' leases are byte ranges of one file, so that a cycle of thousands of hosts needs one file descriptor. The
kernel gives a lease back when its process ends, however it ends.
"""

import asyncio
import fcntl
import os
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path


class HeldError(Exception):
    """Another process holds the lock; the message says which where it is known."""


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path` for the length of a `with` block.

    Raises:
        HeldError: another process holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
            raise HeldError(
                f"{path} is held by " + (f"process {holder}" if holder.isdigit() else "another process")
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


class Leases:
    """Leases on devices, by name. Within one process the caller sees to it that no name is taken twice at once."""

    RANGE = 1 << 40
    """the file stays empty: a lock may lie beyond its end"""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)

    def close(self) -> None:
        """Give back all leases."""
        os.close(self._descriptor)

    @asynccontextmanager
    async def hold(self, name: str, wait_s: float) -> AsyncIterator[None]:
        """Hold the lease of `name`, waiting for it up to `wait_s`.

        Raises:
            HeldError: another process still holds it.
        """
        # two names on one byte only make one of them wait for the other
        offset = zlib.crc32(name.encode()) * 97 % self.RANGE
        give_up = time.monotonic() + wait_s
        while True:
            try:
                fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, offset)
                break
            except (BlockingIOError, PermissionError):
                if time.monotonic() >= give_up:
                    raise HeldError(f"{name} is being polled or probed by another process") from None
                await asyncio.sleep(0.05)
        try:
            yield
        finally:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, offset)

"""Copies of the DuckDB file, taken and put back while pollers go on: they wait, or spool, for as long as a copy takes."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.store import duck_schema
from collector.store.contract import StoreRefusedError
from collector.store.duck_file import in_use, opened, refused, turn


def backup(path: Path, copy: Path, wait_s: float) -> int:
    """Copy the store's file to `copy`, which must not exist yet; returns its size in octets.

    A file system that can (btrfs, XFS) shares the blocks, so the copy takes no time there.

    Raises:
        StoreUnavailableError: others kept the file longer than `wait_s`.
        StoreRefusedError: there is nothing to copy, `copy` exists, or the disk does not take it.
    """
    if not path.exists():
        raise StoreRefusedError("nothing stored yet", operation="backup", target=str(path))
    if copy.exists():
        raise StoreRefusedError("exists already", operation="backup", target=str(copy), hint="give another name")
    # Opening it to write first puts what a crash left in the write-ahead log into the file.
    with opened(path, wait_s=wait_s):
        pass
    with _alone(path, "backup", wait_s):
        _copy(path, copy)
    return copy.stat().st_size


def restore(path: Path, copy: Path, wait_s: float) -> None:
    """Put `copy` in the store's place; what is there now stays beside it as `PATH.before-restore`.

    Raises:
        StoreUnavailableError: others kept the file longer than `wait_s`.
        StoreRefusedError: `copy` is no store's file, or a newer collector's, or the disk does not take it.
    """
    if not copy.exists():
        raise StoreRefusedError("no such file", operation="restore", target=str(copy))
    new = path.with_name(path.name + ".restored")
    with _alone(path, "restore", wait_s):
        _copy(copy, new)
        try:
            with opened(new, wait_s=wait_s) as connection:
                duck_schema.check(connection, str(copy))
                duck_schema.migrate(connection, str(copy))
        except BaseException:
            _remove(new)
            raise
        # What a crash left in the write-ahead log goes with its own file, never with the restored one.
        for suffix in ("", ".wal"):
            there, aside = (path.with_name(name + suffix) for name in (path.name, path.name + ".before-restore"))
            aside.unlink(missing_ok=True)
            if there.exists():
                there.replace(aside)
        new.replace(path)
        _remove(new)


def _remove(path: Path) -> None:
    for suffix in ("", ".wal", ".lock", ".gate"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """All of it or nothing, and on the disk when it returns."""
    part = target.with_name(target.name + ".part")
    try:
        shutil.copyfile(source, part)
        handle = os.open(part, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _alone(path: Path, operation: str, wait_s: float) -> Iterator[None]:
    try:
        with turn(path, write=True, deadline=time.monotonic() + wait_s):
            yield
    except TimeoutError:
        raise in_use(path, operation, wait_s) from None
    except OSError as error:
        raise refused(path, operation, error) from None

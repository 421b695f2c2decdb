"""Locks between processes, taken and lost by real ones."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector.runtime.lease import HeldError, Leases, exclusive

HOLD_LOCK = """
import sys, pathlib
from collector.runtime.lease import exclusive
with exclusive(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
HOLD_LEASE = """
import asyncio, sys, pathlib
from collector.runtime.lease import Leases
async def main():
    async with Leases(pathlib.Path(sys.argv[1])).hold(sys.argv[2], 0):
        print("held", flush=True)
        sys.stdin.read()
asyncio.run(main())
"""


@contextmanager
def another_process(script: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    try:
        assert process.stdout.readline() == b"held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_lock_keeps_another_process_out_and_names_it(tmp_path: Path) -> None:
    lock = tmp_path / "poll.lock"
    with another_process(HOLD_LOCK, str(lock)) as holder, pytest.raises(HeldError) as refused, exclusive(lock):
        pytest.fail("two hold it")
    assert str(refused.value) == f"{lock} is held by process {holder.pid}"
    with exclusive(lock):  # a killed process leaves nothing behind
        pass


async def _try(leases: Leases, name: str, wait_s: float = 0.0) -> bool:
    try:
        async with leases.hold(name, wait_s):
            return True
    except HeldError:
        return False


def test_a_lease_keeps_another_process_off_one_device_only(tmp_path: Path) -> None:
    leases = Leases(tmp_path / "leases")
    with another_process(HOLD_LEASE, str(tmp_path / "leases"), "r1") as holder:
        assert not asyncio.run(_try(leases, "r1"))
        assert asyncio.run(_try(leases, "r2"))
        holder.kill()
        holder.wait()
        assert asyncio.run(_try(leases, "r1", wait_s=5))
    leases.close()


def test_a_lease_is_waited_for(tmp_path: Path) -> None:
    async def both(leases: Leases) -> list[bool]:
        return list(await asyncio.gather(_try(leases, "r1", 2), _try(leases, "r1", 2)))

    leases = Leases(tmp_path / "leases")
    assert asyncio.run(both(leases)) == [True, True]
    leases.close()

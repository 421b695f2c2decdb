"""The script run by this machine's own shell: what it says, and that nothing outlives its time."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from collector.transport import local
from collector.transport.linux import batch
from collector.transport.linux.batch import Wanted
from tests.transport.linux.machine import ALL, CYCLE, write
from tests.transport.linux.test_parsers import LATER


def test_a_made_up_machine(tmp_path: Path) -> None:
    write(tmp_path)

    async def twice() -> None:
        first = await local.read({}, ALL, timeout_s=30, root=str(tmp_path))
        assert first.uptime_ticks == 451_339
        assert {"device_info", "interface", "memory", "system"} <= {row.measurement for row in first.rows}
        (tmp_path / "proc/stat").write_text(LATER)
        second = await local.read(first.cpu_ticks, CYCLE, timeout_s=30, root=str(tmp_path))
        used = [row.fields["usage_percent"] for row in second.rows if row.measurement == "cpu"]
        assert used == [50.0, 0.0]

    asyncio.run(twice())


def test_several_at_once() -> None:
    async def many() -> None:
        snapshots = await asyncio.gather(*(local.read({}, CYCLE, timeout_s=30) for _ in range(4)))
        assert {snapshot.os for snapshot in snapshots} == {os.uname().sysname}

    asyncio.run(many())


def children_of(marker: str) -> list[str]:
    """Processes that have the marker in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (folder / "environ").read_bytes():
                found.append(folder.name)
        except OSError:  # ended meanwhile
            continue
    return found


@pytest.mark.parametrize("text", ["sleep 60", "sleep 60; echo", "sleep 60 | cat", "trap '' TERM; sleep 60"])
def test_what_takes_too_long_is_killed_with_all_it_started(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = f"/made/up/by/{os.getpid()}/{time.monotonic_ns()}"
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{marker}")
    started = time.monotonic()
    with pytest.raises(ValueError, match=r"^not read within 0\.2 s: no marker in 0 bytes$"):
        asyncio.run(local.read({}, CYCLE, timeout_s=0.2, command=("/bin/sh", "-c", text)))
    assert time.monotonic() - started < 10
    until = time.monotonic() + 5
    while set(children_of(marker)) - {str(os.getpid())} and time.monotonic() < until:
        time.sleep(0.02)
    assert set(children_of(marker)) <= {str(os.getpid())}


def test_one_that_left_the_group_does_not_hold_up() -> None:
    started = time.monotonic()
    with pytest.raises(ValueError, match="not read within"):
        asyncio.run(local.read({}, CYCLE, timeout_s=0.2, command=("/bin/sh", "-c", "setsid sleep 15; echo")))
    assert time.monotonic() - started < 10


def test_a_cancelled_read_ends_its_shell() -> None:
    async def cancelled() -> None:
        task = asyncio.create_task(local.read({}, CYCLE, timeout_s=60, command=("/bin/sh", "-c", "sleep 60")))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    started = time.monotonic()
    asyncio.run(cancelled())
    assert time.monotonic() - started < 10


def test_endless_output_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MAX_OUTPUT_BYTES", 100_000)
    with pytest.raises(ValueError, match="it printed more than 100000 bytes"):
        asyncio.run(local.read({}, CYCLE, timeout_s=30, command=("/bin/sh", "-c", "cat /dev/zero")))


def test_a_shell_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        asyncio.run(local.read({}, CYCLE, timeout_s=30, command=("/no/such/shell",)))


def test_what_came_before_slow_tools_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    (tmp_path / "bin").mkdir()
    tool = tmp_path / "bin/smartctl"
    tool.write_text("#!/bin/sh\nsleep 60\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    wanted = Wanted(info=True, neighbours=False, tools=("smartctl",))
    snapshot = asyncio.run(local.read({}, wanted, timeout_s=3, root=str(tmp_path)))
    assert snapshot.uptime_ticks == 451_339
    assert snapshot.problems == ["smartctl: cut off"]


def test_programs_do_not_see_the_collectors_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLLECTOR_PASSWORD", "abcdefgh")
    with pytest.raises(ValueError, match=r"^no marker in \d+ bytes") as raised:
        asyncio.run(local.read({}, CYCLE, timeout_s=30, command=("/bin/sh", "-c", "env | sort")))
    assert "COLLECTOR" not in str(raised.value)

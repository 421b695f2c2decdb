"""The pool: bounded, one session a device, sessions kept and replaced, and nothing left behind."""

import asyncio
import threading
import time
from pathlib import Path

import pytest

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import serve_cli
from collector.simulator.ssh.faults import CliFaults
from collector.transport.contract import BoundsError, NoAnswerError
from collector.transport.ssh import pool as pool_module
from collector.transport.ssh.errors import ClosedError, LoginHeldError, LoginRefusedError
from collector.transport.ssh.pool import SshPool, Work
from inventory.model import Host
from tests.transport.ssh.pools import OPS, Logins, ask, asked, at_once, hosts_of, many, pool_of, restart, run, soon
from tests.transport.ssh.world import fails, until


def test_no_more_than_its_places_at_once(tmp_path: Path) -> None:
    devices = many(12)
    inside, most = 0, 0
    lock = threading.Lock()

    def counted(work: Work) -> str:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        try:
            return ask(work)
        finally:
            with lock:
                inside -= 1

    with serve_cli(devices, share_keys=True) as farm:
        hosts = hosts_of(farm, devices)
        with pool_of(farm, tmp_path, hosts, threads=3) as pool:
            answers = at_once(*(pool.work(host, counted, soon()) for host in hosts))
        assert answers == [f"it is R{n}\n" for n in range(1, 13)]
        assert most == 3
        assert [device.logins for device in devices] == [1] * 12
        assert until(lambda: farm.stats.open == 0)
        assert farm.stats.sessions == 12


def test_one_session_a_device_at_a_time(tmp_path: Path) -> None:
    device = CliDevice(name="R1", answers={"show it": "x\n"}, max_sessions=1, faults=CliFaults(command_s=0.1))
    with serve_cli([device]) as farm:
        hosts = hosts_of(farm, [device])
        with pool_of(farm, tmp_path, hosts, keep_sessions=True) as pool:
            assert at_once(*(pool.work(hosts[0], ask, soon()) for _ in range(4))) == ["x\n"] * 4
        assert (farm.stats.most_open, device.logins) == (1, 1)


def test_sessions_are_kept_and_replaced(tmp_path: Path) -> None:
    devices = many(3)
    with serve_cli(devices, share_keys=True) as farm:
        hosts = hosts_of(farm, devices)
        with pool_of(farm, tmp_path, hosts, keep_sessions=True) as pool:
            for _ in range(3):
                at_once(*(pool.work(host, ask, soon()) for host in hosts))
            assert farm.stats.logins == 3
            farm.call(restart(farm, devices[0]))
            assert at_once(*(pool.work(host, ask, soon()) for host in hosts)) == [f"it is R{n}\n" for n in (1, 2, 3)]
            assert [device.logins for device in devices] == [2, 1, 1]
            assert farm.stats.open == 3
        assert until(lambda: farm.stats.open == 0)
        assert all(device.received[-1] == "exit" for device in devices)


def test_a_kept_session_that_ends_as_it_is_asked(tmp_path: Path) -> None:
    device = many(1)[0]
    with serve_cli([device]) as farm:
        hosts = hosts_of(farm, [device])
        with pool_of(farm, tmp_path, hosts, keep_sessions=True) as pool:
            at_once(pool.work(hosts[0], ask, soon()))
            device.faults = CliFaults(breaks="close", breaks_after_bytes=2)

            def heals(work: Work) -> str:
                kept = work.kept()
                assert kept is not None
                try:
                    return asked(work, kept)
                except ClosedError:
                    device.faults = CliFaults()
                    kept.close()
                    return ask(work)

            assert at_once(pool.work(hosts[0], heals, soon())) == ["it is R1\n"]
        assert device.logins == 2


def sleeps_in(step: str) -> CliFaults:
    return {
        "login": CliFaults(login_s=60),
        "answer": CliFaults(command_s=60),
        "key exchange": CliFaults(at_connect="version_only"),
    }[step]


@pytest.mark.parametrize("step", ["key exchange", "login", "answer"])
@pytest.mark.parametrize("how", ["deadline", "cancelled"])
def test_the_end_of_the_time_frees_the_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, how: str
) -> None:
    monkeypatch.setattr(pool_module, "GRACE_S", 0.3)
    device = many(1, faults=sleeps_in(step))[0]
    logins = Logins()

    async def cancelled(pool: SshPool, host: Host) -> None:
        task = asyncio.create_task(pool.work(host, ask, soon()))
        await asyncio.sleep(0.6)
        task.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - began < 1.0

    with serve_cli([device]) as farm:
        hosts = hosts_of(farm, [device])
        with pool_of(farm, tmp_path, hosts, logins=logins) as pool:
            if how == "cancelled":
                run(cancelled(pool, hosts[0]))
            else:
                with pytest.raises((BoundsError, NoAnswerError), match=r"^R1: "):
                    run(pool.work(hosts[0], ask, soon(0.6)))
            assert until(lambda: farm.stats.open == 0)
    assert logins.held == set(), "to be called off is no refusal"


def test_a_refused_login_is_told_and_held(tmp_path: Path) -> None:
    device = many(1, password="other")[0]
    with serve_cli([device]) as farm:
        hosts = hosts_of(farm, [device])
        with pool_of(farm, tmp_path, hosts) as pool:
            with fails(LoginRefusedError, host="R1"):
                run(pool.work(hosts[0], ask, soon()))
            for _ in range(3):
                with fails(LoginHeldError, host="R1"):
                    run(pool.work(hosts[0], ask, soon()))
    assert device.failed_logins == 1


def test_defects_come_to_the_caller_and_cost_no_place(tmp_path: Path) -> None:
    devices = many(2)

    def broken(work: Work) -> str:
        work.log_in(OPS).close()
        raise ZeroDivisionError

    with serve_cli(devices, share_keys=True) as farm:
        hosts = hosts_of(farm, devices)
        with pool_of(farm, tmp_path, hosts, threads=1) as pool:
            results = at_once(*(pool.work(host, broken, soon()) for host in hosts * 2))
            assert [type(result) for result in results] == [ZeroDivisionError] * 4
            assert at_once(pool.work(hosts[0], ask, soon())) == ["it is R1\n"]

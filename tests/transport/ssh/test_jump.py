"""Jump hosts: one connection for all who are behind, and their troubles not once for each of those."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import Served, serve_cli
from collector.simulator.ssh.faults import CliFaults
from collector.transport.contract import BoundsError, NoAnswerError, TransportError, UnreachableError
from collector.transport.ssh import handshake
from collector.transport.ssh import pool as pool_module
from collector.transport.ssh.errors import LoginRefusedError, UnknownHostKeyError
from collector.transport.ssh.pool import SshPool
from inventory.model import Host
from tests.transport.ssh.pools import Logins, ask, at_once, hosts_of, many, pool_of, restart, run, soon
from tests.transport.ssh.sshd import USER, Sshd, running_sshd
from tests.transport.ssh.world import credential, fails, host_at, until


@contextmanager
def jumped(folder: Path, number: int = 6, **jump: Any) -> Iterator[tuple[Served, list[CliDevice], list[Host]]]:
    """Devices behind a jump host."""
    box = CliDevice(address="127.84.1.1", name="jump", platform="vyos", **{"forwards": ("127.84.0.*:*",), **jump})
    behind = many(number)
    with serve_cli([box, *behind], share_keys=True) as farm:
        hosts = hosts_of(farm, behind, jump="jump")
        yield farm, [box, *behind], [*hosts_of(farm, [box]), *hosts]


def test_a_jump_host_is_shared(tmp_path: Path) -> None:
    with jumped(tmp_path) as (farm, devices, hosts), pool_of(farm, tmp_path, hosts) as pool:
        for _ in range(2):
            answers = at_once(*(pool.work(host, ask, soon()) for host in hosts[1:]))
            assert answers == [f"it is R{n}\n" for n in range(1, 7)]
        assert [device.logins for device in devices] == [1, 2, 2, 2, 2, 2, 2]
        farm.call(restart(farm, devices[0]))
        assert at_once(pool.work(hosts[1], ask, soon())) == ["it is R1\n"]
        assert devices[0].logins == 2


def test_a_jump_host_s_connection_whose_loss_is_seen_late_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with jumped(tmp_path) as (farm, devices, hosts), pool_of(farm, tmp_path, hosts) as pool:
        assert at_once(pool.work(hosts[1], ask, soon())) == ["it is R1\n"]
        farm.call(restart(farm, devices[0]))
        seen, real = count(), pool_module.Connection.alive
        alive = property(lambda connection: next(seen) == 0 or real.__get__(connection))
        monkeypatch.setattr(pool_module.Connection, "alive", alive)
        assert at_once(pool.work(hosts[1], ask, soon())) == ["it is R1\n"]
        assert devices[0].logins == 2


def trouble(**jump: Any) -> Callable[[Path], tuple[list[TransportError], list[CliDevice], float]]:
    def run(folder: Path) -> tuple[list[TransportError], list[CliDevice], float]:
        with jumped(folder, **jump) as (farm, devices, hosts), pool_of(farm, folder, hosts, threads=3) as pool:
            began = time.monotonic()
            errors = at_once(*(pool.work(host, ask, soon()) for host in hosts[1:]))
            return errors, devices, time.monotonic() - began

    return run


def test_a_jump_host_s_refusal_is_not_repeated(tmp_path: Path) -> None:
    errors, devices, _ = trouble(password="other")(tmp_path)
    assert devices[0].failed_logins == 1
    for number, error in enumerate(errors, 1):
        assert isinstance(error, LoginRefusedError)
        assert error.host == f"R{number}"
        assert "jump host jump: login of user admin refused" in str(error)
        assert error.hint


def test_a_silent_jump_host_costs_its_time_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshake, "HANDSHAKE_S", 0.7)
    errors, _, seconds = trouble(faults=CliFaults(at_connect="version_only"))(tmp_path)
    assert {type(error) for error in errors} == {NoAnswerError}
    assert seconds < 2.5


def test_a_jump_host_that_may_not_forward(tmp_path: Path) -> None:
    errors, _, _ = trouble(forwards=())(tmp_path)
    for error in errors:
        assert type(error) is UnreachableError
        assert "AllowTcpForwarding" in error.hint


def test_a_jump_host_nobody_trusts(tmp_path: Path) -> None:
    with jumped(tmp_path) as (farm, devices, hosts), pool_of(farm, tmp_path, hosts) as pool:
        farm.call(change_key(farm, devices[0]))
        pool.known_hosts.path.write_text("")
        pool = SshPool({host.name: host for host in hosts}, pool.known_hosts.path, Logins(), threads=2)
        with fails(UnknownHostKeyError, "jump host jump", "collector trust jump", host="R1"):
            run(pool.work(hosts[1], ask, soon()))
        pool.close()
        assert (devices[0].logins, devices[0].failed_logins) == (0, 0)


async def change_key(farm: Served, device: CliDevice) -> None:
    farm.change_key(device)


def test_to_call_off_a_work_behind_a_jump_host_frees_its_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "GRACE_S", 0.3)
    with jumped(tmp_path, faults=CliFaults(login_s=60)) as (farm, _, hosts), pool_of(farm, tmp_path, hosts) as pool:
        with pytest.raises((BoundsError, NoAnswerError), match=r"^R1: "):
            run(pool.work(hosts[1], ask, soon(0.6)))
        assert until(lambda: farm.stats.open == 0)


def test_one_who_has_no_time_for_the_jump_host_spoils_it_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "GRACE_S", 0.2)
    with (
        jumped(tmp_path, faults=CliFaults(login_s=1.0)) as (farm, devices, hosts),
        pool_of(farm, tmp_path, hosts, threads=2) as pool,
    ):
        hasty, patient = at_once(pool.work(hosts[1], ask, soon(0.4)), pool.work(hosts[2], ask, soon()))
        assert isinstance(hasty, BoundsError | NoAnswerError)
        assert patient == "it is R2\n"
        assert at_once(pool.work(hosts[1], ask, soon())) == ["it is R1\n"]
        assert devices[0].failed_logins == 0


@pytest.mark.parametrize("forwarding", ["yes", "no"])
def test_openssh_as_a_jump_host(sshd: Sshd, tmp_path: Path, forwarding: str) -> None:
    device = many(1)[0]
    public = (sshd.folder.parent / "key.pub").read_text()
    by_key = credential("key", USER, key=(sshd.folder.parent / "key").read_text())
    with (
        running_sshd(tmp_path / "server", public, f"AllowTcpForwarding {forwarding}") as server,
        serve_cli([device]) as farm,
    ):
        jump = host_at(server.port, name="jump", credentials=(by_key,))
        host = hosts_of(farm, [device], jump="jump")[0]
        with pool_of(farm, tmp_path, [jump, host]) as pool:
            pool.known_hosts.path.write_text(farm.known_hosts() + server.known_hosts())
            pool = SshPool({"jump": jump, "R1": host}, pool.known_hosts.path, Logins(), threads=2)
            if forwarding == "yes":
                assert at_once(pool.work(host, ask, soon())) == ["it is R1\n"]
                farm.call(farm.take_down(device))
                with fails(UnreachableError, "jump host jump", "port", host="R1"):
                    run(pool.work(host, ask, soon()))
            else:
                with fails(UnreachableError, "jump host jump", "AllowTcpForwarding", host="R1"):
                    run(pool.work(host, ask, soon()))
            pool.close()
        assert server.log.count("Accepted publickey") == 1

"""Farms: many devices, latency, jump hosts, a process of its own."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest

from collector.simulator.ssh.__main__ import load_devices
from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import SshFarm, serve_cli
from collector.simulator.ssh.faults import CliFaults
from tests.simulator.ssh.clients import connected, logged_in, read_all, read_until, shell, until


def test_each_address_is_its_own_device_with_its_own_key() -> None:
    devices = [
        CliDevice(address=f"127.81.0.{n}", name=f"R{n}", answers={"show name": f"I am {n}\n"}) for n in (1, 2, 3)
    ]

    def ask(farm: SshFarm, device: CliDevice) -> str:
        with connected(farm, device) as connection:
            return str(connection.send_command("show name"))

    with serve_cli(devices) as farm:
        assert {farm.port_of(device) for device in devices} == {farm.port}
        with ThreadPoolExecutor(3) as threads:
            answers = list(threads.map(lambda device: ask(farm, device), devices))
        lines = farm.known_hosts().splitlines()
    assert answers == ["I am 1", "I am 2", "I am 3"]
    assert [line.split()[0] for line in lines] == [f"[127.81.0.{n}]:{farm.port}" for n in (1, 2, 3)]
    assert len({line.split()[2] for line in lines}) == 3
    assert (farm.stats.connections, farm.stats.logins, farm.stats.sessions) == (3, 3, 3)
    assert farm.stats.commands == sum(len(device.received) for device in devices) == 9
    assert 1 <= farm.stats.most_open <= 3


def test_one_address_with_many_ports_and_one_key() -> None:
    devices = [CliDevice(address="127.81.0.1", name=f"R{n}") for n in (1, 2, 3)]
    with serve_cli(devices, share_keys=True) as farm:
        assert len({farm.port_of(device) for device in devices}) == 3
        assert len({line.split()[2] for line in farm.known_hosts().splitlines()}) == 1
        with shell(farm, devices[2]) as channel:
            read_until(channel, lambda data: data.endswith(b"R3#"))


def test_a_given_host_key_is_the_one_shown() -> None:
    device = CliDevice()
    with serve_cli([device]) as farm:
        device.host_key = farm.key_of(CliDevice()).export_private_key().decode()
        shown = farm.known_hosts()
    with serve_cli([device]) as farm, logged_in(farm, device) as client:
        transport = client.get_transport()
        assert transport is not None
        assert transport.get_remote_server_key().get_base64() in shown


def test_what_a_client_sends_is_heard_a_round_trip_later_and_in_order() -> None:
    device = CliDevice(answers={f"show {n}": f"{n};" for n in range(20)}, page_lines=0)
    with serve_cli([device]) as near, serve_cli([device], rtt_s=0.1) as far:
        spans = []
        for farm in (near, far):
            start_s = time.monotonic()
            with shell(farm, device) as channel:
                read_until(channel, lambda data: data.endswith(b"R1#"))
                logged_in_s = time.monotonic() - start_s
                commands_s = []
                for _ in range(3):
                    start_s = time.monotonic()
                    channel.sendall(b"show 0\n")
                    read_until(channel, lambda data: data.endswith(b"R1#"))
                    commands_s.append(time.monotonic() - start_s)
                spans.append((logged_in_s, min(commands_s)))
                for n in range(20):
                    channel.sendall(f"show {n}\n".encode())
                channel.sendall(b"exit\n")
                text = read_all(channel)
                assert [int(part.rpartition(b"\n")[2]) for part in text.split(b";")[:-1]] == list(range(20))
    (near_login_s, near_command_s), (far_login_s, far_command_s) = spans
    assert near_command_s < 0.1 <= far_command_s < 0.3
    assert 0.6 < far_login_s - near_login_s < 2.5, (
        "version, two of key exchange, service, login, channel, terminal, shell"
    )


def test_the_first_word_comes_a_round_trip_later() -> None:
    device = CliDevice()
    with serve_cli([device], rtt_s=0.2) as farm:
        start_s = time.monotonic()
        with socket.create_connection((device.address, farm.port), timeout=5) as sock:
            assert sock.recv(8) == b"SSH-2.0-"
            assert 0.2 <= time.monotonic() - start_s < 2


def test_dark_and_down_devices() -> None:
    dark, down = CliDevice(address="127.81.0.1", dark=True), CliDevice(address="127.81.0.2")
    with serve_cli([dark, down]) as farm:
        with pytest.raises(TimeoutError), logged_in(farm, dark, timeout=0.3):
            pass
        with shell(farm, down) as channel:
            farm.call(farm.take_down(down))
            assert read_all(channel) == b"" or channel.closed or until(lambda: channel.closed)
        with pytest.raises(paramiko.ssh_exception.NoValidConnectionsError), logged_in(farm, down):
            pass
        farm.call(farm.bring_up(down))
        with logged_in(farm, down):
            pass


def test_a_farm_stops_whatever_is_going_on() -> None:
    slow = CliDevice(address="127.81.0.1", faults=CliFaults(login_s=60))
    endless = CliDevice(address="127.81.0.2", answers={"show it": "x\n" * 9}, faults=CliFaults(breaks="endless"))
    with ThreadPoolExecutor(1) as threads:
        with serve_cli([slow, endless], rtt_s=0.01) as farm, shell(farm, endless) as channel:
            waiting = threads.submit(logged_in(farm, slow).__enter__)
            channel.sendall(b"show it\n")
            read_until(channel, lambda data: len(data) > 1_000)
            assert until(lambda: farm.stats.open == 2)
            start_s = time.monotonic()
            farm.call(farm.stop())
            assert time.monotonic() - start_s < 2
        assert farm.stats.open == 0
        with pytest.raises((paramiko.SSHException, OSError, EOFError)):
            waiting.result(10)


@contextmanager
def jumped(farm: SshFarm, jump: CliDevice, to: tuple[str, int]) -> Iterator[paramiko.Channel]:
    with logged_in(farm, jump) as client:
        transport = client.get_transport()
        assert transport is not None
        with transport.open_channel("direct-tcpip", to, ("127.0.0.1", 1), timeout=5) as channel:
            yield channel


def test_a_jump_host_forwards_where_it_may() -> None:
    jump = CliDevice(address="127.81.0.1", name="jump", forwards=("127.81.1.*:*",))
    behind = CliDevice(address="127.81.1.2", name="behind", answers={"show name": "me\n"})
    beside = CliDevice(address="127.81.2.2")
    with serve_cli([jump, behind, beside]) as farm:
        with (
            jumped(farm, jump, (behind.address, farm.port)) as channel,
            connected(farm, behind, sock=channel) as connection,
        ):
            assert connection.send_command("show name") == "me"
        with (
            pytest.raises(paramiko.ChannelException, match="prohibited"),
            jumped(farm, jump, (beside.address, farm.port)),
        ):
            pass
    assert (jump.logins, behind.logins, beside.logins) == (2, 1, 0)
    assert jump.received == []


def test_mistakes_are_told() -> None:
    with pytest.raises(ValueError, match=r"192\.0\.2\.1 is not of 127"):
        SshFarm([CliDevice(address="192.0.2.1")])
    with pytest.raises(ValueError, match="two devices"):
        SshFarm([CliDevice(port=2222), CliDevice(port=2222)])
    with (
        serve_cli([CliDevice()]) as farm,
        pytest.raises(OSError, match="in use"),
        serve_cli([CliDevice(port=farm.port)]),
    ):
        pass


SPEC = """
[[devices]]
address = "127.82.0.254"
count = 3
name = "sw{n}"
platform = "huawei"
answers = { "display version" = "V8" }
faults = { command_s = 0.01, echo = "once" }
"""


def test_devices_from_a_file() -> None:
    devices = load_devices(SPEC.encode(), "farm.toml")
    assert [(device.address, device.name) for device in devices] == [
        ("127.82.0.254", "sw1"),
        ("127.82.0.255", "sw2"),
        ("127.82.1.0", "sw3"),
    ]
    assert devices[0].faults.command_s == 0.01
    assert devices[0].received is not devices[1].received
    for text, complaint in (
        ('{"devices": [{"nme": "x"}]}', "device 1: unknown keys nme"),
        ('{"devices": [{"count": "x"}]}', "device 1: count = 'x'"),
        ('{"devices": [{"page_lines": "x"}]}', r"device 1: .*page_lines"),
        ('{"devices": [{"faults": {"ecko": 1}}]}', r"device 1: .*ecko"),
        ('{"device": []}', "a list of devices"),
    ):
        with pytest.raises(ValueError, match=complaint):
            load_devices(text.encode(), "farm.json")


def test_a_farm_in_a_process_of_its_own(tmp_path: Path) -> None:
    spec = tmp_path / "farm.toml"
    spec.write_text(SPEC)
    command = [sys.executable, "-m", "collector.simulator.ssh", str(spec), "--rtt-s", "0.01"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        port = json.loads(process.stdout.readline())["port"]
        with paramiko.SSHClient() as client:
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
            client.connect("127.82.1.0", port, "admin", "admin", look_for_keys=False, allow_agent=False, timeout=5)
        process.stdin.write("\n")
        process.stdin.flush()
        totals = json.loads(process.stdout.readline())
        assert totals["logins"] == 1
        assert totals["cpu_s"] > 0
        process.stdin.close()
        assert process.wait(5) == 0

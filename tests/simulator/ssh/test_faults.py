"""What goes wrong on a connection goes wrong as announced; real clients look at it."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import netmiko
import paramiko
import pytest

from collector.simulator.ssh.device import CliDevice, Executed
from collector.simulator.ssh.farm import SshFarm, serve_cli
from collector.simulator.ssh.faults import CliFaults
from tests.simulator.ssh.clients import connected, logged_in, read_all, read_until, shell, until

SHOW = "".join(f"Gi{number} uplink to R1# behind <R1>\n" for number in range(30))
AT_THE_END = r"(?:^|\n)R1#\s*\Z"
STRICT = {
    "keys": ["ssh-rsa"],
    "kex": ["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1", "diffie-hellman-group-exchange-sha1"],
    "ciphers": ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"],
}


@pytest.fixture
def device() -> CliDevice:
    return CliDevice(answers={"show all": SHOW})


@pytest.fixture
def farm(device: CliDevice) -> Iterator[SshFarm]:
    with serve_cli([device]) as farm:
        yield farm


def raw(farm: SshFarm, device: CliDevice) -> socket.socket:
    """A TCP connection that speaks no SSH."""
    return socket.create_connection((device.address, farm.port_of(device)), timeout=5)


def typed(channel: paramiko.Channel, *lines: str) -> None:
    channel.sendall("".join(f"{line}\n" for line in lines).encode())


def refuse_nothing(command: str, stdin: bytes | None) -> Executed:
    return Executed(command.encode())


def test_closed_at_once(farm: SshFarm, device: CliDevice) -> None:
    device.faults = CliFaults(at_connect="close")
    with raw(farm, device) as sock:
        assert sock.recv(1) == b""


def test_reset_at_once(farm: SshFarm, device: CliDevice) -> None:
    device.faults = CliFaults(at_connect="reset")
    with pytest.raises(ConnectionResetError), raw(farm, device) as sock:  # it may be there before the connection is
        sock.recv(1)


def test_no_word_at_all(farm: SshFarm, device: CliDevice) -> None:
    device.faults = CliFaults(at_connect="silent")
    with raw(farm, device) as sock:
        sock.sendall(b"SSH-2.0-x\r\n")
        sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            sock.recv(1)
    with pytest.raises(paramiko.SSHException, match="banner"), logged_in(farm, device, banner_timeout=0.3):
        pass


def test_the_version_and_no_word_more(farm: SshFarm, device: CliDevice) -> None:
    device.faults = CliFaults(at_connect="version_only")
    with raw(farm, device) as sock:
        assert sock.recv(100) == b"SSH-2.0-Cisco-1.25\r\n"
        sock.sendall(b"SSH-2.0-x\r\n")
        sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            sock.recv(1)


def test_octets_that_are_no_ssh(farm: SshFarm, device: CliDevice) -> None:
    device.faults = CliFaults(at_connect="garbage")
    with raw(farm, device) as sock:
        assert b"SSH-" not in sock.recv(4096)


def test_faults_may_change_while_the_device_runs(farm: SshFarm, device: CliDevice) -> None:
    with shell(farm, device) as channel:
        read_until(channel, lambda data: data.endswith(b"R1#"))
        device.faults = CliFaults(breaks="close")
        typed(channel, "show all")
        assert not read_all(channel).endswith(b"R1#")
    device.faults = CliFaults()
    with connected(farm, device) as connection:
        assert connection.send_command("show all", expect_string=AT_THE_END) == SHOW.rstrip("\n")


def test_an_unanchored_prompt_is_cheated_by_a_cut_and_an_anchored_one_is_not(farm: SshFarm, device: CliDevice) -> None:
    device.faults = CliFaults(cut_behind_prompts=True, chunk_bytes=500, chunk_pause_s=0.02)
    with connected(farm, device) as connection:
        assert connection.send_command("show all", expect_string=AT_THE_END) == SHOW.rstrip("\n")
        assert len(connection.send_command("show all")) < len(SHOW)


@pytest.mark.parametrize(("echo", "count"), [("once", 1), ("twice", 2), ("none", 0)])
def test_echo(farm: SshFarm, device: CliDevice, echo: Any, count: int) -> None:
    device.faults = CliFaults(echo=echo)
    with shell(farm, device) as channel:
        typed(channel, "terminal length 0", "show all", "exit")
        assert read_all(channel).count(b"show all") == count


def test_a_command_takes_its_time(farm: SshFarm, device: CliDevice) -> None:
    device.faults = CliFaults(command_s=0.7)
    with shell(farm, device) as channel:
        read_until(channel, lambda data: data.endswith(b"R1#"))
        start_s = time.monotonic()
        typed(channel, "show all")
        read_until(channel, lambda data: b"show all" in data)
        assert time.monotonic() - start_s < 0.6, "the echo comes at once"
        read_until(channel, lambda data: b"Gi0" in data)
        assert time.monotonic() - start_s >= 0.7


@pytest.mark.parametrize("breaks", ["hang", "half_close", "reset", "close"])
def test_a_break_in_the_middle_of_an_output(farm: SshFarm, device: CliDevice, breaks: Any) -> None:
    device.faults = CliFaults(breaks=breaks, breaks_after_bytes=400, breaks_at="show all")
    with shell(farm, device) as channel:
        typed(channel, "terminal length 0", "show all", "show version")
        channel.settimeout(0.5)
        data = b""
        ended = False
        try:
            while piece := channel.recv(65_536):
                data += piece
            ended = True
        except TimeoutError:
            pass
        assert data.partition(b"show all\r\n")[2] == SHOW.replace("\n", "\r\n").encode()[:400]
        assert ended is (breaks != "hang")
    assert "show version" not in device.received


def test_an_output_without_end(farm: SshFarm, device: CliDevice) -> None:
    device.faults = CliFaults(breaks="endless", breaks_after_bytes=400)
    with shell(farm, device) as channel:
        typed(channel, "terminal length 0", "show all")
        assert len(read_until(channel, lambda data: len(data) > 200_000)) > 200_000
    assert until(lambda: farm.stats.open == 0)


def test_idle_sessions_are_ended(farm: SshFarm, device: CliDevice) -> None:
    device.faults = CliFaults(idle_s=0.5)
    with shell(farm, device) as channel:
        start_s = time.monotonic()
        time.sleep(0.2)
        typed(channel, "show all")
        read_all(channel)
        assert 0.6 < time.monotonic() - start_s < 3


def test_a_wrong_password_and_a_locked_account(farm: SshFarm, device: CliDevice) -> None:
    device.faults = CliFaults(lock_after=2)
    for _ in range(2):
        with pytest.raises(netmiko.NetmikoAuthenticationException), connected(farm, device, password="wrong"):
            pass
    assert (device.failed_logins, device.locked) == (2, True)
    with pytest.raises(netmiko.NetmikoAuthenticationException), connected(farm, device):
        pass
    device.faults = CliFaults()
    with connected(farm, device):
        assert (device.logins, farm.stats.logins, farm.stats.failed_logins) == (1, 1, 3)


def test_a_slow_login(farm: SshFarm, device: CliDevice) -> None:
    device.faults = CliFaults(login_s=0.4)
    start_s = time.monotonic()
    with logged_in(farm, device):
        assert time.monotonic() - start_s >= 0.4


def test_keys_and_questions_as_ways_to_log_in(farm: SshFarm, device: CliDevice) -> None:
    key, other = paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()
    device.auth = ("publickey",)
    device.authorized_keys = (f"{key.get_name()} {key.get_base64()} who@where",)
    with logged_in(farm, device, password=None, pkey=key):
        assert device.refused_keys == 0
    with pytest.raises(paramiko.AuthenticationException), logged_in(farm, device, password=None, pkey=other):
        pass
    assert device.refused_keys > 0
    assert device.failed_logins == 0
    device.auth = ("keyboard-interactive",)
    with connected(farm, device) as connection:
        assert connection.base_prompt == "R1"
    device.auth = ("publickey", "password")
    with logged_in(farm, device, pkey=other):
        assert device.failed_logins == 0
    device.auth = ()
    with logged_in(farm, device, password="whatever"):
        assert device.failed_logins == 0


def test_another_host_key_than_before(farm: SshFarm, device: CliDevice) -> None:
    with logged_in(farm, device) as client:
        first = client.get_transport().get_remote_server_key()  # type: ignore[union-attr]
    farm.change_key(device)
    with logged_in(farm, device) as client:
        second = client.get_transport().get_remote_server_key()  # type: ignore[union-attr]
    assert first.get_name() == second.get_name() == "ssh-ed25519"
    assert first.asbytes() != second.asbytes()
    assert second.get_base64() in farm.known_hosts()
    assert first.get_base64() not in farm.known_hosts()


def test_old_algorithms_only(farm: SshFarm, device: CliDevice) -> None:
    device.legacy = True
    with logged_in(farm, device) as client:
        transport = client.get_transport()
        assert transport is not None
        assert transport.host_key_type == "ssh-rsa"
        assert (transport.local_cipher, transport.local_mac) == ("aes128-cbc", "hmac-sha1")
    for kind, names in STRICT.items():
        with pytest.raises(paramiko.SSHException), logged_in(farm, device, disabled_algorithms={kind: names}):
            pass


def test_too_many_sessions(farm: SshFarm, device: CliDevice) -> None:
    device.max_sessions = 1
    with logged_in(farm, device), raw(farm, device) as sock:
        assert sock.recv(1) == b""
    assert until(lambda: farm.stats.open == 0)
    with logged_in(farm, device):
        pass


def test_channels_that_are_refused(farm: SshFarm, device: CliDevice) -> None:
    with logged_in(farm, device) as client:
        with pytest.raises(paramiko.SSHException, match="closed"):
            client.exec_command("show all")
        device.execute = refuse_nothing
        device.faults = CliFaults(no_exec=True)
        with pytest.raises(paramiko.SSHException, match="closed"):
            client.exec_command("show all")
        device.faults = CliFaults(no_shell=True)
        with pytest.raises(paramiko.ChannelException):
            client.invoke_shell()


def test_exec_channels(farm: SshFarm, device: CliDevice) -> None:
    def execute(command: str, stdin: bytes | None) -> Executed | None:
        if command == "sh -s":
            return None if stdin is None else Executed(stdin.upper(), b"warning", 3)
        return Executed(b"it is " + command.encode())

    device.execute = execute
    with logged_in(farm, device) as client:
        stdin, stdout, stderr = client.exec_command("sh -s", timeout=5)
        stdin.write("echo " * 20_000)
        stdin.channel.shutdown_write()
        assert stdout.read() == b"ECHO " * 20_000
        assert stderr.read() == b"warning"
        assert stdout.channel.recv_exit_status() == 3
        assert client.exec_command("uptime", timeout=5)[1].read() == b"it is uptime"
    assert device.received == ["sh -s", "uptime"]


def test_texts_before_and_after_the_login(farm: SshFarm, device: CliDevice) -> None:
    device.banner = "Authorised use only. R1# is watched.\n"
    device.motd = "Welcome to\nR1#\n"
    device.faults = CliFaults(press_key="Press any key to continue")
    with shell(farm, device) as channel:
        transport = channel.get_transport()
        assert transport.get_banner() == device.banner.encode()
        assert read_until(channel, lambda data: data.endswith(b"continue")).startswith(b"Welcome to\r\nR1#\r\n")
        channel.sendall(b"x")
        read_until(channel, lambda data: data.endswith(b"R1#"))
    assert device.received == []

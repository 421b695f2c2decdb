"""Clients for the fake devices: netmiko as it is, and paramiko's shell."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import netmiko
import paramiko

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import SshFarm


@contextmanager
def connected(farm: SshFarm, device: CliDevice, **options: Any) -> Iterator[Any]:
    """Netmiko, logged in to `device`."""
    options = {
        "device_type": device.platform.removesuffix("_md"),
        "host": device.address,
        "port": farm.port_of(device),
        "username": device.user,
        "password": device.password,
        "secret": device.enable,
        "conn_timeout": 5,
        **options,
    }
    connection = netmiko.ConnectHandler(**options)
    try:
        yield connection
    finally:
        connection.paramiko_cleanup()


@contextmanager
def logged_in(farm: SshFarm, device: CliDevice, **options: Any) -> Iterator[paramiko.SSHClient]:
    """Paramiko, logged in to `device`."""
    options = {
        "username": device.user,
        "password": device.password,
        "allow_agent": False,
        "look_for_keys": False,
        "timeout": 5,
        "banner_timeout": 5,
        **options,
    }
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(device.address, farm.port_of(device), **options)
        yield client


@contextmanager
def shell(farm: SshFarm, device: CliDevice, **options: Any) -> Iterator[paramiko.Channel]:
    """A shell whose reads wait for five seconds at most."""
    with logged_in(farm, device, **options) as client:
        channel = client.invoke_shell()  # closed with the client: alone it may fail where the device was faster
        channel.settimeout(5)
        yield channel


def read_until(channel: paramiko.Channel, done: Callable[[bytes], bool]) -> bytes:
    """What comes until `done` of all of it; fails at the end of the channel."""
    data = b""
    while not done(data):
        piece = channel.recv(65_536)
        assert piece, f"ended behind {data!r}"
        data += piece
    return data


def read_all(channel: paramiko.Channel) -> bytes:
    """What comes until the device ends the channel."""
    return b"".join(iter(lambda: channel.recv(65_536), b""))


def until(true: Callable[[], bool], within_s: float = 5.0) -> bool:
    """Whether `true` becomes so in time."""
    ends_s = time.monotonic() + within_s
    while not true() and time.monotonic() < ends_s:
        time.sleep(0.01)
    return true()

"""What the tests of SSH have in common: hosts, logins, ways to a connection, and what errors have to be like."""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko
import pytest

from collector.plugin.cli.model import CliFamily, CliRule
from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import SshFarm
from collector.transport.contract import TransportError
from collector.transport.ssh.cli import CliSession
from collector.transport.ssh.dial import Deadline, connect
from collector.transport.ssh.handshake import Handshake, check_host_key, handshake
from collector.transport.ssh.known_hosts import KnownHosts
from collector.transport.ssh.login import authenticate
from inventory.model import Credential, Host, Secret, SshLogin

WIDTH_AND_LENGTH = ("terminal width 511", "terminal length 0")
SETUP = {
    "cisco_ios": WIDTH_AND_LENGTH,
    "cisco_xr": WIDTH_AND_LENGTH,
    "cisco_nxos": WIDTH_AND_LENGTH,
    "arista_eos": WIDTH_AND_LENGTH,
    "huawei": ("screen-length 0 temporary",),
    "hp_comware": ("screen-length disable",),
    "zte_zxros": ("terminal length 0",),
    "juniper_junos": ("set cli screen-width 511", "set cli complete-on-space off", "set cli screen-length 0"),
    "nokia_sros": ("//environment more false", "environment no more"),
    "nokia_sros_md": (
        "environment command-completion space false",
        "environment console width 512",
        "environment more false",
        "//environment no more",
    ),
    "mikrotik_routeros": (),
    "aruba_aoscx": ("no page",),
    "hp_procurve": ("terminal width 511", "no page"),
    "fortinet": (),
    "dell_os10": ("terminal length 0",),
    "ericsson_ipos": ("terminal width 512", "terminal length 0"),
    "vyos": ("set terminal width 512", "set terminal length 0"),
}
"""what a session sends to prepare itself"""
PROMPTS = {
    "mikrotik_routeros": r"(?:^|[\r\n]){base} ?(?:<SAFE> ?)?>\s*\Z",
    "fortinet": r"(?:^|[\r\n]){base}\s?(?:\([^()\s]+\) ?)?[#$]\s*\Z",
}
PAGERS = {"fortinet": "--More--", "vyos": ":"}


def host_at(port: int, address: str = "127.0.0.1", name: str = "edge-1", **more: Any) -> Host:
    return Host(name=name, address=address, ssh_port=port, **more)


def host_of(farm: SshFarm, device: CliDevice, **more: Any) -> Host:
    return host_at(farm.port_of(device), device.address, **{"name": device.name, **more})


def credential(name: str = "ops", user: str = "admin", **secrets: str | bool) -> Credential:
    """A credential whose secrets are written out."""
    return Credential(name=name, ssh=login(user, **secrets))


def login(user: str = "admin", **secrets: str | bool) -> SshLogin:
    return SshLogin(
        user=user, **{key: Secret(value) if isinstance(value, str) else value for key, value in secrets.items()}
    )


def within(seconds: float = 20.0) -> Deadline:
    return Deadline(time.monotonic() + seconds, "edge-1")


def pinned(folder: Path, text: str = "") -> KnownHosts:
    """The pinned keys of a file with that text."""
    path = folder / "known_hosts"
    path.write_text(text)
    return KnownHosts(path)


@contextmanager
def shaken(host: Host, known_hosts: KnownHosts, deadline: Deadline | None = None) -> Iterator[Handshake]:
    """A connection that has keys."""
    deadline = deadline or within()
    answered = asyncio.run(connect(host, deadline))
    opened: list[paramiko.Transport] = []
    try:
        yield handshake(host, answered.sock, known_hosts, deadline, opened.append)
    finally:
        for transport in opened:
            transport.close()
        answered.sock.close()


@contextmanager
def logged_in(host: Host, known_hosts: KnownHosts, how: SshLogin) -> Iterator[tuple[paramiko.Transport, str]]:
    """An authenticated connection to a device whose key is pinned, and the way that worked."""
    with shaken(host, known_hosts) as done:
        check_host_key(host, done)
        way = authenticate(done.transport, how, host.name)
        yield done.transport, way


@contextmanager
def fails(kind: type[TransportError], *words: str, host: str = "edge-1", within_s: float = 2.0) -> Iterator[None]:
    """What is inside fails with exactly this class, in time, names host and cause, and says what can be done."""
    began = time.monotonic()
    with pytest.raises(TransportError) as caught:
        yield
    error = caught.value
    assert type(error) is kind, f"{type(error).__name__}: {error}"
    assert time.monotonic() - began < within_s
    assert error.host == host
    assert str(error).startswith(f"{host}: ")
    for word in words:
        assert word in f"{error} | {error.hint}"
    assert error.hint, f"no remedy: {error}"


def family(platform: str, *commands: str, setup: Sequence[str] = (), **more: Any) -> CliFamily:
    """A family that knows some commands and reads nothing."""
    more = {"prompt": PROMPTS.get(platform, ""), "pager": PAGERS.get(platform, ""), **more}
    return CliFamily(
        name=f"test/{platform}",
        description="",
        fingerprint="",
        platform=platform.removesuffix("_md"),
        setup=tuple(setup or SETUP[platform]),
        matches=tuple(CliRule(command=command) for command in commands),
        **more,
    )


@contextmanager
def opened(
    farm: SshFarm,
    device: CliDevice,
    known: KnownHosts,
    how: CliFamily,
    enable: str = "",
    deadline: Deadline | None = None,
) -> Iterator[CliSession]:
    """A command line, logged in and prepared."""
    with logged_in(host_of(farm, device), known, login(password=device.password)) as (transport, _):
        session = CliSession(transport, how, device.name, Secret(enable) if enable else None)
        try:
            session.open(deadline or within())
            yield session
        finally:
            session.close()


def until(true: Callable[[], bool], within_s: float = 5.0) -> bool:
    """Whether `true` becomes so in time."""
    ends = time.monotonic() + within_s
    while not true() and time.monotonic() < ends:
        time.sleep(0.01)
    return true()


@contextmanager
def no_thread_stays(within_s: float = 5.0) -> Iterator[None]:
    """All threads that began inside have ended soon after; the farm's own workers stay as long as it does."""
    before = set(threading.enumerate())
    yield

    def stayed() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if not thread.name.startswith("asyncio_")} - before

    if not until(lambda: not stayed(), within_s):
        frames = sys._current_frames()
        stacks = ["".join(traceback.format_stack(frames[thread.ident])[-4:]) for thread in stayed()]
        pytest.fail("\n".join([f"{stayed()}", *stacks]))

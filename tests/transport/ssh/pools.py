"""Pools in tests: who logs in, what is asked, and one event loop a process, as a pool belongs to one."""

import asyncio
import time
from collections.abc import Awaitable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import Served
from collector.transport.ssh.cli import CliSession
from collector.transport.ssh.errors import ClosedError, LoginHeldError
from collector.transport.ssh.pool import Connection, SshPool, Work
from inventory.model import Host
from tests.transport.ssh.world import credential, family, host_at, no_thread_stays

T = TypeVar("T")
OPS = credential(password="admin")
IOS = family("cisco_ios", "show it")


class Logins:
    """Remembers refusals as long as it lives."""

    def __init__(self) -> None:
        self.held: set[tuple[str, str]] = set()
        self.worked_for: list[str] = []

    def check(self, host: str, name: str) -> None:
        if (host, name) in self.held:
            raise LoginHeldError("refused before", host=host, hint="collector probe")

    def refused(self, host: str, name: str) -> None:
        self.held.add((host, name))

    def worked(self, host: str, name: str) -> None:
        self.worked_for.append(host)


def many(count: int, **more: Any) -> list[CliDevice]:
    return [
        CliDevice(address=f"127.84.0.{n}", name=f"R{n}", answers={"show it": f"it is R{n}\n"}, **more)
        for n in range(1, count + 1)
    ]


def hosts_of(farm: Served, devices: list[CliDevice], **more: Any) -> list[Host]:
    return [
        host_at(farm.port_of(device), device.address, device.name, credentials=(OPS,), **more) for device in devices
    ]


@contextmanager
def pool_of(farm: Served, folder: Path, hosts: list[Host], **settings: Any) -> Iterator[SshPool]:
    """A pool that trusts the farm; when it is closed no thread is left."""
    path = folder / "known_hosts"
    path.write_text(farm.known_hosts())
    logins = settings.pop("logins", None) or Logins()
    with no_thread_stays():
        pool = SshPool({host.name: host for host in hosts}, path, logins, **{"threads": 4, **settings})
        try:
            yield pool
        finally:
            pool.close()


def ask(work: Work) -> str:
    """What the runtime does, in short."""
    connection = work.kept() or work.log_in(work.host.credentials[0])
    try:
        return asked(work, connection)
    except ClosedError:
        connection.close()
        connection = work.log_in(work.host.credentials[0])
        return asked(work, connection)


def asked(work: Work, connection: Connection) -> str:
    if connection.session is None:
        connection.session = CliSession(connection.transport, IOS, work.host.name, None)
        connection.session.open(work.deadline)
    connection.session.use(work.deadline)
    text = connection.session.run("show it").text
    work.keep(connection)
    return text


RUNNER = asyncio.Runner()
"""a pool belongs to one event loop"""


def run(what: Coroutine[Any, Any, T]) -> T:
    return RUNNER.run(what)


def at_once(*work: Awaitable[Any]) -> list[Any]:
    async def gathered() -> list[Any]:
        return await asyncio.gather(*work, return_exceptions=True)

    return run(gathered())


def soon(seconds: float = 20.0) -> float:
    return time.monotonic() + seconds


async def restart(farm: Served, device: CliDevice) -> None:
    await farm.take_down(device)
    await farm.bring_up(device)

"""Which host keys devices show, beside those that are pinned. Nobody logs in, but to jump hosts on the way."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from collector.transport.contract import TransportError
from collector.transport.ssh.known_hosts import HostKey, KnownHosts
from inventory.model import Host
from inventory.secrets import SecretError

if TYPE_CHECKING:
    from collector.transport.ssh.pool import SshPool

LOOK_S = 25.0
"""for one host: to connect, perhaps over jump hosts, and to exchange keys"""

State = Literal["pinned", "new", "changed", "revoked", "unreachable"]
_STATES: Mapping[str, State] = {"pinned": "pinned", "unknown": "new", "changed": "changed", "revoked": "revoked"}


class Shown(msgspec.Struct, kw_only=True):
    """What became of one host.

    Attributes:
        key: what it showed; None where it is unreachable.
        before: the keys that were pinned for it.
        error, hint: why it is unreachable, and what to do.
    """

    host: Host
    state: State
    key: HostKey | None = None
    before: list[HostKey] = []
    error: str = ""
    hint: str = ""


async def look(hosts: Sequence[Host], pool: "SshPool", at_once: int) -> list[Shown]:
    """What each of `hosts` shows, in their order. Behind a jump host that is not trusted itself all are unreachable."""
    turn = asyncio.Semaphore(at_once)

    async def one(host: Host) -> Shown:
        async with turn:
            return await _look(host, pool)

    return await asyncio.gather(*map(one, hosts))


async def _look(host: Host, pool: "SshPool") -> Shown:
    from collector.transport.ssh.pool import shown_key  # the libraries of SSH take a quarter of a second to load

    try:
        shaken = await pool.work(host, shown_key, time.monotonic() + LOOK_S)
    except TransportError as error:
        whose = f"jump host {error.host}: " if error.host != host.name else ""
        return Shown(host=host, state="unreachable", error=f"{whose}{error.args[0]}", hint=error.hint)
    except SecretError as error:  # nobody else logs in
        return Shown(host=host, state="unreachable", error=f"jump host {host.jump}: {error}")
    before = pool.known_hosts.of(host.address, host.ssh_port)
    return Shown(
        host=host,
        state=_STATES[shaken.trust.value],
        key=shaken.key,
        before=sorted(before, key=lambda key: (key.type, key.blob)),
    )


def shared_keys(shown: Iterable[Shown], all_hosts: Iterable[Host], known_hosts: KnownHosts) -> dict[HostKey, list[str]]:
    """Keys that hosts showed and others have too, as far as they show or have pinned them: whose they all are."""
    names: dict[HostKey, dict[str, None]] = {each.key: {} for each in shown if each.key}
    for each in shown:
        if each.key:
            names[each.key][each.host.name] = None
    for host in all_hosts:
        for key in known_hosts.of(host.address, host.ssh_port) if host.ssh_credentials else ():
            if key in names:
                names[key][host.name] = None
    return {key: list(whose) for key, whose in names.items() if len(whose) > 1}

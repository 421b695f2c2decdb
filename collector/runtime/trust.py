"""Which host keys devices show, beside those that are pinned. Nobody logs in, but to jump hosts on the way."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Literal

import msgspec

from collector.transport.contract import TransportError
from collector.transport.ssh.known_hosts import HostKey, KnownHosts
from inventory.model import Host
from inventory.secrets import SecretError

if TYPE_CHECKING:
    from collector.transport.ssh.handshake import Handshake
    from collector.transport.ssh.pool import SshPool, Work

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
        blocked_by: the jump host that is the reason, where one is.
    """

    host: Host
    state: State
    key: HostKey | None = None
    before: list[HostKey] = []
    error: str = ""
    hint: str = ""
    blocked_by: str = ""


async def look(hosts: Sequence[Host], all_hosts: Mapping[str, Host], pool: "SshPool", at_once: int) -> list[Shown]:
    """What each of `hosts` shows, in their order; `all_hosts` of the inventory are where jump hosts are looked up.

    Behind a jump host that fails for one, nobody else tries it.
    """
    turn = asyncio.Semaphore(at_once)

    async def one(host: Host) -> Shown:
        async with turn:
            return await _look(host, pool)

    async def behind(jump: str, group: list[Host]) -> list[Shown]:
        if not jump:
            return await asyncio.gather(*map(one, group))
        unpinned = unpinned_jump(group[0], all_hosts, pool.known_hosts)
        first = _behind_unpinned(group[0], unpinned) if unpinned else await one(group[0])
        if first.blocked_by:
            return [msgspec.structs.replace(first, host=host) for host in group]
        return [first, *await asyncio.gather(*map(one, group[1:]))]

    ordered = sorted(hosts, key=lambda host: host.jump)
    groups = [behind(jump, list(group)) for jump, group in groupby(ordered, key=lambda host: host.jump)]
    found = {shown.host.name: shown for group in await asyncio.gather(*groups) for shown in group}
    return [found[host.name] for host in hosts]


def unpinned_jump(host: Host, all_hosts: Mapping[str, Host], known_hosts: KnownHosts) -> str:
    """The first jump host on the way to `host` of which no key is pinned; "" where all have one."""
    unpinned = ""
    while host.jump:
        host = all_hosts[host.jump]
        if not known_hosts.of(host.address, host.ssh_port):
            unpinned = host.name
    return unpinned


def _behind_unpinned(host: Host, jump: str) -> Shown:
    return Shown(
        host=host,
        state="unreachable",
        error=f"jump host {jump} has no pinned host key",
        hint=f"first: collector trust {jump}",
        blocked_by=jump,
    )


async def _look(host: Host, pool: "SshPool") -> Shown:
    try:
        shaken = await pool.work(host, _shake_hands, time.monotonic() + LOOK_S)
    except TransportError as error:
        jump = error.host if error.host != host.name else ""
        said = f"jump host {jump}: {error.args[0]}" if jump else str(error.args[0])
        return Shown(host=host, state="unreachable", error=said, hint=error.hint, blocked_by=jump)
    except SecretError as error:  # nobody else logs in
        return Shown(host=host, state="unreachable", error=f"jump host {host.jump}: {error}", blocked_by=host.jump)
    before = pool.known_hosts.of(host.address, host.ssh_port)
    return Shown(
        host=host,
        state=_STATES[shaken.trust.value],
        key=shaken.key,
        before=sorted(before, key=lambda key: (key.type, key.blob)),
    )


def _shake_hands(work: "Work") -> "Handshake":
    shaken = work.shake_hands()
    shaken.transport.close()
    return shaken


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

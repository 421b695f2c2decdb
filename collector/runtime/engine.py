"""All wiring in one place: from an inventory to something that polls and delivers."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from collector.normalise.carried import carried_by
from collector.plugin.registry import Registry
from collector.runtime.access import Access
from collector.runtime.lease import Leases
from collector.runtime.poll import Poller
from collector.runtime.state import StateDir
from collector.runtime.tools import Tools, learning_places
from collector.transport.icmp import Pinger
from collector.transport.snmp.open import open_session
from collector.transport.snmp.udp import socket_capacity
from inventory.model import Inventory, Settings

if TYPE_CHECKING:
    from collector.transport.ssh.pool import SshPool

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_poller(
    inventory: Inventory, *, with_oids: bool = False, dry: bool = False, resident: bool = False
) -> AsyncIterator[Poller]:
    """A poller for the length of an `async with` block; a `dry` one remembers nothing, a `resident` one may keep sessions
    open between its cycles.

    Raises:
        StateError: the state directory cannot be used.
    """
    settings = inventory.settings
    state = StateDir(Path(settings.state_dir), read_only=dry)
    registry = Registry.open([Path(folder) for folder in settings.plugin_folders])
    leases = Leases(state.path / "leases")
    pinger = await Pinger.open()
    settings = msgspec.structs.replace(settings, concurrency=min(settings.concurrency, socket_capacity()))
    ssh = SshPools(inventory, state, keep_sessions=resident and settings.ssh_keep)
    tools = Tools(
        settings,
        registry,
        state,
        access(settings),
        learning_places(),
        ssh.pool,
        carried=carried_by(inventory),
        with_oids=with_oids,
    )
    try:
        yield Poller(tools, leases, pinger)
    finally:
        await ssh.close()
        leases.close()
        if pinger:
            pinger.close()


class SshPools:
    """The pool of SSH sessions, made when a host first needs it: its libraries take half a second to load."""

    def __init__(
        self, inventory: Inventory, state: StateDir | None, *, keep_sessions: bool = False, insist: bool = False
    ) -> None:
        """With `insist` logins are tried although they were refused before."""
        self._inventory = inventory
        self._state = state
        self._keep_sessions = keep_sessions
        self._insist = insist
        self._pool: SshPool | None = None

    def pool(self) -> "SshPool":
        """Raises TransportError where the file of pinned host keys cannot be read."""
        if self._pool is None:
            from collector.runtime.logins import RefusedLogins
            from collector.transport.ssh.pool import SshPool

            settings = self._inventory.settings
            self._pool = SshPool(
                self._inventory.hosts,
                Path(settings.known_hosts),
                RefusedLogins(self._state, insist=self._insist),
                threads=settings.ssh_sessions,
                keep_sessions=self._keep_sessions,
            )
        return self._pool

    async def close(self) -> None:
        """End all sessions."""
        if self._pool is not None:
            await asyncio.to_thread(self._pool.close)


def access(settings: Settings) -> Access:
    """How hosts are reached: with the engine that the settings name."""
    return Access(
        lambda host, credential, learnt: open_session(host, credential, engine=settings.engine, learnt=learnt)
    )

"""All wiring in one place: from an inventory to something that polls and delivers."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from collector.plugin.registry import Registry
from collector.runtime.access import Access
from collector.runtime.lease import Leases
from collector.runtime.poll import Poller
from collector.runtime.state import StateDir
from collector.runtime.visit import Tools, learning_places
from collector.transport.icmp import Pinger
from collector.transport.snmp.open import open_session
from collector.transport.snmp.udp import socket_capacity
from inventory.model import Settings

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_poller(settings: Settings, *, with_oids: bool = False, dry: bool = False) -> AsyncIterator[Poller]:
    """A poller for the length of an `async with` block; a `dry` one remembers nothing.

    Raises:
        StateError: the state directory cannot be used.
    """
    state = StateDir(Path(settings.state_dir), read_only=dry)
    registry = Registry.open([Path(folder) for folder in settings.plugin_folders])
    leases = Leases(state.path / "leases")
    pinger = await Pinger.open()
    settings = msgspec.structs.replace(settings, concurrency=min(settings.concurrency, socket_capacity()))
    try:
        yield Poller(
            Tools(settings, registry, state, access(settings), learning_places(), with_oids=with_oids), leases, pinger
        )
    finally:
        leases.close()
        if pinger:
            pinger.close()


def access(settings: Settings) -> Access:
    """How hosts are reached: with the engine that the settings name."""
    return Access(
        lambda host, credential, learnt: open_session(host, credential, engine=settings.engine, learnt=learnt)
    )

"""What all visits of a cycle share."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from collector.normalise.carried import Carried
from collector.plugin.registry import Registry
from collector.runtime.access import Access
from collector.runtime.state import StateDir
from inventory.model import Settings

if TYPE_CHECKING:
    from collector.transport.ssh.pool import SshPool

LEARNING_AT_ONCE = 32


class Tools(msgspec.Struct, frozen=True):
    """What all visits share.

    Attributes:
        learning: how many hosts are walked at once: `learning_places()`.
        ssh: opens the pool of SSH sessions, the same one each time.
        carried: the stations behind a host, by its name.
        with_oids: whether sensors and states say where they were read.
    """

    settings: Settings
    registry: Registry
    state: StateDir
    access: Access
    learning: asyncio.Semaphore
    ssh: "Callable[[], SshPool]"
    clock: Callable[[], float] = time.time
    carried: Mapping[str, Sequence[Carried]] = {}
    with_oids: bool = False


def learning_places() -> asyncio.Semaphore:
    """Few enough that the walks which began also end in time, on a machine whose processor is the limit."""
    return asyncio.Semaphore(LEARNING_AT_ONCE)

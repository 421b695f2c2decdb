"""Walk what a maker's own MIBs say on a device, to write a family of it."""

from collector.runtime.engine import access
from collector.smi import oid as oids
from collector.smi.value import VarBind
from inventory.model import Host, Settings

SUBTREES = tuple(map(oids.encode, ("1.3.6.1.2.1.1", "1.3.6.1.2.1.33", "1.3.6.1.4.1")))
"""the system group, UPS-MIB, and the enterprises"""
MAX_ROWS = 500_000


async def survey(host: Host, settings: Settings) -> tuple[list[VarBind], list[str]]:
    """What a device holds in `SUBTREES`, and where a walk of it broke off and why.

    Raises:
        TransportError: it does not answer under any of its credentials.
        SecretError: a credential's secret cannot be had.
    """
    _, session = await access(settings).first_working(host)
    try:
        walks = [await session.walk(subtree, MAX_ROWS) for subtree in SUBTREES]
    finally:
        await session.close()
    return [varbind for walk in walks for varbind in walk.varbinds], [walk.stopped for walk in walks if walk.stopped]

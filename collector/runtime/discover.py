"""Find SNMP speakers in a network, or look at known hosts again: who they are, what is new, what has changed."""

import asyncio
import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from collector.plugin.errors import FamilyError
from collector.plugin.registry import Registry
from collector.runtime.access import Access
from collector.runtime.facts import HostFacts
from collector.runtime.learn import learn_device
from collector.runtime.state import StateDir
from collector.transport.contract import NoAnswerError, TransportError
from inventory.model import Credential, Host, Inventory, Limits

MAX_ADDRESSES = 65_536
"""of one network: a /16; more is likely a slip of the pen"""
SWEEP_LIMITS = Limits(timeout_s=1.0, retries=1)
"""an address that may hold nothing is not waited for long"""


class Found(msgspec.Struct, kw_only=True):
    """What discovery says of one address.

    Attributes:
        status: new (speaks SNMP, not in the inventory), known (as it was), changed (see `changes`), silent (an inventory's
            host without an answer), failed (see `error`).
        name: the inventory's name, else sysName made fit for one, else the address.
        changes: (what, before, now).
    """

    status: Literal["new", "known", "changed", "silent", "failed"]
    name: str
    address: str
    credential: str = ""
    family: str = ""
    reason: str = ""
    facts: dict[str, str] = {}
    rows: dict[str, int] = {}
    changes: list[tuple[str, str, str]] = []
    error: str = ""


def addresses_of(network: str) -> list[str]:
    """The host addresses of a CIDR network.

    Raises:
        ValueError: no network, or one of more than `MAX_ADDRESSES`.
    """
    parsed = ipaddress.ip_network(network, strict=False)
    if parsed.num_addresses > MAX_ADDRESSES:
        raise ValueError(f"{network} has {parsed.num_addresses} addresses, at most {MAX_ADDRESSES} are asked")
    return [str(address) for address in parsed.hosts()]


def candidates(
    inventory: Inventory, networks: Sequence[str], credentials: Sequence[Credential], port: int
) -> list[Host]:
    """A host for each address of `networks`: the inventory's own where it has one there."""
    by_address = {host.address: host for host in inventory.hosts.values()}
    addresses = dict.fromkeys(address for network in networks for address in addresses_of(network))
    return [
        by_address.get(address)
        or Host(name=address, address=address, snmp_port=port, credentials=tuple(credentials), limits=SWEEP_LIMITS)
        for address in addresses
    ]


async def discover(
    hosts: Iterable[Host],
    inventory: Inventory,
    registry: Registry,
    state: StateDir,
    access: Access,
    *,
    at_once: int,
    clock: Callable[[], float],
    on_done: Callable[[], None] = lambda: None,
) -> list[Found]:
    """Ask every host; addresses without an answer that are not in the inventory are left out.

    What was learnt of the inventory's hosts is remembered for their polls.
    """
    turn = asyncio.Semaphore(at_once)

    async def one(host: Host) -> Found | None:
        async with turn:
            found = await _look(host, host.name in inventory.hosts, registry, state, access, clock)
        on_done()
        return found

    found = [item for item in await asyncio.gather(*map(one, hosts)) if item]
    return _named(found, inventory)


async def _look(
    host: Host, known: bool, registry: Registry, state: StateDir, access: Access, clock: Callable[[], float]
) -> Found | None:
    try:
        credential, session = await access.first_working(host)
    except NoAnswerError:
        return Found(status="silent", name=host.name, address=host.address) if known else None
    except TransportError as error:
        if not known and not host.credentials:
            raise
        return Found(status="failed", name=host.name, address=host.address, error=str(error.args[0]))
    try:
        learnt = await learn_device(session, registry, host.family, host.limits.sessions)
        facts = HostFacts.of(host, credential, learnt, session.learnt, clock())
    except (TransportError, FamilyError) as error:
        return Found(
            status="failed", name=host.name, address=host.address, credential=credential, error=str(error.args[0])
        )
    finally:
        await session.close()
    found = Found(
        status="new",
        name=host.name if known else host_name(learnt.identity.sys_name) or host.address,
        address=host.address,
        credential=credential,
        family=learnt.plan.family,
        reason=learnt.reason,
        facts=learnt.plan.facts,
        rows={table.table: len(table.rows) for table in learnt.plan.tables},
    )
    if known:
        before = state.load(HostFacts, host.name)
        found.changes = changes(before, facts) if before else []
        found.status = "changed" if found.changes else "known"
        state.save(host.name, facts)
    return found


def changes(before: HostFacts, now: HostFacts) -> list[tuple[str, str, str]]:
    """What is different: the family and every fact, as (what, before, now)."""
    old = {"family": before.plan.family, **before.plan.facts}
    new = {"family": now.plan.family, **now.plan.facts}
    return [
        (what, old.get(what, ""), new.get(what, ""))
        for what in {**old, **new}
        if old.get(what, "") != new.get(what, "")
    ]


def host_name(sys_name: str) -> str:
    """sysName as a name for the inventory: its first label, without what a name cannot hold."""
    if re.fullmatch(r"[\d.]+|[\da-fA-F:]*:[\da-fA-F:]*", sys_name):
        return sys_name
    return re.sub(r"[^\w-]+", "-", sys_name.partition(".")[0]).strip("-")[:63]


def _named(found: list[Found], inventory: Inventory) -> list[Found]:
    """Give every new device a name of its own."""
    taken = set(inventory.hosts)
    for item in found:
        if item.status == "new":
            if item.name in taken:
                item.name = f"{item.name}-{item.address}"
            taken.add(item.name)
    return found

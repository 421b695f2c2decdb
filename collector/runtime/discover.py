"""Find SNMP speakers in a network, or look at known hosts again: who they are, what is new, what has changed.

Nobody logs in over SSH but to hosts of the inventory, with their own credentials: an address that is only swept shall not be
handed passwords.
"""

import asyncio
import ipaddress
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from collector.plugin.errors import FamilyError
from collector.plugin.registry import Registry
from collector.runtime.access import Access
from collector.runtime.facts import HostFacts, HostSsh
from collector.runtime.learn import learn_device
from collector.runtime.lease import HeldError, Leases
from collector.runtime.state import StateDir
from collector.transport.contract import NoAnswerError, TransportError
from inventory.model import Credential, Host, Inventory, Limits
from inventory.secrets import SecretError

if TYPE_CHECKING:
    from collector.runtime.ssh_read import SshRead
    from collector.transport.ssh.pool import SshPool

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
        by: what it was asked by last.
        changes: (what, before, now).
    """

    status: Literal["new", "known", "changed", "silent", "failed"]
    name: str
    address: str
    by: Literal["SNMP", "SSH"] = "SNMP"
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
    for host in inventory.hosts.values():
        if host.is_local:  # it is read without a protocol
            addresses.pop(host.address, None)
    return [
        by_address.get(address)
        or Host(name=address, address=address, snmp_port=port, credentials=tuple(credentials), limits=SWEEP_LIMITS)
        for address in addresses
    ]


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """What looking at hosts takes.

    Attributes:
        ssh: opens the pool of SSH sessions, the same one each time.
        clock: seconds since the epoch.
    """

    inventory: Inventory
    registry: Registry
    state: StateDir
    access: Access
    ssh: "Callable[[], SshPool]"
    clock: Callable[[], float]

    def knows(self, host: Host) -> bool:
        """Whether it is a host of the inventory, and not just an address."""
        return self.inventory.hosts.get(host.name) == host


async def discover(
    hosts: Iterable[Host], discovery: Discovery, on_done: Callable[[], None] = lambda: None
) -> list[Found]:
    """Ask every host by SNMP, and by SSH those of the inventory that SNMP does not reach; addresses without an answer that are
    not in the inventory are left out.

    What was learnt of the inventory's hosts is remembered for their polls.
    """
    settings = discovery.inventory.settings
    turn, ssh_turn = asyncio.Semaphore(settings.concurrency), asyncio.Semaphore(settings.ssh_sessions)
    leases = Leases(discovery.state.path / "leases")

    async def one(host: Host) -> Found | None:
        by_ssh = bool(host.ssh_credentials) and discovery.knows(host)
        found = None
        if host.snmp_credentials or not by_ssh:
            async with turn:
                found = await _by_snmp(host, discovery)
        if by_ssh and (found is None or found.status in ("silent", "failed")):
            async with ssh_turn:
                found = _better(found, await _by_ssh(host, discovery, leases))
        on_done()
        return found

    try:
        found = [item for item in await asyncio.gather(*map(one, hosts)) if item]
    finally:
        leases.close()
    return _named(found, discovery.inventory)


async def _by_snmp(host: Host, discovery: Discovery) -> Found | None:
    known = discovery.knows(host)
    try:
        credential, session = await discovery.access.first_working(host)
    except NoAnswerError as error:
        return _failed(host, error) if known else None
    except (TransportError, SecretError) as error:
        return _failed(host, error)
    try:
        learnt = await learn_device(session, discovery.registry, host.family, host.limits.sessions)
        facts = HostFacts.of(host, credential, learnt, session.learnt, discovery.clock())
    except (TransportError, FamilyError) as error:
        return msgspec.structs.replace(_failed(host, error), status="failed", credential=credential)
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
        before = discovery.state.load(HostFacts, host.name)
        found.changes = changes(before, facts) if before else []
        found.status = "changed" if found.changes else "known"
        discovery.state.save(host.name, facts)
    return found


async def _by_ssh(host: Host, discovery: Discovery, leases: Leases) -> Found:
    """Log in and look, as a first poll does; a poll that talks to the host right now is waited for."""
    from collector.runtime.ssh_job import SshJob
    from collector.transport.linux.batch import Wanted

    limit_s = discovery.inventory.settings.host_deadline_s
    try:
        job = SshJob(
            discovery.registry,
            host.ssh_credentials,
            None,
            discovery.registry.cli(host.family) if host.family else None,
            lambda command: command.measurements,
            Wanted(info=True, neighbours=True),
            {},
            discovery.clock(),
        )
        async with leases.hold(host.name, limit_s):
            read = await discovery.ssh().work(host, job, time.monotonic() + limit_s)
            before = discovery.state.load(HostSsh, host.name)
            discovery.state.save(host.name, read.facts)
    except (TransportError, SecretError, FamilyError, HeldError) as error:
        return msgspec.structs.replace(_failed(host, error), by="SSH")
    changed = ssh_changes(before, read.facts) if before else []
    return Found(
        status="changed" if changed else "known",
        name=host.name,
        address=host.address,
        by="SSH",
        credential=read.facts.credential,
        family=read.facts.family,
        reason=read.facts.reason,
        facts=_device_info(read),
        rows=dict(Counter(row.measurement for row in read.rows.rows)),
        changes=changed,
    )


def _failed(host: Host, error: Exception) -> Found:
    silent = isinstance(error, NoAnswerError)
    message, hint = str(error.args[0]), error.hint if isinstance(error, TransportError) else ""
    return Found(
        status="silent" if silent else "failed",
        name=host.name,
        address=host.address,
        error=f"{message}; {hint}" if hint else message,
    )


def _better(by_snmp: Found | None, by_ssh: Found) -> Found:
    """What to tell of a host that was asked by SSH, after SNMP had failed where it was tried at all."""
    if by_snmp is not None and by_ssh.error:
        by_ssh.error = f"SNMP: {by_snmp.error}; SSH: {by_ssh.error}"
        by_ssh.status = "silent" if by_snmp.status == by_ssh.status == "silent" else "failed"
    return by_ssh


def _device_info(read: "SshRead") -> dict[str, str]:
    rows = [row.fields for row in read.rows.rows if row.measurement == "device_info"]
    return {name: str(value) for fields in rows for name, value in fields.items()}


def changes(before: HostFacts, now: HostFacts) -> list[tuple[str, str, str]]:
    """What is different: the family and every fact, as (what, before, now)."""
    old = {"family": before.plan.family, **before.plan.facts}
    new = {"family": now.plan.family, **now.plan.facts}
    return [
        (what, old.get(what, ""), new.get(what, ""))
        for what in {**old, **new}
        if old.get(what, "") != new.get(what, "")
    ]


def ssh_changes(before: HostSsh, now: HostSsh) -> list[tuple[str, str, str]]:
    """As `changes`, of what is remembered of a command line."""
    pairs = (("family", before.family, now.family), ("banner", before.banner, now.banner))
    return [(what, old, new) for what, old, new in pairs if old != new]


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

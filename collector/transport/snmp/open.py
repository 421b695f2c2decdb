"""Opens the session that a host and a credential ask for: name resolution, engine, limits."""

import asyncio
import random
import socket
from collections.abc import Callable
from typing import Literal, cast

from collector.transport.contract import ResolutionError, SnmpEngine
from collector.transport.snmp.learnt import EngineState, Learnt
from collector.transport.snmp.message import VERSION_NUMBERS
from collector.transport.snmp.session import Session
from collector.transport.snmp.udp import SocketAddress
from collector.transport.snmp.walk import WalkBounds
from inventory.model import Community, Credential, Host, UsmUser
from inventory.secrets import reveal

_COMMUNITY_OVERHEAD_BYTES = 60  # of an answer: message, PDU and a varbind of sysUpTime, without the community
_USM_OVERHEAD_BYTES = 170  # with the longest engine id, digest and padding, without user and context

EngineName = Literal["native", "pysnmp"]


async def resolve(address: str, port: int) -> SocketAddress:
    """The socket address of a host: its address, or what its name resolves to (IPv4 or IPv6, as the resolver prefers).

    Raises:
        ResolutionError: the name has no address.
    """
    if _is_ipv4(address):
        return (address, port)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(address, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not a name"
        raise ResolutionError(
            f"the name has no address: {reason}", host=address, hint="check the name and the resolver"
        ) from None
    for found_family, _, _, _, socket_address in found:
        if found_family in (socket.AF_INET, socket.AF_INET6):
            return cast("SocketAddress", socket_address)
    raise ResolutionError("the name has neither an IPv4 nor an IPv6 address", host=address)


def _is_ipv4(address: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET, address)
    except (OSError, ValueError):
        return False
    return True


async def open_session(
    host: Host,
    credential: Credential,
    *,
    engine: EngineName = "native",
    learnt: Learnt | None = None,
    walk_bounds: WalkBounds | None = None,
    jitter: Callable[[], float] = random.random,
) -> Session:
    """A session with the agent of `host` under `credential`. Nothing is sent before the first request.

    Args:
        learnt: of this agent by an earlier session.
        walk_bounds: where a walk is cut off.
        jitter: uniform in [0, 1).

    Raises:
        ResolutionError: the host's name has no address.
        ValueError: the credential has nothing for SNMP.
        inventory.secrets.SecretError: a secret cannot be had.
    """
    learnt = learnt or Learnt()
    address = await resolve(host.address, host.snmp_port)
    snmp = credential.snmp
    if snmp is None:
        raise ValueError(f"credentials.{credential.name} has no `snmp`")
    opened, overhead_bytes = _open_engine(address, snmp, engine, learnt.engine)
    return Session(
        opened,
        host.limits,
        learnt,
        overhead_bytes=overhead_bytes,
        bulk=not (isinstance(snmp, Community) and snmp.version == "1"),
        random=jitter,
        walk_bounds=walk_bounds,
    )


def _open_engine(
    address: SocketAddress, snmp: Community | UsmUser, name: EngineName, state: EngineState | None
) -> tuple[SnmpEngine, int]:
    """The engine, and the overhead of its answers in octets."""
    if isinstance(snmp, Community):
        community = reveal(snmp.community).encode()
        overhead_bytes = _COMMUNITY_OVERHEAD_BYTES + len(community)
        version = VERSION_NUMBERS[snmp.version]
        if name == "pysnmp":
            from collector.transport.snmp import pysnmp_engine

            return pysnmp_engine.open_community(address, version, community), overhead_bytes
        from collector.transport.snmp.native import CommunityEngine

        return CommunityEngine(address, version, community), overhead_bytes
    overhead_bytes = _USM_OVERHEAD_BYTES + len(snmp.user) + len(snmp.context)
    auth_passphrase = reveal(snmp.auth_key) if snmp.auth_key else ""
    priv_passphrase = reveal(snmp.priv_key) if snmp.priv_key else ""
    if name == "pysnmp":
        from collector.transport.snmp import pysnmp_engine

        return pysnmp_engine.open_user(address, snmp, auth_passphrase, priv_passphrase), overhead_bytes
    from collector.transport.snmp.usm import User
    from collector.transport.snmp.usm_engine import UsmEngine

    user = User(
        snmp.user,
        auth=snmp.auth,
        auth_passphrase=auth_passphrase,
        priv=snmp.priv,
        priv_passphrase=priv_passphrase,
    )
    return UsmEngine(address, user, snmp.context, state), overhead_bytes


async def discover_engine(address: str, port: int = 161, timeout_s: float = 2.0) -> EngineState:
    """The SNMPv3 engine at an address, as anybody can learn it without a user. One datagram.

    Raises:
        TransportError: the name has no address, or no engine answers.
    """
    from collector.transport.snmp.usm import User
    from collector.transport.snmp.usm_engine import UsmEngine

    engine = UsmEngine(await resolve(address, port), User(""))
    try:
        return await engine.discover(timeout_s)
    finally:
        await engine.close()

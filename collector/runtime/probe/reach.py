"""The way to a device: its addresses, our own on that way, echoes, SSH's port."""

import asyncio
import ipaddress
import socket

from collector.runtime.probe.evidence import Reach
from collector.transport.contract import ResolutionError
from collector.transport.icmp import Pinger
from inventory.model import Host

CONNECT_TIMEOUT_S = 2.0


async def find_reach(host: Host, pinger: Pinger | None) -> Reach:
    """Resolve, ping, and knock at SSH's port. What cannot be done stays empty."""
    reach = Reach(addresses=await _addresses(host))
    if not reach.addresses:
        return reach
    address = reach.addresses[0]
    reach.source = _source(address, host.snmp_port)
    if host.jump:  # its port is not open to everybody
        reach.ping = await _ping(address, pinger)
    else:
        reach.ssh_port_open, reach.ping = await asyncio.gather(_accepts(address, host.ssh_port), _ping(address, pinger))
    return reach


async def _addresses(host: Host) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host.address, host.snmp_port, type=socket.SOCK_DGRAM)
    except OSError:
        return []
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def _source(address: str, port: int) -> str:
    family = socket.AF_INET6 if ipaddress.ip_address(address.partition("%")[0]).version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, port))  # sends nothing: it only asks the routing table
        except OSError:
            return ""
        return str(probe.getsockname()[0])


async def _accepts(address: str, port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), CONNECT_TIMEOUT_S)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _ping(address: str, pinger: Pinger | None) -> dict[str, float | None] | None:
    if pinger is None:
        return None
    try:
        result = await pinger.ping(address)
    except (OSError, ResolutionError):
        return None
    return {
        "sent": result.sent,
        "received": result.received,
        "loss_percent": result.loss_percent,
        "rtt_min_ms": result.rtt_min_ms,
        "rtt_avg_ms": result.rtt_avg_ms,
        "rtt_max_ms": result.rtt_max_ms,
    }

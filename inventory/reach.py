"""Whether hosts can be reached in the way that they say: ports, protocols, jump hosts. Pure."""

from collections.abc import Mapping

from inventory.address import parse_address
from inventory.convert import found
from inventory.model import Host
from inventory.problem import Problems, Spot
from inventory.read import Sources


def check_addresses(hosts: Mapping[str, Host], sources: Sources, problems: Problems) -> None:
    """Two hosts at one address and port are one device twice, unless their credentials tell two agents apart
    (contexts of SNMPv3, communities such as public@20), or SSH gets there over different jump hosts.

    The port that counts is SNMP's; SSH's where only SSH is asked.
    """
    seen: dict[tuple[object, ...], str] = {}
    for name, host in hosts.items():
        port = host.ssh_port if _ssh_only(host) else host.snmp_port
        if host.is_local:
            key: tuple[object, ...] = ("local",)
        elif host.address:
            way = host.jump if _ssh_only(host) else ""
            key = (host.address, port, way, tuple(credential.name for credential in host.credentials))
        else:
            continue
        first = seen.setdefault(key, name)
        if first != name:
            spot, other = sources.hosts[name].spot, sources.hosts[first].spot
            what = "is this machine" if host.is_local else f"found {found(host.address)} port {port}"
            problems.add(spot / "address", f"{what}, which host {found(first)} ({other.file}) is already")


def check_protocols(hosts: Mapping[str, Host], sources: Sources, problems: Problems) -> None:
    """A host with credentials has some for the protocol that it is fixed to, and no port of a protocol that it is not
    asked by. Hosts without any credentials are only pinged."""
    for name, host in hosts.items():
        entry = sources.hosts[name]
        of_protocol = {"snmp": host.snmp_credentials, "ssh": host.ssh_credentials}.get(host.transport)
        if host.credentials and of_protocol == ():
            names = ", ".join(credential.name for credential in host.credentials)
            problems.add(
                _spot(name, ("transport", "credentials"), sources) / "transport",
                f"found {found(host.transport)}, but none of its credentials has {host.transport}: {names}",
            )
        if _ssh_only(host) and host.address and (port := parse_address(entry.raw["address"])[1]):
            problems.add(
                entry.spot / "address",
                f"found {found(entry.raw['address'])}, but a port there is that of SNMP: write ssh_port = {port}",
            )


def check_jumps(hosts: Mapping[str, Host], sources: Sources, problems: Problems) -> None:
    """Every jump host takes SSH, and no way over jump hosts leads back to where it has been."""
    jumps = {name: host.jump for name, host in hosts.items() if host.jump and host.jump in hosts}
    walked: set[str] = set()
    for name, named in jumps.items():
        if not hosts[named].ssh_credentials:
            spot = _spot(name, ("jump",), sources) / "jump"
            problems.add(spot, f"found {found(named)}, which takes no SSH: {_why_no_ssh(hosts[named])}")
        way = [name]
        while (following := jumps.get(way[-1])) and following not in walked:
            if following in way:
                circle = [*way[way.index(following) :], following]
                problems.add(
                    sources.hosts[following].spot / "jump",
                    f"found {found(circle[1])}, which leads back: {' > '.join(circle)}",
                )
                break
            way.append(following)
        walked.update(way)


def _ssh_only(host: Host) -> bool:
    """Whether SSH is the one protocol that it is asked by."""
    return host.transport == "ssh" or bool(host.ssh_credentials and not host.snmp_credentials)


def _why_no_ssh(host: Host) -> str:
    if host.transport in ("snmp", "local"):
        return f'its transport is "{host.transport}"'
    return "none of its credentials has ssh" if host.credentials else "it has no credentials"


def _spot(name: str, keys: tuple[str, ...], sources: Sources) -> Spot:
    """Where one of `keys` of a host stands: with the host itself, or in `[defaults]`."""
    entry = sources.hosts[name]
    return entry.spot if any(key in entry.raw for key in keys) else sources.main["defaults"].spot

"""Who is at the other end of a cable: what LLDP and CDP say, matched with the inventory, from both ends.

A device names its neighbour as it likes: by its system name, with or without a domain, by a serial number, by the address of
its chassis. A match is only made by what belongs to one host alone; two hosts of the same system name have none.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import Point
from collector.report.context import Context
from collector.report.network.ports import Port, hexadecimal, same_port
from inventory.model import Host

_MISSED_CYCLES = 3
_LEAST_NS = 3_600 * 10**9
"""a neighbour is gone when its device was heard this much later without it"""

_RANK = re.compile(r" #\d+$")
"""by which the normaliser tells neighbours of one port apart (`collector.normalise.identity`)"""


class Heard(msgspec.Struct, frozen=True):
    """One neighbour as a host heard it.

    Attributes:
        name: how it calls itself, else its chassis id; "" where it says neither.
        peer: the host of the inventory that it is; "" where it is none.
        peer_port: that host's own name for the port, else as the neighbour says; `is_peer_port` says which.
        last_ns: when it was last heard; `is_there` says whether that is now.
    """

    host: str
    port: str
    name: str
    chassis: str
    descr: str
    peer: str
    peer_port: str
    is_peer_port: bool
    protocols: tuple[str, ...]
    last_ns: int
    is_there: bool


class Cable(msgspec.Struct, frozen=True):
    """A cable between two devices, ends in the order of their names; each was heard by `a`, by `b`, or by both.

    Attributes:
        b_managed: whether `b` is a host of the inventory; `a` always is.
    """

    a: str
    a_port: str
    b: str
    b_port: str
    b_managed: bool
    by_a: bool
    by_b: bool
    last_ns: int
    is_there: bool
    b_descr: str = ""


class Directory:
    """Finds the host that a neighbour is, by what is that host's alone."""

    def __init__(self, hosts: Mapping[str, Host], sys_names: Mapping[str, str], ports: Iterable[Port]) -> None:
        """`sys_names` are by host; `ports` bring hardware addresses."""
        self._names = _unique((name.lower(), name) for name in hosts)
        self._system_names = _unique((text.lower(), host) for host, text in sys_names.items())
        self._short_names = _unique(
            (_short(text), host) for host, text in [*((name, name) for name in hosts), *sys_names.items()]
        )
        self._addresses = _unique((host.address.lower(), name) for name, host in hosts.items())
        self._macs = _unique((port.mac, port.host) for port in ports if port.mac.strip("0"))

    def host(self, name: str, chassis: str) -> str:
        """The host, or ""."""
        for said in _spellings(name):
            if found := self._names.get(said):
                return found
        # two devices may come with the same factory name, but not with the same address
        if found := self._macs.get(hexadecimal(chassis)) or self._addresses.get(chassis.lower()):
            return found
        for said in _spellings(name):
            found = self._system_names.get(said) or self._addresses.get(said) or self._short_names.get(_short(said))
            if found:
                return found
        return ""


def heard_by(context: Context, ports: Mapping[str, Mapping[str, Port]], within_ns: int) -> list[Heard]:
    """All neighbours that the selected hosts heard within `within_ns` before the end, a port's LLDP and CDP as one."""
    infos = context.latest("device_info", ("sys_name",))
    sys_names = {
        point.tags["host"]: str(point.fields["sys_name"]) for point in infos if str(point.fields.get("sys_name", ""))
    }
    everything = (port for of_host in ports.values() for port in of_host.values())
    directory = Directory(context.inventory.hosts, sys_names, everything)
    spelt = {host: _port_names(of_host.values()) for host, of_host in ports.items()}
    points = context.latest("neighbour", within_ns=within_ns)
    newest = _newest(context, ((point.tags["host"], point.time_ns) for point in points))
    interval_s = context.inventory.settings.intervals.get("neighbour", MEASUREMENTS["neighbour"].interval_s)
    slack_ns = max(_LEAST_NS, _MISSED_CYCLES * interval_s * 10**9)
    merged: dict[tuple[str, str, str], Heard] = {}
    for point in sorted(points, key=lambda point: (point.tags["host"], point.tags.get("name", ""), -point.time_ns)):
        heard = _heard(point, directory, spelt, newest[point.tags["host"]] - slack_ns)
        if heard.peer == heard.host:
            continue  # a loop of its own, or somebody who took its name
        key = (heard.host, same_port(heard.port), heard.peer or _identity(heard))
        known = merged.get(key)
        merged[key] = heard if known is None else _both(known, heard)
    return list(merged.values())


def _heard(point: Point, directory: Directory, spelt: Mapping[str, Mapping[str, str]], since_ns: int) -> Heard:
    """`spelt` are the names of each host's ports; what was heard since `since_ns` is there."""
    host, port = point.tags["host"], point.tags.get("name", "")
    own_ports = spelt.get(host, {})
    name, chassis, remote, descr = (
        str(point.fields.get(field, "")).strip()
        for field in ("remote_host", "remote_chassis", "remote_port", "remote_descr")
    )
    peer = directory.host(name, chassis)
    peer_port = _own_port(spelt.get(peer, {}), remote)
    return Heard(
        host,
        _own_port(own_ports, port) or _own_port(own_ports, _RANK.sub("", port)) or port,
        name or chassis,
        chassis,
        descr,
        peer,
        peer_port or remote,
        bool(peer_port),
        (point.tags.get("protocol", ""),),
        point.time_ns,
        point.time_ns >= since_ns,
    )


def cables(heard: Sequence[Heard]) -> list[Cable]:
    """Each cable once, whoever heard it. Where ports do not tell, the only cable left between two hosts is the one."""
    found = []
    pairs: dict[tuple[str, str], tuple[list[Heard], list[Heard]]] = defaultdict(lambda: ([], []))
    strangers = _strangers(heard)
    for each in heard:
        if each.peer:
            a, b = sorted((each.host, each.peer))
            pairs[a, b][each.host == b].append(each)
        else:
            found.append(
                Cable(
                    each.host, each.port, strangers[each.host, each.port, _identity(each)], each.peer_port,
                    b_managed=False, by_a=True, by_b=False, last_ns=each.last_ns, is_there=each.is_there,
                    b_descr=each.descr,
                )
            )  # fmt: skip
    for (a, b), (from_a, from_b) in pairs.items():
        found += [_cable(a, b, one, other) for one, other in _matched(from_a, from_b)]
    return sorted(found, key=lambda cable: (cable.a, cable.b, cable.a_port, cable.b_port))


def _cable(a: str, b: str, one: Heard | None, other: Heard | None) -> Cable:
    """One end may know the other's port better than that one itself does, which is silent."""
    heard = [each for each in (one, other) if each]
    return Cable(
        a,
        one.port if one else other.peer_port if other else "",
        b,
        other.port if other else one.peer_port if one else "",
        b_managed=True,
        by_a=one is not None and (one.is_there or other is None or not other.is_there),
        by_b=other is not None and (other.is_there or one is None or not one.is_there),
        last_ns=max(each.last_ns for each in heard),
        is_there=any(each.is_there for each in heard),
    )


def _matched(from_a: Sequence[Heard], from_b: Sequence[Heard]) -> list[tuple[Heard | None, Heard | None]]:
    """What `a` heard beside what `b` heard of the same cable: by both ports, by one of them, or as the last left."""
    left_a, left_b = list(from_a), list(from_b)
    matched: list[tuple[Heard | None, Heard | None]] = []
    for least in (2, 1):
        for one in list(left_a):
            agreeing = [
                other
                for other in left_b
                if (same_port(one.port) == same_port(other.peer_port))
                + (same_port(other.port) == same_port(one.peer_port))
                >= least
            ]
            if agreeing:
                matched.append((one, agreeing[0]))
                left_a.remove(one)
                left_b.remove(agreeing[0])
    if len(left_a) == len(left_b) == 1 and not (_denies(left_a[0], left_b[0]) or _denies(left_b[0], left_a[0])):
        return [*matched, (left_a[0], left_b[0])]
    return [*matched, *((one, None) for one in left_a), *((None, other) for other in left_b)]


def _denies(one: Heard, other: Heard) -> bool:
    """Whether what `one` says of the port at the other end is known to be another than the one `other` heard it at."""
    return one.is_peer_port and same_port(one.peer_port) != same_port(other.port)


def _strangers(heard: Iterable[Heard]) -> dict[tuple[str, str, str], str]:
    """Names for what the inventory does not have, each device one: its own name where that is its alone."""
    named: dict[str, set[str]] = defaultdict(set)
    unmanaged = [each for each in heard if not each.peer]
    for each in unmanaged:
        named[each.name].add(_identity(each))
    return {
        (each.host, each.port, _identity(each)): (
            each.name if each.name and len(named[each.name]) == 1 else f"{each.name} {_identity(each)}".strip()
        )
        for each in unmanaged
    }


def _identity(heard: Heard) -> str:
    """By what one unknown device is told from another: its chassis, its name, or where it was heard."""
    mac = hexadecimal(heard.chassis)
    return ":".join(re.findall("..", mac)) or heard.chassis or heard.name or f"at {heard.host} {heard.port}"


def _both(known: Heard, heard: Heard) -> Heard:
    """LLDP and CDP of the same cable, the newer first."""
    first, second = sorted((known, heard), key=lambda each: -each.last_ns)
    port = max(first, second, key=lambda each: (each.is_peer_port, bool(each.peer_port)))
    return msgspec.structs.replace(
        first,
        name=first.name or second.name,
        chassis=first.chassis or second.chassis,
        descr=first.descr or second.descr,
        peer_port=port.peer_port,
        is_peer_port=port.is_peer_port,
        protocols=tuple(sorted({*known.protocols, *heard.protocols})),
        is_there=first.is_there or second.is_there,
    )


def _newest(context: Context, times: Iterable[tuple[str, int]]) -> dict[str, int]:
    """By host, when it was last heard at all."""
    newest: dict[str, int] = {host: state.time_ns if state.up else 0 for host, state in context.states().items()}
    for host, time_ns in times:
        newest[host] = max(newest.get(host, 0), time_ns)
    return newest


def _port_names(ports: Iterable[Port]) -> dict[str, str]:
    """A host's ports by everything that a neighbour may call them."""
    ports = list(ports)
    found = _unique((same_port(alias), port.name) for port in ports for alias in (port.name, *port.aliases))
    return {
        **_unique((port.alias.lower(), port.name) for port in ports if port.alias),
        **_unique((port.mac, port.name) for port in ports if port.mac),
        **found,
    }


def _own_port(names: Mapping[str, str], said: str) -> str:
    """What the host itself calls a port; "" where it has none by that name."""
    return names.get(same_port(said)) or names.get(hexadecimal(said)) or names.get(said.lower()) or ""


def _spellings(name: str) -> list[str]:
    """NX-OS says `name(serial)`, CatOS `serial(name)`."""
    said = name.lower().strip().rstrip(".")
    found = re.fullmatch(r"([^()]*)\(([^()]*)\)", said)
    return [part for part in (said, *(found.groups() if found else ())) if part]


def _short(name: str) -> str:
    """The first label of a domain name; an address is none."""
    said = name.lower().strip()
    return said if re.fullmatch(r"[\d.:]+", said) else said.split(".", 1)[0]


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What belongs to exactly one."""
    owners: dict[str, set[str]] = defaultdict(set)
    for key, owner in pairs:
        if key:
            owners[key].add(owner)
    return {key: next(iter(found)) for key, found in owners.items() if len(found) == 1}

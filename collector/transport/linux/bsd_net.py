"""Interfaces of the BSDs, from netstat(1) -i and ifconfig(8)."""

import re
from collections.abc import Iterable, Mapping

import msgspec

from collector.metrics.model import FieldValue
from collector.plugin.model import Row

_COLUMNS = {
    "Ipkts": "in_unicast_pkts",
    "Ierrs": "in_errors",
    "Ifail": "in_errors",
    "Idrop": "in_discards",
    "Ibytes": "in_octets",
    "Opkts": "out_unicast_pkts",
    "Oerrs": "out_errors",
    "Ofail": "out_errors",
    "Obytes": "out_octets",
    "Drop": "out_discards",
    "Drops": "out_discards",
}
"""headings; Ifail and Ofail of OpenBSD hold errors and drops"""
_LINK = re.compile(r"<Link(?:#(\d+))?>$")
_HEAD = re.compile(r"(\S+): flags=(?:0x)?[0-9a-f]+<([A-Z0-9_,]*)>(.*)")
_MTU = re.compile(r"\bmtu (\d{1,9})")
_ADDRESS = re.compile(r"\s+(?:ether|lladdr|address:) ((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\b")
_SPEED = re.compile(r"\b(\d+(?:\.\d+)?)([GM]?)base", re.IGNORECASE)
_STATUS = {
    "active": "up",
    "associated": "up",
    "running": "up",
    "no carrier": "down",
    "inactive": "down",
    "no network": "down",
    "down": "down",
    "not associated": "down",
    "invalid": "unknown",
    "sleeping": "dormant",
    "master": "up",
    "backup": "dormant",
}
_TYPES = (
    (re.compile(r"(vlan|svlan)\d*$"), "l2vlan"),
    (re.compile(r"(bridge|veb|tpmr)\d*$"), "bridge"),
    (re.compile(r"(lagg|trunk|aggr|agr)\d*$"), "ieee8023adLag"),
    (re.compile(r"(gif|gre|egre|mgre|nvgre|eoip|etherip|stf|tun|wg|ipsec|sec|enc|vxlan|me)\d*$"), "tunnel"),
    (re.compile(r"(ppp|pppoe|ng)\d*$"), "ppp"),
    (re.compile(r"lo\d*$"), "softwareLoopback"),
)
"""names and groups of interfaces as IANAifType"""


class Interface(msgspec.Struct):
    """What ifconfig says of one interface."""

    flags: frozenset[str]
    fields: dict[str, FieldValue] = {}
    info: dict[str, FieldValue] = {}
    status: str = ""
    groups: list[str] = []


def interface_rows(
    netstats: Iterable[str], interfaces: Mapping[str, Interface], *, with_info: bool = True
) -> list[Row]:
    """`interface` and, if wanted, `interface_info` rows of what ifconfig or netstat know; outputs of netstat add up, as
    OpenBSD and NetBSD tell octets and packets apart."""
    counted: dict[str, dict[str, FieldValue]] = {}
    for netstat in netstats:
        for name, counters in _counters(netstat).items():
            whole = _whole_name(name, interfaces)
            if whole:
                counted.setdefault(whole, {}).update(counters)
    rows = []
    for name in interfaces or counted:
        interface = interfaces.get(name) or Interface(frozenset())
        fields = {**_state(interface), **interface.fields, **counted.get(name, {})}
        rows.append(Row("interface", {"name": name}, fields))
        if with_info:
            index = {"index": fields["index"]} if "index" in fields else {}
            info = {"if_name": name, **index, **interface.info, "type": _type(name, interface)}
            rows.append(Row("interface_info", {"name": name}, info))
    return rows


def _counters(netstat: str) -> dict[str, dict[str, FieldValue]]:
    """By name, from the lines of the link layer. Its address may be missing, so columns are counted from the right."""
    counters: dict[str, dict[str, FieldValue]] = {}
    columns: list[str] = []
    for line in netstat.splitlines():
        words = line.split()
        if words[:1] == ["Name"]:
            columns = words[words.index("Address") + 1 :] if "Address" in words else []
        elif len(words) > len(columns) + 2 and columns and (link := _LINK.match(words[2])):
            fields: dict[str, FieldValue] = {"index": int(link[1])} if link[1] else {}
            for column, word in zip(columns, words[-len(columns) :], strict=True):
                if column in _COLUMNS and word.isascii() and word.isdigit() and len(word) < 20:
                    fields[_COLUMNS[column]] = int(word)
            counters[words[0].rstrip("*")] = fields
    return counters


def _whole_name(name: str, interfaces: Mapping[str, Interface]) -> str:
    """The name as ifconfig has it: netstat cuts long ones off. "" where more than one begins so."""
    if name in interfaces or not interfaces:
        return name
    longer = [known for known in interfaces if known.startswith(name)]
    return longer[0] if len(longer) == 1 else ""


def interfaces(ifconfig: str) -> dict[str, Interface]:
    """By name, from `ifconfig -a`."""
    found: dict[str, Interface] = {}
    current = None
    for line in ifconfig.splitlines():
        if head := _HEAD.match(line):
            current = found[head[1]] = Interface(frozenset(head[2].split(",")))
            if mtu := _MTU.search(head[3]):
                current.info["mtu"] = int(mtu[1])
        elif current and line[:1].isspace():
            _read_line(line, current)
    return found


def _read_line(line: str, interface: Interface) -> None:
    key, _, value = line.strip().partition(": ")
    if address := _ADDRESS.match(line):
        interface.info["mac"] = address[1]
    elif key == "description":
        interface.info["alias"] = value.strip().strip('"')
    elif key == "status":
        interface.status = value.strip()
    elif key == "groups":
        interface.groups = value.split()
    elif key == "media":
        _read_media(value, interface.fields)
    elif index := re.match(r"\s+index (\d{1,9})\b", line):
        interface.fields["index"] = int(index[1])


def _read_media(media: str, fields: dict[str, FieldValue]) -> None:
    """ "Ethernet autoselect (1000baseT <full-duplex>)": what is in use stands in brackets, where it was negotiated."""
    in_use = media.rpartition("(")[2]
    if speed := _SPEED.search(in_use):
        unit = {"": 10**6, "m": 10**6, "g": 10**9}[speed[2].lower()]
        if 0 < float(speed[1]) * unit < 10**13:
            fields["speed_bps"] = int(float(speed[1]) * unit)
    if "-duplex" in in_use:
        fields["duplex"] = "full" if "full-duplex" in in_use else "half"


def _state(interface: Interface) -> dict[str, FieldValue]:
    if not interface.flags:
        return {}
    up = "UP" in interface.flags
    running = "up" if up and "RUNNING" in interface.flags else "down"
    return {
        "admin_status": "up" if up else "down",
        "oper_status": _STATUS.get(interface.status, "unknown") if interface.status and up else running,
    }


def _type(name: str, interface: Interface) -> str:
    if "LOOPBACK" in interface.flags:
        return "softwareLoopback"
    for one in (name, *interface.groups):
        for pattern, type_ in _TYPES:
            if pattern.match(one):
                return type_
    return "ethernetCsmacd" if "mac" in interface.info else "other"

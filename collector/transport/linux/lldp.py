"""Neighbours, from `lldpctl -f json` of lldpd."""

from collections.abc import Iterator

from collector.plugin.model import Row
from collector.transport.linux.documents import Object, document, entry, objects, text, without_empty

MAX_NEIGHBOURS = 1024
_FIELDS = frozenset(("id", "descr", "mgmt-ip", "capability", "ttl", "mgmt-iface"))
"""of a chassis that has no name: else its name is the only key"""
_PROTOCOLS = {"LLDP": "lldp", "CDPv1": "cdp", "CDPv2": "cdp", "EDP": "edp", "FDP": "fdp", "SONMP": "sonmp"}


def neighbour_rows(output: str) -> list[Row]:
    """One row for each neighbour of each interface."""
    rows: list[Row] = []
    for name, neighbour in _neighbours(document(output)):
        host, chassis = _chassis(entry(neighbour, "chassis"))
        port = entry(neighbour, "port")
        fields = without_empty(
            {
                "remote_host": host,
                "remote_port": _port(port),
                "remote_chassis": text(chassis, "id", "value"),
                "remote_descr": text(chassis, "descr"),
            }
        )
        protocol = _PROTOCOLS.get(text(neighbour, "via"), "lldp")
        if fields and len(rows) < MAX_NEIGHBOURS:
            rows.append(Row("neighbour", {"name": name, "protocol": protocol}, fields))
    return rows


def _neighbours(whole: object) -> Iterator[tuple[str, Object]]:
    """{"eth0": {...}}, or a list of such where there are several."""
    for interface in objects(entry(whole, "lldp", "interface")):
        for name, found in interface.items():
            for neighbour in objects(found):
                yield name, neighbour


def _chassis(found: object) -> tuple[str, object]:
    """{"switch1": {"id": ...}}, or without the name where the neighbour does not say it."""
    if isinstance(found, dict) and len(found) == 1 and not found.keys() & _FIELDS:
        ((name, chassis),) = found.items()
        return str(name), chassis
    return "", found


def _port(port: object) -> str:
    """Its id, unless that is an address or a number and there is a description, which then says more."""
    id_, descr = text(port, "id", "value"), text(port, "descr")
    if text(port, "id", "type") in ("ifname", "ifalias") or not descr:
        return id_
    return descr

"""Routing neighbours, from vtysh of FRRouting: `show bgp summary json` and `show ip ospf neighbor json`."""

import ipaddress

from collector.metrics.model import FieldValue
from collector.plugin.model import Row
from collector.transport.linux.documents import Object, document, entry, number, objects, text

MAX_PEERS = 4096
_BGP_STATES = frozenset(("idle", "connect", "active", "opensent", "openconfirm", "established"))
_OSPF_STATES = {
    "deleted": "down",
    "down": "down",
    "attempt": "attempt",
    "init": "init",
    "2-way": "two-way",
    "exstart": "exchange-start",
    "exchange": "exchange",
    "loading": "loading",
    "full": "full",
}


def bgp_rows(output: str) -> list[Row]:
    """A row for each BGP neighbour: what it sent is counted in the address family of its own address."""
    peers: dict[str, Object] = {}
    whole = document(output)
    for family, found in (whole if isinstance(whole, dict) else {}).items():
        members = entry(found, "peers")
        for address, peer in (members if isinstance(members, dict) else {}).items():
            if isinstance(peer, dict) and (address not in peers or _is_own(family, address)):
                peers[address] = peer
    rows = (_bgp_row(address, peer) for address, peer in list(peers.items())[:MAX_PEERS])
    return [row for row in rows if row.fields.get("state")]


def _is_own(family: str, address: str) -> bool:
    try:
        return family == f"ipv{ipaddress.ip_address(address).version}Unicast"
    except ValueError:  # a neighbour that is configured by its interface
        return False


def _bgp_row(address: str, peer: Object) -> Row:
    """The state is "Established", or "Idle (Admin)", "Idle (PfxCt)" where the idleness has a reason."""
    fields: dict[str, FieldValue] = {}
    state, _, reason = text(peer, "state").lower().partition(" ")
    if state in _BGP_STATES:
        fields["state"] = state
        fields["admin_status"] = "stop" if "admin" in reason else "start"
    for name, key in (("remote_as", "remoteAs"), ("prefixes_received", "pfxRcd")):
        found = number(peer, key)
        if found is not None and found >= 0:
            fields[name] = int(found)
    if text(peer, "peerUptime") != "never":
        _add_uptime(fields, peer, "peerUptimeMsec")
    return Row("routing_peer", {"name": address, "protocol": "bgp"}, fields)


def ospf_rows(output: str) -> list[Row]:
    """A row for each OSPF neighbour, below "neighbors" in newer releases."""
    whole = document(output)
    members = entry(whole, "neighbors") or whole
    rows: list[Row] = []
    for router_id, found in (members if isinstance(members, dict) else {}).items():
        for peer in objects(found):
            state = (text(peer, "nbrState") or text(peer, "state")).partition("/")[0].lower()
            if state not in _OSPF_STATES or len(rows) == MAX_PEERS:
                continue
            fields: dict[str, FieldValue] = {"state": _OSPF_STATES[state], "remote_id": router_id}
            _add_uptime(fields, peer, "upTimeInMsec")
            address = text(peer, "ifaceAddress") or text(peer, "address") or router_id
            rows.append(Row("routing_peer", {"name": address, "protocol": "ospf"}, fields))
    return rows


def _add_uptime(fields: dict[str, FieldValue], peer: Object, key: str) -> None:
    uptime_ms = number(peer, key)
    if uptime_ms is not None and uptime_ms >= 0:
        fields["uptime_s"] = uptime_ms / 1000

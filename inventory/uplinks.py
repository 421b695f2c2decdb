"""Which host carries the traffic of which station."""

from collections import defaultdict

from inventory.model import Inventory


def uplinks(inventory: Inventory) -> dict[str, str]:
    """By the station's id: the uplink that it names, else the only host of role bts-uplink at its site.

    Stations of which neither is known are left out.
    """
    there: dict[str, list[str]] = defaultdict(list)
    for host in inventory.hosts.values():
        if host.role == "bts-uplink" and host.site:
            there[host.site.id].append(host.name)
    found = {}
    for station in inventory.stations:
        hosts = [station.uplink] if station.uplink else there[station.site]
        if len(hosts) == 1 and hosts[0] in inventory.hosts:
            found[station.id] = hosts[0]
    return found

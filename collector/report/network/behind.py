"""What hangs on a few hosts: which others reach the rest of the network only over one of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from collector.report.network.neighbours import Cable
from inventory.model import Host


def behind(chosen: Collection[str], cables: Iterable[Cable], hosts: Mapping[str, Host]) -> dict[str, set[str]]:
    """Of every chosen host, the hosts of the inventory whose cables lead to it and to no other chosen one.

    Of hosts whose cables nobody hears, those at the same site are taken to hang on it, where only one chosen host is there.
    """
    near: dict[str, set[str]] = defaultdict(set)
    for cable in cables:
        if cable.b_managed:
            near[cable.a].add(cable.b)
            near[cable.b].add(cable.a)
    found: dict[str, set[str]] = {name: set() for name in chosen}
    seen: set[str] = set()
    for start in sorted(near.keys() - found.keys()):
        if start in seen:
            continue
        part, roots, left = {start}, set(), [start]
        while left:
            for other in near[left.pop()]:
                if other in found:
                    roots.add(other)
                elif other not in part:
                    part.add(other)
                    left.append(other)
        seen |= part
        if len(roots) == 1:
            found[roots.pop()] |= part & hosts.keys()
    at_site: dict[str, list[str]] = defaultdict(list)
    for name in chosen:
        if name in hosts and (site := hosts[name].site):
            at_site[site.id].append(name)
    for name, host in hosts.items():
        if name not in found and name not in near and host.site and len(at_site[host.site.id]) == 1:
            found[at_site[host.site.id][0]].add(name)
    return found

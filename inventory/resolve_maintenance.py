"""`[[maintenance]]`: whom the terms mean, and whether the times make sense."""

from collections.abc import Mapping

from inventory.convert import convert
from inventory.grammar import MaintenanceTable
from inventory.model import Host, Maintenance
from inventory.problem import Problems, Spot
from inventory.read import Sources
from inventory.select import SelectionError, select_from

_LONGEST_S = {"daily": 86_400, "weekly": 7 * 86_400}


def resolve_maintenance(sources: Sources, hosts: Mapping[str, Host], problems: Problems) -> tuple[Maintenance, ...]:
    """`[[maintenance]]` of all files. Its terms are only looked up where all hosts came through."""
    planned = []
    for entry in sources.maintenance:
        before = len(problems)
        table = convert(entry.raw, MaintenanceTable, entry.spot, problems)
        if table is None or len(problems) > before:
            continue
        _check_times(table, entry.spot, problems)
        names = _selected(table, entry.spot, hosts, problems) if len(hosts) == len(sources.hosts) else frozenset()
        planned.append(
            Maintenance(
                hosts=names,
                start_ns=int(table.start),
                end_ns=int(table.end),
                repeat=table.repeat,
                until_ns=None if table.until is None else int(table.until),
                reason=table.reason,
            )
        )
    return tuple(planned)


def _selected(table: MaintenanceTable, spot: Spot, hosts: Mapping[str, Host], problems: Problems) -> frozenset[str]:
    if not table.hosts:
        problems.add(spot / "hosts", 'found a list of nothing, allowed: terms that select hosts; "*" is all of them')
        return frozenset()
    try:
        return frozenset(host.name for host in select_from(list(hosts.values()), table.hosts))
    except SelectionError as error:
        problems.add(spot / "hosts", str(error))
        return frozenset()


def _check_times(table: MaintenanceTable, spot: Spot, problems: Problems) -> None:
    longest_s = _LONGEST_S.get(table.repeat)
    if table.end <= table.start:
        problems.add(spot / "end", "is not after start")
    elif longest_s and table.end - table.start > longest_s * 1_000_000_000:
        hours = (table.end - table.start) / 3.6e12
        problems.add(
            spot / "end", f"found {hours:g} h after start, allowed: {longest_s // 3600} h, as it is {table.repeat}"
        )
    if table.until is not None and table.repeat == "once":
        problems.add(spot / "until", 'is for what repeats, allowed beside repeat = "daily" or "weekly"')
    elif table.until is not None and table.until <= table.start:
        problems.add(spot / "until", "is not after start")

"""How long the bulk reads of reports take on a generated year: each in a process of its own, with its peak of memory."""

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from collector.store.contract import History, Store
from collector.store.open import open_store
from inventory.load import load
from inventory.model import Inventory

_DAY_NS = 86_400 * 10**9

_SPAWN = multiprocessing.get_context("spawn")


def run(directory: Path) -> str:
    """A table in Markdown of what `_READS` take."""
    lines = ["| read | series | values | wall s | CPU s | MB |", "|---|---:|---:|---:|---:|---:|"]
    for name in _READS:
        ours, theirs = _SPAWN.Pipe(duplex=False)
        process = _SPAWN.Process(target=_measure, args=(name, str(directory / "hosts.toml"), theirs))
        process.start()
        theirs.close()
        series, values, wall_s, cpu_s, megabytes = ours.recv()
        process.join()
        lines.append(f"| {name} | {series:,} | {values:,} | {wall_s:.2f} | {cpu_s:.2f} | {megabytes:.0f} |")
    return "\n".join(lines) + "\n"


def _measure(name: str, config: str, answer: Any) -> None:
    inventory = load(Path(config))
    store = open_store(inventory.store)
    now_ns = time.time_ns()
    began, cpu_began = time.monotonic(), time.process_time()
    series, values = _READS[name](store, inventory, now_ns)
    wall_s, cpu_s = time.monotonic() - began, time.process_time() - cpu_began
    answer.send((series, values, wall_s, cpu_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def _count(histories: Iterable[History]) -> tuple[int, int]:
    series = values = 0
    for history in histories:
        series += 1
        values += len(history.times_ns) * len(history.values)
    return series, values


def _links(inventory: Inventory) -> list[tuple[str, str]]:
    return [(host.name, link.interface) for host in inventory.hosts.values() for link in host.links]


def _links_raw(store: Store, inventory: Inventory, now_ns: int) -> tuple[int, int]:
    return _count(
        store.histories(
            "interface", ["in_bps", "out_bps"], since_ns=now_ns - 30 * _DAY_NS, until_ns=now_ns, every_s=300,
            only=_links(inventory),
        )
    )  # fmt: skip


def _windows(measurement: str, fields: list[str], every_s: int) -> Callable[[Store, Inventory, int], tuple[int, int]]:
    def read(store: Store, _: Inventory, now_ns: int) -> tuple[int, int]:
        since_ns = (now_ns // _DAY_NS - 30) * _DAY_NS
        return _count(store.histories(measurement, fields, since_ns=since_ns, until_ns=now_ns, every_s=every_s))

    return read


def _percentiles(store: Store, inventory: Inventory, now_ns: int) -> tuple[int, int]:
    since_ns = (now_ns // _DAY_NS - 180) * _DAY_NS
    fields = ["in_bps", "out_bps"]
    only = _links(inventory)
    return _count(store.daily_percentiles("interface", fields, 95, since_ns=since_ns, until_ns=now_ns, only=only))


def _latest(fields: list[str] | None) -> Callable[[Store, Inventory, int], tuple[int, int]]:
    def read(store: Store, _: Inventory, now_ns: int) -> tuple[int, int]:
        found = store.latest("interface", since_ns=now_ns - _DAY_NS, fields=fields)
        return len(found), sum(len(point.fields) for point in found)

    return read


def _sightings(store: Store, _: Inventory, now_ns: int) -> tuple[int, int]:
    fields = ["model", "serial", "os_version"]
    found = store.sightings("device_info", fields, since_ns=now_ns - 365 * _DAY_NS, until_ns=now_ns)
    return len({sighting.tags["host"] for sighting in found}), len(found)


_READS: dict[str, Callable[[Store, Inventory, int], tuple[int, int]]] = {
    "links, 2 fields, 30 days, 5 minutes": _links_raw,
    "device.up, 30 days, hours": _windows("device", ["up"], 3600),
    "interfaces, 2 fields, 30 days, hours": _windows("interface", ["in_bps", "out_bps"], 3600),
    "interfaces, 2 fields, 30 days, days": _windows("interface", ["in_bps", "out_bps"], 86_400),
    "daily 95th percentiles of links, 180 days": _percentiles,
    "latest interfaces of a day": _latest(None),
    "latest interfaces of a day, 3 fields": _latest(["in_bps", "out_bps", "oper_status"]),
    "sightings of device_info, a year": _sightings,
}

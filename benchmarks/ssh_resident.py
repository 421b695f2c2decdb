"""`python -m benchmarks.ssh_resident CONFIG CYCLES`: cycles of one process that keeps its sessions, as `collector run` does,
but all hosts at once in place of spread over the interval. Prints the statistics of each cycle as a line of JSON."""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

import msgspec

from collector.runtime.cycle import Stats
from collector.runtime.engine import open_poller
from collector.runtime.service import Delivering, cycle, open_delivery
from inventory.load import load


async def _run(config: Path, cycles: int) -> None:
    inventory = load(config)
    hosts = list(inventory.hosts.values())
    interval_s = inventory.settings.interval_s
    async with open_poller(inventory, resident=True) as poller:
        delivery = open_delivery(inventory, Delivering.STORE)
        try:
            for _ in range(cycles):
                await asyncio.sleep(interval_s - time.time() % interval_s + 0.05)
                began, used_s = time.perf_counter(), _cpu_s()
                stats: Stats = await cycle(poller, hosts, delivery)
                stats.measure_process(began)
                stats.cpu_s -= used_s
                print(json.dumps(msgspec.to_builtins(stats)), flush=True)
        finally:
            if delivery:
                delivery.close()


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1]), int(sys.argv[2])))

"""`python -m benchmarks.ssh_resident CONFIG CYCLES`: cycles of one process that keeps its sessions, as `collector run` does,
but all hosts at once in place of spread over the interval. Prints the statistics of each cycle as a line of
JSON, and when the last of the devices that answer was done."""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

import msgspec

from collector.runtime.cycle import Stats
from collector.runtime.engine import open_poller
from collector.runtime.poll import Polled
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
                answered: list[float] = []

                def take(polled: Polled, answered: list[float] = answered, began: float = began) -> None:
                    if polled.health.outcome == "ok":
                        answered.append(time.perf_counter() - began)

                stats: Stats = await cycle(poller, hosts, delivery, on_host=take)
                stats.measure_process(began)
                stats.cpu_s -= used_s
                print(json.dumps(msgspec.to_builtins(stats) | {"ok_s": max(answered, default=0.0)}), flush=True)
        finally:
            if delivery:
                delivery.close()


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1]), int(sys.argv[2])))

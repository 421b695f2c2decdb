"""Simulated devices in a thread of their own, for commands that run in the test's process and in children."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from collector.simulator.agent import Device
from collector.simulator.devices.build import Builder, Port, interfaces, system
from collector.simulator.devices.models import plain_switch
from collector.simulator.farm import Farm
from collector.simulator.faults import Faults
from collector.simulator.tree import Tree
from collector.smi.oid import encode

COMMUNITY = "an-unusual-community"
EVIL = "evil\x1b]0;owned\x07\x1b[2J\r\nWARNING forged line\u202e"
"""what a device may call itself: sets a terminal's title, clears it, and begins a log line of its own"""

SWITCH, DEAD, NASTY, BROKEN, OTHER, SPARE = (f"127.4.0.{number}" for number in range(1, 7))


@dataclass
class RunningFarm:
    """`port` is that of all devices; `devices` by address may be changed at any time."""

    port: int
    devices: dict[str, Device]

    def at(self, address: str) -> str:
        """The address as hosts.toml has it."""
        return f"{address}:{self.port}"


def _nasty() -> Tree:
    builder = Builder()
    system(builder, descr=EVIL, object_id="1.3.6.1.4.1.32473.9", name=EVIL, location=EVIL, contact=EVIL)
    port = Port(index=1, name=f"eth0{EVIL}", descr=EVIL, alias=EVIL)
    interfaces(builder, "nasty", [port])
    return builder.tree()


def _devices() -> list[Device]:
    broken = Faults(gen_err=frozenset({encode("1.3.6.1.2.1.2.2.1.14.2")}))
    known = COMMUNITY.encode()
    return [
        Device(SWITCH, plain_switch(4), 0, known),
        Device(DEAD, plain_switch(4), 1, known, faults=Faults(dead=True)),
        Device(NASTY, _nasty(), 2, known),
        Device(BROKEN, plain_switch(4), 3, known, faults=broken),
        Device(OTHER, plain_switch(2), 4, b"another-community"),
        Device(SPARE, plain_switch(2), 5, known),
    ]


@contextmanager
def running_farm() -> Iterator[RunningFarm]:
    """The devices answer until the block ends."""
    loop = asyncio.new_event_loop()
    farm = Farm(_devices())
    thread = threading.Thread(target=loop.run_forever, name="farm")
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(farm.start(), loop).result(10)
        yield RunningFarm(farm.port, {device.address: device for device in farm.devices})
    finally:

        async def stop() -> None:
            farm.stop()

        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

"""Simulated devices and a poller beside them, on one event loop and one clock that only a test moves."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from collector.metrics.model import FieldValue, Point
from collector.normalise.carried import Carried
from collector.plugin.registry import Registry
from collector.runtime.access import Access
from collector.runtime.cycle import Stats, run_cycle
from collector.runtime.facts import HostFacts, HostState
from collector.runtime.lease import Leases
from collector.runtime.poll import Polled, Poller
from collector.runtime.state import StateDir
from collector.runtime.tools import Tools, learning_places
from collector.runtime.turns import Cycle
from collector.simulator.agent import Device
from collector.simulator.devices.build import INT, TICKS, Builder, Port, interfaces, system
from collector.simulator.farm import Farm
from collector.simulator.tree import Total, Tree
from collector.smi import oid as oids
from collector.transport.snmp.learnt import Learnt
from collector.transport.snmp.open import open_session
from collector.transport.snmp.session import Session
from inventory.model import Community, Credential, Host, Limits, Secret, Settings

if TYPE_CHECKING:
    from collector.transport.ssh.pool import SshPool

T = TypeVar("T")

EPOCH_S = 1_800_000_000.0
CYCLE_S = 60
IF_NUMBER, IF_TABLE_LAST_CHANGE = "1.3.6.1.2.1.2.1.0", "1.3.6.1.2.1.31.1.5.0"
IMPATIENT = Limits(timeout_s=0.1, retries=1)
"""the farm answers within milliseconds"""


class Clock:
    """Seconds since the epoch: of the poller, of what arrives, and of the devices."""

    def __init__(self) -> None:
        self.now_s = EPOCH_S

    def __call__(self) -> float:
        return self.now_s

    time = __call__


def community(name: str, public: str = "public") -> Credential:
    return Credential(name=name, snmp=Community(version="2c", community=Secret(public)))


def octets_per_s(name: str) -> int:
    """How fast both octet counters of the port of that name grow: other ports, other rates."""
    return 1_000 * (1 + sum(name.encode()))


def tree_of(
    names: Mapping[int, str] | Sequence[str], *, last_change: int = 4_200, if_number: int | None = None
) -> Tree:
    """A device of the standard MIBs with ports of these names, by ifIndex (from 1 where none is given)."""
    ports = names if isinstance(names, Mapping) else dict(enumerate(names, 1))
    return _tree_of(tuple(ports.items()), last_change, len(ports) if if_number is None else if_number)


@cache
def _tree_of(ports: tuple[tuple[int, str], ...], last_change: int, if_number: int) -> Tree:
    builder = Builder()
    builder.put(IF_NUMBER, INT, if_number)  # of two values for one name the first counts
    builder.put(IF_TABLE_LAST_CHANGE, TICKS, last_change)
    system(builder, descr="Simulated device", object_id="1.3.6.1.4.1.32473.1", name="device")
    rows = [
        Port(index=index, name=name, descr=f"port {name}", octets=(_total(name), _total(name))) for index, name in ports
    ]
    interfaces(builder, "device", rows)
    return builder.tree()


def _total(name: str) -> Total:
    rate = octets_per_s(name)
    return Total(lambda now_s: rate * (now_s - EPOCH_S + 1_000_000))


@cache
def registry() -> Registry:
    """Our own families, read once for all tests."""
    return Registry.open([])


class World:
    """Add devices, then poll them; the first poll starts their farm.

    Attributes:
        opened: (host, credential) of every session that was opened.
        carried: the stations behind a host, to be set before the first poll.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.clock = clock
        self.opened: list[tuple[str, str]] = []
        self.carried: Mapping[str, Sequence[Carried]] = {}
        self.open_session: Callable[[Host, Credential, Learnt], Awaitable[Session]] = _open
        self._folder = folder
        self._runner = asyncio.Runner()
        self._devices: list[Device] = []
        self._farm: Farm | None = None
        self._settings: dict[str, Any] = {}
        self._poller: Poller | None = None
        self._leases: Leases | None = None
        self._registry = registry()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._farm:
            self.run(_stop(self._farm))
        self.restart()
        self._runner.close()

    def run(self, work: Awaitable[T]) -> T:
        """Let the loop run until `work` is done."""

        async def wait() -> T:
            return await work

        return self._runner.run(wait())

    def add(self, tree: Tree, **more: Any) -> Device:
        """One more device; what it is and does may be changed at any time."""
        assert self._farm is None, "the farm runs"
        device = Device(f"127.3.0.{len(self._devices) + 1}", tree, len(self._devices), **more)
        self._devices.append(device)
        return device

    def host(self, device: Device, **more: Any) -> Host:
        """The device as the inventory has it."""
        settings: dict[str, Any] = {"credentials": (community("lan"),), "limits": IMPATIENT, "ping": False}
        settings |= {"name": device.address, "address": device.address, "snmp_port": self.farm.port}
        return Host(**(settings | more))

    @property
    def farm(self) -> Farm:
        """Runs from the first use on."""
        if self._farm is None:
            self._farm = Farm(self._devices, clock=self.clock, epoch_s=EPOCH_S)
            self.run(self._farm.start())
        return self._farm

    def configure(self, *, registry: Registry | None = None, **settings: Any) -> None:
        """Other settings, other families: a restart."""
        self.restart()
        self._settings |= settings
        self._registry = registry or self._registry

    def restart(self) -> None:
        """What is in memory is lost."""
        if self._leases:
            self._leases.close()
        self._poller = self._leases = None

    @property
    def state(self) -> StateDir:
        return StateDir(self._folder)

    def facts(self, host: Host) -> HostFacts:
        """What was learnt of a host."""
        facts = self.state.load(HostFacts, host.name)
        assert facts
        return facts

    def host_state(self, host: Host) -> HostState:
        """What the last cycle left for the next."""
        state = self.state.load(HostState, host.name)
        assert state
        return state

    @property
    def poller(self) -> Poller:
        if self._poller is None:
            settings = Settings(state_dir=str(self._folder), **self._settings)
            tools = Tools(
                settings,
                self._registry,
                self.state,
                Access(self._open_counted),
                learning_places(),
                self.ssh_pool,
                clock=self.clock,
                carried=self.carried,
            )
            self._leases = Leases(self._folder / "leases")
            self._poller = Poller(tools, self._leases, None)
        return self._poller

    def ssh_pool(self) -> "SshPool":
        raise AssertionError("nothing of this world speaks SSH")

    async def _open_counted(self, host: Host, credential: Credential, learnt: Learnt) -> Session:
        self.opened.append((host.name, credential.name))
        return await self.open_session(host, credential, learnt)

    def next_cycle(self, after_s: float = CYCLE_S, *, deadline_s: float = 30.0, everything: bool = False) -> Cycle:
        """The clock moves on by `after_s`, and a cycle begins."""
        self.clock.now_s += after_s
        time_s = int(self.clock.now_s)
        time_s -= time_s % self.poller.tools.settings.interval_s
        ends = time.monotonic() + deadline_s
        return Cycle(time_s=time_s, ends=ends, everything=everything)

    def poll(self, host: Host, after_s: float = CYCLE_S, **cycle: Any) -> Polled:
        """One cycle of one host, `after_s` after the last."""
        poller, next_cycle = self.poller, self.next_cycle(after_s, **cycle)
        return self.run(poller.poll(host, next_cycle))

    def poll_all(self, hosts: Sequence[Host], after_s: float = CYCLE_S, **cycle: Any) -> tuple[list[Polled], Stats]:
        """One cycle of many, in the order in which they were done."""
        poller, next_cycle = self.poller, self.next_cycle(after_s, **cycle)
        done: list[Polled] = []
        stats = Stats()

        async def take(polled: Polled) -> None:
            done.append(polled)

        self.run(run_cycle(poller, hosts, next_cycle, take, stats))
        return done, stats


async def _open(host: Host, credential: Credential, learnt: Learnt) -> Session:
    return await open_session(host, credential, learnt=learnt)


async def _stop(farm: Farm) -> None:
    farm.stop()


def named(polled: Polled, measurement: str) -> dict[str, dict[str, FieldValue]]:
    """The fields of the points of a measurement, by the tag `name` ("" where there is none)."""
    return {point.tags.get("name", ""): point.fields for point in _of(polled, measurement)}


def _of(polled: Polled, measurement: str) -> list[Point]:
    return [point for point in polled.points if point.measurement == measurement]


def only(polled: Polled, measurement: str) -> dict[str, FieldValue]:
    """The fields of the one point of that measurement."""
    (point,) = _of(polled, measurement)
    return point.fields


def absurd_rates(polled: Polled, most: float = 1e12) -> dict[str, FieldValue]:
    """Rates that no line carries, or below zero."""
    return {
        f"{point.tags.get('name')} {name}": value
        for point in polled.points
        for name, value in point.fields.items()
        if name.endswith(("bps", "pps", "per_s", "util_percent")) and name != "speed_bps"
        if isinstance(value, float) and not 0 <= value <= most
    }


def oid_bytes(dotted: str) -> bytes:
    return oids.encode(dotted)

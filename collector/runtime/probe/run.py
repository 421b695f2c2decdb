"""A whole probe: gathered under the host's lease, compared with the store, captured and written where that is wanted."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from collector.metrics.model import Point
from collector.plugin.registry import Registry
from collector.runtime.engine import SshPools, access
from collector.runtime.lease import Leases
from collector.runtime.probe.evidence import Cause, Evidence
from collector.runtime.probe.gather import Prober, Progress
from collector.runtime.service import Delivering, open_delivery
from collector.runtime.state import StateDir, StateError
from collector.smi import oid as oids
from collector.smi import recording
from collector.smi.redact import redact
from collector.store.contract import Store, StoreError
from collector.store.open import open_store
from collector.transport.contract import TransportError
from collector.transport.icmp import Pinger
from collector.transport.snmp.learnt import Learnt
from inventory.model import Host, Inventory, Secret, Settings
from inventory.secrets import SecretError, reveal

LEASE_WAIT_S = 60.0
"""a poll of the same host may be under way: it has a deadline"""
WHOLE_TREE = oids.encode("1.3.6.1")
CAPTURE_MAX_ROWS = 500_000


class ProbeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`pause_s` between the two readings; `capture` is the file of a recording without secrets, with `pseudonyms` for
    names, addresses and serial numbers; `write` stores the points."""

    pause_s: float = 5.0
    capture: Path | None = None
    pseudonyms: bool = False
    write: bool = False


async def probe_host(host: Host, inventory: Inventory | None, options: ProbeOptions, progress: Progress) -> Evidence:
    """Probe `host`, which need not be one of the inventory's.

    Raises:
        HeldError: another process talks to the host for longer than a poll may last.
        OSError: the capture cannot be written.
    """
    settings = inventory.settings if inventory else Settings(state_dir="")
    state = _state(settings) if inventory else None
    pinger = await Pinger.open()
    registry = Registry.open([Path(folder) for folder in settings.plugin_folders])
    pools = SshPools(inventory, _logins_state(settings), insist=True) if inventory else None
    prober = Prober(host, settings, registry, access(settings), state, pinger, progress, pools)
    try:
        async with _lease(state, host):
            evidence = await prober.probe(options.pause_s)
            if options.capture and prober.credential:
                progress("capturing the whole device")
                await _capture(prober, options.capture, pseudonyms=options.pseudonyms)
    finally:
        if pools:
            await pools.close()
        if pinger:
            pinger.close()
    if inventory and prober.points:
        progress("looking into the store")
        await asyncio.to_thread(_compare_with_store, inventory, evidence)
        if options.write:
            await asyncio.to_thread(_write, inventory, prober.points, evidence)
    return evidence


def _state(settings: Settings) -> StateDir | None:
    """The state directory, read only; an operator who may not enter it can probe all the same."""
    try:
        return StateDir(Path(settings.state_dir), read_only=True)
    except StateError:
        return None


def _logins_state(settings: Settings) -> StateDir | None:
    """Where refused logins are remembered: one that works now is no longer held back."""
    try:
        return StateDir(Path(settings.state_dir))
    except StateError:
        return None


@asynccontextmanager
async def _lease(state: StateDir | None, host: Host) -> AsyncIterator[None]:
    if state is None:
        yield
        return
    leases = Leases(state.path / "leases")
    try:
        async with leases.hold(host.name, LEASE_WAIT_S):
            yield
    finally:
        leases.close()


async def _capture(prober: Prober, file: Path, *, pseudonyms: bool) -> None:
    """Walk the whole device into a recording without its secrets."""
    session = await prober.access.open(prober.host, prober.credential, Learnt())
    try:
        walk = await session.walk(WHOLE_TREE, CAPTURE_MAX_ROWS)
    except TransportError as error:
        prober.evidence.problems.append(f"capture: {error.args[0]}")
        return
    finally:
        await session.close()
    if walk.stopped:
        prober.evidence.problems.append(f"capture: {walk.stopped}")
    secrets = list(_revealed(prober.secrets()))
    varbinds = redact(walk.varbinds, secrets, os.urandom(16) if pseudonyms else None)
    recording.write(file, varbinds, [f"captured by collector probe: {len(varbinds)} values"])
    prober.evidence.captured = str(file)


def _revealed(secrets: Iterable[Secret]) -> Iterator[str]:
    """Those that can be had: a device knows none of the others."""
    for secret in secrets:
        with suppress(SecretError):
            yield reveal(secret)


def _compare_with_store(inventory: Inventory, evidence: Evidence) -> None:
    """Which of the points' series the store does not have yet."""
    try:
        store = open_store(inventory.store)
    except StoreError as error:
        evidence.store = f"not looked at: {error}"
        return
    try:
        _mark_new(store, evidence)
    except StoreError as error:
        evidence.store = f"not looked at: {error}"
    finally:
        store.close()


def _mark_new(store: Store, evidence: Evidence) -> None:
    known: set[tuple[str, frozenset[tuple[str, str]]]] = set()
    for measurement in {point.measurement for point in evidence.points}:
        for point in store.latest(measurement, {"host": evidence.host}):
            known.add((measurement, frozenset(point.tags.items())))
    for evident in evidence.points:
        evident.new = (evident.measurement, frozenset(evident.tags.items())) not in known
    new = sum(1 for evident in evidence.points if evident.new)
    evidence.store = f"{new} of {len(evidence.points)} series are new to the store"
    evidence.problems += store.conflicts()


def _write(inventory: Inventory, points: list[Point], evidence: Evidence) -> None:
    try:
        delivery = open_delivery(inventory, Delivering.STORE)
    except StoreError as error:
        evidence.cause, evidence.verdict = Cause.STORE, str(error)
        return
    if delivery is None:
        return
    try:
        delivery.deliver(points)
        evidence.store += f"; {delivery.counts.written} points written, {delivery.counts.spooled} spooled, {delivery.counts.rejected} refused"
    except StoreError as error:
        evidence.cause, evidence.verdict = Cause.STORE, str(error)
    finally:
        delivery.close()

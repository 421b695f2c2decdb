"""Replay a recording as if it were a device: the same steps as a first poll, without a network and without a clock."""

import asyncio
from pathlib import Path

import msgspec

from collector.metrics.model import Point
from collector.normalise.normalise import Context, normalise
from collector.plugin.registry import Registry
from collector.runtime import health
from collector.runtime.learn import SYS_DESCR, SYS_NAME, SYS_OBJECT_ID, LearntDevice, learn_device, text
from collector.runtime.read import read
from collector.smi import recording
from collector.smi.oid import Oid
from collector.smi.value import Missing
from collector.transport.snmp.get import SYS_UPTIME
from collector.transport.snmp.recording import RecordedSession
from inventory.model import Host, InterfaceFilter

SYSTEM = (SYS_OBJECT_ID, SYS_DESCR, SYS_NAME, SYS_UPTIME)


class Replayed(msgspec.Struct):
    """What a recording came to: its points at time 0, how it was understood, and what could not be."""

    points: list[Point]
    learnt: LearntDevice
    problems: list[str]


def host_name(file: Path) -> str:
    """`a/r1.snmprec.bz2` is the host r1."""
    name = file.name
    for ending in (".bz2", ".gz", ".xz"):
        name = name.removesuffix(ending)
    return Path(name).stem if "." in name else name


def replay_file(file: Path, registry: Registry, family: str | None = None) -> Replayed:
    """Replay one recording. No interface is filtered: what the family makes of the device is what is asked for.

    Raises:
        OSError, ValueError: the file cannot be read as a recording.
        FamilyError: the family's file is wrong.
    """
    read_in = recording.read(file, _needed(file, registry, family))
    every = InterfaceFilter(default=False)
    host = Host(name=host_name(file), address="recording", interfaces=every)
    replayed = asyncio.run(_replay(host, RecordedSession(read_in, 0.0), registry, family))
    replayed.problems = [*read_in.problems, *replayed.problems]
    return replayed


def _needed(file: Path, registry: Registry, family: str | None) -> list[Oid] | None:
    """What of a recording may be asked for, judged by its system group; None (all of it) where that comes late in the file."""
    head = {oid: value for oid, _, value in recording.read_head(file).varbinds}
    if SYS_OBJECT_ID not in head and SYS_DESCR not in head:
        return None
    object_id, descr = (text(head.get(oid, Missing.NO_SUCH_OBJECT)) for oid in (SYS_OBJECT_ID, SYS_DESCR))
    needed = [*SYSTEM, *registry.probe_oids(object_id, descr)]
    for name in [family] if family else registry.candidates(object_id, descr):
        candidate = registry.family(name, object_id)
        needed += (*candidate.roots(), *candidate.scalars(), *candidate.changed())
    return needed


async def _replay(host: Host, session: RecordedSession, registry: Registry, family: str | None) -> Replayed:
    learnt = await learn_device(session, registry, family)
    rows = await read(session, learnt.family, learnt.plan.tables, [], 0.0, with_oids=True)
    context = Context(tags=host.point_tags(), time_ns=0, interfaces=host.interfaces)
    points = normalise(rows.rows, rows.stamps, context, {}).points
    points += health.info_points(host, learnt.plan, 0)
    return Replayed(points, learnt, rows.broken + [f"{table}: {reason}" for table, reason in learnt.plan.problems])

"""Learn a device over an open session: what it is, which family, which rows."""

import asyncio
from collections.abc import Sequence

import msgspec

from collector.plugin.learn import learn
from collector.plugin.match import Match
from collector.plugin.model import Plan, Walked
from collector.plugin.profile import Family
from collector.plugin.registry import Registry
from collector.runtime.walks import Walks
from collector.smi import oid
from collector.smi.oid import Oid
from collector.smi.value import Missing, Value
from collector.transport.contract import SnmpSession

SYS_DESCR = oid.encode("1.3.6.1.2.1.1.1.0")
SYS_OBJECT_ID = oid.encode("1.3.6.1.2.1.1.2.0")
SYS_NAME = oid.encode("1.3.6.1.2.1.1.5.0")


ASIDE_VARBINDS = 20_000
"""from so many on a plan is made in a thread: it takes so long that other devices' answers would be late"""


class Identity(msgspec.Struct, frozen=True):
    """What a device says it is, and the families that fit, best first."""

    sys_object_id: str
    sys_descr: str
    sys_name: str
    matches: Sequence[Match]


class LearntDevice(msgspec.Struct, frozen=True):
    """A device's plan, with what led to it."""

    identity: Identity
    family: Family
    plan: Plan
    walked: Walked
    watch: dict[Oid, int]
    reason: str


def text(value: Value) -> str:
    """A DisplayString or OID as text; "" where there is none."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip("\x00 \r\n\t")
    return "" if isinstance(value, Missing) else str(value)


async def identify(session: SnmpSession, registry: Registry) -> Identity:
    """Ask a device what it is.

    Raises:
        TransportError: it does not answer, or refuses.
    """
    first = await session.get([SYS_OBJECT_ID, SYS_DESCR, SYS_NAME])
    object_id, descr, name = map(text, first.values)
    probes = registry.probe_oids(object_id, descr)
    found = dict(zip(probes, (await session.get(probes)).values, strict=True)) if probes else {}
    return Identity(object_id, descr, name, registry.match(object_id, descr, found))


async def learn_device(session: SnmpSession, registry: Registry, wanted: str | None, at_once: int = 2) -> LearntDevice:
    """Identify a device, walk what its family knows, and make the plan of its polls.

    `wanted` is a family that the operator fixed; `at_once` bounds the walks under way at a time. A walk that breaks off
    costs what it did not reach: `plan.problems` says so.

    Raises:
        TransportError: the device does not answer, or refuses.
        collector.plugin.errors.FamilyError: the family's file is wrong.
    """
    identity = await identify(session, registry)
    chosen = identity.matches[0]
    family = registry.family(wanted or chosen.family, identity.sys_object_id)
    reason = "set in the inventory" if wanted else chosen.reason

    wanted_scalars = family.scalars()
    watched = family.changed()
    asked = list(dict.fromkeys((*wanted_scalars, *watched)))
    scalars = dict(zip(asked, (await session.get(asked)).values, strict=True)) if asked else {}

    walks = Walks(session)
    await walks.walk_all(await present_roots(session, family), at_once)
    walked = walks.walked
    if sum(map(len, walked.columns.values())) < ASIDE_VARBINDS:
        plan = learn(family, walked, scalars)
    else:
        plan = await asyncio.to_thread(learn, family, walked, scalars)
    watch = {oid: value for oid in watched if isinstance(value := scalars[oid], int)}
    return LearntDevice(identity, family, plan, walked, watch, reason)


async def present_roots(session: SnmpSession, family: Family) -> list[Oid]:
    """Those of the family's columns that the device has, as far as it tells at once."""
    roots = family.roots()
    return [root for root, there in zip(roots, await session.present(roots), strict=True) if there]

"""The bulk ladder: how large a PDU an agent answers."""

import asyncio
from collections.abc import Sequence

import msgspec

from collector.smi.oid import Oid
from collector.transport.contract import PduKind
from collector.transport.snmp.errors import status_name
from collector.transport.snmp.requester import SILENCE, Requester

SIZES = (1, 5, 10, 20, 30, 45, 60, 80, 100)


class Rung(msgspec.Struct, frozen=True):
    """One GET.

    Attributes:
        varbinds: OIDs that were asked for.
        answer_bytes: UDP payload that came back; 0 for silence.
        seconds: until the answer came, or was given up.
        problem: why it failed; empty if it did not.
    """

    varbinds: int
    answer_bytes: int
    seconds: float
    problem: str = ""


async def climb(requester: Requester, oids: Sequence[Oid], sizes: Sequence[int] = SIZES) -> list[Rung]:
    """GETs of ever more of `oids`, up to the first that fails.

    The last rung without a problem is the largest PDU that works. Nothing else should be asked at the same time.

    Raises:
        TransportError: not even one OID is answered.
    """
    clock = asyncio.get_running_loop().time
    traffic = requester.engine.traffic
    rungs: list[Rung] = []
    for size in sorted({min(size, len(oids)) for size in sizes} - {0}):
        bytes_before, began = traffic.bytes_in, clock()
        problem = ""
        try:
            response = await requester.ask(PduKind.GET, oids[:size], 2)
        except SILENCE as error:
            if not rungs:
                raise
            problem = str(error.args[0])
        else:
            if response.error_status:
                problem = f"error-status {status_name(response.error_status)}"
            elif len(response.varbinds) != size:
                problem = f"{len(response.varbinds)} of {size} varbinds"
        rungs.append(Rung(size, traffic.bytes_in - bytes_before, clock() - began, problem))
        if problem:
            break
    return rungs

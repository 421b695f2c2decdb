"""Which of many subtrees an agent has at all: a few GETNEXTs of many OIDs in place of a walk of each."""

from collections.abc import Sequence

from collector.smi.oid import Oid
from collector.smi.value import Missing
from collector.transport.contract import ErrorStatus, PduKind
from collector.transport.snmp.get import Packing
from collector.transport.snmp.requester import SILENCE, Requester

_ANSWER_BYTES = 45
"""of one varbind, about: what follows an OID may be a text"""


async def find_present(requester: Requester, packing: Packing, roots: Sequence[Oid]) -> list[bool]:
    """For each root whether there may be anything below it. Where an agent gives no clear answer, there may.

    Raises:
        TransportError: it refused, or the network did.
    """
    at_once = max(1, min(packing.max_varbinds, (packing.pdu_bytes - packing.overhead_bytes) // _ANSWER_BYTES))
    present: list[bool] = []
    for start in range(0, len(roots), at_once):
        present += await _ask(requester, roots[start : start + at_once])
    return present


async def _ask(requester: Requester, roots: Sequence[Oid]) -> list[bool]:
    try:
        response = await requester.ask(PduKind.GETNEXT, roots, 1)
    except SILENCE:
        return [True] * len(roots)
    if not response.error_status and len(response.varbinds) == len(roots):
        return [
            oid.startswith(root) and value is not Missing.END_OF_MIB_VIEW
            for root, (oid, _, value) in zip(roots, response.varbinds, strict=True)
        ]
    if len(roots) == 1:  # SNMPv1 says noSuchName where the MIB ends
        return [response.error_status != ErrorStatus.NO_SUCH_NAME]
    middle = len(roots) // 2
    return await _ask(requester, roots[:middle]) + await _ask(requester, roots[middle:])

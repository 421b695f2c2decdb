"""Walks: a subtree by GETBULK or GETNEXT, within bounds."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from collector.smi.oid import Oid, arcs, decode
from collector.smi.value import Missing, VarBind
from collector.transport.contract import ErrorStatus, PduKind, Response, SecurityError, TransportError, Walk
from collector.transport.snmp.errors import status_name
from collector.transport.snmp.get import Packing
from collector.transport.snmp.requester import SILENCE, Requester

_FIRST_REPETITIONS = 20
_MAX_REPETITIONS = 100
_NUMBER_OCTETS = 4  # of a value that is a number, about
_VARBIND_OVERHEAD = 6


class WalkBounds(msgspec.Struct, frozen=True, kw_only=True):
    """Where one walk is cut off."""

    rows: int = 50_000
    varbind_bytes: int = 8 << 20
    seconds: float = 60.0


@dataclass(slots=True)
class BulkHabit:
    """How an agent takes GETBULK.

    Attributes:
        works: whether to try it.
        proven: whether it answered one in this session; then silence is no reason to give it up.
        repetitions: how many rows fit its answers.
    """

    works: bool
    proven: bool = False
    repetitions: int = _FIRST_REPETITIONS


class Walker:
    """Makes of a session's `walk` the PDUs that it takes.

    Args:
        bulk: what is known of the agent's GETBULK; changed as it shows.
        retries: repeats of a lost PDU.
        note: told of the failure that a walk broke off for.
    """

    def __init__(
        self,
        requester: Requester,
        packing: Packing,
        bulk: BulkHabit,
        *,
        retries: int,
        bounds: WalkBounds,
        note: Callable[[TransportError], None],
    ) -> None:
        self._requester = requester
        self._packing = packing
        self._bulk = bulk
        self._retries = retries
        self._bounds = bounds
        self._note = note
        self._clock = asyncio.get_running_loop().time
        self._rows: dict[Oid, int] = {}  # of the last column that was walked whole, by the table's entry

    async def walk(self, root: Oid, max_rows: int | None) -> Walk:
        """As `SnmpSession.walk`.

        Raises:
            TransportError: the agent answered nothing at all, or refused.
        """
        bounds = self._bounds
        most = bounds.rows if max_rows is None else min(max_rows, bounds.rows)
        stop_at = self._clock() + bounds.seconds
        walk = Walk([])
        size = 0
        last = root
        while True:
            try:
                response = await self._next(last, self._wanted(root, len(walk.varbinds), most))
            except TransportError as error:
                refused = isinstance(error, SecurityError) and not walk.varbinds
                if refused or not self._requester.heard:
                    raise
                self._note(error)
                walk.stopped = str(error.args[0])
                return walk
            if response.error_status:
                if response.error_status != ErrorStatus.NO_SUCH_NAME:  # which ends the MIB in SNMPv1
                    walk.stopped = f"the agent answers with error-status {status_name(response.error_status)}"
                return walk
            if not response.varbinds:
                walk.stopped = "the agent answers with nothing in it"
                return walk
            for varbind in response.varbinds:
                oid = varbind[0]
                if varbind[2] is Missing.END_OF_MIB_VIEW or not oid.startswith(root):
                    self._rows[root[:-1]] = len(walk.varbinds)
                    return walk
                if oid <= last and arcs(oid) <= arcs(last):  # octets are quicker, and seldom differ in their order
                    walk.stopped = f"OIDs do not increase: {decode(oid)} after {decode(last)}"
                    return walk
                if len(walk.varbinds) >= most:
                    walk.stopped = f"more than {most} rows"
                    return walk
                walk.varbinds.append(varbind)
                size += _octets(varbind)
                last = oid
            if size > bounds.varbind_bytes:
                walk.stopped = f"more than {bounds.varbind_bytes} bytes"
                return walk
            if self._clock() > stop_at:
                walk.stopped = f"more than {bounds.seconds:g} s"
                return walk

    def _wanted(self, root: Oid, so_far: int, most: int) -> int:
        """How many rows to ask for: no more than the column beside this one had, and one to see the end."""
        beside = self._rows.get(root[:-1])
        return (most if beside is None or so_far > beside else min(most, beside)) + 1 - so_far

    async def _next(self, after: Oid, wanted: int) -> Response:
        """What follows `after`: by GETBULK where the agent can, else by GETNEXT."""
        bulk = self._bulk
        if not bulk.works:
            return await self._requester.ask(PduKind.GETNEXT, [after], self._retries + 1)
        repetitions = max(1, min(bulk.repetitions, wanted, self._packing.max_varbinds))
        response = await self._bulk_next(after, repetitions, max(1, self._retries))
        if response is None and self._requester.heard and repetitions > 1:
            bulk.repetitions = repetitions = max(1, repetitions // 4)
            response = await self._bulk_next(after, repetitions, 1)
        if response is not None:
            bulk.proven = True
            if not response.error_status:
                self._adapt(response, repetitions)
            return response
        response = await self._requester.ask(
            PduKind.GETNEXT, [after], self._retries + 1 if self._requester.heard else 1
        )
        if not response.error_status:
            bulk.works = bulk.proven
        return response

    async def _bulk_next(self, after: Oid, repetitions: int, attempts: int) -> Response | None:
        """The answer to one GETBULK; None where there is none of use."""
        try:
            response = await self._requester.ask(PduKind.GETBULK, [after], attempts, max_repetitions=repetitions)
        except SILENCE:
            return None
        useful = response.varbinds and response.error_status in (ErrorStatus.NO_ERROR, ErrorStatus.NO_SUCH_NAME)
        return response if useful else None

    def _adapt(self, response: Response, repetitions: int) -> None:
        """Ask next time for as many rows as fit, going by those that came."""
        bulk, packing = self._bulk, self._packing
        average = sum(map(_octets, response.varbinds)) / len(response.varbinds)
        fitting = int((packing.pdu_bytes - packing.overhead_bytes) / average)
        bulk.repetitions = max(1, min(fitting, repetitions * 2, _MAX_REPETITIONS))


def _octets(varbind: VarBind) -> int:
    """What a varbind takes in a message, about."""
    oid, _, value = varbind
    return _VARBIND_OVERHEAD + len(oid) + (len(value) if isinstance(value, bytes | str) else _NUMBER_OCTETS)

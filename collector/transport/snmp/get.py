"""Packed GETs: the values of any number of OIDs in as few PDUs as fit, and at the price of one OID for a bad one."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby

from collector.smi.oid import Oid, encode
from collector.smi.value import Missing, Value, VarBind
from collector.transport.contract import (
    Batch,
    ErrorStatus,
    PduKind,
    ProtocolError,
    Reading,
    Response,
    TransportError,
)
from collector.transport.snmp.requester import SILENCE, Requester

SYS_UPTIME = encode("1.3.6.1.2.1.1.3.0")

_UNKNOWN_WIDTH = 9
_LEAST_WIDTH = 4  # a counter that was small when it was learnt grows
_VARBIND_OVERHEAD = 7  # three tags, their lengths, and an octet for larger values to grow
_MIN_PDU_BYTES = 150


@dataclass(slots=True)
class Packing:
    """How much goes into one PDU; it shrinks as an agent shows what it cannot do.

    Attributes:
        max_varbinds, pdu_bytes: as in `learnt.Learnt`.
        overhead_bytes: octets of an answer besides the varbinds that were asked for.
        answered_varbinds: the most in one answer so far; silence below that is not for the size.
        uptime: whether sysUpTime.0 leads each PDU.
        uptime_right: whether the agent answers for that; None until there was a doubt.
        index_right: whether the agent's error-index names the culprit; None until it was put to the test.
    """

    max_varbinds: int
    pdu_bytes: int
    overhead_bytes: int
    answered_varbinds: int = 0
    uptime: bool = True
    uptime_right: bool | None = None
    index_right: bool | None = None


@dataclass(slots=True)
class _Job:
    """One call of `get`. `ends` are the expected octets of all varbinds up to and with each."""

    oids: list[Oid]
    ends: list[int]
    values: list[Value]
    batches: list[Batch] = field(default_factory=list)
    begun: int = 0


class Getter:
    """Makes of a session's `get` the PDUs that it takes.

    Args:
        retries: repeats of a lost PDU.
        sessions: PDUs under way at once.
        note: told of failures that cost values but do not end the whole.
    """

    def __init__(
        self,
        requester: Requester,
        packing: Packing,
        *,
        retries: int,
        sessions: int,
        note: Callable[[TransportError], None],
    ) -> None:
        self._requester = requester
        self._packing = packing
        self._retries = retries
        self._sessions = sessions
        self._note = note

    async def get(self, oids: Sequence[Oid], widths: Sequence[int] | None) -> Reading:
        """As `SnmpSession.get`.

        Raises:
            TransportError: the agent answered nothing at all, or refused.
        """
        known = widths or [_UNKNOWN_WIDTH] * len(oids)
        sizes = [
            len(oid) + (width if width > _LEAST_WIDTH else _LEAST_WIDTH) + _VARBIND_OVERHEAD  # noqa: FURB136 (max is slower)
            for oid, width in zip(oids, known, strict=True)
        ]
        job = _Job(list(oids), list(accumulate(sizes)), [Missing.NO_ANSWER] * len(oids))
        try:
            if not self._requester.heard and oids:
                await self._fetch_piece(job)  # alone: one who is dead is asked once at a time
            workers = min(self._sessions, self._pieces_left(job))
            if workers > 1:
                await _all([self._fetch_pieces(job) for _ in range(workers)])
            else:
                await self._fetch_pieces(job)
        except TransportError as error:
            if not job.batches:
                raise
            self._note(error)
        if len(job.batches) > 1:
            job.batches.sort(key=lambda batch: batch.start)
        return Reading(job.values, job.batches)

    def _pieces_left(self, job: _Job) -> int:
        """How many PDUs the rest will take, about."""
        if job.begun >= len(job.oids):
            return 0
        left_bytes = job.ends[-1] - (job.ends[job.begun - 1] if job.begun else 0)
        left = len(job.oids) - job.begun
        return max(left_bytes // self._packing.pdu_bytes, left // self._packing.max_varbinds) + 1

    async def _fetch_pieces(self, job: _Job) -> None:
        while job.begun < len(job.oids):
            await self._fetch_piece(job)

    async def _fetch_piece(self, job: _Job) -> None:
        packing = self._packing
        start = job.begun
        before = job.ends[start - 1] if start else 0
        room = packing.pdu_bytes - packing.overhead_bytes
        most = min(start + packing.max_varbinds, len(job.ends))
        job.begun = max(start + 1, bisect_right(job.ends, before + room, start, most))
        await self._fetch(job, range(start, job.begun))

    async def _fetch(self, job: _Job, cells: Sequence[int], part: bool = False) -> bool:
        """Fetch the OIDs at these positions; whether each got its answer. `part` of a PDU that went wrong."""
        packing = self._packing
        alone = len(cells) == 1
        asked = job.oids[cells.start : cells.stop] if isinstance(cells, range) else [job.oids[cell] for cell in cells]
        uptime = packing.uptime and not (part and alone)
        attempts = self._retries + 1 if alone else 1 if part else max(1, self._retries)
        try:
            response = await self._requester.ask(PduKind.GET, [SYS_UPTIME, *asked] if uptime else asked, attempts)
        except SILENCE as error:
            if alone:
                if not self._requester.heard:
                    raise
                self._note(error)
                return False
            if not part:
                await self._requester.ask(PduKind.GET, [SYS_UPTIME], 1)  # or is the agent gone?
            whole = await self._fetch_halves(job, cells)
            if whole and len(cells) > packing.answered_varbinds:
                packing.max_varbinds = min(packing.max_varbinds, (len(cells) + 1) // 2)
            return whole
        if response.error_status == ErrorStatus.NO_ERROR:
            packing.answered_varbinds = max(packing.answered_varbinds, len(response.varbinds))
            return await self._store(job, cells, asked, response, uptime)
        if response.error_status == ErrorStatus.TOO_BIG and not alone:
            packing.pdu_bytes = max(_MIN_PDU_BYTES, min(packing.pdu_bytes, self._expected_bytes(job, cells) // 2))
            return await self._fetch_halves(job, cells)
        if alone and uptime:
            return await self._fetch(job, cells, part=True)  # without sysUpTime, lest that be what fails
        if alone:
            job.values[cells[0]] = _refusal(response.error_status)
            return True
        culprit = response.error_index - (2 if uptime else 1)
        if 0 <= culprit < len(cells) and packing.index_right is not False:
            return await self._fetch_without(job, cells, culprit, response.error_status, part)
        if uptime and await self._uptime_fails():
            return await self._fetch(job, cells, part)
        return await self._fetch_halves(job, cells)

    def _expected_bytes(self, job: _Job, cells: Sequence[int]) -> int:
        varbinds = sum(job.ends[cell] - (job.ends[cell - 1] if cell else 0) for cell in cells)
        return varbinds + self._packing.overhead_bytes

    async def _fetch_halves(self, job: _Job, cells: Sequence[int]) -> bool:
        middle = len(cells) // 2
        first = await self._fetch(job, cells[:middle], part=True)
        return await self._fetch(job, cells[middle:], part=True) and first

    async def _uptime_fails(self) -> bool:
        """Whether sysUpTime.0 is what a PDU failed for; then it is left out from now on."""
        packing = self._packing
        if packing.uptime_right is None:
            response = await self._requester.ask(PduKind.GET, [SYS_UPTIME], self._retries + 1)
            packing.uptime_right = packing.uptime = not response.error_status
        return not packing.uptime_right

    async def _fetch_without(self, job: _Job, cells: Sequence[int], culprit: int, status: int, part: bool) -> bool:
        """The PDU failed for one OID, the `culprit`-th of `cells` if the agent is to be believed."""
        packing = self._packing
        bad = cells[culprit]
        if packing.index_right is None:
            await self._fetch(job, cells[culprit : culprit + 1], part=True)
            packing.index_right = job.values[bad] in (Missing.NO_SUCH_INSTANCE, Missing.ERROR)
        else:
            job.values[bad] = _refusal(status)
        return await self._fetch(job, [cell for cell in cells if cell != bad], part)

    async def _store(
        self, job: _Job, cells: Sequence[int], asked: Sequence[Oid], response: Response, uptime: bool
    ) -> bool:
        """Take over the values; what the answer lacks is asked again."""
        varbinds = response.varbinds
        ticks = _uptime_ticks(varbinds) if uptime else None
        if uptime:
            varbinds = varbinds[1:]
        if isinstance(cells, range) and [varbind[0] for varbind in varbinds] == asked:
            job.values[cells.start : cells.stop] = [varbind[2] for varbind in varbinds]
            job.batches.append(Batch(cells.start, cells.stop, response.arrived_s, ticks))
            return True
        by_oid = {varbind[0]: varbind[2] for varbind in response.varbinds}
        answered = [cell for cell in cells if job.oids[cell] in by_oid]
        for cell in answered:
            job.values[cell] = by_oid[job.oids[cell]]
        for start, stop in _runs(answered):
            job.batches.append(Batch(start, stop, response.arrived_s, ticks))
        if len(answered) == len(cells):
            return True
        if answered:
            return await self._fetch(job, [cell for cell in cells if job.oids[cell] not in by_oid], part=True)
        if len(cells) > 1:
            return await self._fetch_halves(job, cells)
        self._note(ProtocolError("it answers with other OIDs than it was asked for"))
        job.values[cells[0]] = Missing.ERROR
        return True


def _refusal(error_status: int) -> Missing:
    return Missing.NO_SUCH_INSTANCE if error_status == ErrorStatus.NO_SUCH_NAME else Missing.ERROR


def _uptime_ticks(varbinds: Sequence[VarBind]) -> int | None:
    if varbinds and varbinds[0][0] == SYS_UPTIME and isinstance(varbinds[0][2], int):
        return varbinds[0][2]
    return None


def _runs(cells: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Start and stop of each unbroken run in ascending `cells`."""
    for _, run in groupby(enumerate(cells), key=lambda pair: pair[1] - pair[0]):
        first, *rest = (cell for _, cell in run)
        yield first, (rest[-1] if rest else first) + 1


async def _all(coroutines: Sequence[Coroutine[None, None, None]]) -> None:
    """Run them at once; when one fails the others end, and its error is raised."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

"""A session with a recording in place of an agent."""

from bisect import bisect_right
from collections.abc import Sequence

from collector.smi.oid import Oid, arcs
from collector.smi.recording import Recording
from collector.smi.value import Missing, Value, VarBind
from collector.transport.contract import Batch, Reading, Traffic, Walk
from collector.transport.snmp.get import SYS_UPTIME


def _order(varbind: VarBind) -> tuple[int, ...]:
    return arcs(varbind[0])


class RecordedSession:
    """`collector.transport.contract.SnmpSession` on a recording: what it lacks is noSuchInstance.

    Attributes:
        traffic: varbinds that were handed out, in a PDU a call.
    """

    def __init__(self, recording: Recording, arrived_s: float) -> None:
        self.traffic = Traffic()
        self._varbinds = recording.varbinds
        self._values: dict[Oid, Value] = {oid: value for oid, _, value in recording.varbinds}
        self._arrived_s = arrived_s

    async def get(self, oids: Sequence[Oid], widths: Sequence[int] | None = None) -> Reading:
        """All values in one batch, with the recorded sysUpTime."""
        self.traffic.pdus += 1
        self.traffic.varbinds += len(oids)
        known = self._values
        values = [known.get(oid, Missing.NO_SUCH_INSTANCE) for oid in oids]
        uptime = known.get(SYS_UPTIME)
        ticks = uptime if isinstance(uptime, int) else None
        return Reading(values, [Batch(0, len(oids), self._arrived_s, ticks)] if oids else [])

    async def walk(self, root: Oid, max_rows: int | None = None) -> Walk:
        """The recorded subtree."""
        self.traffic.pdus += 1
        varbinds = self._varbinds
        start = stop = bisect_right(varbinds, arcs(root), key=_order)
        last = len(varbinds) if max_rows is None else min(len(varbinds), start + max_rows)
        while stop < last and varbinds[stop][0].startswith(root):
            stop += 1
        self.traffic.varbinds += stop - start
        more = max_rows is not None and stop == last < len(varbinds) and varbinds[stop][0].startswith(root)
        return Walk(varbinds[start:stop], f"more than {max_rows} rows" if more else None)

    async def present(self, roots: Sequence[Oid]) -> list[bool]:
        """Exactly which of `roots` the recording has anything below."""
        self.traffic.pdus += 1
        self.traffic.varbinds += len(roots)
        return [self._first(root) is not None for root in roots]

    def _first(self, root: Oid) -> VarBind | None:
        at = bisect_right(self._varbinds, arcs(root), key=_order)
        below = at < len(self._varbinds) and self._varbinds[at][0].startswith(root)
        return self._varbinds[at] if below else None

    async def close(self) -> None:
        """There is nothing to give back."""

"""A session with one agent: what pollers need, on top of an engine that exchanges single PDUs.

get.py packs OIDs into PDUs, walk.py walks, requester.py repeats and paces; this module joins them and keeps what they
learn of the agent.
"""

from collections.abc import Callable, Sequence

from collector.smi.oid import Oid
from collector.transport.contract import Reading, SnmpEngine, TransportError, Walk
from collector.transport.snmp.get import Getter, Packing
from collector.transport.snmp.ladder import SIZES, Rung, climb
from collector.transport.snmp.learnt import EngineState, Learnt
from collector.transport.snmp.presence import find_present
from collector.transport.snmp.requester import Requester
from collector.transport.snmp.walk import BulkHabit, WalkBounds, Walker
from inventory.model import Limits


class Session:
    """`collector.transport.contract.SnmpSession` on a live agent.

    Args:
        engine: exchanges the PDUs; the session closes it.
        overhead_bytes: octets of an answer besides the varbinds that were asked for.
        bulk: whether the protocol's version has GETBULK.
        random: uniform in [0, 1), for the jitter of repeats.

    Attributes:
        traffic: all that was sent and received.
        trouble: the last failure that cost values without ending a call; None if there was none.
    """

    def __init__(
        self,
        engine: SnmpEngine,
        limits: Limits,
        learnt: Learnt,
        *,
        overhead_bytes: int,
        bulk: bool,
        random: Callable[[], float],
        walk_bounds: WalkBounds | None = None,
    ) -> None:
        self.traffic = engine.traffic
        self.trouble: TransportError | None = None
        self._engine = engine
        self._pdu_bytes = limits.max_pdu_bytes
        self._packing = Packing(
            max_varbinds=learnt.max_varbinds,
            pdu_bytes=min(limits.max_pdu_bytes, learnt.pdu_bytes or limits.max_pdu_bytes),
            overhead_bytes=overhead_bytes,
        )
        self._bulk = BulkHabit(works=bulk and learnt.bulk)
        self._has_bulk = bulk
        self._requester = Requester(
            engine,
            sessions=limits.sessions,
            packets_per_s=limits.packets_per_s,
            timeout_s=limits.timeout_s,
            random=random,
        )
        self._getter = Getter(
            self._requester, self._packing, retries=limits.retries, sessions=limits.sessions, note=self._note
        )
        self._walker = Walker(
            self._requester,
            self._packing,
            self._bulk,
            retries=limits.retries,
            bounds=walk_bounds or WalkBounds(),
            note=self._note,
        )

    @property
    def deadline(self) -> float | None:
        """When all requests end, on the clock of the event loop; what is not answered by then is a Missing."""
        return self._requester.deadline

    @deadline.setter
    def deadline(self, deadline: float | None) -> None:
        self._requester.deadline = deadline

    @property
    def learnt(self) -> Learnt:
        """What to hand to the next session with this agent."""
        packing = self._packing
        return Learnt(
            max_varbinds=packing.max_varbinds,
            pdu_bytes=packing.pdu_bytes if packing.pdu_bytes < self._pdu_bytes else None,
            bulk=self._bulk.works or not self._has_bulk,
            engine=self.engine_state,
        )

    def forget_habits(self) -> None:
        """Try full PDUs and GETBULK anew: what was learnt only ever shrinks, and an agent may have recovered."""
        self._packing.max_varbinds = Learnt().max_varbinds
        self._packing.pdu_bytes = self._pdu_bytes
        self._bulk.works = self._has_bulk

    @property
    def engine_state(self) -> EngineState | None:
        """The agent's SNMPv3 engine; None for v1 and v2c, and before it was heard of."""
        state = getattr(self._engine, "state", None)
        return state if isinstance(state, EngineState) else None

    async def get(self, oids: Sequence[Oid], widths: Sequence[int] | None = None) -> Reading:
        """Values of all `oids`; see `SnmpSession.get`."""
        return await self._getter.get(oids, widths)

    async def walk(self, root: Oid, max_rows: int | None = None) -> Walk:
        """The subtree below `root`; see `SnmpSession.walk`."""
        return await self._walker.walk(root, max_rows)

    async def present(self, roots: Sequence[Oid]) -> list[bool]:
        """Which of `roots` have anything below them; see `SnmpSession.present`."""
        return await find_present(self._requester, self._packing, roots)

    async def climb(self, oids: Sequence[Oid], sizes: Sequence[int] = SIZES) -> list[Rung]:
        """How large a PDU the agent answers; see `ladder.climb`."""
        return await climb(self._requester, oids, sizes)

    async def close(self) -> None:
        """Give the socket back. Idempotent."""
        await self._engine.close()

    def _note(self, error: TransportError) -> None:
        self.trouble = error

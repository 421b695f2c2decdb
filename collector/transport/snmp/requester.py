"""One PDU to its answer: how many at once, how many a second, how long to wait, how often to repeat."""

import asyncio
from collections.abc import Callable, Sequence

from collector.smi.oid import Oid
from collector.transport.contract import (
    BoundsError,
    DecryptionError,
    ErrorStatus,
    NoAnswerError,
    PduKind,
    ProtocolError,
    Response,
    SecurityError,
    SnmpEngine,
    TransportError,
)

SILENCE = (NoAnswerError, ProtocolError, DecryptionError)
"""What a smaller or repeated request may cure: nothing came, or nothing of use."""

_DENIED = "the agent's access control (VACM) does not let this user read at this security level or in this context"

_JITTER = 0.25  # of a timeout, at the most: so that those lost together are not repeated together


def _operation(kind: PduKind, oids: Sequence[Oid]) -> str:
    return f"{kind.name} of {len(oids)} OID{'s' * (len(oids) != 1)}"


class Requester:
    """Asks one agent on behalf of a session.

    Args:
        sessions: requests under way at once.
        packets_per_s: None is unlimited.
        timeout_s: wait for the first answer; each repeat waits twice as long as the one before.
        random: uniform in [0, 1).

    Attributes:
        heard: whether the agent answered anything yet.
        deadline: when all ends, on the clock of the event loop; None is never.
    """

    def __init__(
        self,
        engine: SnmpEngine,
        *,
        sessions: int,
        packets_per_s: float | None,
        timeout_s: float,
        random: Callable[[], float],
    ) -> None:
        self.engine = engine
        self.heard = False
        self.deadline: float | None = None
        self._sessions = asyncio.Semaphore(sessions)
        self._interval_s = 1 / packets_per_s if packets_per_s else 0.0
        self._next_at = 0.0
        self._timeout_s = timeout_s
        self._random = random
        self._clock = asyncio.get_running_loop().time

    async def ask(self, kind: PduKind, oids: Sequence[Oid], attempts: int, *, max_repetitions: int = 0) -> Response:
        """The answer to one PDU, sent up to `attempts` times.

        Raises:
            TransportError: the last attempt's; those that a repeat cannot cure at once.
            BoundsError: the deadline is over.
        """
        traffic = self.engine.traffic
        for attempt in range(attempts):
            if attempt:
                traffic.retries += 1
            timeout_s = self._timeout_s * 2**attempt
            if attempt:
                timeout_s *= 1 + _JITTER * self._random()
            async with self._sessions:
                if self._interval_s:
                    await self._wait_for_slot()
                if self.deadline is not None:
                    timeout_s = min(timeout_s, self._remaining_s())
                try:
                    response = await self.engine.exchange(kind, oids, timeout_s, max_repetitions=max_repetitions)
                except TransportError as error:
                    error.operation = error.operation or _operation(kind, oids)
                    if not isinstance(error, SILENCE):
                        raise
                    traffic.timeouts += 1
                    if attempt == attempts - 1:
                        raise
                    continue
            self.heard = True
            if response.error_status == ErrorStatus.AUTHORIZATION_ERROR:
                raise SecurityError("the agent denies access", operation=_operation(kind, oids), hint=_DENIED)
            return response
        raise AssertionError("attempts is at least 1")

    def _remaining_s(self) -> float:
        remaining_s = (self.deadline or 0.0) - self._clock()
        if remaining_s <= 0:
            raise BoundsError("the time for this host is over", hint="raise host_deadline_s, or ask it for less")
        return remaining_s

    async def _wait_for_slot(self) -> None:
        now = self._clock()
        slot = max(now, self._next_at)
        self._next_at = slot + self._interval_s
        if slot > now:
            await asyncio.sleep(slot - now)

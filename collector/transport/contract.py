"""What a transport to devices is, and how it fails.

    TransportError
    ├── ResolutionError           the name has no address
    ├── UnreachableError          the network or the host said so: no route, port closed (ICMP)
    ├── NoAnswerError             silence: wrong community or address, an ACL or a view, SNMP off, packets lost
    ├── ProtocolError             an answer that is no SNMP, or not to what was asked
    ├── SecurityError             SNMPv3 refused (RFC 3414, section 3.2)
    │   ├── UnknownUserError      usmStatsUnknownUserNames
    │   ├── WrongDigestError      usmStatsWrongDigests: wrong auth key or algorithm
    │   ├── DecryptionError       usmStatsDecryptionErrors, or silence once encrypted: wrong priv key or algorithm
    │   ├── UnsupportedLevelError usmStatsUnsupportedSecLevels
    │   ├── NotInTimeWindowError  usmStatsNotInTimeWindows after a fresh synchronisation
    │   └── UnknownEngineError    usmStatsUnknownEngineIDs after a fresh discovery
    └── BoundsError               the device was cut off: a looping or endless walk, too many rows, bytes or seconds

An engine exchanges one PDU; a session (collector.transport.snmp.session) makes of it what pollers need: packed GETs of
any number of OIDs, walks within bounds, retries, an adapting PDU size.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Protocol

import msgspec

from collector.smi.oid import Oid
from collector.smi.value import Value, VarBind


class TransportError(Exception):
    """Base of all failures of a transport.

    Attributes:
        host: name or address of the device.
        operation: what was tried, "GET of 40 OIDs".
        hint: what an operator can do about it; may be empty.
    """

    def __init__(self, message: str, *, host: str = "", operation: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.host = host
        self.operation = operation
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.host}: " if self.host else ""
        what = f" ({self.operation})" if self.operation else ""
        return f"{where}{self.args[0]}{what}"


class ResolutionError(TransportError):
    """The name has no address."""


class UnreachableError(TransportError):
    """The network or the host refused: no route, port closed."""


class NoAnswerError(TransportError):
    """No answer within the timeout and all retries."""


class ProtocolError(TransportError):
    """An answer that is no SNMP, or not to what was asked."""


class SecurityError(TransportError):
    """SNMPv3 was refused."""


class UnknownUserError(SecurityError):
    """usmStatsUnknownUserNames."""


class WrongDigestError(SecurityError):
    """usmStatsWrongDigests."""


class DecryptionError(SecurityError):
    """usmStatsDecryptionErrors, or silence once encrypted."""


class UnsupportedLevelError(SecurityError):
    """usmStatsUnsupportedSecLevels."""


class NotInTimeWindowError(SecurityError):
    """usmStatsNotInTimeWindows, even after a fresh synchronisation."""


class UnknownEngineError(SecurityError):
    """usmStatsUnknownEngineIDs, even after a fresh discovery."""


class BoundsError(TransportError):
    """The device was cut off because it went beyond a bound."""


class PduKind(IntEnum):
    """PDU tags (RFC 3416, section 3)."""

    GET = 0xA0
    GETNEXT = 0xA1
    RESPONSE = 0xA2
    SET = 0xA3
    GETBULK = 0xA5
    REPORT = 0xA8


class ErrorStatus(IntEnum):
    """error-status (RFC 3416, section 3); those that a reader can meet."""

    NO_ERROR = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    BAD_VALUE = 3
    READ_ONLY = 4
    GEN_ERR = 5
    NO_ACCESS = 6
    RESOURCE_UNAVAILABLE = 13
    AUTHORIZATION_ERROR = 16


class Response(msgspec.Struct, gc=False):
    """One answered PDU.

    Attributes:
        error_status: 0 where all is well; not always a member of ErrorStatus, as agents invent.
        error_index: 1-based position of the varbind at fault, 0 where none is named.
        varbinds: what was answered; of a failed request usually an echo.
        arrived_s: when the response was received, seconds since the epoch.
    """

    error_status: int
    error_index: int
    varbinds: list[VarBind]
    arrived_s: float


class Traffic(msgspec.Struct):
    """What was sent and received, for `poll` points and `probe`. Bytes are UDP payload, and the outputs of SSH's commands."""

    pdus: int = 0
    varbinds: int = 0
    retries: int = 0
    timeouts: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    commands: int = 0


class SnmpEngine(Protocol):
    """Exchanges PDUs with one agent under one credential. Repeats nothing: that is the session's work.

    SNMPv3's engine discovery and time synchronisation happen inside `exchange`, as part of it and of its timeout; an
    agent that rebooted or whose engine id changed is synchronised anew within the same exchange.
    """

    traffic: Traffic

    async def exchange(
        self, kind: PduKind, oids: Sequence[Oid], timeout_s: float, *, non_repeaters: int = 0, max_repetitions: int = 0
    ) -> Response:
        """Send one PDU and wait for its answer. Answers to other requests are ignored.

        Raises:
            TransportError: one of the tree above, NoAnswerError after `timeout_s`.
        """
        ...

    async def close(self) -> None:
        """Give the socket back. Idempotent."""
        ...


class Batch(msgspec.Struct, gc=False):
    """One response within a `Reading`: values[start:stop] came in it.

    Attributes:
        arrived_s: seconds since the epoch.
        uptime_ticks: sysUpTime.0 in the same response, 1/100 s, or None where the agent has none.
    """

    start: int
    stop: int
    arrived_s: float
    uptime_ticks: int | None


class Reading(msgspec.Struct, gc=False):
    """Values of many OIDs, aligned with the request, and the responses they came in."""

    values: list[Value]
    batches: list[Batch]


class Walk(msgspec.Struct, gc=False):
    """Varbinds below one root.

    Attributes:
        stopped: why it ended before the subtree did (a bound, a loop, silence); None where it is whole.
    """

    varbinds: list[VarBind]
    stopped: str | None = None


class SnmpSession(Protocol):
    """What the runtime uses of SNMP; live (session.py) or from a recording (recording.py)."""

    traffic: Traffic

    async def get(self, oids: Sequence[Oid], widths: Sequence[int] | None = None) -> Reading:
        """Values of all `oids`, however many PDUs it takes; what has no value is a Missing.

        `widths` are the expected octets of each value: they let a PDU be filled without a tooBig.

        Raises:
            TransportError: the agent answered nothing at all, or refused.
        """
        ...

    async def present(self, roots: Sequence[Oid]) -> list[bool]:
        """For each root whether there may be anything below it: asked for all at once, it spares the walks of the others.

        Raises:
            TransportError: the agent refused.
        """
        ...

    async def walk(self, root: Oid, max_rows: int | None = None) -> Walk:
        """The subtree below `root`. A walk that breaks off keeps what it has and says why.

        Raises:
            TransportError: the agent answered nothing at all, or refused.
        """
        ...

    async def close(self) -> None:
        """Idempotent."""
        ...

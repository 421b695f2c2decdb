"""The second engine: pysnmp behind the same contract, for a second opinion on a device that the native one fails on.

Each session has a pysnmp engine of its own, as users of one name may have different keys on different devices. It costs
some fifty times the processor time of the native engine.
"""

import asyncio
import socket
import time
from collections.abc import Sequence
from typing import Any

from pyasn1.codec.ber import encoder  # type: ignore[import-untyped]
from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped]
from pysnmp.carrier.asyncio.dgram import udp, udp6
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413 import cmdgen
from pysnmp.error import PySnmpError
from pysnmp.proto import errind
from pysnmp.proto.rfc1902 import Null, ObjectName

from collector.smi.ber import BerError, decode_value, read_tlv
from collector.smi.oid import Oid, arcs, encode
from collector.smi.value import Missing, Value, VarBind
from collector.transport.contract import (
    DecryptionError,
    NoAnswerError,
    NotInTimeWindowError,
    PduKind,
    ProtocolError,
    Response,
    SecurityError,
    Traffic,
    TransportError,
    UnknownEngineError,
    UnknownUserError,
    UnsupportedLevelError,
    WrongDigestError,
)
from collector.transport.snmp.errors import SILENCE_HINT, WRONG_PRIVACY_HINT, unreachable
from collector.transport.snmp.udp import SocketAddress, open_socket
from inventory.model import UsmUser

_NAME = "agent"
_FORGET_AFTER_S = 60.0  # pysnmp's own timeout: the caller's is always shorter

_AUTH = {
    None: config.USM_AUTH_NONE,
    "md5": config.USM_AUTH_HMAC96_MD5,
    "sha1": config.USM_AUTH_HMAC96_SHA,
    "sha224": config.USM_AUTH_HMAC128_SHA224,
    "sha256": config.USM_AUTH_HMAC192_SHA256,
    "sha384": config.USM_AUTH_HMAC256_SHA384,
    "sha512": config.USM_AUTH_HMAC384_SHA512,
}
_PRIV = {
    None: config.USM_PRIV_NONE,
    "des": config.USM_PRIV_CBC56_DES,
    "aes128": config.USM_PRIV_CFB128_AES,
    "aes192": config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "aes256": config.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "aes192c": config.USM_PRIV_CFB192_AES,
    "aes256c": config.USM_PRIV_CFB256_AES,
}
_GENERATORS = {
    PduKind.GET: cmdgen.GetCommandGenerator,
    PduKind.GETNEXT: cmdgen.NextCommandGeneratorSingleRun,
    PduKind.GETBULK: cmdgen.BulkCommandGeneratorSingleRun,
}
_ERRORS: tuple[tuple[type[Exception], type[TransportError], str], ...] = (
    (errind.UnknownUserName, UnknownUserError, "check `user`"),
    (errind.UnknownSecurityName, UnknownUserError, "check `user`"),
    (errind.WrongDigest, WrongDigestError, "wrong auth passphrase or protocol"),
    (errind.AuthenticationFailure, WrongDigestError, "wrong auth passphrase or protocol"),
    (errind.DecryptionError, DecryptionError, WRONG_PRIVACY_HINT),
    (errind.UnsupportedSecurityLevel, UnsupportedLevelError, "compare `auth` and `priv` with the agent's user"),
    (errind.NotInTimeWindow, NotInTimeWindowError, ""),
    (errind.UnknownEngineID, UnknownEngineError, ""),
    (errind.NoSuchContext, SecurityError, "check `context`"),
    (errind.RequestTimedOut, NoAnswerError, SILENCE_HINT),
)


def open_community(address: SocketAddress, version: int, community: bytes) -> "PysnmpEngine":
    """An engine for SNMPv1 (version 0) or v2c (1)."""
    engine = PysnmpEngine(address)
    config.add_v1_system(engine.pysnmp, _NAME, community)
    config.add_target_parameters(engine.pysnmp, _NAME, _NAME, "noAuthNoPriv", version)
    return engine


def open_user(address: SocketAddress, user: UsmUser, auth_passphrase: str, priv_passphrase: str) -> "PysnmpEngine":
    """An engine for SNMPv3."""
    engine = PysnmpEngine(address, user.context, encrypts=bool(user.priv))
    config.add_v3_user(
        engine.pysnmp,
        user.user,
        _AUTH[user.auth],
        auth_passphrase or None,
        _PRIV[user.priv],
        priv_passphrase or None,
    )
    level = "authPriv" if user.priv else "authNoPriv" if user.auth else "noAuthNoPriv"
    config.add_target_parameters(engine.pysnmp, _NAME, user.user, level, 3)
    return engine


class PysnmpEngine:
    """Exchanges PDUs with one agent; `collector.transport.contract.SnmpEngine` says how.

    Attributes:
        pysnmp: the engine within, which `open_community` and `open_user` configure.
    """

    def __init__(self, address: SocketAddress, context: str = "", *, encrypts: bool = False) -> None:
        self.traffic = Traffic()
        self.pysnmp = SnmpEngine()
        self._address = address
        self._context = context.encode()
        self._encrypts = encrypts
        self._loop = asyncio.get_running_loop()
        self._opened = False
        self._understood = False
        self._waiting: set[asyncio.Future[Response]] = set()

    async def exchange(
        self, kind: PduKind, oids: Sequence[Oid], timeout_s: float, *, non_repeaters: int = 0, max_repetitions: int = 0
    ) -> Response:
        """Send one PDU and wait for its answer.

        Raises:
            TransportError: as `SnmpEngine.exchange` says.
        """
        await self._open()
        waiting: asyncio.Future[Response] = self._loop.create_future()
        self._waiting.add(waiting)
        bytes_before = self.traffic.bytes_in
        bulk = (non_repeaters, max_repetitions) if kind == PduKind.GETBULK else ()
        varbinds = [(ObjectName(arcs(oid)), Null("")) for oid in oids]
        try:
            _GENERATORS[kind]().send_varbinds(
                self.pysnmp, _NAME, None, self._context, *bulk, varbinds, self._answered, waiting
            )
            return await asyncio.wait_for(waiting, timeout_s)
        except TimeoutError:
            raise self._silent(timeout_s, something=self.traffic.bytes_in > bytes_before) from None
        except (PySnmpError, PyAsn1Error) as error:
            raise ProtocolError(f"pysnmp: {type(error).__name__}", host=self._address[0]) from None
        finally:
            self._waiting.discard(waiting)

    async def close(self) -> None:
        """Give the socket back. Idempotent."""
        if self._opened:
            self._opened = False
            self.pysnmp.close_dispatcher()
            await asyncio.sleep(0)  # its tasks end in the next round of the event loop

    def failed(self, error: OSError) -> None:
        """The network refused: for the transport to tell."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(unreachable(error, self._address[0]))

    async def _open(self) -> None:
        if self._opened:
            return
        self._opened = True
        v6 = len(self._address) == 4
        domain = udp6.DOMAIN_NAME if v6 else udp.DOMAIN_NAME
        transport = (_CountingUdp6 if v6 else _CountingUdp)(self)
        sock = open_socket(self._address)
        await self._loop.create_datagram_endpoint(lambda: transport, sock=sock)
        config.add_transport(self.pysnmp, domain, transport)
        config.add_target_address(
            self.pysnmp, _NAME, domain, self._address, _NAME, timeout=_FORGET_AFTER_S * 100, retryCount=0
        )

    def _answered(
        self,
        _engine: SnmpEngine,
        _handle: int,
        problem: Any,
        error_status: Any,
        error_index: Any,
        varbinds: Any,
        waiting: asyncio.Future[Response],
    ) -> None:
        if waiting.done():
            return
        if problem:
            waiting.set_exception(self._explained(problem))
            return
        self._understood = True
        converted = [_varbind(name, value) for name, value in varbinds]
        self.traffic.varbinds += len(converted)
        waiting.set_result(Response(int(error_status), int(error_index), converted, time.time()))

    def _explained(self, problem: Any) -> TransportError:
        host = self._address[0]
        for kind, error, hint in _ERRORS:
            if isinstance(problem, kind):
                return error(f"pysnmp says: {problem}", host=host, hint=hint)
        return ProtocolError(f"pysnmp says: {problem}", host=host)

    def _silent(self, timeout_s: float, *, something: bool) -> TransportError:
        host = self._address[0]
        if self._encrypts and not self._understood and self.traffic.bytes_in:
            return DecryptionError("it answers discovery, but nothing encrypted", host=host, hint=WRONG_PRIVACY_HINT)
        if something:
            return ProtocolError("what it answers is not an answer", host=host)
        return NoAnswerError(f"no answer within {timeout_s:.3g} s", host=host, hint=SILENCE_HINT)


class _Counting:
    """Mixed into pysnmp's transports: counts traffic, and tells of refusals."""

    def __init__(self, engine: PysnmpEngine) -> None:
        super().__init__()
        self._engine = engine

    def send_message(self, message: bytes, address: Any) -> None:
        self._engine.traffic.pdus += 1
        self._engine.traffic.bytes_out += len(message)
        super().send_message(message, address)  # type: ignore[misc]

    def datagram_received(self, datagram: bytes, address: Any) -> None:
        self._engine.traffic.bytes_in += len(datagram)
        super().datagram_received(datagram, address)  # type: ignore[misc]

    def error_received(self, error: OSError) -> None:
        self._engine.failed(error)


class _CountingUdp(_Counting, udp.UdpAsyncioTransport):  # type: ignore[misc]
    SOCK_FAMILY = socket.AF_INET


class _CountingUdp6(_Counting, udp6.Udp6AsyncioTransport):  # type: ignore[misc]
    SOCK_FAMILY = socket.AF_INET6


def _varbind(name: Any, value: Any) -> VarBind:
    """By way of the wire's form: pysnmp's classes of values are many."""
    oid = encode(".".join(map(str, tuple(name))))
    whole = bytes(encoder.encode(value))
    decoded: Value
    try:
        tag, start, stop = read_tlv(whole, 0)
        decoded = decode_value(tag, whole, start, stop)
    except BerError:
        return oid, whole[0], Missing.ERROR
    return oid, tag, decoded

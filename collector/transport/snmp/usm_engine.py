"""The native engine for SNMPv3: discovery, time synchronisation, and what reports mean (RFC 3414, sections 3 and 4)."""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from collector.smi.ber import BerError, tlv
from collector.smi.oid import Oid
from collector.smi.value import Tag
from collector.transport.contract import (
    DecryptionError,
    NoAnswerError,
    PduKind,
    ProtocolError,
    Response,
    Traffic,
)
from collector.transport.snmp.errors import ONLY_DISCOVERY_HINT, WRONG_PRIVACY_HINT
from collector.transport.snmp.learnt import EngineState
from collector.transport.snmp.message import Pdu, encode_pdu, read_varbinds
from collector.transport.snmp.native import read_response
from collector.transport.snmp.reports import NOT_IN_TIME_WINDOWS, UNKNOWN_ENGINE_IDS, report_error
from collector.transport.snmp.udp import Endpoint, SocketAddress
from collector.transport.snmp.usm import DIGEST_OCTETS, TIME_WINDOW_S, Cipher, LocalKeys, User, digest, digest_is_right
from collector.transport.snmp.v3_message import (
    AUTHENTICATED,
    ENCRYPTED,
    REPORTABLE,
    V3Message,
    encode_scoped_pdu,
    encode_v3_message,
    read_scoped_pdu,
    read_v3_message,
)

_NOBODY = User("")


class _Opened(msgspec.Struct, gc=False):
    """A verified answer: `plain` holds the varbinds of `pdu`."""

    pdu: Pdu
    plain: bytes
    head: V3Message


class _Engine(msgspec.Struct):
    """The agent's engine as this side sees it. `started` is when its time was 0, on the clock of the event loop.

    `proven` is whether boots and time were ever in an authentic message: only then can a message be out of time.
    """

    engine_id: bytes
    boots: int
    started: float
    keys: LocalKeys
    cipher: Cipher | None
    proven: bool = False


class UsmEngine:
    """Exchanges PDUs with one agent as a user; `collector.transport.contract.SnmpEngine` says how.

    What is not authentic is believed only as far as RFC 3414 has to: a report may start a discovery or end an exchange
    with an error, but never lowers the level of security of what is sent or taken.

    Args:
        state: of the agent's engine, from an earlier session.
    """

    def __init__(self, address: SocketAddress, user: User, context: str = "", state: EngineState | None = None) -> None:
        self.traffic = Traffic()
        self._host = address[0]
        self._user = user
        self._context = context.encode()
        self._level = (AUTHENTICATED if user.auth else 0) | (ENCRYPTED if user.priv else 0)
        self._clock = asyncio.get_running_loop().time
        self._endpoint = Endpoint(address, self.traffic, self._open_answer)
        self._discovering = asyncio.Lock()
        self._discovered = False
        self._understood = False
        self._engine: _Engine | None = None
        if state:
            self._adopt(state.engine_id, state.boots, state.time_s + time.time() - state.noted_s)

    @property
    def state(self) -> EngineState | None:
        """The agent's engine as known now; None before it was heard of."""
        engine = self._engine
        if engine is None:
            return None
        return EngineState(engine.engine_id, engine.boots, int(self._clock() - engine.started), time.time())

    async def exchange(
        self, kind: PduKind, oids: Sequence[Oid], timeout_s: float, *, non_repeaters: int = 0, max_repetitions: int = 0
    ) -> Response:
        """Send one PDU and wait for its answer, after a discovery or a synchronisation where that is needed.

        Raises:
            TransportError: as `SnmpEngine.exchange` says.
        """
        stop_at = self._clock() + timeout_s
        cured: set[Oid] = set()
        while True:
            engine = self._engine or await self._discover(stop_at - self._clock())
            try:
                opened, arrived_s = await self._ask(
                    engine, self._user, kind, oids, stop_at - self._clock(), non_repeaters, max_repetitions
                )
            except (NoAnswerError, ProtocolError) as error:
                raise self._silent(error) from None
            if opened.pdu.kind != PduKind.REPORT:
                self._understood = True
                expected = oids if kind == PduKind.GET else ()
                return read_response(opened.pdu, opened.plain, arrived_s, expected, self._host, self.traffic)
            reason = _report_oid(opened)
            if reason in cured or reason not in (UNKNOWN_ENGINE_IDS, NOT_IN_TIME_WINDOWS):
                raise report_error(reason, self._host)
            cured.add(reason)
            # the report tells engine id, boots and time; what is false in them the next report will tell
            head = opened.head
            if head.engine_id:
                self._adopt(head.engine_id, head.boots, head.time_s, proven=bool(head.flags & AUTHENTICATED))
            else:
                self._engine = None

    async def discover(self, timeout_s: float) -> EngineState:
        """The agent's engine, after asking for engine id, boots and time (RFC 3414, section 4) if it is unknown.

        Raises:
            TransportError: it does not answer, or with something else.
        """
        await self._discover(timeout_s)
        assert self.state is not None  # noqa: S101
        return self.state

    async def _discover(self, timeout_s: float) -> _Engine:
        stop_at = self._clock() + timeout_s
        async with self._discovering:
            if self._engine:
                return self._engine
            blank = _Engine(b"", 0, self._clock(), LocalKeys(b"", b""), None)
            opened, _ = await self._ask(blank, _NOBODY, PduKind.GET, (), stop_at - self._clock())
            head = opened.head
            if opened.pdu.kind != PduKind.REPORT or not head.engine_id:
                raise ProtocolError("it answers a discovery without an engine id", host=self._host)
            self._discovered = True
            return self._adopt(head.engine_id, head.boots, head.time_s)

    async def close(self) -> None:
        """Give the socket back. Idempotent."""
        self._endpoint.close()

    def _adopt(self, engine_id: bytes, boots: int, time_s: float, proven: bool = False) -> _Engine:
        engine = self._engine
        if engine is None or engine.engine_id != engine_id:
            keys = self._user.keys(engine_id)
            cipher = Cipher(self._user.priv, keys.priv) if self._user.priv else None
            engine = self._engine = _Engine(engine_id, 0, 0.0, keys, cipher)
        engine.boots = boots
        engine.started = self._clock() - time_s
        engine.proven = proven
        return engine

    async def _ask(
        self,
        engine: _Engine,
        user: User,
        kind: PduKind,
        oids: Sequence[Oid],
        timeout_s: float,
        non_repeaters: int = 0,
        max_repetitions: int = 0,
    ) -> tuple[_Opened, float]:
        if timeout_s <= 0:
            raise NoAnswerError("no answer in time", host=self._host, hint=ONLY_DISCOVERY_HINT)
        msg_id = self._endpoint.new_id()
        boots, time_s = engine.boots, max(0, int(self._clock() - engine.started))
        data = encode_scoped_pdu(
            engine.engine_id, self._context, encode_pdu(kind, msg_id, oids, non_repeaters, max_repetitions)
        )
        salt = b""
        flags = REPORTABLE
        if user.priv and engine.cipher:
            ciphertext, salt = engine.cipher.encrypt(boots, time_s, data)
            data = tlv(Tag.OCTET_STRING, ciphertext)
            flags |= ENCRYPTED
        digest_octets = 0
        if user.auth:
            flags |= AUTHENTICATED
            digest_octets = DIGEST_OCTETS[user.auth]
        message, at = encode_v3_message(
            msg_id, flags, engine.engine_id, boots, time_s, user.name, digest_octets, salt, data
        )
        if user.auth:
            message = message[:at] + digest(user.auth, engine.keys.auth, message) + message[at + digest_octets :]
        return await self._endpoint.ask(msg_id, message, timeout_s)

    def _open_answer(self, datagram: bytes) -> tuple[int, _Opened]:
        """Verify, decrypt and read an answer.

        Raises:
            BerError: it is none, or not to be believed.
        """
        head = read_v3_message(datagram)
        engine = self._engine
        level = head.flags & (AUTHENTICATED | ENCRYPTED)
        if level:
            if engine is None or head.engine_id != engine.engine_id:
                raise BerError("a secured answer of another engine than was asked")
            self._verify(datagram, head, engine)
        plain, at = datagram, head.data_start
        if level & ENCRYPTED:
            plain, at = self._decrypt(datagram, head, engine), 0
        pdu = read_scoped_pdu(plain, at)
        if pdu.kind == PduKind.RESPONSE:
            if level != self._level or head.user != self._user.name:
                raise BerError("an answer with less security, or for another user, than was asked")
            if pdu.request_id != head.msg_id:
                raise BerError("an answer with the request-id of another question than its message says")
        elif pdu.kind != PduKind.REPORT:
            raise BerError(f"a PDU {pdu.kind:#04x} where a response belongs")
        if level and engine and pdu.kind == PduKind.RESPONSE:
            self._keep_time(head, engine)
        return head.msg_id, _Opened(pdu, plain, head)

    def _verify(self, datagram: bytes, head: V3Message, engine: _Engine) -> None:
        auth = self._user.auth
        if auth is None or not head.flags & AUTHENTICATED:
            raise BerError("an answer with a security that was not asked for")
        if head.auth_stop - head.auth_start != DIGEST_OCTETS[auth] or not digest_is_right(
            auth, engine.keys.auth, datagram, head.auth_start, head.auth_stop
        ):
            raise BerError("an answer with a wrong digest")

    def _decrypt(self, datagram: bytes, head: V3Message, engine: _Engine | None) -> bytes:
        if engine is None or engine.cipher is None:
            raise BerError("an encrypted answer where none was asked for")
        try:
            return engine.cipher.decrypt(head.boots, head.time_s, head.salt, datagram[head.data_start : head.data_stop])
        except ValueError as error:
            raise BerError(f"an answer that does not decrypt: {error}") from None

    def _keep_time(self, head: V3Message, engine: _Engine) -> None:
        """Timeliness of an authentic answer (RFC 3414, 3.2, step 7b).

        Raises:
            BerError: it is too old.
        """
        now_s = self._clock() - engine.started
        if engine.proven and (
            head.boots < engine.boots or (head.boots == engine.boots and head.time_s < now_s - TIME_WINDOW_S)
        ):
            raise BerError("an authentic answer, but an old one")
        if not engine.proven or head.boots > engine.boots or head.time_s > now_s:
            engine.boots = head.boots
            engine.started = self._clock() - head.time_s
            engine.proven = True

    def _silent(self, error: NoAnswerError | ProtocolError) -> NoAnswerError | ProtocolError | DecryptionError:
        """What silence to a question means, where the agent may have answered a discovery before."""
        if self._understood:
            return error
        if not self._discovered:
            self._engine = None  # what was remembered may be of an engine that is no more: the next exchange discovers
            return error
        if self._user.priv and isinstance(error, NoAnswerError):
            return DecryptionError(
                "it answers discovery, but nothing encrypted", host=self._host, hint=WRONG_PRIVACY_HINT
            )
        error.hint = ONLY_DISCOVERY_HINT
        return error


def _report_oid(opened: _Opened) -> Oid:
    try:
        varbinds = read_varbinds(opened.plain, opened.pdu.start, opened.pdu.stop)
    except BerError:
        return b""
    return varbinds[0][0] if varbinds else b""

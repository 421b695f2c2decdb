"""An SNMPv3 agent of a few lines that tests can reboot, replace and make lie."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

from collector.smi.ber import encode_integer, encode_value, tlv
from collector.smi.oid import Oid, encode
from collector.smi.value import Tag, VarBind
from collector.transport.contract import PduKind
from collector.transport.snmp.message import read_varbinds
from collector.transport.snmp.reports import NOT_IN_TIME_WINDOWS, UNKNOWN_ENGINE_IDS
from collector.transport.snmp.usm import DIGEST_OCTETS, Cipher, User, digest, digest_is_right
from collector.transport.snmp.v3_message import (
    AUTHENTICATED,
    ENCRYPTED,
    V3Message,
    encode_scoped_pdu,
    encode_v3_message,
    read_scoped_pdu,
    read_v3_message,
)

WRONG_DIGESTS = encode("1.3.6.1.6.3.15.1.1.5.0")


@dataclass
class FakeV3Agent(asyncio.DatagramProtocol):
    """Answers each OID of a GET with its own boots counter.

    Attributes:
        log: what it sent: "response" or the last arcs of a report's OID.
        silent: whether it says nothing to what is not a discovery.
        strip: whether its responses come without the security that was asked for.
        flip: whether a bit of its responses is wrong.
        age_s: how old its responses claim to be.
        reports: sends this report instead of a response.
    """

    user: User
    engine_id: bytes = b"\x80\x00\x00\x00\x01first"
    boots: int = 7
    started: float = field(default_factory=lambda: time.monotonic() - 1000)
    log: list[str] = field(default_factory=list)
    silent: bool = False
    strip: bool = False
    flip: bool = False
    age_s: int = 0
    reports: Oid | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    @property
    def time_s(self) -> int:
        return int(time.monotonic() - self.started)

    def reboot(self) -> None:
        """Boots counts up, time begins anew."""
        self.boots += 1
        self.started = time.monotonic()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        head = read_v3_message(data)
        if head.engine_id != self.engine_id:
            self._send(addr, head, self._report(UNKNOWN_ENGINE_IDS), 0)
            return
        keys = self.user.keys(self.engine_id)
        level = head.flags & (AUTHENTICATED | ENCRYPTED)
        if self.silent:
            return
        if self.user.auth and not digest_is_right(self.user.auth, keys.auth, data, head.auth_start, head.auth_stop):
            self._send(addr, head, self._report(WRONG_DIGESTS), 0)
            return
        if self.user.auth and (head.boots != self.boots or abs(head.time_s - self.time_s) > 150):
            self._send(addr, head, self._report(NOT_IN_TIME_WINDOWS), AUTHENTICATED)
            return
        if self.reports:
            self._send(addr, head, self._report(self.reports), 0)
            return
        plain, at = data, head.data_start
        if self.user.priv:
            cipher = Cipher(self.user.priv, keys.priv)
            plain = cipher.decrypt(head.boots, head.time_s, head.salt, data[head.data_start : head.data_stop])
            at = 0
        pdu = read_scoped_pdu(plain, at)
        oids = [oid for oid, _, _ in read_varbinds(plain, pdu.start, pdu.stop)]
        self.log.append("response")
        answer = self._pdu(PduKind.RESPONSE, pdu.request_id, [(oid, Tag.GAUGE32, self.boots) for oid in oids])
        self._send(addr, head, answer, 0 if self.strip else level)

    def _report(self, reason: Oid) -> bytes:
        self.log.append({UNKNOWN_ENGINE_IDS: "engine", NOT_IN_TIME_WINDOWS: "time"}.get(reason, "other"))
        return self._pdu(PduKind.REPORT, 0, [(reason, Tag.COUNTER32, 1)])

    def _pdu(self, kind: PduKind, request_id: int, varbinds: list[VarBind]) -> bytes:
        body = b"".join(tlv(0x30, tlv(6, oid) + encode_value(tag, value)) for oid, tag, value in varbinds)
        return tlv(kind, encode_integer(request_id) + encode_integer(0) * 2 + tlv(0x30, body))

    def _send(self, addr: tuple[str, int], head: V3Message, pdu: bytes, level: int) -> None:
        keys = self.user.keys(self.engine_id)
        time_s = self.time_s - self.age_s
        data, salt = encode_scoped_pdu(self.engine_id, b"", pdu), b""
        if level & ENCRYPTED and self.user.priv:
            ciphertext, salt = Cipher(self.user.priv, keys.priv).encrypt(self.boots, time_s, data)
            data = tlv(Tag.OCTET_STRING, ciphertext)
        octets = DIGEST_OCTETS[self.user.auth] if level and self.user.auth else 0
        message, at = encode_v3_message(
            head.msg_id, level, self.engine_id, self.boots, time_s, head.user, octets, salt, data
        )
        if octets and self.user.auth:
            message = message[:at] + digest(self.user.auth, keys.auth, message) + message[at + octets :]
        if self.flip and level:
            message = message[:-1] + bytes((message[-1] ^ 1,))
        self._transport.sendto(message, addr)

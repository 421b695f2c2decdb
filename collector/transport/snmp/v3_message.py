"""The messages of SNMPv3 (RFC 3412, section 6) with the parameters of the user-based security model (RFC 3414, 2.4)."""

import msgspec

from collector.smi.ber import BerError, encode_integer, enter, read_integer, read_octets, read_tlv, tlv
from collector.smi.value import Tag
from collector.transport.snmp.message import MAX_DATAGRAM_BYTES, V3_VERSION_NUMBER, Pdu, read_pdu

AUTHENTICATED = 0x01
ENCRYPTED = 0x02
REPORTABLE = 0x04

_USM = 3
_SEQUENCE = 0x30
_MAX_ENGINE_ID_OCTETS = 32  # RFC 3411, SnmpEngineID
_HIGHEST = (1 << 31) - 1


class V3Message(msgspec.Struct, gc=False):
    """A received message.

    Attributes:
        auth_start, auth_stop: where msgAuthenticationParameters are in the message.
        data_start, data_stop: the whole scoped PDU there, or where it is ENCRYPTED, the ciphertext.
    """

    msg_id: int
    flags: int
    engine_id: bytes
    boots: int
    time_s: int
    user: bytes
    auth_start: int
    auth_stop: int
    salt: bytes
    data_start: int
    data_stop: int


def encode_v3_message(
    msg_id: int,
    flags: int,
    engine_id: bytes,
    boots: int,
    time_s: int,
    user: bytes,
    auth_octets: int,
    salt: bytes,
    data: bytes,
) -> tuple[bytes, int]:
    """A whole message with zeros for its digest, and where those begin.

    `data` is a scoped PDU, or an OCTET STRING of the ciphertext.
    """
    salt_and_data = tlv(Tag.OCTET_STRING, salt) + data
    security = tlv(
        _SEQUENCE,
        b"".join(
            (
                tlv(Tag.OCTET_STRING, engine_id),
                encode_integer(boots),
                encode_integer(time_s),
                tlv(Tag.OCTET_STRING, user),
                tlv(Tag.OCTET_STRING, bytes(auth_octets)),
                tlv(Tag.OCTET_STRING, salt),
            )
        ),
    )
    header = tlv(
        _SEQUENCE,
        b"".join(
            (
                encode_integer(msg_id),
                encode_integer(MAX_DATAGRAM_BYTES),
                tlv(Tag.OCTET_STRING, bytes((flags,))),
                encode_integer(_USM),
            )
        ),
    )
    content = b"".join((encode_integer(V3_VERSION_NUMBER), header, tlv(Tag.OCTET_STRING, security), data))
    message = tlv(_SEQUENCE, content)
    return message, len(message) - len(salt_and_data) - auth_octets


def read_v3_message(data: bytes) -> V3Message:
    """What is in a message, before any of it is verified.

    Raises:
        BerError: it is none of SNMPv3 with the user-based security model.
    """
    at, _ = enter(data, 0, _SEQUENCE)
    version, at = read_integer(data, at)
    if version != V3_VERSION_NUMBER:
        raise BerError(f"version {version} where {V3_VERSION_NUMBER} was asked")
    inner, at = enter(data, at, _SEQUENCE)
    msg_id, inner = read_integer(data, inner)
    _, inner = read_integer(data, inner)
    flags, inner = read_octets(data, inner)
    model, _ = read_integer(data, inner)
    if model != _USM or len(flags) != 1:
        raise BerError(f"security model {model}, flags {flags[:8].hex()}")
    inner, at = enter(data, at, Tag.OCTET_STRING)
    inner, _ = enter(data, inner, _SEQUENCE)
    engine_id, inner = read_octets(data, inner)
    boots, inner = read_integer(data, inner)
    time_s, inner = read_integer(data, inner)
    user, inner = read_octets(data, inner)
    auth_start, auth_stop = enter(data, inner, Tag.OCTET_STRING)
    salt, _ = read_octets(data, auth_stop)
    if len(engine_id) > _MAX_ENGINE_ID_OCTETS or not (0 <= boots <= _HIGHEST and 0 <= time_s <= _HIGHEST):
        raise BerError(f"engine id of {len(engine_id)} octets, boots {boots}, time {time_s}")
    tag, start, stop = read_tlv(data, at)
    if flags[0] & ENCRYPTED:
        if tag != Tag.OCTET_STRING:
            raise BerError(f"tag {tag:#04x} where an encrypted PDU belongs")
    else:
        start = at
    return V3Message(msg_id, flags[0], engine_id, boots, time_s, user, auth_start, auth_stop, salt, start, stop)


def encode_scoped_pdu(engine_id: bytes, context: bytes, pdu: bytes) -> bytes:
    """A PDU for one context of one engine."""
    return tlv(_SEQUENCE, tlv(Tag.OCTET_STRING, engine_id) + tlv(Tag.OCTET_STRING, context) + pdu)


def read_scoped_pdu(data: bytes, at: int) -> Pdu:
    """The PDU in the scoped PDU that begins at `at`; what is behind that (padding) does not matter.

    Raises:
        BerError: there is none.
    """
    at, _ = enter(data, at, _SEQUENCE)
    _, at = read_octets(data, at)
    _, at = read_octets(data, at)
    return read_pdu(data, at)

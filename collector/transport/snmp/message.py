"""PDUs (RFC 3416) and the messages of SNMPv1 and v2c around them (RFC 1157, RFC 1901)."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from collector.smi.ber import (
    BerError,
    check_oid,
    decode_value,
    encode_integer,
    encode_length,
    enter,
    read_integer,
    read_octets,
    read_tlv,
    tlv,
)
from collector.smi.oid import Oid
from collector.smi.value import Missing, Tag, Value, VarBind
from collector.transport.contract import PduKind

VERSION_NUMBERS: dict[Literal["1", "2c"], int] = {"1": 0, "2c": 1}
V3_VERSION_NUMBER = 3

MAX_DATAGRAM_BYTES = 65_535
MAX_VARBINDS = 10_000  # in one message; 65,535 octets could hold 9,362 of the smallest

_SEQUENCE = 0x30
_OCTET_STRING = int(Tag.OCTET_STRING)  # a plain int compares faster
# by tag: up to how many octets a value is a plain unsigned number
_PLAIN_OCTETS = [
    {Tag.COUNTER32: 4, Tag.GAUGE32: 4, Tag.TIMETICKS: 4, Tag.COUNTER64: 8}.get(tag, -1)  # type: ignore[call-overload]
    for tag in range(256)
]
_NULL = b"\x05\x00"
_FOUR_OCTETS = b"\x02\x04"  # an INTEGER of four octets
_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"  # error-status and error-index
# what stands before an OID of n octets in a varbind whose value is NULL
_VARBIND_HEADS = [bytes((_SEQUENCE, n + 4, Tag.OBJECT_IDENTIFIER, n)) for n in range(0x80 - 4)]


class Pdu(msgspec.Struct, gc=False):
    """A received PDU but for its varbinds, which are data[start:stop] of the message."""

    kind: int
    request_id: int
    error_status: int
    error_index: int
    start: int
    stop: int


def encode_pdu(kind: PduKind, request_id: int, oids: Sequence[Oid], first: int = 0, second: int = 0) -> bytes:
    """A PDU that asks for `oids`. `first` and `second` are error-status and error-index, or of a GETBULK
    non-repeaters and max-repetitions."""
    heads = _VARBIND_HEADS
    try:
        body = b"".join([heads[len(oid)] + oid + _NULL for oid in oids])
    except IndexError:  # an OID whose length takes two octets
        body = b"".join([tlv(_SEQUENCE, tlv(Tag.OBJECT_IDENTIFIER, oid) + _NULL) for oid in oids])
    content = b"".join(
        (
            encode_integer(request_id),
            encode_integer(first),
            encode_integer(second),
            b"\x30",
            encode_length(len(body)),
            body,
        )
    )
    return tlv(kind, content)


def encode_community_message(version: int, community: bytes, pdu: bytes) -> bytes:
    """A whole message of SNMPv1 (version 0) or v2c (1)."""
    return tlv(_SEQUENCE, b"".join((encode_integer(version), tlv(Tag.OCTET_STRING, community), pdu)))


def read_pdu(data: bytes, at: int) -> Pdu:
    """The PDU that begins at `at`.

    Raises:
        BerError: there is none; one with another layout (the trap of SNMPv1) is none either.
    """
    kind, at, _ = read_tlv(data, at)
    if kind & 0xF0 != 0xA0:
        raise BerError(f"tag {kind:#04x} where a PDU belongs")
    head = data[at : at + 12]
    if head[6:] == _NO_ERROR and head[:2] == _FOUR_OCTETS:  # the usual case, for speed
        request_id = int.from_bytes(head[2:6], "big", signed=True)
        error_status = error_index = 0
        at += 12
    else:
        request_id, at = read_integer(data, at)
        error_status, at = read_integer(data, at)
        error_index, at = read_integer(data, at)
    start, stop = enter(data, at, _SEQUENCE)
    return Pdu(kind, request_id, error_status, error_index, start, stop)


def read_community_message(data: bytes, version: int) -> Pdu:
    """The PDU in a message of SNMPv1 (version 0) or v2c (1). The community of an answer says nothing.

    Raises:
        BerError: it is none, or of another version.
    """
    at, _ = enter(data, 0, _SEQUENCE)
    found, at = read_integer(data, at)
    if found != version:
        raise BerError(f"version {found} where {version} was asked")
    _, at = read_octets(data, at)
    return read_pdu(data, at)


def read_varbinds(data: bytes, start: int, stop: int, expected: Sequence[Oid] = ()) -> list[VarBind]:
    """The varbinds in data[start:stop].

    Where they are those of `expected`, in that order, their OIDs are compared but not decoded, and the very objects of
    `expected` are in the result. A value that does not decode is Missing.ERROR.

    Raises:
        BerError: this is no list of varbinds.
    """
    varbinds: list[VarBind] = []
    try:
        at = _read_expected(data, start, stop, expected, varbinds)
    except IndexError:
        raise BerError(f"varbinds cut short at octet {len(data)}") from None
    while at < stop:
        if len(varbinds) >= MAX_VARBINDS:
            raise BerError(f"more than {MAX_VARBINDS} varbinds")
        varbind, at = _read_varbind(data, at)
        varbinds.append(varbind)
    if at != stop:
        raise BerError(f"varbinds end at octet {at} instead of {stop}")
    return varbinds


def _read_expected(data: bytes, start: int, stop: int, expected: Sequence[Oid], varbinds: list[VarBind]) -> int:
    """The hot path, hence written out: the varbinds that are as expected and in short form; where the others begin."""
    at = start
    from_bytes = int.from_bytes
    starts_with = data.startswith
    append = varbinds.append
    plain_octets = _PLAIN_OCTETS
    value: Value
    for oid in expected:
        if at >= stop:
            break
        # an OID of up to 123 octets has its length in one octet, and so has the varbind unless its value is long
        size = len(oid)
        tag_at = at + 4 + size
        end = at + 2 + data[at + 1]
        if data[at + 3] != size or not starts_with(oid, at + 4) or data[at] != _SEQUENCE:
            break
        tag = data[tag_at]
        length = data[tag_at + 1]
        value_at = tag_at + 2
        if value_at + length != end or length >= 0x80:
            break
        if length <= plain_octets[tag]:
            if length == 1:
                value = data[value_at]
            elif length:
                value = from_bytes(data[value_at:end], "big")
            else:
                value = Missing.ERROR
        elif tag == _OCTET_STRING:
            value = data[value_at:end]
        else:
            value = _value(tag, data, value_at, end)
        append((oid, tag, value))
        at = end
    return at


def _value(tag: int, data: bytes, start: int, stop: int) -> Value:
    try:
        return decode_value(tag, data, start, stop)
    except BerError:
        return Missing.ERROR


def _read_varbind(data: bytes, at: int) -> tuple[VarBind, int]:
    at, end = enter(data, at, _SEQUENCE)
    start, stop = enter(data, at, Tag.OBJECT_IDENTIFIER)
    oid = data[start:stop]
    check_oid(oid)
    tag, start, stop = read_tlv(data, stop)
    if stop > end:
        raise BerError(f"a value that ends at octet {stop} in a varbind that ends at {end}")
    return (oid, tag, _value(tag, data, start, stop)), end

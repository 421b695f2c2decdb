"""BER (X.690) as far as SNMP uses it, and forgiving where agents are sloppy.

Encoding is minimal. Decoding takes what real agents send: lengths in long form, integers with needless leading octets,
unsigned values without the leading zero, a Counter64 of nine octets. What makes no sense raises `BerError` and nothing
else, whatever the octets.
"""

import ipaddress
import struct

from collector.smi import oid as oids
from collector.smi.value import Missing, Tag, Value

_MAX_OID_OCTETS = 640  # 128 arcs of 32 bits (RFC 2578, 3.5), five octets each

_FIRST_IN_OPAQUE = 0x9F  # first octet of the tags inside an Opaque (draft-perkins-opaque-01)
_OPAQUE_COUNTER64 = 0x76
_OPAQUE_INT64 = 0x7A
_OPAQUE_UINT64 = 0x7B

_MISSING_BY_TAG: dict[int, Missing] = {
    Tag.NULL: Missing.NO_SUCH_INSTANCE,  # a few SNMPv1 agents say so where they have nothing
    Tag.NO_SUCH_OBJECT: Missing.NO_SUCH_OBJECT,
    Tag.NO_SUCH_INSTANCE: Missing.NO_SUCH_INSTANCE,
    Tag.END_OF_MIB_VIEW: Missing.END_OF_MIB_VIEW,
}
_UINTEGER32 = 0x47  # RFC 1442; obsolete, still met
_NSAP_ADDRESS = 0x45  # likewise
_BIT_STRING = 0x03  # likewise
_UNSIGNED_32: frozenset[int] = frozenset((Tag.COUNTER32, Tag.GAUGE32, Tag.TIMETICKS, _UINTEGER32))
_UNSIGNED = _UNSIGNED_32 | {Tag.COUNTER64}
_SMALL_INTEGERS = [bytes((Tag.INTEGER, 1, value)) for value in range(0x80)]
_OCTETS: frozenset[int] = frozenset((Tag.OCTET_STRING, _NSAP_ADDRESS, _BIT_STRING))


class BerError(ValueError):
    """Octets that are not what BER or SNMP allow."""


def encode_length(length: int) -> bytes:
    """The length octets of a TLV, in the shortest form."""
    if length < 0x80:
        return bytes((length,))
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def tlv(tag: int, content: bytes) -> bytes:
    """Tag, length and `content`."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    return bytes((tag,)) + encode_length(length) + content


def read_tlv(data: bytes, at: int) -> tuple[int, int, int]:
    """The TLV that begins at `at`: its tag, and where its content starts and stops.

    Raises:
        BerError: it is cut short, its length is indefinite or its tag is of more than one octet.
    """
    try:
        tag = data[at]
        length = data[at + 1]
    except IndexError:
        raise BerError(f"cut short at octet {at} of {len(data)}") from None
    start = at + 2
    if length >= 0x80:
        octets = length & 0x7F
        if not octets:
            raise BerError(f"a length of indefinite form at octet {at + 1}")
        length = int.from_bytes(data[start : start + octets], "big")
        start += octets
    stop = start + length
    if stop > len(data):
        raise BerError(f"a content of {length} octets at octet {start} of {len(data)}")
    if tag & 0x1F == 0x1F:
        raise BerError(f"a tag of several octets at octet {at}")
    return tag, start, stop


def encode_signed(value: int) -> bytes:
    """The content of an INTEGER: two's complement in the fewest octets."""
    return value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True)


def encode_integer(value: int) -> bytes:
    """A whole INTEGER."""
    if 0 <= value < len(_SMALL_INTEGERS):
        return _SMALL_INTEGERS[value]
    content = encode_signed(value)
    return bytes((Tag.INTEGER, len(content))) + content


def read_integer(data: bytes, at: int) -> tuple[int, int]:
    """The INTEGER that begins at `at`, and where it stops.

    Raises:
        BerError: there is none, or it has no octets or more than nine.
    """
    start, stop = enter(data, at, Tag.INTEGER)
    return _signed(data, start, stop), stop


def read_octets(data: bytes, at: int) -> tuple[bytes, int]:
    """The OCTET STRING that begins at `at`, and where it stops.

    Raises:
        BerError: there is none.
    """
    start, stop = enter(data, at, Tag.OCTET_STRING)
    return data[start:stop], stop


def enter(data: bytes, at: int, expected: int) -> tuple[int, int]:
    """Where the content of the TLV at `at` starts and stops, if its tag is `expected`.

    Raises:
        BerError: it is another, or cut short.
    """
    tag, start, stop = read_tlv(data, at)
    if tag != expected:
        raise BerError(f"tag {tag:#04x} at octet {at} where {expected:#04x} belongs")
    return start, stop


def encode_value(tag: int, value: Value) -> bytes:
    """A value as a whole TLV.

    `tag` is a type's, or that of an exception when `value` is a Missing. A float goes into an Opaque: as a single where
    the tag says so or nothing is lost, else as a double; so does an int with the tag of an Opaque.

    Raises:
        BerError: the value is not one of the tag's.
    """
    if isinstance(value, Missing):
        if tag not in _MISSING_BY_TAG:
            raise BerError(f"tag {tag:#04x} needs a value")
        return bytes((tag, 0))
    if isinstance(value, float):
        return tlv(Tag.OPAQUE, _encode_float(tag, value))
    if isinstance(value, int):
        return tlv(tag, _encode_int(tag, value))
    if isinstance(value, bytes):
        if tag in _OCTETS or tag == Tag.OPAQUE:
            return tlv(tag, value)
    elif tag == Tag.OBJECT_IDENTIFIER:
        try:
            return tlv(tag, oids.encode(value))
        except ValueError as error:
            raise BerError(str(error)) from None
    elif tag == Tag.IP_ADDRESS:
        try:
            return tlv(tag, ipaddress.ip_address(value).packed)
        except ValueError as error:
            raise BerError(str(error)) from None
    raise BerError(f"a {type(value).__name__} is no value of tag {tag:#04x}")


def _encode_int(tag: int, value: int) -> bytes:
    if tag == Tag.INTEGER:
        if not -(1 << 63) <= value < 1 << 63:
            raise BerError(f"{value} does not fit into an INTEGER")
        return encode_signed(value)
    if tag == Tag.OPAQUE:
        number = encode_signed(value)
        kind = _OPAQUE_INT64 if value < 1 << 63 else _OPAQUE_UINT64
        return bytes((_FIRST_IN_OPAQUE, kind, len(number))) + number
    if tag not in _UNSIGNED:
        raise BerError(f"an int is no value of tag {tag:#04x}")
    if not 0 <= value < (1 << 32 if tag in _UNSIGNED_32 else 1 << 64):
        raise BerError(f"{value} does not fit into tag {tag:#04x}")
    return encode_signed(value)


def _encode_float(tag: int, value: float) -> bytes:
    if tag not in (Tag.OPAQUE, Tag.OPAQUE_FLOAT, Tag.OPAQUE_DOUBLE):
        raise BerError(f"a float is no value of tag {tag:#04x}")
    if tag != Tag.OPAQUE_DOUBLE:
        try:
            single = struct.pack(">f", value)
        except OverflowError:
            single = b""
        if single and (tag == Tag.OPAQUE_FLOAT or struct.unpack(">f", single)[0] == value or value != value):
            return bytes((_FIRST_IN_OPAQUE, Tag.OPAQUE_FLOAT, 4)) + single
        if tag == Tag.OPAQUE_FLOAT:
            raise BerError(f"{value} does not fit into a float of four octets")
    return bytes((_FIRST_IN_OPAQUE, Tag.OPAQUE_DOUBLE, 8)) + struct.pack(">d", value)


def decode_value(tag: int, data: bytes, start: int, stop: int) -> Value:
    """The value whose content is data[start:stop].

    The types that SNMP calls unsigned are never negative. An IpAddress is text, also one of 16 octets. An Opaque that
    holds one of net-snmp's numbers is that number, any other one is bytes.

    Raises:
        BerError: the content is none of the tag's, or the tag is unknown.
    """
    if tag in _UNSIGNED:
        return _unsigned(tag, data, start, stop)
    if tag in _OCTETS:
        return data[start:stop]
    if tag == Tag.INTEGER:
        return _signed(data, start, stop)
    if tag == Tag.OBJECT_IDENTIFIER:
        return _oid_text(data[start:stop])
    if tag == Tag.IP_ADDRESS:
        if stop - start == 4:
            a, b, c, d = data[start:stop]
            return f"{a}.{b}.{c}.{d}"
        if stop - start == 16:
            return str(ipaddress.IPv6Address(data[start:stop]))
        raise BerError(f"an IpAddress of {stop - start} octets")
    if tag == Tag.OPAQUE:
        return _opaque(data[start:stop])
    missing = _MISSING_BY_TAG.get(tag)
    if missing is None:
        raise BerError(f"unknown type of value: tag {tag:#04x}")
    return missing


def check_oid(content: bytes) -> None:
    """Whether the content of an OBJECT IDENTIFIER is one.

    Raises:
        BerError: it is empty, too long, or its last arc is cut short.
    """
    if not content or len(content) > _MAX_OID_OCTETS or content[-1] >= 0x80:
        raise BerError(f"not an OID: {len(content)} octets {content[:16].hex()}")


def _signed(data: bytes, start: int, stop: int) -> int:
    if not 0 < stop - start <= 9:
        raise BerError(f"an INTEGER of {stop - start} octets")
    value = int.from_bytes(data[start:stop], "big", signed=True)
    if not -(1 << 63) <= value < 1 << 64:
        raise BerError(f"an INTEGER of {value.bit_length()} bits")
    return value


def _unsigned(tag: int, data: bytes, start: int, stop: int) -> int:
    if not 0 < stop - start <= 9:
        raise BerError(f"a number of {stop - start} octets")
    value = int.from_bytes(data[start:stop], "big")
    width = 32 if tag in _UNSIGNED_32 else 64
    spare = (stop - start) * 8 - width
    if spare > 0 and value >> width == (1 << spare) - 1:
        return value & (1 << width) - 1  # kept as a negative number by the agent, and its sign extended
    if value >> 64:
        raise BerError(f"a number of {value.bit_length()} bits")
    return value


def _oid_text(content: bytes) -> str:
    if not content:
        return "0.0"  # some agents' way to write zeroDotZero
    check_oid(content)
    return oids.decode(content)


def _opaque(content: bytes) -> Value:
    if len(content) < 3 or content[0] != _FIRST_IN_OPAQUE or content[2] != len(content) - 3:
        return content
    kind, number = content[1], content[3:]
    if kind == Tag.OPAQUE_FLOAT and len(number) == 4:
        return float(struct.unpack(">f", number)[0])
    if kind == Tag.OPAQUE_DOUBLE and len(number) == 8:
        return float(struct.unpack(">d", number)[0])
    if kind == _OPAQUE_INT64:
        return _signed(number, 0, len(number))
    if kind in (_OPAQUE_COUNTER64, _OPAQUE_UINT64):
        return _unsigned(Tag.COUNTER64, number, 0, len(number))
    return content

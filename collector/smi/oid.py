"""Object identifiers in the form they have on the wire.

An `Oid` is the content octets of a BER OBJECT IDENTIFIER (X.690, 8.19), without tag and length. A device is asked the
same few hundred OIDs every minute, so they are encoded once, kept encoded in the state directory and compared as bytes.
Because every arc ends in an octet below 0x80, a column's OID is a byte prefix of its instances': `oid.startswith(column)`
is right, and `oid[len(column):]` is the index.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

Oid: TypeAlias = bytes

_SHORT = tuple(bytes((arc,)) for arc in range(0x80))


def _base128(arc: int) -> bytes:
    if 0 <= arc < 0x80:
        return _SHORT[arc]
    if arc < 0:
        raise ValueError(f"an arc is never negative: {arc}")
    octets = [arc & 0x7F]
    arc >>= 7
    while arc:
        octets.append(0x80 | arc & 0x7F)
        arc >>= 7
    return bytes(reversed(octets))


def encode_index(arcs: Iterable[int]) -> bytes:
    """The octets that `arcs` add to a column's OID."""
    return b"".join([_SHORT[arc] if 0 <= arc < 0x80 else _base128(arc) for arc in arcs])


@lru_cache(1 << 14)
def encode(text: str) -> Oid:
    """`"1.3.6.1.2.1.1.3.0"` (a leading dot is allowed) as an Oid.

    Raises:
        ValueError: not an OID in numeric form, or its first arcs are impossible (X.660: 0.0-0.39, 1.0-1.39, 2.x).
    """
    parts = text.removeprefix(".").split(".")
    if len(parts) < 2 or not all(parts) or not ((digits := "".join(parts)).isascii() and digits.isdigit()):
        raise ValueError(f"not an OID in numeric form: {text!r}")
    first, second, *rest = map(int, parts)
    if first > 2 or (first < 2 and second > 39):
        raise ValueError(f"no OID begins with {first}.{second}: {text!r}")
    return _base128(first * 40 + second) + encode_index(rest)


def decode_index(octets: bytes) -> tuple[int, ...]:
    """The arcs in `octets`, the part of an Oid behind its column.

    Raises:
        ValueError: the last arc is cut short.
    """
    arcs: list[int] = []
    arc = 0
    for octet in octets:
        arc = arc << 7 | octet & 0x7F
        if octet < 0x80:
            arcs.append(arc)
            arc = 0
    if octets and octets[-1] >= 0x80:
        raise ValueError(f"an OID's last arc is cut short: {octets.hex()}")
    return tuple(arcs)


def arcs(oid: Oid) -> tuple[int, ...]:
    """The arcs of a whole Oid; their order as tuples is the order of SNMP (RFC 3416: lexicographic by arc).

    Raises:
        ValueError: the Oid is empty or its last arc is cut short.
    """
    if not oid:
        raise ValueError("an OID has at least one octet")
    head, *rest = decode_index(oid)
    first = min(head // 40, 2)
    return (first, head - 40 * first, *rest)


def decode(oid: Oid) -> str:
    """An Oid as text, `"1.3.6.1.2.1.1.3.0"`.

    Raises:
        ValueError: the Oid is empty or its last arc is cut short.
    """
    return ".".join(map(str, arcs(oid)))


def index_text(octets: bytes) -> str:
    """An index as text, `"3"` or `"1.10.0.0.1"`."""
    return ".".join(map(str, decode_index(octets)))

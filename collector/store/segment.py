"""A segment of the spool: records one behind the other, each with a checksum, so that damage costs what it hits.

    record: marker (4 octets), length, number of points, CRC-32 of all three and the payload; the payload
    payload: zlib of the msgpack array of points

A process may die in the middle of a record. What follows a record that is not whole is found again by its marker.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from collector.metrics.model import Point

MARKER = b"\xc5SP1"
RECORD_POINTS = 500
"""what one damaged record costs at the most"""

_HEADER = struct.Struct(">4sIII")
_SUMMED = struct.Struct(">II")
_LARGEST_PAYLOAD = 64 << 20
_LARGEST_UNPACKED = 256 << 20

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Point]).decode


class Record(msgspec.Struct, frozen=True):
    """Where a whole record stands in its segment, and how many points it says it holds."""

    start: int
    stop: int
    points: int


def records_of(points: Sequence[Point]) -> list[bytes]:
    """The points as records.

    Raises:
        OverflowError, UnicodeEncodeError: a value that no store could take either.
    """
    left = iter(points)
    return [_record(part) for part in iter(lambda: list(islice(left, RECORD_POINTS)), [])]


def _record(points: Sequence[Point]) -> bytes:
    payload = zlib.compress(_encode(points), 1)
    return _HEADER.pack(MARKER, len(payload), len(points), _sum(len(payload), len(points), payload)) + payload


def _sum(length: int, points: int, payload: bytes | memoryview) -> int:
    return zlib.crc32(payload, zlib.crc32(_SUMMED.pack(length, points)))


def scan(data: bytes, at: int = 0) -> Iterator[Record | int]:
    """The whole records of a segment in order; for each stretch that is none, the octets that were skipped."""
    view = memoryview(data)
    while at < len(data):
        record = _record_at(data, view, at)
        if record:
            yield record
            at = record.stop
            continue
        following = data.find(MARKER, at + 1)
        while following >= 0 and _record_at(data, view, following) is None:
            following = data.find(MARKER, following + 1)
        stop = following if following >= 0 else len(data)
        yield stop - at
        at = stop


def _record_at(data: bytes, view: memoryview, at: int) -> Record | None:
    if at + _HEADER.size > len(data):
        return None
    marker, length, points, checksum = _HEADER.unpack_from(data, at)
    start = at + _HEADER.size
    if marker != MARKER or length > _LARGEST_PAYLOAD or start + length > len(data):
        return None
    if _sum(length, points, view[start : start + length]) != checksum:
        return None
    return Record(at, start + length, points)


def points_of(data: bytes, record: Record) -> list[Point]:
    """The points of a whole record; none where another version wrote what we cannot read."""
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(data[record.start + _HEADER.size : record.stop], _LARGEST_UNPACKED)
        return _decode(unpacked)
    except (zlib.error, msgspec.MsgspecError, UnicodeDecodeError):
        return []

"""Many points in little memory, on their way to a store."""

from collections.abc import Iterator, Sequence
from typing import overload

import msgspec

from collector.metrics.model import Point

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Point]).decode


class PackedPoints(Sequence[Point]):
    """Points that lie encoded (a quarter of the memory) and are decoded as they are gone through.

    To be gone through from the first to the last: asking for single ones decodes all before them.
    """

    def __init__(self) -> None:
        self._parts: list[bytes | list[Point]] = []
        self._count = 0

    def add(self, points: Sequence[Point]) -> None:
        """Take points behind the others."""
        if not points:
            return
        try:
            self._parts.append(_encode(points))
        except (OverflowError, UnicodeEncodeError):  # the store will tell which of them it cannot take
            self._parts.append(list(points))
        self._count += len(points)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Point]:
        for part in self._parts:
            yield from _decode(part) if isinstance(part, bytes) else part

    @overload
    def __getitem__(self, index: int) -> Point: ...
    @overload
    def __getitem__(self, index: slice) -> list[Point]: ...
    def __getitem__(self, index: int | slice) -> Point | list[Point]:
        return list(self)[index]

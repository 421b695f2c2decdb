"""The store that only prints: line protocol, or a JSON object a line. It keeps nothing, so it gives nothing back."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Literal

import msgspec

from collector.metrics.model import Point
from collector.store.contract import (
    History,
    Only,
    Rejected,
    Series,
    Sighting,
    StoreInfo,
    StoreUnavailableError,
    WriteResult,
)
from collector.store.line_protocol import encode
from collector.store.storable import NotStorableError
from inventory.model import StdoutStore

_encode_json = msgspec.json.Encoder().encode


def json_line(point: Point) -> bytes:
    """`{"measurement":..., "tags":{...}, "fields":{...}, "time_ns":...}` without a line break; NaN becomes null."""
    return _encode_json(point)


class PrintStore:
    """`collector.store.contract.Store` on a stream, standard output unless another is given."""

    def __init__(self, config: StdoutStore, stream: BinaryIO | None = None) -> None:
        self.config = config
        self._stream = stream

    def write(self, points: Sequence[Point]) -> WriteResult:
        render = json_line if self.config.format == "json" else _line
        lines = []
        rejected = []
        for point in points:
            try:
                lines.append(render(point))
            except (NotStorableError, UnicodeEncodeError) as error:
                rejected.append(Rejected(point, str(error)))
        stream = self._stream or sys.stdout.buffer
        try:
            stream.write(b"".join(line + b"\n" for line in lines))
            stream.flush()
        except OSError as error:
            raise StoreUnavailableError(str(error.strerror), operation="write", target="stdout") from None
        return WriteResult(len(lines), tuple(rejected))

    def latest(
        self,
        measurement: str,
        where: Mapping[str, str] = {},
        since_ns: int = 0,
        until_ns: int | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Point]:
        return []

    def series(
        self,
        measurement: str,
        field: str,
        where: Mapping[str, str] = {},
        *,
        since_ns: int,
        until_ns: int,
        every_s: int | None = None,
        aggregate: Literal["mean", "max", "min", "last"] = "mean",
    ) -> list[Series]:
        return []

    def histories(
        self,
        measurement: str,
        fields: Sequence[str],
        *,
        since_ns: int,
        until_ns: int,
        every_s: int,
        aggregate: Literal["mean", "max", "min", "last"] = "mean",
        only: Only | None = None,
    ) -> Iterator[History]:
        return iter(())

    def daily_percentiles(
        self,
        measurement: str,
        fields: Sequence[str],
        percent: float,
        *,
        since_ns: int,
        until_ns: int,
        only: Only | None = None,
    ) -> Iterator[History]:
        return iter(())

    def sightings(
        self,
        measurement: str,
        fields: Sequence[str],
        *,
        since_ns: int,
        until_ns: int,
        where: Mapping[str, str] = {},
    ) -> list[Sighting]:
        return []

    def conflicts(self) -> list[str]:
        """None: nothing is kept."""
        return []

    def info(self) -> StoreInfo:
        return StoreInfo("stdout", "stdout", {})

    def close(self) -> None:
        """Nothing to do: the stream is not ours."""


def _line(point: Point) -> bytes:
    return encode(point).encode()

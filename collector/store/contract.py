"""What a store is: it takes points, gives them back, and says clearly what it could not take.

    StoreError
    ├── StoreUnavailableError  try again later: unreachable, timeout, 429, 5xx, a database locked too long
    └── StoreRefusedError      trying again is useless until somebody acts: wrong token, no such database, bad path

Stores are plain blocking code; the runtime calls them in a thread.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from collector.metrics.model import FieldValue, Point


class StoreError(Exception):
    """Base. `operation` is what was tried, `target` the path or URL (without secrets), `hint` what to do."""

    def __init__(self, message: str, *, operation: str = "", target: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.operation = operation
        self.target = target
        self.hint = hint

    def __str__(self) -> str:
        return " ".join(
            filter(
                None, (self.operation and f"{self.operation}:", str(self.args[0]), self.target and f"({self.target})")
            )
        )


class StoreUnavailableError(StoreError):
    """For now: keep the points and try again. `retry_after_s` where the server names it."""

    retry_after_s: float | None = None


class StoreRefusedError(StoreError):
    """For good: until the configuration or the server's changes."""


class Rejected(msgspec.Struct, frozen=True):
    """A point that the store will never take, and the store's own reason."""

    point: Point
    reason: str


class WriteResult(msgspec.Struct, frozen=True):
    """What became of a batch: every point of it is either written or among the rejected."""

    written: int
    rejected: tuple[Rejected, ...] = ()


class Series(msgspec.Struct):
    """One series of one field: times ascending, values alongside."""

    tags: dict[str, str]
    times_ns: list[int]
    values: list[FieldValue]


class Percentile(msgspec.Struct, frozen=True):
    """One day (UTC midnight, ns) of one series and field."""

    tags: Mapping[str, str]
    day_ns: int
    value: float
    samples: int


class StoreInfo(msgspec.Struct, frozen=True):
    """For `collector store info`: `details` are (label, text) pairs such as version, size, oldest sample."""

    kind: str
    target: str
    measurements: Mapping[str, int]
    """points by measurement"""
    details: tuple[tuple[str, str], ...] = ()


class Store(Protocol):
    """The contract. `where` narrows by equal tags, `{"host": "r1"}`; times are ns since the epoch, [since, until)."""

    def write(self, points: Sequence[Point]) -> WriteResult:
        """Store all points. Writing the same point twice leaves one. Fields not in the catalogue are rejected.

        Raises:
            StoreUnavailableError: nothing is certain to be written; the whole batch may be written again.
            StoreRefusedError: nothing was written.
        """
        ...

    def latest(self, measurement: str, where: Mapping[str, str] = {}, since_ns: int = 0) -> list[Point]:
        """The newest point of every series."""
        ...

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
        """A field over time, raw or one value per `every_s` (times are the windows' starts; empty windows left out)."""
        ...

    def daily_percentile(
        self,
        measurement: str,
        field: str,
        percent: float,
        where: Mapping[str, str] = {},
        *,
        since_ns: int,
        until_ns: int,
    ) -> list[Percentile]:
        """The nearest-rank percentile of each UTC day and series."""
        ...

    def conflicts(self) -> list[str]:
        """Fields that the store already holds with another type than the catalogue's, so that it refuses our points."""
        ...

    def info(self) -> StoreInfo: ...

    def close(self) -> None: ...

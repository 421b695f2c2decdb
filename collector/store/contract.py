"""What a store is: it takes points, gives them back, and says clearly what it could not take.

    StoreError
    ├── StoreUnavailableError  try again later: unreachable, timeout, 429, 5xx, a database locked too long
    └── StoreRefusedError      trying again is useless until somebody acts: wrong token, no such database, bad path

Stores are plain blocking code; the runtime calls them in a thread.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import msgspec

from collector.metrics.model import FieldValue, Point

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Only: TypeAlias = Mapping[str, Collection[str]] | Collection[tuple[str, str]]
"""Which series: by tag the values allowed, `{"host": {"r1", "r2"}}`, or pairs of host and name, `{("r1", "Gi0/1")}`."""


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


class History(msgspec.Struct):
    """One series over time, several numeric fields on one axis, as numpy arrays of equal length.

    Attributes:
        times_ns: int64, ascending: starts of windows.
        values: float64 by field, NaN where a window has no value; a flag is the share of its samples that are true,
            whatever the aggregate.
        samples: float64, how many points each window is made of: of the field that has most.
    """

    tags: dict[str, str]
    times_ns: "NDArray[np.int64]"
    values: "dict[str, NDArray[np.float64]]"
    samples: "NDArray[np.float64]"


class Sighting(msgspec.Struct, frozen=True):
    """A text that a field of one series had, and when it was first and last seen with it."""

    tags: Mapping[str, str]
    field: str
    text: str
    first_ns: int
    last_ns: int


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

    def latest(
        self,
        measurement: str,
        where: Mapping[str, str] = {},
        since_ns: int = 0,
        until_ns: int | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Point]:
        """The newest point of every series before `until_ns` (None: of all), with all or only these fields: then the newest
        one that has any of them."""
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
        """Numeric fields and flags in windows of `every_s`, series after series, those with no value left out.

        Windows start at whole multiples of `every_s` since the epoch; empty ones are left out. What is long gone by is read
        from hourly and daily rollups, where windows are no finer than these are, and the last value is the last mean.
        Reports over years of thousands of series are made of this: it is read in slices, so that memory stays bounded.
        """
        ...

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
        """The nearest-rank percentile of the samples of each UTC day, per series; from the rollups where they have it (the
        0th, 95th and 100th of rates and gauges). Flags have none."""
        ...

    def sightings(
        self,
        measurement: str,
        fields: Sequence[str],
        *,
        since_ns: int,
        until_ns: int,
        where: Mapping[str, str] = {},
    ) -> list[Sighting]:
        """The distinct texts of text fields, with when each was first and last seen (to the day at least)."""
        ...

    def conflicts(self) -> list[str]:
        """Fields that the store already holds with another type than the catalogue's, so that it refuses our points."""
        ...

    def info(self) -> StoreInfo: ...

    def close(self) -> None: ...

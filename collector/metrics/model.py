"""What a measurement, a field and a point are. The measurements themselves are in catalogue.py."""

from enum import Enum
from typing import TypeAlias

import msgspec

FieldValue: TypeAlias = int | float | str | bool


class Kind(Enum):
    """How a field behaves over time."""

    GAUGE = "gauge"
    COUNTER = "counter"
    """only grows until it wraps or its device restarts; stored raw, with a rate beside it"""
    INFO = "info"
    """identity or description that seldom changes"""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a measurement.

    Attributes:
        name: snake_case, the unit last where it is not 1.
        type: int, float, str or bool; fixed for ever, as stores refuse a field that changes its type.
        unit: UCUM-like: "By", "bit/s", "%", "s", "1" ...; "class" where the tag `class` decides.
        help: one sentence for docs, dashboards and reports.
        rate: for a COUNTER, the field that holds its rate per second times `rate_scale`.
    """

    name: str
    type: type[int] | type[float] | type[str] | type[bool]
    unit: str
    help: str
    kind: Kind = Kind.GAUGE
    rate: str | None = None
    rate_scale: int = 1


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of point: its own tags (beside the host's) and its fields, in the order they are shown.

    Of the `required` fields a point has at least one, else it says nothing and is not made. `interval_s` is how often it is
    collected unless a family or the configuration says otherwise.
    """

    name: str
    help: str
    tags: tuple[str, ...] = ()
    fields: tuple[Field, ...]
    required: tuple[str, ...] = ()
    interval_s: int = 60

    def field(self, name: str) -> Field:
        """The field of that name.

        Raises:
            KeyError: there is none.
        """
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.name} has no field {name!r}; it has {', '.join(f.name for f in self.fields)}")


class Point(msgspec.Struct, gc=False):
    """One row of a time series: what a store takes and gives back.

    Two points with equal measurement, tags and time_ns are the same point: writing both leaves the later one's fields.
    """

    measurement: str
    tags: dict[str, str]
    fields: dict[str, FieldValue]
    time_ns: int

"""The catalogue as the normaliser needs it: one dictionary look-up a field, computed once."""

from enum import IntEnum
from zlib import crc32

import msgspec

from collector.metrics.catalogue import CATALOGUE
from collector.metrics.model import Field, FieldValue, Kind, Measurement


class Counted(IntEnum):
    """What a counter counts, as far as its limits go; the position of its limit in `limits.Limits.absurd`."""

    OCTETS = 0
    PACKETS = 1
    FAULTS = 2


class Column(msgspec.Struct, frozen=True, gc=False):
    """One field.

    Attributes:
        type: what stores expect, exactly.
        counter: its position among the measurement's counters; -1 if it is none.
        bit: of that position, for `Sample.narrow`.
        rate: the field for its rate; "" if there is none.
        per_second: what an increase of 1 in 1 s is in the unit of the rate.
    """

    name: str
    type: type[FieldValue]
    counter: int = -1
    bit: int = 0
    rate: str = ""
    per_second: int = 1
    counted: Counted = Counted.FAULTS


class Table(msgspec.Struct, frozen=True):
    """One measurement.

    Attributes:
        counters: its counters, in the order of `Sample.counters`.
        layout: fingerprint of that order.
        has: names of all its fields.
    """

    name: str
    tags: tuple[str, ...]
    tag_set: frozenset[str]
    columns: dict[str, Column]
    counters: tuple[Column, ...]
    layout: int
    required: tuple[str, ...]
    has: frozenset[str]


def _counted(field: Field) -> Counted:
    if field.unit == "By":
        return Counted.OCTETS
    return Counted.PACKETS if field.name.endswith("_pkts") else Counted.FAULTS


def _table(measurement: Measurement) -> Table:
    columns = {field.name: Column(name=field.name, type=field.type) for field in measurement.fields}
    counters = tuple(
        Column(
            name=field.name,
            type=field.type,
            counter=position,
            bit=1 << position,
            rate=field.rate or "",
            per_second=field.rate_scale,
            counted=_counted(field),
        )
        for position, field in enumerate(f for f in measurement.fields if f.kind is Kind.COUNTER)
    )
    columns |= {column.name: column for column in counters}
    return Table(
        name=measurement.name,
        tags=measurement.tags,
        tag_set=frozenset(measurement.tags),
        columns=columns,
        counters=counters,
        layout=crc32(" ".join(column.name for column in counters).encode()),
        required=measurement.required,
        has=frozenset(columns),
    )


TABLES: dict[str, Table] = {measurement.name: _table(measurement) for measurement in CATALOGUE}

"""The catalogue as the normaliser needs it: one dictionary look-up a field, computed once."""

from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from collector.metrics.catalogue import CATALOGUE
from collector.metrics.model import Field, FieldValue, Kind, Measurement


class Counted(IntEnum):
    """What a counter counts, as far as its limits go; the position of its limit in `limits.Limits`."""

    OCTETS = 0
    PACKETS = 1
    FAULTS = 2


class Column(NamedTuple):
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
    counted: Counted = Counted.FAULTS
    rate: str = ""
    per_second: int = 1


class Table(msgspec.Struct, frozen=True):
    """One measurement.

    Attributes:
        has: names of all its fields.
        counters: its counters, in the order of `Sample.counters`.
        counter_names: theirs, in that order.
        bits: the bit of each, by name.
        wrapping: bits of those that a line can wrap between two polls where they are of 32 bits: octets and packets.
        layout: fingerprint of that order.
    """

    name: str
    tags: tuple[str, ...]
    tag_set: frozenset[str]
    columns: dict[str, Column]
    has: frozenset[str]
    counters: tuple[Column, ...]
    counter_names: tuple[str, ...]
    bits: dict[str, int]
    wrapping: int
    layout: int
    required: tuple[str, ...]


class Shape(msgspec.Struct, frozen=True):
    """What rows with the same fields have in common, so that most of them are checked and compared in one stroke.

    Attributes:
        types: of the fields, in their order; empty where the catalogue does not know one of them.
        texts, floats: names of the fields of these types.
        integers: takes those out of a dict of fields, as a tuple; None where there are none.
        counters: takes the counters present out of `Sample.counters`, as a tuple; None unless there are two or more, each
            with a rate.
        absent: how many counters of the measurement are not present.
        rates: for each counter present, in the order of `Sample.counters`, the field of its rate.
        scaled: those of them that are not in units of the counter, with their per_second.
    """

    types: tuple[type[FieldValue], ...]
    texts: tuple[str, ...]
    floats: tuple[str, ...]
    integers: Callable[[Any], tuple[int, ...]] | None
    counters: Callable[[Any], tuple[int, ...]] | None
    absent: int
    rates: tuple[str, ...]
    scaled: tuple[tuple[str, int], ...]


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
            counted=_counted(field),
            rate=field.rate or "",
            per_second=field.rate_scale,
        )
        for position, field in enumerate(f for f in measurement.fields if f.kind is Kind.COUNTER)
    )
    names = tuple(column.name for column in counters)
    return Table(
        name=measurement.name,
        tags=measurement.tags,
        tag_set=frozenset(measurement.tags),
        columns=columns | {column.name: column for column in counters},
        has=frozenset(columns),
        counters=counters,
        counter_names=names,
        bits={column.name: column.bit for column in counters},
        wrapping=sum(column.bit for column in counters if column.counted is not Counted.FAULTS),
        layout=crc32(" ".join(names).encode()),
        required=measurement.required,
    )


TABLES: dict[str, Table] = {measurement.name: _table(measurement) for measurement in CATALOGUE}


@lru_cache(maxsize=1024)
def shape_of(measurement: str, fields: tuple[str, ...]) -> Shape:
    """The shape of rows of `measurement` that have these `fields`."""
    table = TABLES[measurement]
    known = [table.columns[name] for name in fields if name in table.has]
    integers = [column.name for column in known if column.type is int]
    counters = sorted((column for column in known if column.counter >= 0), key=lambda column: column.counter)
    rated = [column.rate for column in counters]
    return Shape(
        types=tuple(column.type for column in known) if len(known) == len(fields) else (),
        texts=tuple(column.name for column in known if column.type is str),
        floats=tuple(column.name for column in known if column.type is float),
        integers=itemgetter(*integers, integers[0]) if integers else None,
        counters=itemgetter(*(column.counter for column in counters)) if len(counters) > 1 and all(rated) else None,
        absent=len(table.counters) - len(counters),
        rates=tuple(rated),
        scaled=tuple((column.rate, column.per_second) for column in counters if column.per_second != 1),
    )

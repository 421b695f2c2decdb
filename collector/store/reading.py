"""What every store's read side checks alike before it asks its database."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from collector.metrics.catalogue import HOST_TAGS, MEASUREMENTS
from collector.metrics.model import Field, Measurement

Aggregate = Literal["mean", "max", "min", "last"]

DAY_NS = 86_400 * 10**9


class Query(msgspec.Struct, frozen=True):
    """A field of some series over a span of time, `[since_ns, until_ns)`."""

    measurement: Measurement
    field: Field
    where: Mapping[str, str]
    since_ns: int
    until_ns: int


def measurement_of(name: str, where: Mapping[str, str]) -> Measurement:
    """The measurement, if it has the tags of `where`.

    Raises:
        KeyError: the catalogue has no such measurement or tag.
    """
    if name not in MEASUREMENTS:
        raise KeyError(f"unknown measurement {name!r}; there are {', '.join(MEASUREMENTS)}")
    measurement = MEASUREMENTS[name]
    tags = HOST_TAGS + measurement.tags
    for tag in where:
        if tag not in tags:
            raise KeyError(f"{name} has no tag {tag!r}; it has {', '.join(tags)}")
    return measurement


def query_of(
    measurement: str,
    field: str,
    where: Mapping[str, str],
    since_ns: int,
    until_ns: int,
    aggregate: Aggregate = "last",
) -> Query:
    """The query, if the catalogue knows its names and its field can be aggregated so.

    Raises:
        KeyError: the catalogue has no such measurement, tag or field.
        ValueError: a text or flag has no mean, greatest or least value.
    """
    found = measurement_of(measurement, where)
    known = found.field(field)
    if aggregate != "last" and known.type in (str, bool):
        raise ValueError(f"{measurement}.{field} is a {known.type.__name__}: only its last value can be taken")
    return Query(found, known, where, since_ns, until_ns)

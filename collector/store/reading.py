"""What every store's read side checks alike before it asks its database."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import msgspec

from collector.metrics.catalogue import HOST_TAGS, MEASUREMENTS
from collector.metrics.model import Field, Measurement
from collector.store.contract import Only
from collector.store.storable import NOT_STORED

Aggregate = Literal["mean", "max", "min", "last"]

DAY_S = 86_400
DAY_NS = DAY_S * 10**9


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


class Newest(msgspec.Struct, frozen=True):
    """What `Store.latest` is asked for: the newest points of `[since_ns, until_ns)` that have any of the fields."""

    measurement: Measurement
    where: Mapping[str, str]
    since_ns: int
    until_ns: int | None
    fields: tuple[Field, ...]
    all_fields: bool


def newest_of(
    measurement: str, where: Mapping[str, str], since_ns: int, until_ns: int | None, fields: Sequence[str] | None
) -> Newest:
    """The question, if the catalogue knows its names.

    Raises:
        KeyError: the catalogue has no such measurement, tag or field.
    """
    found = measurement_of(measurement, where)
    known = found.fields if fields is None else tuple(found.field(name) for name in dict.fromkeys(fields))
    stored = tuple(field for field in known if field.name not in NOT_STORED)
    return Newest(found, where, since_ns, until_ns, stored, fields is None)


class Windows(msgspec.Struct, frozen=True):
    """What `Store.histories` and `Store.daily_percentiles` are asked for: fields in windows of `every_ns`."""

    measurement: Measurement
    fields: tuple[Field, ...]
    since_ns: int
    until_ns: int
    every_ns: int
    selection: "Selection"


def windows_of(
    measurement: str, fields: Sequence[str], since_ns: int, until_ns: int, every_s: int, only: Only | None
) -> Windows:
    """The question, if the catalogue knows its names and its fields are numbers or flags.

    Raises:
        KeyError: the catalogue has no such measurement, tag or field.
        ValueError: a field is a text, none is asked for, or the windows have no length.
    """
    found = measurement_of(measurement, {})
    known = tuple(found.field(name) for name in dict.fromkeys(fields))
    for field in known:
        if field.type is str:
            raise ValueError(f"{measurement}.{field.name} is a text: it has sightings, no history")
    if not known:
        raise ValueError(f"no field of {measurement} is asked for")
    if every_s <= 0:
        raise ValueError(f"windows of {every_s} s")
    return Windows(found, known, since_ns, until_ns, every_s * 10**9, selection_of(found, only))


def days_of(measurement: str, fields: Sequence[str], since_ns: int, until_ns: int, only: Only | None) -> Windows:
    """The question for percentiles of days.

    Raises:
        KeyError, ValueError: as `windows_of`; a flag has no percentile.
    """
    windows = windows_of(measurement, fields, since_ns, until_ns, DAY_S, only)
    for field in windows.fields:
        if field.type is bool:
            raise ValueError(f"{measurement}.{field.name} is a flag: it has no percentile")
    return windows


def texts_of(
    measurement: str, fields: Sequence[str], where: Mapping[str, str]
) -> tuple[Measurement, tuple[Field, ...]]:
    """The measurement and its text fields.

    Raises:
        KeyError: the catalogue has no such measurement, tag or field.
        ValueError: a field is no text.
    """
    found = measurement_of(measurement, where)
    known = tuple(found.field(name) for name in dict.fromkeys(fields))
    for field in known:
        if field.type is not str:
            raise ValueError(f"{measurement}.{field.name} is a {field.type.__name__}: only texts have sightings")
    return found, known


class Selection(msgspec.Struct, frozen=True):
    """Which series are asked for, ready to be looked up: values allowed by tag, and pairs of host and name."""

    tags: Mapping[str, frozenset[str]] = {}
    pairs: frozenset[tuple[str, str]] | None = None

    @property
    def hosts(self) -> frozenset[str] | None:
        """All hosts that any series asked for can have, None where all can."""
        if self.pairs is not None:
            return frozenset(host for host, _ in self.pairs)
        return self.tags.get("host")

    def takes(self, tags: Mapping[str, str]) -> bool:
        if self.pairs is not None and (tags.get("host", ""), tags.get("name", "")) not in self.pairs:
            return False
        return all(tags.get(tag, "") in values for tag, values in self.tags.items())


def selection_of(measurement: Measurement, only: Only | None) -> Selection:
    """The selection, if the measurement has its tags.

    Raises:
        KeyError: it has not.
    """
    if only is None:
        return Selection()
    if isinstance(only, Mapping):
        measurement_of(measurement.name, dict.fromkeys(only, ""))
        return Selection({tag: frozenset(values) for tag, values in only.items()})
    measurement_of(measurement.name, {"host": "", "name": ""})
    pairs: Collection[tuple[str, str]] = only
    return Selection(pairs=frozenset(pairs))

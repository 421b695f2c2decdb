"""InfluxQL for panels, variables and alert rules, made of names that the catalogue has.

Only what InfluxDB 1.6 to 3.x all answer is used: selectors, aggregates, subqueries, regular expressions on tags, windows with
fill(null) and fill(none), SHOW TAG VALUES. Flags cannot be averaged in InfluxQL; what is asked of them is how many
series' newest flag is false.
"""

# ruff: noqa: S608 - names are the catalogue's, values are quoted

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from collector.metrics.catalogue import HOST_TAGS, MEASUREMENTS

Kept: TypeAlias = Literal["min", "avg", "max", "p95"]
"""what daily rollups keep of a field"""
Aggregate: TypeAlias = Literal["mean", "max", "min", "last", "sum", "count", "percentile"]

EVERY_WINDOW = "$__interval"
RANGE = "$timeFilter"
"""Grafana's own words: the window that fits the panel, and the dashboard's time range"""

_WINDOWS = f"time({EVERY_WINDOW})"
_DAILY = "daily"
"""the rollups' retention policy, or the end of their bucket's name"""
_NUMERIC = ("mean", "max", "min", "sum", "percentile")


class Place(msgspec.Struct, frozen=True):
    """Where a site stands, degrees by WGS 84."""

    site: str
    name: str
    lat: float
    lon: float


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where the points are and how often they come.

    Attributes:
        retention_policy: "" is the database's default one.
        intervals: seconds by measurement, where they are not the catalogue's.
        places: of the sites that have coordinates; the store knows none.
        rolled_up: whether there are daily rollups, as `collector store setup` makes them.
    """

    retention_policy: str = ""
    intervals: Mapping[str, int] = {}
    places: tuple[Place, ...] = ()
    rolled_up: bool = False

    def interval_s(self, measurement: str) -> int:
        """How often the measurement is collected."""
        return self.intervals.get(measurement, MEASUREMENTS[measurement].interval_s)

    def table(self, measurement: str) -> str:
        """The measurement as FROM names it."""
        name = quoted(MEASUREMENTS[measurement].name)
        return f"{quoted(self.retention_policy)}.{name}" if self.retention_policy else name


class Pick(msgspec.Struct, frozen=True):
    """One column of an answer: an aggregate of a field, under a name; of "percentile" the 95th."""

    field: str
    aggregate: Aggregate = "mean"
    name: str = ""

    @property
    def column(self) -> str:
        """What the answer calls it."""
        return self.name or self.field


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def text(value: str) -> str:
    """A string."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def chosen(tag: str, variable: str = "") -> str:
    """The tag has one of the values chosen in a variable, the tag's own by default.

    `:regex` makes Grafana escape each value and join several by |, however the variable is set up; "all" is `.*`.
    """
    return f"{quoted(tag)} =~ /^${{{variable or tag}:regex}}$/"


def among(tag: str, values: Iterable[str]) -> str:
    """The tag has one of these values, which hold nothing that a regular expression would take for itself."""
    return f"{quoted(tag)} =~ /^({'|'.join(values)})$/"


def not_among(tag: str, values: Iterable[str]) -> str:
    """The tag has none of these values."""
    return among(tag, values).replace(" =~ ", " !~ ", 1)


def equals(tag: str, value: str) -> str:
    """The tag has that value."""
    return f"{quoted(tag)} = {text(value)}"


def is_false(field: str) -> str:
    """The flag is false."""
    return f"{quoted(field)} = false"


def is_true(field: str) -> str:
    """The flag is true."""
    return f"{quoted(field)} = true"


def over_time(
    source: Source, measurement: str, picks: Sequence[Pick], where: Sequence[str] = (), by: Sequence[str] = ()
) -> str:
    """One value per window and series. Where nothing was measured there is a null, and a line ends: missing is missing."""
    grouped = ", ".join((_WINDOWS, *_tags(measurement, by)))
    return f"{_select(source, measurement, picks, where)} GROUP BY {grouped} fill(null)"


def day_by_day(
    measurement: str,
    kept: Sequence[tuple[str, Kept, str]],
    where: Sequence[str] = (),
    by: Sequence[str] = (),
) -> str:
    """What the daily rollups have of fields, as (field, what, name), for panels of years. Windows are days or longer."""
    fields = MEASUREMENTS[measurement]
    columns = ", ".join(
        f"max({quoted(f'{fields.field(field).name}_{what}')}) AS {quoted(name)}" for field, what, name in kept
    )
    table = f"{quoted(_DAILY)}.{quoted(fields.name)}"
    grouped = ", ".join((_WINDOWS, *_tags(measurement, by)))
    return f"SELECT {columns} FROM {table} WHERE {' AND '.join((*where, RANGE))} GROUP BY {grouped} fill(null)"


def newest(
    source: Source, measurement: str, picks: Sequence[Pick], where: Sequence[str] = (), by: Sequence[str] = ()
) -> str:
    """One row per series, for the whole of the time range."""
    return _select(source, measurement, picks, where) + _grouped(_tags(measurement, by))


def newest_where(
    source: Source,
    measurement: str,
    fields: Sequence[str],
    holds: str,
    where: Sequence[str] = (),
    by: Sequence[str] = (),
) -> str:
    """The newest values of the series for whose newest values `holds` is true."""
    inner = newest(source, measurement, [Pick(field, "last") for field in fields], where, by)
    outer = ", ".join(f"last({quoted(field)}) AS {quoted(field)}" for field in fields)
    return f"SELECT {outer} FROM ({inner}) WHERE {holds}" + _grouped(_tags(measurement, by))


def count_newest(
    source: Source,
    measurement: str,
    fields: Sequence[str],
    holds: str,
    where: Sequence[str] = (),
    *,
    each: Sequence[str],
    by: Sequence[str] = (),
    name: str = "count",
) -> str:
    """How many series, told apart by the tags `each`, there are for whose newest `fields` `holds` is true; "" is always.
    Those that have the first of the fields are counted."""
    picks = [Pick(field, "last") for field in fields]
    inner = newest(source, measurement, picks, where, tuple(dict.fromkeys((*each, *by))))
    outer = f"SELECT count({quoted(fields[0])}) AS {quoted(name)} FROM ({inner})"
    return outer + (f" WHERE {holds}" if holds else "") + _grouped(_tags(measurement, by))


def count_over_time(
    source: Source,
    measurement: str,
    field: str,
    holds: str,
    where: Sequence[str] = (),
    *,
    each: Sequence[str],
    by: Sequence[str] = (),
    name: str = "count",
) -> str:
    """How many series, told apart by the tags `each`, had a `field` of which `holds` is true, window by window.

    Windows without any have no value, as InfluxDB takes a count of nothing for 0, measured or not.
    """
    inner_tags = _tags(measurement, dict.fromkeys((*each, *by)))
    select = _select(source, measurement, [Pick(field, "last")], (*where, holds))
    inner = f"{select} GROUP BY {', '.join((_WINDOWS, *inner_tags))} fill(none)"
    outer = f"SELECT count({quoted(field)}) AS {quoted(name)} FROM ({inner}) WHERE {RANGE}"
    return f"{outer} GROUP BY {', '.join((_WINDOWS, *_tags(measurement, by)))} fill(none)"


def tag_values(source: Source, measurement: str, tag: str, where: Sequence[str] = ()) -> str:
    """The values that a tag has: what a variable offers."""
    _tags(measurement, [tag])
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    return f"SHOW TAG VALUES FROM {source.table(measurement)} WITH KEY = {quoted(tag)}{condition}"


def _select(source: Source, measurement: str, picks: Sequence[Pick], where: Sequence[str]) -> str:
    columns = ", ".join(_column(measurement, pick) for pick in picks)
    return f"SELECT {columns} FROM {source.table(measurement)} WHERE {' AND '.join((*where, RANGE))}"


def _column(measurement: str, pick: Pick) -> str:
    field = MEASUREMENTS[measurement].field(pick.field)
    if pick.aggregate in _NUMERIC and field.type not in (int, float):
        raise TypeError(f"{measurement}.{pick.field} has no {pick.aggregate}: it is no number")
    arguments = quoted(pick.field) + (", 95" if pick.aggregate == "percentile" else "")
    return f"{pick.aggregate}({arguments}) AS {quoted(pick.column)}"


def _grouped(tags: Sequence[str]) -> str:
    return f" GROUP BY {', '.join(tags)}" if tags else ""


def _tags(measurement: str, names: Iterable[str]) -> list[str]:
    known = {*HOST_TAGS, *MEASUREMENTS[measurement].tags}
    wanted = list(names)
    if unknown := [name for name in wanted if name not in known]:
        raise KeyError(f"{measurement} has no tag {', '.join(unknown)}; it has {', '.join(sorted(known))}")
    return [quoted(name) for name in wanted]

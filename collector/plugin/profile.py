"""A device family, compiled: what its TOML files say, checked and ready for `learn` and `decode`."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeAlias

import msgspec

from collector.metrics.model import FieldValue
from collector.plugin.convert import Convert, ValueSpec
from collector.plugin.match import Rule
from collector.plugin.model import Row
from collector.plugin.template import Template
from collector.smi.oid import Oid

Hook: TypeAlias = Callable[[list[Row]], list[Row]]
"""a family's own Python: rows of one table in, rows out; pure"""


class Source(msgspec.Struct, frozen=True):
    """One candidate of a column.

    Attributes:
        oid: of the column, or of the instance itself.
        instance: `oid` is a scalar's instance, the same for all rows.
        bits: width of the counter where the family states it, else the tag on the wire tells.
        convert: value and factor -> field value.
        plain: ints pass as they are.
    """

    oid: Oid
    instance: bool
    bits: int | None
    spec: ValueSpec
    convert: Convert
    plain: bool


class Join(msgspec.Struct, frozen=True):
    """How a row's index leads to the index of another table.

    Attributes:
        positions: arcs of the row's index, counted from 0, from the end where negative.
        span: a slice of them instead.
        by: column whose value is the index (a number, or an OID as text).
        strip: what an OID in `by` begins with before the index comes; empty where it is the index itself.
        find: column whose row is wanted where it holds the value of `by`.
    """

    positions: tuple[int, ...] | None = None
    span: tuple[int | None, int | None] | None = None
    by: str | None = None
    strip: str = ""
    find: Oid | None = None


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a table: a field of the measurement, or a helper for tags, conditions, scales and joins.

    Attributes:
        sources: candidates, best first; which of them counts is chosen for each row.
        join: None where the row's own index is used.
        from_index: the value is no cell but a part of the index, read with this converter.
        meanings: what such a value can become, where it has an `enum`.
        texts: the value is no cell but the first of these that can be filled.
        constant: the value is always this.
        polled: asked for in every poll; else learnt once.
        counter: only grows.
        scale_by: columns whose values multiply this one's.
        states: code (or lower-cased text) -> the fields it gives, where the column is the code of a `state`.
    """

    name: str
    sources: tuple[Source, ...] = ()
    join: Join | None = None
    from_index: Convert | None = None
    meanings: tuple[FieldValue, ...] = ()
    texts: tuple[Template, ...] = ()
    constant: FieldValue | None = None
    polled: bool = False
    counter: bool = False
    scale_by: tuple[str, ...] = ()
    states: Mapping[FieldValue, Mapping[str, FieldValue]] | None = None

    def needs(self) -> Iterator[str]:
        """Names of the columns that this one leans on."""
        yield from self.scale_by
        if self.join and self.join.by:
            yield self.join.by
        for template in self.texts:
            yield from template.names


class Condition(msgspec.Struct, frozen=True):
    """A row counts only if this column's value passes."""

    column: str
    test: Callable[[FieldValue | None], bool]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a family; one with nothing but scalars has one row.

    Attributes:
        columns: helpers and fields by name.
        fields: names of those columns that are fields of the measurement.
        polled: columns asked for in every poll, in the order that `TablePlan.shapes` counts them in.
        rows: columns whose indexes are the rows; empty where there is one row.
        check: helper columns of which the first that a row has is asked for in every poll: it must not have changed.
        discontinuity: column of ifCounterDiscontinuityTime.
        replaces: tables that are not wanted where this one has rows.
        unless: tables that make this one unwanted where they have rows.
        hook: the family's own Python for its rows.
    """

    name: str
    measurement: str
    tags: Mapping[str, tuple[Template, ...]]
    columns: Mapping[str, Column]
    fields: frozenset[str]
    polled: tuple[Column, ...]
    rows: tuple[Source, ...]
    where: tuple[Condition, ...] = ()
    interval_s: int
    check: tuple[str, ...] = ()
    discontinuity: str | None = None
    replaces: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    hook: Hook | None = None

    def sources(self) -> Iterator[Source]:
        """All candidates of all columns."""
        for column in self.columns.values():
            yield from column.sources

    def finds(self) -> Iterator[Oid]:
        """Columns that are searched for a value."""
        for column in self.columns.values():
            if column.join and column.join.find is not None:
                yield column.join.find


class FactSource(msgspec.Struct, frozen=True, kw_only=True):
    """One way to learn a fact.

    Attributes:
        value: a constant; with `sys_descr`, only where that matches (and "\\1" stands for its group).
        sys_descr: the fact is this expression's first group in sysDescr.
        object_ids: the fact by the longest of these that sysObjectID begins with.
        object_ids_file: a file of such.
        column: the fact is in the first row where it is not empty (or in the instance).
        where: conditions on `columns` of the same row.
    """

    value: str | None = None
    sys_descr: re.Pattern[str] | None = None
    object_ids: Mapping[str, str] | None = None
    object_ids_file: str = ""
    column: Column | None = None
    columns: Mapping[str, Column] = {}
    where: tuple[Condition, ...] = ()


class Family(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A device family.

    Attributes:
        name: its file's path below the plugin folder without ".toml", "cisco/ios".
        fingerprint: changes whenever one of its files does.
        tables: by name, in the order in which they are learnt.
        facts: for each fact, the ways to learn it, best first.
        descriptions: expressions with named groups, each a fact, searched for in sysDescr where the ways failed.
        signals: scalars whose change means that rows are to be learnt again.
        matches: the rules by which a device is known to be of this family; a mix-in has none.
        roots_move: whether its OIDs depend on sysObjectID, so that each model has a Family of its own.
    """

    name: str
    description: str
    fingerprint: str
    tables: Mapping[str, Table]
    facts: Mapping[str, tuple[FactSource, ...]]
    descriptions: tuple[re.Pattern[str], ...]
    signals: tuple[Oid, ...]
    matches: tuple[Rule, ...]
    roots_move: bool = False

    def table(self, name: str) -> Table:
        """Raises KeyError where the family has no such table."""
        return self.tables[name]

    def interval_s(self, table: str) -> int:
        """How often that table is polled unless the configuration says otherwise."""
        return self.tables[table].interval_s

    def changed(self) -> list[Oid]:
        """Instances whose change means that rows have come, gone or moved."""
        return list(self.signals)

    def roots(self, tables: Collection[str] | None = None) -> list[Oid]:
        """Columns to walk in learning, without duplicates, in the order of their tables; of all tables, or of some."""
        if tables is None:
            return list(self._roots)
        return _uncovered(self._columns(table for name, table in self.tables.items() if name in tables))

    def scalars(self) -> list[Oid]:
        """Instances to GET in learning, without duplicates."""
        return list(self._scalars)

    @cached_property
    def _roots(self) -> list[Oid]:
        return _uncovered(
            [
                *self._columns(self.tables.values()),
                *(source.oid for source in self._fact_cells() if not source.instance),
            ]
        )

    @cached_property
    def _scalars(self) -> list[Oid]:
        cells = [source for table in self.tables.values() for source in table.sources()]
        cells += self._fact_cells()
        return list(dict.fromkeys([SYS_DESCR, SYS_OBJECT_ID, *self.signals, *(c.oid for c in cells if c.instance)]))

    def _columns(self, tables: Iterable[Table]) -> Iterator[Oid]:
        for table in tables:
            for source in table.sources():
                if not source.instance:
                    yield source.oid
            yield from table.finds()

    def _fact_cells(self) -> Iterator[Source]:
        for ways in self.facts.values():
            for way in ways:
                if way.column:
                    yield from way.column.sources
                for column in way.columns.values():
                    yield from column.sources


SYS_DESCR: Oid = bytes((0x2B, 6, 1, 2, 1, 1, 1, 0))
SYS_OBJECT_ID: Oid = bytes((0x2B, 6, 1, 2, 1, 1, 2, 0))


def _uncovered(columns: Iterable[Oid]) -> list[Oid]:
    """Without duplicates and without what lies below another."""
    wanted = list(dict.fromkeys(columns))
    below: set[Oid] = set()
    ordered = sorted(wanted)
    top: Oid | None = None
    for oid in ordered:
        if top is not None and oid.startswith(top) and oid != top:
            below.add(oid)
        else:
            top = oid
    return [oid for oid in wanted if oid not in below]

"""Makes a device's `Plan` of its family and of what discovery walked."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from collector.metrics.model import FieldValue
from collector.plugin.convert import clean_text
from collector.plugin.facts import from_object_id, from_sys_descr
from collector.plugin.model import Plan, RowPlan, TablePlan, Walked
from collector.plugin.profile import SYS_DESCR, SYS_OBJECT_ID, Column, FactSource, Family, Source, Table
from collector.plugin.template import first_filled, index_part, is_builtin
from collector.smi import oid as oids
from collector.smi.oid import Oid
from collector.smi.value import Missing, Tag, Value

CHECK = -1
"""stands in a shape for the cell that has to be unchanged"""
DISCONTINUITY = -2
"""stands in a shape for ifCounterDiscontinuityTime"""

Cell: TypeAlias = tuple[int, Value]
"""tag and value"""

_MAX_ROWS = 20_000
"""of one table: more than any chassis has interfaces"""


def learn(family: Family, walked: Walked, scalars: Mapping[Oid, Value]) -> Plan:
    """What to poll of a device, and what it is.

    `walked` holds `family.roots()`, `scalars` holds `family.scalars()`. Nothing that a device says makes this raise.
    """
    cells = _Cells(walked, scalars)
    plan = Plan(family=family.name, fingerprint=family.fingerprint, tables=[], facts={})
    for root, reason in walked.failed.items():
        plan.problems.append((_table_of(family, root), f"{oids.decode(root)}: {reason}"))
    learnt: dict[str, TablePlan] = {}
    for table in family.tables.values():
        found = _learn_table(family.name, table, cells)
        if found.rows:
            learnt[table.name] = found
        if len(found.rows) >= _MAX_ROWS:
            plan.problems.append((table.name, f"more than {_MAX_ROWS} rows: the rest is left out"))
    for name in list(learnt):
        table = family.table(name)
        if name not in learnt:
            continue
        if any(other in learnt for other in table.unless):
            del learnt[name]
        else:
            for replaced in table.replaces:
                learnt.pop(replaced, None)
    _make_unique(family, learnt.values())
    plan.tables = list(learnt.values())
    plan.facts = _facts(family, cells)
    return plan


def _table_of(family: Family, root: Oid) -> str:
    for table in family.tables.values():
        if any(source.oid.startswith(root) for source in table.sources()):
            return table.name
    return ""


class _Cells:
    """What is known of a device, by column and index."""

    def __init__(self, walked: Walked, scalars: Mapping[Oid, Value]) -> None:
        self._walked = walked
        self._columns: dict[Oid, dict[bytes, Cell]] = {}
        self._rows_holding: dict[Oid, dict[str, bytes]] = {}
        self.scalars = scalars

    def column(self, oid: Oid) -> dict[bytes, Cell]:
        """index -> cell, in the device's order."""
        found = self._columns.get(oid)
        if found is None:
            found = self._columns[oid] = self._gather(oid)
        return found

    def _gather(self, oid: Oid) -> dict[bytes, Cell]:
        for root, varbinds in self._walked.columns.items():
            if oid.startswith(root):
                length = len(oid)
                return {
                    name[length:]: (tag, value)
                    for name, tag, value in varbinds
                    if name.startswith(oid)
                    and len(name) > length
                    and name[-1] < 0x80
                    and not isinstance(value, Missing)
                }
        return {}

    def at(self, source: Source, index: bytes | None) -> Cell | None:
        """The cell of a candidate at an index; None where the device has none."""
        if source.instance:
            value = self.scalars.get(source.oid)
            return None if value is None or isinstance(value, Missing) else (0, value)
        return None if index is None else self.column(source.oid).get(index)

    def index_of(self, column: Oid, value: str) -> bytes | None:
        """The index of the first row where `column` holds `value`."""
        rows = self._rows_holding.get(column)
        if rows is None:
            rows = self._rows_holding[column] = {}
            for index, (_, held) in self.column(column).items():
                rows.setdefault(clean_text(held) if isinstance(held, bytes) else str(held), index)
        return rows.get(value)


class _Row:
    """A row being learnt: columns are read when they are asked for, each once."""

    def __init__(self, family: str, columns: Mapping[str, Column], cells: _Cells, index: bytes) -> None:
        self._family = family
        self._columns = columns
        self._cells = cells
        self._values: dict[str, FieldValue | None] = {}
        self.index = index
        self.arcs = oids.decode_index(index)

    def value(self, name: str) -> FieldValue | None:
        """The decoded value of a column, None where it has none; {index} and {family} too."""
        if name in self._values:
            return self._values[name]
        self._values[name] = None  # columns that lean on each other in a circle have no value
        found: FieldValue | None
        if is_builtin(name):
            found = self._family if name == "family" else index_part(name, self.arcs)
        else:
            found = self.read(self._columns[name])
        self._values[name] = found
        return found

    def read(self, column: Column) -> FieldValue | None:
        """The decoded value of a column; `value` is for names in templates, where "index" is the row's index."""
        if column.constant is not None:
            return column.constant
        if column.texts:
            return first_filled(column.texts, self.value)
        if column.from_index is not None:
            return column.from_index(self._own_part(column), 1.0)
        chosen = self.choose(column)
        if chosen is None:
            return None
        number, _, (_, value) = chosen
        found = column.sources[number].convert(value, self.factor(column))
        if column.states is not None and found is not None:
            state = column.states.get(found.lower() if isinstance(found, str) else found)
            return None if state is None else state["text"]
        return found

    def _own_part(self, column: Column) -> Value:
        index = _joined_arcs(column, self.arcs)
        if index is None:
            return Missing.NO_SUCH_INSTANCE
        # one arc is a number, several are the octets of a text or an address
        return index[0] if len(index) == 1 else bytes(arc & 0xFF for arc in index)

    def factor(self, column: Column) -> float:
        """The product of the columns that scale this one; 1.0 where they hold no number."""
        product = 1.0
        for name in column.scale_by:
            value = self.value(name)
            if isinstance(value, int | float):
                product *= value
        return product

    def choose(self, column: Column) -> tuple[int, Oid, Cell] | None:
        """The candidate for this row: its number, the OID of its cell, and the cell.

        The first that has a usable value, else the last that has a value at all. A counter that stands at 0 gives way
        to a later candidate that does not: some agents have 64-bit counters that never move.
        """
        index = self._index_for(column)
        usable: tuple[int, Oid, Cell] | None = None
        present: tuple[int, Oid, Cell] | None = None
        for number, source in enumerate(column.sources):
            cell = self._cells.at(source, index)
            if cell is None:
                continue
            oid = source.oid if source.instance else source.oid + (index or b"")
            present = (number, oid, cell)
            if source.convert(cell[1], self.factor(column)) is None:
                continue
            if usable is None or (usable[2][1] == 0 and cell[1] != 0):
                usable = present
            if not column.counter or cell[1] != 0:
                break
        return usable or present

    def _index_for(self, column: Column) -> bytes | None:
        join = column.join
        if join is None:
            return self.index
        if join.by is None:
            arcs = _joined_arcs(column, self.arcs)
            return None if arcs is None else oids.encode_index(arcs)
        value = self.value(join.by)
        if value is None:
            return None
        if join.find is not None:
            return self._cells.index_of(join.find, str(value))
        text = str(value).removeprefix(join.strip + ".") if join.strip else str(value)
        if not text or not all(arc.isascii() and arc.isdigit() for arc in text.split(".")) or len(text) > 500:
            return None
        return oids.encode_index(map(int, text.split(".")))


def _joined_arcs(column: Column, arcs: tuple[int, ...]) -> tuple[int, ...] | None:
    join = column.join
    if join is None:
        return arcs or None
    if join.span is not None:
        return arcs[slice(*join.span)] or None
    try:
        return tuple(arcs[position] for position in join.positions or ())
    except IndexError:
        return None


def _learn_table(family: str, table: Table, cells: _Cells) -> TablePlan:
    shapes: dict[tuple[tuple[int, int], ...], int] = {}
    plan = TablePlan(table=table.name, shapes=[], rows=[], oids=[], widths=[])
    for index in _indexes(table, cells):
        if len(plan.rows) >= _MAX_ROWS:
            break
        row = _Row(family, table.columns, cells, index)
        if not all(condition.test(row.value(condition.column)) for condition in table.where):
            continue
        _learn_row(table, row, plan, shapes)
    plan.shapes = [list(shape) for shape in shapes]
    return plan


def _indexes(table: Table, cells: _Cells) -> Iterator[bytes]:
    if not table.rows:
        yield b""
        return
    found: dict[bytes, None] = {}
    for source in table.rows:
        found |= dict.fromkeys(cells.column(source.oid))
    if len(table.rows) == 1:
        yield from found
    else:
        yield from sorted(found, key=_arcs_or_empty)


def _arcs_or_empty(index: bytes) -> tuple[int, ...]:
    return oids.decode_index(index)


def _learn_row(table: Table, row: _Row, plan: TablePlan, shapes: dict[tuple[tuple[int, int], ...], int]) -> None:
    tags = {}
    for tag, templates in table.tags.items():
        text = first_filled(templates, row.value)
        if text is None:
            return
        tags[tag] = text
    shape: list[tuple[int, int]] = []
    found: list[tuple[Oid, Value]] = []
    bits: dict[str, int] = {}
    factors: dict[str, float] = {}
    check: bytes | str | int | float | None = None
    for name in table.check:
        chosen = row.choose(table.columns[name])
        if chosen is not None and not isinstance(value := chosen[2][1], Missing):
            shape.append((CHECK, 0))
            found.append((chosen[1], value))
            check = value
            break
    if table.discontinuity and (chosen := row.choose(table.columns[table.discontinuity])):
        shape.append((DISCONTINUITY, 0))
        found.append((chosen[1], chosen[2][1]))
    fields = 0
    for number, column in enumerate(table.polled):
        chosen = row.choose(column)
        if chosen is None:
            continue
        candidate, oid, (wire_tag, value) = chosen
        shape.append((number, candidate))
        found.append((oid, value))
        fields += column.name in table.fields
        if column.counter and (width := column.sources[candidate].bits or _bits(wire_tag)) != 64:
            bits[column.name] = width
        if column.scale_by:
            factors[column.name] = row.factor(column)
    fixed: dict[str, FieldValue] = {}
    for name, column in table.columns.items():
        if name in table.fields and not column.polled and (known := row.read(column)) is not None:
            fixed[name] = known
    if not fields and all(not table.columns[name].sources and not table.columns[name].texts for name in fixed):
        return  # all it has is its index
    number = shapes.setdefault(tuple(shape), len(shapes))
    plan.rows.append(RowPlan(row.index, tags, number, fixed, bits, factors, check))
    plan.oids += (oid for oid, _ in found)
    plan.widths += (_width(value) for _, value in found)


def _bits(tag: int) -> int:
    return 64 if tag == Tag.COUNTER64 else 32


def _width(value: Value) -> int:
    """Octets of a value on the wire, without tag and length."""
    if isinstance(value, int):
        return value.bit_length() // 8 + 1
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, str):
        return len(value) // 2 + 2
    return 12


def _make_unique(family: Family, plans: Iterable[TablePlan]) -> None:
    """Give every row tags of its own.

    All rows of one table that share a name get their index behind it, so that none takes over another's series when
    that other goes. Two tables may speak of the same thing as long as they say different fields of it.
    """
    taken: dict[tuple[str, tuple[str, ...]], list[frozenset[str]]] = {}
    for plan in plans:
        table = family.table(plan.table)
        if "name" not in table.tags:
            continue
        same: dict[tuple[str, ...], list[RowPlan]] = {}
        for row in plan.rows:
            same.setdefault(tuple(row.tags.values()), []).append(row)
        for rows in same.values():
            for row in rows:
                if len(rows) > 1 and row.index:
                    row.tags["name"] += f" {oids.index_text(row.index)}"
                _find_free_name(table, row, taken)


def _find_free_name(table: Table, row: RowPlan, taken: dict[tuple[str, tuple[str, ...]], list[frozenset[str]]]) -> None:
    name = row.tags["name"]
    number = 1
    while True:
        there = taken.setdefault((table.measurement, tuple(row.tags[tag] for tag in sorted(row.tags))), [])
        if not any(fields & table.fields for fields in there):
            there.append(table.fields)
            return
        number += 1
        row.tags["name"] = f"{name} ({number})"


def _facts(family: Family, cells: _Cells) -> dict[str, str]:
    sys_descr = _scalar_text(cells, SYS_DESCR)
    sys_object_id = _scalar_text(cells, SYS_OBJECT_ID)
    facts: dict[str, str] = {}
    for name, ways in family.facts.items():
        for way in ways:
            if found := _fact(family.name, way, cells, sys_descr, sys_object_id):
                facts[name] = found
                break
    for expression in family.descriptions:
        if match := expression.search(sys_descr):
            for name, text in match.groupdict().items():
                if text and text.strip():
                    facts.setdefault(name, text.strip())
    return facts


def _scalar_text(cells: _Cells, oid: Oid) -> str:
    value = cells.scalars.get(oid, "")
    return clean_text(value) if isinstance(value, bytes) else "" if isinstance(value, Missing) else str(value)


def _fact(family: str, way: FactSource, cells: _Cells, sys_descr: str, sys_object_id: str) -> str | None:
    if way.column is not None:
        return _fact_of_cell(family, way, way.column, cells)
    if way.sys_descr is not None:
        return from_sys_descr(way.sys_descr, way.value, sys_descr)
    if way.object_ids is not None:
        return from_object_id(way.object_ids, sys_object_id)
    return way.value


def _fact_of_cell(family: str, way: FactSource, column: Column, cells: _Cells) -> str | None:
    columns = {**way.columns, column.name: column}
    for source in column.sources:
        for index in [b""] if source.instance else cells.column(source.oid):
            row = _Row(family, columns, cells, index)
            if all(condition.test(row.value(condition.column)) for condition in way.where):
                found = row.value(column.name)
                if found is not None:
                    return str(found)
    return None

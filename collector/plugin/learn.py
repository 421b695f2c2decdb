"""Makes a device's `Plan` of its family and of what discovery walked."""

from collections.abc import Iterable, Iterator, Mapping

from collector.metrics.model import FieldValue
from collector.plugin.cells import Cells, RowReader
from collector.plugin.convert import clean_text
from collector.plugin.facts import from_object_id, from_sys_descr, object_ids_in
from collector.plugin.model import Plan, RowPlan, TablePlan, Walked
from collector.plugin.profile import SYS_DESCR, SYS_OBJECT_ID, Column, FactSource, Family, Table
from collector.plugin.template import first_filled
from collector.smi import oid as oids
from collector.smi.oid import Oid
from collector.smi.value import Missing, Tag, Value

CHECK = -1
"""stands in a shape for the cell that has to be unchanged"""
DISCONTINUITY = -2
"""stands in a shape for ifCounterDiscontinuityTime"""

_MAX_ROWS = 20_000
"""of one table: more than any chassis has interfaces"""


def learn(family: Family, walked: Walked, scalars: Mapping[Oid, Value]) -> Plan:
    """What to poll of a device, and what it is.

    `walked` holds `family.roots()`, `scalars` holds `family.scalars()`. Nothing that a device says makes this raise.

    Raises:
        FamilyError: a file that the family names is damaged.
    """
    cells = Cells(walked, scalars)
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


def _learn_table(family: str, table: Table, cells: Cells) -> TablePlan:
    shapes: dict[tuple[tuple[int, int], ...], int] = {}
    plan = TablePlan(table=table.name, shapes=[], rows=[], oids=[], widths=[])
    for index in _indexes(table, cells):
        if len(plan.rows) >= _MAX_ROWS:
            break
        row = RowReader(family, table.columns, cells, index, number=len(plan.rows) + 1)
        if not all(condition.test(row.value(condition.column)) for condition in table.where):
            continue
        _learn_row(table, row, plan, shapes)
    plan.shapes = [list(shape) for shape in shapes]
    return plan


def _indexes(table: Table, cells: Cells) -> Iterator[bytes]:
    if not table.rows:
        yield b""
        return
    found: dict[bytes, None] = {}
    for source in table.rows:
        found |= dict.fromkeys(cells.column(source.oid))
    if len(table.rows) == 1:
        yield from found
    else:
        yield from sorted(found, key=oids.decode_index)


def _learn_row(table: Table, row: RowReader, plan: TablePlan, shapes: dict[tuple[tuple[int, int], ...], int]) -> None:
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
    told = fields or check is not None
    if not told and all(not table.columns[name].sources and not table.columns[name].texts for name in fixed):
        return  # all it has is its index: not even a name
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
    that other goes; its last number where that is enough, as what stands before it may change (lldpRemTimeMark). Two tables may speak of the same thing as long as they say different fields of it.
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
            if len(rows) > 1:
                _add_indexes(rows)
            for row in rows:
                _find_free_name(table, row, taken)


def _add_indexes(rows: list[RowPlan]) -> None:
    indexes = [oids.decode_index(row.index) for row in rows]
    enough = len({arcs[-1:] for arcs in indexes}) == len(rows)
    for row, arcs in zip(rows, indexes, strict=True):
        if arcs:
            row.tags["name"] += " " + ".".join(map(str, arcs[-1:] if enough else arcs))


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


def _facts(family: Family, cells: Cells) -> dict[str, str]:
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


def _scalar_text(cells: Cells, oid: Oid) -> str:
    value = cells.scalars.get(oid, "")
    return clean_text(value) if isinstance(value, bytes) else "" if isinstance(value, Missing) else str(value)


def _fact(family: str, way: FactSource, cells: Cells, sys_descr: str, sys_object_id: str) -> str | None:
    if way.column is not None:
        return _fact_of_cell(family, way, way.column, cells)
    if way.sys_descr is not None:
        return from_sys_descr(way.sys_descr, way.value, sys_descr)
    if way.object_ids_file:
        return from_object_id(object_ids_in(way.object_ids_file), sys_object_id)
    if way.object_ids is not None:
        return from_object_id(way.object_ids, sys_object_id)
    return way.value


def _fact_of_cell(family: str, way: FactSource, column: Column, cells: Cells) -> str | None:
    columns = {**way.columns, column.name: column}
    # a text has the rows of the first of its columns
    sources = column.sources or [source for helper in way.columns.values() for source in helper.sources][:1]
    for source in sources:
        for index in [b""] if source.instance else cells.column(source.oid):
            row = RowReader(family, columns, cells, index)
            if all(condition.test(row.value(condition.column)) for condition in way.where):
                found = row.value(column.name)
                if found is not None:
                    return str(found)
    return None

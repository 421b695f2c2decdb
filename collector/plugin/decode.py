"""Turns what a poll of a table brought into rows. This runs for every value of every device in every cycle."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import FieldValue
from collector.plugin.convert import Convert
from collector.plugin.errors import HookError
from collector.plugin.learn import CHECK, DISCONTINUITY
from collector.plugin.model import Decoded, Row, RowPlan, TablePlan
from collector.plugin.profile import Family, Hook, Table
from collector.smi import oid as oids
from collector.smi.value import Missing, Value

_PLAIN: Final = 0
_CONVERTED: Final = 1
_SCALED: Final = 2

_Step: TypeAlias = tuple[int, str, Convert, Mapping[FieldValue, Mapping[str, FieldValue]] | None]
"""how to read a cell, its field, its converter, and the meanings of its codes"""


def decode(family: Family, plan: TablePlan, values: Sequence[Value], *, with_oids: bool = False) -> Decoded:
    """The rows of one table.

    `values` are those of `plan.oids`, in their order. A row of which nothing came is left out, and a field without a
    value is left out of its row. `with_oids` adds the field `oid` to measurements that have one. Nothing that a device
    says makes this raise, but the family's own function may.

    Raises:
        HookError: it did.
    """
    table = family.table(plan.table)
    shapes = [_Shape(table, shape) for shape in plan.shapes]
    decoded = Decoded(rows=[], renumbered=[])
    rows = decoded.rows
    measurement = table.measurement
    at = 0
    for number, planned in enumerate(plan.rows):
        shape = shapes[planned.shape]
        start = at
        at += shape.width
        if shape.checked and values[start] != planned.check:
            if values[start] is not Missing.NO_ANSWER and values[start] is not Missing.ERROR:
                decoded.renumbered.append(number)
            continue
        first = start + shape.skipped
        cells = values[first:at]
        fields = _fields(shape, planned, cells)
        if len(fields) == len(planned.fixed) and (not fields or _nothing_came(cells)):
            continue
        discontinuity = values[first - 1] if shape.has_discontinuity else None
        rows.append(
            Row(
                measurement,
                planned.tags,
                fields,
                planned.bits,
                first if first < at else start,
                discontinuity if type(discontinuity) is int else None,
            )
        )
    if with_oids and any(field.name == "oid" for field in MEASUREMENTS[measurement].fields):
        for row in rows:
            if row.cell < len(plan.oids):
                row.fields["oid"] = oids.decode(plan.oids[row.cell])
    if table.hook is not None:
        try:
            decoded.rows = _through_hook(table.hook, measurement, rows)
        except Exception as error:  # somebody's own code: whatever it raises costs its table, no more
            raise HookError(f"table {table.name}: its function failed: {error!r}") from error
    return decoded


class _Shape:
    """What the rows of one shape have in common, ready to be read."""

    __slots__ = ("checked", "has_discontinuity", "skipped", "steps", "width")

    def __init__(self, table: Table, shape: Sequence[tuple[int, int]]) -> None:
        numbers = [number for number, _ in shape]
        self.checked = CHECK in numbers
        self.has_discontinuity = DISCONTINUITY in numbers
        self.skipped = self.checked + self.has_discontinuity
        self.width = len(shape)
        self.steps: list[_Step] = [_step(table, number, candidate) for number, candidate in shape[self.skipped :]]


def _step(table: Table, number: int, candidate: int) -> _Step:
    column = table.polled[number]
    source = column.sources[candidate]
    plain = source.plain and column.states is None and not column.scale_by
    kind = _PLAIN if plain else _SCALED if column.scale_by else _CONVERTED
    return kind, column.name, source.convert, column.states


def _fields(shape: _Shape, planned: RowPlan, cells: Sequence[Value]) -> dict[str, FieldValue]:
    fields = planned.fixed.copy()
    for (kind, name, convert, states), value in zip(shape.steps, cells, strict=True):
        if kind == _PLAIN and type(value) is int:
            fields[name] = value
            continue
        found = convert(value, planned.factors.get(name, 1.0) if kind == _SCALED else 1.0)
        if found is None:
            continue
        if states is None:
            fields[name] = found
        else:
            fields.update(_state(states, found))
    return fields


def _nothing_came(cells: Sequence[Value]) -> bool:
    return bool(cells) and all(isinstance(value, Missing) for value in cells)


def _state(states: Mapping[FieldValue, Mapping[str, FieldValue]], code: FieldValue) -> Mapping[str, FieldValue]:
    key = code.lower() if isinstance(code, str) else code
    known = states.get(key)
    if known is None and isinstance(key, str) and key.isascii() and key.isdigit():
        known = states.get(key := int(key))
    if known is not None:
        return known
    # a code that the MIB does not know is shown, but nobody can say whether it is good
    return {"code": key, "text": str(key)} if isinstance(key, int) else {"text": str(code)}


def _through_hook(hook: Hook, measurement: str, rows: list[Row]) -> list[Row]:
    """The rows as the family's own Python sees them, less the helpers that only it needs."""
    kept = hook(rows)
    allowed = {field.name for field in MEASUREMENTS[measurement].fields}
    for row in kept:
        for helper in row.fields.keys() - allowed:
            del row.fields[helper]
    return [row for row in kept if row.fields]
